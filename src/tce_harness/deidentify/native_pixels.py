"""Pixel data that are not compressed: where their last frame ends, and which bits hold their values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from tce_harness.deidentify.outcome import CannotBeMadeSafe

_FLOATS = {"FloatPixelData": 32, "DoubleFloatPixelData": 64}
_CUT = "bytes beyond the last frame were cut off"
_CLEARED = "bits outside the stored pixel values were cleared"


def number(dataset: Dataset, keyword: str, default: int | None = None) -> int:
    """Return a number that pixel data cannot be understood without.

    Raises
    ------
    CannotBeMadeSafe
        When it is missing without a default, or no number.
    """
    value = dataset.get(keyword)
    if value in (None, ""):
        if default is None:
            raise CannotBeMadeSafe(f"pixel data whose extent is not told: {keyword} is missing")
        return default
    try:
        return int(value)
    except (TypeError, ValueError):
        raise CannotBeMadeSafe(f"pixel data whose extent is not told: {keyword} is no number") from None


@dataclass(frozen=True, slots=True)
class NativeLayout:
    """How the pixels of an image lie (PS3.5 section 8.1).

    Parameters
    ----------
    size
        Bytes of all frames, without padding.
    bits, stored, high
        Bits Allocated, Bits Stored and High Bit.
    """

    size: int
    bits: int
    stored: int
    high: int
    signed: bool

    @classmethod
    def of(cls, dataset: Dataset, keyword: str = "PixelData") -> NativeLayout:
        """Read it off a data set.

        Parameters
        ----------
        keyword
            ``PixelData``, ``FloatPixelData`` or ``DoubleFloatPixelData``.

        Raises
        ------
        CannotBeMadeSafe
            When the extent is not told.
        """
        bits = _FLOATS.get(keyword) or number(dataset, "BitsAllocated")
        samples = number(dataset, "SamplesPerPixel", 1)
        if str(dataset.get("PhotometricInterpretation", "")).strip() == "YBR_FULL_422":
            samples = 2
        pixels = number(dataset, "Rows") * number(dataset, "Columns") * number(dataset, "NumberOfFrames", 1)
        stored = bits if keyword in _FLOATS else number(dataset, "BitsStored", bits)
        return cls(
            size=(pixels * samples * bits + 7) // 8,
            bits=bits,
            stored=stored,
            high=number(dataset, "HighBit", stored - 1),
            signed=number(dataset, "PixelRepresentation", 0) == 1,
        )

    def cleaned(
        self, content: bytes | memoryview, *, big_endian: bool = False
    ) -> tuple[bytes | memoryview, tuple[str, ...]]:
        """Return pixel data without what is no pixel, and what was taken out.

        Where there is nothing to take out, it is the content itself.
        """
        done: list[str] = []
        even = self.size + (self.size & 1)
        if len(content) != even or any(content[self.size :]):
            if len(content) > even or any(content[self.size :]):
                done.append(_CUT)
            content = bytes(content[: self.size])
            content += b"\x00" * (len(content) & 1)
        masked = self._masked(content, "<>"[big_endian])
        if masked is not None:
            done.append(_CLEARED)
            content = masked
        return content, tuple(done)

    def _masked(self, content: bytes | memoryview, order: str) -> bytes | None:
        """Return the content without the bits in which retired overlays were kept, None where none is set."""
        low = self.high - self.stored + 1
        if self.stored >= self.bits:
            return None
        if self.bits not in (8, 16, 32) or len(content) % (self.bits // 8):
            raise CannotBeMadeSafe(f"unused bits cannot be cleared in pixels of {self.bits} bits")
        if low < 0 or self.high >= self.bits:
            raise CannotBeMadeSafe(
                f"High Bit {self.high} is impossible with {self.stored} of {self.bits} bits stored, so that "
                "it is not told which bits may hold an overlay"
            )
        mask = ((1 << self.stored) - 1) << low
        # 8-bit samples in OW words of big endian lie swapped, which does not matter to a mask of one byte
        values = np.frombuffer(content, dtype=f"{order}u{self.bits // 8}")
        if not low and values.size and values.max() <= mask:
            return None
        kept = values & values.dtype.type(mask)
        if self.signed:
            # two's complement extended above High Bit is common and tells nothing
            sign = (kept >> self.high) & 1
            extension = values.dtype.type(((1 << self.bits) - 1) ^ ((1 << (self.high + 1)) - 1))
            extended = kept | np.where(sign == 1, extension, values.dtype.type(0))
            if np.array_equal(extended, values):
                return None
        if np.array_equal(kept, values):
            return None
        return bytes(kept.astype(values.dtype).tobytes())
