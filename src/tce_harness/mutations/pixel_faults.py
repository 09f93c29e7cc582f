"""What goes wrong when burned-in text is taken out of pixels, and what goes right: done to known text."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, ExplicitVRLittleEndian

from tce_harness.model.canary import Fate
from tce_harness.model.painted_text import PaintedPlace, PaintedText
from tce_harness.mutations.pixels import add_overlay, blurred

Values = NDArray[np.int64]
"""Frames, rows, columns, samples."""

_SQUARE = 4
_FAINT = 0.2
_CUT = 4


class PixelFault(StrEnum):
    """A way of dealing with burned-in text; of the last three each removes it."""

    NOTHING_DONE = "nothing done"
    FRAME_FORGOTTEN = "one frame forgotten"
    BOX_SHIFTED = "box shifted by half a character"
    OVERLAY_INSTEAD = "overlay instead of a change"
    SHUTTER_INSTEAD = "shutter instead of a change"
    INVERTED = "inverted"
    FAINT = "contrast lowered to 0.2"
    ONLY_ICON = "only the icon cleaned"
    ICON_FORGOTTEN = "icon forgotten"
    UNUSED_BITS_FORGOTTEN = "unused bits forgotten"
    CROP_KEEPS_TEXT = "crop that keeps the text"
    BLURRED = "blurred, sigma 2"
    MOSAIC = "mosaic of 4 pixels"
    BLACK_BOX = "black box"
    MEAN_BOX = "box of the mean"
    NOISE_BOX = "box of noise"

    @property
    def removes(self) -> bool:
        """Whether it removes the text."""
        return self in _TRUE

    @property
    def reduces(self) -> bool:
        """Whether it makes the text harder to read and does not remove it."""
        return self in (PixelFault.BLURRED, PixelFault.MOSAIC)


_TRUE = frozenset({PixelFault.BLACK_BOX, PixelFault.MEAN_BOX, PixelFault.NOISE_BOX})


@dataclass(frozen=True, slots=True)
class Stored:
    """The stored values of an instance and what is needed to write them back.

    Parameters
    ----------
    photometric
        What they are once they are decoded.
    lowest, highest
        The values that fit.
    dark
        What is seen black, one value for each sample.
    """

    values: Values
    photometric: str
    lowest: int
    highest: int
    dark: tuple[int, ...]

    @classmethod
    def of(cls, dataset: Dataset) -> Stored:
        """Decode the pixels of an instance."""
        values, photometric = _decoded(dataset)
        bits = int(dataset.BitsStored)
        lowest = -(1 << (bits - 1)) if dataset.PixelRepresentation else 0
        highest = lowest + (1 << bits) - 1
        return cls(values, photometric, lowest, highest, _dark(dataset, photometric, lowest, highest))


def with_fault(
    fault: PixelFault, original: Dataset, painted: tuple[PaintedText, ...], random: Random
) -> Dataset | None:
    """Return an instance as it would be exported by who makes this mistake, and says that pixels are clean.

    Changed pixels are written in Explicit VR Little Endian; nothing but pixels, icon, overlays and Burned In
    Annotation is touched.

    Parameters
    ----------
    original
        With its file meta; not changed.
    painted
        The text that was painted into it.

    Returns
    -------
    Dataset or None
        None where the instance has nothing that the mistake could be made with.
    """
    texts = tuple(text for text in painted if text.fate is Fate.MUST_GO and text.place is PaintedPlace.PIXELS)
    dataset = copy.deepcopy(original)
    dataset.BurnedInAnnotation = "NO"
    change = _CHANGES[fault]
    if not texts or not change(dataset, painted, texts, random):
        return None
    return dataset


Change = Callable[[Dataset, tuple[PaintedText, ...], tuple[PaintedText, ...], Random], bool]


def _nothing(
    dataset: Dataset, painted: tuple[PaintedText, ...], texts: tuple[PaintedText, ...], random: Random
) -> bool:
    return True


def _on_values(work: Callable[[Stored, PaintedText, Random], None]) -> Change:
    """Return a change that works on the stored values of each text, after all else was cleaned."""

    def change(
        dataset: Dataset, painted: tuple[PaintedText, ...], texts: tuple[PaintedText, ...], random: Random
    ) -> bool:
        stored = Stored.of(dataset)
        for text in texts:
            work(stored, text, random)
        _write(dataset, stored)
        _clean_besides(dataset)
        return True

    return change


def _box(stored: Stored, text: PaintedText, right: int = 0) -> Values:
    """Return the part of the values that a box covers, perhaps further to the right; a view."""
    left, top, width, height = text.box
    return stored.values[text.frame - 1, top : top + height, left + right : left + right + width]


def _blacken(stored: Stored, text: PaintedText, random: Random) -> None:
    _box(stored, text)[...] = stored.dark


def _blacken_shifted(stored: Stored, text: PaintedText, random: Random) -> None:
    width = text.box[2]
    _box(stored, text, max(2, width // (2 * max(1, len(text.text)))))[...] = stored.dark


def _invert(stored: Stored, text: PaintedText, random: Random) -> None:
    box = _box(stored, text)
    box[...] = stored.lowest + stored.highest - box


def _fade(stored: Stored, text: PaintedText, random: Random) -> None:
    box = _box(stored, text)
    ground = np.median(box, axis=(0, 1))
    box[...] = np.rint(ground + _FAINT * (box - ground)).astype(np.int64)


def _fill_mean(stored: Stored, text: PaintedText, random: Random) -> None:
    box = _box(stored, text)
    box[...] = np.rint(box.mean(axis=(0, 1))).astype(np.int64)


def _fill_noise(stored: Stored, text: PaintedText, random: Random) -> None:
    box = _box(stored, text)
    noise = np.random.Generator(np.random.PCG64(random.getrandbits(64)))
    box[...] = noise.integers(stored.lowest, stored.highest + 1, size=(*box.shape[:2], 1))


def _blur(stored: Stored, text: PaintedText, random: Random) -> None:
    box = _box(stored, text)
    box[...] = blurred(box, (0, 1))


def _pixellate(stored: Stored, text: PaintedText, random: Random) -> None:
    box = _box(stored, text)
    for top in range(0, box.shape[0], _SQUARE):
        for left in range(0, box.shape[1], _SQUARE):
            square = box[top : top + _SQUARE, left : left + _SQUARE]
            square[...] = np.rint(square.mean(axis=(0, 1))).astype(np.int64)


def _forget_frame(
    dataset: Dataset, painted: tuple[PaintedText, ...], texts: tuple[PaintedText, ...], random: Random
) -> bool:
    frames = sorted({text.frame for text in texts})
    if len(frames) < 2:
        return False
    forgotten = random.choice(frames)
    cleaned = tuple(text for text in texts if text.frame != forgotten)
    return _on_values(_blacken)(dataset, painted, cleaned, random)


def _cover_by_overlay(
    dataset: Dataset, painted: tuple[PaintedText, ...], texts: tuple[PaintedText, ...], random: Random
) -> bool:
    plane = np.zeros((dataset.Rows, dataset.Columns), dtype=np.bool_)
    for text in texts:
        left, top, width, height = text.box
        plane[top : top + height, left : left + width] = True
    _clean_besides(dataset)
    add_overlay(dataset, plane)
    return True


def _cover_by_shutter(
    dataset: Dataset, painted: tuple[PaintedText, ...], texts: tuple[PaintedText, ...], random: Random
) -> bool:
    """Set the Display Shutter module (PS3.3 section C.7.6.11), which viewers may heed."""
    _clean_besides(dataset)
    dataset.ShutterShape = "RECTANGULAR"
    dataset.ShutterLeftVerticalEdge = 1
    dataset.ShutterRightVerticalEdge = int(dataset.Columns)
    dataset.ShutterUpperHorizontalEdge = int(dataset.Rows) // 4
    dataset.ShutterLowerHorizontalEdge = int(dataset.Rows) * 3 // 4
    dataset.ShutterPresentationValue = 0
    return True


def _clean_icon_only(
    dataset: Dataset, painted: tuple[PaintedText, ...], texts: tuple[PaintedText, ...], random: Random
) -> bool:
    if "IconImageSequence" not in dataset:
        return False
    icon = dataset.IconImageSequence[0]
    icon.PixelData = bytes(len(icon.PixelData))
    return True


def _forget_icon(
    dataset: Dataset, painted: tuple[PaintedText, ...], texts: tuple[PaintedText, ...], random: Random
) -> bool:
    icons = dataset.get("IconImageSequence")
    if not icons:
        return False
    _on_values(_blacken)(dataset, painted, texts, random)
    dataset.IconImageSequence = icons
    return True


def _forget_unused_bits(
    dataset: Dataset, painted: tuple[PaintedText, ...], texts: tuple[PaintedText, ...], random: Random
) -> bool:
    if not any(text.place is PaintedPlace.UNUSED_BITS for text in painted):
        return False
    above = np.frombuffer(dataset.PixelData, "<u2") & np.uint16(0xFFFF << dataset.BitsStored & 0xFFFF)
    _on_values(_blacken)(dataset, painted, texts, random)
    dataset.PixelData = (np.frombuffer(dataset.PixelData, "<u2") | above).tobytes()
    return True


def _crop(
    dataset: Dataset, painted: tuple[PaintedText, ...], texts: tuple[PaintedText, ...], random: Random
) -> bool:
    """Cut a strip off a side where no text stands."""
    if any(text.box[0] + text.box[2] > dataset.Columns - _CUT for text in texts):
        return False
    stored = Stored.of(dataset)
    values = stored.values[:, :, :-_CUT]
    _write(dataset, Stored(values, stored.photometric, stored.lowest, stored.highest, stored.dark))
    dataset.Columns = values.shape[2]
    _clean_besides(dataset)
    return True


_CHANGES: dict[PixelFault, Change] = {
    PixelFault.NOTHING_DONE: _nothing,
    PixelFault.FRAME_FORGOTTEN: _forget_frame,
    PixelFault.BOX_SHIFTED: _on_values(_blacken_shifted),
    PixelFault.OVERLAY_INSTEAD: _cover_by_overlay,
    PixelFault.SHUTTER_INSTEAD: _cover_by_shutter,
    PixelFault.INVERTED: _on_values(_invert),
    PixelFault.FAINT: _on_values(_fade),
    PixelFault.ONLY_ICON: _clean_icon_only,
    PixelFault.ICON_FORGOTTEN: _forget_icon,
    PixelFault.UNUSED_BITS_FORGOTTEN: _forget_unused_bits,
    PixelFault.CROP_KEEPS_TEXT: _crop,
    PixelFault.BLURRED: _on_values(_blur),
    PixelFault.MOSAIC: _on_values(_pixellate),
    PixelFault.BLACK_BOX: _on_values(_blacken),
    PixelFault.MEAN_BOX: _on_values(_fill_mean),
    PixelFault.NOISE_BOX: _on_values(_fill_noise),
}


def _clean_besides(dataset: Dataset) -> None:
    """Take out icon and overlays, so that only what was done to the pixels is told."""
    tags = tuple(dataset.keys())
    for tag in tags:
        if tag.group >> 8 == 0x60 or tag == 0x00880200:
            del dataset[tag]


def _decoded(dataset: Dataset) -> tuple[Values, str]:
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    # all frames at once: one by one, the decoder finds too few bytes in YBR_FULL_422
    values, told = get_decoder(syntax).as_array(dataset, raw=True)
    shape = (-1, dataset.Rows, dataset.Columns, dataset.SamplesPerPixel)
    return values.reshape(shape).astype(np.int64), str(told["photometric_interpretation"])


def _dark(dataset: Dataset, photometric: str, lowest: int, highest: int) -> tuple[int, ...]:
    if photometric == "PALETTE COLOR":
        table = np.frombuffer(dataset.GreenPaletteColorLookupTableData, "<u2")
        return (int(table.argmin()),)
    if photometric.startswith("YBR"):
        return (0, 128, 128)
    return (highest,) if photometric == "MONOCHROME1" else (lowest,) * int(dataset.SamplesPerPixel)


def _write(dataset: Dataset, stored: Stored) -> None:
    wide = int(dataset.BitsAllocated) > 8
    kind = ("<i" if dataset.PixelRepresentation else "<u") + ("2" if wide else "1")
    content = stored.values.astype(kind).tobytes()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    # decoders leave chroma of full width
    dataset.PhotometricInterpretation = (
        "YBR_FULL" if stored.photometric == "YBR_FULL_422" else stored.photometric
    )
    if "PlanarConfiguration" in dataset:
        dataset.PlanarConfiguration = 0
    del dataset["PixelData"]
    dataset.add_new("PixelData", "OW" if wide else "OB", content + b"\x00" * (len(content) % 2))
