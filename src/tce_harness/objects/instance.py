"""One DICOM instance as a file: read with every fault told, written with a file meta of our own."""

from __future__ import annotations

import hashlib
import re
import struct
import warnings
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from pydicom import config, dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.sequence import Sequence
from pydicom.uid import UID, AllTransferSyntaxes, ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from tce_harness.model.errors import FileFault, InstanceError
from tce_harness.objects.elements import (
    DECODING_ERRORS,
    element_reader,
    freeze_known,
    raw_elements,
    spell_tag,
)
from tce_harness.objects.plain_file import read_plain, read_plain_head

IMPLEMENTATION_CLASS_UID = UID("2.25.259163174219373046302386530915853168431")
IMPLEMENTATION_VERSION_NAME = "TCE_HARNESS_0_1"

# A data set without preamble begins with file meta or with group 0008, in either byte order.
_FILE_META = b"\x02\x00"
_FIRST_GROUPS = frozenset({_FILE_META, b"\x08\x00", b"\x00\x08"})
_META_START = 132
_HEADER_LENGTH = 8
_PREFIX = b"\x00" * 128 + b"DICM"
_GROUP_LENGTH = 12  # bytes of the element (0002,0000)
_UNDEFINED_LENGTH = 0xFFFFFFFF
_NO_UID_CHARACTER = re.compile(r"[^0-9.]")
_QUOTED = 80

# Values that break a rule of PS3.5 are what a test harness meets and must pass on, not something to stop at.
config.settings.reading_validation_mode = config.IGNORE
config.settings.writing_validation_mode = config.IGNORE
# pydicom warns on the user's stderr of each such value, quoting it; the rules tell it instead.
warnings.filterwarnings("ignore", module=r"pydicom\.")


def check_uid(uid: str, what: str = "UID") -> UID:
    """Return a UID that keeps to PS3.5 section 9.1 and can therefore name a file.

    Raises
    ------
    InstanceError
        When it is empty, longer than 64 characters, or has anything but numbers and dots.
    """
    if not uid:
        raise InstanceError(f"{what} is missing or empty")
    if len(uid) > 64:
        told = f"{what} has {len(uid)} characters; PS3.5 section 9.1 allows 64"
        raise InstanceError(told, observed=uid[:_QUOTED])
    wrong = _uid_fault(uid)
    if wrong is not None:
        told = f"{what} is not a UID, which is numbers parted by dots (PS3.5 section 9.1): {wrong}"
        raise InstanceError(told, observed=uid[:_QUOTED])
    return UID(uid)


def _uid_fault(uid: str) -> str | None:
    """Return where a UID breaks the rules and how, without a character of it."""
    stranger = _NO_UID_CHARACTER.search(uid)
    if stranger is not None:
        found = stranger.group()
        kind = "a letter" if found.isalpha() else "a space" if found.isspace() else "another sign"
        return f"its character {stranger.start() + 1} of {len(uid)} is {kind}"
    for number, part in enumerate(uid.split("."), start=1):
        if not part:
            return f"its component {number} is empty"
        if len(part) > 1 and part.startswith("0"):
            return f"its component {number} has a leading zero"
    return None


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def read_instance(source: Path | bytes, *, frozen: bool = False) -> FileDataset:
    """Read a Part 10 file and make sure that it is one whole, addressable instance.

    Parameters
    ----------
    source
        A file, or its bytes. Files without preamble or file meta are read too, as many real ones lack them.
    frozen
        Whether nobody will change the data set, nor the file. Elements that are equal in several data sets
        are then one object in all of them, decoded once, and pixels may stay in the file.

    Raises
    ------
    InstanceError
        When it is not DICOM, is cut short, claims a length it does not have, or lacks a valid SOP Class or
        SOP Instance UID. The text says which, never a value of the patient.
    """
    name = source.name if isinstance(source, Path) else "the data set"
    try:
        dataset = read_plain_head(source) if frozen and isinstance(source, Path) else None
        content = b"" if dataset else source.read_bytes() if isinstance(source, Path) else source
    except OSError as error:
        raise InstanceError(f"{name} cannot be read: {error.strerror}") from None
    dataset = _decoded(dataset or _parsed(content, name, frozen), name, frozen)
    meta = getattr(dataset, "file_meta", None) or FileMetaDataset()
    sop_class_uid = dataset.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID") or ""
    if meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        told = f"{name} is a DICOMDIR, which lists instances and is none"
        raise InstanceError(told, fault=FileFault.DIRECTORY)
    check_uid(str(sop_class_uid), f"{name}: SOP Class UID (0008,0016)")
    check_uid(str(dataset.get("SOPInstanceUID") or ""), f"{name}: SOP Instance UID (0008,0018)")
    return dataset


