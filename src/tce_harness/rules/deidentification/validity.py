"""Whether the exported instances are still valid: readable, and no worse than their originals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification import dciodvfy_output
from tce_harness.rules.deidentification.dciodvfy_output import Complaint
from tce_harness.rules.deidentification.findings import NOTHING_EXPORTED, finding
from tce_harness.rules.deidentification.layout import layout_of
from tce_harness.rules.registry import rule

Reader = Callable[[str], tuple[Complaint, ...]]


@rule("object/readable", judges="PS315-D5R")
def readable(case: CaseEvidence) -> Judgement:
    """Read every instance that arrived as a whole DICOM instance with valid SOP Class and Instance UIDs."""
    findings = [finding("unreadable", each, each.fault or "it cannot be read") for each in case.unreadable]
    findings += [
        finding("cut-short", each, "the last element claims more bytes than there are")
        for each in case.subjects
        if layout_of(each).cut_short
    ]
    reason = None if case.arrivals else "nothing was exported"
    return Judgement(examined=len(case.arrivals), findings=tuple(findings), reason=reason)


@rule("deid/valid-instances", judges="PS315-D5", examiner="dciodvfy")
def valid_instances(case: CaseEvidence) -> Judgement:
    """Hold that dciodvfy finds no error in an exported instance that its original did not have."""
    return _judged(case, "dciodvfy", dciodvfy_output.errors)


@rule("deid/valid-by-the-standard", judges="PS315-D5V", examiner="dicom-validator")
def valid_by_the_standard(case: CaseEvidence) -> Judgement:
    """Ask dicom-validator the same as a second opinion."""
    return _judged(case, "dicom-validator", validator_errors)


def _judged(case: CaseEvidence, examiner: str, read: Reader) -> Judgement:
    originals = {pair.subject.digest: pair.original for pair in case.pairing.pairs}
    findings: list[Finding] = []
    examined = 0
    for subject in case.subjects:
        answer = _answer(case, examiner, subject)
        if answer is None:
            continue
        examined += 1
        original = originals.get(subject.digest)
        before = _answer(case, examiner, original) if original is not None else None
        known = {each.what for each in read(before)} if before is not None else set()
        new = [each for each in read(answer) if each.what not in known]
        unsure = before is None and bool(case.originals)
        findings += _told(subject, examiner, new, unsure)
    reason = _why_not(case, examiner) if examined < len(case.subjects) or not examined else None
    return Judgement(examined=examined, findings=tuple(findings), reason=reason)


def _answer(case: CaseEvidence, examiner: str, instance: EvidenceInstance) -> str | None:
    """Return what the examiner answered of an instance; None where it gave no answer."""
    found = [each.record for each in case.examinations(examiner, instance)]
    return next((record.output for record in found if record.outcome == "answered"), None)


def _why_not(case: CaseEvidence, examiner: str) -> str:
    if not case.subjects:
        return NOTHING_EXPORTED
    for subject in case.subjects:
        for each in case.examinations(examiner, subject):
            if each.record.outcome != "answered":
                return f"{examiner}: {each.record.outcome}: {each.record.output.partition(chr(10))[0]}"
    return f"{examiner} was not asked"


def _told(
    subject: EvidenceInstance, examiner: str, new: Iterable[Complaint], unsure: bool
) -> Iterable[Finding]:
    message = f"{examiner} reports an error that the original did not have"
    if unsure:
        message = f"{examiner} reports an error; whether the original had it is not known"
    for each in new:
        yield finding(
            "not-valid",
            subject,
            message,
            element=each.element,
            observed=each.line,
            severity=Severity.WARNING if unsure else Severity.FAIL,
        )


def validator_errors(output: str) -> tuple[Complaint, ...]:
    """Return the errors in the JSON lines that the dicom-validator examiner writes."""
    found: dict[str, Complaint] = {}
    for line in output.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, Mapping) and "element" in entry:
            element, told = str(entry["element"]), f"{entry.get('module')}: {entry.get('code')}"
            what = f"{element} {told}"
            found.setdefault(what, Complaint(f"{element} {told}, Type {entry.get('type')}", element, what))
    return tuple(found.values())
