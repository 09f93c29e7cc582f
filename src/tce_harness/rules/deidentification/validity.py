"""Whether the exported instances are still valid: readable, and no worse than their originals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.errors import FileFault
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
    foreign = [each for each in case.unreadable if _is_foreign(each)]
    findings = [_foreign(each) for each in foreign]
    findings += [_broken(each) for each in case.unreadable if each not in foreign]
    findings += [
        finding("cut-short", each, "the last element claims more bytes than there are")
        for each in case.subjects
        if layout_of(each).cut_short
    ]
    examined = len(case.arrivals) - len(foreign)
    reason = None if examined else "nothing was exported"
    return Judgement(examined=examined, findings=tuple(findings), reason=reason)


def _is_foreign(unread: EvidenceInstance) -> bool:
    """Return whether a file beside the instances need be none: a DICOMDIR, a note, a viewer's file.

    Whatever came by the wire was sent as an instance, and so was what is named like one.
    """
    if unread.name is None or unread.unread is None:
        return False
    fault = unread.unread.fault
    return fault is FileFault.DIRECTORY or (fault is FileFault.NOT_DICOM and not unread.named_like_dicom)


def _foreign(unread: EvidenceInstance) -> Finding:
    if unread.unread is not None and unread.unread.fault is FileFault.DIRECTORY:
        told = "a DICOMDIR, as media have (PS3.10): its records were searched for planted values"
        return finding("directory", unread, told, severity=Severity.INFO)
    told = (
        "it is no DICOM file: it was searched for planted values, and no rule tells what else it says of "
        "a patient; look at it, or leave it out"
    )
    return finding("not-dicom", unread, told, severity=Severity.WARNING)


def _broken(unread: EvidenceInstance) -> Finding:
    observed = unread.unread.observed if unread.unread is not None else None
    return finding("unreadable", unread, unread.fault or "it cannot be read", observed=observed)


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
        unsure = before is None
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
