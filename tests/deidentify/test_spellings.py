"""Names, numbers and days as people write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.deidentify.spellings import components_of, spellings_of, tokens_of

NOTHING: frozenset[str] = frozenset()
DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%b-%Y", "%d %B %Y",
    "%B %d, %Y", "%d/%m/%y", "%d%m%Y", "%Y%m%d",
)  # fmt: skip


@pytest.mark.parametrize("spelled", DAYS)
@given(day=st.dates(date(1890, 1, 1), date(2060, 12, 31)))
def test_every_day_is_found_as_people_write_it(spelled: str, day: date) -> None:
    ours = spellings_of(NOTHING, frozenset({f"{day:%Y%m%d}"}), NOTHING)
    assert ours.is_in_code(f"seen {day.strftime(spelled)} here")
    assert not ours.is_in_code(f"seen {day.replace(year=day.year + 3, day=1).strftime(spelled)} here") or (
        "%y" in spelled
    )


@given(number=st.from_regex(r"[1-9][0-9]{9}", fullmatch=True), gap=st.sampled_from([" ", "-", ".", "/", ""]))
def test_a_number_is_found_in_groups_and_not_within_another(number: str, gap: str) -> None:
    ours = spellings_of(NOTHING, frozenset({number}), NOTHING)
    grouped = gap.join((number[:3], number[3:6], number[6:]))
    assert ours.is_in_code(grouped)
    assert ours.is_in_code(f"NHS {grouped}x")
    assert not ours.is_in_code(f"7{grouped}")
    assert not ours.is_in_code(f"{grouped}7")
    assert not ours.is_in_code(f"1.2.{grouped}.3")


@pytest.mark.parametrize(
    ("person", "components"),
    [
        ("smith^john", [("smith", "john")]),
        ("o'neil^pat^m", [("oneil", "pat", "m")]),
        ("van der berg^jan^^^md", [("vanderberg", "jan")]),
        ("john smith", [("john", "smith")]),
        ("hong^gildong=洪^吉洞=홍^길동", [("hong", "gildong"), ("洪", "吉洞"), ("홍", "길동")]),
        ("tce-x7^pseudonym", [("tcex",)]),
        ("", [()]),
        ("^=^", [(), ()]),
    ],
)
def test_the_parts_of_a_name_lose_their_gaps(person: str, components: list[tuple[str, ...]]) -> None:
    assert list(components_of(person)) == components


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_name_is_taken_and_any_text_is_searched(name: str, text: str) -> None:
    ours = spellings_of(frozenset({name}), frozenset({name}), frozenset({name}))
    assert isinstance(ours.is_in_code(text), bool)
    assert isinstance(ours.is_in_text(text), bool)
    assert "" not in tokens_of(text)


def test_a_word_of_the_vocabulary_is_no_joined_name() -> None:
    ours = spellings_of(frozenset({"hand^sara", "bone^scan"}), NOTHING, NOTHING)
    assert "hands" not in ours.joined
    assert "handsara" in ours.joined
