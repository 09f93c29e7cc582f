"""One case, step by step, on a set stage."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tce_harness.engine.cast import Cast, Player
from tce_harness.engine.ends import hidden, receiver_of
from tce_harness.engine.events import StepFinished
from tce_harness.engine.instructions import counted, instruction, lay_out
from tce_harness.engine.materials import Material, Materials
from tce_harness.engine.operator import Operator, Question
from tce_harness.engine.stage import Arrival, Stage, transaction_of
from tce_harness.model.errors import HarnessError
from tce_harness.model.record import CheckRecord, OperatorRecord, Role, StepRecord, WaitRecord
from tce_harness.model.requirement import Actor
from tce_harness.model.result import StepResult
from tce_harness.model.verdict import Verdict
from tce_harness.objects.manifest import is_export_manifest, read_manifest
from tce_harness.scenarios import (
    AbsenceStep,
    AttestStep,
    Case,
    CheckStep,
    OperatorStep,
    ReceiveStep,
    SendStep,
    Step,
    Until,
)
from tce_harness.simulators import ExportSelector, Selected

OPERATOR_SECONDS = 600.0
"""How long a person has for a step that a simulator would do at once."""

EndedBy = Literal["condition", "idle", "deadline"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step, for the console and the report."""

    verb: str
    text: str
    verdict: Verdict = Verdict.PASS
    detail: str | None = None


