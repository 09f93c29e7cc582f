"""Verdicts again, from the evidence of a run alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tce_harness.engine.judging import Judge
from tce_harness.engine.library import Library
from tce_harness.engine.result import result_of
from tce_harness.evidence.log import read_evidence
from tce_harness.model.result import RunResult


@dataclass(frozen=True, slots=True)
class Difference:
    """A verdict that is not what it was."""

    what: str
    before: str
    now: str

    def __str__(self) -> str:
        return f"{self.what}: was {self.before}, is {self.now}"


def rejudge(run: Path, library: Library) -> RunResult:
    """Return the result of a run again, from its evidence, without its system or its outside judges.

    Raises
    ------
    EvidenceError
        When the evidence is missing or was changed, be it the log or an instance that no rule looks at.
    """
    evidence = read_evidence(run / "evidence")
    evidence.verify_instances()
    judge = Judge(library.rules, library.catalogue)
    return result_of(evidence, judge, library.defects_by_requirement)


def differences(before: RunResult, now: RunResult) -> tuple[Difference, ...]:
    """Return each rule and requirement whose verdict differs, and each that only one of the two has."""
    old, new = _verdicts(before), _verdicts(now)
    return tuple(
        Difference(what, old.get(what, "absent"), new.get(what, "absent"))
        for what in sorted(old.keys() | new.keys())
        if old.get(what) != new.get(what)
    )


def _verdicts(result: RunResult) -> dict[str, str]:
    rules = {
        f"{case.id} {rule.step} {rule.rule}": rule.verdict.value
        for case in result.cases
        for rule in case.rules
    }
    return rules | {each.requirement.id: each.verdict.value for each in result.requirements}
