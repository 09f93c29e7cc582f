"""What can be read in bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.deidentify.writing_in_bytes import dates_in, writing_in


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01Quillfeather\x00",
        "Quillfeather".encode("utf-16-le"),
        b"\xff" + "Quillfeather".encode("utf-16-be"),
        b"\r\nQuillfeather\x7f\x80",
    ],
)
def test_runs_of_characters_are_read_whatever_stands_around_them(content: bytes) -> None:
    assert "Quillfeather" in writing_in(content)


def test_characters_of_several_bytes_are_read() -> None:
    assert "Öberg Zoë" in writing_in(b"\x00\xff" + "Öberg Zoë".encode() + b"\x01")
    assert "Öberg Zoë" in writing_in(b"\x00" + "Öberg Zoë".encode("latin-1") + b"\x01")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_control_characters(content: bytes) -> None:
    assert all(ord(character) >= 0x20 for character in writing_in(content))


@pytest.mark.parametrize(
    "text", ["20240229", "2024-02-29", "at 2024/02/29 10:11", "20240229101112.5", "x20240229"]
)
def test_days_are_told(text: str) -> None:
    assert dates_in(text)


@pytest.mark.parametrize(
    "text", ["1.2.20240229.3", "120240229", "202402291", "20241329", "18991231", "2024-0229"]
)
def test_other_numbers_are_no_days(text: str) -> None:
    assert not dates_in(text)
