"""Each painted text looked for where it stood: in the pixels, the icon, the overlays and the unused bits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.pairing import Pair
from tce_harness.model.painted_text import PaintedPlace, PaintedText
from tce_harness.rules.deidentification.pixels_alignment import offset_of
from tce_harness.rules.deidentification.pixels_glyphs import (
    MARGIN,
    Legibility,
    Plane,
    Reading,
    Region,
    mask_of,
    read_region,
)
from tce_harness.rules.deidentification.pixels_stored import (
    Frame,
    StoredPixels,
    Undecodable,
    icon_pixels,
    overlay_plane,
    stored_pixels,
)

_MOST_FRAMES = 64
_GRAVITY = (Legibility.REMOVED, Legibility.REDUCED, Legibility.LEGIBLE)
_GONE = Reading(Legibility.REMOVED, 0.0)
ELEMENTS = {
    PaintedPlace.PIXELS: "(7FE0,0010)",
    PaintedPlace.UNUSED_BITS: "(7FE0,0010)",
    PaintedPlace.ICON: "(0088,0200)[1]/(7FE0,0010)",
    PaintedPlace.OVERLAY: "(6000,3000)",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What became of one painted text in one exported instance.

    Parameters
    ----------
    frame
        The exported frame in which most of it was seen.
    reading
        None where `reason` says why it could not be looked for.
    """

    text: PaintedText
    pair: Pair
    frame: int
    reading: Reading | None
    reason: str | None = None


class NotComparable(ValueError):
    """The exported pixels cannot be laid over the original's."""


@dataclass(frozen=True, slots=True)
class Laid:
    """One frame as exported and as it was, laid over each other.

    Parameters
    ----------
    now, before
        Shape (rows, columns, samples).
    offset
        Where in the original the exported frame begins, down and right.
    bits
        Of the exported and of the original values.
    """

    now: Frame
    before: Frame
    offset: tuple[int, int]
    bits: tuple[int, int]
    lossy: bool

    def visible(self, text: PaintedText) -> tuple[slice, slice] | None:
        """Return which part of a text's box, by its own rows and columns, the exported frame holds."""
        left, top, width, height = text.box
        down, right = self.offset
        rows = slice(max(0, down - top), min(height, down + self.now.shape[0] - top))
        columns = slice(max(0, right - left), min(width, right + self.now.shape[1] - left))
        return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None

    def region(self, text: PaintedText, part: tuple[slice, slice]) -> Region:
        """Return the pixels of a part of a text's box."""
        left, top, _, _ = text.box
        down, right = self.offset
        rows, columns = part
        now = self.now[
            top + rows.start - down : top + rows.stop - down,
            left + columns.start - right : left + columns.stop - right,
        ]
        before = _with_margin(
            self.before,
            (top + rows.start - MARGIN, top + rows.stop + MARGIN),
            (left + columns.start - MARGIN, left + columns.stop + MARGIN),
        )
        return Region(_scaled(now, self.bits[0]), _scaled(before, self.bits[1]), self.lossy)


def _with_margin(frame: Frame, rows: tuple[int, int], columns: tuple[int, int]) -> Frame:
    """Return a part of a frame; beyond its edges, its outermost pixels again."""
    down = np.clip(np.arange(*rows), 0, frame.shape[0] - 1)
    right = np.clip(np.arange(*columns), 0, frame.shape[1] - 1)
    return frame[down[:, np.newaxis], right[np.newaxis, :]]


def _scaled(values: Frame, bits: int) -> Plane:
    return values / float(1 << bits)


def looks(case: CaseEvidence) -> tuple[Look, ...]:
    """Look for every painted text in what was exported of its instance; what was withheld is not there."""
    if case not in _LOOKS:
        _LOOKS[case] = tuple(_looks(case))
    return _LOOKS[case]


_LOOKS: WeakKeyDictionary[CaseEvidence, tuple[Look, ...]] = WeakKeyDictionary()


def painted_in(case: CaseEvidence, original: EvidenceInstance) -> tuple[PaintedText, ...]:
    """Return what was painted into an original."""
    return tuple(text for text in case.painted if text.subject == original.label)


def _looks(case: CaseEvidence) -> Iterator[Look]:
    by_label: dict[str, list[PaintedText]] = defaultdict(list)
    for text in case.painted:
        by_label[text.subject].append(text)
    for pair in case.pairing.pairs:
        for text in by_label[pair.original.label]:
            yield look(text, pair)
    yield from _looks_at_strangers(case, by_label)


