"""What can be read of a PDF without laying it out: its streams, its strings, and what stays closed."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator

_LARGEST = 8 << 20
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_LONGEST_DICTIONARY = 2000
_FILTER = re.compile(rb"/Filter\s*(\[[^\]]*\]|/\w+)")
_HEX_STRING = re.compile(rb"<([0-9A-Fa-f\s]{12,})>")
_PAREN = re.compile(rb"\\.|[()]", re.DOTALL)
_BETWEEN = re.compile(rb"\s*-?[\d.]*\s*")
_SHOWN = re.compile(rb"\s*-?[\d.]*\s*\]\s*TJ")
_LONGEST_GAP = 64
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_UTF_16 = b"\xfe\xff"
_OPENED = frozenset({b"FlateDecode", b"Fl", b"ASCII85Decode", b"A85", b"ASCIIHexDecode", b"AHx", b"Crypt"})


def contents(document: bytes) -> Iterator[bytes]:
    """Yield every stream that can be opened, and the strings of the document and of its streams."""
    for dictionary, stream in _streams(document):
        opened = _opened(stream, _filters(dictionary))
        if opened != stream:
            yield opened
        yield from _strings(opened)
    yield from _strings(document)


def _streams(document: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the dictionary, where one stands before it, and the content of each stream; read once through."""
    position = 0
    while (found := _STREAM.search(document, position)) is not None:
        end = document.find(b"endstream", found.end())
        if end < 0:
            return
        before = document[max(found.start() - _LONGEST_DICTIONARY, position) : found.start()].rstrip()
        before = before[before.rfind(b"endobj") + 1 :]
        start = before.find(b"<<") if before.endswith(b">>") else -1
        yield before[start:] if start >= 0 else b"", document[found.end() : end]
        position = end + len(b"endstream")


def closed(document: bytes) -> str | None:
    """Return why a part of a document was not read; None where all of it was."""
    if b"/Encrypt" in document:
        return "an encrypted PDF"
    unread = {
        name.decode("ascii", "replace")
        for dictionary, _ in _streams(document)
        for name in _filters(dictionary)
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
    spans = _spans(content)
    for start, end in spans:
        text = content[start:end]
        if b"\\" in text or text.startswith(_UTF_16):
            yield _text(_unescaped(text))
    for run in _kerned(content, spans):
        yield _text(b"".join(_unescaped(content[start:end]) for start, end in run))


def _spans(content: bytes) -> list[tuple[int, int]]:
    """Return where the innermost strings in parentheses begin and end, without the parentheses."""
    spans, start = [], -1
    for match in _PAREN.finditer(content):
        if match[0] == b"(":
            start = match.end()
        elif match[0] == b")" and start >= 0:
            spans.append((start, match.start()))
            start = -1
    return spans


def _kerned(content: bytes, spans: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the strings that one operator shows, with numbers alone between them."""
    run: list[tuple[int, int]] = []
    for span in (*spans, None):
        if run and (span is None or not _is_between(content[run[-1][1] + 1 : span[0] - 1])):
            opened = content[max(run[0][0] - _LONGEST_GAP, 0) : run[0][0] - 1].rstrip().endswith(b"[")
            if opened and _SHOWN.match(content, run[-1][1] + 1, run[-1][1] + _LONGEST_GAP):
                yield run
            run = []
        if span is not None:
            run.append(span)


def _is_between(gap: bytes) -> bool:
    return len(gap) <= _LONGEST_GAP and _BETWEEN.fullmatch(gap) is not None


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
