"""A change of one clean output, and what the judge must say of it: what the tables beside this hold."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from pydicom import dcmread, dcmwrite
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian

BASIC = ("113100", "113104")

_STEP = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)(?:\[(\d+)\])?")


@dataclass(frozen=True)
class Specimen:
    """One original instance and what a conforming de-identifier made of it, as files."""

    name: str
    original: bytes
    clean: bytes


class Subject:
    """What a change works on: fresh copies of both data sets, and the clean bytes."""

    def __init__(self, specimen: Specimen) -> None:
        self.content = specimen.clean
        self.original = read(specimen.original)
        self.clean = read(specimen.clean)

    def value(self, path: str) -> str:
        """Return a value of the original as text."""
        element = element_at(self.original, path)
        value = element.value
        return value.decode("latin-1").strip() if isinstance(value, bytes) else str(value)

    def written(self) -> bytes:
        """Return the changed data set as a file."""
        return write(self.clean)


Change = Callable[[Subject], "bytes | None"]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A row of the tables.

    Parameters
    ----------
    of
        Name of the specimen.
    change
        Changes ``subject.clean``, or returns the bytes of the whole file.
    fails, warns
        Requirement and kind of every finding that must be raised, and no other may be.
    tells
        The same of information that must be given.
    claims
        Codes of CID 7050 that are claimed.
    blind
        Why the raw-byte oracle and the judge do not agree on whether a planted string stands there.
    """

    name: str
    of: str
    change: Change
    fails: tuple[str, ...] = ()
    warns: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    claims: tuple[str, ...] = BASIC
    blind: str = ""

    @property
    def leaks(self) -> bool:
        """Whether something of the original can be read in it."""
        return any(each.rpartition(" ")[2] in LEAK_KINDS for each in (*self.fails, *self.warns))

    @property
    def breaks(self) -> bool:
        """Whether the IOD is broken, so that dciodvfy must see it."""
        return any(each.startswith(("PS315-D5 ", "PS315-D5R ")) for each in self.fails)


LEAK_KINDS = frozenset(
    {
        "canary-survives", "name-part-survives", "value-kept", "private-kept", "original-uid-left",
        "uid-kept", "reference-to-original", "file-meta-kept", "preamble-kept",
        "codestream-residue", "claimed-safe-private", "uid-derived-from-original",
    }
)  # fmt: skip

# what the tables below name most
SURVIVES = "PS315-B1 canary-survives"
PART = "PS315-B1 name-part-survives"
KEPT = "PS315-D2 value-kept"
PRIVATE = "PS315-D14 private-kept"
UID_LEFT = "PS315-D21 original-uid-left"
UID_KEPT = "TCE-RAD53-013 uid-kept"
REFERS = "TCE-RAD53-016 reference-to-original"
INVALID = "PS315-D5 not-valid"


def read(content: bytes) -> FileDataset:
    """Read a file and decode all of it."""
    dataset = dcmread(BytesIO(content), force=True)
    dataset.decode()
    return dataset


def write(dataset: Dataset, syntax: UID | None = None) -> bytes:
    """Write a file; its file meta information as it stands, or in another transfer syntax."""
    meta = copy.deepcopy(getattr(dataset, "file_meta", FileMetaDataset()))
    if syntax is not None or "TransferSyntaxUID" not in meta:
        meta.TransferSyntaxUID = syntax or ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    whole = copy.copy(dataset)
    whole.file_meta, whole.preamble = meta, b"\0" * 128
    target = BytesIO()
    dcmwrite(target, whole, enforce_file_format=True)
    return target.getvalue()


def steps_of(path: str) -> list[tuple[int, int]]:
    """Return tag and item number of each step of a path; 0 where it names no item."""
    return [(int(group + element, 16), int(number or 0)) for group, element, number in _STEP.findall(path)]


def element_at(dataset: Dataset, path: str) -> DataElement:
    """Return the element at a path."""
    item = dataset
    *above, (tag, _) = steps_of(path)
    for step, number in above:
        item = item[step].value[number - 1]
    found: DataElement = item[tag]
    return found


def item_at(dataset: Dataset, path: str) -> Dataset:
    """Return the item that holds, or is to hold, the element at a path; items are made as they lack."""
    item = dataset
    for tag, number in steps_of(path)[:-1]:
        if tag not in item or not isinstance(item[tag].value, Sequence):
            item.add(DataElement(tag, "SQ", Sequence()))
        sequence = item[tag].value
        while len(sequence) < number:
            sequence.append(Dataset())
        item = sequence[number - 1]
    return item


def put(path: str, value: object, vr: str | None = None) -> Change:
    """Set an element."""

    def change(subject: Subject) -> None:
        tag = steps_of(path)[-1][0]
        item = item_at(subject.clean, path)
        if vr is None and tag in item:
            item[tag].value = value
        elif vr is None:
            item.add(DataElement(tag, element_at(subject.original, path).VR, value))
        else:
            item.add(DataElement(tag, vr, value))

    return change


def put_from(path: str, source: str, spell: Callable[[str], object], vr: str | None = None) -> Change:
    """Set an element to something made of a value of the original."""

    def change(subject: Subject) -> None:
        put(path, spell(subject.value(source)), vr)(subject)

    return change


def back(*paths: str) -> Change:
    """Put elements of the original back where they stood, in items made as they lack."""

    def change(subject: Subject) -> None:
        for path in paths:
            element = copy.deepcopy(element_at(subject.original, path))
            item_at(subject.clean, path).add(element)
            if not str(element).isascii():
                subject.clean.SpecificCharacterSet = subject.original.SpecificCharacterSet

    return change


def drop(*paths: str) -> Change:
    """Remove elements."""

    def change(subject: Subject) -> None:
        for path in paths:
            del item_at(subject.clean, path)[Tag(steps_of(path)[-1][0])]

    return change


def both(*changes: Change) -> Change:
    """Do one change after another."""

    def change(subject: Subject) -> bytes | None:
        content = None
        for each in changes:
            content = each(subject) or content
        return content

    return change


def claiming(code: str, meaning: str, *changes: Change) -> Change:
    """Record one more option in (0012,0064), then do the changes."""

    def record(subject: Subject) -> None:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, "DCM", meaning
        subject.clean.DeidentificationMethodCodeSequence.append(item)

    return both(record, *changes)


def in_bytes(spell: Callable[[bytes, Subject], bytes]) -> Change:
    """Change the file as bytes."""
    return lambda subject: spell(subject.written(), subject)
