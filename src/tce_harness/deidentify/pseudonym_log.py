"""The pseudonym log: which original stands behind which pseudonym, kept for whoever may go back.

It is personal data, and with it an output is no more than pseudonymised: it belongs outside of every output,
on an encrypted disk, readable by its owner alone (mode 0600). RCR guidance appendix B, item 5 asks for it.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tce_harness.deidentify.kinship import CONTRADICTION
from tce_harness.deidentify.links import Link, Replaced
from tce_harness.deidentify.log_file import DAMAGED, Journal, PseudonymLogError, connect, create, plainly
from tce_harness.deidentify.policy import Policy
from tce_harness.deidentify.pseudonyms import Pseudonyms, recipient_name
from tce_harness.deidentify.subjects import Subjects
from tce_harness.objects.instance import IMPLEMENTATION_VERSION_NAME

_CHECK_VALUE, _KEY = "key check value", "key"
_KEY_LENGTH = 32
#: By the new UID, which there is an index of; it is the original one where UIDs stay.
OWNERS = """
SELECT DISTINCT patients.patient_id, patients.issuer FROM studies
JOIN patients ON patients.id = studies.patient
WHERE studies.new IN (?, ?) AND studies.original = ? AND patients.recipient = ?
"""
_PARENT = {"studies": "patient", "series": "study", "instances": "series"}


class PseudonymLog:
    """An open log.

    Several processes may record at once: each call is one transaction, durable when it returns. The mapping
    itself is a function of the key, so that nobody has to wait for the log to know a pseudonym.

    Parameters
    ----------
    path
        Of the file.
    connection
        To it.
    key
        Which its pseudonyms are made with.

    See Also
    --------
    PseudonymLog.open
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, key: bytes) -> None:
        self.path = path
        self.connection = connection
        self._key = key

    @classmethod
    def open(
        cls, path: Path, key: bytes | None = None, *, make: bool = True, journal: Journal = Journal.WAL
    ) -> Self:
        """Open a log, or make one.

        Parameters
        ----------
        key
            The secret of the pseudonyms. A log made with one holds a value to tell it by, not the key. A log
            made without holds a random key of its own: then the file is the key, and whoever has it can
            repeat every pseudonym.
        make
            Whether a log is made where there is none.
        journal
            Of a log that is made; one that exists keeps its own.

        Raises
        ------
        PseudonymLogError
            When the key is another one or missing, others may read the file, or it is no log, damaged, of
            another version or not writable.
        HarnessError
            When the key is too short.
        """
        if make and not path.exists():
            values = {_CHECK_VALUE: "", "made": _now()}
            if key is None:
                values[_KEY] = secrets.token_bytes(_KEY_LENGTH).hex()
            values[_CHECK_VALUE] = Pseudonyms(key or bytes.fromhex(values[_KEY])).check_value
            create(path, values, journal)
        connection = connect(path)
        try:
            with plainly(path):
                return cls(path, connection, _key_of(path, connection, key))
        except BaseException:
            connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @property
    def holds_its_key(self) -> bool:
        """Whether the file is its own key."""
        return _KEY in _meta(self.connection)

    def pseudonyms(self, recipient: str = "", subjects: Subjects | None = None) -> Pseudonyms:
        """Return the mapping of this log, for one recipient where one is named.

        Raises
        ------
        PseudonymLogError
            When patients are recorded for this recipient under identifiers that the list of subjects, or its
            absence, contradicts.
        """
        ours = Pseudonyms(self._key, subjects)
        recipient = recipient_name(recipient)
        ours = ours.for_recipient(recipient) if recipient else ours
        with plainly(self.path):
            rows = self.connection.execute(
                "SELECT patient_id, issuer, pseudonym_id FROM patients WHERE recipient = ?", (recipient,)
            )
            other = sum(_contradicts(ours, *row) for row in set(rows))
        if other:
            raise PseudonymLogError(
                f"{self.path}: {other} patients are recorded under another subject id or pseudonym"
                f"{f' for {recipient}' if recipient else ''}; give the same list of subjects as before "
                "(more patients may be added to it), or name another recipient"
            )
        return ours

    # -- recording

    def begin_run(self, policy: Policy, recipient: str = "") -> int:
        """Record that a run begins; return its number."""
        with self.writing() as connection:
            cursor = connection.execute(
                "INSERT INTO runs (started, recipient, policy, edition, codes, harness)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (_now(), recipient_name(recipient), policy.name, policy.edition, " ".join(policy.codes),
                 IMPLEMENTATION_VERSION_NAME),
            )  # fmt: skip
            return int(cursor.lastrowid or 0)

    def end_run(self, run: int, *, written: int, held: int) -> None:
        """Record how a run ended; one without an end was broken off."""
        with self.writing() as connection:
            connection.execute(
                "UPDATE runs SET finished = ?, written = ?, held = ? WHERE id = ?",
                (_now(), written, held, run),
            )

    def record(self, run: int, links: Iterable[Link]) -> tuple[str | None, ...]:
        """Record links, before the instances that they speak of are given to anybody.

        What is recorded already stays as it is: a second time changes nothing.

        Returns
        -------
        tuple of str or None
            For each link None, or the reason why it was not recorded and its instance must be held back: the
            log knows its patient under another pseudonym or date shift, or another patient under this one.
        """
        with self.writing() as connection:
            recipient = recipient_of(self.path, connection, run)
            return tuple(_record(connection, run, recipient, link) for link in links)

    def audit(self, action: str, whats: Sequence[tuple[str, bool]], reason: str) -> None:
        """Record a use of the log, before anything of it is told.

        Parameters
        ----------
        action
            What was done, such as ``look up``.
        whats
            What was asked for, and whether it was found.
        reason
            In the user's words.

        Raises
        ------
        PseudonymLogError
            When it cannot be recorded: then nothing may be told.
        """
        who, at = os_user(), _now()
        with self.writing() as connection:
            connection.executemany(
                "INSERT INTO audit (at, who, action, what, reason, found) VALUES (?, ?, ?, ?, ?, ?)",
                [(at, who, action, what, reason, int(found)) for what, found in whats],
            )

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction; nothing of it stays when it fails."""
        with plainly(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise


def _key_of(path: Path, connection: sqlite3.Connection, key: bytes | None) -> bytes:
    meta = _meta(connection)
    if key is None:
        if _KEY not in meta:
            raise PseudonymLogError(
                f"{path}: the log was made with a key file; give the same one (--key FILE)"
            )
        key = _own_key(path, meta[_KEY])
    if Pseudonyms(key).check_value != meta.get(_CHECK_VALUE):
        advice = (
            "leave out the key, the log holds its own" if _KEY in meta else "give the one it was made with"
        )
        raise PseudonymLogError(f"{path}: this is not the key of the log; {advice}")
    return key


def _own_key(path: Path, written: str) -> bytes:
    try:
        key = bytes.fromhex(written)
    except (ValueError, TypeError):
        key = b""
    if len(key) != _KEY_LENGTH:
        raise PseudonymLogError(f"{path}: {DAMAGED}")
    return key


def _meta(connection: sqlite3.Connection) -> Mapping[str, str]:
    return dict(connection.execute("SELECT name, value FROM meta"))


def _contradicts(pseudonyms: Pseudonyms, patient_id: str, issuer: str, recorded: str) -> bool:
    if recorded in ("", patient_id):
        return False  # instances of the patient were passed as they were
    subjects = pseudonyms.subjects
    if subjects is not None and subjects.of(patient_id, issuer) is None:
        return False  # instances of the patient are held back, as the list no longer names the patient
    return pseudonyms.patient(patient_id, issuer).id != recorded


def recipient_of(path: Path, connection: sqlite3.Connection, run: int) -> str:
    """Return the recipient of a run."""
    found = connection.execute("SELECT recipient FROM runs WHERE id = ?", (run,)).fetchone()
    if found is None:
        raise PseudonymLogError(f"{path}: run {run} was not begun in it, or {DAMAGED}")
    return str(found[0])


def _record(connection: sqlite3.Connection, run: int, recipient: str, link: Link) -> str | None:
    shift = None if link.date_shift is None else round(link.date_shift.total_seconds())
    if not _can_be_kept(link):
        return "its patient's name or an identifier holds what is no character, so that no log can keep it"
    if reason := _conflict(connection, recipient, link, shift):
        return reason
    patient = (recipient, link.patient.patient_id, link.patient.issuer, link.name, link.birth_date)
    connection.execute(
        "INSERT OR IGNORE INTO patients (recipient, patient_id, issuer, name, birth_date, pseudonym_id,"
        " pseudonym_name, subject_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*patient, link.pseudonym.id, link.pseudonym.name, link.subject_id),
    )
    if shift is not None:
        connection.execute(
            "UPDATE patients SET date_shift_seconds = ?"
            " WHERE recipient = ? AND patient_id = ? AND issuer = ? AND date_shift_seconds IS NULL",
            (shift, *patient[:3]),
        )
    (owner,) = connection.execute(
        "SELECT id FROM patients WHERE recipient = ? AND patient_id = ? AND issuer = ? AND name = ?"
        " AND birth_date = ?",
        patient,
    ).fetchone()
    study = _pair(connection, "studies", owner, link.study)
    series = _pair(connection, "series", study, link.series)
    instance = _pair(connection, "instances", series, link.instance, link.sop_class_uid)
    connection.execute(
        "INSERT OR IGNORE INTO exports VALUES (?, ?, ?, ?)", (instance, run, _now(), link.file_digest)
    )
    return None


def _can_be_kept(link: Link) -> bool:
    uids = (each.original for each in (link.study, link.series, link.instance))
    try:
        "".join((link.patient.patient_id, link.patient.issuer, link.name, link.birth_date, *uids)).encode()
    except UnicodeEncodeError:
        return False
    return True


def _conflict(connection: sqlite3.Connection, recipient: str, link: Link, shift: int | None) -> str | None:
    patient = (link.patient.patient_id, link.patient.issuer)
    wanted = "SELECT patient_id, issuer, pseudonym_id, date_shift_seconds FROM patients WHERE recipient = ?"
    found = connection.execute(
        f"{wanted} AND pseudonym_id = ? UNION {wanted} AND patient_id = ? AND issuer = ?",
        (recipient, link.pseudonym.id, recipient, *patient),
    )
    for patient_id, issuer, pseudonym_id, recorded_shift in found:
        if (patient_id, issuer) != patient:
            return "the pseudonym log knows another patient under the same pseudonym"
        if pseudonym_id != link.pseudonym.id:
            return "the pseudonym log knows the patient under another pseudonym"
        if None not in (shift, recorded_shift) and shift != recorded_shift:
            return (
                "the pseudonym log has another date shift for the patient, so that intervals would not hold; "
                "use the range of shifts of the earlier policy, or another recipient"
            )
    study = (link.study.new, link.study.new, link.study.original, recipient)
    owners = connection.execute(OWNERS, study).fetchall()
    return CONTRADICTION if owners and patient not in owners else None


def _pair(connection: sqlite3.Connection, table: str, owner: int, pair: Replaced, sop_class: str = "") -> int:
    """Record a UID and its replacement below an owner; return the number of the row."""
    values = {_PARENT[table]: owner, "original": pair.original, "new": pair.new}
    given = values | ({"sop_class": sop_class} if table == "instances" else {})
    connection.execute(
        f"INSERT OR IGNORE INTO {table} ({', '.join(given)}) VALUES ({', '.join('?' * len(given))})",
        tuple(given.values()),
    )
    (row,) = connection.execute(
        f"SELECT id FROM {table} WHERE {_PARENT[table]} = ? AND original = ? AND new = ?",
        tuple(values.values()),
    ).fetchone()
    return int(row)


def os_user() -> str:
    """Return who runs this, as the operating system knows it; an environment variable could be anything."""
    if sys.platform == "win32":
        return os.getlogin()
    import pwd  # noqa: PLC0415 - there is none on Windows

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
