"""Whether painted text can still be read in a region of pixels, told by every pixel that was painted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from tce_harness.model.painted_text import PaintedText

Plane = NDArray[np.float64]
Mask = NDArray[np.bool_]
Window = tuple[slice, slice]

#: Correlation of the glyphs with the pixels, measured over generated images: text that nobody touched had
#: 0.61 and more, JPEG of quality 30 and a fifth of the contrast included; true redactions had 0.37 and less.
UNTOUCHED, REDACTED = 0.61, 0.37
#: Context that a caller gives around a box, so that it can be told what blurring would have made of it.
MARGIN = 8
_ALIKE, _ALIKE_LOSSY = 0.97, 0.9
_VISIBLE = 0.6
_SMEARED, _PERHAPS_SMEARED = 0.96, 0.6
_FAINT = 0.12
_FEWEST = 24
_SIGMAS = (1.0, 1.5, 2.0, 3.0)
_BLOCKS = (2, 3, 4, 5, 6, 8, 12)


class Legibility(StrEnum):
    """What became of a painted text."""

    LEGIBLE = "legible"
    REDUCED = "legibility-reduced"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was seen of a painted text in one region.

    Parameters
    ----------
    correlation
        Of all its glyphs with the pixels, from 0 to 1.
    parts
        Of characters that can still be read, where the text as a whole cannot.
    """

    legibility: Legibility
    correlation: float
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Region:
    """The pixels of a box, and as they were.

    Parameters
    ----------
    now
        As exported, as a fraction of the values that can be, shape (height, width, samples).
    before
        The original with `MARGIN` pixels around the box; its samples need not be those of ``now``.
    lossy
        Whether either was compressed with loss, so that faint traces mean nothing.
    """

    now: Plane
    before: Plane
    lossy: bool = False

    @property
    def box(self) -> Plane:
        """The original without what stands around it."""
        return self.before[MARGIN:-MARGIN, MARGIN:-MARGIN]

    @property
    def kept(self) -> Mask | None:
        """Which pixels have the value that they had; None where that says nothing."""
        if self.now.shape != self.box.shape:
            return None
        return np.asarray(np.all(self.now == self.box, axis=2))


def mask_of(text: PaintedText) -> Mask:
    """Return which pixels of the box were painted, shape (height, width)."""
    _, _, width, height = text.box
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(text.mask), dtype=np.uint8))
    return bits[: width * height].reshape(height, width).astype(bool)


