"""``tce standard``: editions of the DICOM standard that dicom-validator needs."""

from __future__ import annotations

from typing import Annotated

import typer
from dicom_validator.spec_reader.edition_reader import EditionReader

from tce_harness.examiners import STANDARD_FOLDER
from tce_harness.model.errors import HarnessError

standard = typer.Typer(no_args_is_help=True, help="Editions of the standard for dicom-validator.")


@standard.command()
def fetch(
    edition: Annotated[str, typer.Argument(metavar="EDITION", help="Such as 2026d, or current.")],
) -> None:
    """Download an edition from the publisher; nothing else in this program needs the internet.

    Example: tce standard fetch 2026d
    """
    STANDARD_FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        path = EditionReader(STANDARD_FOLDER).get_edition_path(edition)
    except (OSError, ValueError) as error:
        raise HarnessError(f"edition {edition} cannot be fetched: {error}") from None
    if path is None:
        raise HarnessError(
            f"edition {edition} cannot be fetched: there is none of that name, or the publisher's site was "
            "not reached"
        )
    typer.echo(str(path))


@standard.command(name="list")
def list_editions() -> None:
    """List the editions that are here.

    Example: tce standard list
    """
    found = sorted(path.parent.name for path in STANDARD_FOLDER.glob("*/json"))
    typer.echo(
        "\n".join(found) if found else f"none in {STANDARD_FOLDER}; 'tce standard fetch EDITION' brings one"
    )
