"""Images made smaller, so that nothing is left of their margins, with a geometry that stays true.

What tells places by pixels and is not moved here is a reason not to crop, as a wrong place is worse than an
instance that is held back.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from pydicom import uid as uids
from pydicom.dataset import Dataset
from pydicom.uid import UID

from tce_harness.deidentify.frame_codecs import Frame
from tce_harness.deidentify.native_pixels import NativeLayout, number
from tce_harness.deidentify.outcome import CannotBeMadeSafe
from tce_harness.deidentify.redaction import CompressedFrames, Redacted
from tce_harness.deidentify.regions import Box, Regions, region_box

_CORNERS = ("RegionLocationMinX0", "RegionLocationMinY0", "RegionLocationMaxX1", "RegionLocationMaxY1")
#: What tells places by pixels: shutters, collimators, the field of view, functional groups, slides.
_PLACES = (
    "ShutterShape", "CollimatorShape", "FieldOfViewOrigin", "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence", "TotalPixelMatrixOriginSequence", "RTImagePosition",
    "ExposureSequence", "GridFrameOffsetVector", "PixelIntensityRelationshipLUTSequence",
)  # fmt: skip
_REGION_PLACES = (
    "DopplerSampleVolumeXPosition", "DopplerSampleVolumeYPosition", "DopplerSampleVolumeXPositionRetired",
    "DopplerSampleVolumeYPositionRetired", "TMLinePositionX0", "TMLinePositionY0", "TMLinePositionX1",
    "TMLinePositionY1", "TMLinePositionX0Retired", "TMLinePositionY0Retired", "TMLinePositionX1Retired",
    "TMLinePositionY1Retired",
)  # fmt: skip


def crop(dataset: Dataset, syntax: UID, regions: Regions, box: Box) -> Redacted:
    """Cut an image down to a box, in place.

    Rows, Columns, Image Position (Patient) (0020,0032) and ultrasound regions (0018,6011) are moved along.

    Parameters
    ----------
    regions
        What told the box.

    Raises
    ------
    CannotBeMadeSafe
        When something in the instance tells places by pixels and cannot be moved.
    """
    found = [keyword for keyword in _PLACES if keyword in dataset]
    if found:
        raise CannotBeMadeSafe(
            f"it cannot be cropped: {found[0]} tells places by pixels that would not be true"
        )
    if not box.fits(number(dataset, "Rows"), number(dataset, "Columns")):
        raise CannotBeMadeSafe("it cannot be cropped to a box outside of it")
    position, kept_regions = _position(dataset, box), _ultrasound(dataset, box)
    cut = partial(_cut, box=box)
    if syntax.is_encapsulated:
        frames = CompressedFrames(dataset, syntax, regions, least_side=min(box.width, box.height))
        done = frames.edit(dict.fromkeys(range(frames.count), cut))
    else:
        done = Redacted(syntax, _native(dataset, syntax, box), regions.sources)
    dataset.Rows, dataset.Columns = box.height, box.width
    if position is not None:
        dataset.ImagePositionPatient = position
    if kept_regions is not None:
        dataset.SequenceOfUltrasoundRegions = kept_regions
    return done


def _cut(frame: Frame, box: Box) -> Frame:
    return np.ascontiguousarray(frame[box.top : box.bottom, box.left : box.right])


def _position(dataset: Dataset, box: Box) -> list[str] | None:
    """Return where the new first pixel lies in the patient (PS3.3 section C.7.6.2.1.1)."""
    if not dataset.get("ImagePositionPatient"):
        return None
    orientation, spacing = dataset.get("ImageOrientationPatient"), dataset.get("PixelSpacing")
    if not orientation or not spacing or len(orientation) != 6 or len(spacing) != 2:
        raise CannotBeMadeSafe("it cannot be cropped: its position is told without orientation and spacing")
    along, down = np.array(orientation[:3], dtype=float), np.array(orientation[3:], dtype=float)
    between_rows, between_columns = map(float, spacing)
    origin = np.array(dataset.ImagePositionPatient, dtype=float)
    moved = origin + along * between_columns * box.left + down * between_rows * box.top
    return [f"{value:.10g}" for value in moved]


def _ultrasound(dataset: Dataset, box: Box) -> list[Dataset] | None:
    """Return the regions that are left; places within a region are told from its own corner."""
    if "SequenceOfUltrasoundRegions" not in dataset:
        return None
    left: list[Dataset] = []
    for item in dataset.SequenceOfUltrasoundRegions:
        region = region_box(item, number(dataset, "Rows"), number(dataset, "Columns"))
        if region is None:
            raise CannotBeMadeSafe("it cannot be cropped: an ultrasound region lies outside of it")
        if _apart(region, box):
            continue
        if not _within(region, box):
            raise CannotBeMadeSafe("it cannot be cropped: the box cuts through an ultrasound region")
        if any(keyword in item for keyword in _REGION_PLACES):
            raise CannotBeMadeSafe("it cannot be cropped: an ultrasound region tells places by pixels")
        edges = (region.left, region.top, region.right - 1, region.bottom - 1)
        for keyword, edge, offset in zip(_CORNERS, edges, (box.left, box.top) * 2, strict=True):
            setattr(item, keyword, edge - offset)
        left.append(item)
    return left


def _apart(one: Box, other: Box) -> bool:
    beside = one.right <= other.left or other.right <= one.left
    return beside or one.bottom <= other.top or other.bottom <= one.top


def _within(inner: Box, outer: Box) -> bool:
    across = outer.left <= inner.left and inner.right <= outer.right
    return across and outer.top <= inner.top and inner.bottom <= outer.bottom


def _native(dataset: Dataset, syntax: UID, box: Box) -> int:
    layout = NativeLayout.of(dataset)
    shared = str(dataset.PhotometricInterpretation).strip().endswith(("_422", "_420"))
    if layout.bits not in (8, 16, 32) or shared:
        raise CannotBeMadeSafe("it cannot be cropped: its pixels do not lie in bytes of their own")
    if syntax == uids.ExplicitVRBigEndian and layout.bits == 8 and dataset["PixelData"].VR == "OW":
        raise CannotBeMadeSafe("it cannot be cropped: its pixels lie in words of the other byte order")
    rows, columns = number(dataset, "Rows"), number(dataset, "Columns")
    frames, samples = number(dataset, "NumberOfFrames", 1), number(dataset, "SamplesPerPixel", 1)
    content = dataset.PixelData[: layout.size]
    if len(content) < layout.size:
        raise CannotBeMadeSafe("it cannot be cropped: its pixel data are shorter than its frames")
    by_planes = samples > 1 and number(dataset, "PlanarConfiguration", 0) == 1
    size = samples * layout.bits // 8
    shape = (frames * samples, rows, columns, size // samples) if by_planes else (frames, rows, columns, size)
    pixels = np.frombuffer(content, dtype=np.uint8).reshape(shape)
    left = pixels[:, box.top : box.bottom, box.left : box.right].tobytes()
    dataset["PixelData"].value = left + b"\x00" * (len(left) & 1)
    return frames
