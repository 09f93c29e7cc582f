from __future__ import annotations

from tce_harness.model.canary import CanaryKind
from tce_harness.rules.deidentification.spellings import byte_forms


def test_a_name_is_searched_in_bytes_in_any_order_and_encoding() -> None:
    found = byte_forms(CanaryKind.NAME, "Okonkwo^Bernadette")
    assert {b"okonkwo^bernadette", b"bernadette okonkwo", b"bernadetteokonkwo"} <= found
    assert "okonkwo, bernadette".encode("utf-16-le") in found


def test_what_plain_areas_of_pixels_spell_by_chance_is_not_searched_in_bytes() -> None:
    found = byte_forms(CanaryKind.NAME, "Sssssss^Jsssss")
    assert b"jssssssssssss" not in found
    assert b"sssssss, jsssss" in found
