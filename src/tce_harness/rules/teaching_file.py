"""The additional teaching file information as a document, and that it arrives whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydicom.uid import (
    BasicTextSRStorage,
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    EnhancedSRStorage,
    ExtensibleSRStorage,
)

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import CodeSet, Option, TeachingFileTemplate
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.objects.teaching_file import TeachingFileItem
from tce_harness.rules.exchange import (
    TeachingDocument,
    key_objects,
    manifests,
    nothing_examined,
    original_teaching_documents,
    selected_originals,
    teaching_documents,
    unclaimed,
)
from tce_harness.rules.registry import rule
from tce_harness.rules.teaching_file_rows import BASE_ROWS, Row, row_findings
from tce_harness.standard import codes

_UNIT = "documents"
_NONE = "no additional teaching file information arrived in the judged steps"
_TITLE = "(0040,A043)[1]"
_TOLERATED_CLASSES = frozenset(
    {BasicTextSRStorage, ComprehensiveSRStorage, Comprehensive3DSRStorage, ExtensibleSRStorage}
)
_CLEAN_DESCRIPTORS = "113105"


def judge_documents(case: CaseEvidence, find: Callable[[TeachingDocument], Iterator[Finding]]) -> Judgement:
    """Judge each document that came; without the option claimed, nothing."""
    away = unclaimed(case, Option.ADDITIONAL_TEACHING_FILE_INFORMATION)
    if away is not None:
        return away
    documents = teaching_documents(case)
    if not documents:
        return nothing_examined(_NONE, _UNIT)
    findings = tuple(finding for each in documents for finding in find(each))
    return Judgement(examined=len(documents), findings=findings, unit=_UNIT)


@rule("teaching-file/sop-class", judges="TCE-RAD52-001")
def sop_class(case: CaseEvidence) -> Judgement:
    """The additional teaching file information is an Enhanced SR document."""
    return judge_documents(case, _class_findings)


def _class_findings(document: TeachingDocument) -> Iterator[Finding]:
    found = document.reading.sop_class_uid
    if found == EnhancedSRStorage:
        return
    tolerated = found in _TOLERATED_CLASSES
    yield document.finding(
        "report-class-other" if tolerated else "not-a-report",
        "Make the additional teaching file information an Enhanced SR document; another report class may not "
        "be taken everywhere."
        if tolerated
        else "Make the additional teaching file information a structured report, of class Enhanced SR.",
        "(0008,0016)",
        severity=Severity.WARNING if tolerated else Severity.FAIL,
        expected=EnhancedSRStorage,
        observed=found,
        quotes=True,
    )


@rule("teaching-file/title", judges="TCE-RAD52-005")
def title(case: CaseEvidence) -> Judgement:
    """The document title is Additional Teaching File Information, in either code set."""
    return judge_documents(
        case, lambda document: title_findings(document, warn_of_dcm=case.claims.code_set is CodeSet.IHERADTF)
    )


def title_findings(document: TeachingDocument, *, warn_of_dcm: bool) -> Iterator[Finding]:
    """Yield what is wrong with a document's title."""
    pair = codes.ADDITIONAL_TEACHING_FILE_INFORMATION
    found = document.reading.title
    if found is None or found not in tuple(pair):
        yield document.finding(
            "title-other",
            "Title the document (TCE006, IHERADTF) or (128712, DCM), each code with its own scheme.",
            _TITLE,
            expected=" or ".join(f"({each.value}, {each.scheme})" for each in pair),
            observed="no title" if found is None else f"({found.value}, {found.scheme})",
            quotes=True,
        )
    elif found == pair.dcm and warn_of_dcm:
        yield document.finding(
            "title-code-set",
            "Title the document with the IHERADTF code that is asked for; DCM's means the same.",
            _TITLE,
            severity=Severity.WARNING,
            expected=f"({pair.iheradtf.value}, {pair.iheradtf.scheme})",
            observed=f"({found.value}, {found.scheme})",
        )


@rule("teaching-file/base-template", judges="TCE-RAD52-002")
def base_template(case: CaseEvidence) -> Judgement:
    """The content has the items of Table H-1 with their value types, relationships and multiplicities."""
    if case.claims.template is not TeachingFileTemplate.BASE:
        return Judgement(examined=0, unit=_UNIT, applicable=False, reason="the base template is not claimed")
    return judge_documents(case, _base_findings)


def _base_findings(document: TeachingDocument) -> Iterator[Finding]:
    for row in BASE_ROWS:
        yield from row_findings(document, row)
    last = -1
    for item in document.reading.items:
        place = _place(item)
        if item.depth != 1 or place is None:
            continue
        if place < last:
            yield document.finding(
                "item-out-of-order",
                "Keep the items in the order of Table H-1, which is significant.",
                item.element,
                severity=Severity.WARNING,
                expected="the table's order",
                observed="an item after one that follows it in the table",
            )
        last = max(last, place)


