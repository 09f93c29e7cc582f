"""``tce report``: the result of a run told again."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.cli.options import ContentOption, content_of
from tce_harness.cli.outputs import read_result
from tce_harness.reports import to_html, to_json, to_junit


class Format(StrEnum):
    """How a result can be told."""

    HTML = "html"
    JSON = "json"
    JUNIT = "junit"


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder that 'tce run' or 'tce check' wrote.")],
    wanted: Annotated[Format, typer.Option("--format", help="How to tell it.")] = Format.HTML,
    content: ContentOption = None,
) -> None:
    """Print the result of a run in another format.

    Example: tce report tce-run-20261122T140500Z --format junit > junit.xml
    """
    result = read_result(run)
    if wanted is Format.JSON:
        typer.echo(to_json(result), nl=False)
    elif wanted is Format.JUNIT:
        typer.echo(to_junit(result), nl=False)
    else:
        typer.echo(to_html(result, content_of(content)), nl=False)
