"""What can be read and what cannot, over painted text of many sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tce_harness.content import Content
from tce_harness.fixtures.burned_in import paint_text
from tce_harness.rules.deidentification.pixels_glyphs import (
    MARGIN,
    Legibility,
    Mask,
    Plane,
    Region,
    correlation,
    read_region,
)

FONT = "fixtures/fonts/DejaVuSansMono-Bold.ttf"
TEXT = "Okonkwo 9994610238"


def painted(size: int, contrast: float, seed: int = 1) -> tuple[Mask, Plane]:
    """Return a mask and the pixels around it, text on an uneven noisy ground."""
    font = Content.with_overlays().file(FONT)
    canvas = paint_text(TEXT, (60, 40 * size), (MARGIN + 2, MARGIN + 2), size=size, font=font)
    ys, xs = np.nonzero(canvas)
    rows, columns = slice(ys.min(), ys.max() + 1), slice(xs.min(), xs.max() + 1)
    wide = (
        slice(rows.start - MARGIN, rows.stop + MARGIN),
        slice(columns.start - MARGIN, columns.stop + MARGIN),
    )
    noise = np.random.default_rng(seed).normal(0, 0.02, canvas.shape)
    ground = np.linspace(0.1, 0.3, canvas.shape[1])[np.newaxis, :] + noise
    values = np.rint(np.where(canvas, ground + contrast, ground) * 4095) / 4096
    return canvas[rows, columns], values[wide][:, :, np.newaxis]


def read(mask: Mask, now: Plane, before: Plane, *, lossy: bool = False) -> Legibility:
    return read_region(mask, len(TEXT), Region(now, before, lossy)).legibility


@pytest.mark.parametrize("size", [9, 16, 28])
@pytest.mark.parametrize("contrast", [0.6, 0.22])
def test_brightness_contrast_and_sign_hide_no_text(size: int, contrast: float) -> None:
    mask, before = painted(size, contrast)
    box = before[MARGIN:-MARGIN, MARGIN:-MARGIN]
    for now in (box, 1 - box, 0.2 * box, np.rint(box * 255) / 256, box + 0.3):
        assert read(mask, now, before) is Legibility.LEGIBLE


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 1), st.integers(0, 1000), st.sampled_from([9, 16]))
def test_a_filled_box_and_noise_are_removal_whatever_the_value(value: float, seed: int, size: int) -> None:
    mask, before = painted(size, 0.5)
    noise = np.random.default_rng(seed).random((*mask.shape, 1))
    assert read(mask, np.full((*mask.shape, 1), value), before) is Legibility.REMOVED
    assert read(mask, noise, before) is Legibility.REMOVED


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
@pytest.mark.parametrize("size", [9, 16, 28])
def test_half_a_character_is_seen_on_every_side(side: str, size: int) -> None:
    mask, before = painted(size, 0.5)
    now = np.zeros((*mask.shape, 1))
    box = before[MARGIN:-MARGIN, MARGIN:-MARGIN]
    half, middle = round(mask.shape[1] / len(TEXT) / 2), mask.shape[0] // 2
    everything = slice(None)
    rows, columns = {
        "left": (everything, slice(half)),
        "right": (everything, slice(-half, None)),
        "top": (slice(middle), everything),
        "bottom": (slice(-middle, None), everything),
    }[side]
    now[rows, columns] = box[rows, columns]
    assert read(mask, now, before) is Legibility.LEGIBLE


def test_a_faint_trace_after_lossy_compression_is_no_text() -> None:
    mask, before = painted(16, 0.5)
    box = before[MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert read(mask, 0.05 * box, before, lossy=True) is Legibility.REMOVED
    assert read(mask, 0.05 * box, before) is Legibility.LEGIBLE


def test_the_ground_without_its_text_is_removal() -> None:
    mask, before = painted(16, 0.5)
    box = before[MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert read(mask, box - 0.5 * mask[:, :, np.newaxis], before) is Legibility.REMOVED


def test_even_windows_and_slopes_have_no_correlation() -> None:
    rng = np.random.default_rng(4)
    one, slope = rng.random((6, 9)), np.add.outer(np.arange(6.0), 3 * np.arange(9.0))
    assert correlation(one, np.full((6, 9), 7.0)) == 0
    assert correlation(one, slope) == 0
    assert correlation(one, 5 - 2 * one + slope) == pytest.approx(1)
