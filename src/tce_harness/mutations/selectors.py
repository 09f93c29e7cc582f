"""Which elements of a data set a mutation speaks of.

A selector is a path of segments parted by ``/``: ``(0010,0010)`` an element, ``(0040,A730)`` any item of a
sequence, ``(0040,A730)[2]`` its second, ``(60xx,3000)`` an element of a repeating group, ``private`` any
private element, ``**`` any depth, none included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainValidator
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag

PATTERN = (
    r"^(\*\*/)?(\([0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\)|\([0-9A-Fa-f]{2}xx,[0-9A-Fa-f]{4}\)|private)"
    r"(\[[1-9][0-9]*\])?"
)
_SEGMENT = re.compile(r"\(([0-9A-F]{2})([0-9A-F]{2}|XX),([0-9A-F]{4})\)(?:\[([1-9][0-9]*)\])?")

Place = tuple[tuple[BaseTag, int], ...]
"""Tags from the top with the index of the item that is entered, from 0; the last index means nothing."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a selector.

    Parameters
    ----------
    tag, mask
        A tag matches where it is equal under the mask; without a tag, ``deep`` or ``private`` says what does.
    item
        Which item, from 0; None means any.
    """

    tag: int | None = None
    mask: int = 0xFFFFFFFF
    item: int | None = None
    deep: bool = False
    private: bool = False

    def matches(self, tag: BaseTag) -> bool:
        """Tell whether an element of this tag is meant."""
        return tag.is_private if self.tag is None else tag & self.mask == self.tag


@dataclass(frozen=True, slots=True)
class ElementSelector:
    """A parsed selector."""

    text: str
    segments: tuple[Segment, ...]

    def __str__(self) -> str:
        return self.text

    @property
    def exact_tag(self) -> BaseTag | None:
        """The tag of the element meant, where the last segment names exactly one."""
        last = self.segments[-1]
        return Tag(last.tag) if last.tag is not None and last.mask == 0xFFFFFFFF else None

    @property
    def item(self) -> int | None:
        """The item that the last segment names, from 0."""
        return self.segments[-1].item

    @property
    def deep(self) -> bool:
        """Whether any depth is meant."""
        return any(segment.deep for segment in self.segments)

    def places(self, dataset: Dataset) -> list[Place]:
        """Return where matching elements stand, outermost first."""
        return list(_places(dataset, self.segments, ()))

    def holders(self, dataset: Dataset) -> list[Dataset]:
        """Return the data sets in which the last segment's element stands or could stand."""
        return list(_holders(dataset, self.segments))


def parse_selector(text: object) -> ElementSelector:
    """Return a selector.

    Raises
    ------
    ValueError
        When it is not text, or a segment is none, or it ends in ``**``, or means the file meta information.
    """
    if not isinstance(text, str) or not text:
        raise ValueError("an element is text such as '(0010,0010)' or '**/(0008,1155)'")
    segments = tuple(_segment(part) for part in text.split("/"))
    if segments[-1].deep:
        raise ValueError(f"{text!r} names no element after '**'")
    return ElementSelector(text, segments)


def _segment(part: str) -> Segment:
    if part == "**":
        return Segment(deep=True)
    if part == "private":
        return Segment(private=True)
    match = _SEGMENT.fullmatch(part.upper())
    if match is None:
        raise ValueError(f"{part!r} is not '(gggg,eeee)', '(ggxx,eeee)', 'private' or '**'")
    high, low, element, item = match.groups()
    if high + low == "0002":
        raise ValueError("file meta information (0002,eeee) is not part of the data set that is sent")
    repeating = low == "XX"
    tag = int(high + ("00" if repeating else low) + element, 16)
    return Segment(tag, 0xFF01FFFF if repeating else 0xFFFFFFFF, int(item) - 1 if item else None)


def items_of(dataset: Dataset, tag: BaseTag) -> list[Dataset]:
    """Return the items of a sequence; none where the element is none."""
    element = dataset[tag]
    return list(element.value or ()) if element.VR == "SQ" else []


def _places(dataset: Dataset, segments: tuple[Segment, ...], trail: Place) -> Iterator[Place]:
    segment, rest = segments[0], segments[1:]
    if segment.deep:
        yield from _places(dataset, rest, trail)
        for tag in list(dataset.keys()):
            for index, item in enumerate(items_of(dataset, tag)):
                yield from _places(item, segments, (*trail, (tag, index)))
        return
    for tag in list(dataset.keys()):
        if not segment.matches(tag):
            continue
        if not rest:
            yield (*trail, (tag, 0))
            continue
        for index, item in enumerate(items_of(dataset, tag)):
            if segment.item in {None, index}:
                yield from _places(item, rest, (*trail, (tag, index)))


def _holders(dataset: Dataset, segments: tuple[Segment, ...]) -> Iterator[Dataset]:
    segment, rest = segments[0], segments[1:]
    if not rest:
        yield dataset
        return
    if segment.deep:
        yield from _holders(dataset, rest)
    for tag in list(dataset.keys()):
        for index, item in enumerate(items_of(dataset, tag)):
            if segment.deep:
                yield from _holders(item, segments)
            elif segment.matches(tag) and segment.item in {None, index}:
                yield from _holders(item, rest)


def enter(dataset: Dataset, place: Place, *, build: bool = False) -> Dataset | None:
    """Return the data set that holds the element of a place; None where a sequence on the way is missing.

    Parameters
    ----------
    build
        Put in what is missing: empty items up to the one that is entered.
    """
    for tag, index in place[:-1]:
        items = items_of(dataset, tag) if tag in dataset else []
        if len(items) <= index:
            if not build:
                return None
            items += [Dataset() for _ in range(index + 1 - len(items))]
            dataset.add_new(tag, "SQ", Sequence(items))
        dataset = items_of(dataset, tag)[index]
    return dataset


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,)


_Spelled = Annotated[str, Field(pattern=PATTERN)]
SelectorField = Annotated[ElementSelector, PlainValidator(parse_selector, json_schema_input_type=_Spelled)]
SelectorsField = Annotated[
    tuple[SelectorField, ...],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=_Spelled | tuple[_Spelled, ...]),
]
