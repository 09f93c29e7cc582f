"""``tce reidentify``: the way back, by the pseudonym log or by the recipient's private key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.cli.options import JsonOption
from tce_harness.deidentify import Level, Origin, PseudonymLog, as_json, find, to_csv
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.objects.elements import text
from tce_harness.objects.instance import read_instance

STATEMENT = "This is patient data. The look-up is recorded in the log."
NOT_FOUND = 4
INVALID_CONTENT = 5
_LOOK_UP, _EXPORT = "look up", "export"


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
    log: Annotated[Path, typer.Argument(metavar="LOG", help="A pseudonym log of 'tce deidentify --log'.")],
    whats: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[UID|PSEUDONYM|FILE|DIR]...",
            help="New UIDs of instances, series or studies, pseudonyms or subject ids of patients, "
            "de-identified files, or folders of them.",
            show_default=False,
        ),
    ] = None,
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
        Level,
        typer.Option(help="Of the list: 'study' names UIDs and no patient, as RCR appendix B, item 5 asks."),
    ] = Level.STUDY,
    as_json_: JsonOption = False,
) -> None:
    """Find who and what stands behind new identifiers.

    Each use is recorded in the log before anything is told.

    Example: tce reidentify pseudonyms.log 2.25.3141 --key secret.key --reason "incidental finding, case 7"

    Exit status: 0 all were found; 4 something is not in the log; 5 the log or key will not do.
    """
    if not reason.strip():
        raise typer.BadParameter("say why: it is recorded in the log", param_hint="--reason")
    if bool(whats) == (export is not None):
        raise typer.BadParameter("name what to look up, or give --export FILE.csv", param_hint="WHAT")
    try:
        secret = key.read_bytes() if key else None
        with PseudonymLog.open(log, secret, make=False) as opened:
            if export is not None:
                _export(opened, export, level, reason.strip())
                return
            answers = [answer for what in whats or () for answer in _look_up(opened, what)]
            opened.audit(
                _LOOK_UP, [(answer.what, bool(answer.origins)) for answer in answers], reason.strip()
            )
    except HarnessError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(INVALID_CONTENT) from None
    typer.echo(_json_of(answers) if as_json_ else _text_of(answers))
    if not all(answer.origins for answer in answers):
        raise typer.Exit(NOT_FOUND)


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


def _export(log: PseudonymLog, file: Path, level: Level, reason: str) -> None:
    content = to_csv(log, level)
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise HarnessError(f"{file} exists; name a new file") from None
    except OSError as error:
        raise HarnessError(f"{file} cannot be written: {error.strerror}") from None
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as written:
            log.audit(_EXPORT, [(f"{level} {file}", True)], reason)
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
        ("dates", "" if shift is None else f"moved by {shift / 86400:+g} days"),
        ("study", origin.original_study),
        ("series", origin.original_series),
        ("instance", origin.original_instance),
        ("recorded", f"{origin.instances} instances, {origin.first_recorded} to {origin.last_recorded}"),
        ("policy", origin.policies),
    )
