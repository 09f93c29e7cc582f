"""What is packed inside values, and what of it could not be opened."""

from __future__ import annotations

import base64
import zipfile
from io import BytesIO

import pytest

from tce_harness.rules.deidentification import containers
from tce_harness.rules.deidentification.containers import open_value

LETTER = b"Dear Dr Okonkwo, thank you for seeing this patient. " * 3


def archive(*members: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for number, member in enumerate(members):
            file.writestr(f"{number}.txt", member)
    return buffer.getvalue()


def test_a_zip_archive_is_opened_and_nothing_is_left_closed() -> None:
    opened = open_value(archive(LETTER))
    assert LETTER in opened.contents
    assert opened.closed is None


def test_an_archive_with_encrypted_members_is_told() -> None:
    value = bytearray(archive(LETTER))
    value[value.index(b"PK\x01\x02") + 8] |= 1  # general purpose bit 0 of the central directory
    assert open_value(bytes(value)).closed == "a zip archive with encrypted members"


def test_an_archive_that_is_cut_short_is_told() -> None:
    assert open_value(archive(LETTER)[:-10]).closed == "a zip archive that cannot be read"


def test_an_archive_with_a_damaged_member_is_told() -> None:
    value = bytearray(archive(bytes(range(256)) * 4))
    value[60:90] = b"\xff" * 30
    assert open_value(bytes(value)).closed in {
        "a zip archive with damaged members",
        "a zip archive that cannot be read",
    }


def test_members_too_large_to_be_opened_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_LARGEST", 100)
    assert open_value(archive(LETTER)).closed == "a zip archive with more or larger members than are opened"


def test_the_digits_of_a_number_are_no_base64() -> None:
    digits = b"10077590584776477232"
    assert open_value(b"No. " + digits).contents == (b"No. " + digits, bytes.fromhex(digits.decode()))
    assert len(open_value(base64.b64encode(LETTER)).contents) == 2
