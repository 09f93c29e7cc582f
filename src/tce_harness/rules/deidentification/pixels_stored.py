"""Stored pixel values of an instance, frame by frame: what no lookup table, window or shutter can hide."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, ExplicitVRLittleEndian

from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.objects.elements import DECODING_ERRORS
from tce_harness.rules.deidentification.beside import number
from tce_harness.rules.deidentification.layout import NUMBER_OF_FRAMES
from tce_harness.rules.deidentification.places import items, text_value

Frame = NDArray[np.int64]
"""Rows, columns, samples."""

PIXEL_DATA = 0x7FE00010
ICON_IMAGE_SEQUENCE = 0x00880200
_ROWS, _COLUMNS = 0x00280010, 0x00280011
_BITS_STORED = 0x00280101
_PHOTOMETRIC = 0x00280004
_LOSSY = frozenset(
    {
        "1.2.840.10008.1.2.4.50",
        "1.2.840.10008.1.2.4.51",
        "1.2.840.10008.1.2.4.81",
        "1.2.840.10008.1.2.4.91",
        "1.2.840.10008.1.2.4.93",
        "1.2.840.10008.1.2.4.203",
    }
)


class Undecodable(ValueError):
    """A frame whose values cannot be had, and why; the text quotes no value."""


class StoredPixels:
    """The pixels of one data set: of an instance, or of an icon in it.

    Parameters
    ----------
    dataset
        Holds the Image Pixel module (PS3.3 section C.7.6.3).
    syntax
        Transfer syntax of its Pixel Data.
    """

    def __init__(self, dataset: Dataset, syntax: str) -> None:
        self._dataset = dataset
        self.syntax = syntax
        self.rows = number(dataset, _ROWS)
        self.columns = number(dataset, _COLUMNS)
        self.frames = number(dataset, NUMBER_OF_FRAMES) or 1
        self.bits = number(dataset, _BITS_STORED) or 8
        self.photometric = text_value(dataset, _PHOTOMETRIC)
        self.lossy = syntax in _LOSSY
        self._known: dict[tuple[int, bool], Frame | Undecodable] = {}

    def frame(self, frame: int) -> Frame:
        """Return the stored values of a frame, counted from 1; raises `Undecodable`."""
        return self._get(frame, unused=False)

    def unused_bits(self, frame: int) -> Frame:
        """Return what stands in the bits above those stored, of a frame counted from 1.

        Raises
        ------
        Undecodable
            Where the frame cannot be read.
        """
        return self._get(frame, unused=True)

    def _get(self, frame: int, *, unused: bool) -> Frame:
        key = (frame, unused)
        if key not in self._known:
            try:
                self._known[key] = self._decoded(frame, unused)
            except (*DECODING_ERRORS, RuntimeError, ImportError) as error:
                self._known[key] = Undecodable(f"{_name(self.syntax)}: {type(error).__name__}")
        found = self._known[key]
        if isinstance(found, Undecodable):
            raise found
        return found

    def _decoded(self, frame: int, unused: bool) -> Frame:
        if not 1 <= frame <= self.frames:
            raise ValueError("there is no such frame")
        decoder = get_decoder(UID(self.syntax))
        options: dict[str, Any] = {"correct_unused_bits": not unused}
        array, _ = decoder.as_array(self._dataset, index=frame - 1, raw=True, **options)
        values = np.asarray(array).astype(np.int64)
        shaped = values.reshape(self.rows, self.columns, -1)
        if not unused:
            return self._with_luminance(shaped)
        allocated = number(self._dataset, 0x00280100) or 8
        return (shaped & ((1 << allocated) - 1)) >> self.bits

    def _with_luminance(self, values: Frame) -> Frame:
        """Add what a palette makes of indices as a sample of its own: two indices may look alike."""
        if self.photometric != "PALETTE COLOR":
            return values
        tables = [_palette(self._dataset, tag) for tag in (0x00281201, 0x00281202, 0x00281203)]
        if any(len(table) == 0 for table in tables):
            return values
        first = _first_mapped(self._dataset)
        shown = sum(
            weight * table[np.clip(values - first, 0, len(table) - 1)]
            for weight, table in zip((299, 587, 114), tables, strict=True)
        )
        return np.concatenate([values, np.asarray(shown, dtype=np.int64) // 1000], axis=2)


def _first_mapped(dataset: Dataset) -> int:
    """Return the first stored value that a palette maps (PS3.3 section C.7.6.3.1.5)."""
    words = text_value(dataset, 0x00281101).split("\\")
    return int(words[1]) if len(words) == 3 and words[1].lstrip("-").isdecimal() else 0


def _palette(dataset: Dataset, tag: int) -> Frame:
    value = _bytes(dataset, tag)
    return np.frombuffer(value[: len(value) // 2 * 2], dtype="<u2").astype(np.int64)


def _bytes(dataset: Dataset, tag: int) -> bytes:
    value = dataset[tag].value if tag in dataset else b""
    return value if isinstance(value, bytes) else b""


def _name(syntax: str) -> str:
    return UID(syntax).name if syntax else "no transfer syntax"


_KNOWN: WeakKeyDictionary[EvidenceInstance, StoredPixels] = WeakKeyDictionary()


def stored_pixels(instance: EvidenceInstance) -> StoredPixels | None:
    """Return the pixels of an instance; None where it has no Pixel Data."""
    if PIXEL_DATA not in instance.dataset:
        return None
    if instance not in _KNOWN:
        meta = getattr(instance.dataset, "file_meta", None)
        syntax = str((meta and meta.get("TransferSyntaxUID")) or ExplicitVRLittleEndian)
        _KNOWN[instance] = StoredPixels(instance.dataset, syntax)
    return _KNOWN[instance]


def icon_pixels(instance: EvidenceInstance) -> StoredPixels | None:
    """Return the pixels of the icon (PS3.3 section F.7); None where the instance has none."""
    if ICON_IMAGE_SEQUENCE not in instance.dataset:
        return None
    for item in items(instance.dataset[ICON_IMAGE_SEQUENCE]):
        if PIXEL_DATA in item:
            whole = stored_pixels(instance)
            encapsulated = bool(item[PIXEL_DATA].is_undefined_length) and whole is not None
            syntax = whole.syntax if encapsulated and whole is not None else str(ExplicitVRLittleEndian)
            return StoredPixels(_with_meta(item, syntax), syntax)
    return None


def _with_meta(item: Dataset, syntax: str) -> Dataset:
    """Return an icon's item as a data set of its own, which a decoder asks for."""
    own = Dataset(item)
    own.file_meta = FileMetaDataset()
    own.file_meta.TransferSyntaxUID = UID(syntax)
    return own


def overlay_plane(dataset: Dataset, group: int, frame: int, like: tuple[int, int] = (0, 0)) -> Frame | None:
    """Return an overlay plane of Overlay Data (60xx,3000) as values 0 and 1 (PS3.3 section C.9.2).

    None where the group has no such data, or too little of it for the frame.

    Parameters
    ----------
    like
        Rows and columns where the group does not say them: its bits are there all the same.
    """
    rows = number(dataset, group << 16 | 0x0010) or like[0]
    columns = number(dataset, group << 16 | 0x0011) or like[1]
    value = _bytes(dataset, group << 16 | 0x3000)
    if not rows * columns:
        return None
    bits = np.unpackbits(np.frombuffer(value, dtype=np.uint8), bitorder="little")
    first = (frame - 1) * rows * columns
    plane = bits[first : first + rows * columns]
    return plane.reshape(rows, columns, 1).astype(np.int64) if plane.size == rows * columns else None
