"""Text looked for in the pixels: what is found goes, and a search that is not at hand is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydicom import uid as uids
from pydicom.dataset import Dataset

from tce_harness.content import Content
from tce_harness.deidentify import (
    Box,
    Deidentifier,
    Policy,
    Pseudonyms,
    TextSearch,
    text_search,
    with_options,
)
from tce_harness.deidentify.outcome import CannotBeMadeSafe
from tce_harness.deidentify.pixel_cleaning import PixelCleaning
from tce_harness.deidentify.text_search import Picture
from tce_harness.model.errors import HarnessError

SYNTAX = uids.ExplicitVRLittleEndian


class Brightest:
    """Finds the box around what is brighter than 200 of 255."""

    def find(self, picture: Picture) -> list[Box]:
        ys, xs = np.nonzero(picture > 200)
        if not len(xs):
            return []
        left, top = int(xs.min()), int(ys.min())
        return [Box(left, top, int(xs.max()) - left + 1, int(ys.max()) - top + 1)]


@pytest.fixture
def cleaning(basic: Policy, content: Content) -> PixelCleaning:
    return PixelCleaning(with_options(basic, ["clean-pixel-data"], content), Brightest())


def image(cr: Dataset, values: np.ndarray[tuple[int, ...], np.dtype[np.uint16]]) -> Dataset:
    cr.Rows, cr.Columns = values.shape[-2:]
    cr.NumberOfFrames = values.shape[0]
    cr.PixelData = values.tobytes()
    return cr


def test_what_is_found_goes_in_the_frame_that_shows_it(cr: Dataset, cleaning: PixelCleaning) -> None:
    values = np.full((2, 30, 40), 100, dtype=np.uint16)
    values[:, 20, 5] = 500  # the brightest of the first frame
    values[1, 4:8, 10:20] = 4000
    dataset = image(cr, values)
    syntax, notes, redacted = cleaning.clean(dataset, SYNTAX)
    after = np.frombuffer(dataset.PixelData, "<u2").reshape(values.shape)
    assert (syntax, redacted) == (SYNTAX, True)
    assert not after[1, 1:11, 7:23].any()
    assert after[1, 12:].min() == 100
    assert "by character recognition" in notes[-1].detail


def test_declared_text_that_is_not_found_holds_the_instance_back(
    cr: Dataset, cleaning: PixelCleaning
) -> None:
    cr.BurnedInAnnotation = "YES"
    dataset = image(cr, np.full((1, 30, 40), 100, dtype=np.uint16))
    assert cleaning.refusal(dataset) is None
    assert not cleaning.is_usual(dataset)
    with pytest.raises(CannotBeMadeSafe, match="neither ultrasound regions nor a device layout"):
        cleaning.clean(dataset, SYNTAX)


def test_a_search_that_is_required_and_not_installed_is_an_error(
    basic: Policy, content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_search, "find_spec", lambda name: None)
    policy = with_options(basic, ["clean-pixel-data"], content)
    pseudonyms = Pseudonyms(b"a key of sixteen bytes")
    with pytest.raises(HarnessError, match=r"pip install 'tce-harness\[ocr\]'"):
        Deidentifier(replace(policy, ocr=TextSearch.REQUIRED), pseudonyms)
    assert (
        Deidentifier(replace(policy, ocr=TextSearch.WHERE_INSTALLED), pseudonyms).policy.ocr
        == "where-installed"
    )
