"""What is packed inside binary and text values: deflated, zipped, base64, PDF streams."""

from __future__ import annotations

import base64
import binascii
import bz2
import html
import lzma
import quopri
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Protocol
from urllib.parse import unquote_to_bytes

from tce_harness.rules.deidentification import pdf

_LARGEST = 8 << 20
_MOST_STREAMS = 64
_DEEPEST = 3
_SHORTEST = 12
_MOST_TRIED = 1 << 12
_MOST_MEMORY = 1 << 26
_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]{16,}={0,2}")
_LETTER = re.compile(rb"[A-Za-z]")
_PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
_QUOTED = re.compile(rb"=[0-9A-F]{2}")
_ENTITY = re.compile(rb"&#?[0-9A-Za-z]+;")
_UNICODE_ESCAPE = re.compile(rb"\\u([0-9A-Fa-f]{4})")
_HEX = re.compile(rb"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}(?: ?(?=[0-9A-Fa-f])|(?![0-9A-Fa-f]))){8,}")
_PDF = b"%PDF"
_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b\x08"
_PACKED = re.compile(
    rb"PK\x03\x04|\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|%PDF|BZh[1-9]1AY&SY|\xfd7zXZ\0|\x5d\0\0[\x01-\x80]\0"
)
_NOT_OPENED = (
    (b"Rar!\x1a\x07", "an archive of a kind that is not opened"),
    (b"7z\xbc\xaf\x27\x1c", "an archive of a kind that is not opened"),
    (b"\x28\xb5\x2f\xfd", "a stream of Zstandard, which is not opened"),
    (b"\x04\x22\x4d\x18", "a stream of LZ4, which is not opened"),
    (b"\x1f\x9d", "a stream of compress, which is not opened"),
)
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
    contents, closed = [value], list[str]()
    for each in _inside(value, 0, closed):
        contents.append(each)
        if len(contents) > _MOST_STREAMS:
            closed.append("it holds more packed streams than are opened")
            break
    closed += filter(None, (_closed(value),))
    return Opened(tuple(contents), "; ".join(dict.fromkeys(closed)) or None)


def _closed(value: bytes) -> str | None:
    if value.startswith(_PDF):
        return pdf.closed(value)
    for start, name in _NOT_OPENED:
        if value.startswith(start):
            return name
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


def _inside(value: bytes, depth: int, closed: list[str]) -> Iterator[bytes]:
    if depth >= _DEEPEST or len(value) < _SHORTEST:
        return
    for inner in _unpacked(value, closed):
        yield inner
        yield from _inside(inner, depth + 1, closed)


def _unpacked(value: bytes, closed: list[str]) -> Iterator[bytes]:
    """Yield what is packed in a value; ``closed`` gets why something is not, where that is known here."""
    if value.startswith(_PDF):
        yield from pdf.contents(value)
    elif value.startswith(_ZIP):
        yield from _zipped(value)
    else:
        kind = _kind_of(value)
        streams = list(_streams(value, kind, closed)) if kind is not None else []
        yield from streams or _hidden(value, closed)


def _hidden(value: bytes, closed: list[str]) -> Iterator[bytes]:
    """Yield what is written or packed in a value that is itself not packed."""
    if len(value) <= _LARGEST:
        yield from _base64(value)
        yield from _unescaped(value)
    else:
        closed.append(f"of a value of more than {_LARGEST >> 20} MiB no escaped text was undone")
    yield from _embedded(value, closed)


class _Stream(Protocol):
    """What the decompressors of the library have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Kind:
    """A way to compress, known by its first bytes."""

    starts: tuple[bytes, ...]
    make: Callable[[], _Stream]


_KINDS = (
    _Kind((_GZIP,), lambda: zlib.decompressobj(31)),
    _Kind(_ZLIB_HEADERS, lambda: zlib.decompressobj(15)),
    _Kind((b"BZh",), bz2.BZ2Decompressor),
    _Kind((b"\xfd7zXZ\0", b"\x5d\0\0"), lambda: lzma.LZMADecompressor(memlimit=_MOST_MEMORY)),
)
_BROKEN = (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError, MemoryError)


def _kind_of(value: bytes) -> _Kind | None:
    return next((kind for kind in _KINDS if value.startswith(kind.starts)), None)


def _embedded(value: bytes, closed: list[str]) -> Iterator[bytes]:
    """Yield what is packed behind other bytes, such as a vendor's own header."""
    opened = 0
    for match in islice(_PACKED.finditer(value, 1), _MOST_TRIED):
        behind = value[match.start() : match.start() + _LARGEST]
        kind = _kind_of(behind)
        if kind is None:
            yield from pdf.contents(behind) if match[0] == _PDF else _zipped(value[match.start() :])
            return
        for inner in _streams(behind, kind, closed):
            if len(inner) >= _SHORTEST:
                yield inner
                opened += 1
        if opened >= _MOST_STREAMS:
            return


def _streams(value: bytes, kind: _Kind, closed: list[str]) -> Iterator[bytes]:
    """Yield what a compressed stream holds, and those right behind it, such as members of a gzip file."""
    for _ in range(_MOST_STREAMS):
        stream = kind.make()
        try:
            found = stream.decompress(value, _LARGEST)
        except _BROKEN:
            return
        if found:
            yield found
        if len(found) >= _LARGEST and not stream.eof:
            closed.append(
                f"a compressed stream holds more than {_LARGEST >> 20} MiB, of which the first were searched"
            )
        value = stream.unused_data.lstrip(b"\0") if stream.eof else b""
        following = _kind_of(value)
        if following is None:
            return
        kind = following


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
        if not _LETTER.search(text):  # the digits of a number
            continue
        text = text[: len(text) - len(text) % 4] if not text.endswith(b"=") else text
        try:
            yield base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
