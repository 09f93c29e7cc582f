"""Mistakes with burned-in text: each does what it says, and leaves what it should not touch."""

from __future__ import annotations

from functools import lru_cache
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tce_harness.fixtures import SyntheticInstance
from tce_harness.fixtures.pixel_matrix import instance_of, representations
from tce_harness.model.canary import Fate
from tce_harness.model.painted_text import PaintedPlace, PaintedText
from tce_harness.mutations.pixel_faults import PixelFault, Stored, with_fault

NAMES = {each.name: each for each in representations()}
LOOP = "RGB 8 bit 3 frames rle"
UNTOUCHED = (PixelFault.NOTHING_DONE, PixelFault.OVERLAY_INSTEAD, PixelFault.SHUTTER_INSTEAD)
REMOVED = [fault for fault in PixelFault if fault.removes]


@lru_cache
def made(name: str, *, every_frame: bool = True) -> SyntheticInstance:
    found = (instance_of(NAMES[name], seed=9, number=0, turn=turn) for turn in range(20))
    return next(
        each for each in found if not every_frame or len({text.frame for text in each.burned_in}) != 1
    )


def faulty(fault: PixelFault, name: str = LOOP) -> tuple[SyntheticInstance, Dataset]:
    instance = made(name, every_frame=name == LOOP)
    exported = with_fault(fault, instance.dataset, instance.burned_in, Random(1))
    assert exported is not None
    return instance, exported


def identifying(instance: SyntheticInstance) -> list[PaintedText]:
    return [
        each for each in instance.burned_in if each.fate is Fate.MUST_GO and each.place is PaintedPlace.PIXELS
    ]


def box_of(dataset: Dataset, text: PaintedText) -> NDArray[np.float64]:
    left, top, width, height = text.box
    values = Stored.of(dataset).values[text.frame - 1, top : top + height, left : left + width, 0]
    return values.astype(np.float64)


def likeness(dataset: Dataset, text: PaintedText) -> float:
    _, _, width, height = text.box
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(text.mask), np.uint8), count=width * height)
    box = box_of(dataset, text).ravel()
    return 0.0 if box.std() == 0 else abs(float(np.corrcoef(bits, box)[0, 1]))


@pytest.mark.parametrize("fault", REMOVED)
def test_a_true_removal_leaves_no_likeness(fault: PixelFault) -> None:
    instance, exported = faulty(fault)
    assert max(likeness(exported, text) for text in identifying(instance)) < 0.2


@pytest.mark.parametrize("fault", UNTOUCHED)
def test_hiding_leaves_every_value_as_it_was(fault: PixelFault) -> None:
    instance, exported = faulty(fault)
    assert np.array_equal(Stored.of(exported).values, Stored.of(instance.dataset).values)
    assert exported.BurnedInAnnotation == "NO"


@pytest.mark.parametrize("fault", [PixelFault.INVERTED, PixelFault.FAINT])
def test_another_brightness_leaves_the_shapes(fault: PixelFault) -> None:
    instance, exported = faulty(fault)
    for text in identifying(instance):
        assert likeness(exported, text) > 0.9 * likeness(instance.dataset, text)
        assert not np.array_equal(box_of(exported, text), box_of(instance.dataset, text))


@pytest.mark.parametrize("fault", [each for each in PixelFault if each.reduces])
def test_softening_leaves_less_and_not_nothing(fault: PixelFault) -> None:
    instance, exported = faulty(fault)
    for text in identifying(instance):
        assert likeness(exported, text) < likeness(instance.dataset, text)
        assert 0 < box_of(exported, text).std() < box_of(instance.dataset, text).std()


def test_one_frame_keeps_its_text_and_the_others_lose_it() -> None:
    instance, exported = faulty(PixelFault.FRAME_FORGOTTEN)
    left = {text.frame for text in identifying(instance) if likeness(exported, text) > 0.5}
    assert len(left) == 1


def test_a_shifted_box_leaves_the_first_columns() -> None:
    instance, exported = faulty(PixelFault.BOX_SHIFTED)
    text = identifying(instance)[0]
    first, old = box_of(exported, text), box_of(instance.dataset, text)
    half = text.box[2] // (2 * len(text.text))
    assert np.array_equal(first[:, :half], old[:, :half])
    assert first[:, half:].std() == 0


def test_a_crop_keeps_the_text_where_it_was() -> None:
    instance, exported = faulty(PixelFault.CROP_KEEPS_TEXT)
    assert exported.Columns < instance.dataset.Columns
    for text in identifying(instance):
        assert np.array_equal(box_of(exported, text), box_of(instance.dataset, text))


def test_icons_are_cleaned_or_forgotten() -> None:
    name = "MONOCHROME2 8 bit explicit in pixels and icon"
    instance, only = faulty(PixelFault.ONLY_ICON, name)
    assert set(only.IconImageSequence[0].PixelData) == {0}
    assert likeness(only, identifying(instance)[0]) > 0.5
    _, forgotten = faulty(PixelFault.ICON_FORGOTTEN, name)
    assert forgotten.IconImageSequence[0].PixelData == instance.dataset.IconImageSequence[0].PixelData
    assert likeness(forgotten, identifying(instance)[0]) < 0.2


def test_unused_bits_are_forgotten() -> None:
    name = "MONOCHROME2 12 bit explicit in pixels and unused bits"
    instance, exported = faulty(PixelFault.UNUSED_BITS_FORGOTTEN, name)
    old, new = (np.frombuffer(each.PixelData, "<u2") >> 12 for each in (instance.dataset, exported))
    assert old.any()
    assert np.array_equal(old, new)


@pytest.mark.parametrize("name", ["RGB 8 bit jpeg", "PALETTE COLOR 8 bit jpeg-ls", "RGB 8 bit jpeg-2000"])
def test_a_fault_changes_nothing_outside_the_boxes(name: str) -> None:
    instance, exported = faulty(PixelFault.BLACK_BOX, name)
    old, new = Stored.of(instance.dataset).values, Stored.of(exported).values
    outside = np.ones(old.shape[1:3], dtype=bool)
    for text in identifying(instance):
        left, top, width, height = text.box
        outside[top : top + height, left : left + width] = False
    assert np.array_equal(old[0][outside], new[0][outside])
    assert np.asarray(exported.pixel_array).size == old.size


def test_a_fault_that_cannot_be_made_is_told() -> None:
    single = made("MONOCHROME2 8 bit rle", every_frame=False)
    for fault in (PixelFault.FRAME_FORGOTTEN, PixelFault.ONLY_ICON, PixelFault.UNUSED_BITS_FORGOTTEN):
        assert with_fault(fault, single.dataset, single.burned_in, Random(1)) is None
    assert with_fault(PixelFault.BLACK_BOX, single.dataset, (), Random(1)) is None


def test_the_original_is_not_changed() -> None:
    instance, _ = faulty(PixelFault.BLACK_BOX)
    assert instance.dataset.BurnedInAnnotation == "YES"
    assert max(likeness(instance.dataset, text) for text in identifying(instance)) > 0.6