def _looks_at_strangers(case: CaseEvidence, painted: dict[str, list[PaintedText]]) -> Iterator[Look]:
    """Look for text in instances that no original could be told of, as another SOP class makes them.

    What is not seen in them says nothing, as nobody knows what they came from.
    """
    for subject in case.pairing.subjects_alone:
        for original in case.pairing.originals_alone if stored_pixels(subject) is not None else ():
            for text in painted[original.label]:
                found = look(text, Pair(subject, original))
                if found.reading is not None and found.reading.legibility is Legibility.LEGIBLE:
                    yield found


def look(text: PaintedText, pair: Pair) -> Look:
    """Look for one painted text in an exported instance, in each frame where it may stand."""
    seen: list[tuple[int, Reading]] = []
    try:
        for frame in _frames(text, pair):
            found = [_read(text, each) for each in lay(text, pair, frame)]
            seen.append((frame, max(found, key=_grave, default=_GONE)))
    except (Undecodable, NotComparable) as error:
        return Look(text, pair, text.frame, None, str(error))
    frame, reading = max(seen, key=lambda each: _grave(each[1]), default=(text.frame, _GONE))
    return Look(text, pair, frame, reading)


def _grave(reading: Reading) -> tuple[int, float]:
    return _GRAVITY.index(reading.legibility), reading.correlation


def _frames(text: PaintedText, pair: Pair) -> Sequence[int]:
    """Return the frames to look into: its own, or all where there are not as many as there were."""
    now, before = stored_pixels(pair.subject), stored_pixels(pair.original)
    if text.place in (PaintedPlace.ICON, PaintedPlace.OVERLAY) or now is None or before is None:
        return (text.frame,)
    return (text.frame,) if now.frames == before.frames else range(1, min(now.frames, _MOST_FRAMES) + 1)


def lay(text: PaintedText, pair: Pair, frame: int) -> tuple[Laid, ...]:
    """Return the planes in which a text is to be looked for; none where there are no such pixels any more.

    Raises
    ------
    Undecodable, NotComparable
        With the reason.
    """
    if text.place is PaintedPlace.OVERLAY:
        return tuple(_overlays(text, pair))
    read = icon_pixels if text.place is PaintedPlace.ICON else stored_pixels
    now, before = read(pair.subject), read(pair.original)
    if before is None:
        raise NotComparable("the original has no such pixels")
    if now is None:
        return ()
    if text.place is PaintedPlace.UNUSED_BITS:
        planes = (_bit_planes(now.unused_bits(frame)), _bit_planes(before.unused_bits(text.frame)))
        return (Laid(*planes, _offset(now, before, frame, text.frame), (1, 1), lossy=False),)
    values = now.frame(frame), before.frame(text.frame)
    offset = _offset(now, before, frame, text.frame)
    return (Laid(*values, offset, (now.bits, before.bits), lossy=now.lossy or before.lossy),)


def _offset(now: StoredPixels, before: StoredPixels, frame: int, original_frame: int) -> tuple[int, int]:
    found = offset_of(now.frame(frame), before.frame(original_frame))
    if found is None:
        raise NotComparable(
            "the exported pixels are of another size, and no part of the original is like them"
        )
    return found


def _bit_planes(values: Frame) -> Frame:
    """Return each bit of the values as a sample of its own."""
    bits = max(int(values.max()).bit_length(), 1)
    return np.concatenate([(values >> bit) & 1 for bit in range(bits)], axis=2)


def _overlays(text: PaintedText, pair: Pair) -> Iterator[Laid]:
    groups = range(0x6000, 0x6020, 2)
    for before in (overlay_plane(pair.original.dataset, group, text.frame) for group in groups):
        for group in groups if before is not None else ():
            like = before.shape[:2] if before is not None else (0, 0)
            now = overlay_plane(pair.subject.dataset, group, text.frame, like)
            if now is not None and before is not None and now.shape == before.shape:
                yield Laid(now, before, (0, 0), (1, 1), lossy=False)


def _read(text: PaintedText, laid: Laid) -> Reading:
    part = laid.visible(text)
    if part is None:
        return _GONE
    mask = mask_of(text)[part]
    if not mask.any():
        return _GONE
    characters = max(round(len(text.text) * mask.shape[1] / text.box[2]), 1)
    return read_region(mask, characters, laid.region(text, part))
