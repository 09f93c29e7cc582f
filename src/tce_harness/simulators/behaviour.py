"""Where mutations take hold of a simulated actor: at what it answers, decides, and sends."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from pydicom.dataset import Dataset

from tce_harness.mutations import (
    Action,
    AssociationRequested,
    ContextProposed,
    ExportDue,
    Mutations,
    Numbering,
    OutgoingContext,
    Refusal,
    SendDue,
    SendPlanned,
    StoreReceived,
    kind_of,
)
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.transport import (
    STORED,
    Answer,
    ContextAnswer,
    IncomingStore,
    Negotiation,
    OutgoingInstance,
    Reaction,
    Stop,
)
from tce_harness.transport.sender import Pace

_REACTIONS = {
    Action.PROCEED: Reaction.ANSWER,
    Action.ABORT: Reaction.ABORT,
    Action.SILENT: Reaction.SILENT,
}
_CONTEXT_ANSWERS = {
    None: ContextAnswer.ACCEPT,
    Refusal.SOP_CLASS: ContextAnswer.NO_SUCH_CLASS,
    Refusal.TRANSFER_SYNTAXES: ContextAnswer.NO_SUCH_SYNTAX,
}
_NO_REASON_GIVEN = (1, 1, 1)


@dataclass(frozen=True, slots=True)
class SendingPlan:
    """What goes out, in order, and what happens before each."""

    instances: tuple[OutgoingInstance, ...]
    pace: Pace


class Behaviour(Negotiation):
    """What an actor does, with its mutations applied; without any, what a conforming one does.

    Parameters
    ----------
    randomness
        The source of chance of the mutations that need it.

    Attributes
    ----------
    stopping
        Set when the actor stops: what it still waits for before an association is then cut short.
    """

    def __init__(self, mutations: Mutations | None = None, randomness: Random | None = None) -> None:
        self._mutations = mutations or Mutations()
        self._random = randomness or Random(0)
        self._received = Numbering()
        self._prepared = Numbering()
        self._associations = 0
        self.stopping = threading.Event()
        self._lock = threading.Lock()

    @property
    def conforming(self) -> bool:
        """Whether there is no mutation at all."""
        return not self._mutations.mutations

    def react(self, incoming: IncomingStore, answer: Answer) -> tuple[Answer, bool]:
        """Return the answer to a C-STORE, and whether the instance is kept."""
        with self._lock:
            number, kind_number = self._received.next(incoming.sop_class_uid)
            event = self._mutations.behave(
                StoreReceived(
                    sop_class_uid=incoming.sop_class_uid,
                    number=number,
                    kind_number=kind_number,
                    status=answer.status,
                ),
                self._random,
            )
        if event is None:
            return answer, False
        changed = replace(
            answer, status=event.status, delay_seconds=event.delay, reaction=_REACTIONS[event.action]
        )
        return changed, event.status in STORED

    def rejection(self, calling_ae_title: str) -> tuple[int, int, int] | None:
        """Return how an association request is rejected; None admits it."""
        with self._lock:
            self._associations += 1
            event = self._mutations.behave(
                AssociationRequested(number=self._associations, calling_ae_title=calling_ae_title),
                self._random,
            )
        if event is None:
            return _NO_REASON_GIVEN
        if event.delay:
            self.stopping.wait(event.delay)
        rejection = event.rejection
        return (rejection.result, rejection.source, rejection.reason) if rejection is not None else None

    def context(self, sop_class_uid: str, transfer_syntaxes: tuple[str, ...]) -> ContextAnswer:
        """Return the answer to a proposed presentation context."""
        with self._lock:
            event = self._mutations.behave(
                ContextProposed(sop_class_uid=sop_class_uid, transfer_syntaxes=transfer_syntaxes),
                self._random,
            )
        return _CONTEXT_ANSWERS[event.refusal if event is not None else Refusal.SOP_CLASS]

    def releases(self, due: ExportDue, stopping: threading.Event) -> bool:
        """Tell whether an Export Manager exports by a key object selection now."""
        with self._lock:
            event = self._mutations.behave(due, self._random)
        if event is None:
            return False
        if event.delay:
            stopping.wait(event.delay)
        return event.release

    def outgoing(self, dataset: Dataset, original: Dataset) -> Dataset | None:
        """Return what is sent in place of a data set; None where nothing is."""
        with self._lock:
            sop_class_uid = str(original.SOPClassUID)
            number, kind_number = self._prepared.next(sop_class_uid)
            context = OutgoingContext(
                kind=kind_of(sop_class_uid), number=number, kind_number=kind_number, random=self._random
            )
            return self._mutations.outgoing(dataset, original, context)

    def plan(self, outgoing: Sequence[OutgoingInstance], stopping: threading.Event) -> SendingPlan:
        """Return in which order, how often, after what wait and how far instances are sent."""
        with self._lock:
            sequence = self._sequence(outgoing)
        instances = tuple(instance for instance, _ in sequence)

        def pace(instance: OutgoingInstance, number: int) -> Stop | None:
            event = sequence[number - 1][1]
            if event.delay:
                stopping.wait(event.delay)
            return Stop() if event.action is Action.ABORT else None

        return SendingPlan(instances, pace)

    def _sequence(self, outgoing: Sequence[OutgoingInstance]) -> list[tuple[OutgoingInstance, SendDue]]:
        planned = self._mutations.behave(
            SendPlanned(
                sop_class_uids=tuple(each.sop_class_uid for each in outgoing),
                order=tuple(range(len(outgoing))),
            ),
            self._random,
        )
        numbering = Numbering()
        sequence = []
        for index in planned.order if planned is not None else ():
            instance = outgoing[index]
            number, kind_number = numbering.next(instance.sop_class_uid)
            due = SendDue(sop_class_uid=instance.sop_class_uid, number=number, kind_number=kind_number)
            event = self._mutations.behave(due, self._random)
            if event is not None:
                sequence += [(instance, event)]
                sequence += [(_again(instance, event), event)] * (event.times - 1)
        return sequence


def _again(instance: OutgoingInstance, event: SendDue) -> OutgoingInstance:
    """Return what is sent the second time: the same file, or another that differs as a mutation says."""
    if event.later is None:
        return instance
    dataset = read_instance(instance.path)
    event.later.apply(dataset)
    path = instance.path.with_suffix(".again.dcm")
    path.write_bytes(encode_instance(dataset))
    return replace(instance, path=path)
