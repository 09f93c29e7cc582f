"""Text looked for in the pixels themselves, by character recognition where it is installed (extra ``ocr``).

What it finds goes as well. What it does not find proves nothing: small and faint text is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID

from tce_harness.deidentify.frame_codecs import CODEC_ERRORS, displayed
from tce_harness.deidentify.native_pixels import number
from tce_harness.deidentify.outcome import CannotBeMadeSafe
from tce_harness.deidentify.regions import Box, Regions, TextBox
from tce_harness.model.errors import HarnessError

Picture = NDArray[np.uint8]
_MODULE = "rapidocr_onnxruntime"
INSTALL = "pip install 'tce-harness[ocr]'"
#: Pixels added around what is found, besides a quarter of its height: strokes reach beyond the box.
_MARGIN = 2


class TextSearch(StrEnum):
    """Whether text is looked for by character recognition; it takes about a second a frame."""

    NONE = "none"
    WHERE_INSTALLED = "where-installed"
    REQUIRED = "required"


class Finder(Protocol):
    """Finds text in a picture."""

    def find(self, picture: Picture) -> list[Box]:
        """Return where text stands; the picture has the shape (rows, columns)."""


class Recogniser:
    """Finds text by RapidOCR, whose models come in its wheel."""

    def __init__(self) -> None:
        self._engine = import_module(_MODULE).RapidOCR()

    def find(self, picture: Picture) -> list[Box]:
        """Return where text stands, also such of which no word could be read."""
        found, _ = self._engine(picture, use_cls=False, use_rec=False)
        return [_box(np.asarray(corners, dtype=float)) for corners in (found if found is not None else ())]


def is_installed() -> bool:
    """Return whether character recognition is at hand."""
    return find_spec(_MODULE) is not None


def finder_of(wanted: TextSearch) -> Finder | None:
    """Return what finds text, None where none is wanted or at hand.

    Raises
    ------
    HarnessError
        When it is required and not installed.
    """
    if wanted is TextSearch.NONE:
        return None
    if is_installed():
        return _recogniser()
    if wanted is TextSearch.REQUIRED:
        raise HarnessError(f"the policy wants text to be looked for by character recognition: {INSTALL}")
    return None


@cache
def _recogniser() -> Recogniser:
    return Recogniser()


def found_regions(dataset: Dataset, syntax: UID, finder: Finder) -> Regions | None:
    """Return where text was found in the frames of an instance; None where none was.

    Raises
    ------
    CannotBeMadeSafe
        When a frame cannot be decoded.
    """
    boxes = tuple(_found(dataset, syntax, finder))
    return Regions(("character recognition",), boxes) if boxes else None


def _found(dataset: Dataset, syntax: UID, finder: Finder) -> Iterator[TextBox]:
    rows, columns = number(dataset, "Rows"), number(dataset, "Columns")
    for frame in range(1, number(dataset, "NumberOfFrames", 1) + 1):
        try:
            picture = _picture(displayed(dataset, syntax, frame))
        except CODEC_ERRORS as error:
            text = (
                f"its pixels cannot be searched for text, as they cannot be decoded ({type(error).__name__})"
            )
            raise CannotBeMadeSafe(text) from None
        for box in finder.find(picture):
            wider = _widened(box, rows, columns)
            if wider.fits(rows, columns):
                yield TextBox(wider, frozenset({frame}))


def _picture(values: NDArray[np.generic]) -> Picture:
    """Return a frame in 256 levels of grey; faint text stays as faint as it is."""
    grey = values.astype(np.float64)
    if grey.ndim == 3:
        grey = grey.max(axis=-1)
    low, high = float(grey.min()), float(grey.max())
    return ((grey - low) * 255 / max(high - low, 1)).astype(np.uint8)


def _box(corners: NDArray[np.float64]) -> Box:
    left, top = (int(value) for value in np.floor(corners.min(axis=0)))
    right, bottom = (int(value) for value in np.ceil(corners.max(axis=0)))
    return Box(left, top, right - left, bottom - top)


def _widened(box: Box, rows: int, columns: int) -> Box:
    margin = _MARGIN + box.height // 4
    left, top = max(box.left - margin, 0), max(box.top - margin, 0)
    right, bottom = min(box.right + margin, columns), min(box.bottom + margin, rows)
    return Box(left, top, right - left, bottom - top)
