from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGLSLossless, UltrasoundMultiFrameImageStorage

from tce_harness.mutations.pixels import native_values

Apply = Callable[..., Dataset]


def loop(values: NDArray[np.int64], syntax: UID = ExplicitVRLittleEndian) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID = UltrasoundMultiFrameImageStorage
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = values.shape
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.PixelRepresentation = 0
    dataset.add_new("PixelData", "OB", values.astype(np.uint8).tobytes())
    return dataset


def two_frames() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return an original with a box of stripes, and the same with the box filled."""
    before = np.full((2, 20, 30, 1), 10)
    before[:, 4:12, 6:20:2] = 200
    cleaned = before.copy()
    cleaned[:, 4:12, 6:20] = 0
    return cleaned, before


def spoilt(apply: Apply, mutation: object) -> tuple[NDArray[np.int64], Dataset]:
    cleaned, before = two_frames()
    sent = apply([{"unclean": mutation}], loop(cleaned), loop(before))
    values = native_values(sent)
    assert values is not None
    return values, sent


def test_one_frame_is_forgotten_and_the_others_stay_clean(apply: Apply) -> None:
    cleaned, before = two_frames()
    values, _ = spoilt(apply, {"how": "frame-forgotten", "frame": 2})
    assert np.array_equal(values, np.stack([cleaned[0], before[1]]))


def test_a_shifted_box_leaves_what_it_misses(apply: Apply) -> None:
    _, before = two_frames()
    values, _ = spoilt(apply, {"how": "shifted", "right": 3})
    assert np.array_equal(values[:, 4:12, 6:9], before[:, 4:12, 6:9])
    assert not values[:, 4:12, 9:23].any()


@pytest.mark.parametrize(
    ("how", "first", "second"), [("inverted", 55, 245), ("faint", 40, 2), ("overlay", 200, 10)]
)
def test_what_stood_there_is_changed_in_place(apply: Apply, how: str, first: int, second: int) -> None:
    values, _ = spoilt(apply, how)
    assert (values[0, 5, 6, 0], values[0, 5, 7, 0], values[0, 0, 0, 0]) == (first, second, 10)


@pytest.mark.parametrize("how", ["blurred", "mosaic"])
def test_smearing_keeps_the_mean_and_takes_the_contrast(apply: Apply, how: str) -> None:
    _, before = two_frames()
    values, _ = spoilt(apply, how)
    box = (slice(None), slice(6, 10), slice(9, 17))
    assert abs(values[box].mean() - before[box].mean()) < 12
    assert values[box].std() < before[box].std() / 4
    assert np.array_equal(values[:, 14:], before[:, 14:])


def test_a_shutter_and_an_overlay_change_no_pixel(apply: Apply) -> None:
    _, before = two_frames()
    shut, shutter = spoilt(apply, "shutter")
    covered, overlay = spoilt(apply, "overlay")
    assert np.array_equal(shut, before)
    assert np.array_equal(covered, before)
    assert (shutter.ShutterUpperHorizontalEdge, shutter.ShutterLowerHorizontalEdge) == (0, 21)
    plane = np.unpackbits(np.frombuffer(overlay[0x60003000].value, np.uint8), bitorder="little")[:600]
    assert plane.reshape(20, 30)[4:12, 6:19].all()
    assert plane.sum() == 8 * 14


def test_a_crop_leaves_the_upper_left(apply: Apply) -> None:
    _, before = two_frames()
    values, sent = spoilt(apply, {"how": "cropped", "right": 24, "down": 15})
    assert (sent.Rows, sent.Columns) == (15, 24)
    assert np.array_equal(values, before[:, :15, :24])


def test_pixels_that_nobody_cleaned_and_compressed_ones_stay(apply: Apply) -> None:
    cleaned, before = two_frames()
    same = apply([{"unclean": "inverted"}], loop(before), loop(before))
    packed = apply([{"unclean": "inverted"}], loop(cleaned, JPEGLSLossless), loop(before))
    assert same.PixelData == loop(before).PixelData
    assert packed.PixelData == loop(cleaned).PixelData
