"""The manifest as a document: its title, its frame, and the content items that its template knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import CodeSet
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.requirement import Actor
from tce_harness.objects.content_items import REFERENCE_TYPES, Relationship, ValueType, reference_type
from tce_harness.objects.manifest import ContentItemReading, ManifestReading
from tce_harness.rules.exchange import (
    KeyObjectDocument,
    manifests,
    meant_for_export,
    nothing_examined,
    unobservable,
)
from tce_harness.rules.registry import rule
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

_TITLE = "(0040,A043)[1]"
_TITLES = {concept: concept for pair in codes.EXPORT_TITLES for concept in pair}
_IMAGE_LIBRARY = Concept("111028", codes.DCM, "Image Library")
# TID 1002 with TID 1003 and TID 1004: who or what observed.
_OBSERVER_CONCEPTS = frozenset(
    Concept(value, codes.DCM, "")
    for value in (
        *("121005", "121008", "121009", "121010", "121011", "128774", "128775"),
        *("121012", "121013", "121014", "121015", "121016", "121017", "113876", "113877", "113880"),
    )
)


@rule("manifest/title", judges="TCE-RAD51-002")
def title(case: CaseEvidence) -> Judgement:
    """The document title of the manifest is one of the export titles."""
    return _judged(case, lambda document: _title_findings(document, case.claims.code_set))


@rule("manifest/root", judges="TCE-RAD51-012")
def root(case: CaseEvidence) -> Judgement:
    """The root of the manifest is a container with separate continuity, made by TID 2010."""
    return _judged(case, _root_findings)


@rule("manifest/template-items", judges="TCE-RAD51-003")
def template_items(case: CaseEvidence) -> Judgement:
    """The content holds the items that TID 2010 has and no others, in the template's order."""
    return _judged(case, _template_findings, count=lambda reading: len(reading.items), unit="content items")


@rule("manifest/reference-items", judges="TCE-RAD51-013")
def reference_items(case: CaseEvidence) -> Judgement:
    """Each reference item refers to one instance, has no concept name and nothing below it."""
    return _judged(
        case,
        _reference_item_findings,
        count=lambda reading: len(list(_reference_items(reading))),
        unit="reference items",
    )


def _one(_: ManifestReading) -> int:
    return 1


def _judged(
    case: CaseEvidence,
    find: Callable[[KeyObjectDocument], Iterator[Finding]],
    *,
    count: Callable[[ManifestReading], int] = _one,
    unit: str = "manifests",
) -> Judgement:
    hidden = unobservable(case, Actor.EXPORT_SELECTOR, Actor.EXPORT_MANAGER)
    if hidden is not None:
        return hidden
    documents = manifests(case)
    if not documents:
        return nothing_examined("no manifest arrived in the judged steps", unit)
    findings = tuple(finding for each in documents for finding in find(each))
    # A document without any content item was looked at all the same, and is told so.
    examined = max(sum(count(each.reading) for each in documents), len(findings))
    reason = None if examined else f"the manifest has no {unit}"
    return Judgement(examined=examined, findings=findings, unit=unit, reason=reason)


# --- title ----------------------------------------------------------------------------------------


def _title_findings(document: KeyObjectDocument, code_set: CodeSet) -> Iterator[Finding]:
    found = document.reading.title
    if found is None:
        yield document.finding(
            "title-absent",
            "Give the manifest a document title (0040,A043); it has none.",
            _TITLE,
            expected="one of the export titles",
            observed="no concept name",
        )
        return
    known = _TITLES.get(found)
    if known is None:
        wrong_scheme = meant_for_export(document.reading)
        yield document.finding(
            "title-scheme-wrong" if wrong_scheme else "title-not-for-export",
            "Pair the title's code with its own scheme: TCE values with IHERADTF, numbers with DCM."
            if wrong_scheme
            else "Title the manifest with one of the export titles; this title asks for no export.",
            _TITLE,
            expected=", ".join(f"({each.value}, {each.scheme})" for each in _TITLES),
            observed=f"({found.value}, {found.scheme})",
            quotes=True,
        )
        return
    if known.scheme == codes.DCM and code_set is CodeSet.IHERADTF:
        yield document.finding(
            "title-code-set",
            "Use the title's IHERADTF code, as the claimed code set says; the DCM code means the same.",
            _TITLE,
            severity=Severity.WARNING,
            expected="a code of IHERADTF",
            observed=f"({found.value}, {found.scheme})",
        )
    if found.meaning.casefold() != known.meaning.casefold():
        yield document.finding(
            "title-meaning",
            "The meaning of the title's code is not worded as its scheme words it; this changes nothing.",
            f"{_TITLE}/(0008,0104)",
            severity=Severity.INFO,
            expected=known.meaning,
            observed="other words",
        )


# --- root -----------------------------------------------------------------------------------------


