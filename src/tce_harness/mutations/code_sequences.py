"""Mutations of code sequences outside content items, such as the recorded de-identification methods."""

from __future__ import annotations

from pydantic import model_validator
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tce_harness.mutations.documents import CodeFile
from tce_harness.mutations.elements import vr_of
from tce_harness.mutations.primitive import ObjectPrimitive, OutgoingContext
from tce_harness.mutations.selectors import SelectorField


class AddCode(ObjectPrimitive):
    """A code is added at the end of a code sequence of the main data set."""

    element: SelectorField
    code: CodeFile

    @model_validator(mode="after")
    def _is_a_sequence(self) -> AddCode:
        tag = self.element.exact_tag
        if tag is None or self.element.item is not None or vr_of(tag) != "SQ":
            raise ValueError(f"{self.element} is no sequence that a code could be added to")
        return self

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the code."""
        tag = self.element.exact_tag
        assert tag is not None  # refused when it is read
        there = list(dataset[tag].value) if tag in dataset else []
        dataset.add_new(tag, "SQ", Sequence([*there, self.code.item()]))
        return dataset