@cache
def _plane_basis(height: int, width: int) -> Plane:
    """Return an orthonormal basis of all even slopes over a window: the ground that text stands on."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    columns = [np.ones(height * width), x.ravel(), y.ravel()]
    wanted = [columns[0], *(each for each, size in ((columns[1], width), (columns[2], height)) if size > 1)]
    return np.asarray(np.linalg.qr(np.stack(wanted, axis=1))[0])


def _residuals(windows: Plane) -> Plane:
    basis = _plane_basis(*windows.shape[1:])
    flat = windows.reshape(len(windows), -1)
    return np.asarray(flat - (flat @ basis) @ basis.T)


def correlation(first: Plane, second: Plane) -> float:
    """Return the absolute normalised cross-correlation of two windows of one shape, without their slopes.

    0 where either is even: a filled box says nothing.
    """
    return float(_correlations(first[np.newaxis], second[np.newaxis])[0])


def _correlations(first: Plane, second: Plane) -> Plane:
    """Return the same for many windows at once, shape (windows, height, width)."""
    left, right = _residuals(first), _residuals(second)
    lengths = [np.linalg.norm(each, axis=1) for each in (left, right)]
    even = np.zeros(len(first), dtype=bool)
    for values, length in zip((first, second), lengths, strict=True):
        largest = np.abs(values).reshape(len(values), -1).max(axis=1)
        even |= length <= 1e-9 * np.maximum(largest, 1.0) * left.shape[1]
    products = np.abs(np.einsum("ij,ij->i", left, right))
    scale = np.where(even, 1.0, lengths[0] * lengths[1])
    return np.asarray(np.where(even, 0.0, np.minimum(products / scale, 1.0)))


def read_region(mask: Mask, characters: int, region: Region) -> Reading:
    """Tell whether glyphs can be read in a region.

    Parameters
    ----------
    mask
        Shape (height, width).
    characters
        How many characters the text has, which gives the size of one.
    """
    glyphs = mask.astype(np.float64)
    channels = [each for each in _channels(region.now) if _stands_out(glyphs, each, region)]
    if not channels:
        return Reading(Legibility.REMOVED, 0.0)
    kept = region.kept
    sharp = max(_best_shift(glyphs, each) for each in channels)
    floor = max(REDACTED, 4.5 / float(np.sqrt(mask.size)))
    if kept is not None and kept.all():
        return Reading(Legibility.LEGIBLE, sharp)
    parts = _kept_parts(mask, characters, region, kept)
    if not parts and _smeared(mask, region):
        return Reading(Legibility.REDUCED, sharp)
    if parts or sharp >= max(UNTOUCHED, floor):
        return Reading(Legibility.LEGIBLE, sharp, 0 if sharp >= UNTOUCHED else parts)
    parts = _alike_parts(glyphs, characters, region, channels)
    if parts:
        return Reading(Legibility.LEGIBLE, sharp, parts)
    smooth = max(correlation(_gaussian(glyphs, sigma), each) for sigma in (1.5, 2.5) for each in channels)
    trace = max(sharp, smooth)
    if trace >= floor:
        trace = max(_beside_ground(mask, each, region) for each in channels)
    return Reading(Legibility.REDUCED if trace >= floor else Legibility.REMOVED, trace)


def _stands_out(glyphs: Plane, channel: Plane, region: Region) -> bool:
    """Tell whether anything is there; after lossy compression, more than a trace of what was."""
    if not region.lossy:
        return bool(channel.max() > channel.min())
    now = float(_residuals(channel[np.newaxis]).std())
    return now >= _FAINT * max(float(_residuals(each[np.newaxis]).std()) for each in _channels(region.box))


def _channels(region: Plane) -> tuple[Plane, ...]:
    """Return the samples of a region that differ: of grey in three samples, one."""
    found: list[Plane] = []
    for sample in range(region.shape[2]):
        channel = region[:, :, sample]
        if not any(np.array_equal(channel, each) for each in found):
            found.append(channel)
    return tuple(found)


def _best_shift(glyphs: Plane, region: Plane) -> float:
    """Return the correlation at the best shift of one pixel, looking at nothing outside the box itself.

    Outside it the edge of a filled box would look like text.
    """
    found = correlation(glyphs, region)
    if found >= UNTOUCHED or glyphs.size < 4 * _FEWEST:
        return found
    for down, right in product((-1, 0, 1), repeat=2):
        ours, theirs = _overlap(glyphs.shape, down, right)
        if min(glyphs[ours].shape) > 2:
            found = max(found, correlation(glyphs[ours], region[theirs]))
    return found


def _overlap(shape: tuple[int, ...], down: int, right: int) -> tuple[Window, Window]:
    height, width = shape
    ours = (slice(max(0, -down), height - max(0, down)), slice(max(0, -right), width - max(0, right)))
    theirs = (slice(max(0, down), height - max(0, -down)), slice(max(0, right), width - max(0, -right)))
    return ours, theirs


def _gaussian(values: Plane, sigma: float) -> Plane:
    """Return values blurred, with nothing around them."""
    reach = int(np.ceil(3 * sigma))
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma * sigma))
    height, width = values.shape
    wide = np.pad(values, reach)
    tall = sum(weight * wide[start : start + height] for start, weight in enumerate(weights))
    done = sum(weight * np.asarray(tall)[:, start : start + width] for start, weight in enumerate(weights))
    return np.asarray(done) / float(weights.sum()) ** 2


def _smeared(mask: Mask, region: Region) -> bool:
    """Tell whether the region is the original blurred, or a mosaic of it: from both, text can be had again.

    It is not where the original itself, or its ground without the text, explains it as well.
    """
    now, before = region.now.mean(axis=2), region.before.mean(axis=2)
    box = slice(MARGIN, -MARGIN)
    if correlation(_gaussian(before, 2.0)[box, box], now) < _PERHAPS_SMEARED:
        return False
    with_text = _likest([*_blurs(before), *_mosaics(before)], now)
    if with_text < _SMEARED or with_text <= correlation(before[box, box], now):
        return False
    ground = _without(before, np.pad(mask, MARGIN))
    return with_text > _likest([ground[box, box], *_blurs(ground), *_mosaics(ground)], now)


def _beside_ground(mask: Mask, channel: Plane, region: Region) -> float:
    """Return the correlation of the glyphs, sharp or blurred, with what the ground does not explain.

    Where text had stood over the edge of something, what is left of that edge looks a little like it.
    """
    ground = _without(region.before.mean(axis=2), np.pad(mask, MARGIN))[MARGIN:-MARGIN, MARGIN:-MARGIN]
    glyphs = mask.astype(np.float64)
    drawn = (glyphs, _gaussian(glyphs, 1.5), _gaussian(glyphs, 2.5))
    basis = _residuals(ground[np.newaxis])[0]
    length = float(np.linalg.norm(basis))
    if length <= 1e-9:
        return max(correlation(each, channel) for each in drawn)
    basis /= length
    left, *others = (each - (each @ basis) * basis for each in _residuals(np.stack([channel, *drawn])))
    size = float(np.linalg.norm(left))
    if size <= 1e-9 * max(float(np.abs(channel).max()), 1.0):
        return 0.0
    return max(float(abs(left @ each)) / (size * float(np.linalg.norm(each))) for each in others)


def _likest(made: Sequence[Plane], now: Plane) -> float:
    return float(_correlations(np.stack(made), now[np.newaxis]).max())


def _without(before: Plane, painted: Mask) -> Plane:
    """Return a plane with its painted pixels made anew from those around them."""
    free = (~painted).astype(np.float64)
    weight = _gaussian(free, 2.0)
    around = _gaussian(before * free, 2.0) / np.maximum(weight, 1e-6)
    return np.where(painted, around, before)


def _blurs(before: Plane) -> Iterator[Plane]:
    """Yield the box blurred, with what stands around it and without."""
    box = slice(MARGIN, -MARGIN)
    alone = np.pad(before[box, box], MARGIN, mode="edge")
    for sigma in _SIGMAS:
        for each in (before, alone):
            yield _gaussian(each, sigma)[box, box]


def _mosaics(before: Plane) -> Iterator[Plane]:
    """Yield mosaics of the box in squares counted from its own corner."""
    box = before[MARGIN:-MARGIN, MARGIN:-MARGIN]
    height, width = box.shape
    for size in _BLOCKS:
        down, right = np.arange(0, height, size), np.arange(0, width, size)
        sums = np.add.reduceat(np.add.reduceat(box, down, axis=0), right, axis=1)
        tall, wide = np.diff(np.append(down, height)), np.diff(np.append(right, width))
        yield (sums / np.outer(tall, wide)).repeat(tall, axis=0).repeat(wide, axis=1)


def _kept_parts(mask: Mask, characters: int, region: Region, kept: Mask | None) -> int:
    """Return how many columns or rows of text stand as they were, where these are half a character."""
    if kept is None:
        return 0
    height, width = mask.shape
    half = max(int(width / max(characters, 1) / 2) - 1, 2)
    columns = [slice(*run) for run in _runs(np.logical_and.reduce(kept, axis=0), half)]
    rows = [slice(*run) for run in _runs(np.logical_and.reduce(kept, axis=1), max(height // 2 - 1, 2))]
    found = [each for each in columns if _shows(mask[:, each], region.box[:, each])]
    found += [each for each in rows if _shows(mask[each], region.box[each])]
    return sum(int(each.stop) - int(each.start) for each in found)


def _runs(flags: Mask, fewest: int) -> Iterator[tuple[int, int]]:
    """Yield where at least so many flags in a row are set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - start >= fewest:
            yield int(start), int(stop)


