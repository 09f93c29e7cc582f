"""What sample run results are put together from."""

from __future__ import annotations

import hashlib
from typing import Final

from tce_harness.model.finding import Finding
from tce_harness.model.record import Role
from tce_harness.model.requirement import Actor, Grade, Level, Requirement, Testable
from tce_harness.model.result import (
    CaseResult,
    Message,
    RequirementResult,
    RuleResult,
    StepResult,
)
from tce_harness.model.verdict import Verdict

CT: Final = ("1.2.840.10008.5.1.4.1.1.2", "CT Image Storage")
MR: Final = ("1.2.840.10008.5.1.4.1.1.4", "MR Image Storage")
KOS: Final = ("1.2.840.10008.5.1.4.1.1.88.59", "Key Object Selection Document Storage")
GSPS: Final = ("1.2.840.10008.5.1.4.1.1.11.1", "Grayscale Softcopy Presentation State Storage")
ATFI: Final = ("1.2.840.10008.5.1.4.1.1.88.22", "Enhanced SR Storage")

ROLES: Final = (
    Role(name="selector", actor=Actor.EXPORT_SELECTOR, simulator="export-selector", under_test=False),
    Role(name="manager", actor=Actor.EXPORT_MANAGER, simulator=None, under_test=True),
    Role(name="archive", actor=Actor.RECEIVER, simulator="receiver", under_test=False),
)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Exchange:
    """Writes the messages of one case; record ids go on where the case before ended."""

    def __init__(self, first_record: int, minute: int) -> None:
        self.messages: list[Message] = []
        self._record = first_record
        self._tenths = minute * 600

    def send(
        self, transaction: str, sop_class: tuple[str, str], count: int, label: str, status: int | None = 0
    ) -> tuple[str, ...]:
        """Add messages of one kind and return the ids of their records."""
        sender, receiver = ("manager", "archive") if transaction == "RAD-53" else ("selector", "manager")
        ids = []
        for number in range(1, count + 1):
            self._record += 1
            self._tenths += 1
            minutes, tenths = divmod(self._tenths, 600)
            evidence = f"e{self._record:04d}"
            ids.append(evidence)
            self.messages.append(
                Message(
                    time=f"2026-11-22T14:{minutes:02d}:{tenths // 10:02d}.{tenths % 10}00Z",
                    transaction=transaction,
                    sender=sender,
                    receiver=receiver,
                    sop_class_uid=sop_class[0],
                    sop_class=sop_class[1],
                    sop_instance_uid=f"2.25.{int(digest(evidence)[:24], 16)}",
                    label=f"{label}/{number}",
                    status=status,
                    evidence=evidence,
                    file=f"evidence/instances/{digest(evidence)}.dcm",
                )
            )
        return tuple(ids)


def requirement(
    id: str,
    text: str,
    *,
    document: str = "RAD TF Vol 3",
    section: str = "4.53",
    edition: str = "Rev 23.0",
    level: Level = Level.SHALL,
    grade: Grade = Grade.RESTATED,
    testable: Testable = Testable.OBJECT,
    option: str | None = None,
    proven_by: tuple[str, ...] = (),
) -> Requirement:
    return Requirement(
        id=id,
        document=document,
        section=section,
        edition=edition,
        text=text,
        level=level,
        actors=(Actor.EXPORT_MANAGER,),
        grade=grade,
        testable=testable,
        option=option,
        proven_by=proven_by,
    )


def judged(
    requirement: Requirement,
    verdict: Verdict,
    *,
    examined: int,
    unit: str = "instances",
    cases: tuple[tuple[str, Verdict], ...] = (),
    findings: int = 0,
    defects: tuple[str, ...] = (),
    rules: tuple[str, ...] = (),
    reason: str | None = None,
) -> RequirementResult:
    return RequirementResult(
        requirement=requirement,
        verdict=verdict,
        required=requirement.required,
        cases=cases,
        examined=examined,
        unit=unit,
        findings=findings,
        defects=defects,
        rules=rules,
        reason=reason,
    )


def rule(
    name: str,
    requirement: str,
    verdict: Verdict,
    examined: int,
    *,
    unit: str = "instances",
    findings: tuple[Finding, ...] = (),
    reason: str | None = None,
) -> RuleResult:
    return RuleResult(
        rule=name,
        requirement=requirement,
        step="judged",
        line=24,
        verdict=verdict,
        examined=examined,
        unit=unit,
        findings=findings,
        reason=reason,
    )


def step(
    id: str, verb: str, text: str, verdict: Verdict = Verdict.PASS, detail: str | None = None
) -> StepResult:
    return StepResult(id=id, verb=verb, text=text, verdict=verdict, detail=detail)


def case(
    id: str,
    title: str,
    verdict: Verdict,
    steps: tuple[StepResult, ...],
    *,
    rules: tuple[RuleResult, ...],
    messages: tuple[Message, ...],
    trouble: tuple[str, ...] = (),
) -> CaseResult:
    scenario = id.partition("/")[0]
    return CaseResult(
        id=id,
        scenario=scenario,
        title=title,
        file=f"scenarios/export-manager/{scenario}-export.tce.yaml",
        line=2,
        sut="export-manager",
        roles=ROLES,
        verdict=verdict,
        steps=steps,
        rules=rules,
        messages=messages,
        trouble=trouble,
        command=f"tce run {id} --system gateway.yaml --seed 7341",
    )


FRAME_DEFECTS: Final = ("keeps-frame-of-reference-uid", "per-file-uid-map", "nested-uids-kept")
