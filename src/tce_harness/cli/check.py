"""``tce check``: files judged without a network."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.cli.console import Console
from tce_harness.cli.options import (
    ContentOption,
    JsonOption,
    OcrOption,
    OutOption,
    command_line,
    library_of,
    out_folder,
)
from tce_harness.cli.outputs import write_reports
from tce_harness.engine import CheckPlan, check_files, claims_recorded_in
from tce_harness.model.claims import Claims, ClaimsFrom
from tce_harness.reports import to_json
from tce_harness.scenarios import Claimed, load_claims

RECORDED = "recorded"


def check(
    exported: Annotated[Path, typer.Argument(metavar="EXPORTED", help="Folder with the files to judge.")],
    *,
    originals: Annotated[
        Path | None,
        typer.Option("--originals", metavar="DIR", help="Folder with the files that they were made from."),
    ] = None,
    claims: Annotated[
        str | None,
        typer.Option(
            "--claims",
            metavar="FILE|recorded",
            help="File with the claims, such as a system file; or the word recorded: those that the files "
            "record in (0012,0064). None means 113100, 2026d.",
        ),
    ] = None,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="No file is of a real patient: values may be shown.")
    ] = False,
    ocr: OcrOption = False,
    out: OutOption = None,
    content: ContentOption = None,
    json_wanted: JsonOption = False,
) -> None:
    """Judge what a de-identifier wrote, with the originals or without.

    The files of both folders may be of real patients: results quote no value, and the evidence is readable
    by you alone.

    Example: tce check cleaned --originals received --claims gateway.yaml; tce check cleaned --claims recorded
    """
    library = library_of(content, ocr=ocr)
    claimed, claims_from = _claims(claims, exported)
    folder = out_folder(out, "check")
    plan = CheckPlan(
        exported=exported,
        originals=originals,
        claims=claimed.claims,
        claims_from=claims_from,
        folder=folder,
        under_test=claimed.name or _unnamed(exported, synthetic=synthetic),
        command=_command(originals, claims, content, ocr=ocr, synthetic=synthetic),
        synthetic=synthetic,
    )
    result = check_files(plan, library)
    write_reports(result, folder, library.content)
    if json_wanted:
        typer.echo(to_json(result), nl=False)
    else:
        Console().finish(result, folder)
    raise typer.Exit(result.exit_status)


def _claims(claims: str | None, exported: Path) -> tuple[Claimed, ClaimsFrom]:
    """Return what is claimed, and by whom."""
    if claims is None:
        return Claimed(name="", claims=Claims()), "default"
    if claims == RECORDED:
        return Claimed(name="", claims=claims_recorded_in(exported)), "recorded"
    return load_claims(Path(claims)), "file"


def _unnamed(exported: Path, *, synthetic: bool) -> str:
    """Return what is judged where nobody says; the folder's own name may be a patient's."""
    return f"Files in {exported.name}" if synthetic else "Files in the folder given"


def _command(
    originals: Path | None, claims: str | None, content: list[Path] | None, *, ocr: bool, synthetic: bool
) -> str:
    """Return the command to run again; where its folders may be named like patients, with words for them."""
    if synthetic:
        return command_line()
    words = ["tce", "check", "EXPORTED"]
    words += ["--originals", "ORIGINALS"] if originals is not None else []
    words += ["--claims", Path(claims).name] if claims is not None else []
    words += ["--ocr"] if ocr else []
    words += [word for each in content or () for word in ("--content", each.name)]
    return shlex.join(words)
