"""Private attributes and private SOP classes."""

from __future__ import annotations

from collections.abc import Iterator

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.findings import finding, judged
from tce_harness.rules.deidentification.places import Place, places, texts
from tce_harness.rules.deidentification.plan import RETAIN_SAFE_PRIVATE, claims_code
from tce_harness.rules.registry import rule

_STANDARD_ROOT = "1.2.840.10008."


@rule("deid/private-removed", judges="PS315-D14")
def private_removed(case: CaseEvidence) -> Judgement:
    """Look for private attributes and their creators at every depth; safe ones may stay where claimed."""
    originals = {pair.subject.digest: pair.original for pair in case.pairing.pairs}
    safe = claims_code(case, RETAIN_SAFE_PRIVATE)
    return judged(
        case,
        (
            each
            for subject in case.subjects
            for each in _private(subject, originals.get(subject.digest), safe)
        ),
    )


def _private(subject: EvidenceInstance, original: EvidenceInstance | None, safe: bool) -> Iterator[Finding]:
    found = [each for each in places(subject).all if each.private and not _inside_private(each)]
    if safe:
        yield from _retained(subject, found)
        return
    for place in found:
        added = original is not None and place.tags not in places(original).by_tags
        yield finding(
            "private-added" if added else "private-kept",
            subject,
            "a private creator still stands" if _is_creator(place) else "a private attribute still stands",
            element=place.path,
            row="PRIVATE",
            severity=Severity.WARNING if added else Severity.FAIL,
        )


def _inside_private(place: Place) -> bool:
    return any(tag >> 16 & 1 for tag in place.tags[:-1])


def _is_creator(place: Place) -> bool:
    return 0x10 <= place.tag & 0xFFFF <= 0xFF


def _retained(subject: EvidenceInstance, found: list[Place]) -> Iterator[Finding]:
    """Tell what was retained as safe; a private attribute without its creator means nothing to anybody."""
    creators = {
        (place.path.rpartition("/")[0], place.tag >> 16, place.tag & 0xFF)
        for place in found
        if _is_creator(place) and texts(place.element)
    }
    for place in found:
        block = place.tag >> 8 & 0xFF
        if _is_creator(place) or (place.path.rpartition("/")[0], place.tag >> 16, block) in creators:
            continue
        yield finding(
            "private-without-creator",
            subject,
            "a private attribute was retained without its private creator",
            element=place.path,
            row="PRIVATE",
        )
    kept = sum(not _is_creator(place) for place in found)
    if kept:
        yield finding(
            "private-retained",
            subject,
            f"{kept} private attributes were retained as safe on the maker's own word",
            row="PRIVATE",
            severity=Severity.INFO,
        )


@rule("deid/no-private-sop-class", judges="PS315-D18")
def no_private_sop_class(case: CaseEvidence) -> Judgement:
    """Refuse instances of private SOP classes, whose de-identification is not defined."""
    return judged(
        case,
        (
            finding(
                "private-sop-class",
                subject,
                "an instance of a private SOP class was exported as de-identified",
                element="(0008,0016)",
                expected="withheld",
                observed=subject.sop_class_uid,
            )
            for subject in case.subjects
            if not subject.sop_class_uid.startswith(_STANDARD_ROOT)
        ),
    )
