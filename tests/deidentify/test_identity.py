"""What identifies in an instance, looked for where the table would let a value stay."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from tce_harness.deidentify.identity import Identity
from tce_harness.deidentify.plan import Retained


def identity(name: str, number: str = "9990001234") -> Identity:
    dataset = Dataset()
    dataset.PatientName = name
    dataset.PatientID = number
    return Identity.of(dataset, Retained())


@pytest.mark.parametrize(
    "text",
    ["QUILLFEATHER", "ZQUILLFEATHER", "QUILLFEATHER ZEBULON", "9990001234", "ID9990001234", "9990001234A"],
)
def test_a_code_string_that_can_only_be_a_name_or_number_is_found(text: str) -> None:
    assert identity("Quillfeather^Zebulon").is_in_code(text)


@pytest.mark.parametrize("text", ["BREAST", "ORIGINAL", "99900012345", "1.9990001234.2", "3.9990001234"])
def test_a_term_of_the_patients_name_and_another_number_are_not(text: str) -> None:
    assert not identity("Breast^Ann").is_in_code(text)


@pytest.mark.parametrize("number", ["9990001234", "999\t000\t1234", "99900\u00c9001234"])
@pytest.mark.parametrize("pixel", [b"\x00\x01", b"AB", b"\xff\xfe"])
@pytest.mark.parametrize("place", [0, 1, 70_001])
def test_an_identifier_among_many_bytes_is_found(number: str, pixel: bytes, place: int) -> None:
    pixels = bytearray(pixel * 40_000)
    ours = identity("Hand^Peter", number)
    assert not ours.is_in_bytes(bytes(pixels))
    planted = b" " + number.encode("utf-8") + b" "
    pixels[place : place + len(planted)] = planted
    assert ours.is_in_bytes(bytes(pixels))
    assert ours.is_in_bytes(memoryview(bytes(pixels)))
