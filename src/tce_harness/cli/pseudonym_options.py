"""The options of ``tce deidentify`` that say where pseudonyms come from and where they are kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.deidentify import Journal, PseudonymLog, Pseudonyms, load_subjects

KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--key",
        exists=True,
        dir_okay=False,
        help="A secret file of 16 bytes or more: the same key gives the same pseudonyms. "
        "Without it and without --log they cannot be repeated.",
    ),
]
LogOption = Annotated[
    Path | None,
    typer.Option(
        "--log",
        metavar="FILE",
        dir_okay=False,
        help="Keep what was replaced in this pseudonym log (mode 0600), by which 'tce reidentify' goes back. "
        "Without --key a new log makes a key of its own: the file is then the key as well. It is personal "
        "data: keep it outside of OUT, on an encrypted disk.",
    ),
]
JournalOption = Annotated[
    Journal,
    typer.Option(
        "--log-journal", help="Of a new log: 'wal' for a local disk, 'delete' for a network folder (slower)."
    ),
]
RecipientOption = Annotated[
    str,
    typer.Option(
        "--recipient",
        metavar="NAME",
        help="Pseudonyms of their own for this recipient, whom no other one can compare notes with. "
        "Needs --key or --log.",
    ),
]
SubjectsOption = Annotated[
    Path | None,
    typer.Option(
        "--subjects",
        metavar="FILE.csv",
        exists=True,
        dir_okay=False,
        help="Subject ids instead of generated ones: columns patient_id, subject_id and perhaps issuer. "
        "Instances of a patient who is not listed are held back.",
    ),
]


@dataclass(frozen=True, slots=True)
class PseudonymChoice:
    """What the user said about pseudonyms."""

    key: Path | None = None
    log: Path | None = None
    journal: Journal = Journal.WAL
    recipient: str = ""
    subjects: Path | None = None

    def check(self, source: Path, out: Path) -> None:
        """Refuse a log where it would be given away or taken for an instance, and a choice without effect."""
        if self.recipient and self.key is None and self.log is None:
            raise typer.BadParameter("it needs --key or --log", param_hint="--recipient")
        if self.log is None:
            return
        place = self.log.resolve()
        if place.is_relative_to(out.resolve()):
            raise typer.BadParameter("it lies in OUT: it would be given away with it", param_hint="--log")
        if source.is_dir() and place.is_relative_to(source.resolve()):
            raise typer.BadParameter("it lies in IN: name a place of its own", param_hint="--log")

    def open(self) -> tuple[PseudonymLog | None, Pseudonyms]:
        """Open the log, where there is one, and return it with the mapping.

        Raises
        ------
        HarnessError
            When key, log or list of subjects will not do.
        """
        subjects = load_subjects(self.subjects) if self.subjects else None
        key = self.key.read_bytes() if self.key else None
        if self.log is None:
            ours = Pseudonyms(key, subjects) if key is not None else Pseudonyms.with_random_key(subjects)
            return None, ours.for_recipient(self.recipient) if self.recipient else ours
        log = PseudonymLog.open(self.log, key, journal=self.journal)
        try:
            return log, log.pseudonyms(self.recipient, subjects)
        except BaseException:
            log.close()
            raise

    def explain(self, log: PseudonymLog | None) -> tuple[str, ...]:
        """Return what the pseudonyms rest on, a line each."""
        told = []
        if log is not None:
            holds = "; the log holds its key, so that whoever has the file can repeat every pseudonym"
            told.append(
                f"what was replaced is kept in {log.path}, which is personal data"
                f"{holds if log.holds_its_key else ''}"
            )
        elif self.key is None:
            told.append(
                "pseudonyms by a random key: another run gives others (--key FILE or --log FILE keeps them)"
            )
        if self.key is not None and os.name == "posix" and self.key.stat().st_mode & 0o077:
            told.append(
                f"warning: others may read the key, and with it repeat every pseudonym: chmod 600 {self.key}"
            )
        return tuple(told)
