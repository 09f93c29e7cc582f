"""Comments and application data inside JPEG and JPEG 2000 codestreams, found by their markers alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_JPEG = b"\xff\xd8\xff"
_JPEG_2000 = b"\xff\x4f\xff\x51"
_JP2_FILE = b"\x00\x00\x00\x0cjP  "
_EOI, _SOS, _SOD, _COM, _J2K_COM = 0xD9, 0xDA, 0x93, 0xFE, 0x64

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
        if marker in (_SOS, _EOI):
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
    yield from _behind(stream)


def _jpeg_2000(stream: bytes) -> Iterator[Residue]:
    position = 2
    while position + 4 <= len(stream) and stream[position] == 0xFF:
        marker = stream[position + 1]
        if marker in (_SOD, _EOI):
            break
        length = int.from_bytes(stream[position + 2 : position + 4], "big")
        if marker == _J2K_COM:
            yield Residue("JPEG 2000 comment", stream[position + 6 : position + 2 + length])
        position += 2 + max(length, 2)
    yield from _behind(stream)


def _behind(stream: bytes) -> Iterator[Residue]:
    """Yield what stands behind the last end marker; an odd fragment is padded with one byte."""
    end = stream.rfind(b"\xff\xd9")
    behind = stream[end + 2 :] if end >= 0 else b""
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
        if kind in (b"xml ", b"uuid", b"uinf"):
            yield Residue(f"JP2 box {kind.decode('ascii').strip()}", content)
        elif kind == b"jp2c":
            yield from _jpeg_2000(content)
        position = end if length == 0 or length >= header else len(stream)
