"""Values of data sets that others wrote: whatever stands there is told as it is, and nothing raises."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, MutableMapping
from functools import lru_cache

from pydicom.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID
from pydicom.valuerep import IS, DSfloat

from tce_harness.objects.remembered import Remembered
from tce_harness.standard.codes import Concept

# What pydicom raises when an element cannot be decoded.
DECODING_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OSError,
    NotImplementedError,
    OverflowError,
    MemoryError,
    RecursionError,
    EOFError,
    struct.error,
    zlib.error,
    BytesLengthException,
)

#: Value representations whose decoding depends on nothing but bytes, byte order and character set.
_SELF_CONTAINED = frozenset(
    {
        "AE", "AS", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "OB", "PN", "SH", "SL", "SS", "ST",
        "TM", "UC", "UI", "UL", "UR", "US", "UT",
    }
)  # fmt: skip
#: Value representations of which one ASCII value is its bytes without padding, in any character set.
_PLAIN_VRS = frozenset({"AS", "CS", "DA", "DT", "LO", "LT", "SH", "ST", "TM", "UC", "UI", "UT"})
#: One number without signs and powers, which few are; of whole ones those that fit in 32 bits.
_PLAIN_NUMBERS = {"DS": re.compile(rb"-?\d{1,15}(?:\.\d{1,15})? ?"), "IS": re.compile(rb"-?\d{1,9} ?")}
_NUMBER_TYPES: dict[str, type[DSfloat] | type[IS]] = {"DS": DSfloat, "IS": IS}
_SEVERAL_OR_CODED = re.compile(rb"[\\\x1b]")
_LONGEST_SHARED = 512
_ODD_GROUP = 1 << 16
_MOST_SHARED = 1 << 16
_SHARED: Remembered[tuple[object, ...], DataElement] = Remembered(_MOST_SHARED)
#: By the identity of the bytes' own element, which is held so that nothing else takes its place.
_OF_ELEMENT: Remembered[int, tuple[RawDataElement, object, DataElement]] = Remembered(_MOST_SHARED)

_CODE_VALUES = ("CodeValue", "LongCodeValue", "URNCodeValue")


def raw_elements(dataset: Dataset) -> MutableMapping[BaseTag, DataElement | RawDataElement]:
    """Return the elements of a data set as they were read, without the checks of `Dataset.get_item`."""
    return dataset._dict


def element_reader(dataset: Dataset) -> Callable[[BaseTag], DataElement]:
    """Return what gives an element of a data set, decoded once for all data sets that hold the same bytes.

    The headers of a series differ in few elements, and decoding is most of the work of looking at them.
    Nobody may change what is given; the data set keeps its own bytes, so that whoever asks it for the
    element gets one to change. The reader raises one of `DECODING_ERRORS` where the bytes make no sense.
    """
    encoding = dataset.original_character_set or dataset._character_set
    terms = encoding if isinstance(encoding, str) else tuple(encoding)

    elements = raw_elements(dataset)

    def read(tag: BaseTag) -> DataElement:
        raw = elements[tag]
        known = _OF_ELEMENT.get(id(raw))
        if known is not None and known[0] is raw and known[1] == terms:
            return known[2]
        if not isinstance(raw, RawDataElement):
            return raw
        if raw.VR not in _SELF_CONTAINED or tag & _ODD_GROUP or raw.length > _LONGEST_SHARED:
            return dataset[tag]
        key = (int(tag), raw.VR, raw.value, raw.is_little_endian, terms)
        found = _SHARED.get(key)
        if found is None:
            found = plain_element(raw) or convert_raw_data_element(raw, encoding=encoding, ds=dataset)
            _SHARED.put(key, found)
        return _OF_ELEMENT.put(id(raw), (raw, terms, found))[2]

    return read


def each_element(dataset: Dataset) -> Iterator[tuple[BaseTag, DataElement | None]]:
    """Yield the elements in the order of their tags, decoded by `element_reader`; None where that fails."""
    elements = raw_elements(dataset)
    read = element_reader(dataset)
    for tag in sorted(elements, key=int):
        found = elements[tag]
        if found.__class__ is not DataElement:
            try:
                found = read(tag)
            except DECODING_ERRORS:
                yield tag, None
                continue
        yield tag, found


def plain_element(raw: RawDataElement) -> DataElement | None:
    """Return what pydicom makes of one plain value, which most are; None where it is not so plain.

    It is the same in every character set.
    """
    value = raw.value
    number = _PLAIN_NUMBERS.get(str(raw.VR))
    if number is not None:
        if not value or not number.fullmatch(value):
            return None
        told = _NUMBER_TYPES[str(raw.VR)](value.decode("ascii").rstrip())
        return DataElement(raw.tag, str(raw.VR), told, raw.value_tell, already_converted=True)
    if raw.VR not in _PLAIN_VRS or not value or not value.isascii() or _SEVERAL_OR_CODED.search(value):
        return None
    text = value.decode("ascii").rstrip("\0 ")
    made = UID(text) if raw.VR == "UI" else text
    return DataElement(raw.tag, raw.VR, made, raw.value_tell, already_converted=True)


def freeze_known(dataset: Dataset) -> list[BaseTag]:
    """Put elements that were decoded before in the place of their equal bytes; return the tags of the rest.

    For data sets that nobody changes (`element_reader`).
    """
    encoding = dataset.original_character_set or dataset._character_set
    terms = encoding if isinstance(encoding, str) else tuple(encoding)
    elements = raw_elements(dataset)
    rest: list[BaseTag] = []
    recent = _OF_ELEMENT.recent.get
    for tag, raw in elements.items():
        if raw.__class__ is DataElement:
            continue
        known = recent(id(raw)) or _OF_ELEMENT.get(id(raw))
        if known is not None and known[0] is raw and known[1] == terms:
            elements[tag] = known[2]
        else:
            rest.append(tag)
    return rest


@lru_cache(1 << 14)
def spell_tag(tag: BaseTag) -> str:
    """Write a tag as ``(0040,A375)``."""
    return f"({tag.group:04X},{tag.element:04X})"


def item_path(parent: str, keyword: str, number: int) -> str:
    """Return the path of an item of a sequence, such as ``(0040,A375)[1]/(0008,1115)[2]``.

    Parameters
    ----------
    parent
        Path of the item that holds the sequence; empty for the data set itself.
    number
        Of the item, counted from 1.
    """
    return f"{parent}{'/' if parent else ''}{spell_tag(Tag(keyword))}[{number}]"


def element(dataset: Dataset, keyword: str) -> DataElement | None:
    """Return an element, or None where it is absent or cannot be decoded."""
    try:
        return dataset[keyword]
    except DECODING_ERRORS:
        return None


def items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """Return the items of a sequence; none where it is absent, empty or no sequence at all."""
    found = element(dataset, keyword)
    if found is None or not isinstance(found.value, Sequence):
        return ()
    return tuple(found.value)


def numbered_items(dataset: Dataset, keyword: str, parent: str = "") -> Iterator[tuple[str, Dataset]]:
    """Yield each item of a sequence with its path."""
    for number, item in enumerate(items(dataset, keyword), start=1):
        yield item_path(parent, keyword, number), item


def text(dataset: Dataset, keyword: str) -> str:
    r"""Return a value as text without its padding; empty where there is none, values parted by ``\``."""
    found = element(dataset, keyword)
    return "" if found is None else as_text(found.value)


def as_text(value: object) -> str:
    """Return one element's value as `text` does."""
    if value is None or isinstance(value, Sequence):
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1").strip("\0 ")
    if isinstance(value, MultiValue | list | tuple):
        return "\\".join(as_text(each) for each in value)
    return str(value).strip("\0 ")


def numbers(dataset: Dataset, keyword: str) -> tuple[int, ...] | None:
    """Return whole numbers, such as the frames of an image item; None where there is no readable one."""
    found = text(dataset, keyword)
    try:
        return tuple(int(each) for each in found.split("\\")) if found else None
    except ValueError:
        return None


def concept(dataset: Dataset, keyword: str) -> Concept | None:
    """Return the first item of a code sequence (PS3.3 section 8.8); None where there is no item."""
    for item in items(dataset, keyword):
        value = next(filter(None, (text(item, code) for code in _CODE_VALUES)), "")
        return Concept(value, text(item, "CodingSchemeDesignator"), text(item, "CodeMeaning"))
    return None
