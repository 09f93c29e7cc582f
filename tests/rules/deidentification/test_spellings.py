from __future__ import annotations

import pytest

from tce_harness.model.canary import CanaryKind
from tce_harness.rules.deidentification.spellings import LONGEST, Reach, byte_forms, forms, normal


def test_a_name_is_searched_in_bytes_in_any_order_and_encoding() -> None:
    found = byte_forms(CanaryKind.NAME, "Okonkwo^Bernadette")
    assert {b"okonkwo^bernadette", b"bernadette okonkwo", b"bernadetteokonkwo"} <= found
    assert "okonkwo, bernadette".encode("utf-16-le") in found


def test_what_plain_areas_of_pixels_spell_by_chance_is_not_searched_in_bytes() -> None:
    found = byte_forms(CanaryKind.NAME, "Sssssss^Jsssss")
    assert b"jssssssssssss" not in found
    assert b"sssssss, jsssss" in found


@pytest.mark.parametrize("kind", [CanaryKind.TEXT, CanaryKind.IDENTIFIER, CanaryKind.NAME])
@pytest.mark.parametrize("value", ["Thistlewood ward 7 " * 40_000, "x9Kq" * 200_000])
def test_a_long_value_is_searched_by_short_pieces_of_it(kind: CanaryKind, value: str) -> None:
    searched = {form.text for form in forms(kind, value) if form.reach is not Reach.PLANTED}
    assert searched
    spelled = normal(value), normal(value).replace(" ", "")
    assert all(len(text) <= LONGEST and any(text in each for each in spelled) for text in searched)
    encoded = byte_forms(kind, value)
    assert encoded
    assert all(len(each) <= 2 * LONGEST for each in encoded)
