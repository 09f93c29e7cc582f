"""Text painted into synthetic images: every pixel of it is known, so that its removal can be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tce_harness.model.canary import Fate


class PaintedPlace(StrEnum):
    """Where in an instance a text was painted."""

    PIXELS = "pixels"
    ICON = "icon"
    OVERLAY = "overlay"
    UNUSED_BITS = "unused bits"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintedText:
    """One line of text painted into one frame.

    Parameters
    ----------
    subject
        Label of the instance that carries it.
    frame
        Counted from 1.
    box
        Left, top, width and height of the painted pixels, in pixels, from the upper left corner (0, 0).
    mask
        Which pixels of the box were painted, in hexadecimal: one bit each, row by row without padding between
        rows, the first in the highest bit.
    fate
        Whether it identifies somebody and must be gone, or is harmless and must stay.
    """

    subject: str
    text: str
    frame: int
    box: tuple[int, int, int, int]
    mask: str
    place: PaintedPlace = PaintedPlace.PIXELS
    fate: Fate = Fate.MUST_GO
