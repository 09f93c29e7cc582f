"""The result of a case and of a run, from evidence alone: `tce run` and `tce rejudge` both end here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tce_harness.engine.advice import advised
from tce_harness.engine.coverage import coverage, judged_instances
from tce_harness.engine.file_names import file_names
from tce_harness.engine.judging import Judge
from tce_harness.engine.obstacles import obstacle_of, obstacles
from tce_harness.engine.pictures import pictures
from tce_harness.engine.recorded_claims import notes
from tce_harness.engine.summary import repairs, requirement_results
from tce_harness.engine.uid_names import shown_uid, uid_name
from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.keeping import instance_file
from tce_harness.evidence.log import Evidence
from tce_harness.evidence.pairing import pair_by_content
from tce_harness.model.errors import EvidenceError
from tce_harness.model.record import (
    CaseRecord,
    CheckRecord,
    Entry,
    MessageRecord,
    ObjectRecord,
    OperatorRecord,
    StepRecord,
    TroubleRecord,
)
from tce_harness.model.requirement import Testable
from tce_harness.model.result import (
    NOTHING_EXAMINED,
    PASS_MEANS,
    CaseResult,
    Message,
    Picture,
    RuleResult,
    RunResult,
    StepResult,
    Unattributed,
)
from tce_harness.model.verdict import Verdict, exit_status, worst

Defects = Mapping[str, tuple[str, ...]]


def case_result(evidence: Evidence, case: str, judge: Judge) -> CaseResult:
    """Return the result of one case; raises `EvidenceError` where the log does not know it."""
    entries = [entry for entry in evidence.entries if getattr(entry.record, "case", None) == case]
    record = next((entry.record for entry in entries if isinstance(entry.record, CaseRecord)), None)
    if record is None:
        raise EvidenceError(f"the evidence log holds no case {case}")
    rules: list[RuleResult] = []
    shown: list[Picture] = []
    for entry in entries:
        if isinstance(entry.record, CheckRecord):
            view = CaseEvidence(evidence, entry.record)
            said = judge.judge(view)
            said = advised(view, said)
            rules += said
            shown += pictures(view, said)
    trouble = tuple(entry.record.message for entry in entries if isinstance(entry.record, TroubleRecord))
    return CaseResult(
        id=case,
        scenario=record.scenario,
        title=record.title,
        file=record.file,
        line=record.line,
        sut=record.sut,
        roles=record.roles,
        verdict=_case_verdict(record, rules, trouble, judge),
        steps=tuple(_steps(entries)),
        rules=tuple(rules),
        messages=tuple(_messages(evidence, entries, record)),
        trouble=trouble,
        command=record.command,
        files=tuple(
            (entry.id, f"evidence/{instance_file(entry.record.digest)}")
            for entry in entries
            if isinstance(entry.record, ObjectRecord) and entry.record.group == "exported"
        ),
        names=file_names(entries, real_patients=record.real_patients),
        pictures=tuple(shown),
        obstacle=obstacle_of(evidence.run, entries),
    )


def run_result(evidence: Evidence, cases: Sequence[CaseResult], judge: Judge, defects: Defects) -> RunResult:
    """Return the result of a run.

    Parameters
    ----------
    cases
        Its case results, in run order.
    defects
        Requirement to the planted defects that its check is known to catch.
    """
    run = evidence.run
    attested = _attested(evidence.entries)
    requirements = requirement_results(judge.catalogue, cases, frozenset(run.asked), defects, attested)
    verdicts = [*(each.verdict for each in requirements), *(case.verdict for case in cases)]
    # A roll-up says nothing that its leaves do not say; the leaves alone decide the exit status.
    required = [each.verdict for each in requirements if each.required and not each.requirement.proven_by]
    return RunResult(
        kind=run.what,
        suite=run.suite,
        under_test=run.under_test,
        simulated=run.simulated,
        actors=run.actors,
        claims=run.claims,
        address=run.address,
        command=run.command,
        seed=run.seed,
        started=evidence.entries[0].time,
        ended=evidence.entries[-1].time,
        editions=run.editions,
        real_patients=run.real_patients,
        evidence_head=evidence.head,
        evidence_records=len(evidence.entries),
        verdict=worst(
            each.verdict
            for each in requirements
            if each.required or (each.cases and each.verdict is not Verdict.NOT_RUN)
        ),
        exit_status=exit_status(required, verdicts),
        coverage=coverage(evidence, cases, requirements),
        repairs=repairs(cases, defects),
        cases=tuple(cases),
        requirements=requirements,
        not_testable_yet=sum(each.testable is Testable.NO for each in judge.catalogue),
        unattributed=tuple(_unattributed(evidence.entries, run.real_patients)),
        pass_means=PASS_MEANS if judged_instances(evidence) else f"{NOTHING_EXAMINED} {PASS_MEANS}",
        obstacles=obstacles(cases),
        notes=notes(evidence),
    )


def result_of(evidence: Evidence, judge: Judge, defects: Defects) -> RunResult:
    """Judge a whole run from its evidence."""
    names = [entry.record.case for entry in evidence.entries if isinstance(entry.record, CaseRecord)]
    cases = [case_result(evidence, name, judge) for name in names]
    return run_result(evidence, cases, judge, defects)


def _case_verdict(
    record: CaseRecord, rules: Sequence[RuleResult], trouble: Sequence[str], judge: Judge
) -> Verdict:
    """Return the worst of the rules; a second opinion that was not to be had takes nothing away."""
    if record.not_applicable is not None:
        return Verdict.NOT_APPLICABLE
    if trouble:
        return Verdict.ERROR
    return worst(
        rule.verdict
        for rule in rules
        if rule.verdict is not Verdict.NOT_RUN or judge.catalogue[rule.requirement].required
    )


def _steps(entries: Iterable[Entry]) -> Iterable[StepResult]:
    for entry in entries:
        if isinstance(entry.record, StepRecord):
            step = entry.record
            yield StepResult(
                id=step.step, verb=step.verb, text=step.text, verdict=step.verdict, detail=step.detail
            )


def _messages(evidence: Evidence, entries: Sequence[Entry], case: CaseRecord) -> Iterable[Message]:
    labels = _labels(evidence, case.case)
    under_test = next((role.name for role in case.roles if role.under_test), case.sut.value)
    for entry in entries:
        if isinstance(entry.record, MessageRecord):
            record = entry.record
            peer = record.peer or under_test
            sender, receiver = (record.role, peer) if record.sent else (peer, record.role)
            yield Message(
                time=record.started,
                transaction=record.transaction,
                sender=sender,
                receiver=receiver,
                sop_class_uid=shown_uid(record.affected_sop_class_uid, real_patients=case.real_patients),
                sop_class=uid_name(record.affected_sop_class_uid, real_patients=case.real_patients),
                sop_instance_uid=_uid(record, case.real_patients),
                label=labels.get(entry.id),
                status=record.status,
                evidence=entry.id,
                file=f"evidence/{instance_file(record.digest)}" if record.digest is not None else None,
            )


def _uid(record: MessageRecord, real_patients: bool) -> str:
    return "" if real_patients else record.affected_sop_instance_uid


def _labels(evidence: Evidence, case: str) -> dict[str, str]:
    """Return message to label of the original, where SOP Instance UID or content tells."""
    everything = CheckRecord(case=case, step="", line=0, rules=(), of=(), against=())
    view = CaseEvidence(evidence, everything)
    by_uid = {each.record.sop_instance_uid: each.record.label for each in view.object_records}
    pairs = pair_by_content((each for each in view.all_arrivals if each.fault is None), view.objects).pairs
    by_digest = {pair.subject.digest: pair.original.label for pair in pairs}
    found: dict[str, str] = {}
    for message in view.all_messages:
        label = by_uid.get(message.record.affected_sop_instance_uid) or by_digest.get(
            message.record.digest or ""
        )
        if label is not None:
            found[message.id] = label
    return found


def _attested(entries: Iterable[Entry]) -> dict[str, tuple[Verdict, str | None]]:
    """Return requirement to what a person said of it; the worst, where it was asked in several cases."""
    said: dict[str, tuple[Verdict, str | None]] = {}
    for entry in entries:
        if isinstance(entry.record, OperatorRecord) and entry.record.requirement is not None:
            answer = _attestation(entry.record)
            before = said.setdefault(entry.record.requirement, answer)
            if answer[0].rank > before[0].rank:
                said[entry.record.requirement] = answer
    return said


def _attestation(record: OperatorRecord) -> tuple[Verdict, str | None]:
    if record.outcome == "no-operator":
        return Verdict.NOT_RUN, "no operator"
    if record.outcome == "late":
        return Verdict.INCONCLUSIVE, "the operator did not answer in time"
    words = f"{record.who or 'the operator'}: {record.answer or record.outcome}"
    return (Verdict.ATTESTED if record.outcome == "done" else Verdict.FAIL), words


def _unattributed(entries: Iterable[Entry], real_patients: bool) -> Iterable[Unattributed]:
    for entry in entries:
        record = entry.record
        if isinstance(record, MessageRecord) and record.case is None:
            yield Unattributed(
                time=record.started,
                role=record.role,
                sop_class=uid_name(record.affected_sop_class_uid, real_patients=real_patients),
                sop_instance_uid=_uid(record, real_patients),
                evidence=entry.id,
            )
