"""Additional teaching file information: both templates, both code sets, read back, and read when wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import (
    BasicTextSRStorage,
    ComprehensiveSRStorage,
    CTImageStorage,
    EnhancedSRStorage,
    KeyObjectSelectionDocumentStorage,
)

from tce_harness.model.claims import TeachingFileTemplate
from tce_harness.model.errors import HarnessError
from tce_harness.objects.content_items import code_item
from tce_harness.objects.instance import encode_instance
from tce_harness.objects.teaching_file import (
    Author,
    Entry,
    TeachingFileInformation,
    is_structured_report,
    is_teaching_file_information,
    read_teaching_file,
)
from tce_harness.objects.teaching_file_building import BOTH_TEMPLATES, Coding, build_teaching_file, missing
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

Maker = Callable[..., FileDataset]
Uids = Callable[[], Callable[[], str]]
Examiner = Callable[[FileDataset], list[str]]

AUTHOR = Author(family="Okonkwo-Reid", given="Siân", middle="M", prefix="Dr", identifier="GMC9999999")
FULL = TeachingFileInformation(
    author=AUTHOR,
    affiliation="A hospital",
    contact="siân@example.org",
    abstract="Ring shadow on a chest radiograph",
    keywords=("vascular ring", Concept("Q25.4", "I10", "Congenital malformation of aorta")),
    history=("Stridor since birth",),
    findings=("Right arch", "Indented trachea"),
    discussion=("Look at the trachea first.",),
    impression=("Vascular ring",),
    diagnosis=("Double aortic arch",),
    category=codes.CATEGORIES[2].iheradtf,
    level=codes.LEVELS[1].iheradtf,
    diagnosis_confirmed=codes.YES,
)


def build(information: TeachingFileInformation, study: FileDataset, uids: Uids, **how: object) -> FileDataset:
    document = build_teaching_file(
        information,
        study,
        uids=uids(),
        content_datetime=datetime(2024, 3, 6, 9, 30),
        series_number=902,
        **how,  # type: ignore[arg-type]
    )
    return dcmread(BytesIO(encode_instance(document)))


def test_affiliation_and_contact_are_properties_of_the_author(instance: Maker, uid_source: Uids) -> None:
    reading = read_teaching_file(build(FULL, instance(1), uid_source))
    author, affiliation, contact = reading.items[:3]
    assert author.text == "Okonkwo-Reid^Siân^M^Dr^GMC9999999"
    assert (author.relationship, author.depth, author.parent) == ("CONTAINS", 1, "")
    for item in (affiliation, contact):
        assert (item.relationship, item.value_type, item.depth) == ("HAS PROPERTIES", "TEXT", 2)
        assert item.parent == author.element == "(0040,A730)[1]"
        assert item.parent_concept == codes.AUTHOR
    assert contact.element == "(0040,A730)[1]/(0040,A730)[2]"


def test_items_stand_in_the_order_of_the_template_with_text_before_code(
    instance: Maker, uid_source: Uids
) -> None:
    reading = read_teaching_file(build(FULL, instance(1), uid_source))
    assert [(each.concept.value, each.value_type) for each in reading.items if each.concept] == [
        ("TCE101", "TEXT"), ("TCE102", "TEXT"), ("TCE103", "TEXT"), ("TCE104", "TEXT"), ("TCE105", "TEXT"),
        ("TCE105", "CODE"), ("121060", "TEXT"), ("121071", "TEXT"), ("121071", "TEXT"), ("TCE106", "TEXT"),
        ("111023", "TEXT"), ("TCE107", "TEXT"), ("TCE109", "CODE"), ("TCE110", "CODE"), ("TCE111", "CODE"),
    ]  # fmt: skip


def test_frame_of_the_document(instance: Maker, uid_source: Uids) -> None:
    study = instance(1)
    document = build(FULL, study, uid_source)
    reading = read_teaching_file(document)
    assert reading.sop_class_uid == EnhancedSRStorage
    assert (reading.modality, reading.value_type, reading.continuity) == ("SR", "CONTAINER", "SEPARATE")
    assert (reading.completion_flag, reading.verification_flag) == ("COMPLETE", "UNVERIFIED")
    assert (document.StudyInstanceUID, document.PatientID) == (study.StudyInstanceUID, study.PatientID)
    assert document.SeriesInstanceUID != study.SeriesInstanceUID


@pytest.mark.parametrize("coding", Coding)
@pytest.mark.parametrize("sop_class", [EnhancedSRStorage, BasicTextSRStorage, ComprehensiveSRStorage])
def test_dciodvfy_finds_no_error_in_either_code_set_and_any_sop_class(
    coding: Coding,
    sop_class: str,
    instance: Maker,
    uid_source: Uids,
    dciodvfy_errors: Examiner,
) -> None:
    document = build(FULL, instance(1), uid_source, coding=coding, sop_class_uid=sop_class)
    assert is_teaching_file_information(document)
    assert dciodvfy_errors(document) == []
    del document.ContentSequence[0].TextValue
    assert dciodvfy_errors(document) != []


@pytest.mark.parametrize("coding", Coding)
def test_title_category_and_level_are_in_the_chosen_code_set(
    coding: Coding, instance: Maker, uid_source: Uids
) -> None:
    reading = read_teaching_file(build(FULL, instance(1), uid_source, coding=coding))
    assert reading.title == coding.side(codes.ADDITIONAL_TEACHING_FILE_INFORMATION)
    (category,) = reading.items_of(*codes.CATEGORY)
    assert category.concept == coding.side(codes.CATEGORY)
    assert category.value == coding.side(codes.CATEGORIES[2])
    (level,) = reading.items_of(*codes.LEVEL)
    assert (level.concept, level.value) == (coding.side(codes.LEVEL), coding.side(codes.LEVELS[1]))
    (keyword,) = [each for each in reading.items_of(codes.KEYWORDS) if each.value]
    assert keyword.value == Concept("Q25.4", "I10", "")


def test_the_least_that_satisfies_both_templates(instance: Maker, uid_source: Uids) -> None:
    least = TeachingFileInformation(
        author=AUTHOR, abstract="A case", keywords=("case",), category=codes.CATEGORIES[0].iheradtf
    )
    assert all(missing(least, template) == () for template in BOTH_TEMPLATES)
    assert len(read_teaching_file(build(least, instance(1), uid_source)).items) == 4


def test_the_least_of_the_uk_template_lacks_what_the_base_template_demands(
    instance: Maker, uid_source: Uids
) -> None:
    least = TeachingFileInformation(author=AUTHOR, abstract="A case")
    assert missing(least, TeachingFileTemplate.RCR_UK) == ()
    assert missing(least, TeachingFileTemplate.BASE) == ("Keywords", "Category")
    assert build(least, instance(1), uid_source, templates=[TeachingFileTemplate.RCR_UK])
    with pytest.raises(HarnessError, match="lacks Keywords, Category, which template base demands"):
        build(least, instance(1), uid_source)


def test_the_uk_template_demands_an_identifier_of_the_author(instance: Maker, uid_source: Uids) -> None:
    nameless = replace(FULL, author=Author(family="Reid", given="Siân"))
    assert build(nameless, instance(1), uid_source, templates=[TeachingFileTemplate.BASE])
    with pytest.raises(HarnessError, match="identifier as fifth name component"):
        build(nameless, instance(1), uid_source)


def test_an_image_sop_class_is_refused(instance: Maker, uid_source: Uids) -> None:
    with pytest.raises(HarnessError, match="cannot carry"):
        build(FULL, instance(1), uid_source, sop_class_uid=CTImageStorage)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("A^B^C^D^GMC1234567", ("A", "B", "C", "D", "GMC1234567")),
        ("A^B", ("A", "B", "", "", "")),
        ("", ("", "", "", "", "")),
        ("A^B^C^D^E^F", ("A", "B", "C", "D", "E^F")),
    ],
)
def test_an_author_is_taken_apart_at_carets(name: str, parts: tuple[str, ...]) -> None:
    author = Author.from_name(name)
    assert (author.family, author.given, author.middle, author.prefix, author.identifier) == parts


words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=60)
part = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=1, max_size=12)
concepts = st.builds(Concept, st.from_regex(r"[A-Z0-9.]{1,16}", fullmatch=True), st.just("99T"), st.just("m"))


def _sorted(entries: list[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda each: isinstance(each, Concept)))


entries = st.lists(words | concepts, max_size=3).map(_sorted)
information = st.builds(
    TeachingFileInformation,
    author=st.builds(
        Author, family=part, given=part, middle=part | st.just(""), prefix=part, identifier=part
    ),
    affiliation=st.none() | words,
    contact=st.none() | words,
    abstract=words,
    keywords=st.lists(words, min_size=1, max_size=3).map(tuple),
    history=entries,
    findings=entries,
    discussion=entries,
    impression=entries,
    diagnosis=entries,
    anatomy=entries,
    pathology=entries,
    organ_systems=entries,
    modalities=st.lists(concepts, max_size=2).map(tuple),
    category=st.sampled_from([each.iheradtf for each in codes.CATEGORIES]),
    level=st.none() | st.sampled_from([each.iheradtf for each in codes.LEVELS]),
    diagnosis_confirmed=st.none() | st.sampled_from([codes.YES, codes.NO]),
)


@settings(max_examples=50, deadline=None)
@given(said=information)
def test_reading_gives_back_what_was_built(
    said: TeachingFileInformation, instance: Maker, uid_source: Uids
) -> None:
    assert read_teaching_file(build(said, instance(1), uid_source)).information() == said


def test_a_report_with_another_title_is_told_apart(instance: Maker, uid_source: Uids) -> None:
    document = build(FULL, instance(1), uid_source)
    document.ConceptNameCodeSequence = [code_item(Concept("18748-4", "LN", "Diagnostic Imaging Report"))]
    assert is_structured_report(document)
    assert not is_teaching_file_information(document)


@pytest.mark.parametrize("sop_class", [KeyObjectSelectionDocumentStorage, CTImageStorage])
def test_the_title_alone_does_not_make_teaching_file_information(
    sop_class: str, instance: Maker, uid_source: Uids
) -> None:
    document = build(FULL, instance(1), uid_source)
    document.SOPClassUID = sop_class
    assert not is_teaching_file_information(document)


def test_an_affiliation_below_the_root_is_not_taken_for_the_authors(
    instance: Maker, uid_source: Uids
) -> None:
    document = build(FULL, instance(1), uid_source)
    (affiliation, *others) = document.ContentSequence[0].ContentSequence
    document.ContentSequence[0].ContentSequence = others
    document.ContentSequence.append(affiliation)
    reading = read_teaching_file(document)
    (found,) = reading.items_of(codes.AFFILIATION)
    assert (found.depth, found.parent) == (1, "")
    said = reading.information()
    assert said is not None
    assert said.affiliation is None


def test_a_report_without_author_says_nothing_but_is_read() -> None:
    document = Dataset()
    document.ContentSequence = [Dataset()]
    reading = read_teaching_file(document)
    assert len(reading.items) == 1
    assert reading.information() is None


def test_items_nested_beyond_any_recursion_limit_are_read() -> None:
    document = Dataset()
    here = document
    for _ in range(3000):
        item = Dataset()
        here.ContentSequence = [item]
        here = item
    items = read_teaching_file(document).items
    assert items[-1].depth == len(items) == 3000
