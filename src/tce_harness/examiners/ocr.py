"""Optical character recognition: a second opinion on pixels whose text nobody painted knowingly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pixel_array

from tce_harness.examiners.examiner import ExaminationResult

MOST_FRAMES = 12
"""Of one instance; a frame takes about a second. The first and the last are among them."""

_PACKAGE = "rapidocr-onnxruntime"
_NOT_ASKED = (
    "pixels are read by OCR only where it is asked for, as it takes about a second a frame: add --ocr"
)
_NOT_INSTALLED = "OCR is not installed: run pip install 'tce-harness[ocr]'"

Picture = NDArray[np.uint8]
Read = tuple[Sequence[Sequence[float]], str, float]
"""Corners of a line of text, the text, and how sure the reader is, from 0 to 1."""
Reader = Callable[[Picture], Sequence[Read]]


class Ocr:
    """Reads the frames of an image with rapidocr-onnxruntime, whose models lie in its package.

    Parameters
    ----------
    asked
        Whether the user wants it; it is slow, and left out otherwise.
    reader
        Reads one picture; that of the package by default.
    """

    name = "ocr"

    def __init__(self, *, asked: bool, reader: Reader | None = None) -> None:
        self._asked = asked
        self._given = reader
        self._one_at_a_time = threading.Lock()

    def version(self) -> str:
        """Return the version of the package; ``not installed`` where it is not."""
        try:
            return version(_PACKAGE)
        except PackageNotFoundError:
            return "not installed"

    def examine(self, content: bytes) -> ExaminationResult:
        """Read the pixels of a Part 10 file; the answer is one JSON object a line, the frames read first.

        An instance without pixels is answered with no frame.
        """
        if not self._asked:
            return ExaminationResult("unavailable", _NOT_ASKED)
        with self._one_at_a_time:
            reader = self._reader
            if reader is None:
                return ExaminationResult("unavailable", _NOT_INSTALLED)
            try:
                return ExaminationResult("answered", _lines(dcmread(BytesIO(content), force=True), reader))
            except Exception as error:  # somebody else's program over somebody else's data may raise anything
                return ExaminationResult("failed", f"OCR stopped with {type(error).__name__}")

    @cached_property
    def _reader(self) -> Reader | None:
        if self._given is not None:
            return self._given
        try:
            engine: Any = import_module("rapidocr_onnxruntime").RapidOCR(
                intra_op_num_threads=1,
                inter_op_num_threads=1,  # messages of the next case are under way
            )
        except ImportError:
            return None
        return lambda picture: [(box, text, float(score)) for box, text, score in engine(picture)[0] or ()]


def _lines(dataset: Dataset, reader: Reader) -> str:
    if "PixelData" not in dataset:
        return json.dumps({"frames": 0, "read": []}) + "\n"
    frames = int(dataset.get("NumberOfFrames") or 1)
    chosen = sorted({round(each) for each in np.linspace(1, frames, min(frames, MOST_FRAMES))})
    lines = [json.dumps({"frames": frames, "read": chosen})]
    for frame in chosen:
        lines += _read(reader, pictured(dataset, frame), frame)
    return "\n".join(lines) + "\n"


def _read(reader: Reader, picture: Picture, frame: int) -> Iterator[str]:
    for corners, text, score in reader(picture):
        left, top = (min(point[axis] for point in corners) for axis in (0, 1))
        right, bottom = (max(point[axis] for point in corners) for axis in (0, 1))
        box = [round(each) for each in (left, top, right - left, bottom - top)]
        told = {"frame": frame, "box": box, "text": text, "score": round(score, 3)}
        yield json.dumps(told, ensure_ascii=False)


def pictured(dataset: Dataset, frame: int) -> Picture:
    """Return a frame, counted from 1, as a grey picture of rows, columns and three equal samples.

    The darkest stored value becomes 0 and the brightest 255, whatever a window would show.
    """
    values = np.asarray(pixel_array(dataset, index=frame - 1), dtype=np.float64)
    grey = values if values.ndim == 2 else values.mean(axis=2)
    if dataset.get("PhotometricInterpretation") == "MONOCHROME1":
        grey = -grey
    span = float(grey.max() - grey.min()) or 1.0
    levels = np.rint((grey - grey.min()) / span * 255).astype(np.uint8)
    return np.repeat(levels[:, :, np.newaxis], 3, axis=2)
