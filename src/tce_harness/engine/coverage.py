"""What a run examined and what it did not: the box on the first page of every report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from tce_harness.engine.uid_names import uid_name
from tce_harness.evidence.log import Evidence
from tce_harness.model.canary import Fate
from tce_harness.model.painted_text import PaintedText
from tce_harness.model.record import (
    CanariesRecord,
    ExaminationRecord,
    MessageRecord,
    ObjectRecord,
    RunRecord,
)
from tce_harness.model.result import CaseResult, Coverage, RequirementResult
from tce_harness.model.verdict import Verdict

NEVER_EXAMINED = (
    "faces and other recognisable features (113102)",
    "voice, and sound of any kind",
    "rare findings or circumstances that identify a person by themselves",
    "free text beyond the planted values",
    "pixels that could be matched with the originals",
    "age, sex, dates or devices that an option retains, as indirect identifiers",
    "what an operator or the system's administrator can do; audit and transport security",
)


def coverage(
    evidence: Evidence, cases: Sequence[CaseResult], requirements: Sequence[RequirementResult]
) -> Coverage:
    """Return what the evidence shows to have been examined, with counts, and what was not."""
    run = evidence.run
    messages = [entry.record for entry in evidence.entries if isinstance(entry.record, MessageRecord)]
    objects = [entry.record for entry in evidence.entries if isinstance(entry.record, ObjectRecord)]
    judged = [each for each in objects if each.group == "exported"]
    arrived = [each for each in messages if not each.sent]
    named = partial(uid_name, real_patients=run.real_patients)
    classes = Counter(named(each.affected_sop_class_uid) for each in arrived)
    classes.update(named(each.sop_class_uid) for each in judged)
    syntaxes = Counter(named(each.transfer_syntax_uid) for each in messages)
    examined = (
        ("Cases", str(len(cases))),
        ("Messages", f"{len(messages)} on the wire, {len(arrived)} of them received by the harness"),
        ("Instances judged", str(judged_instances(evidence))),
        ("SOP classes", _listed(classes)),
        ("Transfer syntaxes", _listed(syntaxes)),
        ("Planted values", _planted(evidence)),
        ("Painted text", _painted(evidence)),
        ("De-identification claimed", ", ".join(run.claims.deidentification_codes)),
        ("Edition of PS3.15", run.claims.edition),
        ("Outside judges", _examiners(evidence)),
    )
    return Coverage(
        examined=tuple((name, value) for name, value in examined if value),
        not_examined=(
            *_without_originals(run, objects),
            *_not_run(cases, requirements),
            *_unavailable(evidence),
            *_pixels_not_read(evidence),
            *NEVER_EXAMINED,
        ),
    )


def judged_instances(evidence: Evidence) -> int:
    """Return how many instances came to the harness or lay in the folder that it judges."""
    records = [entry.record for entry in evidence.entries]
    return sum(
        (isinstance(each, MessageRecord) and not each.sent)
        or (isinstance(each, ObjectRecord) and each.group == "exported")
        for each in records
    )


def _without_originals(run: RunRecord, objects: Sequence[ObjectRecord]) -> tuple[str, ...]:
    if run.what != "check" or any(each.group == "original" for each in objects):
        return ()
    return ("what became of names, dates, UIDs and other values: without --originals nobody can tell",)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in counts.most_common())


def _planted(evidence: Evidence) -> str:
    canaries = [
        canary
        for entry in evidence.entries
        if isinstance(entry.record, CanariesRecord)
        for canary in entry.record.canaries
    ]
    must_go = len({canary.value for canary in canaries if canary.fate is Fate.MUST_GO})
    must_stay = sum(canary.fate is Fate.MUST_STAY for canary in canaries)
    return f"{must_go} that must go, {must_stay} places whose value must stay" if canaries else ""


def _painted(evidence: Evidence) -> str:
    painted = _texts(evidence)
    images = len({(case, text.subject) for case, text in painted})
    return f"{len(painted)} lines in the pixels, icons and overlays of {images} images" if painted else ""


def _texts(evidence: Evidence) -> list[tuple[str, PaintedText]]:
    return [
        (entry.record.case, text)
        for entry in evidence.entries
        if isinstance(entry.record, CanariesRecord)
        for text in entry.record.painted
    ]


def _pixels_not_read(evidence: Evidence) -> tuple[str, ...]:
    """Return what nobody looked for in pixels: known pixels tell of painted text, and OCR of any."""
    read = any(
        isinstance(entry.record, ExaminationRecord)
        and (entry.record.examiner, entry.record.outcome) == ("ocr", "answered")
        for entry in evidence.entries
    )
    if read:
        return ("burned-in text that OCR cannot read",)
    known = "beyond what was painted" if _texts(evidence) else "as none was painted"
    return (f"burned-in text in the pixels, {known} and OCR was not there to read it",)


def _examiners(evidence: Evidence) -> str:
    answered = Counter(
        f"{entry.record.examiner} {entry.record.version}".strip()
        for entry in evidence.entries
        if isinstance(entry.record, ExaminationRecord) and entry.record.outcome == "answered"
    )
    return _listed(answered)


def _unavailable(evidence: Evidence) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            f"the second opinion of {entry.record.examiner}: {entry.record.output}"
            for entry in evidence.entries
            if isinstance(entry.record, ExaminationRecord) and entry.record.outcome == "unavailable"
        )
    )


def _not_run(cases: Sequence[CaseResult], requirements: Sequence[RequirementResult]) -> tuple[str, ...]:
    waiting = [each.requirement.id for each in requirements if each.verdict is Verdict.NOT_RUN]
    skipped = [case.id for case in cases if case.verdict is Verdict.NOT_APPLICABLE]
    lines = []
    if waiting:
        lines.append(f"{len(waiting)} requirements that were not run; the table of requirements says why")
    if skipped:
        lines.append(f"cases of options that are not claimed: {', '.join(skipped)}")
    return tuple(lines)
