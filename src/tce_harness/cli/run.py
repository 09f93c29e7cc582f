"""``tce run``: scenarios against a real system, or with every role simulated."""

from __future__ import annotations

from collections.abc import Sequence
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
    seed_of,
)
from tce_harness.cli.outputs import write_reports
from tce_harness.cli.terminal import operator_of
from tce_harness.content import near_match
from tce_harness.engine import Library, RunPlan, perform_run
from tce_harness.model.errors import HarnessError
from tce_harness.reports import to_json
from tce_harness.scenarios import Case, load_system, select


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
    stand_in: Annotated[
        str | None,
        typer.Option(
            "--stand-in",
            metavar="NAME",
            help="A simulator, such as a defect, that plays the system under test where there is none.",
        ),
    ] = None,
    ocr: OcrOption = False,
    content: ContentOption = None,
    json_wanted: JsonOption = False,
) -> None:
    """Run scenarios and judge what was seen.

    Writes result.json, report.html, junit.xml and the evidence into a new folder.

    Example: tce run export-manager --system gateway.yaml --out gateway-4.2
    """
    library = library_of(content, ocr=ocr)
    cases = select(
        library.scenarios,
        names or [],
        {name: rule.judges for name, rule in library.rules.items()},
        library.catalogue,
    )
    under_test = load_system(system) if system is not None else None
    if under_test is not None and stand_in is not None:
        raise HarnessError("--stand-in plays the system under test, and --system names a real one: give one")
    folder = out_folder(out, "run")
    console = Console(quiet=json_wanted)
    plan = RunPlan(
        cases=cases,
        folder=folder,
        seed=seed_of(seed),
        system=under_test,
        operator=operator_of(operator, interactive=under_test is not None and not json_wanted),
        stand_ins=_stand_ins(library, cases, stand_in) if stand_in is not None else {},
        whole=not names,
        command=command_line(),
        rerun_options=_rerun_options(
            system=system, stand_in=stand_in, operator=operator, content=content, ocr=ocr
        ),
    )
    result = perform_run(plan, library, console.listen)
    write_reports(result, folder, library.content)
    if json_wanted:
        typer.echo(to_json(result), nl=False)
    else:
        console.finish(result, folder)
    raise typer.Exit(result.exit_status)


def _rerun_options(
    *,
    system: Path | None,
    stand_in: str | None,
    operator: Path | None,
    content: list[Path] | None,
    ocr: bool,
) -> tuple[str, ...]:
    given: list[tuple[str, Path | str | None]] = [
        ("--system", system),
        ("--stand-in", stand_in),
        ("--operator", operator),
        *(("--content", folder) for folder in content or ()),
    ]
    words = [word for option, value in given if value is not None for word in (option, str(value))]
    return (*words, "--ocr") if ocr else tuple(words)


def _stand_ins(library: Library, cases: Sequence[Case], name: str) -> dict[str, str]:
    """Return case to simulator, for the cases whose actor under test the simulator can play."""
    if name not in library.simulators:
        hint = near_match(name, list(library.simulators))
        raise HarnessError(f"--stand-in {name}: there is no such simulator" + (f" ({hint})" if hint else ""))
    actor = library.simulators[name].actor
    return {case.id: name for case in cases if case.sut is actor}
