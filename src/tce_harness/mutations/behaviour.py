"""Mutations of behaviour: order, repetition, delay, statuses, aborts, rejections, untimely exports."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydicom.uid import UID

from tce_harness.content.durations import Duration
from tce_harness.mutations.elements import Set
from tce_harness.mutations.events import (
    Action,
    AssociationRequested,
    ContextProposed,
    ExportDue,
    ObjectEvent,
    Refusal,
    Rejection,
    SendDue,
    SendPlanned,
    StoreReceived,
)
from tce_harness.mutations.kinds import Kind, kind_of
from tce_harness.mutations.primitive import EventT, ObjectPrimitive, Primitive


class Reorder(Primitive):
    """Objects go out in another order than the simulator's own."""

    shorthand: ClassVar[str | None] = "order"
    order: Literal["reversed", "shuffled", "manifest-first", "manifest-last", "manifest-between"]

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return the plan in the other order."""
        if not isinstance(event, SendPlanned):
            return event
        return replace(event, order=self._ordered(event, random))

    def _ordered(self, event: SendPlanned, random: Random) -> tuple[int, ...]:
        order = list(event.order)
        if self.order == "reversed":
            return tuple(reversed(order))
        if self.order == "shuffled":
            return tuple(random.sample(order, len(order)))
        manifests = [index for index in order if kind_of(event.sop_class_uids[index]) is Kind.MANIFEST]
        others = [index for index in order if index not in manifests]
        at = {"manifest-first": 0, "manifest-last": len(others)}.get(self.order, (len(others) + 1) // 2)
        return (*others[:at], *manifests, *others[at:])


class Repeat(ObjectPrimitive):
    """Objects are sent more than once.

    Parameters
    ----------
    later
        An element that has another value from the second time on, written as for `Set`.
    """

    shorthand: ClassVar[str | None] = "times"
    times: Annotated[int, Field(ge=2, le=100)] = 2
    later: Set | None = None

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return the sending, to be done several times."""
        if isinstance(event, SendDue) and self.concerns(event):
            return replace(event, times=self.times, later=self.later)
        return event


_DELAYED = {
    "send": SendDue,
    "answer": StoreReceived,
    "association": AssociationRequested,
    "export": ExportDue,
}


class Delay(ObjectPrimitive):
    """The simulator takes its time, always the same or, with ``most``, by chance up to that.

    Parameters
    ----------
    by
        Seconds at the least.
    before
        What is late: sending, the answer to a C-STORE, the answer to an association request, an export.
    """

    shorthand: ClassVar[str | None] = "by"
    by: Duration
    most: Duration | None = None
    before: Literal["send", "answer", "association", "export"] = "send"

    @model_validator(mode="after")
    def _in_order(self) -> Delay:
        if self.most is not None and self.most < self.by:
            raise ValueError("'most' is not less than 'by'")
        if (self.kind or self.number) and self.before in {"association", "export"}:
            raise ValueError(f"'in' and 'number' do not stand with 'before: {self.before}'")
        return self

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return the event, later."""
        if not isinstance(event, _DELAYED[self.before]):
            return event
        if isinstance(event, ObjectEvent) and not self.concerns(event):
            return event
        if isinstance(event, ObjectEvent | AssociationRequested | ExportDue):
            return replace(event, delay=event.delay + random.uniform(self.by, self.most or self.by))
        return event


def _status(value: object) -> object:
    if isinstance(value, str):
        try:
            return int(value, 16)
        except ValueError:
            raise ValueError(f"{value!r} is not a DIMSE status such as 'A700'") from None
    return value


Status = Annotated[int, Field(ge=0, le=0xFFFF), BeforeValidator(_status, json_schema_input_type=str | int)]


class AnswerStatus(ObjectPrimitive):
    """C-STORE requests are answered with a status, written ``A700`` or 0xA700."""

    shorthand: ClassVar[str | None] = "code"
    code: Status

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return the request with the status to answer."""
        if isinstance(event, StoreReceived) and self.concerns(event):
            return replace(event, status=self.code)
        return event


class Abort(ObjectPrimitive):
    """The association is aborted at an object."""

    shorthand: ClassVar[str | None] = "number"
    when: Literal["receiving", "sending"] = "receiving"

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return the event with an abort instead of its course."""
        wanted = StoreReceived if self.when == "receiving" else SendDue
        if isinstance(event, ObjectEvent) and isinstance(event, wanted) and self.concerns(event):
            return replace(event, action=Action.ABORT)
        return event


class Silent(ObjectPrimitive):
    """C-STORE requests are never answered: ``silent: {}`` for all."""

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return the request, to be left without an answer."""
        if isinstance(event, StoreReceived) and self.concerns(event):
            return replace(event, action=Action.SILENT)
        return event


class Lose(ObjectPrimitive):
    """Instances are answered with success and not kept."""

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return None for an instance that is lost."""
        return None if isinstance(event, StoreReceived) and self.concerns(event) else event


# Reasons of an A-ASSOCIATE-RJ by its source, those that are not reserved.
_REASONS = {1: (1, 2, 3, 7), 2: (1, 2), 3: (1, 2)}


class Reject(Primitive):
    """Association requests are rejected (PS3.8 table 9-21).

    Parameters
    ----------
    association
        Which one, from 1; None means all.
    """

    result: Literal[1, 2] = 1
    source: Literal[1, 2, 3] = 1
    reason: int = 1
    association: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _in_the_table(self) -> Reject:
        known = _REASONS[self.source]
        if self.reason not in known:
            raise ValueError(
                f"source {self.source} has the reasons {', '.join(map(str, known))} (PS3.8 table 9-21)"
            )
        return self

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return the request with its rejection."""
        if not isinstance(event, AssociationRequested) or self.association not in {None, event.number}:
            return event
        return replace(event, rejection=Rejection(result=self.result, source=self.source, reason=self.reason))


class Refuse(Primitive):
    """Presentation contexts for objects of a kind are refused: ``refuse: manifest``.

    Parameters
    ----------
    compressed
        Only those whose transfer syntaxes are all compressed.
    """

    shorthand: ClassVar[str | None] = "in"
    kind: Kind = Field(alias="in")
    compressed: bool = False

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return the proposal with its refusal."""
        if not isinstance(event, ContextProposed) or event.kind is not self.kind:
            return event
        if not self.compressed:
            return replace(event, refusal=Refusal.SOP_CLASS)
        plain = any(not UID(each).is_compressed for each in event.transfer_syntaxes)
        return event if plain else replace(event, refusal=Refusal.TRANSFER_SYNTAXES)


class Release(Primitive):
    """An Export Manager exports when it must not.

    Parameters
    ----------
    when
        ``delayed`` by a manifest with a delay reason, ``incomplete`` while listed instances are missing,
        ``other-title`` by a key object selection document that is no export manifest.
    """

    shorthand: ClassVar[str | None] = "when"
    when: Literal["delayed", "incomplete", "other-title"]

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return the decision, to export where it was not."""
        if not isinstance(event, ExportDue):
            return event
        wrong = {
            "delayed": event.delayed and event.export_title and not event.missing,
            "incomplete": bool(event.missing) and event.export_title and not event.delayed,
            "other-title": not event.export_title and not event.missing,
        }
        return replace(event, release=True) if wrong[self.when] else event


class Hold(Primitive):
    """An Export Manager never exports: ``hold: {}``."""

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return the decision, not to export."""
        return replace(event, release=False) if isinstance(event, ExportDue) else event
