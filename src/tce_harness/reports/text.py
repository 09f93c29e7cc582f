"""The end of a run in plain lines: the counts, the first thing to repair, and what a pass means."""

from __future__ import annotations

from collections import Counter

from tce_harness.model.result import Obstacle, Repair, RequirementResult, RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports.repair_groups import RepairGroup, grouped
from tce_harness.reports.withhold import withhold_quotes
from tce_harness.reports.wording import (
    GRADE_MEANS,
    NAMES_STAND,
    REAL_PATIENTS,
    VERDICTS_BY_GRAVITY,
    counted,
    element_name,
    exit_means,
    nothing_to_repair,
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
    lines += [*_counts(result), *(f"Note: {note}" for note in result.notes)]
    if result.obstacles:
        lines += ["", "First to put right"]
        lines += [line for each in result.obstacles for line in _obstacle(each, result)]
    if result.repairs:
        groups = grouped(result.repairs)
        more = f" (1 of {len(groups)}; all in report.html)" if len(groups) > 1 else ""
        lines += ["", f"First to repair{more}", *_repair(groups[0], result)]
    else:
        lines += ["", nothing_to_repair(result)]
    lines += _undecided(result)
    lines += ["", "Not examined", *(f"  {what}" for what in result.coverage.not_examined)]
    return [_one_line(line) for line in (*lines, "", result.pass_means)]


def _counts(result: RunResult) -> list[str]:
    counts = Counter(each.verdict for each in result.requirements)
    roll_ups = Counter(each.verdict for each in result.requirements if each.requirement.proven_by)
    words = ", ".join(
        f"{counts[verdict]} {verdict.symbol} {verdict}"
        + (f" ({counted(roll_ups[verdict], 'roll-ups')})" if roll_ups[verdict] else "")
        for verdict in VERDICTS_BY_GRAVITY
        if counts[verdict]
    )
    return [
        f"{result.verdict.symbol} {result.verdict}: {exit_means(result.exit_status)} "
        f"(exit status {result.exit_status})",
        f"Of {counted(len(result.requirements), 'requirements')} in {counted(len(result.cases), 'cases')}: "
        f"{words or 'none judged'}. {result.not_testable_yet} more are not testable yet.",
    ]


def _obstacle(obstacle: Obstacle, result: RunResult) -> list[str]:
    return [
        f"  {Verdict.INCONCLUSIVE.symbol} {obstacle.title}",
        f"    To do:        {obstacle.remedy}",
        f"    Why:          it kept {len(obstacle.cases)} of {counted(len(result.cases), 'cases')} "
        "from being judged",
        f"    Evidence:     {obstacle.evidence[0]}",
        f"    Run again:    {obstacle.command}",
    ]


def _undecided(result: RunResult) -> list[str]:
    """Return what is undecided; what an obstacle alone left so is counted and not told one by one."""
    open_ones = [
        each
        for each in result.requirements
        if each.required and each.verdict in {"error", "inconclusive", "not-run"}
    ]
    if not open_ones:
        return []
    kept = {case for obstacle in result.obstacles for case in obstacle.cases}
    told = [
        each
        for each in open_ones
        if not each.cases
        or any(case not in kept for case, verdict in each.cases if verdict is not Verdict.NOT_APPLICABLE)
    ]
    because = len(open_ones) - len(told)
    words = f", {because} of them for what is first to put right" if because else ""
    lines = [
        f"  {each.verdict.symbol} {each.verdict} {each.requirement.id}: {each.reason or 'see its cases'}"
        for each in told
    ]
    return ["", f"Undecided: {counted(len(open_ones), 'required requirements')}{words}", *_few(lines)]


def _repair(group: RepairGroup, result: RunResult) -> list[str]:
    repair = group.first
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
        ("Files", _files(repair, result)),
        ("Expected", finding.expected),
        ("Observed", finding.observed),
        ("Same element", _listed(tuple(f"{each.requirement}: {each.title}" for each in group.others), "; ")),
        ("Evidence", ", ".join((*finding.evidence[:1], *repair.evidence_files[:1]))),
        ("Seen to fail", _listed(repair.defects) or "on no planted defect yet"),
        ("Run again", repair.command),
    ]
    return [
        f"  {repair.verdict.symbol} {repair.verdict}: {repair.title}",
        *([f"    {finding.message}"] if finding.message != repair.title else []),
        *(f"    {label + ':':<13} {shown(text)}" for label, text in rows if text),
    ]


def _files(repair: Repair, result: RunResult) -> str:
    listed = _listed(repair.file_names)
    return f"{listed}; {NAMES_STAND}" if listed and result.real_patients else listed


def _asked(id: str, result: RequirementResult | None) -> str:
    if result is None:
        return id
    it = result.requirement
    return (
        f"{id}: {it.text} ({it.document} {it.edition}, {it.section}; {it.level}; "
        f"grade {it.grade}: {GRADE_MEANS[it.grade]})"
    )


def _listed(items: tuple[str, ...], between: str = ", ") -> str:
    more = f" and {len(items) - _LONGEST_LIST} more" if len(items) > _LONGEST_LIST else ""
    return between.join(items[:_LONGEST_LIST]) + more


def _few(lines: list[str]) -> list[str]:
    more = len(lines) - _LONGEST_LIST
    return lines[:_LONGEST_LIST] + ([f"  and {more} more, all in report.html"] if more > 0 else [])


def _one_line(text: str) -> str:
    return shown(text, 2000).replace("\n", "\\n").replace("\t", "\\t")
