"""Mutations of single elements: kept, dropped, set, emptied, leaked, UIDs spoilt."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydicom.charset import convert_encodings
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement, empty_value_for_VR
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from tce_harness.mutations.kinds import Kind
from tce_harness.mutations.primitive import ObjectPrimitive, OutgoingContext
from tce_harness.mutations.selectors import (
    ElementSelector,
    SelectorField,
    SelectorsField,
    enter,
    items_of,
)

Scalar = str | int | float


def _spread(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,)


Values = Annotated[
    tuple[Scalar, ...],
    Field(min_length=1),
    BeforeValidator(_spread, json_schema_input_type=Scalar | tuple[Scalar, ...]),
]
_NUMBERS = {"US", "SS", "UL", "SL", "UV", "SV"}
_FRACTIONS = {"FL", "FD"}
_BYTES = {"OB", "OW", "UN", "OD", "OF", "OL", "OV"}
_NOT_SETTABLE = {"SQ", "AT"}


def vr_of(tag: BaseTag, vr: str | None = None) -> str:
    """Return the VR to write an element in: the one given, or the first that PS3.6 lists.

    Raises
    ------
    ValueError
        When PS3.6 does not know the element and no VR is given.
    """
    if vr is not None:
        return vr
    try:
        return str(dictionary_VR(tag)).split(" or ")[0]
    except KeyError:
        raise ValueError(f"PS3.6 knows no element {tag}; say its 'vr'") from None


def make_element(tag: BaseTag, vr: str, values: tuple[Scalar, ...]) -> DataElement:
    """Return an element with values as YAML spells them; bytes are spelled as Latin-1 text.

    Raises
    ------
    ValueError
        When the value is no number and the VR wants one.
    """
    made: list[object]
    if vr in _NUMBERS:
        made = [int(each) for each in values]
    elif vr in _FRACTIONS:
        made = [float(each) for each in values]
    elif vr in _BYTES:
        made = ["".join(map(str, values)).encode("latin-1")]
    else:
        made = [str(each) for each in values]
    return DataElement(tag, vr, made[0] if len(made) == 1 else made)


class Keep(ObjectPrimitive):
    """The original value of an element is put back, with the sequences and the private creator around it."""

    shorthand: ClassVar[str | None] = "element"
    element: SelectorsField

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the original's elements."""
        for selector in self.element if original is not None else ():
            for place in selector.places(original or Dataset()):
                source, target = enter(original or Dataset(), place), enter(dataset, place, build=True)
                if source is not None and target is not None:
                    _put_back(target, source, place[-1][0], dataset)
        return dataset


def _put_back(target: Dataset, source: Dataset, tag: BaseTag, top: Dataset) -> None:
    element = copy.deepcopy(source[tag])
    if not _can_be_written(element, top):
        top.decode()
        top.SpecificCharacterSet = "ISO_IR 192"
    target[tag] = element
    creator = Tag(tag.group, tag.element >> 8)
    if tag.is_private and tag.element >= 0x1000 and creator in source and creator not in target:
        target[creator] = copy.deepcopy(source[creator])


def _can_be_written(element: DataElement, top: Dataset) -> bool:
    """Tell whether text fits the character set that is declared: what is put back must arrive unchanged."""
    if element.VR == "SQ":
        return all(_can_be_written(each, top) for item in element.value or () for each in item)
    text = str(element.value) if element.VR in {"LO", "LT", "PN", "SH", "ST", "UC", "UT"} else ""
    if text.isascii():
        return True
    for encoding in convert_encodings(top.get("SpecificCharacterSet") or "ISO_IR 6"):
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            continue
        return True
    return False


class Drop(ObjectPrimitive):
    """An element, an item of a sequence, or a whole object is left out."""

    shorthand: ClassVar[str | None] = "element"
    element: SelectorsField | None = None
    instance: Kind | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Drop:
        if (self.element is None) == (self.instance is None):
            raise ValueError("'drop' names an 'element' or an 'instance'")
        if self.instance is not None and self.kind is not None:
            raise ValueError("'instance' says the kind; 'in' does not stand beside it")
        return self

    @property
    def spoken_of(self) -> Kind | None:
        """The kind of objects that is spoken of; ``instance`` stands for ``in``."""
        return self.instance or self.kind

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set without the elements; None for a whole object."""
        for selector in self.element or ():
            for place in reversed(selector.places(dataset)):
                holder = enter(dataset, place)
                if holder is not None:
                    _leave_out(holder, place[-1][0], selector.item)
        return None if self.instance is not None else dataset


def _leave_out(holder: Dataset, tag: BaseTag, item: int | None) -> None:
    if item is None:
        del holder[tag]
        return
    items = items_of(holder, tag)
    holder[tag] = DataElement(tag, "SQ", Sequence(items[:item] + items[item + 1 :]))


class Set(ObjectPrimitive):
    """An element gets a value, also where it was missing; below ``**`` only where it stands already.

    Written ``(gggg,eeee)=value`` or with the keys ``element``, ``value`` and, for private elements, ``vr``.

    Parameters
    ----------
    coded
        How text is coded, whatever character set the instance declares; None: as it declares.
    """

    shorthand: ClassVar[str | None] = "element"
    element: SelectorField
    value: Values
    vr: str | None = None
    coded: Literal["utf-8", "latin-1"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _spelled_short(cls, value: object) -> object:
        if isinstance(value, str):
            element, sign, said = value.partition("=")
            if not sign:
                raise ValueError("'set' is '(gggg,eeee)=value'")
            return {"element": element, "value": said}
        return value

    @model_validator(mode="after")
    def _can_be_set(self) -> Set:
        tag = self.element.exact_tag
        if tag is None or self.element.item is not None:
            raise ValueError(f"{self.element} is not one element that could be set")
        vr = vr_of(tag, self.vr)
        if vr in _NOT_SETTABLE:
            raise ValueError(f"{self.element} has VR {vr}, which cannot be set")
        make_element(tag, vr, self.value)
        return self

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the value."""
        self.apply(dataset)
        return dataset

    def apply(self, dataset: Dataset) -> None:
        """Set the value in place."""
        put(dataset, self.element, self.value, self.vr)
        if self.coded is not None:
            for holder in self.element.holders(dataset):
                _code(holder, self.element.exact_tag, self.coded)


