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


@pytest.mark.parametrize(
    ("kind", "value", "spelled"),
    [
        (CanaryKind.NAME, "Pemberton^Horatio^^Dr^GMC7654321", "gmc7654321"),
        (CanaryKind.NAME, "Müßigbrödt^Jürgen", "MUESSIGBROEDT JUERGEN"),
        (CanaryKind.NAME, "Sørensen^Åse", "soerensen aase"),
        (CanaryKind.TEXT, "020 7946 0123", "02079460123"),
        (CanaryKind.TEXT, "AB 12 34 56 C", "ab123456c"),
        (CanaryKind.DATE, "19570312", "12031957"),
        (CanaryKind.DATE, "19570312", "03121957"),
        (CanaryKind.DATE, "19570312", "12 mars 1957"),
        (CanaryKind.DATE, "19570312", "12. März 1957"),
        (CanaryKind.DATE, "19570302", "2 de marzo de 1957"),
    ],
)
def test_a_value_is_searched_in_the_spellings_of_people(kind: CanaryKind, value: str, spelled: str) -> None:
    assert normal(spelled) in {form.text for form in forms(kind, value) if form.reach is Reach.ANYWHERE}


def test_the_numbers_of_an_address_are_not_joined() -> None:
    found = {form.text for form in forms(CanaryKind.TEXT, "12 Wexford Lane 1234, Loughborough")}
    assert not any(text.startswith("12wexford") for text in found)
