"""A data set that can be changed at every depth while its original stays as it was."""

from __future__ import annotations

import re
from io import BytesIO

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_sequence
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.valuerep import PersonName

from tce_harness.objects.elements import DECODING_ERRORS

_ITEM = b"\xfe\xff\x00\xe0"
_TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
#: Sequences that designate a character set (ISO 2022); pydicom leaves that of ISO 2022 IR 58 in the text.
_DESIGNATION = re.compile(r"\x1b(?:\$?[()*+,\-./][@-~]|\$[@AB])")


def working_copy(dataset: Dataset) -> Dataset:
    """Return a copy whose elements, sequences and items are its own; the values are shared.

    A deep copy would double the pixel data, and the whole file that a data set was read from. Values must
    therefore be replaced, never changed in place. Every value is decoded, by the character set of its own
    item, so that the declarations can be changed afterwards.
    """
    elements: dict[BaseTag, DataElement | RawDataElement] = {}
    for tag in sorted(dataset.keys(), key=int):
        element = _element(dataset[tag])
        if element.VR == "UN" and isinstance(element.value, bytes) and element.value.startswith(_ITEM):
            element = _sequence_in(element, dataset)
        if element.VR == "SQ":
            element.value = Sequence([_item(item) for item in element.value or ()])
        elif element.VR in _TEXT_VRS and element.value:
            _decode(element)
        elements[tag] = element
    return Dataset(elements)


def _element(original: DataElement) -> DataElement:
    element = DataElement.__new__(type(original))
    vars(element).update(vars(original))
    return element


def _decode(element: DataElement) -> None:
    """Decode a text, of which no designation of another character set may stay than the one it gets."""
    values = element.value if isinstance(element.value, MultiValue) else [element.value]
    texts = [str(value) for value in values]
    if any("\x1b" in text for text in texts):
        plain = [_DESIGNATION.sub("", text) for text in texts]
        made = list(map(PersonName, plain)) if element.VR == "PN" else plain
        element.value = made if len(made) > 1 else made[0]


def _sequence_in(element: DataElement, dataset: Dataset) -> DataElement:
    """Return the sequence that a value of VR UN holds, in Implicit VR Little Endian (PS3.5 section 6.2.2).

    Whoever wrote it did not know that it is one; where it is none, the element as it is.
    """
    content: bytes = element.value
    declared = dataset.original_character_set or dataset._character_set
    encoding = [declared] if isinstance(declared, str) else list(declared)
    try:
        items = read_sequence(BytesIO(content), True, True, len(content), encoding)
        for item in items:
            item.walk(lambda _, each: each.value)
    except DECODING_ERRORS:
        return element
    return DataElement(element.tag, "SQ", items)


def _item(item: Dataset) -> Dataset:
    copied = working_copy(item)
    copied.is_undefined_length_sequence_item = item.is_undefined_length_sequence_item
    return copied


def elements_of(dataset: Dataset) -> list[DataElement]:
    """Return the elements of one level of a working copy, by rising tag as long as none was added."""
    return [element for element in dataset.values() if isinstance(element, DataElement)]
