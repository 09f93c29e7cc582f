"""Painted text before and after, in the result of a run."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tce_harness.content import Content
from tce_harness.engine import RunPlan, load_library, perform_run, rejudge
from tce_harness.engine.pictures import MOST_PICTURES
from tce_harness.model.result import CaseResult, Picture, RunResult
from tce_harness.reports import to_html


@pytest.fixture(scope="module")
def fading(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunResult]:
    """Return a run of an Export Manager that fades text instead of removing it."""
    library = load_library(Content.with_overlays())
    cases = {case.id: case for scenario in library.scenarios for case in scenario.cases()}
    folder = tmp_path_factory.mktemp("fading") / "run"
    case = "EM-170/us-mixed"
    plan = RunPlan(cases=[cases[case]], folder=folder, seed=5, stand_ins={case: "fades-text"})
    return folder, perform_run(plan, library)


def decoded(png: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(BytesIO(base64.b64decode(png))))


def pictures(result: RunResult) -> tuple[Picture, ...]:
    (case,) = result.cases
    return case.pictures


def test_findings_on_pixels_have_pictures_of_both_and_not_too_many(fading: tuple[Path, RunResult]) -> None:
    shown = pictures(fading[1])
    assert len(shown) == MOST_PICTURES
    for each in shown:
        before, after = decoded(each.before), decoded(each.after)
        assert before.shape == after.shape
        assert (before.min(), before.max()) == (0, 255)
        assert 40 < after[8:12, 8:-8].max() < 70
        assert len(each.before) + len(each.after) < 40_000


def test_the_report_shows_them_in_the_page_itself(fading: tuple[Path, RunResult]) -> None:
    page = to_html(fading[1], Content.with_overlays())
    assert page.count('src="data:image/png;base64,') >= 2 * MOST_PICTURES
    assert page.count("<img") == page.count('src="data:image/png;base64,')
    assert "img-src data:;" in page


def test_judged_again_they_are_the_same(fading: tuple[Path, RunResult]) -> None:
    folder, result = fading
    assert pictures(rejudge(folder, load_library(Content.with_overlays()))) == pictures(result)


def test_no_picture_of_a_real_patient_is_shown(fading: tuple[Path, RunResult]) -> None:
    page = to_html(replace(fading[1], real_patients=True), Content.with_overlays())
    assert "<img" not in page


def test_what_is_no_png_is_not_shown(fading: tuple[Path, RunResult]) -> None:
    (case,) = fading[1].cases

    def spoilt(text: str) -> CaseResult:
        return replace(case, pictures=tuple(replace(each, before=text) for each in case.pictures))

    for text in ("W" * 400, '"><script>', "", base64.b64encode(b"<svg onload=x>").decode()):
        assert "<img" not in to_html(replace(fading[1], cases=(spoilt(text),)), Content.with_overlays())
