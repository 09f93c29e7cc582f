"""To which case an arriving instance belongs: by token, key, pixels, references, or to none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, EnhancedSRStorage, ExplicitVRLittleEndian

from tce_harness.engine.attribution import Attribution, Attributor
from tce_harness.objects.instance import file_meta
from tce_harness.objects.manifest import Manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.standard import codes

A, B = "EM-000/A", "EM-000/B"
TOKEN = "amber birch cedar"
_numbers = count(1)


def image(
    *,
    key: tuple[int, int] | None = None,
    pixels: bytes | None = None,
    study: str = "",
    sop_class: str = CTImageStorage,
) -> Dataset:
    number = next(_numbers)
    dataset = Dataset()
    dataset.file_meta = file_meta(sop_class, f"1.2.3.{number}", ExplicitVRLittleEndian)
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = f"1.2.3.{number}"
    dataset.StudyInstanceUID = study or f"1.2.4.{number}"
    dataset.SeriesInstanceUID = f"{dataset.StudyInstanceUID}.1"
    dataset.PatientID = "P"
    if key is not None:
        dataset.SeriesNumber, dataset.InstanceNumber = key
    if pixels is not None:
        dataset.add_new("PixelData", "OW", pixels)
    return dataset


def manifest(listed: Sequence[Dataset], description: str | None, series: int = 900) -> Dataset:
    (document,) = build_manifests(
        Manifest(
            title=codes.TEACHING_FILE_EXPORT.iheradtf,
            references=tuple(reference_to(each) for each in listed),
            description=description,
        ),
        listed,
        uids=lambda: f"1.2.5.{next(_numbers)}",
        content_datetime=datetime(2026, 1, 2, 3, 4, 5),
        series_number=series,
    )
    return document


@pytest.fixture
def attributor() -> Attributor:
    return Attributor()


def test_a_key_tells_case_and_label(attributor: Attributor) -> None:
    attributor.register(A, TOKEN, [("study/1", image(key=(8, 1))), ("study/2", image(key=(8, 2)))])
    attributor.register(B, "x y z", [("study/1", image(key=(9, 1)))])
    assert attributor.attribute(image(key=(8, 2))) == Attribution(A, "study/2", "key")
    assert attributor.attribute(image(key=(9, 1))) == Attribution(B, "study/1", "key")


def test_pixels_tell_where_the_key_is_gone(attributor: Attributor) -> None:
    attributor.register(A, TOKEN, [("study/1", image(key=(8, 1), pixels=b"\1\0"))])
    assert attributor.attribute(image(pixels=b"\1\0")) == Attribution(A, "study/1", "pixels")
    assert attributor.attribute(image(pixels=b"\2\0")) is None


def test_a_token_in_the_description_comes_before_a_key_of_another_case(attributor: Attributor) -> None:
    original = manifest([image()], f"Teaching file ({TOKEN})", series=900)
    attributor.register(A, TOKEN, [("manifest/1", original)])
    attributor.register(B, "x y z", [("manifest/1", manifest([image()], "(x y z)", series=901))])
    assert attributor.attribute(manifest([image()], TOKEN.upper(), series=900)) == Attribution(
        A, "manifest/1", "token"
    )
    assert attributor.attribute(manifest([image()], f"Now: {TOKEN}", series=901)) == Attribution(
        A, None, "token"
    )


def test_a_token_inside_longer_words_is_another_cases(attributor: Attributor) -> None:
    attributor.register(A, "active central axial", [("study/1", image(key=(8, 1)))])
    attributor.register(B, "inactive central axial", [("study/1", image(key=(9, 1)))])
    found = attributor.attribute(manifest([image()], "(inactive central\r\naxial)"))
    assert found == Attribution(B, None, "token")


def test_a_manifest_without_token_or_key_belongs_where_what_it_lists_does(attributor: Attributor) -> None:
    attributor.register(A, TOKEN, [("study/1", image(key=(8, 1)))])
    exported = image(key=(8, 1))
    assert attributor.attribute(exported) is not None
    found = attributor.attribute(manifest([exported], None, series=1))
    assert found == Attribution(A, None, "references")


def test_a_manifest_over_instances_of_two_cases_belongs_to_none(attributor: Attributor) -> None:
    one, two = image(key=(8, 1), study="1.2.9"), image(key=(9, 1), study="1.2.9")
    attributor.register(A, TOKEN, [("study/1", one)])
    attributor.register(B, "x y z", [("study/1", two)])
    assert attributor.attribute(manifest([one, two], None, series=1)) is None


def test_a_document_of_a_known_study_belongs_to_its_case(attributor: Attributor) -> None:
    attributor.register(A, TOKEN, [("study/1", image(key=(8, 1), study="1.2.7"))])
    own = image(study="1.2.7", sop_class=EnhancedSRStorage)
    assert attributor.attribute(own) == Attribution(A, None, "references")
    exported = image(key=(8, 1), study="2.25.7")
    attributor.attribute(exported)
    assert attributor.attribute(image(study="2.25.7")) == Attribution(A, None, "references")


def test_what_nothing_tells_belongs_to_none(attributor: Attributor) -> None:
    attributor.register(A, TOKEN, [("study/1", image(key=(8, 1)))])
    assert attributor.attribute(image(key=(8, 9))) is None
    assert attributor.attribute(manifest([image()], "Teaching file", series=1)) is None
    assert attributor.attribute(Dataset()) is None
