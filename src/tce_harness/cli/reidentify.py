"""``tce reidentify``: the way back, by the pseudonym log or by the recipient's private key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.cli.options import JsonOption
from tce_harness.cli.restoring import Restoring
from tce_harness.deidentify import Level, Origin, PseudonymLog, as_json, find, to_csv, words_to_csv
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.objects.elements import text
from tce_harness.objects.instance import read_instance

STATEMENT = "This is patient data. The look-up is recorded in the log."
NOT_FOUND = 4
INVALID_CONTENT = 5
_LOOK_UP, _EXPORT, _RESTORE = "look up", "export", "restore"


class Listing(StrEnum):
    """What a list of the log holds."""

    PATIENT = "patient"
    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked for, and what the log knows of it.

    Parameters
    ----------
    why_not
        Where nothing was found.
    """

    what: str
    origins: tuple[Origin, ...]
    why_not: str = ""


def reidentify(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="LOG [UID|PSEUDONYM|FILE|DIR]... or FILE|DIR",
            help="A pseudonym log and what to look up in it: new UIDs of instances, series or studies, "
            "pseudonyms or subject ids of patients, de-identified files, or folders of them. "
            "With --private-key a de-identified file or folder.",
            show_default=False,
        ),
    ],
    *,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why; it is recorded in the log, with who and when.")
    ] = "",
    key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The key that the log was made with.")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Write a list of the log into a new file of mode 0600."),
    ] = None,
    level: Annotated[
        Listing,
        typer.Option(
            help="Of the list: 'study' names UIDs and no patient, as RCR appendix B, item 5 asks; 'words' "
            "are those that cleaning dropped from texts."
        ),
    ] = Listing.STUDY,
    private_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.pem",
            exists=True,
            dir_okay=False,
            help="Restore the originals that travel encrypted for this key ('tce deidentify --certificate').",
        ),
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Holds the password of the private key.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where restored instances go: an empty or new folder.")
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --private-key: record the use in this pseudonym log."),
    ] = None,
    as_json_: JsonOption = False,
) -> None:
    """Find who and what stands behind new identifiers, or restore encrypted originals.

    Each use of a log is recorded in it before anything is told. Restored instances are named by their
    original UIDs, and Patient Identity Removed (0012,0062) is NO.

    Example: tce reidentify pseudonyms.log 2.25.3141 --key secret.key --reason "incidental finding, case 7"

    All studies: tce reidentify pseudonyms.log --export studies.csv --key secret.key --reason "yearly audit"

    Encrypted originals: tce reidentify clean/ --private-key private.pem --out restored/

    Exit status: 0 all were found or restored; 4 something was not; 5 the log or a key will not do.
    """
    try:
        if private_key is not None:
            if out is None or len(names) != 1:
                raise typer.BadParameter("name one file or folder, and --out DIR", param_hint="--private-key")
            restoring = Restoring(Path(names[0]), out, private_key, password_file)
            _restore(restoring, Log(log, key, reason.strip()) if log else None)
            typer.echo(restoring.as_json() if as_json_ else restoring.as_text())
            complete = not restoring.failed
        else:
            _check_lookup(names, export, [password_file, out, log])
            used = Log(Path(names[0]), key, reason.strip())
            if export is not None:
                used.export(export, level)
                return
            answers = used.look_up(names[1:])
            typer.echo(_json_of(answers) if as_json_ else _text_of(answers))
            complete = all(answer.origins for answer in answers)
    except HarnessError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(INVALID_CONTENT) from None
    if not complete:
        raise typer.Exit(NOT_FOUND)


def _check_lookup(names: list[str], export: Path | None, others: list[Path | None]) -> None:
    if any(each is not None for each in others):
        raise typer.BadParameter("they need --private-key", param_hint="--password-file, --out and --log")
    if (len(names) > 1) == (export is not None):
        raise typer.BadParameter("name a log and what to look up, or a log and --export FILE.csv")


def _restore(restoring: Restoring, log: Log | None) -> None:
    restoring.check()
    if log is not None:
        log.record(_RESTORE, f"{restoring.source} into {restoring.out}")
    restoring.perform()


