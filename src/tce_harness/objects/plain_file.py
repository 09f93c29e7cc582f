"""Part 10 files in Explicit VR Little Endian, read fast: instances of a series share most of their elements.

Only what is plain is read here: tags in order, every length stated and kept, nothing behind the last element.
Whatever else a file is, its reader is pydicom. Of a long file the last value, which is that of the pixels,
may stay where it is until somebody asks for it.
"""

from __future__ import annotations

import os
import struct
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from pydicom.dataelem import DataElement, RawDataElement, empty_value_for_VR
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.uid import ExplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_16, EXPLICIT_VR_LENGTH_32

from tce_harness.objects.elements import DECODING_ERRORS, plain_element, raw_elements
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
_ODD_GROUP = 1 << 16
_BULK_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW"})
_HEAD = 1 << 16

_LONGEST_SHARED = 512
_MOST_SHARED = 1 << 16
_SHARED: Remembered[bytes, RawDataElement] = Remembered(_MOST_SHARED)
_DECODED: Remembered[bytes, DataElement | RawDataElement] = Remembered(_MOST_SHARED)

Elements = dict[BaseTag, DataElement | RawDataElement]


class _NotPlain(Exception):
    """The file is one for pydicom."""


class StoredElement(DataElement):
    """An element whose value stays in its file, and is read whenever it is asked for.

    Parameters
    ----------
    path
        The file, which nobody changes.
    start, length
        Where in it the value lies, in bytes.
    """

    def __init__(self, tag: int, vr: str, path: Path, start: int, length: int) -> None:
        super().__init__(BaseTag(tag), vr, None, start, already_converted=True)
        self.path = path
        self.start = start
        self.length = length

    @property
    def value(self) -> bytes:
        """The bytes of the value.

        Raises
        ------
        OSError
            When the file is gone or was cut.
        """
        with self.path.open("rb") as file:
            file.seek(self.start)
            content = file.read(self.length)
        if len(content) < self.length:
            raise OSError(f"{self.path} was cut after it was read")
        return content

    @value.setter
    def value(self, value: object) -> None:
        raise AttributeError("the value of a stored element is that of its file")


def stored_element(dataset: Dataset) -> StoredElement | None:
    """Return the last element of a data set where its value stayed in the file; None where none did."""
    last = list(raw_elements(dataset).values())[-1:]
    return last[0] if last and isinstance(last[0], StoredElement) else None


def read_plain(content: bytes, *, frozen: bool = False) -> FileDataset | None:
    """Read a file as pydicom's `dcmread` does; None where it is not plain.

    Elements that are equal byte for byte are one object in all data sets that hold them, and do not tell
    where in their file they stood.

    Parameters
    ----------
    content
        The bytes of the file.
    frozen
        Whether nobody will change the data set, so that plain values may be decoded once for all of them.
    """
    return _read(_File(content, len(content), frozen))


def read_plain_head(path: Path) -> FileDataset | None:
    """Read a long file, frozen, and leave its last value in it (`StoredElement`).

    None where the file is not long, or not plain.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        return _read(_File(file.read(_HEAD), size, frozen=True, path=path)) if size > _HEAD else None


class _File(NamedTuple):
    """The bytes of a file from its beginning, its length, who may change it, and where the rest is."""

    content: bytes
    size: int
    frozen: bool
    path: Path = Path()


def _read(file: _File) -> FileDataset | None:
    content = file.content
    if content[128:_START] != b"DICM" or len(content) < _START + 8:
        return None
    try:
        first, start = _elements(file, _START, meta=True)
        meta = FileMetaDataset(first)
        meta.set_original_encoding(False, True, _DEFAULT)
        if not first or meta.get(BaseTag(_TRANSFER_SYNTAX)) is None:
            return None
        if meta.TransferSyntaxUID != ExplicitVRLittleEndian:
            return None
        elements, _ = _elements(file, start, meta=False)
        if not elements:
            return None
        dataset = FileDataset(BytesIO(), elements, content[:128], meta, False, True)
        dataset.set_original_encoding(False, True, dataset._character_set)
    except (_NotPlain, *DECODING_ERRORS):
        return None  # pydicom fails as well, and what it raises is told
    return dataset


def _elements(file: _File, position: int, *, meta: bool) -> tuple[Elements, int]:
    """Return the elements from a position on, those of the file meta or all behind it, and where they end."""
    found: Elements = {}
    raw: DataElement | RawDataElement
    content, size, frozen, path = file
    last, at_hand = -1, len(content)
    unpack, shared = _HEADER.unpack_from, (_DECODED if frozen else _SHARED).recent.get
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
        if end > at_hand:
            if vr not in _BULK_VRS or end < size:
                raise _NotPlain
            raw = StoredElement(tag, vr.decode("ascii"), path, start, length)
        elif length > _LONGEST_SHARED:
            raw = _made(tag, vr, content[start:end])
        else:
            encoded = content[position:end]
            raw = shared(encoded) or _remembered(encoded, tag, vr, start - position, frozen=frozen)
        found[raw.tag] = raw
        last, position = tag, end
    return found, position


def _remembered(
    encoded: bytes, tag: int, vr: bytes, header: int, *, frozen: bool
) -> DataElement | RawDataElement:
    if not frozen:
        return _SHARED.get(encoded) or _SHARED.put(encoded, _made(tag, vr, encoded[header:]))
    known = _DECODED.get(encoded)
    if known is None:
        raw = _made(tag, vr, encoded[header:])
        private = tag & _ODD_GROUP  # which is decoded together with its creator
        known = _DECODED.put(encoded, raw if private else plain_element(raw) or raw)
    return known


def _made(tag: int, vr: bytes, value: bytes) -> RawDataElement:
    spelled = vr.decode("ascii")
    kept = value or empty_value_for_VR(spelled, raw=True)
    if kept is not None and not isinstance(kept, bytes):
        raise _NotPlain
    return RawDataElement(BaseTag(tag), spelled, len(value), kept, 0, False, True)