class Performance:
    """Performs the steps of one case.

    Parameters
    ----------
    players
        The simulated players by role.
    drain_seconds
        How long nothing may have come before a case with a real system under test is over.
    for_operator
        Where files are laid out that a person has to load into the system under test.
    """

    def __init__(
        self,
        case: Case,
        *,
        stage: Stage,
        cast: Cast,
        roles: Sequence[Role],
        players: Mapping[str, Player],
        materials: Materials,
        operator: Operator,
        drain_seconds: float,
        for_operator: Path,
    ) -> None:
        self._case = case
        self._stage = stage
        self._cast = cast
        self._roles = {role.name: role for role in roles}
        self._players = players
        self._materials = materials
        self._operator = operator
        self._drain = drain_seconds
        self._for_operator = for_operator
        self._sent: list[Material] = []
        self._released: list[Material] = []
        self._abandoned: str | None = None

    def perform(self) -> None:
        """Perform every step, then wait for what is still under way."""
        for index, step in enumerate(self._case.steps):
            self._stage.go_to(index)
            outcome = self._perform(step)
            result = StepResult(
                id=step.id,
                verb=outcome.verb,
                text=outcome.text,
                verdict=outcome.verdict,
                detail=outcome.detail,
            )
            self._stage.evidence.append(
                StepRecord(
                    case=self._case.id,
                    step=step.id,
                    verb=outcome.verb,
                    text=outcome.text,
                    verdict=outcome.verdict,
                    detail=outcome.detail,
                )
            )
            self._stage.emit(StepFinished(case=self._case.id, step=result))
        self._drain_what_is_under_way()

    def _perform(self, step: Step) -> Outcome:
        if isinstance(step, CheckStep):
            return self._check(step)
        if self._abandoned is not None:
            return Outcome(_verb(step), "not performed", Verdict.NOT_RUN, self._abandoned)
        if isinstance(step, SendStep):
            return self._send(step)
        if isinstance(step, ReceiveStep | AbsenceStep):
            return self._await(step)
        return self._ask(step)

    # --- sending -------------------------------------------------------------------------------------

    def _send(self, step: SendStep) -> Outcome:
        objects = self._materials.of(step.objects)
        self._send_more(objects)
        player = self._players.get(step.sender)
        receiver = self._receiver_of(step)
        if not isinstance(player, ExportSelector):
            return self._have_sent(step, objects, receiver)
        destination = self._cast.destination(receiver, self._players)
        outcomes = player.send(
            [Selected(each.label, each.content, each.dataset) for each in objects],
            destination,
            step.order,
            step.associations,
        )
        stored = sum(outcome.stored for outcome in outcomes)
        text = f"{step.sender} sends {counted(len(outcomes), 'instance')} to {receiver.name}"
        refused = next((each for each in outcomes if not each.stored), None)
        if refused is None:
            return Outcome("send", text)
        if not self._settles and all(outcome.status is None for outcome in outcomes):
            # Nothing can come of it; to wait for minutes would only hide what is wrong.
            self._abandoned = f"{destination} could not be reached"
        status = "no answer" if refused.status is None else f"status {refused.status:04X}"
        detail = f"{stored} of {len(outcomes)} stored; {refused.instance.label}: {refused.detail or status}"
        return Outcome("send", text, Verdict.WARNING, detail)

    def _send_more(self, objects: Sequence[Material]) -> None:
        """Take note of what is sent, and of what has to come of it: released manifests and what they list."""
        self._sent += objects
        readings = {
            each.label: read_manifest(each.dataset) for each in self._sent if is_export_manifest(each.dataset)
        }
        released = {label: reading for label, reading in readings.items() if not reading.is_delayed}
        listed = {uid for reading in released.values() for uid in reading.listed}
        self._released = [
            each for each in self._sent if each.label in released or each.dataset.SOPInstanceUID in listed
        ]

    def _receiver_of(self, step: SendStep) -> Role:
        """Return who gets what a step sends."""
        wanted = receiver_of(self._roles[step.sender].actor)
        for role in self._roles.values():
            if role.actor is wanted:
                return role
        raise HarnessError(f"step {step.id}: no role of this case is a {wanted}")

    def _have_sent(self, step: SendStep, objects: Sequence[Material], receiver: Role) -> Outcome:
        """Ask the operator of a system under test to send; its files are laid out to be loaded into it."""
        folder = self._for_operator / self._case.id.replace("/", "_")
        lay_out(objects, folder)
        inside = hidden(step, self._roles.values())
        text = instruction(
            objects,
            self._materials.objects,
            folder=folder,
            kinds=[transaction.value for transaction in step.transactions],
            destination=None if inside else self._cast.destination(receiver, self._players),
        )
        return self._put("send", self._question(step.id, text, None, OPERATOR_SECONDS))

    # --- waiting -------------------------------------------------------------------------------------

    def _await(self, step: ReceiveStep | AbsenceStep) -> Outcome:
        unseen = hidden(step, self._roles.values())
        if unseen is not None:
            return Outcome("receive", f"nothing can be seen at {step.at}", Verdict.NOT_APPLICABLE, unseen)
        return self._receive(step) if isinstance(step, ReceiveStep) else self._absence(step)

    def _receive(self, step: ReceiveStep) -> Outcome:
        met, ended_by, elapsed = self._wait(lambda: self._is_here(step), step.within)
        missing = () if met else self._missing(step.at)
        self._record_wait(step, step.until.value, step.within, (met, ended_by, elapsed), missing)
        text = f"{step.at} waits for {step.transaction.value if step.transaction else 'instances'}"
        if met:
            return Outcome("receive", f"{text}: here after {elapsed:.1f} s")
        detail = f"not here after {elapsed:.1f} s" + (f"; missing: {', '.join(missing)}" if missing else "")
        return Outcome("receive", text, Verdict.WARNING, detail)

    def _absence(self, step: AbsenceStep) -> Outcome:
        something, ended_by, elapsed = self._wait(lambda: bool(self._arrived_in(step)), step.seconds)
        if something and self._settles:
            # What else is under way came in this step too, however far it had got when the first arrived.
            self._stage.wait(self._idle, time.monotonic() + step.seconds)
        labels = tuple(each.label or each.sop_instance_uid for each in self._arrived_in(step))
        self._record_wait(step, "nothing", step.seconds, (not something, ended_by, elapsed), labels)
        text = f"nothing may arrive at {step.at}"
        if not something:
            return Outcome("receive", f"{text}: nothing came in {elapsed:.1f} s")
        return Outcome("receive", text, Verdict.WARNING, f"{counted(len(labels), 'instance')} came")

    def _wait(self, condition: Callable[[], bool], seconds: float) -> tuple[bool, EndedBy, float]:
        """Wait; where no system under test can send anything, the wait ends when every simulator is idle."""
        started = time.monotonic()
        self._stage.wait(lambda: condition() or self._idle(), started + seconds)
        elapsed = time.monotonic() - started
        if condition():
            return True, "condition", elapsed
        return False, "idle" if self._idle() else "deadline", elapsed

    @property
    def _settles(self) -> bool:
        """Whether nothing comes once all players are idle: of real systems only a Receiver sends nothing."""
        return all(role.simulator or role.actor is Actor.RECEIVER for role in self._roles.values())

    def _idle(self) -> bool:
        return self._settles and all(player.idle for player in self._players.values())

    def _record_wait(
        self,
        step: ReceiveStep | AbsenceStep,
        until: str,
        seconds: float,
        came: tuple[bool, EndedBy, float],
        missing: tuple[str, ...],
    ) -> None:
        met, ended_by, elapsed = came
        self._stage.evidence.append(
            WaitRecord(
                case=self._case.id,
                step=step.id,
                transaction=step.transaction.value if step.transaction is not None else None,
                role=step.at,
                until=until,
                within_seconds=seconds,
                elapsed_seconds=round(elapsed, 3),
                met=met,
                ended_by=ended_by,
                missing=missing,
            )
        )

    def _arrived_in(self, step: AbsenceStep) -> tuple[Arrival, ...]:
        return tuple(each for each in self._stage.arrived(self._case.id) if each.step == step.id)

    def _is_here(self, step: ReceiveStep) -> bool:
        arrived = [each for each in self._stage.arrived(self._case.id) if each.role == step.at]
        if step.until is Until.COUNT:
            return len({each.sop_instance_uid for each in arrived if each.step == step.id}) >= (
                step.count or 1
            )
        if step.until is Until.ALL:
            return not self._missing(step.at)
        uids = {each.sop_instance_uid for each in arrived}
        manifests = [each.manifest for each in arrived if each.manifest is not None]
        awaited = sum(is_export_manifest(each.dataset) for each in self._released)
        return len(manifests) >= max(awaited, 1) and all(
            uids.issuperset(manifest.listed)
            and uids.issuperset(each.sop_instance_uid for each in manifest.identical_documents)
            for manifest in manifests
        )

    def _missing(self, role: str) -> tuple[str, ...]:
        """Return labels of what has to arrive at a role and has not.

        A document that a system under test made itself has no label; it stands for one of its kind.
        """
        arrived = [each for each in self._stage.arrived(self._case.id) if each.role == role]
        labels = {each.label for each in arrived}
        own = Counter(
            kind
            for kind, _ in {
                (each.transaction, each.sop_instance_uid) for each in arrived if each.label is None
            }
        )
        wanted = self._sent if self._roles[role].actor is Actor.EXPORT_MANAGER else self._released
        missing = []
        for each in wanted:
            kind = transaction_of(each.dataset)
            if each.label in labels:
                continue
            if kind != "RAD-50" and own[kind]:
                own[kind] -= 1
            else:
                missing.append(each.label)
        return tuple(missing)

    def _drain_what_is_under_way(self) -> None:
        if self._idle():
            return
        limit = time.monotonic() + max(10 * self._drain, 30.0)
        self._stage.wait(
            lambda: self._idle() or time.monotonic() - self._stage.last_message > self._drain, limit
        )

    # --- people and checks ---------------------------------------------------------------------------

    def _ask(self, step: OperatorStep | AttestStep) -> Outcome:
        if isinstance(step, AttestStep):
            question = self._question(step.id, step.question, step.question, step.within)
            return self._put("attest", question, step.requirement)
        return self._put("operator", self._question(step.id, step.instruction, step.question, step.within))

    def _question(self, step: str, instruction: str, wanted: str | None, within: float) -> Question:
        return Question(
            case=self._case.id, step=step, instruction=instruction, answer_wanted=wanted, within=within
        )

    def _put(self, verb: str, question: Question, requirement: str | None = None) -> Outcome:
        answer = self._operator.ask(question)
        self._stage.evidence.append(
            OperatorRecord(
                case=self._case.id,
                step=question.step,
                requirement=requirement,
                instruction=question.instruction,
                outcome=answer.outcome,
                who=answer.who,
                answer=answer.answer,
            )
        )
        if answer.outcome == "done":
            return Outcome(verb, question.instruction, detail=answer.answer)
        if requirement is None:
            self._abandoned = _ABANDONED[answer.outcome]
        verdict = Verdict.NOT_RUN if answer.outcome == "no-operator" else Verdict.INCONCLUSIVE
        return Outcome(verb, question.instruction, verdict, answer.outcome)

    def _check(self, step: CheckStep) -> Outcome:
        self._stage.evidence.append(check_record(self._case, step))
        return Outcome("check", f"{counted(len(step.rules), 'rule')} on {', '.join(step.of)}")


def check_record(case: Case, step: CheckStep) -> CheckRecord:
    """Return the record of a check step."""
    return CheckRecord(
        case=case.id, step=step.id, line=step.line, rules=step.rules, of=step.of, against=step.against
    )


_ABANDONED = {
    "no-operator": "no operator",
    "late": "the operator was late",
    "refused": "the operator refused",
}


def _verb(step: Step) -> str:
    return {
        SendStep: "send",
        ReceiveStep: "receive",
        AbsenceStep: "receive",
        OperatorStep: "operator",
        AttestStep: "attest",
        CheckStep: "check",
    }[type(step)]