@dataclass(frozen=True, slots=True)
class Log:
    """A pseudonym log that is used for a reason."""

    path: Path
    key: Path | None
    reason: str

    def _open(self) -> PseudonymLog:
        if not self.reason:
            raise typer.BadParameter("say why: it is recorded in the log", param_hint="--reason")
        return PseudonymLog.open(self.path, self.key.read_bytes() if self.key else None, make=False)

    def record(self, action: str, what: str) -> None:
        """Record what is about to be done."""
        with self._open() as log:
            log.audit(action, [(what, True)], self.reason)

    def look_up(self, whats: list[str]) -> list[Answer]:
        """Return what the log knows, once the question is recorded."""
        with self._open() as log:
            answers = [answer for what in whats for answer in _look_up(log, what)]
            log.audit(_LOOK_UP, [(answer.what, bool(answer.origins)) for answer in answers], self.reason)
        return answers

    def export(self, file: Path, listing: Listing) -> None:
        """Write a list of the log."""
        with self._open() as log:
            _export(log, file, listing, self.reason)


def _look_up(log: PseudonymLog, what: str) -> list[Answer]:
    path = Path(what)
    if path.is_dir():
        files = sorted(each for each in path.rglob("*") if each.is_file())
        return [_of_file(log, each) for each in files] or [Answer(what, (), "the folder holds no file")]
    if path.is_file():
        return [_of_file(log, path)]
    return [Answer(what, find(log, what), "the log knows no such UID or pseudonym")]


def _of_file(log: PseudonymLog, path: Path) -> Answer:
    """Look up a file by its instance, else by its series, study or patient."""
    try:
        dataset = read_instance(path)
    except InstanceError as error:
        return Answer(str(path), (), str(error))
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "PatientID"):
        identifier = text(dataset, keyword)
        if identifier and (origins := find(log, identifier)):
            return Answer(f"{path} {identifier}", origins)
    return Answer(str(path), (), "the log knows neither its UIDs nor its patient")


def _export(log: PseudonymLog, file: Path, listing: Listing, reason: str) -> None:
    content = words_to_csv(log) if listing is Listing.WORDS else to_csv(log, Level(listing.value))
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise HarnessError(f"{file} exists; name a new file") from None
    except OSError as error:
        raise HarnessError(f"{file} cannot be written: {error.strerror}") from None
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as written:
            log.audit(_EXPORT, [(f"{listing} {file}", True)], reason)
            written.write(content)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    typer.echo(f"{content.count(chr(10)) - 1} lines written to {file}: with it, data can be re-identified")


def _json_of(answers: Iterable[Answer]) -> str:
    document = {
        "answers": [
            {
                "asked": answer.what,
                "found": [as_json(origin) for origin in answer.origins],
                **({} if answer.origins else {"why_not": answer.why_not}),
            }
            for answer in answers
        ],
        "statement": STATEMENT,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _text_of(answers: Iterable[Answer]) -> str:
    lines = []
    for answer in answers:
        if not answer.origins:
            lines.append(f"{answer.what}: not found: {answer.why_not}")
        for origin in answer.origins:
            lines.append(f"{answer.what}: {origin.level}")
            lines.extend(f"  {name:10} {value}" for name, value in _facts(origin) if value)
    return "\n".join([*lines, STATEMENT])


def _facts(origin: Origin) -> tuple[tuple[str, str], ...]:
    issuer = f" (issuer {origin.issuer})" if origin.issuer else ""
    born = f", born {origin.birth_date}" if origin.birth_date else ""
    shift = origin.date_shift_seconds
    return (
        ("patient", f"{origin.name}, {origin.patient_id}{issuer}{born}"),
        ("pseudonym", f"{origin.pseudonym_id}, {origin.pseudonym_name}"),
        ("recipient", origin.recipient),
        ("dates", "" if shift is None else f"moved by {timedelta(seconds=shift)}"),
        ("study", origin.original_study),
        ("series", origin.original_series),
        ("instance", origin.original_instance),
        ("recorded", f"{origin.instances} instances, {origin.first_recorded} to {origin.last_recorded}"),
        ("policy", origin.policies),
    )
