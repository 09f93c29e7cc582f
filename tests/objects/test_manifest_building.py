"""The manifest builder, held against TID 2010, PS3.3 C.17.6.2 and dciodvfy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.dataset import FileDataset
from pydicom.uid import (
    BasicTextSRStorage,
    GeneralECGWaveformStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    MRImageStorage,
    UltrasoundMultiFrameImageStorage,
)

from tce_harness.model.errors import HarnessError
from tce_harness.objects.instance import encode_instance
from tce_harness.objects.manifest import Manifest, read_manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

WHEN = datetime(2024, 3, 6, 9, 30, 5)
TITLES = [title for pair in codes.EXPORT_TITLES for title in pair]
REASONS = [reason for pair in codes.DELAY_REASONS for reason in pair]
ENGLISH = Concept("eng", "ISO639_2", "English")
Maker = Callable[..., FileDataset]
Uids = Callable[[], Callable[[], str]]
Examiner = Callable[[FileDataset], list[str]]


def build(manifest: Manifest, instances: list[FileDataset], uids: Uids) -> tuple[FileDataset, ...]:
    """Build and read back from bytes, so that what is judged is what goes over the wire."""
    built = build_manifests(
        manifest, instances, uids=uids(), content_datetime=WHEN, series_number=901, first_instance_number=7
    )
    return tuple(dcmread(BytesIO(encode_instance(each))) for each in built)


def simple(*instances: FileDataset, **said: object) -> Manifest:
    return Manifest(
        title=codes.TEACHING_FILE_EXPORT.iheradtf,
        references=tuple(reference_to(each) for each in instances),
        **said,  # type: ignore[arg-type]
    )


def full(instance: Maker) -> tuple[Manifest, list[FileDataset]]:
    """Return a selection over two studies with every kind of reference."""
    heart = instance(1, sop_class=UltrasoundMultiFrameImageStorage)
    spine = instance(1, study=2, sop_class=MRImageStorage)
    state = instance(1, series=2, sop_class=GrayscaleSoftcopyPresentationStateStorage)
    report = instance(1, study=2, series=3, sop_class=BasicTextSRStorage)
    trace = instance(1, study=2, series=4, sop_class=GeneralECGWaveformStorage)
    references = (
        reference_to(heart, frames=[1, 3], presentation_states=[state]),
        reference_to(spine),
        reference_to(report),
        reference_to(trace),
    )
    manifest = Manifest(
        title=codes.RESEARCH_COLLECTION_EXPORT.dcm,
        references=references,
        delay_reason=REASONS[3],
        description="For the shared teaching file of Dr Łoś",
        observer="Łoś^Hanna^^^",
        language=ENGLISH,
    )
    return manifest, [heart, spine, state, report, trace]


def test_one_study_gives_one_document_without_identical_documents(instance: Maker, uid_source: Uids) -> None:
    image = instance(1)
    (document,) = build(simple(image), [image], uid_source)
    assert document.Modality == "KO"
    assert "IdenticalDocumentsSequence" not in document
    assert document.StudyInstanceUID == image.StudyInstanceUID
    assert document.SeriesInstanceUID != image.SeriesInstanceUID
    assert (document.SeriesNumber, document.InstanceNumber) == (901, 7)
    assert (document.ContentDate, document.ContentTime) == ("20240306", "093005")
    template = document.ContentTemplateSequence[0]
    assert (template.TemplateIdentifier, template.MappingResource) == ("2010", "DCMR")


def test_patient_and_study_are_those_of_the_referenced_study(instance: Maker, uid_source: Uids) -> None:
    images = [instance(1), instance(1, study=2)]
    for document, image in zip(build(simple(*images), images, uid_source), images, strict=True):
        for keyword in ("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber", "StudyID"):
            assert document[keyword].value == image[keyword].value
        assert document.SpecificCharacterSet == "ISO_IR 100"


def test_two_studies_give_two_documents_that_name_each_other_and_never_themselves(
    instance: Maker, uid_source: Uids
) -> None:
    images = [instance(1), instance(1, study=2), instance(1, study=3)]
    documents = build(simple(*images), images, uid_source)
    everyone = {each.SOPInstanceUID for each in documents}
    assert len(everyone) == 3
    assert [each.InstanceNumber for each in documents] == [7, 8, 9]
    for document in documents:
        others = read_manifest(document).identical_documents
        assert {each.sop_instance_uid for each in others} == everyone - {document.SOPInstanceUID}
        by_uid = {each.SOPInstanceUID: each for each in documents}
        for other in others:
            assert other.study_instance_uid == by_uid[other.sop_instance_uid].StudyInstanceUID
            assert other.series_instance_uid == by_uid[other.sop_instance_uid].SeriesInstanceUID


def test_identical_documents_have_the_same_content_and_evidence(instance: Maker, uid_source: Uids) -> None:
    manifest, instances = full(instance)
    one, two = build(manifest, instances, uid_source)
    assert one.ContentSequence == two.ContentSequence
    assert one.CurrentRequestedProcedureEvidenceSequence == two.CurrentRequestedProcedureEvidenceSequence


def test_evidence_lists_all_that_the_content_refers_to_and_nothing_else(
    instance: Maker, uid_source: Uids
) -> None:
    manifest, instances = full(instance)
    reading = read_manifest(build(manifest, instances, uid_source)[0])
    content = {each.sop_instance_uid for each in reading.content_references}
    assert content == {each.SOPInstanceUID for each in instances}
    evidence = {
        (each.study_instance_uid, each.series_instance_uid, each.sop_class_uid, each.sop_instance_uid)
        for each in reading.evidence
    }
    assert evidence == {
        (each.StudyInstanceUID, each.SeriesInstanceUID, each.SOPClassUID, each.SOPInstanceUID)
        for each in instances
    }
    assert len(reading.evidence) == len(instances)


def test_an_instance_that_is_referenced_twice_stands_in_the_evidence_once(
    instance: Maker, uid_source: Uids
) -> None:
    image = instance(1)
    manifest = Manifest(
        title=TITLES[0],
        references=(reference_to(image, frames=[1]), reference_to(image, frames=[2])),
    )
    reading = read_manifest(build(manifest, [image], uid_source)[0])
    assert len(reading.evidence) == 1
    assert [each.frames for each in reading.content_references] == [(1,), (2,)]


def test_items_are_image_waveform_or_composite_by_sop_class_and_have_no_concept_name(
    instance: Maker, uid_source: Uids
) -> None:
    manifest, instances = full(instance)
    items = [
        each for each in read_manifest(build(manifest, instances, uid_source)[0]).items if each.references
    ]
    assert [each.value_type for each in items] == ["IMAGE", "IMAGE", "COMPOSITE", "WAVEFORM"]
    assert all(each.concept is None for each in items)


def test_content_follows_the_order_of_the_template_with_the_delay_first(
    instance: Maker, uid_source: Uids
) -> None:
    manifest, instances = full(instance)
    items = read_manifest(build(manifest, instances, uid_source)[0]).items
    assert [each.concept.value for each in items if each.concept] == [
        "113011", "121049", "121005", "121008", "113012",
    ]  # fmt: skip


def test_text_that_the_study_cannot_spell_makes_the_document_unicode(
    instance: Maker, uid_source: Uids
) -> None:
    image = instance(1)
    (document,) = build(simple(image, description="Łódź, 胸部"), [image], uid_source)
    assert document.SpecificCharacterSet == "ISO_IR 192"
    assert read_manifest(document).descriptions == ("Łódź, 胸部",)
    assert document.PatientName == "Müller-O'Neill^Anna"


def test_several_patients_are_refused_without_naming_them(instance: Maker, uid_source: Uids) -> None:
    images = [instance(1), instance(2, patient="P2")]
    with pytest.raises(HarnessError, match="2 patients") as caught:
        build(simple(*images), images, uid_source)
    assert "P2" not in str(caught.value)


def test_a_referenced_study_of_which_no_instance_is_given_is_refused(
    instance: Maker, uid_source: Uids
) -> None:
    images = [instance(1), instance(1, study=2)]
    with pytest.raises(HarnessError, match=r"no instance of study 1\.2\.3\.2"):
        build(simple(*images), images[:1], uid_source)


def test_a_manifest_of_nothing_is_refused(instance: Maker, uid_source: Uids) -> None:
    with pytest.raises(HarnessError, match="refers to no instance"):
        build(simple(), [instance(1)], uid_source)


def test_one_uid_in_two_studies_is_refused(instance: Maker, uid_source: Uids) -> None:
    one, two = instance(1), instance(1, study=2)
    two.SOPInstanceUID = one.SOPInstanceUID
    with pytest.raises(HarnessError, match="referenced in two"):
        build(simple(one, two), [one, two], uid_source)


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title.value)
def test_dciodvfy_finds_no_error_in_any_title(
    title: Concept, instance: Maker, uid_source: Uids, dciodvfy_errors: Examiner
) -> None:
    image = instance(1)
    manifest = Manifest(title=title, references=(reference_to(image),))
    (document,) = build(manifest, [image], uid_source)
    assert dciodvfy_errors(document) == []


def test_dciodvfy_finds_no_error_in_a_full_manifest_but_does_in_a_broken_one(
    instance: Maker, uid_source: Uids, dciodvfy_errors: Examiner
) -> None:
    manifest, instances = full(instance)
    for document in build(manifest, instances, uid_source):
        assert dciodvfy_errors(document) == []
        del document.CurrentRequestedProcedureEvidenceSequence
        assert dciodvfy_errors(document) != []
