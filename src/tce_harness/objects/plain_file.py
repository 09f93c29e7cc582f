"""Part 10 files in Explicit VR Little Endian, read fast: instances of a series share most of their elements.

Only what is plain is read here: tags in order, every length stated and kept, nothing behind the last element.
Whatever else a file is, its reader is pydicom.
"""

from __future__ import annotations

import struct
from io import BytesIO

from pydicom.dataelem import DataElement, RawDataElement, empty_value_for_VR
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.uid import ExplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_16, EXPLICIT_VR_LENGTH_32

from tce_harness.objects.elements import DECODING_ERRORS
from tce_harness.objects.remembered import Remembered

_HEADER = struct.Struct("<HH2sH")
_LONG_LENGTH = struct.Struct("<L")
#: Value representations as they are encoded, with a length of 2 and of 4 bytes (PS3.5 section 7.1.2).
SHORT_VRS = frozenset(vr.encode("ascii") for vr in EXPLICIT_VR_LENGTH_16)
LONG_VRS = frozenset(vr.encode("ascii") for vr in EXPLICIT_VR_LENGTH_32)
_UNDEFINED = 0xFFFFFFFF
_META, _FIRST_OF_ITEMS = 0x0002, 0xFFFE0000
_START, _TRANSFER_SYNTAX = 132, 0x00020010
_DEFAULT = "iso8859"  # pydicom's name of the default character repertoire

_LONGEST_SHARED = 512
_MOST_SHARED = 1 << 16
_SHARED: Remembered[bytes, RawDataElement] = Remembered(_MOST_SHARED)

Elements = dict[BaseTag, DataElement | RawDataElement]


class _NotPlain(Exception):
    """The file is one for pydicom."""


def read_plain(content: bytes) -> FileDataset | None:
    """Read a file as pydicom's `dcmread` does; None where it is not plain.

    Elements that are equal byte for byte are one object in all data sets that hold them, and do not tell
    where in their file they stood.

    Parameters
    ----------
    content
        The bytes of the file.
    """
    if content[128:_START] != b"DICM" or len(content) < _START + 8:
        return None
    try:
        first, start = _elements(content, _START, meta=True)
        meta = FileMetaDataset(first)
        meta.set_original_encoding(False, True, _DEFAULT)
        if not first or meta.get(BaseTag(_TRANSFER_SYNTAX)) is None:
            return None
        if meta.TransferSyntaxUID != ExplicitVRLittleEndian:
            return None
        elements, _ = _elements(content, start, meta=False)
        if not elements:
            return None
        dataset = FileDataset(BytesIO(), elements, content[:128], meta, False, True)
        dataset.set_original_encoding(False, True, dataset._character_set)
    except (_NotPlain, *DECODING_ERRORS):
        return None  # pydicom fails as well, and what it raises is told
    return dataset


def _elements(content: bytes, position: int, *, meta: bool) -> tuple[Elements, int]:
    """Return the elements from a position on, those of the file meta or all behind it, and where they end."""
    found: Elements = {}
    size, last = len(content), -1
    unpack, shared = _HEADER.unpack_from, _SHARED.recent.get
    while position < size:
        group, number, vr, length = unpack(content, position)
        if meta and group != _META:
            break
        start = position + 8
        if vr not in SHORT_VRS:
            if vr not in LONG_VRS:
                raise _NotPlain
            (length,) = _LONG_LENGTH.unpack_from(content, start)
            start += 4
        end = start + length
        tag = group << 16 | number
        if end > size or tag <= last or not (meta or _META < group < _FIRST_OF_ITEMS >> 16):
            raise _NotPlain  # an undefined length is more than any file has
        if length > _LONGEST_SHARED:
            raw = _made(tag, vr, content[start:end])
        else:
            encoded = content[position:end]
            raw = shared(encoded) or _remembered(encoded, tag, vr, start - position)
        found[raw.tag] = raw
        last, position = tag, end
    return found, position


def _remembered(encoded: bytes, tag: int, vr: bytes, header: int) -> RawDataElement:
    return _SHARED.get(encoded) or _SHARED.put(encoded, _made(tag, vr, encoded[header:]))


def _made(tag: int, vr: bytes, value: bytes) -> RawDataElement:
    spelled = vr.decode("ascii")
    kept = value or empty_value_for_VR(spelled, raw=True)
    if kept is not None and not isinstance(kept, bytes):
        raise _NotPlain
    return RawDataElement(BaseTag(tag), spelled, len(value), kept, 0, False, True)
