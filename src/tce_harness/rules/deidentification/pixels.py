"""Burned-in text, judged by known pixels: who painted it knows every pixel of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.pairing import Pair
from tce_harness.model.canary import Fate
from tce_harness.model.finding import Finding, Judgement, PixelRegion, Severity
from tce_harness.model.painted_text import PaintedPlace, PaintedText
from tce_harness.rules.deidentification.findings import NOTHING_EXPORTED, finding
from tce_harness.rules.deidentification.marking import BURNED_IN_ANNOTATION, PATIENT_IDENTITY_REMOVED
from tce_harness.rules.deidentification.pixels_glyphs import Legibility
from tce_harness.rules.deidentification.pixels_looking import ELEMENTS, Look, looks, painted_in
from tce_harness.rules.deidentification.pixels_stored import Undecodable, stored_pixels
from tce_harness.rules.deidentification.places import spell, text_value
from tce_harness.rules.deidentification.plan import claims_code
from tce_harness.rules.registry import rule

CLEAN_PIXEL_DATA = "113101"
_FAINT_CHANGE = 0.1
_WHERE = {
    PaintedPlace.PIXELS: "the stored pixels",
    PaintedPlace.ICON: "the icon",
    PaintedPlace.OVERLAY: "an overlay",
    PaintedPlace.UNUSED_BITS: "the unused bits of the pixels",
}


@rule("deid/burned-in-text-removed", judges="PS315-113101")
def burned_in_text_removed(case: CaseEvidence) -> Judgement:
    """Look for each painted text in the stored pixels that were exported; Burned In Annotation is then NO."""
    if not claims_code(case, CLEAN_PIXEL_DATA):
        return Judgement(examined=0, reason=f"{CLEAN_PIXEL_DATA} is not claimed", applicable=False)
    images = [each for each in case.subjects if stored_pixels(each) is not None]
    found = [each for each in looks(case) if each.text.place is not PaintedPlace.OVERLAY]
    readings = [each for each in found if each.text.fate is Fate.MUST_GO and each.reading is not None]
    findings = [*(each for image in images for each in _not_marked(image)), *_told(found)]
    findings += [each for pair in case.pairing.pairs for each in _collateral(case, pair)]
    wrong = len({each.subject for each in findings if each.severity is Severity.FAIL})
    nothing_to_see = not case.painted and not case.case.real_patients and bool(case.originals)
    return Judgement(
        examined=len(readings) or wrong,
        findings=tuple(findings),
        unit="painted texts" if readings or not wrong else "instances",
        reason=None if readings else _why_nothing(case, images),
        applicable=not nothing_to_see or wrong > 0,
    )


def _why_nothing(case: CaseEvidence, images: list[EvidenceInstance]) -> str:
    if not case.subjects:
        return NOTHING_EXPORTED
    if not case.painted:
        return "no text was painted into the originals, so known pixels tell nothing; OCR is a second opinion"
    return (
        "the images with painted text were withheld"
        if not images or not looks(case)
        else "no painted text could be looked for"
    )


def _not_marked(subject: EvidenceInstance) -> Iterator[Finding]:
    observed = text_value(subject.dataset, BURNED_IN_ANNOTATION)
    if observed != "NO":
        yield finding(
            "burned-in-annotation-not-no",
            subject,
            "pixels are claimed to be clean, and Burned In Annotation is not NO",
            element=spell(BURNED_IN_ANNOTATION),
            expected="NO",
            observed=observed or "absent or empty",
            quotes=observed not in {"", "YES"},
        )


def _told(found: list[Look]) -> Iterator[Finding]:
    for each in found:
        if each.text.fate is Fate.MUST_GO:
            yield from still_there(each, reduced=Severity.FAIL)
        elif each.reading is not None and each.reading.legibility is not Legibility.LEGIBLE:
            message = "harmless text was removed, which the option allows"
            yield _about(each, "harmless-text-removed", message, severity=Severity.INFO)


def still_there(look: Look, *, reduced: Severity) -> Iterator[Finding]:
    """Yield what is wrong where an identifying text was looked for.

    Parameters
    ----------
    reduced
        How grave it is where the text was blurred or pixellated and not removed.
    """
    where = f"{_WHERE[look.text.place]}, frame {look.frame}"
    if look.reading is None:
        message = f"whether painted text is gone from {where} could not be told: {look.reason}"
        yield _about(look, "pixels-not-comparable", message, severity=Severity.WARNING)
    elif look.reading.legibility is Legibility.LEGIBLE:
        part = " in part" if look.reading.parts else ""
        yield _about(look, "painted-text-legible", f"painted text can still be read{part} in {where}")
    elif look.reading.legibility is Legibility.REDUCED:
        message = f"painted text was made harder to read in {where}, and not removed"
        yield _about(look, "legibility-reduced", message, severity=reduced)


def _about(look: Look, kind: str, message: str, *, severity: Severity = Severity.FAIL) -> Finding:
    reading = look.reading
    seen = None if reading is None else f"correlation {reading.correlation:.2f} with the painted pixels"
    if reading is not None and reading.parts:
        seen = f"{seen}; {reading.parts} columns, rows or halves of characters as they were"
    left, top, width, height = look.text.box
    return Finding(
        kind=kind,
        severity=severity,
        message=message,
        subject=look.pair.subject.label,
        element=ELEMENTS[look.text.place],
        expected="no trace of the text" if look.text.fate is Fate.MUST_GO else None,
        observed=seen,
        quotes=False,
        evidence=(look.pair.subject.record,),
        region=PixelRegion(
            place=look.text.place, frame=look.frame, left=left, top=top, width=width, height=height
        ),
    )


def _collateral(case: CaseEvidence, pair: Pair) -> Iterator[Finding]:
    """Tell what was changed outside the painted text: allowed, and worth knowing."""
    now, before = stored_pixels(pair.subject), stored_pixels(pair.original)
    texts = painted_in(case, pair.original)
    if now is None or before is None or not texts:
        return
    if (now.rows, now.columns, now.frames) != (before.rows, before.columns, before.frames):
        kept = f"{now.rows} rows, {now.columns} columns, {now.frames} frames"
        yield _note(pair, "the pixels are of another size", kept)
        return
    changed = total = frames = 0
    tolerance = _FAINT_CHANGE * (1 << before.bits) if now.lossy or before.lossy else 0
    for frame in range(1, now.frames + 1):
        try:
            new, old = now.frame(frame), before.frame(frame)
        except Undecodable:
            continue
        outside = _outside(old.shape[:2], [text for text in texts if text.frame == frame])
        if new.shape != old.shape:
            yield _note(pair, "the pixels have another number of samples", f"{new.shape[2]} samples")
            return
        differs = int((np.abs(new - old).max(axis=2) > tolerance)[outside].sum())
        changed, total, frames = changed + differs, total + int(outside.sum()), frames + bool(differs)
    if changed:
        yield _note(
            pair,
            "pixels outside the painted text were changed",
            f"{changed} of {total} pixels, in {frames} of {now.frames} frames",
        )


def _outside(
    shape: tuple[int, ...], texts: list[PaintedText]
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return what lies outside all boxes, each with its own height around it, as a bar over a line has."""
    outside = np.ones(shape, dtype=np.bool_)
    for text in texts:
        left, top, width, height = text.box
        outside[max(top - height, 0) : top + 2 * height, max(left - height, 0) : left + width + height] = (
            False
        )
    return outside


