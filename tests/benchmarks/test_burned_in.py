"""Text in pixels is told left or removed by the glyphs that were painted, not by equal bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from deidentifying.burned_in import REMOVED, WITHHELD, burned_in_text, legibility
from deidentifying.inputs import SEED, BurnedIn
from tce_harness.content import Content
from tce_harness.fixtures import find_recipe, synthesise
from tce_harness.objects.instance import encode_instance, read_instance

Pixels = NDArray[np.uint8]


@cache
def planted() -> BurnedIn:
    content = Content.with_overlays()
    study = synthesise(
        find_recipe("us-burned-in", content), seed=SEED, block=2, name="us-burned-in", content=content
    )
    return BurnedIn(next(each for each in study.instances if each.burned_in))


def with_pixels(change: Callable[[Pixels], Pixels]) -> bytes:
    dataset = read_instance(planted().instance.content)
    shape = (-1, int(dataset.Rows), int(dataset.Columns), int(dataset.SamplesPerPixel))
    pixels = np.frombuffer(dataset.PixelData, dtype=np.uint8).reshape(shape).copy()
    dataset.PixelData = change(pixels).tobytes()
    return encode_instance(dataset)


def in_boxes(change: Callable[[Pixels], Pixels]) -> Callable[[Pixels], Pixels]:
    def changed(pixels: Pixels) -> Pixels:
        for text in planted().instance.burned_in:
            x, y, width, height = text.box
            box = (text.frame - 1, slice(y, y + height), slice(x, x + width))
            pixels[box] = change(pixels[box])
        return pixels

    return changed


def noisy(pixels: Pixels) -> Pixels:
    change = np.random.default_rng(1).choice([-1, 1], pixels.shape)
    return np.asarray(np.clip(pixels.astype(int) + change, 0, 255), dtype=np.uint8)


def of_pictures(change: Callable[[Image.Image], Image.Image]) -> Callable[[Pixels], Pixels]:
    def changed(pixels: Pixels) -> Pixels:
        return np.stack([np.asarray(change(Image.fromarray(frame))) for frame in pixels])

    return changed


def as_jpeg(picture: Image.Image) -> Image.Image:
    file = BytesIO()
    picture.save(file, "JPEG", quality=60)
    return Image.open(file)


def slightly_blurred(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(0.6))


def strongly_blurred(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(2.5))


def lines() -> int:
    return len(planted().instance.burned_in)


@pytest.mark.parametrize(
    "change",
    [
        lambda pixels: pixels,
        noisy,
        lambda pixels: 255 - pixels,
        of_pictures(as_jpeg),
        of_pictures(slightly_blurred),
    ],
    ids=["identical", "one grey level more or less", "inverted", "as after JPEG", "slightly blurred"],
)
def test_a_slight_change_does_not_make_text_removed(change: Callable[[Pixels], Pixels]) -> None:
    told = legibility(with_pixels(change), planted())
    assert REMOVED not in told
    assert f"of {lines()}" in told
    assert sum(int(part.split(", ")[1].split(" of ")[0]) for part in told.split("; ")) == lines()


@pytest.mark.parametrize("change", [lambda pixels: pixels, noisy, of_pictures(as_jpeg)])
def test_text_that_can_be_read_is_told_as_left(change: Callable[[Pixels], Pixels]) -> None:
    assert legibility(with_pixels(change), planted()) == f"left, {lines()} of {lines()}"


def test_blurred_text_is_not_told_as_removed() -> None:
    told = legibility(with_pixels(of_pictures(strongly_blurred)), planted())
    assert "harder to read, not removed" in told


@pytest.mark.parametrize(
    "change",
    [
        in_boxes(np.zeros_like),
        in_boxes(lambda box: np.full_like(box, np.median(box))),
        in_boxes(lambda box: np.random.default_rng(2).integers(0, 40, box.shape).astype(np.uint8)),
    ],
    ids=["blacked out", "replaced by the background", "replaced by noise"],
)
def test_text_that_was_taken_out_is_removed(change: Callable[[Pixels], Pixels]) -> None:
    assert legibility(with_pixels(change), planted()) == REMOVED


def test_a_folder_without_the_instance_withheld_it(tmp_path: Path) -> None:
    assert burned_in_text(tmp_path / "none", planted()) == WITHHELD
    (tmp_path / "image.dcm").write_bytes(with_pixels(noisy))
    assert burned_in_text(tmp_path, planted()).startswith("left")
