"""Mutations of structured documents: titles, modifiers, items of the content tree, references."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage

from tce_harness.content import FileModel
from tce_harness.mutations.elements import Values, derived_uid, make_element, put, vr_of
from tce_harness.mutations.primitive import ObjectPrimitive, OutgoingContext
from tce_harness.mutations.selectors import SelectorField

DOCUMENT_TITLE_MODIFIER = "113011"
_REFERENCE_TYPES = {"IMAGE", "WAVEFORM", "COMPOSITE"}
Text = Annotated[str, Field(min_length=1)]


class CodeFile(FileModel):
    """``{value: TCE001, scheme: IHERADTF, meaning: For Teaching File Export}``."""

    value: Text
    scheme: Text
    meaning: Text

    def item(self) -> Dataset:
        """Return the code as an item of a code sequence (PS3.3 section 8)."""
        made = Dataset()
        made.CodeValue = self.value
        made.CodingSchemeDesignator = self.scheme
        made.CodeMeaning = self.meaning
        return made

    def means(self, item: Dataset) -> bool:
        """Tell whether an item of a code sequence is this code, whatever its meaning says."""
        return _code_value(item) == self.value and item.get("CodingSchemeDesignator") == self.scheme


def _code_value(item: Dataset) -> str:
    return str(item.get("CodeValue") or item.get("LongCodeValue") or "")


def _concept(item: Dataset) -> str:
    """Return the code value of a content item's concept name; nothing where it has none."""
    names = item.get("ConceptNameCodeSequence") or ()
    return _code_value(names[0]) if names else ""


def _content(dataset: Dataset) -> list[Dataset]:
    return list(dataset.get("ContentSequence") or ())


def _tree(dataset: Dataset) -> Iterator[tuple[Dataset, Dataset]]:
    """Yield every content item after the item that holds it, in document order."""
    for item in _content(dataset):
        yield dataset, item
        yield from _tree(item)


def _named(dataset: Dataset, concept: str) -> list[tuple[Dataset, Dataset]]:
    return [(holder, item) for holder, item in _tree(dataset) if _concept(item) == concept]


def _without(holder: Dataset, item: Dataset) -> None:
    holder.ContentSequence = Sequence([each for each in _content(holder) if each is not item])


class SetTitle(ObjectPrimitive, CodeFile):
    """The document has another title."""

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with the title."""
        if "ContentSequence" in dataset:
            dataset.ConceptNameCodeSequence = Sequence([self.item()])
        return dataset


class SetCode(ObjectPrimitive):
    """The CODE items of a concept have another value."""

    concept: Text
    code: CodeFile

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with the value."""
        for _, item in _named(dataset, self.concept):
            item.ConceptCodeSequence = Sequence([self.code.item()])
        return dataset


class SwapCode(ObjectPrimitive):
    """Two codes stand one in the place of the other, as names and as values."""

    code: CodeFile
    other: CodeFile = Field(alias="with")

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with the codes swapped."""
        for holder in (dataset, *(item for _, item in _tree(dataset))):
            for keyword in ("ConceptNameCodeSequence", "ConceptCodeSequence"):
                codes = holder.get(keyword)
                if codes:
                    setattr(holder, keyword, Sequence([self._swapped(item) for item in codes]))
        return dataset

    def _swapped(self, item: Dataset) -> Dataset:
        if self.code.means(item):
            return self.other.item()
        return self.code.item() if self.other.means(item) else item


class AddModifier(ObjectPrimitive, CodeFile):
    """A Document Title Modifier (113011, DCM) stands first in the content, such as a delay reason."""

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with the modifier."""
        if "ContentSequence" not in dataset:
            return dataset
        name = CodeFile(value=DOCUMENT_TITLE_MODIFIER, scheme="DCM", meaning="Document Title Modifier")
        item = Dataset()
        item.RelationshipType = "HAS CONCEPT MOD"
        item.ValueType = "CODE"
        item.ConceptNameCodeSequence = Sequence([name.item()])
        item.ConceptCodeSequence = Sequence([self.item()])
        dataset.ContentSequence = Sequence([item, *_content(dataset)])
        return dataset


