"""Optical character recognition as a second opinion, where the extra ``ocr`` is installed."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from time import perf_counter
from typing import Any

import numpy as np

from pixel_figures.sheet import as_seen
from tce_harness.fixtures import SyntheticInstance
from tce_harness.model.canary import Fate
from tce_harness.model.painted_text import PaintedPlace

_LIKE = 0.8
_FEWEST = 3


@dataclass(slots=True)
class Reading:
    """What was read, counted.

    Parameters
    ----------
    named, found
        Images with identifying text, and those of them in which any of it was read.
    clean, alarmed
        Images without, and those of them in which a text was read that is no scale and no marker.
    texts, read
        Identifying texts, and those that were read, up to one letter in five.
    """

    named: int = 0
    found: int = 0
    clean: int = 0
    alarmed: int = 0
    texts: int = 0
    read: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        shown = self.found + self.alarmed
        precision = f"{self.found / shown:.3f}" if shown else "none"
        recall = f"{self.found / self.named:.3f}" if self.named else "none"
        images = self.named + self.clean
        return (
            f"images: recall {recall} ({self.found} of {self.named}), precision {precision} "
            f"({self.alarmed} of {self.clean} clean ones reported); texts read {self.read} of {self.texts}; "
            f"{self.seconds / max(1, images):.2f} s an image"
        )


def engine() -> Any | None:
    """Return the engine; None where it is not installed."""
    try:
        module = importlib.import_module("rapidocr_onnxruntime")
    except ImportError:
        return None
    return module.RapidOCR()


def read_all(
    reader: Any, planted: Sequence[SyntheticInstance], clean: Sequence[SyntheticInstance]
) -> Reading:
    """Read the first frame with text of each image."""
    counts = Reading()
    for image in planted:
        texts = [
            each
            for each in image.burned_in
            if each.fate is Fate.MUST_GO and each.place is PaintedPlace.PIXELS
        ]
        if not texts:
            continue
        shown = [each for each in texts if each.frame == texts[0].frame]
        lines = _lines(reader, image, texts[0].frame, counts)
        read = [each for each in shown if _is_in(each.text, lines)]
        counts.named += 1
        counts.found += bool(read) or any(_tells(line) for line in lines)
        counts.texts += len(shown)
        counts.read += len(read)
    for image in clean:
        counts.clean += 1
        counts.alarmed += any(_tells(line) for line in _lines(reader, image, 1, counts))
    return counts


def _lines(reader: Any, image: SyntheticInstance, frame: int, counts: Reading) -> list[str]:
    picture = np.asarray(as_seen(image.dataset, frame))
    begun = perf_counter()
    found, _ = reader(picture)
    counts.seconds += perf_counter() - begun
    return [_plain(line[1]) for line in found or ()]


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.casefold())


def _tells(line: str) -> bool:
    """Tell whether a line is more than a side marker, or a scale."""
    return len(line) > _FEWEST and bool(re.search(r"[2-9a-hj-km-z]", line))


def _is_in(text: str, lines: list[str]) -> bool:
    wanted = _plain(text)
    return any(
        wanted in line or SequenceMatcher(None, wanted, line, autojunk=False).ratio() >= _LIKE
        for line in lines
    )
