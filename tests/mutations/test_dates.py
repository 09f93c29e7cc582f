from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from tce_harness.model.errors import HarnessError
from tce_harness.mutations import parse_mutations
from tce_harness.mutations.dates import _moved

Apply = Callable[..., Dataset]


def dated(image: Dataset, original: Dataset) -> None:
    original.StudyDate, original.AcquisitionDateTime = "20240228", "20231231235959.5+0100"
    original.StudyTime = "101530"
    image.StudyDate = ""


def test_dates_stand_again_moved_and_times_stay(apply: Apply, image: Dataset, original: Dataset) -> None:
    dated(image, original)
    shift = {"element": ["(0008,0020)", "(0008,002A)", "(0008,0030)"], "days": 2}
    sent = apply([{"shift-dates": shift}], image, original)
    assert (sent.StudyDate, sent.AcquisitionDateTime) == ("20240301", "20240102235959.5+0100")
    assert "StudyTime" not in sent


def test_times_move_with_their_dates_across_midnight(apply: Apply, image: Dataset, original: Dataset) -> None:
    dated(image, original)
    image.StudyTime, image.AcquisitionDateTime = "", "x"
    shift = {"element": ["(0008,0020)", "(0008,002A)"], "days": -2, "hours": -11}
    sent = apply([{"shift-dates": shift}], image, original)
    assert (sent.StudyDate, sent.StudyTime) == ("20240225", "231530")
    assert sent.AcquisitionDateTime == "20231229125959.5+0100"


def test_a_time_that_was_removed_comes_back_with_its_date_and_one_without_a_date_alone(
    apply: Apply, image: Dataset, original: Dataset
) -> None:
    dated(image, original)
    original.ContrastBolusStartTime = "030000"
    shift = {"element": ["(0008,0020)", "(0018,1042)"], "days": -2, "hours": -5}
    sent = apply([{"shift-dates": shift}], image, original)
    assert (sent.StudyDate, sent.StudyTime, sent.ContrastBolusStartTime) == ("20240226", "051530", "220000")


def test_each_patient_may_have_a_shift_of_his_own(apply: Apply, image: Dataset, original: Dataset) -> None:
    dated(image, original)
    shift = {"shift-dates": {"element": "(0008,0020)", "days": 0, "by-patient": True}}
    dates = set()
    for number in ("9990001", "9990002"):
        original.PatientID = number
        dates.add(apply([shift], image, original).StudyDate)
    assert len(dates - {original.StudyDate}) == 2


@given(st.text(max_size=20), st.integers(-4_000_000, 4_000_000))
def test_what_is_no_date_is_not_moved(value: str, days: int) -> None:
    moved = _moved(value, timedelta(days=days))
    assert moved is None or (len(moved) == len(value) and moved[8:] == value[8:])


def test_days_are_a_whole_number() -> None:
    with pytest.raises(HarnessError, match="days"):
        parse_mutations(json.dumps([{"shift-dates": {"element": "(0008,0020)", "days": "a week"}}]))
