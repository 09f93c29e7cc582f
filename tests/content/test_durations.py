from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.content.durations import parse_duration, spell_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60 s", 60.0), ("5 min", 300.0), ("500 ms", 0.5), ("1.5 h", 5400.0), ("2s", 2.0), ("10min", 600.0)],
)
def test_a_length_of_time_is_a_number_with_its_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["60", 60, "s", "5 days", "-1 s", "1e3 s", "1  s", "5 m", "", None, "٣ s"])
def test_anything_else_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="such as '60 s' or '5 min'"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0 s", "0.0 min"])
def test_no_time_at_all_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(7200.0, "2 h"), (90.0, "90 s"), (300.0, "5 min"), (0.5, "500 ms"), (1.5, "1.5 s"), (1.0, "1 s")],
)
def test_seconds_are_spelled_in_the_largest_whole_unit(seconds: float, text: str) -> None:
    assert spell_duration(seconds) == text


@given(st.integers(1, 10_000_000))
def test_what_is_spelled_reads_back(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert parse_duration(spell_duration(seconds)) == pytest.approx(seconds)
