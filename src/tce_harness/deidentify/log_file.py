"""The file of a pseudonym log: made for its owner alone, recognised, opened, its faults told plainly."""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from enum import StrEnum
from pathlib import Path

from tce_harness.model.errors import HarnessError

APPLICATION_ID = 0x54434550
SCHEMA_VERSION = 1
PATIENCE_SECONDS = 30.0

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, recipient TEXT NOT NULL,
    policy TEXT NOT NULL, edition TEXT NOT NULL, codes TEXT NOT NULL, harness TEXT NOT NULL,
    written INTEGER, held INTEGER
);
CREATE TABLE patients (
    id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, patient_id TEXT NOT NULL, issuer TEXT NOT NULL,
    name TEXT NOT NULL, birth_date TEXT NOT NULL, pseudonym_id TEXT NOT NULL, pseudonym_name TEXT NOT NULL,
    subject_id TEXT, date_shift_seconds INTEGER,
    UNIQUE (recipient, patient_id, issuer, name, birth_date)
);
CREATE TABLE studies (
    id INTEGER PRIMARY KEY, patient INTEGER NOT NULL REFERENCES patients,
    original TEXT NOT NULL, new TEXT NOT NULL, UNIQUE (patient, original, new)
);
CREATE TABLE series (
    id INTEGER PRIMARY KEY, study INTEGER NOT NULL REFERENCES studies,
    original TEXT NOT NULL, new TEXT NOT NULL, UNIQUE (study, original, new)
);
CREATE TABLE instances (
    id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series, sop_class TEXT NOT NULL,
    original TEXT NOT NULL, new TEXT NOT NULL, UNIQUE (series, original, new)
);
CREATE TABLE exports (
    instance INTEGER NOT NULL REFERENCES instances, run INTEGER NOT NULL REFERENCES runs,
    recorded TEXT NOT NULL, file_digest TEXT NOT NULL, PRIMARY KEY (instance, run)
) WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, what TEXT NOT NULL,
    reason TEXT NOT NULL, found INTEGER NOT NULL
);
CREATE INDEX patients_by_pseudonym ON patients (pseudonym_id);
CREATE INDEX patients_of_recipient ON patients (recipient, pseudonym_id);
CREATE INDEX patients_by_pseudonym_name ON patients (pseudonym_name);
CREATE INDEX studies_by_new ON studies (new);
CREATE INDEX series_by_new ON series (new);
CREATE INDEX instances_by_new ON instances (new);
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit lines stay'); END;
CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit lines stay'); END;
"""


class PseudonymLogError(HarnessError):
    """A pseudonym log that cannot be used; its text quotes nothing that stands in it."""


class Journal(StrEnum):
    """How SQLite makes changes durable.

    ``wal`` lets others read while one process writes, and needs a local disk, as all processes share memory.
    ``delete`` works on network folders whose locks work (SMB, NFS 4); readers and writers wait for each
    other.
    """

    WAL = "wal"
    DELETE = "delete"


def create(path: Path, values: dict[str, str], journal: Journal) -> None:
    """Make a new log, readable by its owner alone; one that another process just made is left as it is.

    It is made beside its place and then given its name, so that nobody ever sees half a log.
    """
    new = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise PseudonymLogError(f"{path}: the log cannot be made there: {error.strerror}") from None
    try:
        with plainly(path), closing(sqlite3.connect(new, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA journal_mode={journal.value}")
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(f"BEGIN; {_SCHEMA}")
            connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            connection.execute("COMMIT")
        _name(new, path)
    finally:
        new.unlink(missing_ok=True)


def _name(new: Path, path: Path) -> None:
    with suppress(FileExistsError):
        try:
            os.link(new, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links; Windows refuses to rename onto what is there
            if not path.exists():
                new.rename(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def check_is_private(path: Path) -> None:
    """Refuse a file that others may read or write.

    Where permissions are not told by mode bits, as on Windows, nothing is checked: there the log belongs into
    a folder whose access list names its owner alone.
    """
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise PseudonymLogError(
            f"{path}: others than its owner may read or change it, and it tells who the patients are; "
            f"forbid it (chmod 600 {path}) and ask who may have read it"
        )


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing log.

    Raises
    ------
    PseudonymLogError
        When it is missing, open to others, no log, of another version, damaged or not writable.
    """
    if not path.is_file():
        raise PseudonymLogError(f"{path}: there is no pseudonym log")
    check_is_private(path)
    with plainly(path):
        connection = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)
        try:
            _check(path, connection)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
        except BaseException:
            connection.close()
            raise
    return connection


def _check(path: Path, connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise PseudonymLogError(f"{path}: this is no pseudonym log; name one, or a file that does not exist")
    if version != SCHEMA_VERSION:
        raise PseudonymLogError(
            f"{path}: the log is of version {version}, and this program reads version {SCHEMA_VERSION}; "
            "use the program that wrote it"
        )
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise PseudonymLogError(f"{path}: {DAMAGED}")


DAMAGED = "the log is damaged; put back a copy of it, and keep the damaged one"
_ADVICE = {
    "BUSY": f"another process kept it locked for {PATIENCE_SECONDS:.0f} seconds; try again when it has ended",
    "LOCKED": "another part of this program keeps it locked",
    "FULL": "the disk is full; nothing of this step was recorded",
    "READONLY": "it cannot be written; look at the permissions of the file and its folder",
    "CANTOPEN": "it cannot be opened; look at the permissions of the file and its folder",
    "PERM": "it cannot be opened; look at the permissions of the file and its folder",
    "NOTADB": "this is no pseudonym log; name one, or a file that does not exist",
    "CORRUPT": DAMAGED,
    "IOERR": "the disk or network folder failed; a log on a network folder needs the journal 'delete'",
    "CONSTRAINT": "it holds facts that contradict what was to be recorded; nothing of this step was recorded",
    "ERROR": DAMAGED,
}


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Tell what SQLite meets in words for the user, without a value of the log."""
    try:
        yield
    except sqlite3.Error as error:
        code = str(getattr(error, "sqlite_errorname", None) or type(error).__name__)
        kind = code.removeprefix("SQLITE_").split("_")[0]
        raise PseudonymLogError(f"{path}: {_ADVICE.get(kind, f'the log cannot be used ({code})')}") from None
    except UnicodeDecodeError:
        raise PseudonymLogError(f"{path}: {DAMAGED}") from None
