"""Every tool over every set: what it wrote, what is found in it, how long it took."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from deidentifying import inputs
from deidentifying.claims import Claim
from deidentifying.environments import Environments, UnavailableError
from deidentifying.judging import Kind, burned_in_text, check, kinds_of
from deidentifying.processes import last_line
from deidentifying.tools import Ran, Tool

YARDSTICK = Claim("Basic Profile 2026d")
"""What every tool is measured by, besides its own claim."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class OverSet:
    """A tool over one set.

    Parameters
    ----------
    written, given
        Readable instances.
    reason
        The last that it printed where it wrote fewer than it was given; empty otherwise.
    own, yardstick
        Findings against its claim, and against the Basic Profile of 2026d.
    """

    written: int
    given: int
    reason: str
    own: tuple[Kind, ...] = ()
    yardstick: tuple[Kind, ...] = ()


@dataclass(slots=True)
class Row:
    """All that is known of one tool."""

    name: str
    claim: Claim
    version: str = ""
    unavailable: str = ""
    synthetic: OverSet | None = None
    pydicom: OverSet | None = None
    burned_in: str = ""
    milliseconds: list[float] = field(default_factory=list)
    peak_megabytes: float | None = None

    @property
    def milliseconds_each(self) -> float | None:
        """The median over the rounds, for one instance."""
        return median(self.milliseconds) if self.milliseconds else None


@dataclass(slots=True)
class Comparison:
    """One comparison.

    Parameters
    ----------
    work
        An empty folder; it gets inputs, outputs and runs.
    tell
        Is told of progress.
    """

    tools: Sequence[Tool]
    environments: Environments
    work: Path
    tell: Tell
    rows: dict[str, Row] = field(default_factory=dict)

    def perform(self, *, timed: int, rounds: int) -> list[Row]:
        """Install, run, judge and time the tools."""
        burned_in = inputs.write_synthetic(self.work / "synthetic")
        inputs.write_pydicom_files(self.work / "pydicom")
        for tool in self.tools:
            row = self.rows[tool.name] = Row(tool.name, tool.claim)
            try:
                row.version = tool.prepare(self.environments)
            except UnavailableError as error:
                row.unavailable = str(error)
                self.tell(f"{tool.name}: {error}")
                continue
            row.synthetic, out = self._over(tool, row, "synthetic")
            row.burned_in = burned_in_text(out, burned_in)
            row.pydicom, _ = self._over(tool, row, "pydicom")
        self._time(timed, rounds)
        return list(self.rows.values())

    def _over(self, tool: Tool, row: Row, name: str) -> tuple[OverSet, Path]:
        folder = self.work / f"{tool.name}-{name}"
        folder.mkdir()
        originals = self.work / name
        ran = tool.run(originals, folder)
        self.tell(f"{tool.name}: {name}, {ran.measured.seconds:.1f} s, ended {ran.measured.status}")
        written, given = inputs.instances_in(ran.out), inputs.instances_in(originals)
        reason = "" if written == given else last_line(ran.measured, ran.told)
        if not written:
            return OverSet(0, given, reason), ran.out
        system = (tool.name, row.version)
        own = check(ran.out, originals, tool.claim, system, folder / "by-its-claim")
        same = (tool.claim.codes, tool.claim.edition) == (YARDSTICK.codes, YARDSTICK.edition)
        every = own if same else check(ran.out, originals, YARDSTICK, system, folder / "by-the-profile")
        over = OverSet(
            written, given, reason, tuple(kinds_of(own, tool.claim)), tuple(kinds_of(every, YARDSTICK))
        )
        return over, ran.out

    def _time(self, timed: int, rounds: int) -> None:
        """Time the tools in turn, so that what else the machine does falls on all of them."""
        inputs.write_timed(self.work / "timed", timed)
        for number in range(1, rounds + 1):
            for tool in self.tools:
                row = self.rows[tool.name]
                if not row.unavailable:
                    self._time_once(tool, row, timed, number)

    def _time_once(self, tool: Tool, row: Row, timed: int, number: int) -> None:
        folder = self.work / f"{tool.name}-timed"
        folder.mkdir()
        ran: Ran = tool.run(self.work / "timed", folder)
        written = inputs.files_in(ran.out) if ran.out.is_dir() else 0
        self.tell(f"{tool.name}: round {number}, {ran.measured.seconds:.2f} s, {written} of {timed} written")
        if written == timed:
            row.milliseconds.append(1000 * ran.measured.seconds / timed)
            row.peak_megabytes = max(row.peak_megabytes or 0.0, ran.measured.peak_megabytes or 0.0)
        shutil.rmtree(folder)
