"""The evidence log: one JSON line a record, each line chained to the one before, instances beside it once."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydicom.dataset import Dataset

from tce_harness.model.errors import EvidenceError, InstanceError
from tce_harness.model.record import Entry, Record, RunRecord
from tce_harness.objects.instance import read_instance

LOG_NAME = "log.jsonl"
INSTANCES = "instances"
FIRST_PREVIOUS = "0" * 64

Clock = Callable[[], datetime]

_RECORD: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(discriminator="kind")])


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """Spell a time as the records do: UTC, ISO 8601, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instance_file(digest: str) -> str:
    """Return the path of an instance, relative to the evidence folder."""
    return f"{INSTANCES}/{digest}.dcm"


def make_private(folder: Path) -> None:
    """Make a folder that its owner alone can look into, or take that right from others; raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


class EvidenceWriter:
    """Writes evidence as it happens; safe to use from the threads of several listeners.

    Parameters
    ----------
    folder
        Made, with mode 0700, before anything is written; there must be nothing of that name but an empty
        folder.
    clock
        Gives the time of each record.

    Raises
    ------
    EvidenceError
        When the folder holds anything or cannot be made.
    """

    def __init__(self, folder: Path, clock: Clock = utc_now) -> None:
        self.folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._previous = FIRST_PREVIOUS
        self._entries: list[Entry] = []
        self._kept: set[str] = set()
        self._data_sets = DataSets()
        try:
            make_private(folder)
            (folder / INSTANCES).mkdir()
            self._file = (folder / LOG_NAME).open("xb")
        except OSError as error:
            raise EvidenceError(f"{folder}: no evidence can be written there: {error.strerror}") from None

    def append(self, record: Record) -> Entry:
        """Write one record and return it with its identifier, time and chain."""
        with self._lock:
            number = len(self._entries) + 1
            entry = Entry(
                id=f"e{number:04d}", time=timestamp(self._clock()), previous=self._previous, record=record
            )
            line = _encode(entry)
            self._file.write(line + b"\n")
            self._file.flush()
            self._previous = hashlib.sha256(line).hexdigest()
            self._entries.append(entry)
            return entry

    def keep(self, content: bytes) -> str:
        """Store the bytes of an instance beside the log, once, and return their SHA-256."""
        name = hashlib.sha256(content).hexdigest()
        with self._lock:
            if name not in self._kept:
                path = self.folder / instance_file(name)
                part = path.with_suffix(".part")
                part.write_bytes(content)
                os.replace(part, path)
                self._kept.add(name)
        return name

    def evidence(self) -> Evidence:
        """Return what has been written so far."""
        with self._lock:
            return Evidence(
                self.folder, tuple(self._entries), self._previous, self._data_sets, frozenset(self._kept)
            )

    def keep_decoded(self, content: bytes, dataset: Dataset) -> str:
        """Store an instance whose data set is at hand, which spares its reader the decoding."""
        name = self.keep(content)
        self._data_sets.put(name, dataset, len(content))
        return name

    def decoded(self, digest: str, content: bytes) -> Dataset | str:
        """Return the data set of an instance that was kept, or the reason why it has none."""
        return self._data_sets.get(digest, lambda: content)

    def close(self) -> None:
        """Close the log; nothing may be appended afterwards."""
        with self._lock:
            self._file.close()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A whole evidence log.

    Parameters
    ----------
    folder
        The folder that holds the log and the instances.
    entries
        In the order they were written.
    head
        SHA-256 of the last line.
    data_sets
        What was decoded before: every rule of every check reads the same instances.
    written
        Digests of what this very process wrote, which it need not hold against its bytes again.
    """

    folder: Path
    entries: tuple[Entry, ...]
    head: str
    data_sets: DataSets
    written: frozenset[str] = frozenset()

    @property
    def run(self) -> RunRecord:
        """The record of the run, which is the first of the log; raises `EvidenceError` where it is not."""
        first = self.entries[0].record if self.entries else None
        if not isinstance(first, RunRecord):
            raise EvidenceError(f"{self.folder}: the evidence log does not begin with a run")
        return first

    def verify_instances(self) -> None:
        """Hold every instance that a record names against its digest; raises `EvidenceError`."""
        digests = dict.fromkeys(getattr(entry.record, "digest", None) for entry in self.entries)
        for digest in digests:
            if digest is not None:
                self.instance(digest)

    def instance(self, digest: str) -> bytes:
        """Return the bytes of an instance.

        Raises
        ------
        EvidenceError
            When the file is missing or its bytes are not those that the log names.
        """
        path = self.folder / instance_file(digest)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise EvidenceError(
                f"{path}: the evidence log names this instance, but {error.strerror}"
            ) from None
        if digest not in self.written and hashlib.sha256(content).hexdigest() != digest:
            raise EvidenceError(f"{path}: its bytes are not those that the evidence log names")
        return content


class DataSets:
    """Decoded instances by their digest; the least recently used are dropped.

    Parameters
    ----------
    most
        Bytes of the files that they were decoded from, together.
    """

    def __init__(self, most: int = 1 << 30) -> None:
        self._most = most
        self._held = 0
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()
        self._decoded: OrderedDict[str, Dataset | str] = OrderedDict()

    def get(self, digest: str, content: Callable[[], bytes]) -> Dataset | str:
        """Return the data set of an instance, or the reason why it has none; nobody may change it."""
        with self._lock:
            if digest in self._decoded:
                self._decoded.move_to_end(digest)
                return self._decoded[digest]
        decoded: Dataset | str
        found = content()
        try:
            decoded = read_instance(found)
        except InstanceError as error:
            decoded = str(error)
        self.put(digest, decoded, len(found))
        return decoded

    def put(self, digest: str, decoded: Dataset | str, size: int) -> None:
        """Remember the data set of an instance, or why it has none, and the size of its file in bytes."""
        with self._lock:
            self._held += size - self._sizes.get(digest, 0)
            self._sizes[digest] = size
            self._decoded[digest] = decoded
            while self._held > self._most and len(self._decoded) > 1:
                oldest, _ = self._decoded.popitem(last=False)
                self._held -= self._sizes.pop(oldest)


def read_evidence(folder: Path) -> Evidence:
    """Read an evidence folder and verify the chain of its log.

    Raises
    ------
    EvidenceError
        When there is no log, or a line is not a record, was changed, dropped or moved; names the line.
    """
    path = folder / LOG_NAME
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror}; name the folder that 'tce run' wrote") from None
    if lines.pop() != b"":
        raise EvidenceError(f"{path}: the last line is cut short")
    entries: list[Entry] = []
    previous = FIRST_PREVIOUS
    for number, line in enumerate(lines, start=1):
        entry = _decode(line, f"{path}:{number}")
        if entry.previous != previous:
            raise EvidenceError(
                f"{path}:{number}: the chain is broken: this line or the one before was changed"
            )
        previous = hashlib.sha256(line).hexdigest()
        entries.append(entry)
    return Evidence(folder, tuple(entries), previous, DataSets())


def _encode(entry: Entry) -> bytes:
    document = {
        "id": entry.id,
        "time": entry.time,
        "previous": entry.previous,
        "record": _RECORD.dump_python(entry.record, mode="json"),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def _decode(line: bytes, place: str) -> Entry:
    try:
        document: dict[str, Any] = json.loads(line)
        record = _RECORD.validate_python(document["record"])
        return Entry(id=document["id"], time=document["time"], previous=document["previous"], record=record)
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        raise EvidenceError(f"{place}: this line is not an evidence record") from None
