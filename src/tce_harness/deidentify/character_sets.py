"""One character set for all depths of an output: none declared where all text is ASCII, else UTF-8."""

from __future__ import annotations

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tce_harness.deidentify.identity import texts_of
from tce_harness.deidentify.working_copy import elements_of

UTF_8 = "ISO_IR 192"
CHARACTER_SET = 0x00080005


def set_character_set(dataset: Dataset) -> None:
    """Declare the character set that the text of a data set needs."""
    if not _drop_declarations(dataset):
        dataset.SpecificCharacterSet = UTF_8


def is_ascii(element: DataElement) -> bool:
    """Tell whether all text of an element is ASCII; drop the declarations of its items."""
    if element.VR == "SQ":
        # every item is gone through, as each may have a declaration
        return all([_drop_declarations(item) for item in element.value])
    return all(text.isascii() for text in texts_of(element))


def _drop_declarations(dataset: Dataset) -> bool:
    if CHARACTER_SET in dataset:
        del dataset[CHARACTER_SET]
    return all([is_ascii(element) for element in elements_of(dataset)])