def _parsed(content: bytes, name: str, frozen: bool) -> FileDataset:
    marked = content[128:132] == b"DICM"
    if not marked and content[:2] not in _FIRST_GROUPS:
        raise InstanceError(f"{name} is not a DICOM file", fault=_foreign(content))
    dataset = read_plain(content, frozen=frozen) or _read_any(content, name, marked)
    if not dataset:
        raise InstanceError(f"{name} is not a DICOM file: it holds no data set")
    return dataset


def _decoded(dataset: FileDataset, name: str, frozen: bool) -> FileDataset:
    """Decode every element, so that what is broken is told here and not to whoever looks later."""
    meta = getattr(dataset, "file_meta", None) or FileMetaDataset()
    syntax = str(meta.get("TransferSyntaxUID") or "")
    if UID(syntax).type == "Transfer Syntax" and syntax not in AllTransferSyntaxes:
        raise InstanceError(
            f"{name} is in transfer syntax {UID(syntax).name}, which this program does not read; "
            "convert it to one that is in use"
        )
    if syntax and syntax not in AllTransferSyntaxes:
        raise InstanceError(
            f"{name} is in a transfer syntax that PS3.5 does not define; convert it to a standard one",
            observed=syntax[:_QUOTED],
        )
    for part in (meta, dataset):
        try:
            _decode(part, "", name, frozen)
        except RecursionError:
            raise InstanceError(f"{name} is nested too deeply to be read") from None
    return dataset


def _foreign(content: bytes) -> FileFault:
    """Return whether a file without a sign of DICOM is of another kind, or may be an instance that was lost.

    Writing that failed leaves nothing, or zeros; a file meta without its prefix begins an instance.
    """
    if not content.strip(b"\0") or content[_META_START:][:2] == _FILE_META:
        return FileFault.BROKEN
    return FileFault.NOT_DICOM


def read_directory(content: bytes) -> FileDataset:
    """Read a DICOMDIR, frozen; raises `InstanceError` as `read_instance` does."""
    name = "the data set"
    return _decoded(_parsed(content, name, frozen=True), name, frozen=True)


def _read_any(content: bytes, name: str, marked: bool) -> FileDataset:
    """Read a file of any kind; tell where it was cut."""
    source = _Source(content)
    try:
        dataset = dcmread(source, force=not marked)
    except InvalidDicomError:
        raise InstanceError(f"{name} is not a DICOM file") from None
    except EOFError as error:
        raise InstanceError(f"{name} is cut short: {error}") from None
    except RecursionError:
        raise InstanceError(f"{name} is nested too deeply to be read") from None
    except DECODING_ERRORS as error:
        raise InstanceError(f"{name} is not a readable DICOM file: {type(error).__name__}") from None
    if not source.ended_between_elements:
        raise InstanceError(f"{name} is cut short: it ends inside an element")
    return dataset


class _Source(BytesIO):
    """Bytes of a file that know whether they were read to an end between two elements.

    pydicom takes a header of which only a part is there for the end of the file, and only warns where the
    delimiter of an undefined length is missing. An orderly end is an attempt to read the 8 bytes of another
    header that gives nothing, or nothing but padding. A deflated data set is read in one go instead, and its
    decompression tells a cut.
    """

    ended_between_elements = False

    def read(self, size: int | None = -1, /) -> bytes:
        found = BytesIO.read(self, size)
        if len(found) == size:
            self.ended_between_elements = False
            return found
        at_header = size == _HEADER_LENGTH and len(found) < size
        self.ended_between_elements = size in (-1, None) or (at_header and not found.strip(b"\0"))
        return found


