"""The walker misses no UID: what it yields is what a scan of the bytes finds."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import (
    ComprehensiveSRStorage,
    CTImageStorage,
    EnhancedCTImageStorage,
    GrayscaleSoftcopyPresentationStateStorage,
)

from tce_harness.objects.content_items import code_item
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import Manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.objects.references import Origin, ReferenceAt, Role, references
from tce_harness.objects.teaching_file import Author, TeachingFileInformation
from tce_harness.objects.teaching_file_building import build_teaching_file
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

Maker = Callable[..., FileDataset]
Uids = Callable[[], Callable[[], str]]
LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}


def scan(content: bytes) -> Iterator[str]:
    """Yield each value of each UI element of Explicit VR Little Endian bytes, by PS3.5 section 7.1 alone."""
    spot = 0
    while spot + 8 <= len(content):
        group, element = struct.unpack_from("<HH", content, spot)
        if group == 0xFFFE:
            spot += 8
            continue
        vr = content[spot + 4 : spot + 6]
        if vr in LONG:
            (length,) = struct.unpack_from("<L", content, spot + 8)
            spot += 12
        else:
            (length,) = struct.unpack_from("<H", content, spot + 6)
            spot += 8
        if vr == b"SQ":
            continue
        value = content[spot : spot + length]
        assert len(value) == length, f"({group:04X},{element:04X}) runs beyond the end"
        if vr == b"UI":
            yield from (each for each in value.decode("ascii").rstrip("\0 ").split("\\") if each)
        spot += length


def item(**values: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def refer(uid: str, sop_class: str = CTImageStorage) -> Dataset:
    return item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=uid)


def image(instance: Maker) -> FileDataset:
    """Return an image with a UID of every kind, some at depth."""
    dataset = instance(1, sop_class=EnhancedCTImageStorage)
    dataset.FrameOfReferenceUID = "1.2.7.1"
    dataset.DeviceUID = "1.2.7.2"
    dataset.IrradiationEventUID = ["1.2.7.3", "1.2.7.4"]
    dataset.ReferencedStudySequence = [refer("1.2.3.1", "1.2.840.10008.3.1.2.3.1")]
    dataset.ReferencedPerformedProcedureStepSequence = [refer("1.2.7.5", "1.2.840.10008.3.1.2.3.3")]
    dataset.ReferencedImageSequence = [refer("1.2.7.6")]
    dataset.SourceImageSequence = [refer("1.2.7.7"), refer("1.2.7.8")]
    dataset.ReferencedSeriesSequence = [
        item(SeriesInstanceUID="1.2.3.1.9", ReferencedInstanceSequence=[refer("1.2.3.1.9.1")])
    ]
    derivation = item(SourceImageSequence=[refer("1.2.7.9")])
    dataset.PerFrameFunctionalGroupsSequence = [item(DerivationImageSequence=[derivation])]
    dataset.ProcedureCodeSequence = [code_item(Concept("1", "99T", "x"))]
    dataset.ProcedureCodeSequence[0].ContextUID = "1.2.840.10008.6.1.1"
    private = dataset.private_block(0x0009, "HARNESS", create=True)
    private.add_new(0x01, "UI", "1.2.7.10")
    private.add_new(0x02, "SQ", [refer("1.2.7.11")])
    return dataset


def report(instance: Maker) -> FileDataset:
    """Return a report that names UIDs by UIDREF and refers to an image."""
    dataset = instance(2, sop_class=ComprehensiveSRStorage)
    study = item(ValueType="UIDREF", UID="1.2.3.1")
    study.ConceptNameCodeSequence = [code_item(Concept("110180", "DCM", "Study Instance UID"))]
    event = item(ValueType="UIDREF", UID="1.2.7.3")
    event.ConceptNameCodeSequence = [code_item(Concept("113769", "DCM", "Irradiation Event UID"))]
    seen = refer("1.2.7.6")
    seen.ReferencedSOPSequence = [refer("1.2.7.12", GrayscaleSoftcopyPresentationStateStorage)]
    dataset.ContentSequence = [
        item(ContentSequence=[study, event]),
        item(ValueType="IMAGE", ReferencedSOPSequence=[seen]),
    ]
    return dataset


def presentation_state(instance: Maker) -> FileDataset:
    dataset = instance(3, sop_class=GrayscaleSoftcopyPresentationStateStorage)
    dataset.ReferencedSeriesSequence = [
        item(SeriesInstanceUID="1.2.3.1.1", ReferencedImageSequence=[refer("1.2.7.6"), refer("1.2.7.7")])
    ]
    layer = item(ReferencedImageSequence=[refer("1.2.7.6")], GraphicLayer="A")
    dataset.GraphicAnnotationSequence = [layer]
    return dataset


def manifests(instance: Maker, uids: Uids) -> tuple[FileDataset, ...]:
    first, second, state = instance(1), instance(1, study=2), presentation_state(instance)
    manifest = Manifest(
        title=codes.TEACHING_FILE_EXPORT.dcm,
        references=(reference_to(first, presentation_states=[state]), reference_to(second)),
    )
    return build_manifests(
        manifest,
        [first, second],
        uids=uids(),
        content_datetime=datetime(2024, 3, 6),
        series_number=1,
    )


def teaching_file(instance: Maker, uids: Uids) -> FileDataset:
    return build_teaching_file(
        TeachingFileInformation(
            author=Author(family="Reid", identifier="GMC9999999"),
            abstract="A case",
            keywords=("case",),
            category=codes.CATEGORIES[0].dcm,
        ),
        instance(1),
        uids=uids(),
        content_datetime=datetime(2024, 3, 6),
        series_number=2,
    )


def test_every_uid_in_the_bytes_is_yielded(instance: Maker, uid_source: Uids) -> None:
    samples = [
        image(instance),
        report(instance),
        presentation_state(instance),
        *manifests(instance, uid_source),
        teaching_file(instance, uid_source),
    ]
    for sample in samples:
        content = encode_instance(sample)
        found = Counter(each.value for each in references(read_instance(content)))
        assert found == Counter(scan(content[132:]))
        assert found.total() >= 8


@pytest.mark.parametrize("name", ["reportsi.dcm", "CT_small.dcm", "MR_small.dcm", "liver_1frame.dcm"])
def test_every_uid_of_real_files_is_yielded(name: str) -> None:
    content = encode_instance(read_instance(Path(str(get_testdata_file(name)))))
    found = Counter(each.value for each in references(read_instance(content)))
    assert found == Counter(scan(content[132:]))


def at(dataset: Dataset, element: str) -> ReferenceAt:
    (found,) = [each for each in references(dataset) if each.element == element and each.position == 1]
    return found


@pytest.mark.parametrize(
    ("element", "role", "origin"),
    [
        ("(0002,0002)", Role.STRUCTURAL, Origin.FILE_META),
        ("(0002,0003)", Role.OWN_INSTANCE, Origin.FILE_META),
        ("(0008,0016)", Role.STRUCTURAL, Origin.DATA_SET),
        ("(0008,0018)", Role.OWN_INSTANCE, Origin.DATA_SET),
        ("(0020,000D)", Role.OWN_STUDY, Origin.DATA_SET),
        ("(0020,000E)", Role.OWN_SERIES, Origin.DATA_SET),
        ("(0020,0052)", Role.FRAME_OF_REFERENCE, Origin.DATA_SET),
        ("(0018,1002)", Role.IDENTIFIER, Origin.DATA_SET),
        ("(0008,3010)", Role.IDENTIFIER, Origin.DATA_SET),
        ("(0008,1110)[1]/(0008,1155)", Role.STUDY, Origin.REFERENCED_STUDY),
        ("(0008,1111)[1]/(0008,1155)", Role.IDENTIFIER, Origin.OTHER_SEQUENCE),
        ("(0008,1140)[1]/(0008,1155)", Role.INSTANCE, Origin.REFERENCED_IMAGE),
        ("(0008,2112)[2]/(0008,1155)", Role.INSTANCE, Origin.SOURCE_IMAGE),
        ("(0008,2112)[2]/(0008,1150)", Role.STRUCTURAL, Origin.SOURCE_IMAGE),
        ("(0008,1115)[1]/(0020,000E)", Role.SERIES, Origin.REFERENCED_SERIES),
        ("(0008,1115)[1]/(0008,114A)[1]/(0008,1155)", Role.INSTANCE, Origin.REFERENCED_SERIES),
        (
            "(5200,9230)[1]/(0008,9124)[1]/(0008,2112)[1]/(0008,1155)",
            Role.INSTANCE,
            Origin.FUNCTIONAL_GROUPS,
        ),
        ("(0008,1032)[1]/(0008,0117)", Role.STRUCTURAL, Origin.OTHER_SEQUENCE),
        ("(0009,1001)", Role.IDENTIFIER, Origin.DATA_SET),
        ("(0009,1002)[1]/(0008,1155)", Role.INSTANCE, Origin.OTHER_SEQUENCE),
    ],
)
def test_what_a_uid_of_an_image_names(element: str, role: Role, origin: Origin, instance: Maker) -> None:
    found = at(image(instance), element)
    assert (found.role, found.origin) == (role, origin)


def test_a_reference_to_an_instance_names_its_class(instance: Maker) -> None:
    assert at(image(instance), "(0008,1140)[1]/(0008,1155)").sop_class_uid == CTImageStorage


def test_values_of_one_element_are_counted(instance: Maker) -> None:
    events = [each for each in references(image(instance)) if each.element == "(0008,3010)"]
    assert [(each.position, each.value) for each in events] == [(1, "1.2.7.3"), (2, "1.2.7.4")]


def test_a_uid_item_of_a_report_names_what_its_concept_says(instance: Maker) -> None:
    dataset = report(instance)
    assert at(dataset, "(0040,A730)[1]/(0040,A730)[1]/(0040,A124)").role is Role.STUDY
    assert at(dataset, "(0040,A730)[1]/(0040,A730)[2]/(0040,A124)").role is Role.IDENTIFIER


def test_a_nested_presentation_state_is_told_from_its_image(instance: Maker) -> None:
    dataset = report(instance)
    outer = at(dataset, "(0040,A730)[2]/(0008,1199)[1]/(0008,1155)")
    inner = at(dataset, "(0040,A730)[2]/(0008,1199)[1]/(0008,1199)[1]/(0008,1155)")
    assert (outer.origin, inner.origin) == (Origin.CONTENT, Origin.PRESENTATION_STATE)


def test_parts_of_a_manifest_are_told_apart(instance: Maker, uid_source: Uids) -> None:
    origins = Counter(each.origin for each in references(manifests(instance, uid_source)[0]))
    assert origins[Origin.EVIDENCE] == 2 + 2 + 3 * 2
    assert origins[Origin.IDENTICAL_DOCUMENTS] == 1 + 1 + 2
    assert origins[Origin.CONTENT] == 2 * 2
    assert origins[Origin.PRESENTATION_STATE] == 2


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.4.1.1", "1.2.840.10008.1.4.1.99"])
def test_a_well_known_frame_of_reference_is_structural(uid: str, instance: Maker) -> None:
    dataset = image(instance)
    dataset.FrameOfReferenceUID = uid
    assert at(dataset, "(0020,0052)").role is Role.STRUCTURAL


def test_identity_is_never_structural_whatever_its_value(instance: Maker) -> None:
    dataset = image(instance)
    dataset.SOPInstanceUID = CTImageStorage
    assert at(dataset, "(0008,0018)").role is Role.OWN_INSTANCE