def _code(holder: Dataset, tag: BaseTag | None, coding: str) -> None:
    """Put the bytes of a text in its place, which are then written as they are."""
    if tag is not None and tag in holder:
        content = str(holder[tag].value).encode(coding)
        content += b" " * (len(content) % 2)
        holder[tag] = RawDataElement(tag, holder[tag].VR, len(content), content, 0, False, True)


def put(
    dataset: Dataset, selector: ElementSelector, values: tuple[Scalar, ...], vr: str | None = None
) -> None:
    """Set an element wherever a selector means it; below ``**`` only where it stands already."""
    tag = selector.exact_tag
    if tag is None:
        raise ValueError(f"{selector} is not one element that could be set")
    for holder in selector.holders(dataset):
        if tag in holder or not selector.deep:
            there = str(holder[tag].VR).split(" or ")[0] if tag in holder and vr is None else None
            holder[tag] = make_element(tag, there or vr_of(tag, vr), values)


class Empty(ObjectPrimitive):
    """An element stays, without a value."""

    shorthand: ClassVar[str | None] = "element"
    element: SelectorsField

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the elements emptied."""
        for selector in self.element:
            for place in reversed(selector.places(dataset)):
                holder = enter(dataset, place)
                if holder is not None:
                    element = holder[place[-1][0]]
                    element.value = Sequence() if element.VR == "SQ" else empty_value_for_VR(element.VR)
        return dataset


class Leak(ObjectPrimitive):
    """The original value of one element turns up in another, such as a name in a comment."""

    element: SelectorField
    into: SelectorField
    vr: str | None = None

    @model_validator(mode="after")
    def _can_be_set(self) -> Leak:
        tag = self.into.exact_tag
        if tag is None or self.into.item is not None or vr_of(tag, self.vr) in _NOT_SETTABLE:
            raise ValueError(f"{self.into} is not one element that could be set")
        return self

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the leaked value; the first that the original holds."""
        places = self.element.places(original) if original is not None else []
        holder = enter(original, places[0]) if original is not None and places else None
        if holder is not None:
            value = holder[places[0][-1][0]].value
            values = tuple(map(str, value)) if isinstance(value, MultiValue) else (str(value),)
            put(dataset, self.into, values, self.vr)
        return dataset


class UidPerFile(ObjectPrimitive):
    """UIDs are replaced again, differently in every object, so that what belonged together no longer does."""

    shorthand: ClassVar[str | None] = "element"
    element: SelectorsField

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with UIDs of its own."""
        own = str(dataset.get("SOPInstanceUID", context.number))
        for selector in self.element:
            for element in _uids(dataset, selector):
                element.value = _mapped(element.value, lambda uid: derived_uid(uid, own))
        return dataset


def derived_uid(*parts: str) -> UID:
    """Return a UID that depends on some texts alone, under the root for UUIDs (PS3.5 B.2)."""
    content = hashlib.sha256("|".join(parts).encode()).digest()
    return UID(f"2.25.{int.from_bytes(content[:15], 'big') + 1}")


class UidMalformed(ObjectPrimitive):
    """UIDs break a rule of PS3.5 section 9.1."""

    shorthand: ClassVar[str | None] = "element"
    element: SelectorsField
    how: Literal["letters", "leading-zero", "too-long", "empty-component"] = "letters"

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the UIDs spoilt."""
        for selector in self.element:
            for element in _uids(dataset, selector):
                element.value = _mapped(element.value, self._spoilt)
        return dataset

    def _spoilt(self, uid: str) -> UID:
        start = uid[:56].rstrip(".")
        ends = {"letters": ".x1", "leading-zero": ".01", "empty-component": "..1"}
        return UID(f"{start}{ends[self.how]}" if self.how in ends else f"{uid}.".ljust(70, "1"))


def _uids(dataset: Dataset, selector: ElementSelector) -> list[DataElement]:
    """Return the elements of VR UI with a value that a selector means."""
    found = []
    for place in selector.places(dataset):
        holder = enter(dataset, place)
        element = holder[place[-1][0]] if holder is not None else None
        if element is not None and element.VR == "UI" and element.value:
            found.append(element)
    return found


def _mapped(value: str | MultiValue[str], change: Callable[[str], UID]) -> UID | list[UID]:
    return [change(str(each)) for each in value] if isinstance(value, MultiValue) else change(str(value))
