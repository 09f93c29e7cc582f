"""The additional teaching file information against Table 1 of the RCR guidance, a rule for each row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import TeachingFileTemplate
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.exchange import (
    TeachingDocument,
    not_applicable,
    nothing_examined,
    original_teaching_documents,
    teaching_documents,
)
from tce_harness.rules.registry import rule
from tce_harness.rules.teaching_file import judge_documents, title_findings
from tce_harness.rules.teaching_file_rows import RCR_ROWS, Row, row_findings, row_items
from tce_harness.standard import codes

_UNIT = "documents"
_COMPONENTS = 5
_GMC = re.compile(r"GMC[0-9]{7}")


def _judged(case: CaseEvidence, find: Callable[[TeachingDocument], Iterator[Finding]]) -> Judgement:
    if case.claims.template is not TeachingFileTemplate.RCR_UK:
        return not_applicable("the RCR's UK template is not claimed", _UNIT)
    return judge_documents(case, find)


def _demanded(case: CaseEvidence, row: Row) -> Judgement:
    return _judged(case, lambda document: row_findings(document, row))


def _optional(case: CaseEvidence, row: Row) -> Judgement:
    """Judge the items of an optional row; where no document has one, there is nothing to judge."""
    judgement = _judged(case, lambda document: row_findings(document, row))
    if not judgement.examined:
        return judgement
    present = sum(len(row_items(each, row)) for each in teaching_documents(case))
    if not present:
        return not_applicable(f"no document has {row.name}, which is optional", "items")
    return Judgement(examined=present, findings=judgement.findings, unit="items")


@rule("teaching-file/rcr-root", judges="RCR-B4.T1")
def rcr_root(case: CaseEvidence) -> Judgement:
    """Row 1: the root is a CONTAINER titled (TCE006, IHERADTF)."""
    return _judged(case, _root_findings)


def _root_findings(document: TeachingDocument) -> Iterator[Finding]:
    yield from title_findings(document, warn_of_dcm=True)
    if document.reading.value_type != "CONTAINER":
        yield document.finding(
            "root-value-type",
            "Make the root of the document a CONTAINER.",
            "(0040,A040)",
            expected="CONTAINER",
            observed=document.reading.value_type or "no value type",
            quotes=True,
        )


@rule("teaching-file/rcr-author", judges="RCR-B4.T2")
def rcr_author(case: CaseEvidence) -> Judgement:
    """Row 2: exactly one Author (TCE101), a TEXT under the root, not empty."""
    return _demanded(case, RCR_ROWS[2])


@rule("teaching-file/rcr-affiliation", judges="RCR-B4.T3")
def rcr_affiliation(case: CaseEvidence) -> Judgement:
    """Row 3: Affiliation (TCE102), where there is one, is a TEXT that the Author has as property."""
    return _optional(case, RCR_ROWS[3])


@rule("teaching-file/rcr-contact", judges="RCR-B4.T4")
def rcr_contact(case: CaseEvidence) -> Judgement:
    """Row 4: Contact (TCE103), where there is one, is a TEXT that the Author has as property."""
    return _optional(case, RCR_ROWS[4])


@rule("teaching-file/rcr-abstract", judges="RCR-B4.T5")
def rcr_abstract(case: CaseEvidence) -> Judgement:
    """Row 5: exactly one Abstract (TCE104), a TEXT under the root, not empty."""
    return _demanded(case, RCR_ROWS[5])


@rule("teaching-file/rcr-keywords", judges="RCR-B4.T6")
def rcr_keywords(case: CaseEvidence) -> Judgement:
    """Row 6: Keywords (TCE105), where there are any, are TEXT under the root."""
    return _optional(case, RCR_ROWS[6])


@rule("teaching-file/rcr-history", judges="RCR-B4.T7")
def rcr_history(case: CaseEvidence) -> Judgement:
    """Row 7: History (121060), where there is any, is TEXT under the root."""
    return _optional(case, RCR_ROWS[7])


@rule("teaching-file/rcr-finding", judges="RCR-B4.T8")
def rcr_finding(case: CaseEvidence) -> Judgement:
    """Row 8: Finding (121071), where there is any, is TEXT under the root."""
    return _optional(case, RCR_ROWS[8])


@rule("teaching-file/rcr-discussion", judges="RCR-B4.T9")
def rcr_discussion(case: CaseEvidence) -> Judgement:
    """Row 9: Discussion (TCE106), where there is any, is TEXT under the root."""
    return _optional(case, RCR_ROWS[9])


@rule("teaching-file/rcr-impression", judges="RCR-B4.T10")
def rcr_impression(case: CaseEvidence) -> Judgement:
    """Row 10: Differential Diagnosis/Impression (111023), where there is any, is TEXT under the root."""
    return _optional(case, RCR_ROWS[10])


@rule("teaching-file/rcr-diagnosis", judges="RCR-B4.T11")
def rcr_diagnosis(case: CaseEvidence) -> Judgement:
    """Row 11: Diagnosis (TCE107), where there is any, is TEXT under the root."""
    return _optional(case, RCR_ROWS[11])


@rule("teaching-file/rcr-author-name", judges="RCR-B4.N1")
def rcr_author_name(case: CaseEvidence) -> Judgement:
    """The author's name has five components, of which the fifth tells the author from all others."""
    return _about_authors(case, _name_findings)


