"""Time zones under Modified Dates: order and intervals stay, the zone tells nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from tce_harness.deidentify.time_zones import bring_into, offset_of

ZONES = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 12, 31))


def spelled(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"


def brought(value: str, zone: timedelta | None) -> str:
    item, dataset = Dataset(), Dataset()
    item.DateTime = value
    dataset.ContentSequence = [item]
    bring_into(dataset, zone)
    return str(dataset.ContentSequence[0].DateTime)


@given(moment=MOMENTS, own=ZONES, zone=ZONES)
def test_a_value_with_an_offset_of_its_own_is_the_same_point_in_time(
    moment: datetime, own: timedelta, zone: timedelta
) -> None:
    text = f"{moment:%Y%m%d%H%M%S}{spelled(own)}"
    if moment.year < 1000:
        return
    assert (
        datetime.strptime(brought(text, zone), "%Y%m%d%H%M%S") - zone == moment.replace(microsecond=0) - own
    )
    universal = brought(text, None)
    assert universal.endswith("+0000")
    assert datetime.strptime(universal[:-5], "%Y%m%d%H%M%S") == moment.replace(microsecond=0) - own


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20200229230000.5+0000", "20200301000000.5"),
        ("2020022923+0000", "2020030100"),
        ("2020022923+0030", "202002292330"),
        ("20200229+0000", "20200229"),
        ("2020+0000", "2020"),
        ("20200229230000", "20200229230000"),
        ("2020-2021", "2020-2021"),
        ("20200229230000-0500-20200301230000-0500", "20200301050000-20200302050000"),
        ("20201399230000+0000", "20201399230000+0000"),
        ("about+0100", "about+0100"),
        ("", ""),
    ],
)
def test_every_form_is_brought_into_the_zone_of_its_instance(value: str, expected: str) -> None:
    assert brought(value, timedelta(hours=1)) == expected


@pytest.mark.parametrize("told", ["", "Europe/London", "+01:00", "0100", "+2500", "+0160"])
def test_what_is_no_offset_is_none(told: str) -> None:
    assert offset_of(told) is None
