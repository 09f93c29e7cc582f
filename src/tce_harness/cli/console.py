"""Progress of a run on the console, and what to repair first at its end."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rich.console import Console as RichConsole
from rich.markup import escape
from rich.text import Text

from tce_harness.engine.events import CaseFinished, CaseStarted, Event, RunStarted
from tce_harness.model.result import CaseResult, Obstacle, RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports import repair_lines

_STYLES = {
    Verdict.PASS: "green",
    Verdict.ATTESTED: "cyan",
    Verdict.WARNING: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold red",
    Verdict.INCONCLUSIVE: "magenta",
}


class _Output(RichConsole):
    """Goes on in silence when nobody reads any more, as behind ``| head``: the run itself is not done."""

    def on_broken_pipe(self) -> None:
        """Print nothing from now on, and send what is still buffered nowhere."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


class Console:
    """Prints what a run's events say.

    Parameters
    ----------
    quiet
        Print nothing.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._out = _Output(quiet=quiet, highlight=False, soft_wrap=True)
        self._told: set[str] = set()

    def listen(self, event: Event) -> None:
        """Print an event."""
        if isinstance(event, RunStarted):
            self._out.print(
                f"{event.cases} case{'' if event.cases == 1 else 's'}, seed {event.seed}, "
                f"results in {escape(str(event.folder))}"
            )
        elif isinstance(event, CaseStarted) and self._out.is_terminal:
            self._out.print(
                f"[dim]{event.number:3}/{event.cases}  {event.case}  {escape(event.title)}[/]", end="\r"
            )
        elif isinstance(event, CaseFinished):
            self._print_case(event.result)

    def finish(self, result: RunResult, folder: Path) -> None:
        """Print what to repair first, what a pass means, and where the report is."""
        self._out.print()
        for line in repair_lines(result):
            self._out.print(Text(line))
        self._out.print()
        self._out.print(Text(f"Report: {folder / 'report.html'}"))

    def _print_case(self, case: CaseResult) -> None:
        style = _STYLES.get(case.verdict, "dim")
        line = Text.assemble(
            (f"{case.verdict.symbol} {case.verdict:<14}", style), f" {case.id:<28} ", (case.title, "dim")
        )
        self._out.print(line)
        if case.obstacle is not None:
            self._print_obstacle(case.obstacle)
        settled = {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.NOT_RUN}
        if case.obstacle is not None:
            settled.add(Verdict.INCONCLUSIVE)
        for rule in case.rules:
            if rule.verdict not in settled:
                why = rule.reason or (rule.findings[0].message if rule.findings else "")
                text = f"    {rule.verdict.symbol} {rule.requirement} {rule.rule}: {why}"
                self._out.print(Text(text, _STYLES.get(rule.verdict, "")))
        for trouble in case.trouble:
            self._out.print(Text(f"    {trouble}", "bold red"))

    def _print_obstacle(self, obstacle: Obstacle) -> None:
        """Print what keeps cases from being judged once, however many it keeps."""
        if obstacle.title not in self._told:
            self._told.add(obstacle.title)
            text = f"    {obstacle.title}. {obstacle.remedy} (Told once for all cases.)"
            self._out.print(Text(text, _STYLES[Verdict.INCONCLUSIVE]))
