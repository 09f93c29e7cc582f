"""What is packed inside binary and text values: deflated, zipped, base64, PDF streams."""

from __future__ import annotations

import base64
import binascii
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

_LARGEST = 8 << 20
_MOST_STREAMS = 64
_DEEPEST = 3
_SHORTEST = 12
_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]{16,}={0,2}")
_PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_PDF_HEX = re.compile(rb"<([0-9A-Fa-f\s]{12,})>")
_ZIP = b"PK\x03\x04"
_UNREADABLE_ZIP = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError,
)  # fmt: skip
_ZLIB_HEADERS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


@dataclass(frozen=True, slots=True)
class Opened:
    """What was found in a value.

    Parameters
    ----------
    contents
        The value itself and everything that could be unpacked from it.
    closed
        Why a part could not be opened; None where everything was.
    """

    contents: tuple[bytes, ...]
    closed: str | None


def open_value(value: bytes) -> Opened:
    """Unpack a value as far as that is cheap; never raises for what it holds."""
    contents = [value]
    for each in _inside(value, 0):
        contents.append(each)
        if len(contents) > _MOST_STREAMS:
            return Opened(tuple(contents), "it holds more packed streams than are opened")
    return Opened(tuple(contents), _closed(value))


def _closed(value: bytes) -> str | None:
    if value.startswith(b"%PDF") and b"/Encrypt" in value:
        return "an encrypted PDF"
    if value[:6] in (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"):
        return "an archive of a kind that is not opened"
    return _closed_zip(value) if value.startswith(_ZIP) else None


def _closed_zip(value: bytes) -> str | None:
    try:
        with zipfile.ZipFile(BytesIO(value)) as archive:
            members = archive.infolist()
            if any(member.flag_bits & 1 for member in members):
                return "a zip archive with encrypted members"
            if len(members) > _MOST_STREAMS or any(member.file_size > _LARGEST for member in members):
                return "a zip archive with more or larger members than are opened"
            return "a zip archive with damaged members" if archive.testzip() is not None else None
    except _UNREADABLE_ZIP:
        return "a zip archive that cannot be read"


def _inside(value: bytes, depth: int) -> Iterator[bytes]:
    if depth >= _DEEPEST or len(value) < _SHORTEST:
        return
    for inner in _unpacked(value):
        yield inner
        yield from _inside(inner, depth + 1)


def _unpacked(value: bytes) -> Iterator[bytes]:
    if value.startswith(b"%PDF"):
        yield from _pdf(value)
    elif value.startswith(_ZIP):
        yield from _zipped(value)
    elif value.startswith(b"\x1f\x8b"):
        yield from _inflated(value, 31)
    elif value[:2] in _ZLIB_HEADERS:
        yield from _inflated(value, 15)
    elif len(value) <= _LARGEST:
        yield from _base64(value)


def _inflated(value: bytes, window: int) -> Iterator[bytes]:
    try:
        found = zlib.decompressobj(window).decompress(value, _LARGEST)
    except zlib.error:
        return
    if found:
        yield found


def deflated_data_set(value: bytes) -> tuple[bytes, bytes]:
    """Return what a raw deflated stream holds, and the bytes that stand behind it."""
    stream = zlib.decompressobj(-15)
    try:
        found = stream.decompress(value, _LARGEST)
    except zlib.error:
        return b"", b""
    return found, stream.unused_data


def _zipped(value: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(BytesIO(value)) as archive:
            for member in archive.infolist()[:_MOST_STREAMS]:
                yield member.filename.encode("utf-8", "replace")
                if member.file_size <= _LARGEST and not member.flag_bits & 1:
                    yield archive.read(member)
    except _UNREADABLE_ZIP:
        return  # `_closed_zip` tells it


def _pdf(value: bytes) -> Iterator[bytes]:
    for match in _PDF_STREAM.finditer(value):
        inflated = next(_inflated(match[1], 15), None)
        content = inflated if inflated is not None else match[1]
        if inflated is not None:
            yield inflated
        yield from _pdf_strings(content)
    yield from _pdf_strings(value)


def _pdf_strings(content: bytes) -> Iterator[bytes]:
    """Yield the text of hexadecimal strings, and of kerned arrays ``[(Ha) -20 (nd)] TJ`` joined."""
    for match in _PDF_HEX.finditer(content):
        digits = b"".join(match[1].split())
        if len(digits) % 2 == 0:
            yield bytes.fromhex(digits.decode("ascii"))
    for match in re.finditer(rb"\[((?:\s*\([^()]*\)\s*-?[\d.]*)+)\s*\]\s*TJ", content):
        yield b"".join(re.findall(rb"\(([^()]*)\)", match[1]))


def _base64(value: bytes) -> Iterator[bytes]:
    for match in _BASE64.finditer(value):
        text = b"".join(match[0].split())
        text = text[: len(text) - len(text) % 4] if not text.endswith(b"=") else text
        try:
            yield base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
