"""Where the data set of a file begins and ends, told from its element headers alone (PS3.5 section 7)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.objects.plain_file import stored_element
from tce_harness.rules.deidentification.containers import deflated_data_set

PIXEL_DATA = 0x7FE00010
NUMBER_OF_FRAMES = 0x00280008
TRAILING_PADDING = 0xFFFCFFFC
_TRANSFER_SYNTAX = 0x00020010
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_DEEPEST = 64
#: How pictures of JPEG, JPEG 2000 and its files begin and end, and a frame of RLE of one to three segments.
_PICTURES = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ")
_END = b"\xff\xd9"
_RLE = tuple(bytes([number, 0, 0, 0, 64, 0, 0, 0]) for number in range(1, 16))
_SHORT_VRS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()
)  # fmt: skip
_LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())


class _Broken(Exception):
    """The bytes are no data set from here on."""


@dataclass(frozen=True, slots=True)
class Header:
    """One top-level element: where its value lies."""

    tag: int
    start: int
    end: int
    undefined: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The top level of a file.

    Parameters
    ----------
    read
        Gives the bytes that ``start`` and ``end`` of the headers count in: the file, or what was deflated
        in it.
    deflated
        Whether the data set was deflated.
    preamble
        The 128 bytes before DICM; empty where there are none.
    headers
        The elements of the data set, without the file meta information; Pixel Data alone where nothing else
        was looked at.
    behind
        Bytes behind the data set.
    cut_short
        Whether the last element claims more bytes than there are.
    """

    read: Callable[[], bytes]
    deflated: bool
    preamble: bytes
    headers: tuple[Header, ...]
    behind: bytes
    cut_short: bool

    @property
    def body(self) -> bytes:
        """The bytes that ``start`` and ``end`` of the headers count in."""
        return self.read()

    def value(self, tag: int) -> bytes | None:
        """Return the bytes of the first top-level element with a tag; None where there is none."""
        found = next((each for each in self.headers if each.tag == tag), None)
        return self.body[found.start : found.end] if found is not None else None

    def value_behind(self, tag: int, length: int) -> bytes:
        """Return what a value of stated length holds beyond some bytes; nothing of encapsulated pixels."""
        found = next((each for each in self.headers if each.tag == tag and not each.undefined), None)
        if found is None or found.start + length >= found.end:
            return b""
        return self.body[found.start + length : found.end]

    def codestreams(self, frames: str) -> tuple[bytes, ...]:
        """Return one codestream a frame: of a single frame the fragments are parts of one.

        Parameters
        ----------
        frames
            Number of Frames (0028,0008), or nothing.
        """
        fragments = self.fragments()
        return (b"".join(fragments),) if fragments and frames in ("", "1") else fragments

    def fragments_behind(self, frames: str) -> tuple[bytes, ...]:
        """Return the fragments that stand behind the last frame of encapsulated Pixel Data of several frames.

        A picture ends with its end marker, and RLE has one fragment a frame (PS3.5 section A.4.2).

        Parameters
        ----------
        frames
            Number of Frames (0028,0008), or nothing.
        """
        number = int(frames) if frames.isdecimal() else 0
        fragments = self.fragments() if number > 1 else ()
        if len(fragments) <= number:
            return ()
        start = next((each for each in _PICTURES if fragments[0].startswith(each)), None)
        if start is None:
            return fragments[number:] if fragments[0].startswith(_RLE) else ()
        begun = [position for position, each in enumerate(fragments) if each.startswith(start)]
        if len(begun) > number:
            return fragments[begun[number] :]
        ends = (at for at in range(begun[-1], len(fragments)) if fragments[at].rstrip(b"\0").endswith(_END))
        return fragments[next(ends, len(fragments)) + 1 :]

    def fragments(self) -> tuple[bytes, ...]:
        """Return the fragments of encapsulated Pixel Data, without the offset table."""
        found = next((each for each in self.headers if each.tag == PIXEL_DATA and each.undefined), None)
        if found is None:
            return ()
        body, parts = self.body, list[bytes]()
        position = found.start
        while position + 8 <= found.end:
            group, element, length = struct.unpack_from("<HHI", body, position)
            position += 8
            if group << 16 | element != _ITEM:
                break
            parts.append(body[position : position + length])
            position += length
        return tuple(parts[1:])


_LAYOUTS: WeakKeyDictionary[EvidenceInstance, Layout] = WeakKeyDictionary()


def layout_of(instance: EvidenceInstance) -> Layout:
    """Return the layout of an instance; told once however many rules look, without holding its bytes."""
    found = _LAYOUTS.get(instance)
    if found is None:
        found = _around_stored_pixels(instance.dataset) or layout(instance.content)
        _LAYOUTS[instance] = found if found.deflated else replace(found, read=bytes)
    return found if found.deflated else replace(found, read=lambda: instance.content)


