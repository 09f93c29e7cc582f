"""The value of black in the stored values of each photometric interpretation (PS3.3 section C.7.6.3.1.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from tce_harness.deidentify.native_pixels import number
from tce_harness.deidentify.outcome import CannotBeMadeSafe

Values = NDArray[np.generic]
_RGB = frozenset({"RGB", "YBR_ICT", "YBR_RCT"})
_YBR = frozenset({"YBR_FULL", "YBR_FULL_422"})
_PARTIAL = frozenset({"YBR_PARTIAL_422", "YBR_PARTIAL_420"})


@dataclass(frozen=True, slots=True)
class Black:
    """What is written where text stood.

    Parameters
    ----------
    samples
        A value for each sample of a pixel.
    of_frame
        For signed greyscale the darkest value that a frame has is taken instead, as the darkest possible one
        would widen the range of values, by which viewers choose their window.
    inverted
        Whether the highest value is the darkest.
    """

    samples: tuple[int, ...]
    of_frame: bool = False
    inverted: bool = False

    @classmethod
    def of(cls, dataset: Dataset, photometric_interpretation: str = "") -> Black:
        """Read it off a data set.

        Parameters
        ----------
        photometric_interpretation
            Of the values as they were decoded, where that is another than the data set's.

        Raises
        ------
        CannotBeMadeSafe
            When the photometric interpretation is none of those that are known.
        """
        told = str(dataset.get("PhotometricInterpretation") or "").strip()
        kind = photometric_interpretation or told
        bits = number(dataset, "BitsStored", number(dataset, "BitsAllocated"))
        if kind in ("MONOCHROME1", "MONOCHROME2"):
            inverted = kind == "MONOCHROME1"
            signed = number(dataset, "PixelRepresentation", 0) == 1
            return cls(((1 << bits) - 1 if inverted else 0,), of_frame=signed, inverted=inverted)
        if kind in _RGB:
            return cls((0, 0, 0))
        if kind in _YBR:
            return cls((0, 1 << (bits - 1), 1 << (bits - 1)))
        if kind in _PARTIAL:
            return cls((16 << (bits - 8), 1 << (bits - 1), 1 << (bits - 1)))
        if kind == "PALETTE COLOR":
            return cls((_darkest_index(dataset, bits),))
        raise CannotBeMadeSafe(f"text cannot be taken out of pixels of photometric interpretation {kind!r}")

    def in_frame(self, values: Values) -> tuple[int, ...]:
        """Return it for one frame of greyscale values."""
        if not self.of_frame or not values.size:
            return self.samples
        return (int(values.max() if self.inverted else values.min()),)


def _darkest_index(dataset: Dataset, bits: int) -> int:
    descriptor = dataset.get("RedPaletteColorLookupTableDescriptor")
    if not descriptor or len(descriptor) != 3:
        raise CannotBeMadeSafe("a palette without descriptor: no value is known to be dark")
    entries, first = int(descriptor[0]) or 65536, int(descriptor[1])
    last = min(first + entries, 1 << min(bits, 16))
    if first < 0 or last <= first:
        raise CannotBeMadeSafe("a palette that no stored value reaches: no value is known to be dark")
    kind = np.uint8 if last <= 256 else np.uint16
    indices = np.arange(first, last, dtype=np.int64).astype(kind)
    colours = apply_color_lut(indices.reshape(1, -1), dataset).astype(np.int64)
    return first + int(colours.sum(axis=-1).argmin())


def paint_black(frame: Values, mask: NDArray[np.bool_], black: Black) -> bool:
    """Write black into a frame, in place; return whether any value changed.

    Parameters
    ----------
    frame
        Shape (rows, columns) or (rows, columns, samples).
    """
    before = frame[mask]
    values = np.asarray(black.in_frame(frame)).astype(frame.dtype)
    frame[mask] = values if frame.ndim == 3 else values[0]
    return not np.array_equal(before, frame[mask])