def _note(pair: Pair, message: str, observed: str) -> Finding:
    return finding(
        "changed-outside-text",
        pair.subject,
        message,
        element=ELEMENTS[PaintedPlace.PIXELS],
        observed=observed,
        severity=Severity.INFO,
        quotes=False,
    )


@rule("deid/no-burned-in-contradiction", judges="PS315-D20")
def no_burned_in_contradiction(case: CaseEvidence) -> Judgement:
    """Refuse Patient Identity Removed YES beside burned-in text: its flag, and the text itself."""
    removed = [each for each in case.subjects if text_value(each.dataset, PATIENT_IDENTITY_REMOVED) == "YES"]
    marked = {each.digest for each in removed}
    findings = [each for subject in removed for each in _contradiction(subject)]
    for each in looks(case):
        if each.text.fate is Fate.MUST_GO and each.pair.subject.digest in marked:
            findings += still_there(each, reduced=Severity.WARNING)
    reason = None if case.subjects else NOTHING_EXPORTED
    return Judgement(examined=len(case.subjects), findings=tuple(findings), reason=reason)


def _contradiction(subject: EvidenceInstance) -> Iterator[Finding]:
    if text_value(subject.dataset, BURNED_IN_ANNOTATION) == "YES":
        yield finding(
            "burned-in-contradiction",
            subject,
            "the instance is marked as de-identified and as bearing burned-in annotation",
            element=spell(BURNED_IN_ANNOTATION),
            expected="NO, or the instance withheld",
            observed="YES",
            quotes=False,
        )