class RemoveModifier(ObjectPrimitive):
    """Every Document Title Modifier (113011, DCM) is left out: ``remove-modifier: {}``."""

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document without the modifiers."""
        for holder, item in _named(dataset, DOCUMENT_TITLE_MODIFIER):
            _without(holder, item)
        return dataset


class RemoveItem(ObjectPrimitive):
    """The content items of a concept are left out, with what they hold."""

    shorthand: ClassVar[str | None] = "concept"
    concept: Text

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document without the items."""
        for holder, item in _named(dataset, self.concept):
            _without(holder, item)
        return dataset


class RepeatItem(ObjectPrimitive):
    """The content items of a concept stand twice."""

    shorthand: ClassVar[str | None] = "concept"
    concept: Text

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with the items repeated behind themselves."""
        for holder, item in _named(dataset, self.concept):
            items = _content(holder)
            at = next(index for index, each in enumerate(items) if each is item)
            holder.ContentSequence = Sequence([*items[: at + 1], copy.deepcopy(item), *items[at + 1 :]])
        return dataset


class MoveItem(ObjectPrimitive):
    """The content items of a concept hang somewhere else.

    Parameters
    ----------
    under
        ``root``, or the code value of the concept under whose first item they go.
    relationship
        The relationship they have there; None leaves it.
    """

    concept: Text
    under: Text
    relationship: Text | None = None

    @model_validator(mode="after")
    def _not_itself(self) -> MoveItem:
        if self.concept == self.under:
            raise ValueError(f"{self.concept} cannot hang under itself")
        return self

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with the items moved."""
        for holder, item in _named(dataset, self.concept):
            _without(holder, item)
            target = dataset if self.under == "root" else next(self._targets(dataset), holder)
            target.ContentSequence = Sequence([*_content(target), item])
            if self.relationship is not None:
                item.RelationshipType = self.relationship
        return dataset

    def _targets(self, dataset: Dataset) -> Iterator[Dataset]:
        return (item for _, item in _named(dataset, self.under))


class SetItem(ObjectPrimitive):
    """An element inside the content items of a concept gets a value, such as another relationship."""

    concept: Text
    element: SelectorField
    value: Values

    @model_validator(mode="after")
    def _can_be_set(self) -> SetItem:
        tag = self.element.exact_tag
        if tag is None or self.element.item is not None:
            raise ValueError(f"{self.element} is not one element that could be set")
        make_element(tag, vr_of(tag), self.value)
        return self

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with the value."""
        for _, item in _named(dataset, self.concept):
            put(item, self.element, self.value)
        return dataset


class SetText(ObjectPrimitive):
    """The TEXT items of a concept say something else, or something more."""

    concept: Text
    value: Text | None = None
    append: Text | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> SetText:
        if (self.value is None) == (self.append is None):
            raise ValueError("'text' has 'value', or 'append'")
        return self

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with the text."""
        for _, item in _named(dataset, self.concept):
            if item.get("ValueType") == "TEXT":
                item.TextValue = self.value or f"{item.get('TextValue') or ''}{self.append}"
        return dataset


class AddItem(ObjectPrimitive):
    """A TEXT item is added at the end of the content."""

    name: CodeFile
    text: Text
    relationship: Text = "CONTAINS"

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with the item."""
        if "ContentSequence" not in dataset:
            return dataset
        item = Dataset()
        item.RelationshipType = self.relationship
        item.ValueType = "TEXT"
        item.ConceptNameCodeSequence = Sequence([self.name.item()])
        item.TextValue = self.text
        dataset.ContentSequence = Sequence([*_content(dataset), item])
        return dataset


class ConceptNameOnReference(ObjectPrimitive):
    """The references of a manifest carry a concept name, which TID 2010 does not allow."""

    shorthand: ClassVar[str | None] = "name"
    name: CodeFile | Literal[True]

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with the concept names."""
        name = self.name if isinstance(self.name, CodeFile) else _SOURCE
        for item in _references(dataset):
            item.ConceptNameCodeSequence = Sequence([name.item()])
        return dataset


