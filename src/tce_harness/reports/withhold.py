"""Values of real patients never reach a report."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tce_harness.model.finding import Finding
from tce_harness.model.result import CaseResult, Repair, RunResult

WITHHELD: Final = "withheld: the evidence is of real patients; see the evidence record"


def withhold_quotes(result: RunResult) -> RunResult:
    """Return the result without any value that its findings quote, where the evidence is of real patients.

    Every report passes its result through this function, so that no format depends on somebody having
    done so before. With synthetic evidence the result is returned as it is.
    """
    if not result.real_patients:
        return result
    return replace(
        result,
        repairs=tuple(_repair(repair) for repair in result.repairs),
        cases=tuple(_case(case) for case in result.cases),
    )


def _repair(repair: Repair) -> Repair:
    return replace(repair, finding=_finding(repair.finding))


def _case(case: CaseResult) -> CaseResult:
    rules = tuple(replace(rule, findings=tuple(map(_finding, rule.findings))) for rule in case.rules)
    return replace(case, rules=rules, pictures=())


def _finding(finding: Finding) -> Finding:
    if not finding.quotes:
        return finding
    return replace(
        finding,
        expected=None if finding.expected is None else WITHHELD,
        observed=None if finding.observed is None else WITHHELD,
        quotes=False,
    )
