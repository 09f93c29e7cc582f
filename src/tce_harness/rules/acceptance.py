"""Whether what the harness sends is taken, by the Export Manager or by the Receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydicom.uid import KeyObjectSelectionDocumentStorage

from tce_harness.evidence.case import CaseEvidence, Recorded
from tce_harness.model.claims import Option
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.record import AssociationRecord, MessageRecord, PresentationContext
from tce_harness.model.requirement import Actor
from tce_harness.rules.exchange import (
    STORED_WITH_WARNING,
    SUCCESS,
    nothing_examined,
    sent,
    unclaimed,
    unobservable,
)
from tce_harness.rules.registry import rule

_SELECTOR, _MANAGER = Actor.EXPORT_SELECTOR, Actor.EXPORT_MANAGER
_STRUCTURED_REPORTS = "1.2.840.10008.5.1.4.1.1.88."


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a rule of acceptance looks at.

    Parameters
    ----------
    concerns
        Whether an abstract syntax may carry it; tells whose a rejected association is.
    warning
        How grave it is that the answer was one of *stored with warning*.
    """

    transaction: str
    concerns: Callable[[str], bool]
    warning: Severity
    unit: str


@rule("arrival/instances-accepted", judges="TCE-RAD50-002")
def instances_accepted(case: CaseEvidence) -> Judgement:
    """The Export Manager stores every composite instance that is sent to it."""
    hidden = unobservable(case, _SELECTOR, _MANAGER)
    return hidden or _accepted(case, _Offer("RAD-50", _any, Severity.INFO, "instances"))


@rule("arrival/manifest-accepted", judges="TCE-RAD51-009")
def manifest_accepted(case: CaseEvidence) -> Judgement:
    """The Export Manager stores the manifest, sent before, among or after the instances."""
    hidden = unobservable(case, _SELECTOR, _MANAGER)
    return hidden or _accepted(case, _Offer("RAD-51", _is_key_object, Severity.INFO, "manifests"))


@rule("arrival/teaching-file-accepted", judges="TCE-RAD52-003")
def teaching_file_accepted(case: CaseEvidence) -> Judgement:
    """The Export Manager stores the additional teaching file information."""
    away = unobservable(case, _SELECTOR, _MANAGER) or unclaimed(
        case, Option.ADDITIONAL_TEACHING_FILE_INFORMATION
    )
    return away or _accepted(case, _Offer("RAD-52", _is_report, Severity.INFO, "documents"))


@rule("receiver/accepts-everything", judges="TCE-RAD53-018")
def receiver_accepts_everything(case: CaseEvidence) -> Judgement:
    """The Receiver stores everything that is exported to it, in whatever order."""
    return _accepted(case, _Offer("RAD-53", _any, Severity.WARNING, "instances"))


@rule("receiver/negotiates-sop-classes", judges="TCE-RAD53-019")
def receiver_negotiates_sop_classes(case: CaseEvidence) -> Judgement:
    """The Receiver accepts a presentation context for every SOP class that is exported to it."""
    associations = _associations(case, "RAD-53", _any)
    findings = []
    offered: set[str] = set()
    for each in associations:
        if each.record.contexts and each.record.outcome not in {"rejected", "failed"}:
            offered |= {context.abstract_syntax for context in each.record.contexts}
            findings += _contexts_refused(each)
    return _judged(case, len(offered), findings, "SOP classes")


@rule("receiver/negotiates-transfer-syntaxes", judges="TCE-RAD53-024")
def receiver_negotiates_transfer_syntaxes(case: CaseEvidence) -> Judgement:
    """The Receiver accepts the transfer syntaxes that are proposed for a SOP class it takes."""
    examined = 0
    findings = []
    for association in _associations(case, "RAD-53", _any):
        taken = {each.abstract_syntax for each in association.record.contexts if each.accepted_syntax}
        for context in association.record.contexts:
            if context.abstract_syntax not in taken:
                continue
            examined += 1
            if not context.accepted_syntax:
                findings.append(_syntax_refused(association, context))
    return _judged(case, examined, findings, "presentation contexts")


def _any(_: str) -> bool:
    return True


def _is_key_object(abstract_syntax: str) -> bool:
    return abstract_syntax == KeyObjectSelectionDocumentStorage


def _is_report(abstract_syntax: str) -> bool:
    return abstract_syntax.startswith(_STRUCTURED_REPORTS) and not _is_key_object(abstract_syntax)