_SOURCE = CodeFile(value="260753009", scheme="SCT", meaning="Source")


def _references(dataset: Dataset) -> list[Dataset]:
    return [item for item in _content(dataset) if item.get("ValueType") in _REFERENCE_TYPES]


def _evidence(dataset: Dataset) -> list[tuple[Dataset, Dataset, Dataset]]:
    """Return study, series and reference items of the evidence (PS3.3 C.17.2), in order."""
    return [
        (study, series, reference)
        for study in dataset.get("CurrentRequestedProcedureEvidenceSequence") or ()
        for series in study.get("ReferencedSeriesSequence") or ()
        for reference in series.get("ReferencedSOPSequence") or ()
    ]


Where = Literal["content", "evidence", "both"]


class AddReference(ObjectPrimitive):
    """A document refers to an instance that does not exist, in the study and series of its last evidence."""

    shorthand: ClassVar[str | None] = "where"
    where: Where = "both"
    sop_class: Text = str(CTImageStorage)

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with one reference more."""
        evidence = _evidence(dataset)
        if not evidence:
            return dataset
        reference = Dataset()
        reference.ReferencedSOPClassUID = self.sop_class
        reference.ReferencedSOPInstanceUID = derived_uid("added", str(dataset.get("SOPInstanceUID", "")))
        if self.where != "evidence":
            item = Dataset()
            item.RelationshipType = "CONTAINS"
            item.ValueType = "IMAGE"
            item.ReferencedSOPSequence = Sequence([reference])
            dataset.ContentSequence = Sequence([*_content(dataset), item])
        if self.where != "content":
            _, series, _ = evidence[-1]
            series.ReferencedSOPSequence = Sequence([*series.ReferencedSOPSequence, copy.deepcopy(reference)])
        return dataset


class RemoveReference(ObjectPrimitive):
    """One reference of a document is left out, from its content, its evidence or both.

    Parameters
    ----------
    reference
        Which one, from 1; of the content unless ``where`` is ``evidence``.
    """

    shorthand: ClassVar[str | None] = "where"
    where: Where = "both"
    reference: Annotated[int, Field(ge=1)] = 1

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the document with one reference less."""
        uid = self._uid(dataset)
        if self.where != "evidence":
            for item in _references(dataset):
                if uid is not None and uid in _uids(item.get("ReferencedSOPSequence")):
                    _without(dataset, item)
        if self.where != "content":
            for _, series, reference in _evidence(dataset):
                if uid is not None and reference.get("ReferencedSOPInstanceUID") == uid:
                    left = [each for each in series.ReferencedSOPSequence if each is not reference]
                    series.ReferencedSOPSequence = Sequence(left)
            _prune(dataset)
        return dataset

    def _uid(self, dataset: Dataset) -> str | None:
        if self.where == "evidence":
            uids = _uids([reference for _, _, reference in _evidence(dataset)])
        else:
            uids = [
                uid for item in _references(dataset) for uid in _uids(item.get("ReferencedSOPSequence"))[:1]
            ]
        return uids[self.reference - 1] if len(uids) >= self.reference else None


def _uids(references: Sequence | list[Dataset] | None) -> list[str]:
    return [str(reference.get("ReferencedSOPInstanceUID", "")) for reference in references or ()]


def _prune(dataset: Dataset) -> None:
    """Leave out series and studies of the evidence that list nothing any more."""
    studies = list(dataset.get("CurrentRequestedProcedureEvidenceSequence") or ())
    for study in studies:
        series = [
            each for each in study.get("ReferencedSeriesSequence") or () if each.get("ReferencedSOPSequence")
        ]
        study.ReferencedSeriesSequence = Sequence(series)
    if studies:
        dataset.CurrentRequestedProcedureEvidenceSequence = Sequence(
            [study for study in studies if study.ReferencedSeriesSequence]
        )
