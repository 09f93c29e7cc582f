"""Rules about the manifest as a document."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import CTImageStorage, EncapsulatedPDFStorage

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import Claims, CodeSet
from tce_harness.model.finding import Judgement, Severity
from tce_harness.model.requirement import Actor
from tce_harness.objects.content_items import Relationship, code_content, code_item, text_content
from tce_harness.rules import manifest_structure as rules
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

Make = Callable[..., CaseEvidence]
Image = Callable[..., FileDataset]
Selection = Callable[..., list[FileDataset]]
SELECTOR = (Actor.EXPORT_SELECTOR,)
TITLES = [concept for pair in codes.EXPORT_TITLES for concept in pair]
ALL = (rules.title, rules.root, rules.template_items, rules.reference_items)


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


def passes(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined > 0 and not judgement.findings


@pytest.fixture
def document(image: Image, selection: Selection) -> FileDataset:
    return selection([image(1), image(2)])[0]


@pytest.fixture
def seen(case: Make) -> Callable[[Dataset], CaseEvidence]:
    return lambda dataset: case(came={"arrived": [dataset]}, under_test=SELECTOR)


Seen = Callable[[Dataset], CaseEvidence]


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title.value)
def test_every_export_title_of_either_code_set_passes(
    seen: Seen, image: Image, selection: Selection, title: Concept
) -> None:
    document = selection([image(1)], title=title, delay=codes.DELAY_REASONS[0].dcm)[0]
    for judge in ALL:
        assert passes(judge(seen(document))), judge


def test_without_a_manifest_nothing_is_said(case: Make, image: Image) -> None:
    for judge in ALL:
        judgement = judge(case(came={"arrived": [image(1)]}, under_test=SELECTOR))
        assert (judgement.examined, judgement.applicable) == (0, True)


def test_between_grouped_actors_the_manifest_is_not_observable(case: Make, document: FileDataset) -> None:
    grouped = (Actor.EXPORT_SELECTOR, Actor.EXPORT_MANAGER)
    for judge in ALL:
        assert not judge(case(came={"arrived": [document]}, under_test=grouped)).applicable


# --- title


@pytest.mark.parametrize(
    ("value", "scheme", "kind"),
    [
        ("TCE001", "DCM", "title-scheme-wrong"),
        ("128710", "IHERADTF", "title-scheme-wrong"),
        ("113004", "DCM", "title-not-for-export"),
        ("TCE 001", "IHERADTF", "title-not-for-export"),
    ],
)
def test_other_titles_fail(seen: Seen, document: FileDataset, value: str, scheme: str, kind: str) -> None:
    document.ConceptNameCodeSequence = [code_item(Concept(value, scheme, "For Teaching File Export"))]
    assert told(rules.title(seen(document))) == {(kind, Severity.FAIL)}


def test_a_manifest_without_title_fails(seen: Seen, document: FileDataset) -> None:
    del document.ConceptNameCodeSequence
    assert told(rules.title(seen(document))) == {("title-absent", Severity.FAIL)}


def test_a_dcm_title_is_a_warning_where_iheradtf_is_claimed(
    case: Make, image: Image, selection: Selection
) -> None:
    documents = selection([image(1)], title=codes.TEACHING_FILE_EXPORT.dcm)
    seen = case(came={"arrived": documents}, claims=Claims(code_set=CodeSet.IHERADTF), under_test=SELECTOR)
    assert told(rules.title(seen)) == {("title-code-set", Severity.WARNING)}


def test_other_words_for_a_title_are_only_noted(seen: Seen, document: FileDataset) -> None:
    document.ConceptNameCodeSequence[0].CodeMeaning = "FOR TEACHING FILE EXPORT"
    assert passes(rules.title(seen(document)))
    document.ConceptNameCodeSequence[0].CodeMeaning = "Teaching"
    assert told(rules.title(seen(document))) == {("title-meaning", Severity.INFO)}


def test_a_key_image_note_of_the_case_is_not_judged_as_a_manifest(
    case: Make, image: Image, document: FileDataset
) -> None:
    document.ConceptNameCodeSequence = [code_item(codes.KEY_IMAGE_NOTE_TITLES[0])]
    seen = case(
        originals={"study": [image(1), document]},
        came={"arrived": [image(1), document]},
        under_test=SELECTOR,
    )
    assert rules.title(seen).examined == 0


# --- root


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda d: setattr(d, "ValueType", "TEXT"), "root-value-type"),
        (lambda d: setattr(d, "ContinuityOfContent", "CONTINUOUS"), "root-continuity"),
        (
            lambda d: setattr(d.ContentTemplateSequence[0], "TemplateIdentifier", "2000"),
            "template-identifier",
        ),
        (lambda d: setattr(d.ContentTemplateSequence[0], "MappingResource", "99X"), "template-resource"),
    ],
)
def test_a_root_that_tid_2010_does_not_have_fails(
    seen: Seen, document: FileDataset, change: Callable[[Dataset], None], kind: str
) -> None:
    change(document)
    assert told(rules.root(seen(document))) == {(kind, Severity.FAIL)}


def test_a_manifest_that_names_no_template_fails(seen: Seen, document: FileDataset) -> None:
    del document.ContentTemplateSequence
    assert told(rules.root(seen(document))) == {
        ("template-identifier", Severity.FAIL),
        ("template-resource", Severity.FAIL),
    }


# --- content items


def test_an_item_that_the_template_does_not_have_fails(seen: Seen, document: FileDataset) -> None:
    document.ContentSequence.insert(
        4, text_content(Relationship.CONTAINS, Concept("121071", "DCM", "Finding"), "x")
    )
    judgement = rules.template_items(seen(document))
    assert told(judgement) == {("item-not-in-template", Severity.FAIL)}
    assert [each.element for each in judgement.findings] == ["(0040,A730)[5]"]


def test_an_image_library_is_a_warning(seen: Seen, document: FileDataset) -> None:
    library = text_content(Relationship.CONTAINS, Concept("111028", "DCM", "Image Library"), "")
    document.ContentSequence.append(library)
    assert told(rules.template_items(seen(document))) == {("image-library", Severity.WARNING)}


def test_a_known_item_with_a_wrong_relationship_fails(seen: Seen, document: FileDataset) -> None:
    document.ContentSequence[-1].RelationshipType = "HAS PROPERTIES"
    assert told(rules.template_items(seen(document))) == {("item-malformed", Severity.FAIL)}


def test_two_descriptions_fail(seen: Seen, document: FileDataset) -> None:
    document.ContentSequence.insert(
        4, text_content(Relationship.CONTAINS, codes.KEY_OBJECT_DESCRIPTION, "again")
    )
    assert told(rules.template_items(seen(document))) == {("description-repeated", Severity.FAIL)}


def test_a_manifest_that_selects_nothing_fails(seen: Seen, document: FileDataset) -> None:
    document.ContentSequence = document.ContentSequence[:4]
    assert told(rules.template_items(seen(document))) == {("no-references", Severity.FAIL)}
    assert rules.reference_items(seen(document)).examined == 0


def test_a_manifest_without_any_content_fails(seen: Seen, document: FileDataset) -> None:
    del document.ContentSequence
    assert told(rules.template_items(seen(document))) == {("no-references", Severity.FAIL)}


def test_another_order_of_items_is_a_warning(seen: Seen, document: FileDataset) -> None:
    document.ContentSequence = document.ContentSequence[::-1]
    assert told(rules.template_items(seen(document))) == {("item-out-of-order", Severity.WARNING)}


def test_a_manifest_without_description_language_and_observer_passes(
    seen: Seen, document: FileDataset
) -> None:
    document.ContentSequence = document.ContentSequence[4:]
    assert passes(rules.template_items(seen(document)))


# --- reference items


def test_a_concept_name_on_a_reference_fails(seen: Seen, document: FileDataset) -> None:
    document.ContentSequence[-1].ConceptNameCodeSequence = [code_item(Concept("121079", "DCM", "Baseline"))]
    assert told(rules.reference_items(seen(document))) == {("reference-named", Severity.FAIL)}


def test_content_below_a_reference_fails(seen: Seen, document: FileDataset) -> None:
    document.ContentSequence[-1].ContentSequence = [
        code_content(Relationship.HAS_CONCEPT_MODIFIER, codes.LANGUAGE, Concept("en", "RFC5646", "English"))
    ]
    assert told(rules.reference_items(seen(document))) == {("reference-nested", Severity.FAIL)}


@pytest.mark.parametrize("count", [0, 2])
def test_a_reference_item_refers_to_one_instance(seen: Seen, document: FileDataset, count: int) -> None:
    item = document.ContentSequence[-1]
    item.ReferencedSOPSequence = [item.ReferencedSOPSequence[0]] * count
    assert told(rules.reference_items(seen(document))) == {("reference-count", Severity.FAIL)}


def test_an_image_referred_to_as_composite_is_a_warning(seen: Seen, document: FileDataset) -> None:
    document.ContentSequence[-1].ValueType = "COMPOSITE"
    assert told(rules.reference_items(seen(document))) == {("reference-type", Severity.WARNING)}


def test_a_document_referred_to_as_composite_passes(seen: Seen, image: Image, selection: Selection) -> None:
    pdf = image(1, sop_class=EncapsulatedPDFStorage)
    assert pdf.SOPClassUID != CTImageStorage
    assert passes(rules.reference_items(seen(selection([pdf])[0])))
