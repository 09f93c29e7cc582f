"""What can be read of a PDF without laying it out: its streams, its strings, and what stays closed."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator

_LARGEST = 8 << 20
_STREAM = re.compile(rb"(<<(?:(?!endobj).){0,2000}?>>)?\s*stream\r?\n(.*?)endstream", re.DOTALL)
_FILTER = re.compile(rb"/Filter\s*(\[[^\]]*\]|/\w+)")
_HEX_STRING = re.compile(rb"<([0-9A-Fa-f\s]{12,})>")
_STRING = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_KERNED = re.compile(rb"\[((?:\s*\((?:[^()\\]|\\.)*\)\s*-?[\d.]*)+)\s*\]\s*TJ", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_UTF_16 = b"\xfe\xff"
_OPENED = frozenset({b"FlateDecode", b"Fl", b"ASCII85Decode", b"A85", b"ASCIIHexDecode", b"AHx", b"Crypt"})


def contents(document: bytes) -> Iterator[bytes]:
    """Yield every stream that can be opened, and the strings of the document and of its streams."""
    for match in _STREAM.finditer(document):
        opened = _opened(match[2], _filters(match[1] or b""))
        if opened != match[2]:
            yield opened
        yield from _strings(opened)
    yield from _strings(document)


def closed(document: bytes) -> str | None:
    """Return why a part of a document was not read; None where all of it was."""
    if b"/Encrypt" in document:
        return "an encrypted PDF"
    unread = {
        name.decode("ascii", "replace")
        for match in _STREAM.finditer(document)
        for name in _filters(match[1] or b"")
        if name not in _OPENED
    }
    if unread:
        return f"a PDF with streams in {', '.join(sorted(unread))}, where a page may be a picture"
    if any(b"/Identity-H" in each for each in (document, *contents(document))):
        return "a PDF whose text is written in numbers of glyphs"
    return None


def _filters(dictionary: bytes) -> list[bytes]:
    match = _FILTER.search(dictionary)
    return re.findall(rb"/(\w+)", match[1]) if match is not None else []


def _opened(stream: bytes, filters: list[bytes]) -> bytes:
    """Undo the filters of a stream in their order; where none is named it may be deflated all the same."""
    for name in filters or [b"FlateDecode"]:
        if name in (b"ASCII85Decode", b"A85"):
            stream = _ascii_85(stream)
        elif name in (b"ASCIIHexDecode", b"AHx"):
            stream = _hexadecimal(stream.partition(b">")[0])
        elif name in (b"FlateDecode", b"Fl"):
            stream = _inflated(stream)
    return stream


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream, _LARGEST) or stream
    except zlib.error:
        return stream


def _ascii_85(stream: bytes) -> bytes:
    try:
        return base64.a85decode(stream.strip().removeprefix(b"<~").partition(b"~>")[0])
    except ValueError:
        return stream


def _hexadecimal(text: bytes) -> bytes:
    digits = b"".join(text.split())
    try:
        return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    except binascii.Error:
        return text


def _strings(content: bytes) -> Iterator[bytes]:
    """Yield the text of hexadecimal and escaped strings, and of kerned ones ``[(Ha) -20 (nd)] TJ`` joined."""
    for match in _HEX_STRING.finditer(content):
        yield _text(_hexadecimal(match[1]))
    for match in _STRING.finditer(content):
        if b"\\" in match[1] or match[1].startswith(_UTF_16):
            yield _text(_unescaped(match[1]))
    for match in _KERNED.finditer(content):
        yield _text(b"".join(_unescaped(part) for part in _STRING.findall(match[1])))


def _unescaped(text: bytes) -> bytes:
    return _ESCAPE.sub(_letter, text)


def _letter(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    if escaped.isdigit():
        return bytes([int(escaped, 8) & 0xFF])
    return b"" if escaped.endswith(b"\n") else _LETTERS.get(escaped, escaped)


def _text(string: bytes) -> bytes:
    """Return a text string as UTF-8 where it says that it is UTF-16 (ISO 32000-1 section 7.9.2.2)."""
    if not string.startswith(_UTF_16):
        return string
    return string[2:].decode("utf-16-be", "replace").encode("utf-8", "replace")