def _name_findings(document: TeachingDocument) -> Iterator[Finding]:
    for item in document.reading.items_of(codes.AUTHOR):
        parts = item.text.split("^")
        if len(parts) != _COMPONENTS or not parts[-1].strip():
            yield document.finding(
                "author-name-components",
                "Write the author as Family^Given^Middle^Prefix^Identifier, with an identifier of its own.",
                f"{item.element}/(0040,A160)",
                severity=Severity.WARNING,
                expected="five components, the fifth not empty",
                observed=f"{len(parts)} components"
                + ("" if parts[-1].strip() else ", the last of them empty"),
            )


@rule("teaching-file/rcr-author-gmc", judges="RCR-B4.N2")
def rcr_author_gmc(case: CaseEvidence) -> Judgement:
    """A doctor's identifier is GMC and the seven digits of the registration."""
    judgement = _about_authors(case, _gmc_findings)
    doctors = [each for each in original_teaching_documents(case) if any(map(_is_gmc, _identifiers(each)))]
    named = [each for each in teaching_documents(case) if any(map(_is_gmc, _identifiers(each)))]
    if judgement.examined and not doctors and not named:
        return not_applicable("nothing says that the author is a doctor on the GMC's register", _UNIT)
    return judgement


def _about_authors(case: CaseEvidence, find: Callable[[TeachingDocument], Iterator[Finding]]) -> Judgement:
    judgement = _judged(case, find)
    if judgement.examined and not any(
        each.reading.items_of(codes.AUTHOR) for each in teaching_documents(case)
    ):
        return nothing_examined("no document names an author", _UNIT)
    return judgement


def _identifiers(document: TeachingDocument) -> list[str]:
    names = [item.text.split("^") for item in document.reading.items_of(codes.AUTHOR)]
    return [parts[_COMPONENTS - 1].strip() for parts in names if len(parts) >= _COMPONENTS]


def _is_gmc(identifier: str) -> bool:
    return identifier.upper().startswith("GMC")


def _gmc_findings(document: TeachingDocument) -> Iterator[Finding]:
    if not any(map(_GMC.fullmatch, _identifiers(document))):
        yield document.finding(
            "author-gmc-number",
            "Write a doctor's identifier as GMC and seven digits, without space, in the fifth component.",
            "(0040,A730)",
            severity=Severity.WARNING,
            expected="GMC and seven digits",
            observed="another identifier, or none",
        )
