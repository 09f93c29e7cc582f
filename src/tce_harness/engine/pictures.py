"""Painted text before and after, as small pictures beside its findings: of synthetic images only."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.finding import PixelRegion, Severity
from tce_harness.model.result import Picture, RuleResult
from tce_harness.rules.deidentification.pixels_looking import Laid, Look, NotComparable, lay, looks
from tce_harness.rules.deidentification.pixels_stored import Undecodable, stored_pixels

MOST_PICTURES = 6
"""Of one check step: the report has to stay a page that a browser opens."""

_AROUND = 6
_WIDEST = 360
_LARGEST = 16_000

Grey = NDArray[np.float64]


def pictures(case: CaseEvidence, rules: Iterable[RuleResult]) -> tuple[Picture, ...]:
    """Return pictures of the pixels that warnings and failures speak of, but for those of real patients.

    Text is painted by the harness alone, so a case with a user's own files has nothing to show.
    """
    if case.case.real_patients or case.run.real_patients or not case.painted:
        return ()
    wanted = {
        (finding.subject, finding.region): None
        for rule in rules
        for finding in rule.findings
        if finding.region is not None and finding.severity is not Severity.INFO
    }
    found: list[Picture] = []
    for each in looks(case):
        region = _region(each)
        if (each.pair.subject.label, region) in wanted and len(found) < MOST_PICTURES:
            found += _drawn(each, region)
            del wanted[each.pair.subject.label, region]
    return tuple(found)


def _region(look: Look) -> PixelRegion:
    left, top, width, height = look.text.box
    return PixelRegion(
        place=look.text.place, frame=look.frame, left=left, top=top, width=width, height=height
    )


def _drawn(look: Look, region: PixelRegion) -> Iterator[Picture]:
    try:
        planes = lay(look.text, look.pair, look.frame)
    except (Undecodable, NotComparable):
        return
    pixels = stored_pixels(look.pair.original)
    bright_is_low = pixels is not None and pixels.photometric == "MONOCHROME1"
    for laid in planes[:1]:
        before, after = _cut(laid, region)
        dark, bright = float(before.min()), float(before.max())
        if bright_is_low:
            dark, bright = bright, dark
        yield Picture(
            subject=look.pair.subject.label,
            region=region,
            before=_png(before, dark, bright),
            after=_png(after, dark, bright),
        )


def _cut(laid: Laid, region: PixelRegion) -> tuple[Grey, Grey]:
    """Return the box with a little around it, before and after, as fractions; outside a crop it is dark."""
    before = _grey(laid.before, laid.bits[1])
    after = np.full_like(before, before.min())
    down, right = laid.offset
    rows, columns = laid.now.shape[:2]
    after[down : down + rows, right : right + columns] = _grey(laid.now, laid.bits[0])
    box = (
        slice(max(region.top - _AROUND, 0), region.top + region.height + _AROUND),
        slice(max(region.left - _AROUND, 0), region.left + region.width + _AROUND),
    )
    return before[box], after[box]


def _grey(values: NDArray[np.int64], bits: int) -> Grey:
    """Return one plane of a frame: what a palette shows, the mean of RGB, or the only sample."""
    return np.asarray((values.mean(axis=2) if values.shape[2] == 3 else values[:, :, -1]) / float(1 << bits))


def _png(plane: Grey, dark: float, bright: float) -> str:
    span = bright - dark or 1.0
    levels = np.clip(np.rint((plane - dark) / span * 255), 0, 255).astype(np.uint8)
    levels = levels[:: -(-levels.shape[1] // _WIDEST), :: -(-levels.shape[1] // _WIDEST)]
    while True:
        written = BytesIO()
        Image.fromarray(levels).save(written, "PNG", optimize=True)
        if written.tell() <= _LARGEST:
            return base64.b64encode(written.getvalue()).decode("ascii")
        levels = levels[::2, ::2]
