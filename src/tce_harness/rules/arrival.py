"""Whether what the transactions carry arrives: RAD-50 and RAD-51 at the manager, RAD-53 at the receiver."""

from __future__ import annotations

from collections import Counter

from tce_harness.evidence.case import CaseEvidence, Recorded
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.pairing import pair_by_content
from tce_harness.model.claims import Option
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.record import WaitRecord
from tce_harness.model.requirement import Actor
from tce_harness.rules.exchange import (
    KeyObjectDocument,
    awaited,
    manifests,
    not_applicable,
    nothing_accepted,
    nothing_examined,
    only_files,
    operator_excuse,
    received,
    selected_originals,
    teaching_documents,
    unclaimed,
    unobservable,
)
from tce_harness.rules.registry import rule

_SELECTOR, _MANAGER = Actor.EXPORT_SELECTOR, Actor.EXPORT_MANAGER
_FILES = "files were judged; no transaction was observed"


@rule("arrival/manifest-sent", judges="TCE-RAD51-001")
def manifest_sent(case: CaseEvidence) -> Judgement:
    """A Key Object Selection document reaches the Export Manager by C-STORE as the manifest."""
    unit = "manifests"
    hidden = unobservable(case, _SELECTOR, _MANAGER)
    if hidden is not None:
        return hidden
    if only_files(case):
        return not_applicable(_FILES, unit)
    found = manifests(case)
    if found:
        return Judgement(examined=len(found), unit=unit)
    excuse = operator_excuse(case)
    if excuse is not None:
        return nothing_examined(excuse, unit)
    vain = [each for each in awaited(case) if not each.record.met or each.record.transaction == "RAD-51"]
    return _nothing_came(
        case,
        vain,
        noun="a manifest",
        kind="manifest-absent",
        message="Send a Key Object Selection document as manifest of the selection; none arrived.",
    )


@rule("arrival/teaching-file-sent", judges="TCE-RAD52-006")
def teaching_file_sent(case: CaseEvidence) -> Judgement:
    """Additional teaching file information reaches the Export Manager by C-STORE."""
    unit = "documents"
    away = unclaimed(case, Option.ADDITIONAL_TEACHING_FILE_INFORMATION) or unobservable(
        case, _SELECTOR, _MANAGER
    )
    if away is not None:
        return away
    if only_files(case):
        return not_applicable(_FILES, unit)
    found = teaching_documents(case)
    if found:
        return Judgement(examined=len(found), unit=unit)
    excuse = operator_excuse(case)
    if excuse is not None:
        return nothing_examined(excuse, unit)
    vain = [each for each in awaited(case) if not each.record.met or each.record.transaction == "RAD-52"]
    return _nothing_came(
        case,
        vain,
        noun="additional teaching file information",
        kind="teaching-file-absent",
        message="Send the additional teaching file information with the selection; none arrived.",
    )


def _nothing_came(
    case: CaseEvidence, vain: list[Recorded[WaitRecord]], *, noun: str, kind: str, message: str
) -> Judgement:
    if not vain:
        return nothing_examined(f"no judged step waited for {noun}", "waits")
    return Judgement(
        examined=len(vain),
        unit="waits",
        findings=tuple(
            Finding(
                kind=kind,
                severity=Severity.FAIL,
                message=message,
                subject=each.record.role,
                expected=f"{noun} before the step ended",
                observed=f"{len(received(case))} instances, none of them that",
                quotes=False,
                evidence=(each.id,),
            )
            for each in vain
        ),
    )


@rule("arrival/listed-instances-stored", judges="TCE-RAD50-001")
def listed_instances_stored(case: CaseEvidence) -> Judgement:
    """Every instance that the manifest lists reaches the Export Manager by C-STORE."""
    unit = "listed instances"
    hidden = unobservable(case, _SELECTOR, _MANAGER)
    if hidden is not None:
        return hidden
    if only_files(case):
        return not_applicable(_FILES, unit)
    documents = manifests(case)
    if not documents:
        excuse = operator_excuse(case) or "no manifest arrived that could list an instance"
        return nothing_examined(excuse, unit)
    # The instances may come before, during or after the manifest, so in other steps than the judged ones.
    arrived = {
        each.record.affected_sop_instance_uid
        for each in case.all_messages
        if not each.record.sent and each.record.digest is not None
    }
    findings: dict[str, Finding] = {}
    listed: set[str] = set()
    for document in documents:
        for reference in (*document.reading.content_references, *document.reading.evidence):
            uid = reference.sop_instance_uid
            listed.add(uid)
            if uid in arrived or uid in findings:
                continue
            findings[uid] = Finding(
                kind="listed-instance-absent",
                severity=Severity.FAIL,
                message="Send every instance that the manifest lists; this one never came.",
                subject=_label_of(case, uid),
                element=reference.element,
                expected="the instance by C-STORE before, during or after the manifest",
                observed="no C-STORE with this SOP Instance UID",
                quotes=False,
                evidence=(document.instance.record,),
            )
    return Judgement(examined=len(listed), findings=tuple(findings.values()), unit=unit)


