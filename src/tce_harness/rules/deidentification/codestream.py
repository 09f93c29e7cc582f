"""Comments and application data inside JPEG and JPEG 2000 codestreams, found by their markers alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_JPEG = b"\xff\xd8\xff"
_JPEG_2000 = b"\xff\x4f\xff\x51"
_JP2_FILE = b"\x00\x00\x00\x0cjP  "
_EOI, _SOS, _SOT, _SOD, _COM, _J2K_COM = 0xD9, 0xDA, 0x90, 0x93, 0xFE, 0x64
_END = b"\xff\xd9"

#: A marker behind entropy-coded data: neither a stuffed byte nor a restart (ISO/IEC 10918-1 section B.1.1),
#: nor what JPEG-LS stuffs by the bit (ISO/IEC 14495-1 annex A.1).
_MARKER = re.compile(rb"\xff+[\xc0-\xcf\xd8-\xfe]")

#: Boxes that a decoder needs of a JP2 file (ISO/IEC 15444-1 annex I).
_NEEDED_BOXES = frozenset({b"jP  ", b"ftyp", b"jp2h", b"jp2c"})

#: Application data that a decoder needs: the colour transform and the file type.
_NEEDED = ((0xE0, b"JFIF\0"), (0xE0, b"JFXX\0"), (0xEE, b"Adobe"), (0xE8, b"mrfx"), (0xE8, b"SPIFF\0"))

#: What encoders sign with.
_SIGNATURES = (
    b"kakadu",
    b"openjpeg",
    b"jasper",
    b"lead technologies",
    b"created by",
    b"intel(r)",
    b"libjpeg",
)


@dataclass(frozen=True, slots=True)
class Residue:
    """Bytes that are not needed to decode.

    Parameters
    ----------
    what
        Such as ``JPEG comment``.
    content
        The bytes.
    """

    what: str
    content: bytes

    @property
    def is_signature(self) -> bool:
        """Whether it is what an encoder signs with."""
        return any(each in self.content.lower() for each in _SIGNATURES)


def residues(codestream: bytes) -> Iterator[Residue]:
    """Yield what a codestream holds beyond the picture; nothing where its kind is not known."""
    if codestream.startswith(_JPEG):
        yield from _jpeg(codestream)
    elif codestream.startswith(_JPEG_2000):
        yield from _jpeg_2000(codestream)
    elif codestream.startswith(_JP2_FILE):
        yield from _boxes(codestream)


def is_known(codestream: bytes) -> bool:
    """Return whether `residues` can read a codestream of this kind."""
    return codestream.startswith((_JPEG, _JPEG_2000, _JP2_FILE))


def _jpeg(stream: bytes) -> Iterator[Residue]:
    position = 2
    while position + 4 <= len(stream) and stream[position] == 0xFF:
        marker = stream[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker == _EOI:
            break
        length = int.from_bytes(stream[position + 2 : position + 4], "big")
        content = stream[position + 4 : position + 2 + length]
        if marker == _COM:
            yield Residue("JPEG comment", content)
        elif 0xE0 <= marker <= 0xEF and not any(
            marker == each and content.startswith(start) for each, start in _NEEDED
        ):
            yield Residue(f"JPEG application data APP{marker - 0xE0}", content)
        position += 2 + max(length, 2)
        if marker == _SOS:
            following = _MARKER.search(stream, position)
            position = following.end() - 2 if following is not None else len(stream)
    yield from _behind(stream, position)


def _jpeg_2000(stream: bytes) -> Iterator[Residue]:
    position = 2
    tile_end = 0
    while position + 4 <= len(stream) and stream[position] == 0xFF:
        marker = stream[position + 1]
        if marker == _EOI:
            break
        length = int.from_bytes(stream[position + 2 : position + 4], "big")
        if marker == _J2K_COM:
            yield Residue("JPEG 2000 comment", stream[position + 6 : position + 2 + length])
        if marker == _SOT:
            part = int.from_bytes(stream[position + 6 : position + 10], "big")
            tile_end = position + part if part else 0
        if marker == _SOD:  # the samples hold no end marker (ISO/IEC 15444-1 section A.4.4)
            position = tile_end if tile_end > position else stream.find(_END, position)
            if position < 0:
                return
        else:
            position += 2 + max(length, 2)
    yield from _behind(stream, position)


def _behind(stream: bytes, position: int) -> Iterator[Residue]:
    """Yield what stands behind the end marker; an odd fragment is padded with one byte."""
    if stream[position : position + 2] != _END:
        position = stream.rfind(_END)
    behind = stream[position + 2 :] if position >= 0 else b""
    if len(behind) > 1 or behind.strip(b"\0\xff "):
        yield Residue("bytes behind the end of the picture", behind)


def _boxes(stream: bytes) -> Iterator[Residue]:
    position = 0
    while position + 8 <= len(stream):
        length = int.from_bytes(stream[position : position + 4], "big")
        kind = stream[position + 4 : position + 8]
        header = 8
        if length == 1:
            length, header = int.from_bytes(stream[position + 8 : position + 16], "big"), 16
        end = position + length if length else len(stream)
        content = stream[position + header : end]
        if kind == b"jp2c":
            yield from _jpeg_2000(content)
        elif kind not in _NEEDED_BOXES:
            yield Residue(f"JP2 box {kind.decode('ascii', 'replace').strip()}", content)
        position = end if length == 0 or length >= header else len(stream)
