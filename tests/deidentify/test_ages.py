"""Ages over 89 are told as 90 or older, however they are spelled and in whatever unit."""

from __future__ import annotations

import pytest

from tce_harness.deidentify.ages import capped_age, capped_number


@pytest.mark.parametrize(
    "text",
    [
        "095Y",
        "95Y",
        "0095Y",
        "095 Y",
        "95y",
        "95",
        "1140M",
        "4940W",
        "34700D",
        "095Y-099Y",
        "085Y-095Y",
        " 090Y ",
    ],
)  # fmt: skip
def test_an_age_above_the_oldest_is_told_as_one_year_more(text: str) -> None:
    assert capped_age(text, 89) == "090Y"


@pytest.mark.parametrize("text", ["089Y", "89 Y", "999M", "999W", "999D", "1079M", "", "Y", "080Y-085Y"])
def test_a_younger_age_stays_as_it_is_spelled(text: str) -> None:
    assert capped_age(text, 89) == text


def test_without_an_oldest_every_age_stays() -> None:
    assert capped_age("0120Y", None) == "0120Y"
    assert capped_number("120", "a", None) == "120"


@pytest.mark.parametrize(
    ("number", "unit", "capped"),
    [
        ("95", "a", "90"),
        ("95.5", "a", "90"),
        ("1140", "mo", "1080"),
        ("4940", "wk", "4697"),
        ("34700", "d", "32873"),
        ("95", "a_j", "90"),
        ("95", "", "90"),
        ("95", "{years}", "90"),
        ("89.9", "a", "89.9"),
        ("1079", "mo", "1079"),
        ("4000", "wk", "4000"),
        ("30000", "d", "30000"),
        ("nan", "a", "nan"),
        ("old", "a", "old"),
    ],
)
def test_the_age_of_a_content_item_is_capped_in_its_own_unit(number: str, unit: str, capped: str) -> None:
    assert capped_number(number, unit, 89) == capped
    assert capped_number(capped, unit, 89) == capped
