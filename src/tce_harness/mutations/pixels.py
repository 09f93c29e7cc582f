"""Mutations of pixels that were cleaned: what goes wrong when burned-in text is taken out."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydicom.dataset import Dataset

from tce_harness.mutations.primitive import ObjectPrimitive, OutgoingContext

Values = NDArray[np.int64]
"""Frames, rows, columns, samples."""
Area = NDArray[np.bool_]
"""Frames, rows, columns."""

_SIGMA = 2.0
_SQUARE = 4
_FAINT = 0.2


class Unclean(ObjectPrimitive):
    """What was taken out of uncompressed pixels is dealt with in another way; the rest stays cleaned.

    Nothing happens to an object whose pixels are compressed, or are those of the original.

    Parameters
    ----------
    how
        ``frame-forgotten`` leaves one frame as it was; ``shifted`` fills what lies beside; ``inverted``,
        ``faint``, ``blurred`` and ``mosaic`` change the original in place; ``overlay`` and ``shutter`` cover
        what stands there unchanged; ``cropped`` cuts off what is below and to the right.
    frame
        The frame that is forgotten, from 1.
    right, down
        How far ``shifted`` misses, in pixels; how much ``cropped`` leaves.
    """

    shorthand: ClassVar[str | None] = "how"
    how: Literal[
        "frame-forgotten",
        "shifted",
        "inverted",
        "faint",
        "blurred",
        "mosaic",
        "overlay",
        "shutter",
        "cropped",
    ]
    frame: Annotated[int, Field(ge=1)] = 1
    right: int = 0
    down: int = 0

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the pixels of the mistake."""
        cleaned = native_values(dataset)
        before = native_values(original) if original is not None else None
        if cleaned is None or before is None or cleaned.shape != before.shape:
            return dataset
        area = _without_gaps(np.any(cleaned != before, axis=3))
        if area.any():
            _write(dataset, self._spoilt(dataset, cleaned, before, area))
        return dataset

    def _spoilt(self, dataset: Dataset, cleaned: Values, before: Values, area: Area) -> Values:
        if self.how == "frame-forgotten":
            cleaned[self.frame - 1 : self.frame] = before[self.frame - 1 : self.frame]
            return cleaned
        if self.how == "shifted":
            beside = np.zeros_like(area)
            rows, columns = area.shape[1:]
            beside[:, max(self.down, 0) :, max(self.right, 0) :] = area[
                :, : rows - max(self.down, 0), : columns - max(self.right, 0)
            ]
            return np.where(beside[..., np.newaxis], cleaned[area].min(axis=0), before)
        if self.how == "cropped":
            return before[:, : self.down or None, : self.right or None]
        if self.how in ("overlay", "shutter"):
            add_overlay(dataset, np.asarray(area.any(axis=0))) if self.how == "overlay" else _shut(
                dataset, area
            )
            return before
        changed = _changed(self.how, before, (1 << int(dataset.BitsStored)) - 1)
        return np.where(area[..., np.newaxis], changed, before)


def _without_gaps(changed: Area) -> Area:
    """Return an area with all that lies between its ends in a row: what was dark before did not change."""
    from_left = np.logical_or.accumulate(changed, axis=2)
    from_right = np.logical_or.accumulate(changed[:, :, ::-1], axis=2)[:, :, ::-1]
    return np.logical_and(from_left, from_right)


def _changed(how: str, before: Values, highest: int) -> Values:
    if how == "inverted":
        return np.asarray(highest - before, dtype=np.int64)
    if how == "faint":
        return np.asarray(np.rint(_FAINT * before), dtype=np.int64)
    if how == "blurred":
        return blurred(before, (1, 2))
    rows, columns = before.shape[1:3]
    down, right = np.arange(0, rows, _SQUARE), np.arange(0, columns, _SQUARE)
    sums = np.add.reduceat(np.add.reduceat(before, down, axis=1), right, axis=2)
    tall, wide = np.diff(np.append(down, rows)), np.diff(np.append(right, columns))
    means = sums // np.outer(tall, wide)[np.newaxis, :, :, np.newaxis]
    return np.asarray(means.repeat(tall, axis=1).repeat(wide, axis=2))


def blurred(before: Values, axes: tuple[int, int]) -> Values:
    """Return values blurred along two axes by a Gaussian of two pixels."""
    reach = int(3 * _SIGMA)
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * _SIGMA**2))
    soft = before.astype(np.float64)
    for axis in axes:
        room = [(reach, reach) if each == axis else (0, 0) for each in range(before.ndim)]
        wide = np.pad(soft, room, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(wide, 2 * reach + 1, axis=axis)
        soft = windows @ (weights / weights.sum())
    return np.rint(soft).astype(np.int64)


def add_overlay(dataset: Dataset, plane: Area) -> None:
    """Add an overlay plane of shape (rows, columns) to a data set (PS3.3 section C.9.2)."""
    packed = np.packbits(plane, axis=None, bitorder="little").tobytes()
    dataset.add_new(0x60000010, "US", plane.shape[0])
    dataset.add_new(0x60000011, "US", plane.shape[1])
    dataset.add_new(0x60000040, "CS", "G")
    dataset.add_new(0x60000050, "SS", [1, 1])
    dataset.add_new(0x60000100, "US", 1)
    dataset.add_new(0x60000102, "US", 0)
    dataset.add_new(0x60003000, "OW", packed + b"\x00" * (len(packed) % 2))


def _shut(dataset: Dataset, area: Area) -> None:
    """Add a display shutter that leaves out the rows of an area (PS3.3 section C.7.6.11)."""
    rows = np.flatnonzero(~area.any(axis=(0, 2)))
    dataset.ShutterShape = "RECTANGULAR"
    dataset.ShutterLeftVerticalEdge, dataset.ShutterRightVerticalEdge = 0, area.shape[2] + 1
    dataset.ShutterUpperHorizontalEdge = int(rows.min())
    dataset.ShutterLowerHorizontalEdge = int(rows.max()) + 2


def native_values(dataset: Dataset) -> Values | None:
    """Return the stored values of native pixel data of whole bytes; None where there is none such."""
    meta = getattr(dataset, "file_meta", None)
    if "PixelData" not in dataset or meta is None or meta.TransferSyntaxUID.is_compressed:
        return None
    samples, rows, columns = int(dataset.SamplesPerPixel), int(dataset.Rows), int(dataset.Columns)
    if int(dataset.BitsAllocated) not in (8, 16) or (samples > 1 and dataset.get("PlanarConfiguration")):
        return None
    shape = (int(dataset.get("NumberOfFrames") or 1), rows, columns, samples)
    kind = _kind(dataset)
    if len(dataset.PixelData) < np.prod(shape) * kind.itemsize:
        return None
    values = np.frombuffer(dataset.PixelData, kind, count=int(np.prod(shape)))
    return values.reshape(shape).astype(np.int64)


def _kind(dataset: Dataset) -> np.dtype[np.generic]:
    sign = "i" if dataset.PixelRepresentation else "u"
    order = "<" if dataset.file_meta.TransferSyntaxUID.is_little_endian else ">"
    return np.dtype(f"{order}{sign}{int(dataset.BitsAllocated) // 8}")


def _write(dataset: Dataset, values: Values) -> None:
    content = values.astype(_kind(dataset)).tobytes()
    dataset.Rows, dataset.Columns = values.shape[1:3]
    dataset["PixelData"].value = content + b"\x00" * (len(content) % 2)