def _place(item: TeachingFileItem) -> int | None:
    rows: tuple[Row, ...] = BASE_ROWS
    return next((number for number, row in enumerate(rows) if item.concept in row.concepts), None)


@rule("manifest/lists-teaching-file", judges="TCE-RAD52-004")
def manifest_lists_teaching_file(case: CaseEvidence) -> Judgement:
    """The manifest lists the additional teaching file information like any other instance."""
    away = unclaimed(case, Option.ADDITIONAL_TEACHING_FILE_INFORMATION)
    if away is not None:
        return away
    documents = teaching_documents(case)
    if not documents:
        return nothing_examined(_NONE, _UNIT)
    listing = manifests(case) or tuple(
        each for each in key_objects(case.all_arrivals) if each.reading.is_export_manifest
    )
    if not listing:
        return nothing_examined("no manifest arrived that could list it", _UNIT)
    listed = {uid for each in listing for uid in each.reading.listed}
    findings = tuple(
        each.finding(
            "teaching-file-not-listed",
            "List the additional teaching file information in the manifest; receivers look for it there.",
            "(0008,0018)",
            expected="listed by the manifest",
            observed="not listed",
        )
        for each in documents
        if each.instance.sop_instance_uid not in listed
    )
    return Judgement(examined=len(documents), findings=findings, unit=_UNIT)


# --- the export keeps it -------------------------------------------------------------------------


@rule("teaching-file/arrives-intact", judges="TCE-RAD53-017")
def arrives_intact(case: CaseEvidence) -> Judgement:
    """The additional teaching file information is exported with all its items, the author unchanged."""
    away = unclaimed(case, Option.ADDITIONAL_TEACHING_FILE_INFORMATION)
    if away is not None:
        return away
    selected = {each.digest for each in selected_originals(case)}
    originals = [each for each in original_teaching_documents(case) if each.instance.digest in selected]
    if not originals:
        return nothing_examined("no additional teaching file information was selected", _UNIT)
    if not case.subjects:
        return nothing_examined("nothing was exported", _UNIT)
    exported = teaching_documents(case)
    findings: list[Finding] = []
    for original in originals:
        came = _exported_from(original, exported, alone=len(originals) == 1)
        if came is None:
            findings.append(
                original.finding(
                    "teaching-file-not-exported",
                    "Export the additional teaching file information with the case; it never came.",
                    None,
                    expected="the document, de-identified",
                    observed="none",
                )
            )
        else:
            claimed = _CLEAN_DESCRIPTORS in case.claims.deidentification_codes
            findings += _lost_items(original, came, claimed=claimed)
    return Judgement(examined=len(originals), findings=tuple(findings), unit=_UNIT)


def _exported_from(
    original: TeachingDocument, exported: tuple[TeachingDocument, ...], *, alone: bool
) -> TeachingDocument | None:
    same = [each for each in exported if each.instance.label == original.instance.label]
    if not same and alone:
        same = list(exported)
    return next(iter(same), None)


def _lost_items(original: TeachingDocument, came: TeachingDocument, *, claimed: bool) -> Iterator[Finding]:
    remaining = list(came.reading.items)
    for item in original.reading.items:
        kept = next((each for each in remaining if _same_place(item, each)), None)
        if kept is not None:
            remaining.remove(kept)
        if item.concept == codes.AUTHOR:
            yield from _author_findings(came, item, kept)
        elif kept is None or (item.text and not kept.text) or (item.value and item.value != kept.value):
            yield came.finding(
                "item-lost",
                "Keep every item of the additional teaching file information, with its text cleaned."
                if claimed
                else "An item's content is gone: PS3.15 Table E.3.4-1 removes it unless Clean Descriptors "
                "(113105) is claimed; claim 113105 and clean the text.",
                item.element,
                severity=Severity.FAIL if claimed else Severity.WARNING,
                expected="the item with a value",
                observed="no such item" if kept is None else "no value, or another code",
            )
        elif item.text != kept.text:
            yield came.finding(
                "item-reworded",
                "The text of this item was reworded; see that its teaching content is still there.",
                kept.element,
                severity=Severity.INFO,
                expected="the words of the selection, cleaned",
                observed="other words",
            )


def _same_place(one: TeachingFileItem, other: TeachingFileItem) -> bool:
    """Tell whether two items say the same kind of thing; of several, first meets first."""
    return (one.concept, one.value_type, one.relationship, one.depth, one.parent_concept) == (
        other.concept,
        other.value_type,
        other.relationship,
        other.depth,
        other.parent_concept,
    )


def _author_findings(
    came: TeachingDocument, author: TeachingFileItem, kept: TeachingFileItem | None
) -> Iterator[Finding]:
    if kept is None or kept.text != author.text:
        yield came.finding(
            "author-changed",
            "Keep the author (TCE101) as written: it tells the receiver whose folder the case is for.",
            author.element if kept is None else kept.element,
            expected="the author of the selection",
            observed="no author" if kept is None or not kept.text else "another text",
        )
