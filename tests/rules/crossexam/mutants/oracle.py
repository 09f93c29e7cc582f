"""Whether planted strings stand in a file, told by its bytes alone: no DICOM, nothing of the harness."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Iterator
from functools import cache

CHARSETS = (
    "utf-8", "utf-16-le", "utf-16-be", "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-7", "gb18030",
    "euc_kr", "shift_jis", "iso2022_jp", "iso2022_kr",
)  # fmt: skip

_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]{16,}={0,2}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}\s*){8,}")
_ESCAPE = re.compile(rb"\x1b[$()\-]{1,2}[@-Z]")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_QUOTED = re.compile(rb"=([0-9A-F]{2})")
_UNICODE = re.compile(rb"\\u([0-9A-Fa-f]{4})")
_ENTITY = re.compile(rb"&#(x?)([0-9A-Fa-f]+);")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_STARTS = ((b"\x1f\x8b\x08", 31), (b"\x78\x01", 15), (b"\x78\x5e", 15), (b"\x78\x9c", 15), (b"\x78\xda", 15))
_MOST = 1 << 22
_DEEPEST = 3


def found(content: bytes, planted: Iterable[str]) -> frozenset[str]:
    """Return which of some strings occur in a file: plain, in other encodings, or packed."""
    wanted = {text: encoded(text) for text in planted}
    hit: set[str] = set()
    for layer in _layers(content, 0):
        folded = layer.lower()
        hit |= {text for text, forms in wanted.items() if any(each in folded for each in forms)}
    return frozenset(hit)


@cache
def encoded(text: str) -> frozenset[bytes]:
    """Return the bytes that a text may stand in, ASCII letters in lower case."""
    if text.isascii():
        return frozenset(text.lower().encode(charset) for charset in CHARSETS[:3])
    forms: set[bytes] = set()
    for spelling in {text, text.casefold(), text.upper()}:
        for charset in CHARSETS:
            try:
                coded = spelling.encode(charset)
            except UnicodeEncodeError:
                continue
            forms |= {coded.lower(), _ESCAPE.sub(b"", coded).lower()}
    return frozenset(forms)


def _layers(content: bytes, depth: int) -> Iterator[bytes]:
    """Yield the bytes, and what can be read of them by undoing one wrapping after another."""
    yield content
    yield _ESCAPE.sub(b"", content)
    if depth >= _DEEPEST:
        return
    for inner in _unwrapped(content):
        yield from _layers(inner, depth + 1)


def _unwrapped(content: bytes) -> Iterator[bytes]:
    for start, window in _STARTS:
        position = content.find(start)
        while position >= 0:
            yield from _inflated(content[position:], window)
            position = content.find(start, position + 1)
    yield from _zip_members(content)
    yield from _deflated_data_set(content)
    for match in _BASE64.finditer(content):
        text = b"".join(match[0].split())
        try:
            yield base64.b64decode(text[: len(text) - len(text) % 4])
        except (binascii.Error, ValueError):
            continue
    for match in _HEX.finditer(content):
        digits = b"".join(match[0].split())
        yield bytes.fromhex(digits.decode("ascii"))
    if b"%" in content and _PERCENT.search(content):
        yield _PERCENT.sub(lambda match: bytes([int(match[1], 16)]), content)
    if b"=" in content and _QUOTED.search(content):
        yield _QUOTED.sub(lambda match: bytes([int(match[1], 16)]), content)
    if b"\\u" in content:
        yield _UNICODE.sub(lambda match: chr(int(match[1], 16)).encode("utf-8", "replace"), content)
    if b"&#" in content:
        yield _ENTITY.sub(lambda match: chr(int(match[2], 16 if match[1] else 10)).encode(), content)


def _inflated(content: bytes, window: int) -> Iterator[bytes]:
    try:
        inflated = zlib.decompressobj(window).decompress(content, _MOST)
    except zlib.error:
        return
    if len(inflated) > 3:
        yield inflated


def _zip_members(content: bytes) -> Iterator[bytes]:
    position = content.find(b"PK\x03\x04")
    while position >= 0:
        name = int.from_bytes(content[position + 26 : position + 28], "little")
        extra = int.from_bytes(content[position + 28 : position + 30], "little")
        yield from _inflated(content[position + 30 + name + extra :], -15)
        position = content.find(b"PK\x03\x04", position + 1)


def _deflated_data_set(content: bytes) -> Iterator[bytes]:
    """Inflate what follows the file meta information, whose length its first element says."""
    if b"1.2.840.10008.1.2.1.99" in content[:1024] and content[128:132] == b"DICM":
        length = int.from_bytes(content[140:144], "little")
        yield from _inflated(content[144 + length :], -15)
