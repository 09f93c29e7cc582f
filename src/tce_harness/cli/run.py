"""``tce run``: scenarios against a real system, or with every role simulated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tce_harness.cli.console import Console
from tce_harness.cli.options import (
    ContentOption,
    JsonOption,
    OutOption,
    command_line,
    library_of,
    out_folder,
    seed_of,
)
from tce_harness.cli.outputs import write_reports
from tce_harness.cli.terminal import operator_of
from tce_harness.engine import RunPlan, perform_run
from tce_harness.reports import to_json
from tce_harness.scenarios import load_system, select


def run(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME ...]",
            help="A scenario, a case, a path, a folder such as export-manager, or a requirement id; "
            "none means all that are not slow.",
        ),
    ] = None,
    *,
    system: Annotated[
        Path | None,
        typer.Option(
            "--system", metavar="FILE", help="The system under test; without it every role is simulated."
        ),
    ] = None,
    out: OutOption = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Same seed, same data.")] = None,
    operator: Annotated[
        Path | None, typer.Option("--operator", metavar="FILE", help="Answers of the person at the system.")
    ] = None,
    content: ContentOption = None,
    json_wanted: JsonOption = False,
) -> None:
    """Run scenarios and judge what was seen.

    Writes result.json, report.html, junit.xml and the evidence into a new folder.

    Example: tce run export-manager --system gateway.yaml --out gateway-4.2
    """
    library = library_of(content)
    cases = select(
        library.scenarios,
        names or [],
        {name: rule.judges for name, rule in library.rules.items()},
        library.catalogue,
    )
    under_test = load_system(system) if system is not None else None
    folder = out_folder(out, "run")
    console = Console(quiet=json_wanted)
    plan = RunPlan(
        cases=cases,
        folder=folder,
        seed=seed_of(seed),
        system=under_test,
        operator=operator_of(operator, interactive=under_test is not None and not json_wanted),
        whole=not names,
        command=command_line(),
        system_file=str(system) if system is not None else None,
    )
    result = perform_run(plan, library, console.listen)
    write_reports(result, folder, library.content)
    if json_wanted:
        typer.echo(to_json(result))
    else:
        console.finish(result, folder)
    raise typer.Exit(result.exit_status)