@rule("arrival/export-takes-place", judges="TCE-RAD53-001")
def export_takes_place(case: CaseEvidence) -> Judgement:
    """What the released manifest asks for is exported before the step's deadline."""
    unit = "awaited exports"
    if only_files(case):
        return not_applicable(_FILES, unit)
    waits = awaited(case)
    if not waits:
        return nothing_examined("no judged step waited for an export", unit)
    vain = [each for each in waits if not each.record.met]
    if vain and not received(case):
        excuse = operator_excuse(case) or nothing_accepted(case)
        if excuse is not None:
            return nothing_examined(excuse, unit)
    findings = [finding for each in vain for finding in _missing_from(case, each)]
    return Judgement(examined=len(waits), findings=tuple(findings), unit=unit)


def _missing_from(case: CaseEvidence, wait: Recorded[WaitRecord]) -> list[Finding]:
    arrived = sum(each.record.step == wait.record.step for each in received(case))
    within = f"within {wait.record.within_seconds:g} s"
    return [
        Finding(
            kind="export-incomplete" if arrived else "export-absent",
            severity=Severity.FAIL,
            message="Export everything that the released manifest asks for; this did not arrive in time."
            if arrived
            else "Export what the released manifest asks for; nothing arrived.",
            subject=subject,
            expected=f"the whole selection and its manifest {within}",
            observed=f"{arrived} instances; ended by {wait.record.ended_by}",
            quotes=False,
            evidence=(wait.id,),
        )
        for subject in wait.record.missing or (wait.record.role,)
    ]


@rule("arrival/manifest-complete", judges="TCE-RAD53-002")
def manifest_complete(case: CaseEvidence) -> Judgement:
    """Every instance that the exported manifest lists arrives, and every selected original is among them."""
    unit = "listed instances"
    documents = manifests(case)
    if not documents:
        return nothing_examined("no exported manifest arrived that could list an instance", unit)
    arrived = {each.sop_instance_uid for each in case.subjects}
    absent: dict[str, Finding] = {}
    listed: set[str] = set()
    for document in documents:
        for reference in (*document.reading.content_references, *document.reading.evidence):
            uid = reference.sop_instance_uid
            listed.add(uid)
            if uid not in arrived:
                absent.setdefault(uid, _listed_and_absent(document, uid, reference.element))
    selected = selected_originals(case)
    lost = _lost(case, selected)
    # What the manifest still lists is told above already; the rest was left out of the manifest as well.
    left_out = lost[len(absent) :]
    findings = (*absent.values(), *map(_left_out, left_out))
    return Judgement(examined=len(listed) + len(left_out), findings=findings, unit=unit)


def _listed_and_absent(document: KeyObjectDocument, uid: str, element: str) -> Finding:
    return Finding(
        kind="listed-instance-not-exported",
        severity=Severity.FAIL,
        message="Export every instance that the exported manifest lists; this one never came.",
        subject=document.instance.label,
        element=element,
        expected="an exported instance with the UID that the manifest names",
        observed=uid or "a reference without SOP Instance UID",
        evidence=(document.instance.record,),
    )


def _left_out(original: EvidenceInstance) -> Finding:
    return Finding(
        kind="member-left-out",
        severity=Severity.WARNING,
        message="The selection held this instance, and neither it nor an entry for it in the manifest was "
        "exported; say in the conformance statement when a member is held back.",
        subject=original.label,
        expected="every selected instance, exported and listed",
        observed="left out of the export and of its manifest",
        quotes=False,
        evidence=(original.record,),
    )


def _lost(case: CaseEvidence, selected: tuple[EvidenceInstance, ...]) -> list[EvidenceInstance]:
    """Return the selected originals that nothing exported came from.

    An exported instance that cannot be told apart from its like still counts for one of its SOP class.
    """
    pairing = pair_by_content(case.subjects, selected)
    spare = Counter(each.sop_class_uid for each in pairing.subjects_alone)
    lost = []
    for original in pairing.originals_alone:
        if spare[original.sop_class_uid]:
            spare[original.sop_class_uid] -= 1
        else:
            lost.append(original)
    return lost


@rule("arrival/nothing-unlisted", judges="TCE-RAD53-003")
def nothing_unlisted(case: CaseEvidence) -> Judgement:
    """Nothing is exported that no exported manifest lists."""
    documents = manifests(case)
    if not documents:
        return nothing_examined("no exported manifest arrived that could list an instance")
    named = {uid for each in documents for uid in each.reading.listed}
    named |= {each.instance.sop_instance_uid for each in documents}
    findings = tuple(
        Finding(
            kind="unlisted-instance-exported",
            severity=Severity.FAIL,
            message="Keep back what no manifest lists; this instance was exported all the same.",
            subject=each.label,
            element="(0008,0018)",
            expected="listed by an exported manifest",
            observed="listed by none",
            quotes=False,
            evidence=(each.record,),
        )
        for each in case.subjects
        if each.sop_instance_uid not in named
    )
    return Judgement(examined=len(case.subjects), findings=findings)


def _label_of(case: CaseEvidence, uid: str) -> str:
    """Return the label of the case's own instance with a UID, else the UID."""
    return next((each.label for each in case.objects if each.sop_instance_uid == uid), uid or "(no UID)")
