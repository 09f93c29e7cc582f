"""The evidence log: one JSON line a record, each line chained to the one before, instances beside it once."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydicom.dataset import Dataset

from tce_harness.evidence.keeping import INSTANCES, KeptFile, instance_file, keep, keep_files
from tce_harness.evidence.recent import Recent
from tce_harness.evidence.unread import Unread
from tce_harness.model.errors import EvidenceError, FileFault, InstanceError
from tce_harness.model.record import Entry, Record, RunRecord
from tce_harness.objects.instance import read_directory, read_instance
from tce_harness.objects.plain_file import stored_element

LOG_NAME = "log.jsonl"
_MOST_DECODED, _MOST_READ = 1 << 30, 1 << 24  # bytes of files
_WITHOUT_PIXELS = 1 << 16  # bytes that a data set takes whose pixels stay in the file
FIRST_PREVIOUS = "0" * 64

Clock = Callable[[], datetime]

_RECORD: TypeAdapter[Record] = TypeAdapter(
    Annotated[Record, Field(discriminator="kind")], config=ConfigDict(ser_json_inf_nan="constants")
)


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """Spell a time as the records do: UTC, ISO 8601, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
        self._decoded: Recent[Dataset | Unread] = Recent(_MOST_DECODED)
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
        with self._lock:
            digest = keep(self.folder, content)
            self._kept.add(digest)
        return digest

    def keep_files(self, paths: Sequence[Path]) -> Iterator[KeptFile]:
        """Store the bytes of files and yield what became of each, in their order (`keeping`)."""
        for kept in keep_files(self.folder, paths):
            if kept.digest is not None:
                with self._lock:
                    self._kept.add(kept.digest)
            yield kept

    def discard(self, digests: Iterable[str]) -> None:
        """Remove instances that were kept and that no record names."""
        with self._lock:
            named = {getattr(entry.record, "digest", None) for entry in self._entries}
            for digest in set(digests) - named:
                (self.folder / instance_file(digest)).unlink(missing_ok=True)
                self._kept.discard(digest)

    def evidence(self) -> Evidence:
        """Return what has been written so far."""
        with self._lock:
            return Evidence(
                self.folder, tuple(self._entries), self._previous, self._decoded, frozenset(self._kept)
            )

    def keep_decoded(self, content: bytes, dataset: Dataset) -> str:
        """Store an instance whose data set is at hand, which spares its reader the decoding."""
        name = self.keep(content)
        self._decoded.put(name, dataset, len(content))
        return name

    def decoded(self, digest: str, content: bytes | None = None) -> Dataset | Unread:
        """Return the data set of an instance that was kept, or the reason why it has none.

        Parameters
        ----------
        content
            Its bytes, where they are at hand.
        """
        path = self.folder / instance_file(digest)
        return self._decoded.get(digest, lambda: _decoded(path if content is None else content))

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
        What was decoded before, or the reasons why it could not be.
    written
        Digests of what this very process wrote, which it need not hold against its bytes again.
    contents
        The bytes that were read last.
    """

    folder: Path
    entries: tuple[Entry, ...]
    head: str
    data_sets: Recent[Dataset | Unread]
    written: frozenset[str] = frozenset()
    contents: Recent[bytes] = field(default_factory=lambda: Recent(_MOST_READ))

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

    def data_set(self, digest: str) -> Dataset | Unread:
        """Return the data set of an instance, or the reason why it has none; raises as `instance` does."""
        return self.data_sets.get(digest, lambda: _decoded(self.instance(digest)))

    def instance(self, digest: str) -> bytes:
        """Return the bytes of an instance.

        Raises
        ------
        EvidenceError
            When the file is missing or its bytes are not those that the log names.
        """
        return self.contents.get(digest, lambda: self._read(digest))

    def _read(self, digest: str) -> tuple[bytes, int]:
        path = self.folder / instance_file(digest)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise EvidenceError(
                f"{path}: the evidence log names this instance, but {error.strerror}"
            ) from None
        if digest not in self.written and hashlib.sha256(content).hexdigest() != digest:
            raise EvidenceError(f"{path}: its bytes are not those that the evidence log names")
        return content, len(content)


def _decoded(source: Path | bytes) -> tuple[Dataset | Unread, int]:
    """Return the data set of an instance, or the reason why it has none, and how many bytes it holds."""
    try:
        dataset = read_instance(source, frozen=True)
    except InstanceError as error:
        if isinstance(source, Path):  # whose name is our own, and tells nobody anything
            return _decoded(source.read_bytes())
        directory = read_directory(source) if error.fault is FileFault.DIRECTORY else None
        return Unread(str(error), error.fault, error.observed, directory), len(source)
    stored = stored_element(dataset)
    if stored is not None:
        return dataset, stored.start + _WITHOUT_PIXELS
    return dataset, source.stat().st_size if isinstance(source, Path) else len(source)


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
    return Evidence(folder, tuple(entries), previous, Recent(_MOST_DECODED))


def _encode(entry: Entry) -> bytes:
    head = {"id": entry.id, "time": entry.time, "previous": entry.previous}
    try:
        record = _RECORD.dump_json(entry.record)
    except ValueError:  # a surrogate, as in the name of a file that is no UTF-8
        record = json.dumps(_RECORD.dump_python(entry.record, mode="json"), separators=(",", ":")).encode()
    return json.dumps(head, separators=(",", ":")).encode()[:-1] + b',"record":' + record + b"}"


def _decode(line: bytes, place: str) -> Entry:
    try:
        document: dict[str, Any] = json.loads(line)
        record = _RECORD.validate_python(document["record"])
        return Entry(id=document["id"], time=document["time"], previous=document["previous"], record=record)
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        raise EvidenceError(f"{place}: this line is not an evidence record") from None
