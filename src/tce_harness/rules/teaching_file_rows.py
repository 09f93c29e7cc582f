"""Rows of the templates of additional teaching file information, and holding a document against one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tce_harness.model.finding import Finding, Severity
from tce_harness.objects.content_items import Relationship, ValueType
from tce_harness.objects.teaching_file import TeachingFileItem
from tce_harness.rules.exchange import TeachingDocument
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

_TEXT = frozenset({ValueType.TEXT})
_CODE = frozenset({ValueType.CODE})
_BOTH = _TEXT | _CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row, or the TEXT and the CODE row of one concept together.

    Parameters
    ----------
    name
        As the template calls it.
    concepts
        The concept, or its equal in the other code set as well.
    types
        The value types that the row has.
    tolerated
        Value types that another template of the same document has; noted, no fault.
    minimum, maximum
        How many; no maximum where it is None.
    below
        Concept of the item that it stands under with HAS PROPERTIES; None: CONTAINS, under the root.
    values
        Codes that its value is usually taken from; others are noted, no fault.
    """

    name: str
    concepts: tuple[Concept, ...]
    types: frozenset[ValueType] = _TEXT
    tolerated: frozenset[ValueType] = frozenset()
    minimum: int = 0
    maximum: int | None = None
    below: Concept | None = None
    values: frozenset[Concept] = frozenset()

    @property
    def relationship(self) -> Relationship:
        """Relationship with the item above."""
        return Relationship.CONTAINS if self.below is None else Relationship.HAS_PROPERTIES


BASE_ROWS = (
    Row(name="Author", concepts=(codes.AUTHOR,), minimum=1, maximum=1),
    Row(name="Affiliation", concepts=(codes.AFFILIATION,), maximum=1, below=codes.AUTHOR),
    Row(name="Contact", concepts=(codes.CONTACT,), maximum=1, below=codes.AUTHOR),
    Row(name="Abstract", concepts=(codes.ABSTRACT,), minimum=1, maximum=1),
    Row(name="Keywords", concepts=(codes.KEYWORDS,), types=_BOTH, minimum=1),
    Row(name="History", concepts=(codes.HISTORY,), types=_BOTH),
    Row(name="Finding", concepts=(codes.FINDING,), types=_BOTH),
    Row(name="Discussion", concepts=(codes.DISCUSSION,)),
    Row(name="Impression", concepts=(codes.IMPRESSION,), types=_BOTH),
    Row(name="Diagnosis", concepts=(codes.DIAGNOSIS,), types=_BOTH),
    Row(name="Radiographic anatomy", concepts=(codes.RADIOGRAPHIC_ANATOMY,), types=_BOTH),
    Row(name="Pathology", concepts=(codes.PATHOLOGY,), types=_BOTH),
    Row(name="Organ system", concepts=(codes.ORGAN_SYSTEM,), types=_BOTH),
    Row(name="Modality", concepts=(codes.MODALITY,), types=_CODE),
    Row(
        name="Category",
        concepts=tuple(codes.CATEGORY),
        types=_CODE,
        minimum=1,
        maximum=1,
        values=frozenset(each for pair in codes.CATEGORIES for each in pair),
    ),
    Row(
        name="Level",
        concepts=tuple(codes.LEVEL),
        types=_CODE,
        maximum=1,
        values=frozenset(each for pair in codes.LEVELS for each in pair),
    ),
    Row(name="Diagnosis confirmed", concepts=(codes.DIAGNOSIS_CONFIRMED,), types=_CODE),
)
"""Table H-1 of RAD TF Vol 3, without its root."""

RCR_ROWS = {
    2: Row(name="Author", concepts=(codes.AUTHOR,), minimum=1, maximum=1),
    3: Row(name="Affiliation", concepts=(codes.AFFILIATION,), maximum=1, below=codes.AUTHOR),
    4: Row(name="Contact", concepts=(codes.CONTACT,), maximum=1, below=codes.AUTHOR),
    5: Row(name="Abstract", concepts=(codes.ABSTRACT,), minimum=1, maximum=1),
    6: Row(name="Keywords", concepts=(codes.KEYWORDS,), tolerated=_CODE),
    7: Row(name="History", concepts=(codes.HISTORY,), tolerated=_CODE),
    8: Row(name="Finding", concepts=(codes.FINDING,), tolerated=_CODE),
    9: Row(name="Discussion", concepts=(codes.DISCUSSION,)),
    10: Row(name="Impression", concepts=(codes.IMPRESSION,), tolerated=_CODE),
    11: Row(name="Diagnosis", concepts=(codes.DIAGNOSIS,), tolerated=_CODE),
}
"""Table 1 of the RCR guidance on teaching archives (2018), by row number; row 1 is the root."""


