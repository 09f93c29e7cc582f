"""Several values of one attribute, of which only some identify: the others stay."""

from __future__ import annotations

from collections.abc import Callable

from pydicom.datadict import dictionary_has_tag, dictionary_VM
from pydicom.dataelem import DataElement
from pydicom.multival import MultiValue

from tce_harness.deidentify.dummies import dummy_value
from tce_harness.deidentify.pseudonyms import Pseudonyms

_WORDED = frozenset({"LO", "SH", "UC"})


def is_left_of(element: DataElement, identifies: Callable[[str], bool], pseudonyms: Pseudonyms) -> list[str]:
    """Return the values of an element without those that identify; none where nothing else would be left.

    A line of text goes. A value of which the place tells the meaning, as those of Image Type, or of which
    there is a fixed number, is replaced by a dummy.
    """
    if not isinstance(element.value, MultiValue | list):
        return []
    values = ["" if value is None else str(value) for value in element.value]
    identifying = [bool(value) and identifies(value) for value in values]
    if not any(identifying) or all(found for value, found in zip(values, identifying, strict=True) if value):
        return []
    if element.VR in _WORDED and _may_be_fewer(int(element.tag)):
        return [value for value, found in zip(values, identifying, strict=True) if not found]
    return [
        str(dummy_value(int(element.tag), element.VR, value, pseudonyms)) if found else value
        for value, found in zip(values, identifying, strict=True)
    ]


def _may_be_fewer(tag: int) -> bool:
    return dictionary_has_tag(tag) and dictionary_VM(tag) in ("1-n", "0-n")
