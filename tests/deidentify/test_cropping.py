"""Images are cut down to a box, with a geometry that stays true, or not at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.encoders.base import get_encoder

from tce_harness.content import Content
from tce_harness.deidentify import (
    Box,
    Deidentified,
    Deidentifier,
    DeviceLayout,
    Policy,
    Pseudonyms,
    Quarantined,
    Regions,
    with_options,
)
from tce_harness.deidentify.cropping import crop
from tce_harness.objects.instance import encode_instance, read_instance

ROWS, COLUMNS = 60, 70
BOX = Box(4, 10, 40, 36)


@pytest.fixture
def cropping(basic: Policy, content: Content) -> Deidentifier:
    layout = DeviceLayout(
        device="test",
        manufacturer="Acme Imaging",
        model="",
        sop_class_uid=uids.SecondaryCaptureImageStorage,
        rows=ROWS,
        columns=COLUMNS,
        image_type="",
        regions=Regions(("the layout of a test",), crop=BOX),
    )
    policy = replace(with_options(basic, ["clean-pixel-data"], content), devices=(layout,))
    return Deidentifier(policy, Pseudonyms(b"a key of sixteen bytes"))


def capture(
    dataset: Dataset, samples: int = 1, planar: int = 0
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Make a captured screen of a data set, and return its pixels (rows, columns, samples)."""
    dataset.SOPClassUID, dataset.Rows, dataset.Columns = uids.SecondaryCaptureImageStorage, ROWS, COLUMNS
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.SamplesPerPixel = 7, samples
    values = np.random.default_rng(4).integers(0, 256, (ROWS, COLUMNS, samples), dtype=np.uint8)
    if samples == 3:
        dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "RGB", planar
    dataset.PixelData = (np.moveaxis(values, -1, 0) if planar else values).tobytes()
    dataset["PixelData"].VR = "OB"
    return values


def cropped(deidentifier: Deidentifier, dataset: Dataset) -> Dataset:
    outcome = deidentifier.deidentify(dataset)
    assert isinstance(outcome, Deidentified), outcome
    return read_instance(encode_instance(outcome.dataset))


def refusal(deidentifier: Deidentifier, dataset: Dataset) -> str:
    outcome = deidentifier.deidentify(dataset)
    assert isinstance(outcome, Quarantined)
    return outcome.reason


@pytest.mark.parametrize(("samples", "planar"), [(1, 0), (3, 0), (3, 1)])
def test_only_the_box_is_left(samples: int, planar: int, cr: Dataset, cropping: Deidentifier) -> None:
    values = capture(cr, samples, planar)[BOX.top : BOX.bottom, BOX.left : BOX.right]
    result = cropped(cropping, cr)
    assert (result.Rows, result.Columns, result.BurnedInAnnotation) == (36, 40, "NO")
    expected = np.moveaxis(values, -1, 0) if planar else values
    assert result.PixelData == expected.tobytes()
    assert "burned-in text removed" in result.DerivationDescription


@pytest.mark.parametrize("syntax", [uids.RLELossless, uids.JPEG2000Lossless])
def test_compressed_images_keep_their_syntax(syntax: uids.UID, cr: Dataset, cropping: Deidentifier) -> None:
    values = capture(cr)[..., 0]
    frame = get_encoder(syntax).encode(
        values,
        rows=ROWS,
        columns=COLUMNS,
        number_of_frames=1,
        samples_per_pixel=1,
        bits_allocated=8,
        bits_stored=8,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
    )
    cr.PixelData = encapsulate([frame])
    cr["PixelData"].is_undefined_length = True
    cr.file_meta.TransferSyntaxUID = syntax
    result = cropped(cropping, cr)
    assert result.file_meta.TransferSyntaxUID == syntax
    after, _ = get_decoder(syntax).as_array(result, raw=True)
    assert np.array_equal(after, values[BOX.top : BOX.bottom, BOX.left : BOX.right])


def test_the_first_pixel_stays_where_it_was_in_the_patient(cr: Dataset) -> None:
    capture(cr)
    cr.ImagePositionPatient, cr.PixelSpacing = [-100, -50, 20], [0.5, 0.25]
    # rows run along y, columns down z: 4 columns of 0.25 mm and 10 rows of 0.5 mm
    cr.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    crop(cr, uids.ExplicitVRLittleEndian, Regions(("a test",)), BOX)
    assert list(map(float, cr.ImagePositionPatient)) == [-100, -49, 15]


def test_ultrasound_regions_move_along_or_go(cr: Dataset) -> None:
    capture(cr)
    cr.SequenceOfUltrasoundRegions = [region(6, 12, 20, 30), region(50, 50, 60, 59)]
    crop(cr, uids.ExplicitVRLittleEndian, Regions(("a test",)), BOX)
    (item,) = cr.SequenceOfUltrasoundRegions
    corners = (item.RegionLocationMinX0, item.RegionLocationMinY0)
    assert (*corners, item.RegionLocationMaxX1, item.RegionLocationMaxY1) == (2, 2, 16, 20)
    assert (item.ReferencePixelX0, item.ReferencePixelY0) == (3, 3)


def region(left: int, top: int, right: int, bottom: int) -> Dataset:
    item = Dataset()
    item.RegionLocationMinX0, item.RegionLocationMinY0 = left, top
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = right, bottom
    item.ReferencePixelX0, item.ReferencePixelY0 = 3, 3
    return item


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ImagePositionPatient": [0, 0, 0]}, "told without orientation and spacing"),
        ({"ShutterShape": "RECTANGULAR"}, "ShutterShape tells places by pixels"),
        ({"SequenceOfUltrasoundRegions": [region(0, 20, 30, 40)]}, "cuts through an ultrasound region"),
        ({"SequenceOfUltrasoundRegions": [region(9, 9, 5, 5)]}, "lies outside of it"),
    ],
)
def test_what_would_not_be_true_any_more_is_a_reason_not_to(
    change: dict[str, object], reason: str, cr: Dataset, cropping: Deidentifier
) -> None:
    capture(cr)
    for keyword, value in change.items():
        setattr(cr, keyword, value)
    assert reason in refusal(cropping, cr)