def _root_findings(document: KeyObjectDocument) -> Iterator[Finding]:
    reading = document.reading
    for kind, found, wanted, element, message in (
        (
            "root-value-type",
            reading.value_type,
            "CONTAINER",
            "(0040,A040)",
            "Make the root of the manifest a CONTAINER.",
        ),
        (
            "root-continuity",
            reading.continuity,
            "SEPARATE",
            "(0040,A050)",
            "Set Continuity of Content to SEPARATE, as TID 2010 asks.",
        ),
        (
            "template-identifier",
            reading.template,
            "2010",
            "(0040,A504)[1]/(0040,DB00)",
            "Identify the template of the manifest in Content Template Sequence (0040,A504) as 2010.",
        ),
        (
            "template-resource",
            reading.mapping_resource,
            "DCMR",
            "(0040,A504)[1]/(0008,0105)",
            "Name DCMR as mapping resource of the manifest's template.",
        ),
    ):
        if found != wanted:
            yield document.finding(
                kind, message, element, expected=wanted, observed=found or "absent or empty", quotes=True
            )


# --- content items --------------------------------------------------------------------------------


def _template_findings(document: KeyObjectDocument) -> Iterator[Finding]:
    items = document.reading.items
    last_row = 0
    for item in items:
        row = _row(item)
        if row is None:
            yield _strange_item(document, item)
            continue
        if row < last_row:
            yield document.finding(
                "item-out-of-order",
                "Keep the content items in the order of TID 2010, which is significant.",
                item.element,
                severity=Severity.WARNING,
                expected=f"row {row} before row {last_row}",
                observed="after it",
            )
        last_row = max(last_row, row)
    descriptions = document.reading.items_of(codes.KEY_OBJECT_DESCRIPTION)
    for repeated in descriptions[1:]:
        yield document.finding(
            "description-repeated",
            "Give the manifest one Key Object Description (113012) at most.",
            repeated.element,
            expected="one",
            observed=str(len(descriptions)),
        )
    if not any(_is_reference(item) for item in items):
        yield document.finding(
            "no-references",
            "Refer in the content to at least one instance; the manifest selects nothing.",
            "(0040,A730)",
            expected="an IMAGE, WAVEFORM or COMPOSITE item",
            observed="none",
        )


def _is_reference(item: ContentItemReading) -> bool:
    return item.value_type in REFERENCE_TYPES


def _row(item: ContentItemReading) -> int | None:
    """Return the row of TID 2010 that an item stands for; None where there is none."""
    frame = (item.relationship, item.value_type)
    if item.relationship == Relationship.CONTAINS and _is_reference(item):
        return 8
    rows: dict[tuple[Concept, str, str], int] = {
        (codes.DOCUMENT_TITLE_MODIFIER, Relationship.HAS_CONCEPT_MODIFIER, ValueType.CODE): 2,
        (codes.LANGUAGE, Relationship.HAS_CONCEPT_MODIFIER, ValueType.CODE): 5,
        (codes.KEY_OBJECT_DESCRIPTION, Relationship.CONTAINS, ValueType.TEXT): 7,
    }
    if item.relationship == Relationship.HAS_OBSERVATION_CONTEXT:
        return 6 if item.concept in _OBSERVER_CONCEPTS else None
    return None if item.concept is None else rows.get((item.concept, *frame))


def _strange_item(document: KeyObjectDocument, item: ContentItemReading) -> Finding:
    if item.concept == _IMAGE_LIBRARY:
        return document.finding(
            "image-library",
            "Leave the image library out: the manifest's template has none, other than later TID 2010.",
            item.element,
            severity=Severity.WARNING,
            expected="no image library",
            observed="an image library",
        )
    known = item.concept in {
        codes.DOCUMENT_TITLE_MODIFIER,
        codes.LANGUAGE,
        codes.KEY_OBJECT_DESCRIPTION,
    } or _is_reference(item)
    return document.finding(
        "item-malformed" if known else "item-not-in-template",
        "Give the item the relationship and value type that TID 2010 gives it."
        if known
        else "Leave out items that TID 2010 does not have: the manifest's template is not extensible.",
        item.element,
        expected="an item of TID 2010",
        observed=" ".join(filter(None, (item.relationship, item.value_type))) or "no relationship, no type",
        quotes=True,
    )


def _reference_items(reading: ManifestReading) -> Iterator[ContentItemReading]:
    return (item for item in reading.items if _is_reference(item))


def _reference_item_findings(document: KeyObjectDocument) -> Iterator[Finding]:
    for item in _reference_items(document.reading):
        if item.concept is not None:
            yield document.finding(
                "reference-named",
                "Leave the concept name off the items that refer to instances.",
                f"{item.element}/(0040,A043)[1]",
                expected="no concept name",
                observed="a concept name",
            )
        if item.nested:
            yield document.finding(
                "reference-nested",
                "Put nothing below the items that refer to instances.",
                f"{item.element}/(0040,A730)",
                expected="no content below it",
                observed=f"{item.nested} content items",
            )
        if len(item.references) != 1:
            yield document.finding(
                "reference-count",
                "Refer to exactly one instance in each reference item.",
                f"{item.element}/(0008,1199)",
                expected="1",
                observed=str(len(item.references)),
            )
        for reference in item.references:
            wanted = reference_type(reference.sop_class_uid)
            if reference.sop_class_uid and wanted != item.value_type:
                yield document.finding(
                    "reference-type",
                    "Refer to images by IMAGE, to waveforms by WAVEFORM, to all else by COMPOSITE items.",
                    f"{item.element}/(0040,A040)",
                    severity=Severity.WARNING,
                    expected=wanted.value,
                    observed=item.value_type,
                )
