"""What is packed inside binary and text values: deflated, zipped, base64, PDF streams."""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from urllib.parse import unquote_to_bytes

from tce_harness.rules.deidentification import pdf

_LARGEST = 8 << 20
_MOST_STREAMS = 64
_DEEPEST = 3
_SHORTEST = 12
_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]{16,}={0,2}")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_QUOTED = re.compile(rb"=[0-9A-F]{2}")
_ENTITY = re.compile(rb"&#?[0-9A-Za-z]+;")
_UNICODE_ESCAPE = re.compile(rb"\\u([0-9A-Fa-f]{4})")
_HEX = re.compile(rb"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}(?: ?(?=[0-9A-Fa-f])|(?![0-9A-Fa-f]))){8,}")
_PDF = b"%PDF"
_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b\x08"
_PACKED = re.compile(rb"PK\x03\x04|\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|%PDF")
#: RuntimeError where a member is encrypted or packed in a way that nobody here knows.
_UNREADABLE_ZIP = (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError)
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
    if value.startswith(_PDF):
        return pdf.closed(value)
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
    if value.startswith(_PDF):
        yield from pdf.contents(value)
    elif value.startswith(_ZIP):
        yield from _zipped(value)
    elif value.startswith(_GZIP):
        yield from _inflated(value, 31)
    elif value[:2] in _ZLIB_HEADERS:
        yield from _inflated(value, 15)
    elif len(value) <= _LARGEST:
        yield from _base64(value)
        yield from _unescaped(value)
        yield from _embedded(value)


def _embedded(value: bytes) -> Iterator[bytes]:
    """Yield what is packed behind other bytes, such as a vendor's own header."""
    for match in islice(_PACKED.finditer(value, 1), _MOST_STREAMS):
        if match[0] == _PDF:
            yield from pdf.contents(value[match.start() :])
            return
        if match[0] == _ZIP:
            yield from _zipped(value[match.start() :])
            return
        for inner in _inflated(value[match.start() :], 31 if match[0] == _GZIP else 15):
            if len(inner) >= _SHORTEST:
                yield inner


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


def _unescaped(value: bytes) -> Iterator[bytes]:
    """Yield text with its escapes undone: of URLs, HTML and XML, JSON, quoted-printable, hexadecimal."""
    if b"%" in value and _PERCENT.search(value):
        yield unquote_to_bytes(value)
    if b"=" in value and _QUOTED.search(value):
        yield quopri.decodestring(value)
    if b"&" in value and _ENTITY.search(value):
        yield html.unescape(value.decode("utf-8", "replace")).encode("utf-8", "replace")
    if b"\\u" in value:
        yield _UNICODE_ESCAPE.sub(_unicode_letter, value)
    for match in _HEX.finditer(value):
        yield bytes.fromhex(match[0].decode("ascii"))


def _unicode_letter(match: re.Match[bytes]) -> bytes:
    return chr(int(match[1], 16)).encode("utf-8", "replace")


def _base64(value: bytes) -> Iterator[bytes]:
    for match in _BASE64.finditer(value):
        text = b"".join(match[0].split())
        text = text[: len(text) - len(text) % 4] if not text.endswith(b"=") else text
        try:
            yield base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
