"""Where each element of an encoded data set begins and ends, found by its headers alone.

PS3.5 section 7. Nothing is decoded; what does not keep to the plain form of PS3.5 is left to pydicom.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass

from pydicom import uid as uids

from tce_harness.objects.plain_file import LONG_VRS, SHORT_VRS

_PREFIX = 132
_META_GROUP = 0x0002
_TRANSFER_SYNTAX = 0x00020010
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_OTHER_LAYOUTS = frozenset({uids.ExplicitVRBigEndian, uids.DeflatedExplicitVRLittleEndian})
_EXPLICIT = struct.Struct("<HH2sH")
_IMPLICIT = struct.Struct("<HHL")
_LENGTH = struct.Struct("<L")
#: Sequences within sequences. No IOD comes near; pydicom, which recurses as well, tells what is too deep.
_DEEPEST = 48

#: Tag, start of the header, start of the value, end of the element.
Span = tuple[int, int, int, int]


class UnusualEncodingError(ValueError):
    """An encoding that is not walked by headers: it may be faulty, or only rare."""


@dataclass(frozen=True, slots=True)
class EncodedInstance:
    """The elements of an encoded instance, in the order of the file, which is that of their tags.

    Parameters
    ----------
    content
        The whole file.
    transfer_syntax_uid
        As its file meta says.
    implicit
        Whether elements carry no VR.
    """

    content: bytes
    transfer_syntax_uid: uids.UID
    implicit: bool
    spans: tuple[Span, ...]

    @classmethod
    def of(cls, content: bytes) -> EncodedInstance:
        """Find the elements of a file.

        Raises
        ------
        UnusualEncodingError
            When it has no preamble or file meta, is big endian or deflated, a length does not fit, tags do
            not rise, or a VR is unknown.
        """
        try:
            syntax, start = _file_meta(content)
            if syntax in _OTHER_LAYOUTS or not syntax.is_transfer_syntax:
                raise UnusualEncodingError("a transfer syntax with another layout")
            implicit = syntax == uids.ImplicitVRLittleEndian
            return cls(content, syntax, implicit, tuple(_elements(content, start, implicit=implicit)))
        except struct.error:
            raise UnusualEncodingError("a header is cut short") from None


def leading_values(content: bytes, wanted: Collection[int]) -> dict[int, bytes]:
    """Return the encoded values of some elements of a file of which perhaps only the beginning is given.

    Raises
    ------
    UnusualEncodingError
        As `EncodedInstance.of` does, and where the last of them lies behind what is given.
    """
    last, found = max(wanted), {}
    try:
        syntax, place = _file_meta(content)
        if syntax in _OTHER_LAYOUTS or not syntax.is_transfer_syntax:
            raise UnusualEncodingError("a transfer syntax with another layout")
        header = _implicit if syntax == uids.ImplicitVRLittleEndian else _explicit
        while place < len(content):
            tag, value, end = header(content, place)
            if tag in wanted:
                found[tag] = content[value:end]
            if tag >= last:
                return found
            place = end
    except struct.error:
        raise UnusualEncodingError("a header is cut short") from None
    raise UnusualEncodingError("it goes on behind what is given")


def _file_meta(content: bytes) -> tuple[uids.UID, int]:
    if content[128:_PREFIX] != b"DICM":
        raise UnusualEncodingError("no preamble")
    place, syntax = _PREFIX, ""
    while _EXPLICIT.unpack_from(content, place)[0] == _META_GROUP:
        tag, value, end = _explicit(content, place)
        if tag == _TRANSFER_SYNTAX:
            syntax = content[value:end].decode("ascii", "replace").rstrip("\0 ")
        place = end
    return uids.UID(syntax), place


def _elements(content: bytes, place: int, *, implicit: bool) -> list[Span]:
    header = _implicit if implicit else _explicit
    spans: list[Span] = []
    size, last = len(content), -1
    while place < size:
        tag, value, end = header(content, place)
        if tag <= last or end > size:
            raise UnusualEncodingError("tags that do not rise, or a length beyond the end")
        spans.append((tag, place, value, end))
        place, last = end, tag
    return spans


def _explicit(content: bytes, place: int, depth: int = 0) -> tuple[int, int, int]:
    """Return tag, start of the value and end of the element."""
    group, element, vr, length = _EXPLICIT.unpack_from(content, place)
    value = place + 8
    if vr not in SHORT_VRS:
        if vr not in LONG_VRS:
            raise UnusualEncodingError("an unknown VR")
        (length,) = _LENGTH.unpack_from(content, value)
        value += 4
        if length == _UNDEFINED:
            if vr == b"UN":
                raise UnusualEncodingError("an unknown VR of undefined length")
            end = _end_of_items(content, value, depth, nested=vr == b"SQ", implicit=False)
            return group << 16 | element, value, end
    return group << 16 | element, value, value + length


def _implicit(content: bytes, place: int, depth: int = 0) -> tuple[int, int, int]:
    group, element, length = _IMPLICIT.unpack_from(content, place)
    value = place + 8
    end = value + length
    if length == _UNDEFINED:
        end = _end_of_items(content, value, depth, nested=True, implicit=True)
    return group << 16 | element, value, end


def _end_of_items(content: bytes, place: int, depth: int, *, nested: bool, implicit: bool) -> int:
    """Return where a sequence, or encapsulated pixel data, of undefined length ends."""
    if depth > _DEEPEST:
        raise UnusualEncodingError("sequences nested too deeply")
    while True:
        group, element, length = _IMPLICIT.unpack_from(content, place)
        tag = group << 16 | element
        place += 8
        if tag == _SEQUENCE_END and not length:
            return place
        if tag != _ITEM:
            raise UnusualEncodingError("something other than an item in a sequence")
        if length != _UNDEFINED:
            place += length
        elif nested:
            place = _end_of_item(content, place, depth + 1, implicit=implicit)
        else:
            raise UnusualEncodingError("a fragment of undefined length")
        if place > len(content):
            raise UnusualEncodingError("an item beyond the end")


def _end_of_item(content: bytes, place: int, depth: int, *, implicit: bool) -> int:
    header = _implicit if implicit else _explicit
    while True:
        group, element, length = _IMPLICIT.unpack_from(content, place)
        if group << 16 | element == _ITEM_END:
            if length:
                raise UnusualEncodingError("an item that ends with a length")
            return place + 8
        place = header(content, place, depth)[2]
