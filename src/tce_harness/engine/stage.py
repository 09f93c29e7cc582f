"""Where a run stands: the case and step that are being performed, and what has arrived so far."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydicom.dataset import Dataset

from tce_harness.engine.attribution import Attribution, Attributor
from tce_harness.engine.ends import receiver_of, sender_to
from tce_harness.engine.events import Consumer, MessageSeen
from tce_harness.evidence.log import EvidenceWriter, timestamp
from tce_harness.evidence.unread import Unread
from tce_harness.model.errors import describe_fault
from tce_harness.model.record import AssociationRecord, MessageRecord, Role, TroubleRecord
from tce_harness.model.requirement import Actor
from tce_harness.objects.manifest import ManifestReading, is_export_manifest, read_manifest
from tce_harness.objects.teaching_file import is_teaching_file_information
from tce_harness.scenarios import AbsenceStep, Case, FolderData, ReceiveStep, SendStep
from tce_harness.transport import HARNESS_FAULT, STORED, AssociationFacts, StoreFacts


@dataclass(frozen=True, slots=True)
class Arrival:
    """An instance that is known to be at a role.

    Parameters
    ----------
    label
        Of its original; None where that is not known.
    transaction
        What it would be on its way to an Export Manager.
    manifest
        What it says, where it is an export manifest.
    """

    role: str
    sop_instance_uid: str
    label: str | None
    step: str | None
    transaction: str
    manifest: ManifestReading | None


@dataclass(slots=True)
class Stage:
    """The run's changing state, shared by its threads.

    Parameters
    ----------
    evidence
        Where everything is recorded as it happens.
    """

    evidence: EvidenceWriter
    emit: Consumer
    attributor: Attributor = field(default_factory=Attributor)
    cases: dict[str, Case] = field(default_factory=dict)
    case: Case | None = None
    step: int = 0
    arrivals: dict[str, list[Arrival]] = field(default_factory=dict)
    last_message: float = 0.0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def begin(self, case: Case) -> None:
        """Begin a case."""
        with self._changed:
            self.cases[case.id] = case
            self.arrivals[case.id] = []
            self.case, self.step = case, 0

    def go_to(self, step: int) -> None:
        """Begin a step of the case, by its index."""
        with self._changed:
            self.step = step

    def trouble(self, message: str) -> None:
        """Record that the harness itself failed, in the case that is being performed."""
        case = self.case.id if self.case is not None else "(before the first case)"
        self.evidence.append(TroubleRecord(case=case, step=self.step_id, message=message))

    @property
    def step_id(self) -> str | None:
        """The step that is being performed; None between cases."""
        steps = self.case.steps if self.case is not None else ()
        return steps[self.step].id if self.step < len(steps) else None

    @property
    def real_patients(self) -> bool:
        """Whether the case that is being performed works with the user's own files."""
        return self.case is not None and any(isinstance(each, FolderData) for each in self.case.data)

    def arrived(self, case: str) -> tuple[Arrival, ...]:
        """Return what has arrived in a case."""
        with self._changed:
            return tuple(self.arrivals.get(case, ()))

    def wait(self, condition: Callable[[], bool], deadline: float) -> bool:
        """Wait until a condition holds or ``time.monotonic`` passes a deadline; tell whether it holds.

        The condition is looked at after every message, and every 20 ms for what sends none.
        """
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0:
                return condition()
            with self._changed:
                self._changed.wait(min(left, 0.02))
        return True

    def add(self, case: str | None, arrival: Arrival) -> None:
        """Take note of an arrival and wake whoever waits."""
        with self._changed:
            if case is not None:
                self.arrivals.setdefault(case, []).append(arrival)
            self.last_message = time.monotonic()
            self._changed.notify_all()

    def step_of(self, case: str | None, receiver: str, sender: str | None = None) -> str | None:
        """Return the step that a message to a role belongs to.

        Where a role of ours sent it, the send step of that role that is being performed. Else the next step
        that waits at the receiving role, or the last one that did.
        """
        if case is None or case not in self.cases:
            return None
        steps = self.cases[case].steps
        now = self.step if self.case is not None and self.case.id == case else len(steps)
        if now < len(steps):
            current = steps[now]
            if sender is not None and isinstance(current, SendStep) and current.sender == sender:
                return current.id
        waiting = [
            (index, step.id)
            for index, step in enumerate(steps)
            if isinstance(step, ReceiveStep | AbsenceStep) and step.at == receiver
        ]
        later = [step for index, step in waiting if index >= now]
        return later[0] if later else (waiting[-1][1] if waiting else None)


