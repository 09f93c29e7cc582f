"""Every tool over every set: what it wrote, what is found in it, how long it took."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from deidentifying import inputs
from deidentifying.burned_in import burned_in_text
from deidentifying.claims import Claim
from deidentifying.environments import Environments, UnavailableError
from deidentifying.inputs import BurnedIn
from deidentifying.judging import Judged, Kind, check, kinds_of
from deidentifying.processes import Measured
from deidentifying.tools import Ran, Tool
from tce_harness.model.finding import Finding

YARDSTICK = Claim("Basic Profile 2026d")
"""What every tool is measured by, besides its own claim."""

SYNTHETIC, PYDICOM = SETS = ("synthetic", "pydicom")
_BY_ITS_CLAIM = "by-its-claim"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class OverSet:
    """A tool over one set.

    Parameters
    ----------
    written, given
        Readable instances.
    reason
        What it said where it wrote fewer than it was given; empty otherwise.
    own, yardstick
        Findings against its claim, and against the Basic Profile of 2026d.
    beyond
        What judging by its claim finds besides, and what the claim does not reach.
    """

    written: int
    given: int
    reason: str
    own: tuple[Kind, ...] = ()
    yardstick: tuple[Kind, ...] = ()
    beyond: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Timed:
    """One timed run: whole process, or sending and fetching where a server ran already.

    Parameters
    ----------
    written, given
        Files.
    reason
        What it said where it wrote fewer.
    """

    measured: Measured
    written: int
    given: int
    reason: str = ""


@dataclass(slots=True)
class Row:
    """All that is known of one tool."""

    name: str
    claim: Claim
    command: str = ""
    remark: str = ""
    version: str = ""
    unavailable: str = ""
    over: dict[str, OverSet] = field(default_factory=dict)
    burned_in: str = ""
    timed: list[Timed] = field(default_factory=list)

    @property
    def written_in_all_rounds(self) -> bool:
        """Whether it was timed, and wrote every image each time."""
        return bool(self.timed) and all(each.written == each.given for each in self.timed)

    @property
    def milliseconds_each(self) -> float | None:
        """The median over the rounds, for one instance; None where images are missing."""
        if not self.written_in_all_rounds:
            return None
        return median(1000 * each.measured.seconds / each.given for each in self.timed)

    @property
    def peak_megabytes(self) -> float | None:
        """The most that one of its processes took; None where the system does not tell."""
        return max((each.measured.peak_megabytes or 0.0 for each in self.timed), default=0.0) or None


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
    _burned_in: BurnedIn | None = None

    def perform(self, *, timed: int, rounds: int) -> list[Row]:
        """Install, run, judge and time the tools."""
        self.judge(SETS)
        self._time(timed, rounds)
        return list(self.rows.values())

    def judge(self, names: Sequence[str]) -> list[Row]:
        """Install, run and judge the tools over some sets."""
        for name in names:
            self._write(name)
        for tool in self.tools:
            row = self._prepared(tool)
            for name in names if not row.unavailable else ():
                row.over[name], out = self._over(tool, row, name)
                if name == SYNTHETIC and self._burned_in is not None:
                    row.burned_in = burned_in_text(out, self._burned_in)
        return list(self.rows.values())

    def _write(self, name: str) -> None:
        if name == SYNTHETIC:
            self._burned_in = inputs.write_synthetic(self.work / name)
        else:
            inputs.write_pydicom_files(self.work / name)

    def document(self, name: str) -> Path:
        """Return the result of ``tce check``, by its claim, over what a tool made of the synthetic set."""
        return self.work / f"{name}-{SYNTHETIC}" / _BY_ITS_CLAIM / "run" / "result.json"

    def _prepared(self, tool: Tool) -> Row:
        row = self.rows[tool.name] = Row(tool.name, tool.claim, tool.command, tool.remark)
        try:
            row.version = tool.prepare(self.environments)
        except UnavailableError as error:
            row.unavailable = str(error)
            self.tell(f"{tool.name}: {error}")
        return row

    def _over(self, tool: Tool, row: Row, name: str) -> tuple[OverSet, Path]:
        folder = self.work / f"{tool.name}-{name}"
        folder.mkdir()
        originals = self.work / name
        ran = tool.run(originals, folder)
        self.tell(f"{tool.name}: {name}, {ran.measured.seconds:.1f} s, ended {ran.measured.status}")
        written, given = inputs.instances_in(ran.out), inputs.instances_in(originals)
        reason = ran.reason(complete=written == given)
        if not written:
            return OverSet(0, given, reason), ran.out
        system = (tool.name, row.version)
        own = check(ran.out, originals, tool.claim, system, folder / _BY_ITS_CLAIM)
        same = (tool.claim.codes, tool.claim.edition) == (YARDSTICK.codes, YARDSTICK.edition)
        every = own if same else check(ran.out, originals, YARDSTICK, system, folder / "by-the-profile")
        return OverSet(written, given, reason, *_kinds(own, every, tool.claim)), ran.out

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
        reason = "" if written == timed else ran.reason(complete=False)
        row.timed.append(Timed(ran.measured, written, timed, reason))
        shutil.rmtree(folder)


def _kinds(own: Judged, every: Judged, claim: Claim) -> tuple[tuple[Kind, ...], ...]:
    """Return what counts against a claim, against the yardstick, and what the claim does not reach."""

    def is_beyond(requirement: str, finding: Finding, recorded: frozenset[str]) -> bool:
        return not claim.covers(requirement, finding, recorded)

    return (
        tuple(kinds_of(own, claim.edition, claim.covers)),
        tuple(kinds_of(every, YARDSTICK.edition)),
        tuple(kinds_of(own, claim.edition, is_beyond)),
    )
