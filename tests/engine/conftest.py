"""Runs that many tests look at, each performed once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent

import pytest
from pydicom.data import get_testdata_file

from engine_scenarios import REAL, SCENARIOS, SIMULATORS
from engine_tools import Tools
from tce_harness.content import Content
from tce_harness.engine import Library, RunPlan, load_library, perform_run
from tce_harness.engine.events import Event
from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.log import Evidence, read_evidence
from tce_harness.model.finding import Judgement
from tce_harness.model.result import CaseResult, RuleResult, RunResult
from tce_harness.rules.registry import Rule
from tce_harness.scenarios import Case

SEED = 11


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was performed."""

    folder: Path
    result: RunResult
    events: tuple[Event, ...]

    @property
    def evidence(self) -> Evidence:
        return read_evidence(self.folder / "evidence")

    def case(self, name: str) -> CaseResult:
        return next(case for case in self.result.cases if case.id == name)

    def rule(self, name: str, case: str | None = None) -> RuleResult:
        found = [
            rule
            for each in self.result.cases
            for rule in each.rules
            if rule.rule == name and case in {None, each.id}
        ]
        assert len(found) == 1, found
        return found[0]


def raises(case: CaseEvidence) -> Judgement:
    """Fail like a rule with a fault, and quote what it looked at."""
    names = ", ".join(str(each.dataset.get("PatientName")) for each in case.originals)
    raise RuntimeError(f"cannot make sense of {names}")


RAISING = Rule("test/raises", "TCE-RAD53-002", raises)


@pytest.fixture(scope="session")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a content folder with the scenarios and simulators of these tests."""
    root = tmp_path_factory.mktemp("overlay")
    folder = root / "files"
    folder.mkdir()
    shutil.copyfile(str(get_testdata_file("CT_small.dcm")), folder / "Doe-John.dcm")
    (folder / "notes.txt").write_text("no instance", encoding="utf-8")
    texts = {**SCENARIOS, "EM-910-real": REAL.format(folder=folder)}
    for name, text in texts.items():
        path = root / "scenarios" / "export-manager" / f"{name}.tce.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip(), encoding="utf-8")
    for name, text in SIMULATORS.items():
        path = root / "simulators" / "hostile" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip(), encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def library(overlay: Path) -> Library:
    found = load_library(Content.with_overlays(overlay))
    return replace(found, rules={**found.rules, RAISING.name: RAISING})


@pytest.fixture(scope="session")
def cases(library: Library) -> Mapping[str, Case]:
    return {case.id: case for scenario in library.scenarios for case in scenario.cases()}


Performed = Callable[..., Run]


@pytest.fixture(scope="session")
def perform(
    library: Library, cases: Mapping[str, Case], tmp_path_factory: pytest.TempPathFactory
) -> Performed:
    """Return a function that performs some cases and gives the run."""

    def _perform(
        *chosen: str | Case, seen: Callable[[Event], None] = lambda event: None, **options: object
    ) -> Run:
        folder = tmp_path_factory.mktemp("runs") / "run"
        events: list[Event] = []

        def emit(event: Event) -> None:
            events.append(event)
            seen(event)

        plan = RunPlan(
            cases=[cases[each] if isinstance(each, str) else each for each in chosen],
            folder=folder,
            **{"seed": SEED, "drain_seconds": 0.1, **options},  # type: ignore[arg-type]
        )
        return Run(folder, perform_run(plan, library, emit), tuple(events))

    return _perform


@pytest.fixture(scope="session")
def reference_run(perform: Performed) -> Run:
    """Return a run with every role simulated as it should be: one case or two of each actor."""
    return perform("EM-010/TCE001", "EM-902", "ES-010/TCE001", "RCV-010/TCE001")


@pytest.fixture(scope="session")
def leaky_run(perform: Performed) -> Run:
    """Return a run of an Export Manager that hands everything on as it came."""
    return perform("EM-010/TCE001", stand_ins={"EM-010/TCE001": "leaky"})


@pytest.fixture
def tools(tmp_path: Path, library: Library) -> Iterator[Tools]:
    made = Tools(tmp_path, library.content)
    yield made
    made.stop()