class RoleObserver:
    """Records what happens on the wire at one role of the harness.

    Parameters
    ----------
    role
        The role whose side is recorded.
    peers
        AE title to role, for the other ends; what is not listed is taken for the system under test.
    roles
        Every role of the cases in which this one plays.
    """

    def __init__(self, stage: Stage, role: Role, peers: dict[str, Role], roles: Sequence[Role]) -> None:
        self._stage = stage
        self._role = role
        self._peers = peers
        self._tested = [each for each in roles if each.under_test]

    def _under_test(self, sent: bool) -> Role:
        """Return the role under test at the other end: of grouped ones, the actor that takes that part."""
        wanted = receiver_of(self._role.actor) if sent else sender_to(self._role.actor)
        return next((each for each in self._tested if each.actor is wanted), self._tested[0])

    def association(self, facts: AssociationFacts) -> None:
        """Record an association or its end, in the case that is being performed."""
        case = self._stage.case
        self._stage.evidence.append(
            AssociationRecord(
                case=case.id if case is not None else None,
                association=facts.association,
                role=self._role.name,
                requestor=facts.requestor,
                outcome=facts.outcome,
                calling_ae_title=facts.calling_ae_title,
                called_ae_title=facts.called_ae_title,
                address=facts.address,
                implementation_class_uid=facts.implementation_class_uid,
                implementation_version_name=facts.implementation_version_name,
                max_pdu=facts.max_pdu,
                contexts=facts.contexts,
                user_identity=facts.user_identity,
                detail=facts.detail,
                unreached=facts.unreached,
            )
        )

    def store(self, facts: StoreFacts) -> None:
        """Record a C-STORE under the case that it belongs to; where we fail at that, the peer is not told."""
        if (facts.detail or "").startswith(HARNESS_FAULT):
            self._stage.trouble(f"{self._role.name}: {facts.detail}")
        try:
            self._record(facts)
        except Exception as error:
            fault = describe_fault(error, quote=not self._stage.real_patients)
            self._stage.trouble(f"a message at {self._role.name} could not be recorded: {fault}")

    def _record(self, facts: StoreFacts) -> None:
        title = facts.called_ae_title if facts.sent else facts.calling_ae_title
        peer = self._peers.get(title) or self._under_test(facts.sent)
        if not facts.sent and not peer.under_test and peer.name != self._role.name:
            return  # a role of ours sent it and has recorded it
        sender, receiver = (self._role, peer) if facts.sent else (peer, self._role)
        digest = self._stage.evidence.keep(facts.content) if facts.content is not None else None
        kind, attribution, manifest = self._read(digest, facts.content)
        if facts.sent and attribution is None and self._stage.case is not None:
            attribution = Attribution(self._stage.case.id, None, "sent")
        case = attribution.case if attribution is not None else None
        step = self._stage.step_of(case, receiver.name, sender.name if facts.sent else None)
        record = MessageRecord(
            case=case,
            step=step,
            association=facts.association,
            role=self._role.name,
            peer=peer.name,
            sent=facts.sent,
            transaction="RAD-53" if receiver.actor is Actor.RECEIVER else kind,
            message_id=facts.message_id,
            affected_sop_class_uid=facts.sop_class_uid,
            affected_sop_instance_uid=facts.sop_instance_uid,
            transfer_syntax_uid=facts.transfer_syntax_uid,
            status=facts.status,
            started=timestamp(facts.started),
            ended=timestamp(facts.ended),
            digest=digest,
            size=facts.size,
            attributed_by=attribution.by if attribution is not None else None,
            detail=facts.detail,
        )
        self._stage.evidence.append(record)
        self._stage.emit(MessageSeen(message=record))
        label = attribution.label if attribution is not None else None
        if facts.status in STORED or not facts.sent:
            self._stage.add(case, Arrival(receiver.name, facts.sop_instance_uid, label, step, kind, manifest))

    def _read(
        self, digest: str | None, content: bytes | None
    ) -> tuple[str, Attribution | None, ManifestReading | None]:
        """Return the transaction towards an Export Manager, the attribution, and what a manifest says."""
        if digest is None or content is None:
            return "RAD-50", None, None
        dataset = self._stage.evidence.decoded(digest, content)
        if isinstance(dataset, Unread):
            # Nothing in it tells where it belongs, but that it came is a fault of the case at hand.
            at_hand = self._stage.case
            return "RAD-50", Attribution(at_hand.id, None, "time") if at_hand is not None else None, None
        attribution = self._stage.attributor.attribute(dataset)
        transaction = transaction_of(dataset)
        return transaction, attribution, read_manifest(dataset) if transaction == "RAD-51" else None


def transaction_of(dataset: Dataset) -> str:
    """Return the transaction that brings an instance to an Export Manager."""
    if is_export_manifest(dataset):
        return "RAD-51"
    return "RAD-52" if is_teaching_file_information(dataset) else "RAD-50"
