"""Steps that wait for nothing: what must not make the Export Manager export."""

from __future__ import annotations

from tce_harness.evidence.case import CaseEvidence, Recorded
from tce_harness.model.claims import Option
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.record import WaitRecord
from tce_harness.rules.exchange import nothing_accepted, nothing_examined, received, unclaimed
from tce_harness.rules.registry import rule

_UNIT = "steps that wait for nothing"


@rule("absence/delayed-export-held", judges="TCE-RAD53-008")
def delayed_export_held(case: CaseEvidence) -> Judgement:
    """Nothing is exported while the only manifest asks for the export to wait."""
    return unclaimed(case, Option.DELAY_FOR_REASON) or _quiet(
        case,
        "delayed-export-not-held",
        "Hold the export until a manifest without a delay reason releases it.",
    )


@rule("absence/other-selections-ignored", judges="TCE-RAD53-022")
def other_selections_ignored(case: CaseEvidence) -> Judgement:
    """A key object selection whose title asks for no export makes the Export Manager export nothing."""
    return _quiet(
        case,
        "export-not-asked-for",
        "Export only on a manifest with an export title; key image notes, rejection notes and other "
        "selections ask for none.",
    )


@rule("absence/incomplete-export-held", judges="TCE-RAD53-025")
def incomplete_export_held(case: CaseEvidence) -> Judgement:
    """Nothing is exported while instances that the manifest lists have not been received."""
    return _quiet(
        case,
        "incomplete-export-not-held",
        "Wait with the export until every instance that the manifest lists has been received.",
    )


def _quiet(case: CaseEvidence, kind: str, message: str) -> Judgement:
    waits = [each for each in case.waits if each.record.until == "nothing"]
    if not waits:
        return nothing_examined("no judged step waited for nothing to arrive", _UNIT)
    findings = [finding for each in waits for finding in _broken(case, each, kind, message)]
    # Silence after nothing was taken in shows nothing.
    reason = None if findings else nothing_accepted(case)
    if reason is not None:
        return nothing_examined(reason, _UNIT)
    return Judgement(examined=len(waits), findings=tuple(findings), unit=_UNIT)


def _broken(case: CaseEvidence, wait: Recorded[WaitRecord], kind: str, message: str) -> list[Finding]:
    came = [each for each in received(case) if each.record.step == wait.record.step]
    if wait.record.met and not came:
        return []
    places = [(each.record.affected_sop_instance_uid, each.id) for each in came]
    return [
        Finding(
            kind=kind,
            severity=Severity.FAIL,
            message=message,
            subject=subject,
            expected=f"nothing for {wait.record.within_seconds:g} s",
            observed=f"{len(came)} instances",
            quotes=False,
            evidence=(wait.id, *((record,) if record else ())),
        )
        for subject, record in places or [(wait.record.role, "")]
    ]
