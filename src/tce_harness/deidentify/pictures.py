"""Pictures of an instance before and after, for a person who looks for what still tells who it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from tce_harness.deidentify.frame_codecs import CODEC_ERRORS, displayed
from tce_harness.deidentify.native_pixels import number
from tce_harness.deidentify.outcome import CannotBeMadeSafe, Note, NoteKind
from tce_harness.deidentify.pixels import NATIVE, has_pixels

Grey = NDArray[np.generic]
#: Longest side of a picture; text of ten pixels stays legible on images of twice that.
LONGEST = 512
#: Of longer instances that many frames are shown, and the brightest value of every pixel over all of them.
MOST_FRAMES = 6
_PERCENTILES = (0.5, 99.5)


@dataclass(frozen=True, slots=True)
class Shown:
    """One frame before and after, as PNG."""

    label: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person is shown of one instance.

    Parameters
    ----------
    series_instance_uid, sop_instance_uid
        The new ones.
    pixels
        Digest of the pixels as they would be written: a confirmation counts for these alone.
    told
        What was done to the pixels.
    pictures
        None where they cannot be decoded.
    """

    series_instance_uid: str
    sop_instance_uid: str
    pixels: str
    told: tuple[str, ...]
    pictures: tuple[Shown, ...]


def pixel_digest(dataset: Dataset) -> str:
    """Return a digest of the pixels of an instance; empty where it has none."""
    if not has_pixels(dataset):
        return ""
    digest = hashlib.sha256()
    for keyword in NATIVE:
        if keyword in dataset:
            digest.update(dataset[keyword].value)
    return digest.hexdigest()[:32]


def preview_of(original: Dataset, output: Dataset, notes: Sequence[Note]) -> Preview:
    """Return what is shown of an instance with pixels before it is written."""
    try:
        pictures = tuple(_pictures(original, output))
    except (CannotBeMadeSafe, *CODEC_ERRORS):
        pictures = ()
    told = (note.detail for note in notes if note.kind in (NoteKind.PIXELS, NoteKind.FACES))
    return Preview(
        str(output.get("SeriesInstanceUID") or ""),
        str(output.SOPInstanceUID),
        pixel_digest(output),
        tuple(told),
        pictures,
    )


def _pictures(original: Dataset, output: Dataset) -> Iterator[Shown]:
    count = number(output, "NumberOfFrames", 1)
    shown = np.unique(np.linspace(1, count, min(count, MOST_FRAMES)).round().astype(int))
    for frame in shown:
        label = f"frame {frame} of {count}" if count > 1 else ""
        yield _shown(label, _frame(original, int(frame)), _frame(output, int(frame)))
    if count > 1:
        brightest = (_brightest(dataset, count) for dataset in (original, output))
        yield _shown(f"brightest of all {count} frames", *brightest)


def _brightest(dataset: Dataset, count: int) -> Grey:
    brightest = _frame(dataset, 1)
    for frame in range(2, count + 1):
        brightest = np.maximum(brightest, _frame(dataset, frame))
    return brightest


def _frame(dataset: Dataset, frame: int) -> Grey:
    syntax = UID(dataset.file_meta.get("TransferSyntaxUID") or ExplicitVRLittleEndian)
    return displayed(dataset, syntax, frame)


def _shown(label: str, before: Grey, after: Grey) -> Shown:
    if before.shape != after.shape:
        return Shown(label, _png(before, _range(before)), _png(after, _range(after)))
    levels = _range(before)
    return Shown(label, _png(before, levels), _png(after, levels))


def _range(values: Grey) -> tuple[float, float]:
    if values.dtype == np.uint8 and values.ndim == 3:
        return 0.0, 255.0
    low, high = np.percentile(values.astype(np.float64), _PERCENTILES)
    return float(low), float(max(high, low + 1))


def _png(values: Grey, levels: tuple[float, float]) -> bytes:
    low, high = levels
    grey = np.clip((values.astype(np.float64) - low) * 255 / (high - low), 0, 255).astype(np.uint8)
    picture = Image.fromarray(grey)
    picture.thumbnail((LONGEST, LONGEST))
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
