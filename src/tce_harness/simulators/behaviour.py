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
    ExportDue,
    Mutations,
    Numbering,
    OutgoingContext,
    SendDue,
    SendPlanned,
    StoreReceived,
    kind_of,
)
from tce_harness.transport import (
    STORED,
    Answer,
    IncomingStore,
    OutgoingInstance,
    Reaction,
    Refusal,
    Stop,
)
from tce_harness.transport.sender import Pace

_REACTIONS = {
    Action.PROCEED: Reaction.ANSWER,
    Action.ABORT: Reaction.ABORT,
    Action.SILENT: Reaction.SILENT,
}


@dataclass(frozen=True, slots=True)
class SendingPlan:
    """What goes out, in order, and what happens before each."""

    instances: tuple[OutgoingInstance, ...]
    pace: Pace


class Behaviour:
    """What an actor does, with its mutations applied; without any, what a conforming one does.

    Parameters
    ----------
    randomness
        The source of chance of the mutations that need it.
    """

    def __init__(self, mutations: Mutations | None = None, randomness: Random | None = None) -> None:
        self._mutations = mutations or Mutations()
        self._random = randomness or Random(0)
        self._requested = 0
        self._received = Numbering()
        self._prepared = Numbering()
        self._lock = threading.Lock()

    @property
    def conforming(self) -> bool:
        """Whether there is no mutation at all."""
        return not self._mutations.mutations

    def refusal(self, calling_ae_title: str, stopping: threading.Event) -> Refusal | None:
        """Return how an association request is rejected; None where it is accepted. May wait."""
        with self._lock:
            self._requested += 1
            event = self._mutations.behave(
                AssociationRequested(number=self._requested, calling_ae_title=calling_ae_title), self._random
            )
        if event is None:
            stopping.wait()
            return Refusal()
        if event.delay:
            stopping.wait(event.delay)
        if event.rejection is None:
            return None
        rejection = event.rejection
        return Refusal(result=rejection.result, source=rejection.source, reason=rejection.reason)

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
                sequence += [(instance, event)] * event.times
        return sequence
