"""References of what is neither image nor document: mapped like the instances that they name, or gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pydicom import uid as uids
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID

from tce_harness.deidentify import Pseudonyms
from tce_harness.objects.instance import encode_instance, read_instance

Deidentify = Callable[[Dataset], Dataset]
ROOT = "1.2.826.0.1.3680043.8.498."
IMAGE, SERIES, STUDY, FRAME = f"{ROOT}11.1.1", f"{ROOT}11.1", f"{ROOT}11", f"{ROOT}11.7"
ELSEWHERE = f"{ROOT}55.1.1"


def to(uid: str = IMAGE) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = uids.CTImageStorage, uid
    return item


def within(keyword: str, *items: Dataset, **told: object) -> Dataset:
    holder = Dataset()
    setattr(holder, keyword, list(items))
    for name, value in told.items():
        setattr(holder, name, value)
    return holder


def coded(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def instance(sop_class_uid: UID, modality: str) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class_uid, f"{ROOT}11.8.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = STUDY, f"{ROOT}11.8"
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Hand^Peter", "9991234564", modality
    dataset.FrameOfReferenceUID = FRAME
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uids.ExplicitVRLittleEndian
    return dataset


def segmentation() -> Dataset:
    dataset = instance(uids.SegmentationStorage, "SEG")
    source = to()
    source.PurposeOfReferenceCodeSequence = [coded("121322", "Source Image for Image Processing Operation")]
    derivation = within("SourceImageSequence", source, to(ELSEWHERE))
    dataset.PerFrameFunctionalGroupsSequence = [within("DerivationImageSequence", derivation)]
    dataset.ReferencedSeriesSequence = [within("ReferencedInstanceSequence", to(), SeriesInstanceUID=SERIES)]
    segment = Dataset()
    segment.SegmentNumber, segment.SegmentLabel, segment.TrackingID = 1, "Nodule of Peter Hand", "Hand 1"
    segment.TrackingUID, segment.SegmentDescription = f"{ROOT}77", "seen by Zebulon"
    dataset.SegmentSequence = [segment]
    return dataset


def structure_set() -> Dataset:
    dataset = instance(uids.RTStructureSetStorage, "RTSTRUCT")
    dataset.StructureSetLabel, dataset.StructureSetName = "Hand", "Plan of Peter Hand"
    series = within("ContourImageSequence", to(), to(ELSEWHERE), SeriesInstanceUID=SERIES)
    study = within(
        "RTReferencedSeriesSequence",
        series,
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
        ReferencedSOPInstanceUID=STUDY,
    )
    dataset.ReferencedFrameOfReferenceSequence = [
        within("RTReferencedStudySequence", study, FrameOfReferenceUID=FRAME)
    ]
    region = Dataset()
    region.ROINumber, region.ReferencedFrameOfReferenceUID, region.ROIName = 1, FRAME, "Hand's lung"
    dataset.StructureSetROISequence = [region]
    contour = within("ContourImageSequence", to())
    dataset.ROIContourSequence = [within("ContourSequence", contour, ReferencedROINumber=1)]
    return dataset


def real_world_values() -> Dataset:
    dataset = instance(uids.RealWorldValueMappingStorage, "RWV")
    dataset.ContentLabel, dataset.ContentCreatorName = "HAND", "Quillfeather^Ada"
    mapping = Dataset()
    mapping.LUTExplanation, mapping.LUTLabel = "for Peter Hand", "SUV"
    dataset.ReferencedImageRealWorldValueMappingSequence = [
        within("ReferencedImageSequence", to(), RealWorldValueMappingSequence=[mapping])
    ]
    dataset.ReferencedSeriesSequence = [within("ReferencedInstanceSequence", to(), SeriesInstanceUID=SERIES)]
    return dataset


def electrocardiogram() -> Dataset:
    dataset = instance(uids.TwelveLeadECGWaveformStorage, "ECG")
    dataset.ReferencedInstanceSequence = [to()]
    dataset.SynchronizationFrameOfReferenceUID = f"{ROOT}11.9"
    text, number, code = Dataset(), Dataset(), Dataset()
    text.ReferencedWaveformChannels = number.ReferencedWaveformChannels = [1, 0]
    code.ReferencedWaveformChannels = [1, 0]
    text.UnformattedTextValue = "normal, Peter Hand"
    text.AnnotationGroupNumber, number.AnnotationGroupNumber, code.AnnotationGroupNumber = 1, 2, 3
    number.ConceptNameCodeSequence, number.NumericValue = [coded("121033", "Subject Age")], "67"
    number.MeasurementUnitsCodeSequence = [coded("a", "year")]
    code.ConceptNameCodeSequence = [coded("121032", "Subject Sex")]
    code.ConceptCodeSequence = [coded("M", "Male")]
    dataset.WaveformAnnotationSequence = [text, number, code]
    return dataset


def plan() -> Dataset:
    dataset = instance(uids.RTPlanStorage, "RTPLAN")
    dataset.RTPlanLabel, dataset.RTPlanName = "HAND", "Plan of Peter Hand"
    dataset.ReferencedStructureSetSequence = [to(ELSEWHERE)]
    beam = within("ReferencedReferenceImageSequence", to(), BeamName="Hand 1")
    dataset.BeamSequence = [beam]
    return dataset


KINDS = (segmentation, structure_set, real_world_values, electrocardiogram, plan)


def uids_of(dataset: Dataset) -> Iterator[str]:
    for element in dataset.iterall():
        if element.VR == "UI" and element.value and "SOPClass" not in element.keyword:
            yield str(element.value)


@pytest.mark.parametrize("make", KINDS)
def test_no_original_reference_is_left_and_each_that_stays_is_mapped(
    make: Callable[[], Dataset], by_basic: Deidentify, by_teaching: Deidentify, pseudonyms: Pseudonyms
) -> None:
    dataset = make()
    new = {str(pseudonyms.uid(uid)) for uid in uids_of(dataset)}
    for deidentify in (by_basic, by_teaching):
        written = encode_instance(deidentify(dataset))
        for gone in (ROOT.encode(), b"Hand", b"HAND", b"Quillfeather", b"Zebulon"):
            assert gone not in written
        assert set(uids_of(read_instance(written))) <= new | {"1.2.840.10008.3.1.2.3.1"}


def test_a_segmentation_leads_to_the_image_that_it_was_made_of(
    by_basic: Deidentify, pseudonyms: Pseudonyms
) -> None:
    result = by_basic(segmentation())
    (group,) = result.PerFrameFunctionalGroupsSequence
    sources = group.DerivationImageSequence[0].SourceImageSequence
    assert [source.ReferencedSOPInstanceUID for source in sources] == [
        pseudonyms.uid(IMAGE),
        pseudonyms.uid(ELSEWHERE),
    ]
    assert sources[0].PurposeOfReferenceCodeSequence[0].CodeValue == "121322"
    assert result.ReferencedSeriesSequence[0].SeriesInstanceUID == pseudonyms.uid(SERIES)


def test_a_structure_set_keeps_its_images_and_its_frame_of_reference(
    by_basic: Deidentify, pseudonyms: Pseudonyms
) -> None:
    result = by_basic(structure_set())
    frame = result.ReferencedFrameOfReferenceSequence[0]
    study = frame.RTReferencedStudySequence[0]
    images = study.RTReferencedSeriesSequence[0].ContourImageSequence
    assert frame.FrameOfReferenceUID == result.StructureSetROISequence[0].ReferencedFrameOfReferenceUID
    assert frame.FrameOfReferenceUID == pseudonyms.uid(FRAME)
    assert study.ReferencedSOPInstanceUID == result.StudyInstanceUID
    assert images[0].ReferencedSOPInstanceUID == pseudonyms.uid(IMAGE)
    contour = result.ROIContourSequence[0].ContourSequence[0]
    assert contour.ContourImageSequence[0].ReferencedSOPInstanceUID == pseudonyms.uid(IMAGE)


def test_the_annotations_of_a_waveform_follow_the_table_of_content_items(
    by_basic: Deidentify, by_teaching: Deidentify
) -> None:
    for deidentify in (by_basic, by_teaching):
        text, number, code = deidentify(electrocardiogram()).WaveformAnnotationSequence
        assert "Peter" not in text.UnformattedTextValue
        assert number.NumericValue == 0
        assert code.ConceptCodeSequence[0].CodeMeaning == "Undetermined"
    cleaned = by_teaching(electrocardiogram()).WaveformAnnotationSequence[0]
    assert cleaned.UnformattedTextValue.startswith("normal")
