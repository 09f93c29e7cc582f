"""Content items rewritten by their concept names: PS3.15 E.3.4, in all four containers.

Content Sequence, Acquisition Context Sequence, Specimen Preparation Sequence and Waveform Annotation
Sequence. A value goes and its item stays: an item by reference, Referenced Content Item Identifier
(0040,DB73), names its target by position, and would lead elsewhere.
"""

from __future__ import annotations

from functools import cache
from typing import Protocol

from pydicom.dataset import Dataset
from pydicom.uid import KeyObjectSelectionDocumentStorage

from tce_harness.deidentify.ages import capped_number
from tce_harness.deidentify.content_items import (
    AUTHOR_CONCEPTS,
    VALUE_TAGS,
    concept_of,
    outcome_of,
    row_of,
    value_type_of,
)
from tce_harness.deidentify.dummies import REMOVED, dummy_value
from tce_harness.deidentify.identity import Identity
from tce_harness.deidentify.options import CLEAN_DESCRIPTORS, CLEAN_STRUCTURED_CONTENT
from tce_harness.deidentify.outcome import CannotBeMadeSafe, Note, NoteKind
from tce_harness.deidentify.plan import Plan
from tce_harness.deidentify.policy import Author
from tce_harness.deidentify.pseudonyms import Pseudonyms
from tce_harness.deidentify.vocabulary import words_of
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept
from tce_harness.standard.confidentiality import ContentItemRow, content_item_rows

NOTHING: frozenset[int] = frozenset()
TEXT_VALUE, ANNOTATION_TEXT, NUMERIC_VALUE = 0x0040A160, 0x00700006, 0x0040A30A
_AGE = Concept("121033", "DCM", "Subject Age")
#: The age of a person under the other codes that templates and vendors name it by.
_AGES = frozenset(
    {
        _AGE,
        Concept("397669002", "SCT", "Age"),
        Concept("424144002", "SCT", "Current chronological age"),
        Concept("30525-0", "LN", "Age"),
    }
)
_COMMENT = Concept("121106", "DCM", "Comment")
_TEMPORAL = {"DATE": "DA", "TIME": "TM", "DATETIME": "DT"}


class Rewriter(Protocol):
    """What rewriting needs of the walk through the instance."""

    plan: Plan
    pseudonyms: Pseudonyms
    identity: Identity
    author_stays: bool
    notes: list[Note]

    def clean_text(self, text: str, place: str, *, by_row: bool = False) -> str:
        """Return what the policy's vocabulary leaves of a text."""


def author_stays(plan: Plan, *, teaching_file_information: bool) -> bool:
    """Return whether the policy keeps the author of a document."""
    return (
        teaching_file_information
        and plan.policy.author is Author.KEEP
        and CLEAN_STRUCTURED_CONTENT in plan.policy.codes
    )


def rewrite_item(walk: Rewriter, item: Dataset, place: str) -> frozenset[int]:
    """Handle the value of a content item, in place; return the tags that are to be left as they are then."""
    kind = value_type_of(item)
    if kind not in VALUE_TAGS and kind != "CONTAINER":
        return NOTHING
    row = row_of(item)
    outcome = outcome_of(row, walk.plan.retained.columns)
    if kind == "TEXT":
        return _text(walk, item, row, outcome, place)
    if kind == "NUM" and concept_of(item) in _AGES and (row is None or outcome == "K"):
        _cap_age(item, walk.plan.policy.oldest_age)
    if row is None:
        return NOTHING
    if outcome == "K":
        return frozenset({VALUE_TAGS[kind]}) if kind == "UIDREF" else NOTHING
    if outcome == "":
        return _replaced(walk, item, kind)
    return NOTHING


def _cap_age(item: Dataset, oldest: int | None) -> None:
    for measured in item.get("MeasuredValueSequence") or ():
        units = concept_of(measured, "MeasurementUnitsCodeSequence")
        if number := str(measured.get("NumericValue") or ""):
            measured.NumericValue = capped_number(number, units.value if units else "", oldest)


def _replaced(walk: Rewriter, item: Dataset, kind: str) -> frozenset[int]:
    """Replace the value of an item whose row the profile decides."""
    match kind:
        case "CODE":
            item.ConceptCodeSequence = [_undetermined()]
        case "NUM" if NUMERIC_VALUE in item:
            item.NumericValue = "0"
        case "NUM" | "NUMERIC":
            item.MeasuredValueSequence = []
        case "DATE" | "TIME" | "DATETIME":
            tag = VALUE_TAGS[kind]
            item.add_new(tag, _TEMPORAL[kind], dummy_value(tag, _TEMPORAL[kind], "", walk.pseudonyms))
            return frozenset({tag})
        case "CONTAINER" if "ContentSequence" in item:
            for child in item.ContentSequence:
                _empty(child)
    # person names and references are rows of Table E.1-1, which the walk comes to
    return NOTHING


