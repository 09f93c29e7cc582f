"""What all mutations have in common."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Annotated, Any, ClassVar, Protocol, TypeVar

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from pydicom.dataset import Dataset

from tce_harness.content import FileModel
from tce_harness.mutations.events import Event, ObjectEvent
from tce_harness.mutations.kinds import Kind

EventT = TypeVar("EventT", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingContext:
    """What is known of an object about to be sent, besides itself.

    Parameters
    ----------
    number, kind_number
        Of the object among all that go out, and among those of its kind; from 1.
    random
        The run's source of chance.
    """

    kind: Kind
    number: int
    kind_number: int
    random: Random


class Mutation(Protocol):
    """One thing that a simulator does differently, at the two seams where it may."""

    def outgoing(
        self, dataset: Dataset, original: Dataset | None, context: OutgoingContext
    ) -> Dataset | None:
        """Return what is sent in place of a data set; None where it is not sent.

        Parameters
        ----------
        dataset
            A copy that may be changed.
        original
            As it was before the simulator worked on it, not to be changed; None where there is no such.
        """
        ...

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return what is done in place of an event; see the events for what None means."""
        ...


class Primitive(FileModel):
    """A mutation that changes nothing; the base of all that are written in YAML."""

    shorthand: ClassVar[str | None] = None
    """The key that is meant where the mutation is written as a single value."""

    @model_validator(mode="before")
    @classmethod
    def _spelled_short(cls, value: object) -> object:
        if isinstance(value, dict) or cls.shorthand is None:
            return value
        return {cls.shorthand: value}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Offer the single value beside the mapping."""
        schema = handler(core_schema)
        if cls.shorthand is None:
            return schema
        properties: dict[str, Any] = handler.resolve_ref_schema(schema)["properties"]
        return {"anyOf": [properties[cls.shorthand], schema]}

    def outgoing(
        self, dataset: Dataset, original: Dataset | None, context: OutgoingContext
    ) -> Dataset | None:
        """Return what is sent in place of a data set; here, itself."""
        return dataset

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return what is done in place of an event; here, itself."""
        return event


class ObjectPrimitive(Primitive):
    """A mutation that speaks of objects, perhaps of some of them only.

    Parameters
    ----------
    kind
        Speak only of objects of this kind.
    number
        Speak only of this one: of its kind where ``in`` is given, of all objects otherwise.
    """

    kind: Kind | None = Field(default=None, alias="in")
    number: Annotated[int, Field(ge=1)] | None = None

    @property
    def spoken_of(self) -> Kind | None:
        """The kind of objects that is spoken of; None for every kind."""
        return self.kind

    def concerns(self, told: OutgoingContext | ObjectEvent) -> bool:
        """Tell whether an object is spoken of."""
        if self.spoken_of is None:
            return self.number in {None, told.number}
        return self.spoken_of is told.kind and self.number in {None, told.kind_number}

    def outgoing(
        self, dataset: Dataset, original: Dataset | None, context: OutgoingContext
    ) -> Dataset | None:
        """Return what is sent in place of a data set that is spoken of."""
        return self.change(dataset, original, context) if self.concerns(context) else dataset

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return what is sent in place of a data set; here, itself."""
        return dataset
