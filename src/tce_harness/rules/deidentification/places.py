"""Every element of an instance at every depth, with its path: the judge's own walk."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from io import BytesIO
from typing import NamedTuple
from weakref import WeakKeyDictionary

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_sequence
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.valuerep import PersonName

from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.objects.elements import DECODING_ERRORS, each_element

#: Value representations whose value is a character string (PS3.5 section 6.2).
TEXT_VRS = frozenset(
    {
        "AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT",
    }
)  # fmt: skip

_MAY_HOLD_ITEMS = frozenset({"SQ", "UN", "OB"})
_PIXEL_DATA = 0x7FE00010
_PADDING = " \0\r\n\t"
_ITEM = b"\xfe\xff\x00\xe0"
_LONGEST_TEXT_IN_BYTES = 4096
_NUMBER = (int, float, Decimal)
_SINGLE = (*_NUMBER, PersonName)


class Place(NamedTuple):
    """One element where it stands.

    Parameters
    ----------
    path
        Such as ``(0040,A375)[1]/(0020,000D)``.
    tags
        The same without the numbers of the items.
    element
        The element, its value decoded in the character set of its own item.
    item
        The data set or item that holds it.
    """

    path: str
    tags: tuple[int, ...]
    element: DataElement
    item: Dataset

    @property
    def tag(self) -> int:
        """The element's own tag."""
        return self.tags[-1]

    @property
    def private(self) -> bool:
        """Whether it stands in an odd group."""
        return bool(self.tag >> 16 & 1)

    @property
    def row(self) -> str:
        """Its tag, spelled as a row of a table is."""
        return spell(self.tag)


_place = tuple.__new__  # what the class does too, by a detour


@cache
def spell(tag: int) -> str:
    """Spell a tag as ``(gggg,eeee)``."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


@lru_cache(1 << 14)
def tags_of(path: str) -> tuple[int, ...] | None:
    """Return the tags of a spelled path; None where it names a place that is no element."""
    tags = []
    for part in path.split("/"):
        digits = part[1:5] + part[6:10]
        if part[:1] != "(" or part[5:6] != "," or part[10:11] != ")" or len(digits) != 8:
            return None
        try:
            tags.append(int(digits, 16))
        except ValueError:
            return None
    return tuple(tags)


def walk(dataset: Dataset) -> list[Place]:
    """Return every element at every depth, sequences before their contents, hidden sequences entered too."""
    found: list[Place] = []
    for tag, element in each_element(dataset):
        if element is None:
            continue  # such an instance is unreadable, and another rule says so
        path, tags = _at_top(int(tag))
        found.append(_place(Place, (path, tags, element, dataset)))
        if element.VR in _MAY_HOLD_ITEMS:
            _enter(element, path, tags, found)
    return found


@cache
def _at_top(tag: int) -> tuple[str, tuple[int, ...]]:
    return spell(tag), (tag,)


def _enter(holder: DataElement, holds: str, above: tuple[int, ...], found: list[Place]) -> None:
    """Add the elements of the items of a sequence, in their order."""
    for number, item in enumerate(items(holder), start=1):
        prefix = f"{holds}[{number}]/"
        for tag, element in each_element(item):
            if element is None:
                continue
            path, tags = prefix + spell(int(tag)), (*above, int(tag))
            found.append(_place(Place, (path, tags, element, item)))
            if element.VR in _MAY_HOLD_ITEMS:
                _enter(element, path, tags, found)


def items(element: DataElement) -> tuple[Dataset, ...]:
    """Return the items of a sequence, also of one that stands as UN; nothing where it is none.

    The fragments of encapsulated pixels are items too, but hold no data sets (PS3.5 Annex A.4).
    """
    if element.VR not in _MAY_HOLD_ITEMS or (element.VR == "OB" and element.tag == _PIXEL_DATA):
        return ()
    if isinstance(element.value, Sequence):
        return tuple(element.value)
    if element.tag == _PIXEL_DATA:
        return ()
    if isinstance(element.value, bytes) and element.value.startswith(_ITEM) and element.VR in ("UN", "OB"):
        return _hidden_items(element.value)
    return ()


def _hidden_items(value: bytes) -> tuple[Dataset, ...]:
    """Read the items of a sequence of VR UN, which is Implicit VR Little Endian (PS3.5 section 6.2.2)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = tuple(read_sequence(BytesIO(value), True, True, len(value), "iso8859", 0))
            for item in found:
                for _ in item.iterall():
                    pass
    except DECODING_ERRORS:
        return ()
    return found


