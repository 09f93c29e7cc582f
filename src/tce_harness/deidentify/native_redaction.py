"""Text taken out of pixels that are not compressed; everything beside it stays bit for bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tce_harness.deidentify.blackening import Black, Values, paint_black
from tce_harness.deidentify.native_pixels import NativeLayout, number
from tce_harness.deidentify.outcome import CannotBeMadeSafe
from tce_harness.deidentify.regions import Mask, Regions

_WIDTHS = (1, 8, 16, 32)


def black_out_native(dataset: Dataset, regions: Regions, *, big_endian: bool) -> int:
    """Blacken regions in native Pixel Data, in place.

    Returns
    -------
    int
        How many frames were changed.

    Raises
    ------
    CannotBeMadeSafe
        When it is not known how the pixels lie.
    """
    layout = NativeLayout.of(dataset)
    content = bytearray(dataset.PixelData)
    if len(content) < layout.size:
        raise CannotBeMadeSafe("pixel data are shorter than their frames, so that text cannot be found there")
    if layout.bits not in _WIDTHS:
        raise CannotBeMadeSafe(f"text cannot be taken out of pixels of {layout.bits} bits allocated")
    swapped = big_endian and layout.bits == 8 and dataset["PixelData"].VR == "OW"
    if swapped:  # two samples lie in each word of the other byte order (PS3.5 annex A.3)
        _swap(content)
    changed = (
        _bits(dataset, content, layout, regions)
        if layout.bits == 1
        else _frames(dataset, content, layout, regions, order="<>"[big_endian])
    )
    if swapped:
        _swap(content)
    if changed:
        dataset["PixelData"].value = bytes(content)
    return changed


def _swap(content: bytearray) -> None:
    content[0::2], content[1::2] = content[1::2], content[0::2]


def _bits(dataset: Dataset, content: bytearray, layout: NativeLayout, regions: Regions) -> int:
    """Blacken pixels of one bit, whose frames follow each other without padding (PS3.5 section 8.1.1)."""
    rows, columns, frames = _shape(dataset)
    if number(dataset, "SamplesPerPixel", 1) != 1:
        raise CannotBeMadeSafe("text cannot be taken out of colour pixels of one bit")
    count = rows * columns * frames
    packed = np.frombuffer(content, dtype=np.uint8, count=layout.size)
    values = np.unpackbits(packed, count=count, bitorder="little").reshape(frames, rows, columns)
    black = Black.of(dataset)
    changed = 0
    for frame in range(frames):
        mask = regions.mask(frame + 1, rows, columns)
        changed += mask is not None and paint_black(values[frame], mask, black)
    content[: layout.size] = np.packbits(values.reshape(-1), bitorder="little").tobytes()
    return changed


def _frames(
    dataset: Dataset, content: bytearray, layout: NativeLayout, regions: Regions, *, order: str
) -> int:
    rows, columns, frames = _shape(dataset)
    kind = np.dtype(f"{order}{'i' if layout.signed else 'u'}{layout.bits // 8}")
    whole = np.frombuffer(content, dtype=kind, count=layout.size // kind.itemsize).reshape(frames, -1)
    black = _shifted(Black.of(dataset), layout)
    changed = 0
    for frame in range(frames):
        mask = regions.mask(frame + 1, rows, columns)
        if mask is not None:
            changed += _paint(dataset, whole[frame], mask, black)
    return changed


def _paint(dataset: Dataset, frame: Values, mask: Mask, black: Black) -> bool:
    rows, columns = mask.shape
    if str(dataset.PhotometricInterpretation).strip() in ("YBR_FULL_422", "YBR_PARTIAL_422"):
        return _paint_pairs(frame, mask, black)
    samples = number(dataset, "SamplesPerPixel", 1)
    if samples != len(black.samples):
        raise CannotBeMadeSafe("Samples per Pixel contradicts the photometric interpretation")
    if samples == 1:
        return paint_black(frame.reshape(rows, columns), mask, black)
    if number(dataset, "PlanarConfiguration", 0) == 1:
        pixels = np.moveaxis(frame.reshape(samples, rows, columns), 0, -1)
    else:
        pixels = frame.reshape(rows, columns, samples)
    return paint_black(pixels, mask, black)


def _paint_pairs(frame: Values, mask: Mask, black: Black) -> bool:
    """Blacken pairs of pixels that share their colour, Y Y Cb Cr (PS3.3 section C.7.6.3.1.2)."""
    rows, columns = mask.shape
    if columns % 2:
        raise CannotBeMadeSafe("pixels share their colour in pairs, and the rows hold an odd number of them")
    pairs: NDArray[np.bool_] = mask[:, 0::2] | mask[:, 1::2]
    y, blue, red = black.samples
    return paint_black(frame.reshape(rows, columns // 2, 4), pairs, Black((y, y, blue, red)))


def _shifted(black: Black, layout: NativeLayout) -> Black:
    low = layout.high - layout.stored + 1
    if black.of_frame or low <= 0:
        return black
    return Black(tuple(value << low for value in black.samples))


def _shape(dataset: Dataset) -> tuple[int, int, int]:
    return number(dataset, "Rows"), number(dataset, "Columns"), number(dataset, "NumberOfFrames", 1)
