"""Structured content by concept name, in all its containers: Table E.3.4-1 of PS3.15."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from pydicom import uid as uids
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr._snomed_dict import mapping

from tce_harness.deidentify import Deidentified, Deidentifier, Policy, Pseudonyms
from tce_harness.deidentify.content_items import outcome_of, row_of, value_type_of
from tce_harness.standard.confidentiality import ContentItemRow, OptionColumn, content_item_rows

Deidentify = Callable[[Dataset], Dataset]


def coded(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def item_of(kind: str, name: Dataset) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType, item.ConceptNameCodeSequence = "CONTAINS", kind, [name]
    return item


def text_of(name: Dataset, text: str) -> Dataset:
    item = item_of("TEXT", name)
    item.TextValue = text
    return item


@pytest.mark.parametrize("row", content_item_rows(), ids=lambda row: f"{row.code} {row.value_type}")
def test_every_row_is_found_by_its_code_and_decided_by_its_columns(row: ContentItemRow) -> None:
    item = item_of(row.value_type, coded(row.code, row.scheme, "in other words"))
    assert row_of(item) == row
    for column, code in row.options.items():
        assert outcome_of(row, {column}) == code
    assert outcome_of(row, set(OptionColumn) - set(row.options)) == ""


def test_a_retired_code_is_found_as_its_successor() -> None:
    retired = {new: old for old, new in mapping["SRT"].items()}
    found = 0
    for row in content_item_rows():
        if row.scheme == "SCT" and row.code in retired:
            for scheme in ("SRT", "SNM3", "99SDM"):
                item = item_of(row.value_type, coded(retired[row.code], scheme, "as it was"))
                assert row_of(item) == row
            found += 1
    assert found > 3
    assert row_of(item_of("TEXT", coded("G-C0E3", "99OTHER", "Finding Site"))) is None


def test_an_annotation_of_a_waveform_shows_its_value_type() -> None:
    text, number, code, bare = Dataset(), Dataset(), Dataset(), Dataset()
    for item in (text, number, code):
        item.ConceptNameCodeSequence = [coded("121106", "DCM", "Comment")]
    text.UnformattedTextValue, number.NumericValue, code.ConceptCodeSequence = "a", "1", []
    bare.UnformattedTextValue = "a"
    assert [value_type_of(item) for item in (text, number, code, bare)] == ["TEXT", "NUM", "CODE", ""]


@pytest.mark.parametrize(
    ("value", "meaning", "bare", "cleaned"),
    [
        ("121071", "Finding", "REMOVED", "Mass in the right lung"),
        ("113012", "Key Object Description", "REMOVED", "Mass in the right lung"),
        ("121022", "Accession Number", "REMOVED", "REMOVED"),
        ("121008", "Person Observer Name", "REMOVED", "REMOVED"),
        ("999999", "no row names it", "REMOVED", "Mass in the right lung"),
    ],
)
def test_a_text_stays_cleaned_where_the_column_says_so(
    value: str,
    meaning: str,
    bare: str,
    cleaned: str,
    report: Dataset,
    by_basic: Deidentify,
    by_teaching: Deidentify,
) -> None:
    report.ContentSequence.append(text_of(coded(value, "DCM", meaning), "Mass in the right lung of Zebulon"))
    assert by_basic(report).ContentSequence[-1].TextValue == bare
    kept = by_teaching(report).ContentSequence[-1].TextValue
    assert kept.startswith(cleaned)
    assert "Zebulon" not in kept


@pytest.mark.parametrize("structured", [True, False])
def test_the_contexts_and_specimens_of_a_slide_are_cleaned_by_the_table_or_go(
    structured: bool, teaching: Policy, pseudonyms: Pseudonyms
) -> None:
    items = [
        text_of(coded("121022", "DCM", "Accession Number"), "ACC-470815"),
        text_of(coded("121106", "DCM", "Comment"), "small bone of Zebulon"),
    ]
    step, specimen, slide = Dataset(), Dataset(), Dataset()
    step.SpecimenPreparationStepContentItemSequence = slide.AcquisitionContextSequence = items
    specimen.SpecimenIdentifier, specimen.SpecimenUID = "S1", "1.2.826.0.1.3680043.8.498.71"
    specimen.SpecimenPreparationSequence = [step]
    slide.SOPClassUID, slide.SOPInstanceUID = uids.VLMicroscopicImageStorage, "1.2.826.0.1.3680043.8.498.3"
    slide.StudyInstanceUID, slide.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.1", "1.2.3.4.5"
    slide.PatientName, slide.PatientID = "Hand^Peter", "9991234564"
    slide.SpecimenDescriptionSequence = [specimen]
    slide.file_meta = FileMetaDataset()
    slide.file_meta.TransferSyntaxUID = uids.ExplicitVRLittleEndian
    codes = ("113100", "113104", "113105") if structured else ("113100", "113105")
    outcome = Deidentifier(dataclasses.replace(teaching, codes=codes), pseudonyms).deidentify(slide)
    assert isinstance(outcome, Deidentified)
    prepared = outcome.dataset.SpecimenDescriptionSequence[0].SpecimenPreparationSequence
    context = outcome.dataset.AcquisitionContextSequence
    if structured:
        values = [item.TextValue for item in prepared[0].SpecimenPreparationStepContentItemSequence]
        assert values == [item.TextValue for item in context] == ["REMOVED", "small bone of"]
    else:
        assert len(prepared) == len(context) == 0


def test_an_item_by_reference_still_leads_to_the_item_that_it_meant(
    report: Dataset, by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    # 1 is the document, 1.4 the observation, 1.5.1 a reference to it from within another
    target = text_of(coded("121022", "DCM", "Accession Number"), "ACC-470815")
    reference, holder = Dataset(), item_of("CONTAINER", coded("121070", "DCM", "Findings"))
    reference.RelationshipType, reference.ReferencedContentItemIdentifier = "INFERRED FROM", [1, 4]
    holder.ContinuityOfContent, holder.ContentSequence = "SEPARATE", [reference]
    report.ContentSequence.extend([target, holder])
    for deidentify in (by_basic, by_teaching):
        result = deidentify(report)
        left = result.ContentSequence[4].ContentSequence[0]
        assert list(left.ReferencedContentItemIdentifier) == [1, 4]
        meant = result.ContentSequence[3].ConceptNameCodeSequence[0]
        assert (meant.CodeValue, result.ContentSequence[3].TextValue) == ("121022", "REMOVED")


def test_what_a_container_of_identifiers_holds_goes_with_it(
    report: Dataset, basic: Policy, pseudonyms: Pseudonyms
) -> None:
    inner = text_of(coded("121016", "DCM", "Device Observer Serial Number"), "SN-47110815")
    free = text_of(coded("999999", "DCM", "anything"), "SN-47110815")
    holder = item_of("CONTAINER", coded("121000", "DCM", "Unique Device Identifiers"))
    holder.ContinuityOfContent, holder.ContentSequence = "SEPARATE", [inner, free]
    report.ContentSequence.append(holder)
    for codes, texts in (
        (basic.codes, ["REMOVED", "REMOVED"]),
        ((*basic.codes, "113109"), ["SN-47110815", "REMOVED"]),
    ):
        outcome = Deidentifier(dataclasses.replace(basic, codes=codes), pseudonyms).deidentify(report)
        assert isinstance(outcome, Deidentified)
        held = outcome.dataset.ContentSequence[-1].ContentSequence
        assert [item.TextValue for item in held] == texts
