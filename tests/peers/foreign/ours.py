"""Our own simulators in processes of their own, and the verdicts over the files they export."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from foreign.programs import Spawned, python_script, spawned
from tce_harness.cli.selection import selection
from tce_harness.content import Content
from tce_harness.model.result import CaseResult, RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports import from_json
from tce_harness.simulators import Selected
from tce_harness.transport import AssociationFacts, Destination, StoreFacts

SEED = 7


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated actor in a process of its own."""

    process: Spawned
    address: Destination

    def wait_for(self, event: str, seconds: float = 60.0) -> dict[str, object]:
        """Wait for a notice and return it."""
        return _notice(self.process, event, seconds)

    def notices(self, event: str) -> list[dict[str, object]]:
        """Return the notices of one kind so far."""
        told = [json.loads(line) for line in self.process.lines if line.startswith("{")]
        return [each for each in told if each["event"] == event]


def _notice(process: Spawned, event: str, seconds: float) -> dict[str, object]:
    line = process.wait_for(
        lambda each: each.startswith("{") and json.loads(each)["event"] == event, f"{event!r}", seconds
    )
    notice: dict[str, object] = json.loads(line)
    return notice


@contextmanager
def simulate(name: str, *options: str | Path) -> Iterator[Simulated]:
    """Run ``tce simulate`` until the block ends."""
    with spawned(python_script("tce"), "simulate", name, "--port", "0", "--json", *options) as process:
        told = _notice(process, "listening", 60.0)
        address = Destination(str(told["host"]), int(str(told["port"])), str(told["ae_title"]))
        yield Simulated(process, address)


def tce(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the ``tce`` command to its end."""
    return subprocess.run(
        [python_script("tce"), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


def check(exported: Path, originals: Path, folder: Path, *options: str | Path) -> tuple[int, RunResult]:
    """Judge exported files by ``tce check``; return its exit status and its result."""
    done = tce("check", exported, "--originals", originals, "--out", folder, "--synthetic", *options)
    document = folder / "result.json"
    assert document.is_file(), f"tce check ended {done.returncode} without a result: {done.stderr}"
    return done.returncode, from_json(document.read_text(encoding="utf-8"))


def system_file(path: Path, **keys: object) -> Path:
    """Write a system file that claims what the reference simulators support."""
    system: dict[str, object] = {
        "system": "Foreign",
        "version": "1",
        "actors": ["export-manager"],
        "ae_title": "FOREIGN",
        "host": "127.0.0.1",
        "port": 11112,
        "calls": {"archive": {"ae_title": "TCE_ARCHIVE", "port": 11113}},
        "options": ["additional-teaching-file-information", "delay-for-reason"],
        "deidentification": {"codes": ["113100", "113103", "113104", "113105"], "edition": "2026d"},
        "template": ["base", "rcr-uk"],
        **keys,
    }
    path.write_text(json.dumps({key: value for key, value in system.items() if value is not None}))
    return path


def failures(result: RunResult) -> list[str]:
    """Return what has to be repaired, a line for each kind of failure."""
    return [
        f"{each.requirement} {each.rule}: {each.title} {each.finding.element} {each.finding.observed}"
        for each in result.repairs
        if each.verdict is Verdict.FAIL
    ]


def selected(recipe: str, seed: int = SEED) -> tuple[Selected, ...]:
    """Return the instances of a recipe with the manifest over them."""
    return selection(
        recipe, title="TCE001", delay=None, atfi=None, seed=seed, content=Content.with_overlays()
    )


def write(instances: Sequence[Selected], folder: Path, *, shuffled: bool = False) -> list[Path]:
    """Write instances as files, each to be sent by a foreign program; the folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = Random(SEED).sample(list(instances), len(instances)) if shuffled else list(instances)
    paths = []
    for number, each in enumerate(chosen, start=1):
        path = folder / f"{number:03d}.dcm"
        path.write_bytes(each.content)
        paths.append(path)
    return paths


class Wire:
    """An observer that keeps what it is told of."""

    def __init__(self) -> None:
        self.associations: list[AssociationFacts] = []
        self.stores: list[StoreFacts] = []

    def association(self, facts: AssociationFacts) -> None:
        """Keep it."""
        self.associations.append(facts)

    def store(self, facts: StoreFacts) -> None:
        """Keep it."""
        self.stores.append(facts)


def verdicts(case: CaseResult) -> dict[tuple[str, str], str]:
    """Return the verdict of each rule of a case, by check step and requirement."""
    return {(rule.step, rule.requirement): rule.verdict.value for rule in case.rules}
