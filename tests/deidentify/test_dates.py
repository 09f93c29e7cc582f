"""Dates and times moved: every form of DA, TM and DT, midnight, and what is none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.deidentify import Pseudonyms
from tce_harness.deidentify.dates import NotATime, shifted, time_of_dates
from tce_harness.deidentify.pseudonyms import SHIFT_DAYS

BACK = timedelta(days=-400, minutes=90)
MINUTES = st.integers(1, 1439)
DAYS = st.one_of(st.integers(-5000, -2), st.integers(2, 5000))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 12, 31))


@pytest.mark.parametrize(
    ("vr", "text", "time", "moved"),
    [
        ("DA", "20240229", "", "20230125"),
        ("DA", "20240229", "1000", "20230125"),
        ("DA", "20240229", "2230", "20230126"),
        ("DA", "20240229", "223000.5", "20230126"),
        ("DA", "20240229", "24", "20230126"),
        ("DA", "2024.02.29", "22:30:00", "2023.01.26"),
        ("DA", "20240229-20240301", "", "20230125-20230126"),
        ("DA", "20240229-", "", "20230125-"),
        ("TM", "101112", "", "114112"),
        ("TM", "101112.123456", "", "114112.123456"),
        ("TM", "1011", "", "1141"),
        ("TM", "10", "", "1130"),
        ("TM", "233000", "", "010000"),
        ("TM", "24", "", "0130"),
        ("TM", "240000", "", "013000"),
        ("TM", "10:11:12", "", "11:41:12"),
        ("TM", "1000-1100", "", "1130-1230"),
        ("DT", "20240229223000.5", "", "20230126000000.5"),
        ("DT", "20240229223000.5+0100", "", "20230126000000.5+0100"),
        ("DT", "20240229101112-0500", "", "20230125114112-0500"),
        ("DT", "2024022910", "", "202301251130"),
        ("DT", "20240229", "", "20230125"),
        ("DT", "202402", "", "202212"),
        ("DT", "2024", "", "2022"),
        ("DT", "2024-2025", "", "2022-2023"),
        ("DT", "20240229-20240301", "", "20230125-20230126"),
    ],
)
def test_every_form_moves_and_keeps_its_form(vr: str, text: str, time: str, moved: str) -> None:
    assert shifted(vr, text, BACK, time) == moved


@pytest.mark.parametrize(
    ("vr", "text"),
    [
        ("DA", "1985"),
        ("DA", "19850231"),
        ("DA", "00000000"),
        ("DA", "around 1985"),
        ("DA", "-"),
        ("DA", "00010101"),
        ("TM", "25"),
        ("TM", "1061"),
        ("TM", "2401"),
        ("TM", "noon"),
        ("DT", "20241301"),
        ("DT", "20240101250000"),
        ("DT", "202"),
        ("DT", ""),
    ],
)
def test_what_is_no_date_or_time_is_not_moved(vr: str, text: str) -> None:
    with pytest.raises(NotATime):
        shifted(vr, text, BACK)


@given(one=MOMENTS, other=MOMENTS, days=DAYS, minutes=MINUTES)
def test_intervals_between_any_two_points_stay_whether_told_by_two_values_or_one(
    one: datetime, other: datetime, days: int, minutes: int
) -> None:
    shift = timedelta(days=days, minutes=minutes)

    def pair(moment: datetime) -> datetime:
        day, time = moment.strftime("%Y%m%d"), moment.strftime("%H%M%S.%f")
        return datetime.strptime(
            shifted("DA", f"{day:0>8}", shift, time) + shifted("TM", time, shift), "%Y%m%d%H%M%S.%f"
        )

    def whole(moment: datetime) -> datetime:
        return datetime.strptime(shifted("DT", moment.strftime("%Y%m%d%H%M%S.%f"), shift), "%Y%m%d%H%M%S.%f")

    assert pair(one) == whole(one) == one + shift
    assert pair(other) - whole(one) == other - one


@given(one=MOMENTS, other=MOMENTS, days=DAYS, minutes=MINUTES)
def test_dates_without_a_time_keep_their_order_among_those_with_one(
    one: datetime, other: datetime, days: int, minutes: int
) -> None:
    shift = timedelta(days=days, minutes=minutes)
    earlier, later = sorted((one, other))
    first = shifted("DA", earlier.strftime("%Y%m%d"), shift)
    last = shifted("DA", later.strftime("%Y%m%d"), shift, later.strftime("%H%M"))
    assert first <= last


@given(patient=st.text(max_size=12), issuer=st.text(max_size=5))
def test_a_shift_is_the_patients_own_is_in_its_range_and_moves_both_day_and_time(
    patient: str, issuer: str
) -> None:
    pseudonyms = Pseudonyms(b"sixteen bytes or more")
    shift = pseudonyms.shift(patient, issuer)
    assert shift == Pseudonyms(b"sixteen bytes or more").shift(patient, issuer)
    assert SHIFT_DAYS[0] <= shift.days <= SHIFT_DAYS[1]
    assert shift.seconds > 0
    assert shift.seconds % 60 == 0
    assert pseudonyms.shift(patient, issuer, (10, 10)).days == 10


def test_two_patients_and_two_keys_have_shifts_of_their_own() -> None:
    pseudonyms = Pseudonyms(b"sixteen bytes or more")
    shifts = {pseudonyms.shift(str(number)) for number in range(200)}
    assert len(shifts) == 200
    assert Pseudonyms(b"sixteen other bytes or more").shift("1") != pseudonyms.shift("1")


def test_dates_and_times_are_paired_by_their_keywords() -> None:
    pairs = time_of_dates()
    assert pairs[0x00080020] == 0x00080030  # Study
    assert pairs[0x00080022] == 0x00080032  # Acquisition
    assert pairs[0x00181200] == 0x00181201  # Last Calibration
    assert pairs[0x0014407E] == 0x0014407C  # Calibration
    assert pairs[0x0018700C] == 0x0018700E  # Last Detector Calibration
    assert pairs[0x0040A110] == 0x0040A112  # Document or Verbal Transaction
    assert pairs[0x00100030] == 0x00100032  # Patient's Birth
    assert 0x00181204 not in pairs  # Date of Manufacture
    assert len(pairs) == len(set(pairs.values())) > 40


@pytest.mark.parametrize("time", ["2530", "1260", "noon", "12:61"])
def test_a_date_whose_time_is_none_moves_by_whole_days(time: str) -> None:
    assert shifted("DA", "20240229", BACK, time) == "20230125"


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("20240229101112-0500-20240301101112-0500", "20230125114112-0500-20230126114112-0500"),
        ("20240229101112+0100-20240301101112+0100", "20230125114112+0100-20230126114112+0100"),
        ("20240229101112-0500-", "20230125114112-0500-"),
        ("-20240229101112-0500", "-20230125114112-0500"),
    ],
)
def test_both_ends_of_a_range_with_offsets_move(text: str, moved: str) -> None:
    assert shifted("DT", text, BACK) == moved
