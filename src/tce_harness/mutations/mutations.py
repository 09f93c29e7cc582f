"""The list under ``mutate:`` of a simulator file, read and applied."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydicom.dataset import Dataset

from tce_harness.content import FileModel, near_match, spell_path
from tce_harness.model.errors import HarnessError
from tce_harness.mutations import (
    behaviour,
    code_sequences,
    dates,
    derived,
    documents,
    elements,
    enclosure,
    file_meta,
    pixels,
)
from tce_harness.mutations.primitive import EventT, Mutation, OutgoingContext, Primitive


class MutationEntry(FileModel):
    """One mutation: a mapping with exactly one key, the name of the primitive."""

    keep: elements.Keep | None = None
    drop: elements.Drop | None = None
    set: elements.Set | None = None
    empty: elements.Empty | None = None
    leak: elements.Leak | None = None
    uid_per_file: Annotated[elements.UidPerFile | None, Field(alias="uid-per-file")] = None
    uid_malformed: Annotated[elements.UidMalformed | None, Field(alias="uid-malformed")] = None
    derive: derived.Derive | None = None
    enclose: enclosure.Enclose | None = None
    shift_dates: Annotated[dates.ShiftDates | None, Field(alias="shift-dates")] = None
    unclean: pixels.Unclean | None = None
    keep_file_meta: Annotated[file_meta.KeepFileMeta | None, Field(alias="keep-file-meta")] = None
    add_code: Annotated[code_sequences.AddCode | None, Field(alias="add-code")] = None
    set_title: Annotated[documents.SetTitle | None, Field(alias="set-title")] = None
    set_code: Annotated[documents.SetCode | None, Field(alias="set-code")] = None
    swap_code: Annotated[documents.SwapCode | None, Field(alias="swap-code")] = None
    add_modifier: Annotated[documents.AddModifier | None, Field(alias="add-modifier")] = None
    remove_modifier: Annotated[documents.RemoveModifier | None, Field(alias="remove-modifier")] = None
    remove_item: Annotated[documents.RemoveItem | None, Field(alias="remove-item")] = None
    repeat_item: Annotated[documents.RepeatItem | None, Field(alias="repeat-item")] = None
    move_item: Annotated[documents.MoveItem | None, Field(alias="move-item")] = None
    set_item: Annotated[documents.SetItem | None, Field(alias="set-item")] = None
    add_item: Annotated[documents.AddItem | None, Field(alias="add-item")] = None
    text: documents.SetText | None = None
    concept_name_on_reference: Annotated[
        documents.ConceptNameOnReference | None, Field(alias="concept-name-on-reference")
    ] = None
    add_reference: Annotated[documents.AddReference | None, Field(alias="add-reference")] = None
    remove_reference: Annotated[documents.RemoveReference | None, Field(alias="remove-reference")] = None
    reorder: behaviour.Reorder | None = None
    repeat: behaviour.Repeat | None = None
    delay: behaviour.Delay | None = None
    status: behaviour.AnswerStatus | None = None
    abort: behaviour.Abort | None = None
    silent: behaviour.Silent | None = None
    lose: behaviour.Lose | None = None
    reject: behaviour.Reject | None = None
    refuse: behaviour.Refuse | None = None
    release: behaviour.Release | None = None
    hold: behaviour.Hold | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> MutationEntry:
        named = [type(self).model_fields[name].alias or name for name in sorted(self.model_fields_set)]
        if len(named) != 1 or self._primitive is None:
            found = " and ".join(named) if named else "none"
            raise ValueError(f"a mutation is a mapping with one key, its name; this one has {found}")
        return self

    @property
    def _primitive(self) -> Primitive | None:
        for name in self.model_fields_set:
            found = getattr(self, name)
            if isinstance(found, Primitive):
                return found
        return None

    @property
    def mutation(self) -> Mutation:
        """The mutation itself."""
        primitive = self._primitive
        if primitive is None:
            raise AssertionError("an entry without a mutation is refused when it is read")
        return primitive


MutationModels = tuple[MutationEntry, ...]
"""The type of ``mutate:`` in a simulator file."""


@dataclass(frozen=True, slots=True)
class Mutations:
    """Several mutations, each applied to what the one before left."""

    mutations: tuple[Mutation, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[MutationEntry]) -> Mutations:
        """Return the mutations of a simulator file."""
        return cls(tuple(entry.mutation for entry in entries))

    def outgoing(
        self, dataset: Dataset, original: Dataset | None, context: OutgoingContext
    ) -> Dataset | None:
        """Return what is sent in place of a data set, which stays as it is; None where nothing is sent."""
        if not self.mutations:
            return dataset
        changed: Dataset | None = copy.deepcopy(dataset)
        for mutation in self.mutations:
            if changed is None:
                return None
            changed = mutation.outgoing(changed, original, context)
        return changed

    def behave(self, event: EventT, random: Random) -> EventT | None:
        """Return what is done in place of an event; see the events for what None means."""
        changed: EventT | None = event
        for mutation in self.mutations:
            if changed is None:
                return None
            changed = mutation.behave(changed, random)
        return changed


_MODELS: TypeAdapter[MutationModels] = TypeAdapter(MutationModels)


def parse_mutations(json_text: str) -> tuple[Mutation, ...]:
    """Return the mutations of a list written as JSON, outside any file.

    Raises
    ------
    HarnessError
        With every fault and its place in the list.
    """
    try:
        return Mutations.of(_MODELS.validate_json(json_text)).mutations
    except ValidationError as error:
        known = [info.alias or name for name, info in MutationEntry.model_fields.items()]
        told = []
        for each in error.errors(include_url=False):
            hint = near_match(str(each["loc"][-1]), known) if each["type"] == "extra_forbidden" else ""
            message = each["msg"].removeprefix("Value error, ") + (f" ({hint})" if hint else "")
            told.append(f"mutate{spell_path(each['loc'])}: {message}")
        raise HarnessError("\n".join(told)) from None
