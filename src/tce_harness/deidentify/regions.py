"""Where on an image text stands: boxes that go, or boxes that stay and everything outside them goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tce_harness.deidentify.native_pixels import number

Mask = NDArray[np.bool_]
#: Fewest rows or columns beside the ultrasound regions into which a line of text fits.
LEAST_MARGIN = 8


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels, its left upper corner counted from 0."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column that no longer belongs to it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """First row that no longer belongs to it."""
        return self.top + self.height

    def fits(self, rows: int, columns: int) -> bool:
        """Return whether it lies within a frame, and is not empty."""
        inside = self.left >= 0 and self.top >= 0 and self.right <= columns and self.bottom <= rows
        return inside and self.width > 0 and self.height > 0


@dataclass(frozen=True, slots=True)
class TextBox:
    """A box that goes.

    Parameters
    ----------
    frames
        Numbers of the frames that show it, from 1; None for all.
    """

    box: Box
    frames: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Regions:
    """What goes from the frames of an instance.

    Parameters
    ----------
    sources
        What they are known from, for people.
    boxes
        What goes.
    keep
        Where there are any, everything outside them goes from every frame.
    crop
        What is left of the image, which becomes smaller; None where it stays as large as it is.
    """

    sources: tuple[str, ...]
    boxes: tuple[TextBox, ...] = ()
    keep: tuple[Box, ...] = ()
    crop: Box | None = None

    def __or__(self, other: Regions) -> Regions:
        """Return what goes by either; where both say what stays, that alone stays on which both agree."""
        boxes = (*self.boxes, *other.boxes)
        if self.keep and other.keep:
            keep = tuple(
                both for one in self.keep for each in other.keep if (both := _common(one, each)) is not None
            )
            # where they have nothing in common, nothing stays
            keep = keep or (Box(0, 0, 0, 0),)
        else:
            keep = self.keep or other.keep
        return Regions((*self.sources, *other.sources), boxes, keep, self.crop or other.crop)

    def mask(self, frame: int, rows: int, columns: int) -> Mask | None:
        """Return which pixels of a frame go; None where none does.

        Parameters
        ----------
        frame
            Its number, from 1.
        """
        mask = np.full((rows, columns), bool(self.keep))
        for box in self.keep:
            mask[box.top : box.bottom, box.left : box.right] = False
        for each in self.boxes:
            if each.frames is None or frame in each.frames:
                mask[each.box.top : each.box.bottom, each.box.left : each.box.right] = True
        return mask if mask.any() else None


def _common(one: Box, other: Box) -> Box | None:
    left, top = max(one.left, other.left), max(one.top, other.top)
    width, height = min(one.right, other.right) - left, min(one.bottom, other.bottom) - top
    return Box(left, top, width, height) if width > 0 and height > 0 else None


def ultrasound_regions(dataset: Dataset) -> Regions | None:
    """Return what the regions of an ultrasound image leave outside, where devices write who is examined.

    Sequence of Ultrasound Regions (0018,6011), PS3.3 section C.8.5.5. None where there are none, where one
    makes no sense, or where they leave no margin wide enough for text: then text stands elsewhere.
    """
    rows, columns = number(dataset, "Rows"), number(dataset, "Columns")
    boxes = [region_box(item, rows, columns) for item in dataset.get("SequenceOfUltrasoundRegions") or ()]
    known = tuple(box for box in boxes if box is not None)
    if not known or len(known) < len(boxes):
        return None
    margins = (
        min(box.left for box in known),
        min(box.top for box in known),
        columns - max(box.right for box in known),
        rows - max(box.bottom for box in known),
    )
    if max(margins) < LEAST_MARGIN:
        return None
    return Regions(("ultrasound regions (0018,6011)",), keep=known)


def region_box(item: Dataset, rows: int, columns: int) -> Box | None:
    """Return where an item of Sequence of Ultrasound Regions lies; None where that makes no sense."""
    corners = [
        item.get(keyword)
        for keyword in (
            "RegionLocationMinX0", "RegionLocationMinY0", "RegionLocationMaxX1", "RegionLocationMaxY1",
        )
    ]  # fmt: skip
    if not all(isinstance(corner, int) for corner in corners):
        return None
    left, top, right, bottom = corners
    # a device may give the last pixel as one beyond the frame
    box = Box(left, top, min(right, columns - 1) - left + 1, min(bottom, rows - 1) - top + 1)
    return box if box.fits(rows, columns) else None