def _accepted(case: CaseEvidence, offer: _Offer) -> Judgement:
    messages = _offered(case, offer.transaction)
    associations = _associations(case, offer.transaction, offer.concerns)
    refused = [each for each in associations if each.record.outcome == "rejected"]
    labels = {each.sop_instance_uid: each.label for each in case.objects}
    findings = [finding for each in messages for finding in _answer(each, offer, labels)]
    findings += map(_association_rejected, refused)
    used = {each.record.affected_sop_class_uid for each in messages}
    for each in associations:
        if each.record.outcome not in {"rejected", "failed"}:
            # A class of which nothing was sent was refused with its context; the others have their answer.
            findings += [
                finding
                for finding in _contexts_refused(each)
                if finding.subject not in used and offer.concerns(finding.subject)
            ]
    return _judged(case, len(messages) + len(refused), findings, offer.unit)


def _judged(case: CaseEvidence, examined: int, findings: list[Finding], unit: str) -> Judgement:
    if not examined and not findings:
        tried = [each.record for each in case.associations if each.record.requestor]
        failed = next((each for each in tried if each.outcome == "failed"), None)
        reason = "nothing was sent in the judged steps"
        if failed is not None:
            reason = (
                f"no connection to the system under test came about: {failed.called_ae_title} at "
                f"{failed.address}, {failed.detail or 'for no known reason'}"
            )
        return nothing_examined(reason, unit)
    return Judgement(examined=max(examined, len(findings)), findings=tuple(findings), unit=unit)


def _answer(message: Recorded[MessageRecord], offer: _Offer, labels: Mapping[str, str]) -> Iterable[Finding]:
    uid = message.record.affected_sop_instance_uid
    status = message.record.status
    if status == SUCCESS:
        return
    if status is None:
        kind, severity = "not-answered", Severity.FAIL
        text = "Answer each C-STORE request; this one got no answer."
    elif status in STORED_WITH_WARNING:
        kind, severity = "stored-with-warning", offer.warning
        text = "The instance was stored with a warning; see whether the warning is meant."
    else:
        kind, severity = "refused", Severity.FAIL
        text = "Store every instance of the transaction; this one was refused."
    yield Finding(
        kind=kind,
        severity=severity,
        message=text,
        subject=labels.get(uid, uid),
        element="(0000,0900)",
        expected="status 0000H",
        observed="no status" if status is None else f"status {status:04X}H",
        quotes=False,
        evidence=(message.id,),
    )


def _offered(case: CaseEvidence, transaction: str) -> tuple[Recorded[MessageRecord], ...]:
    """Return what was sent by a transaction in the judged steps.

    A simulated Export Manager exports by itself and in no step of its own, so there the whole case counts.
    """
    messages = case.all_messages if transaction == "RAD-53" else case.messages
    return tuple(each for each in messages if each.record.sent and each.record.transaction == transaction)


def _associations(
    case: CaseEvidence, transaction: str, concerns: Callable[[str], bool]
) -> tuple[Recorded[AssociationRecord], ...]:
    """Return the associations that carried a transaction of the judged steps, and the ones left empty."""
    roles = {each.record.role for each in sent(case)}
    carrying = {each.record.association for each in _offered(case, transaction)}
    busy = {each.record.association for each in case.all_messages}
    return tuple(
        each
        for each in case.associations
        if each.record.requestor
        and (
            each.record.association in carrying
            or (
                each.record.association not in busy
                and (not roles or each.record.role in roles)
                and any(concerns(context.abstract_syntax) for context in each.record.contexts)
            )
        )
    )


def _contexts_refused(association: Recorded[AssociationRecord]) -> list[Finding]:
    contexts = association.record.contexts
    taken = {each.abstract_syntax for each in contexts if each.accepted_syntax}
    refused = {each.abstract_syntax: each for each in contexts if each.abstract_syntax not in taken}
    return [
        Finding(
            kind="sop-class-refused",
            severity=Severity.FAIL,
            message="Accept a presentation context for this SOP class; every one proposed was refused.",
            subject=abstract_syntax,
            expected="acceptance",
            observed=context.result,
            quotes=False,
            evidence=(association.id,),
        )
        for abstract_syntax, context in refused.items()
    ]


def _syntax_refused(association: Recorded[AssociationRecord], context: PresentationContext) -> Finding:
    return Finding(
        kind="transfer-syntax-refused",
        severity=Severity.WARNING,
        message="The SOP class is taken, but not in this transfer syntax; who sends it must convert it.",
        subject=context.abstract_syntax,
        expected=", ".join(context.transfer_syntaxes),
        observed=context.result,
        quotes=False,
        evidence=(association.id,),
    )


def _association_rejected(association: Recorded[AssociationRecord]) -> Finding:
    return Finding(
        kind="association-rejected",
        severity=Severity.FAIL,
        message="Accept the association under the AE titles that were agreed; it was rejected.",
        subject=association.record.called_ae_title,
        expected="acceptance",
        observed=association.record.detail or "rejected",
        quotes=False,
        evidence=(association.id,),
    )
