"""Burned-in text judged by known pixels: a conforming export, and one sabotage after another."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pixel_array

from tce_harness.content import Content
from tce_harness.fixtures import find_recipe, synthesise
from tce_harness.fixtures.synthesis import SyntheticInstance
from tce_harness.model.canary import Fate
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.pixels import burned_in_text_removed, no_burned_in_contradiction

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker

CLAIMED = Claims(deidentification_codes=("113100", "113101"))
Frames = NDArray[np.uint8]
Sabotage = Callable[[Frames, Frames], Frames]
LEGIBLE = [("painted-text-legible", Severity.FAIL)]


@pytest.fixture(scope="module")
def loop() -> SyntheticInstance:
    """Three frames of ultrasound; name, number and birth date in all, the accession number in the first."""
    content = Content.with_overlays()
    return synthesise(find_recipe("us-burned-in", content), seed=5, block=1, name="study").instances[0]


def frames_of(dataset: Dataset) -> Frames:
    return np.asarray(pixel_array(dataset, raw=True))


def blackened(instance: SyntheticInstance, right: int = 0, down: int = 0) -> Frames:
    """Return the frames with every painted box filled, or what lies beside it."""
    frames = frames_of(instance.dataset).copy()
    for text in instance.burned_in:
        left, top, width, height = text.box
        rows, columns = (
            slice(max(top + down, 0), top + down + height),
            slice(left + right, left + right + width),
        )
        frames[text.frame - 1, rows, columns] = 0
    return frames


def exported(instance: SyntheticInstance, frames: Frames) -> Dataset:
    dataset = copy.deepcopy(instance.dataset)
    dataset.PixelData = frames.tobytes()
    dataset.Rows, dataset.Columns = frames.shape[1:3]
    dataset.NumberOfFrames = len(frames)
    dataset.PatientIdentityRemoved, dataset.BurnedInAnnotation = "YES", "NO"
    return dataset


def told(judgement: Judgement) -> list[tuple[str, Severity]]:
    return sorted({(each.kind, each.severity) for each in judgement.findings})


@pytest.fixture
def judged(make_case: CaseMaker, loop: SyntheticInstance) -> Callable[[Dataset], tuple[Judgement, Judgement]]:
    def judge(dataset: Dataset) -> tuple[Judgement, Judgement]:
        case = make_case([loop.dataset], [dataset], painted=loop.burned_in, claims=CLAIMED)
        return burned_in_text_removed(case), no_burned_in_contradiction(case)

    return judge


Judged = Callable[[Dataset], tuple[Judgement, Judgement]]


def test_filled_boxes_pass_and_every_text_is_counted(judged: Judged, loop: SyntheticInstance) -> None:
    removed, contradiction = judged(exported(loop, blackened(loop)))
    assert (removed.examined, removed.unit) == (7, "painted texts")
    assert told(removed) == told(contradiction) == []


def one_frame_forgotten(cleaned: Frames, original: Frames) -> Frames:
    return np.concatenate([cleaned[:2], original[2:]])


def nothing_done(cleaned: Frames, original: Frames) -> Frames:
    return original


def inverted(cleaned: Frames, original: Frames) -> Frames:
    return 255 - original


def a_fifth_of_the_contrast(cleaned: Frames, original: Frames) -> Frames:
    return original // 5


def cropped_with_the_text(cleaned: Frames, original: Frames) -> Frames:
    return original[:, :80, :160]


def frames_in_another_order(cleaned: Frames, original: Frames) -> Frames:
    return np.concatenate([cleaned[:1], original[1:2]])


@pytest.mark.parametrize(
    "sabotage",
    [
        one_frame_forgotten,
        nothing_done,
        inverted,
        a_fifth_of_the_contrast,
        cropped_with_the_text,
        frames_in_another_order,
    ],
)
def test_text_that_is_still_there_fails(sabotage: Sabotage, judged: Judged, loop: SyntheticInstance) -> None:
    frames = np.ascontiguousarray(sabotage(blackened(loop), frames_of(loop.dataset)))
    for judgement in judged(exported(loop, frames)):
        assert LEGIBLE[0] in told(judgement)


@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, 3), (0, -3)])
def test_a_box_beside_the_text_by_half_a_character_fails(
    right: int, down: int, judged: Judged, loop: SyntheticInstance
) -> None:
    removed, _ = judged(exported(loop, blackened(loop, right, down)))
    assert told(removed) == LEGIBLE


def blurred(cleaned: Frames, original: Frames) -> Frames:
    weights = np.exp(-(np.arange(-6, 7) ** 2) / 8.0)
    values = original.astype(np.float64)
    for axis in (1, 2):
        values = np.apply_along_axis(np.convolve, axis, values, weights / weights.sum(), "same")
    return values.astype(np.uint8)


def mosaic(cleaned: Frames, original: Frames) -> Frames:
    small = original.reshape(3, 24, 4, 48, 4, 3).mean(axis=(2, 4))
    return np.asarray(small.repeat(4, axis=1).repeat(4, axis=2), dtype=np.uint8)


@pytest.mark.parametrize("smear", [blurred, mosaic])
def test_blur_and_mosaic_have_a_verdict_of_their_own(
    smear: Sabotage, judged: Judged, loop: SyntheticInstance
) -> None:
    painted = frames_of(loop.dataset)
    removed, contradiction = judged(exported(loop, smear(blackened(loop), painted)))
    assert ("legibility-reduced", Severity.FAIL) in told(removed)
    assert ("legibility-reduced", Severity.WARNING) in told(contradiction)
    assert LEGIBLE[0] not in told(removed)


def test_a_crop_that_leaves_the_text_out_passes(make_case: CaseMaker, loop: SyntheticInstance) -> None:
    named = tuple(each for each in loop.burned_in if each.box[1] < 40)
    frames = np.ascontiguousarray(frames_of(loop.dataset)[:, 30:, :])
    case = make_case([loop.dataset], [exported(loop, frames)], painted=named, claims=CLAIMED)
    removed = burned_in_text_removed(case)
    assert removed.examined == len(named)
    assert told(removed) == [("changed-outside-text", Severity.INFO)]


def test_noise_in_place_of_text_is_removal(judged: Judged, loop: SyntheticInstance) -> None:
    frames, noise = blackened(loop), np.random.default_rng(1).integers(0, 255, (3, 96, 192, 3), np.uint8)
    original = frames_of(loop.dataset)
    for text in loop.burned_in:
        left, top, width, height = text.box
        box = (text.frame - 1, slice(top, top + height), slice(left, left + width))
        frames[box] = noise[box]
    assert not np.array_equal(frames, original)
    assert told(judged(exported(loop, frames))[0]) == []


def test_harmless_text_may_go_and_may_stay(make_case: CaseMaker, loop: SyntheticInstance) -> None:
    painted = [replace(each, fate=Fate.MUST_STAY) if each.box[1] > 40 else each for each in loop.burned_in]
    gone = exported(loop, blackened(loop))
    frames, original = blackened(loop), frames_of(loop.dataset)
    frames[:, 40:] = original[:, 40:]
    stayed = exported(loop, frames)
    verdicts = [
        told(burned_in_text_removed(make_case([loop.dataset], [each], painted=painted, claims=CLAIMED)))
        for each in (gone, stayed)
    ]
    assert verdicts == [[("harmless-text-removed", Severity.INFO)], []]


def test_collateral_is_told_and_changes_no_verdict(judged: Judged, loop: SyntheticInstance) -> None:
    frames = blackened(loop)
    frames[1, 50:60, 50:60] += 1
    removed, _ = judged(exported(loop, frames))
    (note,) = removed.findings
    assert (note.kind, note.severity) == ("changed-outside-text", Severity.INFO)
    assert note.observed is not None
    assert note.observed.startswith("100 of ")


def test_a_frame_that_cannot_be_decoded_is_told_and_never_passes(
    judged: Judged, loop: SyntheticInstance
) -> None:
    dataset = exported(loop, blackened(loop)[:1])
    dataset.NumberOfFrames = 3
    removed, contradiction = judged(dataset)
    for judgement in (removed, contradiction):
        assert ("pixels-not-comparable", Severity.WARNING) in told(judgement)
    assert removed.examined < 7


def test_pixels_of_another_size_without_likeness_are_told(judged: Judged, loop: SyntheticInstance) -> None:
    frames = np.random.default_rng(2).integers(0, 255, (3, 40, 50, 3), np.uint8)
    removed, _ = judged(exported(loop, frames))
    assert removed.examined == 0
    assert ("pixels-not-comparable", Severity.WARNING) in told(removed)


def test_what_is_withheld_is_no_fault_and_no_pass(make_case: CaseMaker, loop: SyntheticInstance) -> None:
    other = Dataset()
    other.file_meta = loop.dataset.file_meta
    other.SOPClassUID, other.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.59", "2.25.7"
    case = make_case([loop.dataset], [other], painted=loop.burned_in, claims=CLAIMED)
    removed = burned_in_text_removed(case)
    assert (removed.examined, removed.findings) == (0, ())
    assert removed.reason == "the images with painted text were withheld"
    assert no_burned_in_contradiction(case).findings == ()


def test_another_sop_class_hides_no_text(make_case: CaseMaker, loop: SyntheticInstance) -> None:
    dataset = exported(loop, frames_of(loop.dataset))
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7.4"
    case = make_case([loop.dataset], [dataset], painted=loop.burned_in, claims=CLAIMED)
    assert LEGIBLE[0] in told(burned_in_text_removed(case))


def test_annotation_that_is_not_no_fails_where_the_option_is_claimed(
    judged: Judged, loop: SyntheticInstance
) -> None:
    dataset = exported(loop, blackened(loop))
    del dataset.BurnedInAnnotation
    removed, _ = judged(dataset)
    assert told(removed) == [("burned-in-annotation-not-no", Severity.FAIL)]


def test_without_the_claim_the_mark_alone_makes_it_a_fault(
    make_case: CaseMaker, loop: SyntheticInstance
) -> None:
    whole = exported(loop, frames_of(loop.dataset))
    unmarked = copy.deepcopy(whole)
    unmarked.PatientIdentityRemoved = "NO"
    cases = [make_case([loop.dataset], [each], painted=loop.burned_in) for each in (whole, unmarked)]
    assert [burned_in_text_removed(each).applicable for each in cases] == [False, False]
    assert [told(no_burned_in_contradiction(each)) for each in cases] == [LEGIBLE, []]


def test_without_painted_text_nothing_is_passed(make_case: CaseMaker, loop: SyntheticInstance) -> None:
    case = make_case([], [exported(loop, blackened(loop))], claims=CLAIMED, what="check")
    removed = burned_in_text_removed(case)
    assert (removed.examined, removed.findings) == (0, ())
    assert removed.reason is not None
    assert "OCR" in removed.reason


def test_findings_say_which_pixels(judged: Judged, loop: SyntheticInstance) -> None:
    removed, _ = judged(exported(loop, frames_of(loop.dataset)))
    regions = [each.region for each in removed.findings if each.region is not None]
    assert [(each.frame, each.left, each.top, each.width, each.height) for each in regions] == [
        (each.frame, *each.box) for each in loop.burned_in
    ]
    assert not any(each.quotes for each in removed.findings)