def _empty(item: Dataset) -> None:
    """Leave of an item that goes with its container what keeps the others in their places."""
    if "TextValue" in item:
        item.TextValue = REMOVED
    if "ConceptCodeSequence" in item:
        item.ConceptCodeSequence = [_undetermined()]
    if "MeasuredValueSequence" in item:
        item.MeasuredValueSequence = []
    for child in item.get("ContentSequence") or ():
        _empty(child)


def _text(
    walk: Rewriter, item: Dataset, row: ContentItemRow | None, outcome: str, place: str
) -> frozenset[int]:
    tag = TEXT_VALUE if "ValueType" in item else ANNOTATION_TEXT
    where = f"{place}/({tag >> 16:04X},{tag & 0xFFFF:04X})"
    is_author = concept_of(item) in AUTHOR_CONCEPTS
    if is_author and walk.author_stays:
        walk.notes.append(Note(kind=NoteKind.AUTHOR_KEPT, element=where))
        return frozenset({tag})
    text = str(item[tag].value or "") if tag in item else ""
    if outcome == "K":
        kept = _retained(walk, text, where)
    elif is_author or CLEAN_DESCRIPTORS not in walk.plan.policy.codes or (row is not None and outcome != "C"):
        kept = ""  # an author's name could be a word of the vocabulary
    else:
        kept = walk.clean_text(text, where)
    item.add_new(tag, "UT" if tag == TEXT_VALUE else "ST", kept or REMOVED)
    return frozenset({tag})


def _retained(walk: Rewriter, text: str, where: str) -> str:
    if walk.identity.is_in_code(text):
        walk.notes.append(Note(kind=NoteKind.NOT_RETAINED, element=where))
        return ""
    if not walk.identity.name_words.isdisjoint(words_of(text)):
        walk.notes.append(Note(kind=NoteKind.RETAINED, element=where))
    if walk.plan.retained.uids:
        return text
    for uid in walk.identity.uids_in_text(text):
        text = text.replace(uid, walk.pseudonyms.uid(uid))
    return text


def dummy_content(dataset: Dataset, sop_class_uid: str) -> None:
    """Replace the content of a document by one item that says nothing (code D of Table E.1-1), in place.

    Raises
    ------
    CannotBeMadeSafe
        For a key object selection, which without references is none (PS3.16 TID 2010).
    """
    if sop_class_uid == KeyObjectSelectionDocumentStorage:
        raise CannotBeMadeSafe(
            f"without {CLEAN_STRUCTURED_CONTENT} the content of a document is replaced as a whole, and a key "
            "object selection without its references is not valid"
        )
    item, name = Dataset(), Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = (
        _COMMENT.value,
        _COMMENT.scheme,
        _COMMENT.meaning,
    )
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", REMOVED
    item.ConceptNameCodeSequence = [name]
    dataset.ContentSequence = [item]
    if "ContentTemplateSequence" in dataset:
        del dataset.ContentTemplateSequence  # the item follows no template


def times_of_dates(dataset: Dataset) -> dict[int, str]:
    """Return the times that the DATE items of a data set move with, by the items' place in memory.

    A date goes with the time that Table E.3.4-1 names alike, otherwise with the TIME item next to it.
    """
    items = list(dataset.get("ContentSequence") or ())
    times = {concept_of(item): item for item in items if value_type_of(item) == "TIME"}
    partners: dict[int, Dataset] = {}
    beside: list[tuple[Dataset, Dataset]] = []
    for place, item in enumerate(items):
        if value_type_of(item) != "DATE":
            continue
        partner = times.get(_time_concepts().get(concept_of(item) or _AGE))
        if partner is not None:
            partners[id(item)] = partner
        else:
            beside.extend((item, other) for other in _neighbours(items, place))
    # by position only what no name has paired: reports are written in the order in which they are read
    for item, other in beside:
        if id(item) not in partners and all(other is not taken for taken in partners.values()):
            partners[id(item)] = other
    return {number: str(partner.get("Time") or "") for number, partner in partners.items()}


def _neighbours(items: list[Dataset], place: int) -> list[Dataset]:
    """Return the TIME items next to an item, the following one first."""
    found = [*items[place + 1 : place + 2], *items[max(place - 1, 0) : place]]
    return [item for item in found if value_type_of(item) == "TIME"]


@cache
def _time_concepts() -> dict[Concept, Concept]:
    """Return the concept of the time that belongs to a date, by the meanings of Table E.3.4-1."""
    by_meaning = {
        (row.meaning, row.value_type): Concept(row.code, row.scheme, row.meaning)
        for row in content_item_rows()
    }
    return {
        concept: partner
        for (meaning, kind), concept in by_meaning.items()
        if kind == "DATE" and (partner := by_meaning.get((meaning.replace("Date", "Time"), "TIME")))
    }


def _undetermined() -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = codes.UNDETERMINED.value, codes.UNDETERMINED.scheme
    item.CodeMeaning = codes.UNDETERMINED.meaning
    return item
