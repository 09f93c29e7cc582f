from __future__ import annotations

import zlib
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.rules.deidentification import pdf


def read(document: bytes) -> bytes:
    return b"|".join(pdf.contents(b"%PDF-1.7\n" + document))


@pytest.mark.parametrize(
    "document",
    [
        b"<< /Filter /FlateDecode >>\nstream\n" + zlib.compress(b"(Hand) Tj") + b"\nendstream",
        b"stream\n" + zlib.compress(b"(Hand) Tj") + b"\nendstream",
        b"<< /Filter [/ASCIIHexDecode] >>\nstream\n" + b"(Hand) Tj".hex().encode() + b">\nendstream",
        b"<48 61 6e 64 20 48 61 6e 64> Tj",
        b"(\\110an\\144) Tj",
        b"(Ha\\\nnd) Tj",
        b"[(Ha) -120 (nd)] TJ",
        b"/Title (\xfe\xff\0H\0a\0n\0d)",
    ],
)
def test_text_is_read_however_it_is_written(document: bytes) -> None:
    assert b"Hand" in read(document)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"trailer << /Encrypt 5 0 R >>", "encrypted"),
        (b"<< /Filter /DCTDecode >>\nstream\n\xff\xd8\nendstream", "DCTDecode"),
        (b"<< /Filter [/ASCII85Decode /LZWDecode] >>\nstream\nx\nendstream", "LZWDecode"),
        (b"<< /Encoding /Identity-H >>", "glyphs"),
    ],
)
def test_what_stays_closed_is_told(document: bytes, why: str) -> None:
    assert why in (pdf.closed(b"%PDF-1.7\n" + document) or "")


def test_a_document_that_is_read_whole_has_nothing_closed() -> None:
    document = b"<< /Filter /FlateDecode >>\nstream\n" + zlib.compress(b"(Hand) Tj") + b"\nendstream"
    assert pdf.closed(b"%PDF-1.7\n" + document) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(content: bytes) -> None:
    assert isinstance(read(content + b"<<>> stream\n" + content + b"endstream (" + content), bytes)
    assert pdf.closed(content) is None or isinstance(pdf.closed(content), str)


@pytest.mark.parametrize(
    "piece", [b"<< ", b"(a)  ", b"(a\\", b"[(a) ", b"stream\n", b"<< /Filter [", b"< 00"]
)
def test_a_large_document_that_is_no_document_is_left_soon(piece: bytes) -> None:
    started = process_time()
    read(b"[" + piece * (400_000 // len(piece)))
    assert process_time() - started < 10  # once it took a minute, or for ever