def texts(element: DataElement) -> tuple[str, ...]:
    """Return the values of an element as text, without padding; nothing for sequences and long binaries.

    Bytes of unknown meaning (VR UN and the like) that are plain printable text count as that text.
    """
    value = element.value
    if isinstance(value, str):
        text = value.strip(_PADDING)
        return (text,) if text else ()
    if isinstance(value, _SINGLE):
        text = _spelled(value)
        return (text,) if text else ()
    if value is None or isinstance(value, Sequence):
        return ()
    if isinstance(value, bytes):
        return _text_in_bytes(value)
    several = value if isinstance(value, (list, tuple, MultiValue)) else (value,)
    return tuple(text for each in several if (text := _spelled(each)))


def _spelled(value: object) -> str:
    number = getattr(value, "original_string", None) if isinstance(value, _NUMBER) else None
    return str(value if number is None else number).strip(_PADDING)


def _text_in_bytes(value: bytes) -> tuple[str, ...]:
    if len(value) > _LONGEST_TEXT_IN_BYTES:
        return ()
    stripped = value.strip(b" \0")
    text = stripped.decode("latin-1")
    return tuple(part.strip() for part in text.split("\\")) if stripped and text.isprintable() else ()


def is_empty(element: DataElement) -> bool:
    """Return whether an element has no value; a sequence, whether it has no items."""
    value = element.value
    if isinstance(value, bytes):
        return not value.strip(b"\0 ")
    return not items(element) if isinstance(value, Sequence) else not texts(element)


def comparable(element: DataElement) -> frozenset[str]:
    """Return the values of an element so that two elements can be held against each other.

    Text without padding, numbers as they count and not as they are spelled, long binaries by content.
    """
    if isinstance(element.value, bytes) and not (found := _text_in_bytes(element.value)):
        stripped = element.value.rstrip(b"\0 ")
        return frozenset({stripped.hex()}) if stripped else frozenset()
    found = texts(element)
    if element.VR in ("DS", "IS", "FL", "FD"):
        return frozenset(_number(value) for value in found)
    return frozenset(found)


def _number(text: str) -> str:
    try:
        return repr(float(text))
    except ValueError:
        return text


class Values:
    """Values by path, each made comparable when it is first asked for."""

    def __init__(self, by_tags: Mapping[tuple[int, ...], tuple[Place, ...]]) -> None:
        self._by_tags = by_tags
        self._found: dict[tuple[int, ...], frozenset[str]] = {}

    def get(self, tags: tuple[int, ...], default: frozenset[str] = frozenset()) -> frozenset[str]:
        """Return every value at a path without item numbers; the default where nothing stands."""
        found = self._found.get(tags)
        if found is None:
            standing = self._by_tags.get(tags)
            if standing is None:
                return default
            found = frozenset().union(*(comparable(place.element) for place in standing))
            self._found[tags] = found
        return found


class Places:
    """The elements of one instance, found by path.

    Parameters
    ----------
    dataset
        The main data set, without the file meta information.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.all = tuple(walk(dataset))

    @cached_property
    def by_path(self) -> dict[str, Place]:
        """Path to element."""
        return {place.path: place for place in self.all}

    @cached_property
    def by_tags(self) -> dict[tuple[int, ...], tuple[Place, ...]]:
        """Path without item numbers to the elements there, so that a changed order of items is no change."""
        alone: dict[tuple[int, ...], tuple[Place, ...]] = {place.tags: (place,) for place in self.all}
        if len(alone) == len(self.all):
            return alone
        found: dict[tuple[int, ...], list[Place]] = {}
        for place in self.all:
            found.setdefault(place.tags, []).append(place)
        return {tags: tuple(places) for tags, places in found.items()}

    @cached_property
    def uids_by_tags(self) -> dict[tuple[int, ...], tuple[Place, ...]]:
        """The part of `by_tags` where a UID stands."""
        return {place.tags: self.by_tags[place.tags] for place in self.all if place.element.VR == "UI"}

    @cached_property
    def values(self) -> Values:
        """Path without item numbers to every value there."""
        return Values(self.by_tags)


_PLACES: WeakKeyDictionary[EvidenceInstance, Places] = WeakKeyDictionary()


def places(instance: EvidenceInstance) -> Places:
    """Return the elements of an instance; walked once however many rules look."""
    found = _PLACES.get(instance)
    if found is None:
        found = _PLACES[instance] = Places(instance.dataset)
    return found


def text_value(dataset: Dataset, tag: int) -> str:
    """Return the value of one element as text, several joined by a backslash; empty where it is absent."""
    try:
        return "\\".join(texts(dataset[tag])) if tag in dataset else ""
    except DECODING_ERRORS:
        return ""
