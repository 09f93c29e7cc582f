"""``tce schema``: the JSON Schemas that editors read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tce_harness.reports import result_schema
from tce_harness.scenarios import json_schemas


def schema(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write them.")] = Path(),
) -> None:
    """Write the JSON Schemas of scenario, system, claims, requirement and result files.

    Example: tce schema --out schemas
    """
    out.mkdir(parents=True, exist_ok=True)
    for name, text in {**json_schemas(), "result": result_schema()}.items():
        path = out / f"{name}.json"
        path.write_text(text, encoding="utf-8")
        typer.echo(str(path))
