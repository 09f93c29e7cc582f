"""Rules of the additional teaching file information, base template and RCR Table 1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count

import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import (
    BasicTextSRStorage,
    ComprehensiveSRStorage,
    EncapsulatedPDFStorage,
    KeyObjectSelectionDocumentStorage,
)

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import Claims, CodeSet, Option, TeachingFileTemplate
from tce_harness.model.finding import Judgement, Severity
from tce_harness.model.record import WaitRecord
from tce_harness.model.requirement import Actor
from tce_harness.objects.content_items import Relationship, code_content, code_item, text_content
from tce_harness.objects.teaching_file import Author, TeachingFileInformation
from tce_harness.objects.teaching_file_building import build_teaching_file
from tce_harness.rules import arrival, teaching_file, teaching_file_rcr
from tce_harness.rules.registry import all_rules
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

Make = Callable[..., CaseEvidence]
Image = Callable[..., FileDataset]
Selection = Callable[..., list[FileDataset]]
Export = Callable[..., list[Dataset]]
Judge = Callable[[CaseEvidence], Judgement]
SELECTOR = (Actor.EXPORT_SELECTOR,)
OPTION = (Option.ADDITIONAL_TEACHING_FILE_INFORMATION,)
BASE = Claims(options=OPTION, template=TeachingFileTemplate.BASE)
RCR = Claims(options=OPTION, template=TeachingFileTemplate.RCR_UK)
ROWS = [each for name, each in all_rules().items() if name.startswith("teaching-file/rcr-")]
OPTIONAL = [
    teaching_file_rcr.rcr_affiliation,
    teaching_file_rcr.rcr_contact,
    teaching_file_rcr.rcr_keywords,
    teaching_file_rcr.rcr_history,
    teaching_file_rcr.rcr_finding,
    teaching_file_rcr.rcr_discussion,
    teaching_file_rcr.rcr_impression,
    teaching_file_rcr.rcr_diagnosis,
]
FULL = TeachingFileInformation(
    author=Author(family="Reader", given="Rita", identifier="GMC1234567"),
    affiliation="St Elsewhere",
    contact="rita@example.org",
    abstract="A case of Müller's sign",
    keywords=("chest",),
    history=("Cough",),
    findings=("Nodule",),
    discussion=("Learn this",),
    impression=("Granuloma",),
    diagnosis=("Sarcoidosis",),
    category=codes.CATEGORIES[1].iheradtf,
    level=codes.LEVELS[0].iheradtf,
)
LEAST = TeachingFileInformation(author=FULL.author, abstract="A case")


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


def passes(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined > 0 and not judgement.findings


def inconclusive(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined == 0 and bool(judgement.reason)


@pytest.fixture
def document(image: Image) -> FileDataset:
    return built(FULL, image(1))


@pytest.fixture
def least(image: Image) -> FileDataset:
    return built(LEAST, image(1))


def built(information: TeachingFileInformation, study: FileDataset) -> FileDataset:
    numbers = count(1)
    return build_teaching_file(
        information,
        study,
        uids=lambda: f"1.2.3.800.{next(numbers)}",
        content_datetime=datetime(2026, 1, 2),
        series_number=800,
        templates=(TeachingFileTemplate.RCR_UK,),
    )


def arrived(case: Make, *datasets: Dataset, claims: Claims = RCR) -> CaseEvidence:
    return case(came={"arrived": datasets}, under_test=SELECTOR, claims=claims)


def item(document: Dataset, concept: Concept) -> Dataset:
    found: Dataset = next(
        each
        for each in document.ContentSequence
        if each.ConceptNameCodeSequence[0].CodeValue == concept.value
    )
    return found


# --- the document


def test_a_full_document_passes_every_rule(case: Make, document: FileDataset) -> None:
    for claims in (BASE, RCR):
        seen = arrived(case, document, claims=claims)
        assert passes(teaching_file.sop_class(seen))
        assert passes(teaching_file.title(seen))
    assert passes(teaching_file.base_template(arrived(case, document, claims=BASE)))
    assert len(ROWS) == 13
    for row in ROWS:
        assert passes(row.judge(arrived(case, document))), row.name


def test_without_a_document_or_the_option_nothing_is_judged(
    case: Make, image: Image, document: FileDataset
) -> None:
    rules = [each.judge for each in ROWS]
    for judge in (teaching_file.sop_class, teaching_file.title, *rules):
        assert inconclusive(judge(arrived(case, image(1))))
        assert not judge(arrived(case, document, claims=Claims())).applicable
    assert inconclusive(teaching_file.base_template(arrived(case, image(1), claims=BASE)))


def test_each_template_is_judged_only_where_it_is_claimed(case: Make, document: FileDataset) -> None:
    assert not teaching_file.base_template(arrived(case, document)).applicable
    for row in ROWS:
        assert not row.judge(arrived(case, document, claims=BASE)).applicable


@pytest.mark.parametrize("sop_class", [BasicTextSRStorage, ComprehensiveSRStorage])
def test_another_report_class_is_a_warning(case: Make, document: FileDataset, sop_class: str) -> None:
    document.SOPClassUID = sop_class
    judgement = teaching_file.sop_class(arrived(case, document))
    assert told(judgement) == {("report-class-other", Severity.WARNING)}


@pytest.mark.parametrize("sop_class", [EncapsulatedPDFStorage, KeyObjectSelectionDocumentStorage])
def test_what_is_no_report_fails(case: Make, document: FileDataset, sop_class: str) -> None:
    document.SOPClassUID = sop_class
    judgement = teaching_file.sop_class(arrived(case, document))
    assert told(judgement) == {("not-a-report", Severity.FAIL)}


@pytest.mark.parametrize(
    "title",
    [Concept("TCE006", "DCM", "x"), Concept("128712", "IHERADTF", "x"), Concept("18748-4", "LN", "Report")],
)
def test_another_title_fails(case: Make, document: FileDataset, title: Concept) -> None:
    document.ConceptNameCodeSequence = [code_item(title)]
    assert told(teaching_file.title(arrived(case, document))) == {("title-other", Severity.FAIL)}
    assert ("title-other", Severity.FAIL) in told(teaching_file_rcr.rcr_root(arrived(case, document)))


def test_the_dcm_title_passes_the_profile_and_warns_the_rcr(case: Make, document: FileDataset) -> None:
    document.ConceptNameCodeSequence = [code_item(codes.ADDITIONAL_TEACHING_FILE_INFORMATION.dcm)]
    assert passes(teaching_file.title(arrived(case, document)))
    strict = Claims(options=OPTION, code_set=CodeSet.IHERADTF)
    warning = {("title-code-set", Severity.WARNING)}
    assert told(teaching_file.title(arrived(case, document, claims=strict))) == warning
    assert told(teaching_file_rcr.rcr_root(arrived(case, document))) == warning


def test_a_root_that_is_no_container_fails(case: Make, document: FileDataset) -> None:
    document.ValueType = "TEXT"
    judgement = teaching_file_rcr.rcr_root(arrived(case, document))
    assert told(judgement) == {("root-value-type", Severity.FAIL)}


# --- it is sent


def test_a_document_that_came_was_sent(
    case: Make, document: FileDataset, wait: Callable[..., WaitRecord]
) -> None:
    assert passes(arrival.teaching_file_sent(arrived(case, document)))
    seen = case(records=[wait(met=False)], claims=RCR, under_test=SELECTOR)
    assert told(arrival.teaching_file_sent(seen)) == {("teaching-file-absent", Severity.FAIL)}
    assert inconclusive(arrival.teaching_file_sent(case(claims=RCR, under_test=SELECTOR)))


def test_the_manifest_lists_the_document(
    case: Make, image: Image, document: FileDataset, selection: Selection
) -> None:
    listing = selection([image(1), document])
    assert passes(teaching_file.manifest_lists_teaching_file(arrived(case, document, *listing)))
    judgement = teaching_file.manifest_lists_teaching_file(arrived(case, document, *selection([image(1)])))
    assert told(judgement) == {("teaching-file-not-listed", Severity.FAIL)}
    assert inconclusive(teaching_file.manifest_lists_teaching_file(arrived(case, document)))


# --- the base template


def test_a_document_for_the_rcr_lacks_what_the_base_demands(case: Make, least: FileDataset) -> None:
    judgement = teaching_file.base_template(arrived(case, least, claims=BASE))
    assert told(judgement) == {("item-absent", Severity.FAIL)}
    assert len(judgement.findings) == 2


def test_dcm_codes_for_category_and_coded_keywords_pass_the_base(case: Make, document: FileDataset) -> None:
    item(document, codes.CATEGORY.iheradtf).ConceptNameCodeSequence = [code_item(codes.CATEGORY.dcm)]
    position = list(document.ContentSequence).index(item(document, codes.KEYWORDS))
    document.ContentSequence[position] = code_content(
        Relationship.CONTAINS, codes.KEYWORDS, Concept("J98.4", "I10", "Lung")
    )
    assert passes(teaching_file.base_template(arrived(case, document, claims=BASE)))


def test_an_unusual_category_is_only_noted(case: Make, document: FileDataset) -> None:
    item(document, codes.CATEGORY.iheradtf).ConceptCodeSequence = [code_item(Concept("1", "99X", "Mine"))]
    judgement = teaching_file.base_template(arrived(case, document, claims=BASE))
    assert told(judgement) == {("value-unusual", Severity.INFO)}


def test_another_order_is_a_warning(case: Make, document: FileDataset) -> None:
    document.ContentSequence = document.ContentSequence[::-1]
    judgement = teaching_file.base_template(arrived(case, document, claims=BASE))
    assert told(judgement) == {("item-out-of-order", Severity.WARNING)}


def test_items_that_the_base_does_not_have_are_no_fault(case: Make, document: FileDataset) -> None:
    document.ContentSequence.append(text_content(Relationship.CONTAINS, Concept("1", "99X", "Mine"), "x"))
    assert passes(teaching_file.base_template(arrived(case, document, claims=BASE)))


# --- RCR Table 1


@pytest.mark.parametrize("judge", OPTIONAL)
def test_an_optional_row_without_items_does_not_apply(case: Make, least: FileDataset, judge: Judge) -> None:
    judgement = judge(arrived(case, least))
    assert not judgement.applicable
    assert judgement.reason


@pytest.mark.parametrize(
    ("judge", "concept"),
    [(teaching_file_rcr.rcr_author, codes.AUTHOR), (teaching_file_rcr.rcr_abstract, codes.ABSTRACT)],
)
def test_a_demanded_row_stands_once_with_a_value(
    case: Make, document: FileDataset, judge: Judge, concept: Concept
) -> None:
    found = item(document, concept)
    document.ContentSequence.append(text_content(Relationship.CONTAINS, concept, "another"))
    assert told(judge(arrived(case, document))) == {("item-repeated", Severity.FAIL)}
    del document.ContentSequence[-1]
    found.TextValue = " "
    assert told(judge(arrived(case, document))) == {("item-empty", Severity.FAIL)}
    document.ContentSequence.remove(found)
    assert told(judge(arrived(case, document))) == {("item-absent", Severity.FAIL)}


DEPTH_ONE = [
    (teaching_file_rcr.rcr_author, codes.AUTHOR),
    (teaching_file_rcr.rcr_abstract, codes.ABSTRACT),
    (teaching_file_rcr.rcr_keywords, codes.KEYWORDS),
    (teaching_file_rcr.rcr_history, codes.HISTORY),
    (teaching_file_rcr.rcr_finding, codes.FINDING),
    (teaching_file_rcr.rcr_discussion, codes.DISCUSSION),
    (teaching_file_rcr.rcr_impression, codes.IMPRESSION),
    (teaching_file_rcr.rcr_diagnosis, codes.DIAGNOSIS),
]


@pytest.mark.parametrize(("judge", "concept"), DEPTH_ONE)
def test_a_row_with_a_wrong_relationship_type_or_scheme_fails(
    case: Make, document: FileDataset, judge: Judge, concept: Concept
) -> None:
    found = item(document, concept)
    found.RelationshipType = "HAS PROPERTIES"
    assert told(judge(arrived(case, document))) == {("item-misplaced", Severity.FAIL)}
    found.RelationshipType = "CONTAINS"
    found.ValueType = "UIDREF"
    assert told(judge(arrived(case, document))) == {("item-type", Severity.FAIL)}
    found.ValueType = "TEXT"
    found.ConceptNameCodeSequence[0].CodingSchemeDesignator = "99X"
    assert ("item-scheme", Severity.FAIL) in told(judge(arrived(case, document)))


@pytest.mark.parametrize(("judge", "concept"), [DEPTH_ONE[2], DEPTH_ONE[3], DEPTH_ONE[7]])
def test_a_coded_item_of_the_base_template_is_only_noted(
    case: Make, document: FileDataset, judge: Judge, concept: Concept
) -> None:
    position = list(document.ContentSequence).index(item(document, concept))
    document.ContentSequence[position] = code_content(
        Relationship.CONTAINS, concept, Concept("J98.4", "I10", "Lung")
    )
    assert told(judge(arrived(case, document))) == {("item-coded", Severity.INFO)}


def test_findings_for_finding_is_only_noted(case: Make, document: FileDataset) -> None:
    item(document, codes.FINDING).ConceptNameCodeSequence[0].CodeMeaning = "Findings"
    judgement = teaching_file_rcr.rcr_finding(arrived(case, document))
    assert told(judgement) == {("item-meaning", Severity.INFO)}


@pytest.mark.parametrize(
    ("judge", "concept"),
    [
        (teaching_file_rcr.rcr_affiliation, codes.AFFILIATION),
        (teaching_file_rcr.rcr_contact, codes.CONTACT),
    ],
)
def test_a_property_of_the_author_beside_it_fails(
    case: Make, least: FileDataset, judge: Judge, concept: Concept
) -> None:
    least.ContentSequence.append(text_content(Relationship.CONTAINS, concept, "x"))
    assert told(judge(arrived(case, least))) == {("item-misplaced", Severity.FAIL)}


@pytest.mark.parametrize("name", ["Reader^Rita", "Reader^Rita^^^", "Reader^Rita^^Dr^x^y", "Rita Reader"])
def test_a_name_without_a_fifth_component_is_a_warning(case: Make, document: FileDataset, name: str) -> None:
    item(document, codes.AUTHOR).TextValue = name
    judgement = teaching_file_rcr.rcr_author_name(arrived(case, document))
    assert told(judgement) == {("author-name-components", Severity.WARNING)}
    assert "Rita" not in str(judgement)


@pytest.mark.parametrize("identifier", ["GMC123456", "GMC 1234567", "gmc1234567", "GMC12345678"])
def test_a_misspelt_gmc_number_is_a_warning(case: Make, document: FileDataset, identifier: str) -> None:
    item(document, codes.AUTHOR).TextValue = f"Reader^Rita^^^{identifier}"
    judgement = teaching_file_rcr.rcr_author_gmc(arrived(case, document))
    assert told(judgement) == {("author-gmc-number", Severity.WARNING)}


def test_who_is_no_doctor_needs_no_gmc_number_unless_the_case_says_so(
    case: Make, image: Image, document: FileDataset
) -> None:
    original = built(FULL, image(1))
    item(document, codes.AUTHOR).TextValue = "Reader^Rita^^^staff-7"
    assert not teaching_file_rcr.rcr_author_gmc(arrived(case, document)).applicable
    seen = case(originals={"atfi": [original]}, came={"arrived": [document]}, under_test=SELECTOR, claims=RCR)
    assert told(teaching_file_rcr.rcr_author_gmc(seen)) == {("author-gmc-number", Severity.WARNING)}


def test_without_an_author_there_is_no_name_to_judge(case: Make, document: FileDataset) -> None:
    document.ContentSequence.remove(item(document, codes.AUTHOR))
    assert inconclusive(teaching_file_rcr.rcr_author_name(arrived(case, document)))
    assert inconclusive(teaching_file_rcr.rcr_author_gmc(arrived(case, document)))


# --- the export keeps it


def exported(
    case: Make, image: Image, document: FileDataset, selection: Selection, came: list[Dataset], *codes_: str
) -> CaseEvidence:
    claims = Claims(options=OPTION, deidentification_codes=("113100", *codes_))
    originals = {"study": [image(1)], "atfi": [document], "manifest": selection([image(1), document])}
    return case(originals=originals, came={"arrived": came}, claims=claims)


def test_a_document_with_all_items_arrives_intact(
    case: Make, image: Image, document: FileDataset, selection: Selection, export: Export
) -> None:
    came = export([image(1), document])
    assert passes(teaching_file.arrives_intact(exported(case, image, document, selection, came)))
    item(came[1], codes.HISTORY).TextValue = "Cough, cleaned"
    judgement = teaching_file.arrives_intact(exported(case, image, document, selection, came))
    assert told(judgement) == {("item-reworded", Severity.INFO)}


def test_a_document_that_is_not_exported_fails(
    case: Make, image: Image, document: FileDataset, selection: Selection, export: Export
) -> None:
    seen = exported(case, image, document, selection, export([image(1)]))
    assert told(teaching_file.arrives_intact(seen)) == {("teaching-file-not-exported", Severity.FAIL)}


@pytest.mark.parametrize("how", ["dropped", "emptied"])
def test_a_lost_item_fails_only_where_clean_descriptors_is_claimed(
    case: Make, image: Image, document: FileDataset, selection: Selection, export: Export, how: str
) -> None:
    came = export([image(1), document])
    history = item(came[1], codes.HISTORY)
    if how == "dropped":
        came[1].ContentSequence.remove(history)
    else:
        history.TextValue = ""
    seen = exported(case, image, document, selection, came)
    assert told(teaching_file.arrives_intact(seen)) == {("item-lost", Severity.WARNING)}
    seen = exported(case, image, document, selection, came, "113105")
    assert told(teaching_file.arrives_intact(seen)) == {("item-lost", Severity.FAIL)}


def test_a_changed_author_or_code_is_told(
    case: Make, image: Image, document: FileDataset, selection: Selection, export: Export
) -> None:
    came = export([image(1), document])
    item(came[1], codes.AUTHOR).TextValue = "X^Y^^^1"
    seen = exported(case, image, document, selection, came)
    assert told(teaching_file.arrives_intact(seen)) == {("author-changed", Severity.FAIL)}
    came = export([image(1), document])
    item(came[1], codes.LEVEL.iheradtf).ConceptCodeSequence = [code_item(codes.LEVELS[2].iheradtf)]
    seen = exported(case, image, document, selection, came)
    assert told(teaching_file.arrives_intact(seen)) == {("item-lost", Severity.WARNING)}


def test_what_was_not_selected_need_not_arrive(
    case: Make, image: Image, document: FileDataset, selection: Selection, export: Export
) -> None:
    originals = {"study": [image(1)], "atfi": [document], "manifest": selection([image(1)])}
    came = export([image(1)])
    seen = case(originals=originals, came={"arrived": came}, claims=RCR)
    assert inconclusive(teaching_file.arrives_intact(seen))
    assert inconclusive(teaching_file.arrives_intact(exported(case, image, document, selection, [])))