def _shows(mask: Mask, before: Plane) -> bool:
    """Tell whether a part of the original shows some of a glyph against its ground."""
    if mask.sum() < 3 or (~mask).sum() < 3:
        return False
    glyphs = mask.astype(np.float64)
    return any(correlation(glyphs, each) >= _VISIBLE for each in _channels(before))


def _alike_parts(glyphs: Plane, characters: int, region: Region, channels: Sequence[Plane]) -> int:
    """Return how many parts of characters are the original's, but for brightness and contrast."""
    wanted = _ALIKE_LOSSY if region.lossy else _ALIKE
    found = 0
    for windows in _by_shape(_parts(glyphs > 0, characters)):
        drawn = _cut(glyphs, windows)
        alike = np.zeros(len(windows), dtype=bool)
        for old in (_cut(channel, windows) for channel in _channels(region.box)):
            stood_out = _correlations(drawn, old)
            for new in (_cut(channel, windows) for channel in channels):
                still = (stood_out >= _VISIBLE) & (_correlations(drawn, new) >= 0.85 * stood_out)
                alike |= still & (_correlations(old, new) >= wanted)
        found += int(alike.sum())
    return found


def _by_shape(windows: Iterable[Window]) -> Iterable[list[Window]]:
    groups: dict[tuple[int, int], list[Window]] = defaultdict(list)
    for rows, columns in windows:
        groups[rows.stop - rows.start, columns.stop - columns.start].append((rows, columns))
    return groups.values()


def _cut(plane: Plane, windows: Sequence[Window]) -> Plane:
    return np.stack([plane[window] for window in windows])


def _parts(mask: Mask, characters: int) -> Iterator[Window]:
    """Yield left, right, upper and lower halves of characters, counted from both ends of the line.

    A part grows until it has enough pixels, painted and not, to tell text from chance.
    """
    height, width = mask.shape
    character = max(width / max(characters, 1), 4.0)
    half = max(int(character / 2), 2)
    for start in range(0, width, half):
        yield from _grown(mask, (0, height), start, half, 1)
        yield from _grown(mask, (0, height), width - start, half, -1)
    upper = max(height // 2, 2)
    for start in range(0, width, max(int(character), 4)):
        yield from _grown(mask, (0, upper), start, int(character), 1)
        yield from _grown(mask, (height - upper, height), start, int(character), 1)


def _grown(mask: Mask, rows: tuple[int, int], start: int, size: int, way: int) -> Iterator[Window]:
    for wide in range(size, 3 * size + 1):
        left, right = (start, start + wide) if way > 0 else (start - wide, start)
        if left < 0 or right > mask.shape[1]:
            return
        part = mask[slice(*rows), left:right]
        painted = int(part.sum())
        if part.size >= _FEWEST and 0.1 * part.size <= painted <= 0.9 * part.size:
            yield slice(*rows), slice(left, right)
            return
