"""The end of a run in plain lines: the counts, the first thing to repair, and what a pass means."""

from __future__ import annotations

from collections import Counter

from tce_harness.model.result import Repair, RequirementResult, RunResult
from tce_harness.reports.withhold import withhold_quotes
from tce_harness.reports.wording import (
    GRADE_MEANS,
    REAL_PATIENTS,
    VERDICTS_BY_GRAVITY,
    counted,
    element_name,
    exit_means,
    shown,
)

_LONGEST_LIST = 6


def repair_lines(result: RunResult) -> list[str]:
    """Return the lines that a console shows at the end of a run, without colour and without markup.

    The counts come first, then the first thing to repair or what was left undecided, then what was not
    examined, and last the sentence of what a pass means.
    """
    result = withhold_quotes(result)
    lines = [f"! {REAL_PATIENTS}"] if result.real_patients else []
    lines += _counts(result)
    if result.repairs:
        more = f" (1 of {len(result.repairs)}; all in report.html)" if len(result.repairs) > 1 else ""
        lines += ["", f"First to repair{more}", *_repair(result.repairs[0], result)]
    else:
        lines += ["", "Nothing to repair."]
    undecided = [
        f"  {each.verdict.symbol} {each.verdict} {each.requirement.id}: {each.reason or 'see its cases'}"
        for each in result.requirements
        if each.required and each.verdict in {"error", "inconclusive", "not-run"}
    ]
    if undecided:
        lines += ["", f"Undecided: {counted(len(undecided), 'required requirements')}", *_few(undecided)]
    lines += ["", "Not examined", *(f"  {what}" for what in result.coverage.not_examined)]
    return [_one_line(line) for line in (*lines, "", result.pass_means)]


def _counts(result: RunResult) -> list[str]:
    counts = Counter(each.verdict for each in result.requirements)
    words = ", ".join(
        f"{counts[verdict]} {verdict.symbol} {verdict}" for verdict in VERDICTS_BY_GRAVITY if counts[verdict]
    )
    return [
        f"{result.verdict.symbol} {result.verdict}: {exit_means(result.exit_status)} "
        f"(exit status {result.exit_status})",
        f"Of {counted(len(result.requirements), 'requirements')} in {counted(len(result.cases), 'cases')}: "
        f"{words or 'none judged'}. {result.not_testable_yet} more are not testable yet.",
    ]


def _repair(repair: Repair, result: RunResult) -> list[str]:
    finding = repair.finding
    requirement = next(
        (each for each in result.requirements if each.requirement.id == repair.requirement), None
    )
    name = element_name(finding.element)
    where = [
        " ".join(filter(None, (finding.element, name))),
        f"row {finding.row}" if finding.row and finding.row != finding.element else "",
        _listed(repair.instances),
        f"case {_listed(repair.cases)}",
    ]
    rows = [
        ("Requirement", _asked(repair.requirement, requirement)),
        ("Where", "; ".join(filter(None, where))),
        ("Expected", finding.expected),
        ("Observed", finding.observed),
        ("Evidence", ", ".join((*finding.evidence[:1], *repair.evidence_files[:1]))),
        ("Seen to fail", _listed(repair.defects) or "on no planted defect yet"),
        ("Run again", repair.command),
    ]
    return [
        f"  {repair.verdict.symbol} {repair.verdict}: {repair.title}",
        *([f"    {finding.message}"] if finding.message != repair.title else []),
        *(f"    {label + ':':<13} {shown(text)}" for label, text in rows if text),
    ]


def _asked(id: str, result: RequirementResult | None) -> str:
    if result is None:
        return id
    it = result.requirement
    return (
        f"{id}: {it.text} ({it.document} {it.edition}, {it.section}; {it.level}; "
        f"grade {it.grade}: {GRADE_MEANS[it.grade]})"
    )


def _listed(items: tuple[str, ...]) -> str:
    more = f" and {len(items) - _LONGEST_LIST} more" if len(items) > _LONGEST_LIST else ""
    return ", ".join(items[:_LONGEST_LIST]) + more


def _few(lines: list[str]) -> list[str]:
    more = len(lines) - _LONGEST_LIST
    return lines[:_LONGEST_LIST] + ([f"  and {more} more, all in report.html"] if more > 0 else [])


def _one_line(text: str) -> str:
    return shown(text, 2000).replace("\n", "\\n").replace("\t", "\\t")