def row_items(document: TeachingDocument, row: Row) -> tuple[TeachingFileItem, ...]:
    """Return the items that are meant for a row: its code value, under whatever scheme and wherever."""
    values = {each.value for each in row.concepts}
    return tuple(
        item for item in document.reading.items if item.concept is not None and item.concept.value in values
    )


def row_findings(document: TeachingDocument, row: Row) -> Iterator[Finding]:
    """Yield where a document departs from a row."""
    items = row_items(document, row)
    right = [item for item in items if item.concept in row.concepts]
    if len(right) < row.minimum:
        yield document.finding(
            "item-absent",
            f"Put {row.name} into the document; the template demands it.",
            "(0040,A730)",
            expected=f"{row.minimum} {row.name}",
            observed=str(len(right)),
        )
    if row.maximum is not None and len(right) > row.maximum:
        yield document.finding(
            "item-repeated",
            f"Put {row.name} into the document once at most.",
            right[row.maximum].element,
            expected=f"{row.maximum} at most",
            observed=str(len(right)),
        )
    for item in items:
        yield from _item_findings(document, row, item)


def _item_findings(document: TeachingDocument, row: Row, item: TeachingFileItem) -> Iterator[Finding]:
    if item.concept not in row.concepts:
        yield document.finding(
            "item-scheme",
            f"Give the code of {row.name} the coding scheme that it belongs to.",
            f"{item.element}/(0040,A043)[1]",
            expected=" or ".join(f"({each.value}, {each.scheme})" for each in row.concepts),
            observed=f"({item.concept.value}, {item.concept.scheme})" if item.concept else "no concept",
            quotes=True,
        )
        return
    at_place = item.depth == 1 if row.below is None else item.parent_concept == row.below
    if not at_place or item.relationship != row.relationship:
        where = "the root" if row.below is None else "its author"
        yield document.finding(
            "item-misplaced",
            f"Put {row.name} under {where} with the relationship {row.relationship.value}.",
            item.element,
            expected=f"{row.relationship.value} under {where}",
            observed=f"{item.relationship or 'no relationship'} at depth {item.depth}",
            quotes=True,
        )
    yield from _value_findings(document, row, item)


def _value_findings(document: TeachingDocument, row: Row, item: TeachingFileItem) -> Iterator[Finding]:
    types = " or ".join(sorted(row.types))
    if item.value_type in row.tolerated:
        yield document.finding(
            "item-coded",
            f"{row.name} is coded: the base template allows that, this one knows {types} only.",
            item.element,
            severity=Severity.INFO,
            expected=types,
            observed=item.value_type,
        )
    elif item.value_type not in row.types:
        yield document.finding(
            "item-type",
            f"Make {row.name} an item of value type {types}.",
            item.element,
            expected=types,
            observed=item.value_type or "no value type",
            quotes=True,
        )
    elif not item.text.strip() and item.value is None:
        yield document.finding(
            "item-empty",
            f"Give {row.name} a value, or leave the item out where the template allows that.",
            item.element,
            expected="a value",
            observed="none",
        )
    if row.values and item.value is not None and item.value not in row.values:
        yield document.finding(
            "value-unusual",
            f"The value of {row.name} is none of those that the template suggests.",
            item.element,
            severity=Severity.INFO,
            expected="a code of the template's own values",
            observed=f"({item.value.value}, {item.value.scheme})",
            quotes=True,
        )
    if item.concept is not None and all(item.concept.meaning != each.meaning for each in row.concepts):
        yield document.finding(
            "item-meaning",
            f"The meaning of the code of {row.name} is worded differently; this changes nothing.",
            f"{item.element}/(0040,A043)[1]/(0008,0104)",
            severity=Severity.INFO,
            expected=" or ".join(each.meaning for each in row.concepts),
            observed="other words",
        )
