"""The figures on burned-in text, over a handful of images: what they count, tell and show."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from pixel_figures import reading
from pixel_figures.cleaning import Cleaner, is_empty_besides, same_outside
from pixel_figures.figures import (
    Counted,
    Figures,
    Named,
    over_clean,
    over_faults,
    over_reference,
    with_mistake,
)
from pixel_figures.judging import Judge, Verdict
from pixel_figures.page import page
from pixel_figures.sheet import ContactSheet, as_seen
from tce_harness.fixtures.pixel_matrix import instance_of, representations
from tce_harness.mutations.pixel_faults import PixelFault, Stored

NAMES = ("MONOCHROME2 8 bit rle", "PALETTE COLOR 8 bit explicit", "MONOCHROME2 8 bit explicit in icon")
BY_NAME = {each.name: each for each in representations()}


@lru_cache
def images() -> tuple[Named, ...]:
    return tuple(
        (name, instance_of(BY_NAME[name], seed=4, number=number, turn=0)) for number, name in enumerate(NAMES)
    )


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    return Judge(tmp_path / "judge")


def test_every_image_is_written_or_held_back_with_a_reason(tmp_path: Path, judge: Judge) -> None:
    figures = Figures(is_judged=judge.exists)
    cleaner = Cleaner("basic", [image for _, image in images()], tmp_path / "content")
    over_reference(figures, images(), cleaner, judge, ContactSheet())
    assert set(figures.representations) == set(NAMES)
    for name in NAMES[:2]:
        counted = figures.representations[name]
        assert counted.written + sum(counted.held_back.values()) == counted.images == 1
        assert all("Burned In Annotation" in reason for reason in counted.held_back)
    icon = figures.representations[NAMES[2]]
    assert (icon.images, icon.written, icon.same_outside, icon.empty_besides) == (1, 1, 1, 1)
    text = page(figures, "the command")
    assert "`the command`" in text
    assert "| MONOCHROME2 8 bit rle | 1 | 1 |" in text


def test_a_change_between_the_bands_is_seen() -> None:
    _, image = images()[1]
    changed = instance_of(BY_NAME[NAMES[1]], seed=4, number=1, turn=0).dataset
    assert same_outside(image.dataset, changed)
    content = bytearray(changed.PixelData)
    content[len(content) // 2] ^= 1
    changed.PixelData = bytes(content)
    assert not same_outside(image.dataset, changed)


@pytest.mark.parametrize("place", ["icon", "overlay", "unused bits"])
def test_what_is_left_besides_the_pixels_is_seen(place: str) -> None:
    bits = 12 if place == "unused bits" else 8
    planted = instance_of(BY_NAME[f"MONOCHROME2 {bits} bit explicit in {place}"], seed=4, number=0, turn=0)
    assert not is_empty_besides(planted.dataset)
    assert is_empty_besides(instance_of(BY_NAME["RGB 8 bit explicit"], seed=4, number=0, turn=0).dataset)


def test_what_was_missed_is_counted_and_makes_the_figures_bad() -> None:
    figures = Figures()
    assert figures.is_good
    figures.faults[PixelFault.INVERTED] = Counted(images=3, fails=2)
    figures.faults[PixelFault.BLACK_BOX] = Counted(images=3, fails=1)
    assert figures.faults_missed == 2
    assert not figures.is_good
    figures.faults.clear()
    figures.representations["one"] = Counted(images=1, written=1)
    assert not figures.is_good


def test_faults_and_clean_images_are_judged_where_there_is_a_judge(judge: Judge) -> None:
    figures, sheet = Figures(is_judged=judge.exists), ContactSheet()
    over_faults(figures, images()[:2], judge, sheet, each=2, seed=1)
    assert figures.faults[PixelFault.INVERTED].images == 2
    assert figures.faults[PixelFault.FRAME_FORGOTTEN].images == 0
    twins = [
        (image, instance_of(BY_NAME[name], seed=4, number=number, turn=0, clean=True))
        for number, (name, image) in enumerate(images()[:2])
    ]
    over_clean(figures, twins, judge)
    assert figures.clean.images == 2
    wanted = {Verdict.LEGIBLE: 2} if judge.exists else {Verdict.NOTHING: 2}
    assert figures.faults[PixelFault.NOTHING_DONE].verdicts == wanted
    assert "none made" in page(Figures(faults=figures.faults, is_judged=True), "command")


def test_mistakes_are_made_in_every_representation_before_one_is_taken_twice(judge: Judge) -> None:
    twice = [*images()[:2], *images()[:2], *images()[:1]]
    made = [image.label for image, _ in with_mistake(PixelFault.NOTHING_DONE, twice, 2, Random(3))]
    assert sorted(made) == sorted(image.label for _, image in images()[:2])


def test_the_sheet_shows_before_and_after_side_by_side(tmp_path: Path) -> None:
    sheet = ContactSheet()
    sheet.add("planted", images()[0][1].dataset, None, "held back")
    sheet.write(tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as picture:
        shown = np.asarray(picture.convert("L"))
    assert shown[20:210, 10:300].std() > 10 > shown[20:210, 340:600].std()


@pytest.mark.parametrize(
    "name", ["PALETTE COLOR 8 bit explicit", "MONOCHROME1 12 bit jpeg-ls", "YBR_FULL_422 8 bit explicit"]
)
def test_a_picture_shows_what_a_viewer_shows(name: str) -> None:
    dataset = instance_of(BY_NAME[name], seed=4, number=0, turn=0).dataset
    dark = np.asarray(Stored.of(dataset).values[0] == Stored.of(dataset).dark).all(axis=-1)
    seen = np.asarray(as_seen(dataset, 1).convert("L"))
    if dark.any():
        assert seen[dark].max() <= 8
    assert seen.shape == (dataset.Rows, dataset.Columns)
    assert seen.std() > 10


def test_reading_counts_what_an_engine_reads() -> None:
    planted, clean = images()[0][1], instance_of(BY_NAME[NAMES[0]], seed=4, number=1, turn=0, clean=True)
    words = [text.text for text in planted.burned_in if text.fate.value == "must-go"]
    answers = iter([[[None, word, 0.9] for word in words], [[None, "|....|", 0.9], [None, "L", 0.9]]])
    counts = reading.read_all(lambda picture: (next(answers), None), [planted], [clean])
    assert (counts.named, counts.found, counts.clean, counts.alarmed) == (1, 1, 1, 0)
    assert counts.read == counts.texts == len(words)
    assert "recall 1.000 (1 of 1), precision 1.000" in str(counts)