def _decode(dataset: Dataset, parent: str, name: str, frozen: bool) -> None:
    """Decode each element; tell the path of the first whose bytes are not all there or that make no sense.

    Of a frozen data set the decoded elements take the place of their bytes.
    """
    elements = raw_elements(dataset)
    tags = freeze_known(dataset) if frozen else list(elements)
    read = element_reader(dataset)
    for tag in tags:
        raw = elements[tag]
        try:
            if isinstance(raw, RawDataElement) and _is_short(raw):
                raise InstanceError(
                    f"{name} is cut short: {parent}{spell_tag(tag)} claims {raw.length} bytes and has "
                    f"{len(raw.value or b'')}"
                )
            found = read(tag)
            if frozen:
                elements[tag] = found
        except RecursionError:
            raise  # the path to it would fill a page
        except EOFError:
            raise InstanceError(f"{name} is cut short inside {parent}{spell_tag(tag)}") from None
        except DECODING_ERRORS as error:
            raise InstanceError(
                f"{name}: {parent}{spell_tag(tag)} cannot be decoded ({type(error).__name__})"
            ) from None
        if found.VR == "SQ" and isinstance(found.value, Sequence):
            for number, item in enumerate(found.value, start=1):
                _decode(item, f"{parent}{spell_tag(tag)}[{number}]/", name, frozen)


def _is_short(raw: RawDataElement) -> bool:
    return len(raw.value or b"") < raw.length != _UNDEFINED_LENGTH


def file_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> FileMetaDataset:
    """Return a file meta information of the harness's own (PS3.10 section 7.1)."""
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = UID(sop_class_uid)
    meta.MediaStorageSOPInstanceUID = UID(sop_instance_uid)
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def wrap_data_set(
    data_set: bytes, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str
) -> bytes:
    """Return a Part 10 file around an encoded data set, such as one that came by C-STORE, byte for byte."""
    return prefix(sop_class_uid, sop_instance_uid, transfer_syntax_uid) + data_set


def prefix(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Return what stands before the data set of a Part 10 file: preamble and file meta."""
    before, after = _meta_around(sop_class_uid, transfer_syntax_uid)
    instance = _short_element(0x0003, b"UI", sop_instance_uid.encode("ascii"))
    length = struct.pack("<L", len(before) + len(instance) + len(after))
    return b"".join((_PREFIX, _short_element(0x0000, b"UL", length), before, instance, after))


@lru_cache(64)
def _meta_around(sop_class_uid: str, transfer_syntax_uid: str) -> tuple[bytes, bytes]:
    """Return what stands before and after Media Storage SOP Instance UID (0002,0003)."""
    buffer = DicomBytesIO()
    meta = file_meta(sop_class_uid, "1", transfer_syntax_uid)
    write_file_meta_info(buffer, meta)
    place = _short_element(0x0003, b"UI", b"1")
    before, _, after = buffer.getvalue()[_GROUP_LENGTH:].partition(place)
    return before, after


def _short_element(element: int, vr: bytes, value: bytes) -> bytes:
    padded = value + b"\0" * (len(value) & 1)
    return struct.pack("<HH2sH", 0x0002, element, vr, len(padded)) + padded


def encode_instance(dataset: Dataset) -> bytes:
    """Return a data set as a Part 10 file with a file meta and a preamble of our own.

    The transfer syntax is the data set's own, or Explicit VR Little Endian where it has none.

    Raises
    ------
    InstanceError
        When it holds what no file can, such as elements of group 0002 or a value that does not fit its VR.
    """
    meta = getattr(dataset, "file_meta", None) or FileMetaDataset()
    syntax = UID(meta.get("TransferSyntaxUID") or ExplicitVRLittleEndian)
    sop_class_uid = str(dataset.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID") or "")
    written = Dataset(dataset)
    written.file_meta = file_meta(sop_class_uid, str(dataset.get("SOPInstanceUID") or ""), syntax)
    written.preamble = b"\x00" * 128
    buffer = BytesIO()
    try:
        written.save_as(buffer, enforce_file_format=True)
    except DECODING_ERRORS as error:
        # The text of pydicom's error may quote a value.
        raise InstanceError(f"the instance cannot be written as a file ({type(error).__name__})") from error
    return buffer.getvalue()