def _around_stored_pixels(dataset: Dataset) -> Layout | None:
    """Return the layout of a plain file whose pixels stay in it (`StoredElement`), and end it."""
    pixels = stored_element(dataset)
    if pixels is None or pixels.tag != PIXEL_DATA:
        return None
    preamble = getattr(dataset, "preamble", None) or b""
    header = Header(PIXEL_DATA, pixels.start, pixels.start + pixels.length, False)
    return Layout(bytes, False, preamble, (header,), b"", False)


def layout(content: bytes) -> Layout:
    """Read the top level of a Part 10 file, or of a bare data set; never raises for what it holds."""
    preamble = content[:128] if content[128:132] == b"DICM" else b""
    start = 132 if preamble else 0
    syntax, start = _file_meta(content, start)
    behind, deflated = b"", syntax == DeflatedExplicitVRLittleEndian
    if deflated:
        content, behind = deflated_data_set(content[start:])
        start = 0
    reader = _Reader(content, syntax)
    headers, end, cut_short = reader.top_level(start)
    return Layout(lambda: content, deflated, preamble, headers, content[end:] + behind, cut_short)


def _file_meta(content: bytes, start: int) -> tuple[str, int]:
    """Return the transfer syntax and where the data set begins."""
    reader = _Reader(content, ExplicitVRLittleEndian)
    syntax = ""
    while content[start : start + 2] == b"\x02\x00":
        try:
            header = reader.header(start)
        except _Broken:
            break
        if header.tag == _TRANSFER_SYNTAX:
            syntax = content[header.start : header.end].rstrip(b"\0 ").decode("ascii", "replace")
        start = header.end
    if syntax:
        return syntax, start
    explicit = content[start + 4 : start + 6] in _SHORT_VRS | _LONG_VRS
    return str(ExplicitVRLittleEndian if explicit else ImplicitVRLittleEndian), start


class _Reader:
    """Reads element headers of one transfer syntax."""

    def __init__(self, content: bytes, syntax: str) -> None:
        self.content = content
        self.implicit = syntax == ImplicitVRLittleEndian
        self._order = ">" if syntax == ExplicitVRBigEndian else "<"

    @cached_property
    def _tag(self) -> struct.Struct:
        return struct.Struct(self._order + "HH")

    def top_level(self, position: int) -> tuple[tuple[Header, ...], int, bool]:
        """Return the headers, where the data set ends, and whether its last element is cut short."""
        headers: list[Header] = []
        while position < len(self.content):
            try:
                header = self.header(position)
            except _Broken as broken:
                behind_pixels = bool(headers) and headers[-1].tag >= PIXEL_DATA
                return tuple(headers), position, bool(broken.args) and not behind_pixels
            if headers and headers[-1].tag >= PIXEL_DATA and header.tag <= headers[-1].tag:
                break
            headers.append(header)
            position = header.end
        return tuple(headers), position, False

    def header(self, position: int, depth: int = 0, *, implicit: bool | None = None) -> Header:
        """Return the header at a position, its value skipped over whatever its length."""
        implicit = self.implicit if implicit is None else implicit
        tag, vr, length, start = self._start(position, implicit)
        if length != _UNDEFINED:
            if start + length > len(self.content):
                raise _Broken("cut short")
            return Header(tag, start, start + length, False)
        if depth > _DEEPEST:
            raise _Broken
        # a sequence of VR UN is Implicit VR Little Endian (PS3.5 section 6.2.2)
        end = self._items(start, depth + 1, implicit or vr == b"UN")
        return Header(tag, start, end, True)

    def _start(self, position: int, implicit: bool) -> tuple[int, bytes, int, int]:
        if position + 8 > len(self.content):
            raise _Broken("cut short")
        group, element = self._tag.unpack_from(self.content, position)
        tag = group << 16 | element
        if implicit or group == 0xFFFE:
            (length,) = struct.unpack_from(self._order + "I", self.content, position + 4)
            return tag, b"", length, position + 8
        vr = self.content[position + 4 : position + 6]
        if vr in _SHORT_VRS:
            (length,) = struct.unpack_from(self._order + "H", self.content, position + 6)
            return tag, vr, length, position + 8
        if vr not in _LONG_VRS:
            raise _Broken
        if position + 12 > len(self.content):
            raise _Broken("cut short")
        (length,) = struct.unpack_from(self._order + "I", self.content, position + 8)
        return tag, vr, length, position + 12

    def _items(self, position: int, depth: int, implicit: bool) -> int:
        """Skip items of undefined number; return where the sequence delimiter ends."""
        while True:
            tag, _, length, start = self._start(position, True)
            if tag == _SEQUENCE_END:
                return start
            if tag != _ITEM:
                raise _Broken
            position = start + length if length != _UNDEFINED else self._item(start, depth, implicit)
            if position > len(self.content):
                raise _Broken("cut short")

    def _item(self, position: int, depth: int, implicit: bool) -> int:
        while True:
            tag, _, _, start = self._start(position, implicit)
            if tag == _ITEM_END:
                return start
            position = self.header(position, depth, implicit=implicit).end
