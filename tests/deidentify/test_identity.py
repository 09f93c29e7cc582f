"""What identifies in an instance, looked for where the table would let a value stay."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from tce_harness.deidentify.defined_terms import is_term
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


def smith() -> Identity:
    dataset = Dataset()
    dataset.PatientName, dataset.OperatorsName = "Smith^John=\u5c71\u7530^\u592a\u90ce", "O'Neil^Pat"
    dataset.PatientID, dataset.PatientBirthDate = "9990001234", "19570312"
    dataset.AccessionNumber, dataset.ReferringPhysicianName = "ACC7771234", "Hand^Sara"
    return Identity.of(dataset, Retained())


@pytest.mark.parametrize(
    "text",
    [
        "999 000 1234", "999-000-1234", "999.000.1234", "NHS No.9990001234", "ACC7771234x", "acc-777-1234",
        "12/03/1957", "3/12/57", "12-MAR-1957", "12 March 1957", "March 12th, 1957", "1957-03-12",
        "12.03.1957", "1957\u5e743\u670812\u65e5", "Born 12/03/1957 in town", "SMITHJOHN", "JohnSmith",
        "JOHN SMITH", "\u5c71\u7530\u592a\u90ce", "\u5c71\u7530\u592a\u90ce\u30af\u30ea\u30cb\u30c3\u30af",
        "\u5c71\u7530\u69d8",
    ],
)  # fmt: skip
def test_an_identifier_in_another_spelling_is_found_in_text_and_in_codes(text: str) -> None:
    assert smith().is_in_text(text)
    assert smith().is_in_code(text)


def test_a_day_of_birth_is_found_in_words_also_where_dates_stay() -> None:
    dataset = Dataset()
    dataset.PatientBirthDate = "19570312"
    ours = Identity.of(dataset, Retained(dates=True))
    assert ours.is_in_text("born 12/03/1957")
    assert ours.is_in_meaning("born 12/03/1957")
    assert not ours.is_in_term("19570312")


def test_the_day_that_stands_for_every_date_is_nobodys() -> None:
    dataset = Dataset()
    dataset.PatientBirthDate = "20000101"
    assert not Identity.of(dataset, Retained()).is_in_text("calibrated on 2000-01-01")


@pytest.mark.parametrize("text", ["SmithJ", "SMITHJ", "J.Smith", "smith2", "ONEIL", "ONeil", "\uff33mith"])
def test_part_of_a_name_in_another_spelling_is_found_in_text(text: str) -> None:
    assert smith().is_in_text(text)
    assert smith().is_in_term(text)


@pytest.mark.parametrize(
    "text",
    [
        "hands", "Standard", "B30f", "3.12.57", "12.3.1", "2019-03-12", "99900012345", "1 999 000 12345",
        "1.5\\1957", "5 mm", "Smithsonite", "\u5c71\u7530\u7dda", "T2_SPACE", "blacksmith",
    ],
)  # fmt: skip
def test_what_only_looks_like_another_spelling_stays(text: str) -> None:
    assert not smith().is_in_text(text)


@pytest.mark.parametrize("text", ["SMITH", "SMITH_AX", "PAT", "ONEIL"])
def test_a_name_that_is_no_term_is_found_in_a_code_string(text: str) -> None:
    assert smith().is_in_term(text)


@pytest.mark.parametrize("name", ["Breast", "Head", "Hand", "Original", "Face", "Gray", "Abdomen", "Long"])
def test_a_name_that_can_be_a_term_stays_in_a_code_string(name: str) -> None:
    assert not identity(f"{name}^Ann").is_in_term(name.upper())
    assert not identity(f"{name}^Ann").is_in_term(f"{name.upper()}_1")


def test_names_of_people_are_no_terms() -> None:
    assert not any(map(is_term, ("smith", "jones", "peter", "mary", "featherstone", "garcia", "khan")))


def test_bytes_that_spell_a_name_are_found_and_others_are_not() -> None:
    ours = identity("Featherstone^Quill")
    for spelled in (b"desc....Featherstone^Quill", b"\x00Quill\x00\x00 Featherstone\xff"):
        assert ours.is_in_writing(b"\x00\x02lcms\xff\xfe" + spelled + b"\x00")
    assert not ours.is_in_writing(
        b"\x00\x02lcms\xff\xfedesc....Quill pen profile\x00" + bytes(range(256)) * 9
    )
    assert ours.is_in_writing("Featherstone".encode("utf-16-be"))
