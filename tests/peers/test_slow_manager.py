"""A slow Export Manager in a process of its own is judged like the instant one in the harness."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from foreign.ours import SEED, failures, simulate, system_file, tce
from foreign.programs import free_port
from tce_harness.model.result import RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports import from_json

CASES = ("EM-010/TCE001", "EM-020/manifest-first/per-instance", "EM-030", "EM-040")


@dataclass(frozen=True, slots=True)
class Said:
    """The verdicts of a run, over the cases and requirement by requirement, and its exit status."""

    result: RunResult
    status: int

    @property
    def by_case(self) -> dict[str, Verdict]:
        return {case.id: case.verdict for case in self.result.cases}

    @property
    def by_rule(self) -> dict[tuple[str, str, str], tuple[Verdict, int]]:
        return {
            (case.id, rule.step, rule.rule): (rule.verdict, rule.examined)
            for case in self.result.cases
            for rule in case.rules
        }

    @property
    def by_requirement(self) -> dict[str, tuple[Verdict, int]]:
        return {
            each.requirement.id: (each.verdict, each.examined)
            for each in self.result.requirements
            if each.cases
        }


def said(folder: Path, *options: str | Path) -> Said:
    done = tce("run", *CASES, "--seed", str(SEED), "--out", folder, *options)
    document = folder / "result.json"
    assert document.is_file(), f"tce run ended {done.returncode} without a result: {done.stderr}"
    return Said(from_json(document.read_text(encoding="utf-8")), done.returncode)


def test_verdicts_equal_those_of_the_instant_manager(tmp_path: Path) -> None:
    instant = said(tmp_path / "instant")
    port = free_port()
    log = tmp_path / "slow.log"
    with simulate("slow", "--to", f"127.0.0.1:{port}:TCE_ARCHIVE", "--seed", "1", "--log", log) as manager:
        system = system_file(
            tmp_path / "system.yaml",
            ae_title=manager.address.ae_title,
            port=manager.address.port,
            calls={"archive": {"ae_title": "TCE_ARCHIVE", "port": port}},
        )
        slow = said(tmp_path / "slow", "--system", system)
    assert instant.result.simulated
    assert not slow.result.simulated
    assert slow.by_case == instant.by_case
    assert slow.by_rule == instant.by_rule
    assert slow.by_requirement == instant.by_requirement
    assert slow.status == instant.status
    exports = [each for line in log.read_text().splitlines() if (each := json.loads(line))["event"] == "sent"]
    assert len(exports) == len(CASES)
    assert failures(slow.result) == failures(instant.result) == []
