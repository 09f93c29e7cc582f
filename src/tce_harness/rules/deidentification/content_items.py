"""Content items by their concept names, as table E.3.4-1 of PS3.15 asks under the claimed options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pydicom.dataset import Dataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.pairing import Pair
from tce_harness.model.finding import Finding, Severity
from tce_harness.rules.deidentification.findings import finding
from tce_harness.rules.deidentification.places import Place, comparable, items, places, spell, text_value
from tce_harness.standard.confidentiality import (
    COLUMN_OF_CODE,
    ContentItemRow,
    OptionColumn,
    content_item_rows,
)

_CONCEPT_NAME = 0x0040A043
_VALUE_TYPE = 0x0040A040
_CODE_VALUE, _SCHEME = 0x00080100, 0x00080102

#: Where the value of a content item stands; UIDs and references have rules of their own.
_VALUES = {
    "TEXT": (0x0040A160,),
    "PNAME": (0x0040A123,),
    "DATE": (0x0040A121,),
    "TIME": (0x0040A122,),
    "DATETIME": (0x0040A120,),
    "CODE": (0x0040A168, _CODE_VALUE),
    "NUM": (0x0040A300, 0x0040A30A),
}

Concept = tuple[str, str, str]
Columns = frozenset[OptionColumn]

_TEMPORAL = frozenset({0x0040A120, 0x0040A121, 0x0040A122})
#: Kinds of content that identify nobody where no row names their concept.
_HARMLESS = frozenset({"", "CODE", "COMPOSITE", "CONTAINER", "IMAGE", "NUM", "SCOORD", "SCOORD3D", "TCOORD"})
#: Sequences of content items (PS3.15 section E.3.4).
CONTAINERS = (0x0040A730, 0x00400555, 0x00400610, 0x0040B020)


@dataclass(frozen=True, slots=True)
class _Item:
    """A content item: the path of its concept name, what it is about, and its values."""

    path: str
    concept: Concept
    values: frozenset[str]


@cache
def _rows() -> dict[Concept, ContentItemRow]:
    return {(row.code, row.scheme, row.value_type): row for row in content_item_rows()}


def claimed_columns(case: CaseEvidence) -> Columns:
    """Return the columns of the tables that the claimed options bring into play."""
    columns = {COLUMN_OF_CODE.get(code) for code in case.claims.deidentification_codes}
    return frozenset(column for column in columns if column is not None)


def temporal_codes(place: Place, columns: Columns) -> frozenset[str] | None:
    """Return what the row of a content item's own concept asks of its date or time.

    It decides over the rows of Date (0040,A121), Time (0040,A122) and DateTime (0040,A120) themselves: a
    birth date goes where dates are retained. None of any other element, and where no row names the concept.
    """
    if place.tag not in _TEMPORAL:
        return None
    row = _rows().get(concept_of(place.item))
    return None if row is None else _codes(row, columns)


def may_stay(item: Dataset, columns: Columns) -> bool:
    """Return whether a content item, or what cleaning leaves of it, has no reason to go."""
    concept = concept_of(item)
    row = _rows().get(concept)
    return concept[2] in _HARMLESS if row is None else bool(_codes(row, columns) & {"K", "C"})


def concept_of(item: Dataset) -> Concept:
    """Return code and scheme of the concept name of a content item, and its value type; empty if absent."""
    names = items(item[_CONCEPT_NAME]) if _CONCEPT_NAME in item else ()
    value_type = text_value(item, _VALUE_TYPE)
    if not names:
        return "", "", value_type
    return text_value(names[0], _CODE_VALUE), text_value(names[0], _SCHEME), value_type


def _codes(row: ContentItemRow, columns: Columns) -> frozenset[str]:
    return frozenset(code for column, code in row.options.items() if column in columns) or frozenset(
        {row.basic}
    )


def content_lost(case: CaseEvidence) -> Iterator[Finding]:
    """Yield each content that is gone as a whole though it had what may stay, where cleaning is claimed."""
    columns = claimed_columns(case)
    for pair in case.pairing.pairs:
        for tag in CONTAINERS:
            held = _content_of(pair.original.dataset, tag)
            if _content_of(pair.subject.dataset, tag) or not any(may_stay(each, columns) for each in held):
                continue
            yield finding(
                "content-lost",
                pair.subject,
                "its content is gone as a whole, where cleaning it is claimed",
                element=spell(tag),
                row=spell(tag),
                expected="what identifies nobody",
                observed="no items" if tag in pair.subject.dataset else "absent",
                severity=Severity.WARNING,
                quotes=False,
            )


def _content_of(dataset: Dataset, tag: int) -> tuple[Dataset, ...]:
    return items(dataset[tag]) if tag in dataset else ()


def content_items_kept(case: CaseEvidence) -> Iterator[Finding]:
    """Yield each content item whose value stands though its concept asks it to go, or is gone though kept."""
    columns = claimed_columns(case)
    for pair in case.pairing.pairs:
        after: dict[Concept, set[str]] = {}
        for item in _content(pair.subject):
            after.setdefault(item.concept, set()).update(item.values)
        for item in _content(pair.original):
            row = _rows().get(item.concept)
            if row is None or not item.values:
                continue
            told = _told(pair, item, row, columns, bool(item.values & after.get(item.concept, set())))
            if told is not None:
                yield told


def _told(pair: Pair, item: _Item, row: ContentItemRow, columns: Columns, stands: bool) -> Finding | None:
    codes = _codes(row, columns)
    if codes == {"K"} and not stands:
        lost = ("content-item-lost", "a claimed option retains it, but it is gone")
        return _finding(pair, item, row, lost)
    if not stands or codes & {"K", "C"}:
        return None
    if OptionColumn.CLEAN_DESCRIPTORS in row.options:
        # the profile wants descriptions and findings to arrive, which the table allows with 113105 alone
        message = "it was kept, which asks for clean descriptors (113105) to be claimed too"
        return _finding(pair, item, row, ("content-item-kept-without-claim", message), Severity.WARNING)
    return _finding(pair, item, row, ("content-item-kept", "the original value still stands"))


def _finding(
    pair: Pair, item: _Item, row: ContentItemRow, told: tuple[str, str], severity: Severity = Severity.FAIL
) -> Finding:
    kind, message = told
    code, scheme, _ = item.concept
    return finding(
        kind,
        pair.subject,
        f"{row.meaning} ({code}, {scheme}): {message}",
        element=item.path,
        row=f"({code}, {scheme})",
        expected="the original value" if kind == "content-item-lost" else f"code {row.basic}",
        observed=", ".join(sorted(item.values)) if kind != "content-item-lost" else "gone",
        severity=severity,
    )


def _content(instance: EvidenceInstance) -> Iterator[_Item]:
    for place in places(instance).all:
        if place.tag != _CONCEPT_NAME:
            continue
        concept = concept_of(place.item)
        if items(place.element) and concept[2] in _VALUES:
            yield _Item(place.path, concept, _values(place.item, _VALUES[concept[2]]))


def _values(item: Dataset, tags: tuple[int, ...]) -> frozenset[str]:
    if tags[0] not in item:
        return frozenset()
    element = item[tags[0]]
    if len(tags) == 1:
        return comparable(element)
    return frozenset(value for each in items(element) for value in _values(each, tags[1:]))
