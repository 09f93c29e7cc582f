"""From rule results to requirements over the run, what to repair first, and what was examined."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tce_harness.model.finding import Finding, Severity
from tce_harness.model.requirement import Requirement, Testable
from tce_harness.model.result import CaseResult, Repair, RequirementResult, RuleResult
from tce_harness.model.verdict import Verdict, worst
from tce_harness.scenarios import Catalogue

_INDEX = re.compile(r"\[\d+\]")

# What must be repaired first: what keeps everything else from happening, then leaks, then the rest.
_URGENCY = ("arrival/", "deid/no-canary", "uid/", "deid/")


def requirement_results(
    catalogue: Catalogue,
    cases: Sequence[CaseResult],
    asked: frozenset[str],
    defects: Mapping[str, tuple[str, ...]],
    attested: Mapping[str, tuple[Verdict, str | None]],
) -> tuple[RequirementResult, ...]:
    """Return each requirement with its verdict over all cases, in catalogue order.

    Parameters
    ----------
    asked
        Requirements that have to appear even where no case looked at them.
    defects
        Requirement to the planted defects that its check is known to catch.
    attested
        Requirement to what a person said of it.
    """
    leaves = {
        requirement.id: _leaf(requirement, cases, defects, attested)
        for requirement in catalogue
        if not requirement.proven_by
    }
    results = []
    for requirement in catalogue:
        result = leaves.get(requirement.id) or _roll_up(requirement, leaves, catalogue, attested)
        if result.cases or result.rules or requirement.id in attested or requirement.id in asked:
            results.append(result)
    return tuple(results)


def _leaf(
    requirement: Requirement,
    cases: Sequence[CaseResult],
    defects: Mapping[str, tuple[str, ...]],
    attested: Mapping[str, tuple[Verdict, str | None]],
) -> RequirementResult:
    said = [(case.id, rule) for case in cases for rule in case.rules if rule.requirement == requirement.id]
    by_case: dict[str, list[Verdict]] = defaultdict(list)
    for case, rule in said:
        by_case[case].append(rule.verdict)
    verdicts = tuple((case, worst(each)) for case, each in by_case.items())
    verdict, reason = _said_of(requirement, [rule for _, rule in said], attested)
    return RequirementResult(
        requirement=requirement,
        verdict=verdict,
        required=requirement.required,
        cases=verdicts,
        examined=sum(rule.examined for _, rule in said),
        unit=next((rule.unit for _, rule in said if rule.examined), "instances"),
        findings=sum(len(_counted(rule.findings)) for _, rule in said),
        defects=defects.get(requirement.id, ()),
        rules=tuple(dict.fromkeys(rule.rule for _, rule in said)),
        reason=reason,
    )


def _said_of(
    requirement: Requirement,
    rules: Sequence[RuleResult],
    attested: Mapping[str, tuple[Verdict, str | None]],
) -> tuple[Verdict, str | None]:
    """Return verdict and reason: the worst of the rules, or what a person attested, or not run."""
    if requirement.id in attested:
        verdict, reason = attested[requirement.id]
        return worst([verdict, *(rule.verdict for rule in rules)]), reason
    if not rules:
        if requirement.testable is Testable.NO:
            return Verdict.NOT_RUN, requirement.reason
        return Verdict.NOT_RUN, "no case of this run looks at it"
    verdict = worst(rule.verdict for rule in rules)
    return verdict, next((rule.reason for rule in rules if rule.verdict is verdict and rule.reason), None)


def _roll_up(
    requirement: Requirement,
    leaves: Mapping[str, RequirementResult],
    catalogue: Catalogue,
    attested: Mapping[str, tuple[Verdict, str | None]],
) -> RequirementResult:
    parts = [leaves[leaf] for leaf in catalogue.leaves(requirement.id)]
    looked_at = [part for part in parts if part.cases]
    by_case: dict[str, list[Verdict]] = defaultdict(list)
    for part in looked_at:
        for case, verdict in part.cases:
            by_case[case].append(verdict)
    verdict = worst(part.verdict for part in parts)
    first = next((part for part in parts if part.verdict is verdict), None)
    reason = None if first is None or verdict is Verdict.PASS else f"by {first.requirement.id}"
    said, words = attested.get(requirement.id, (Verdict.NOT_APPLICABLE, None))
    if said.rank > verdict.rank:
        verdict, reason = said, words
    return RequirementResult(
        requirement=requirement,
        verdict=verdict,
        # A roll-up with a part that this run does not look at decides nothing.
        required=requirement.required and len(looked_at) == len(parts),
        cases=tuple((case, worst(each)) for case, each in by_case.items()),
        examined=len(looked_at),
        unit=f"of {len(parts)} requirements",
        findings=sum(part.findings for part in parts),
        defects=tuple(dict.fromkeys(defect for part in parts for defect in part.defects)),
        rules=(),
        reason=reason,
    )


def _counted(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is not Severity.INFO]


def repairs(cases: Sequence[CaseResult], defects: Mapping[str, tuple[str, ...]]) -> tuple[Repair, ...]:
    """Return what to repair, most urgent first: findings of one kind, row and requirement together."""
    groups: dict[tuple[str, str, str, str], list[tuple[CaseResult, RuleResult, Finding]]] = defaultdict(list)
    for case in cases:
        for rule in case.rules:
            for finding in _counted(rule.findings):
                place = finding.row or _INDEX.sub("", finding.element or "")
                groups[rule.requirement, rule.rule, finding.kind, place].append((case, rule, finding))
    found = [_repair(group, defects) for group in groups.values()]
    return tuple(sorted(found, key=_urgency))


def _urgency(repair: Repair) -> tuple[bool, int, int]:
    place = next(
        (index for index, prefix in enumerate(_URGENCY) if repair.rule.startswith(prefix)), len(_URGENCY)
    )
    return (repair.verdict is not Verdict.FAIL, place, -repair.count)


def _repair(
    group: list[tuple[CaseResult, RuleResult, Finding]], defects: Mapping[str, tuple[str, ...]]
) -> Repair:
    case, rule, finding = group[0]
    fails = any(each.severity is Severity.FAIL for _, _, each in group)
    files: dict[str, str] = {}
    for each, _, _ in group:
        files |= dict(each.files)
        files |= {message.evidence: message.file for message in each.messages if message.file is not None}
    names = {record: name for each, _, _ in group for record, name in each.names}
    named = dict.fromkeys(record for _, _, each in group for record in each.evidence)
    return Repair(
        title=finding.message,
        verdict=Verdict.FAIL if fails else Verdict.WARNING,
        requirement=rule.requirement,
        rule=rule.rule,
        finding=finding,
        count=len(group),
        instances=tuple(dict.fromkeys(each.subject for _, _, each in group)),
        cases=tuple(dict.fromkeys(each.id for each, _, _ in group)),
        evidence_files=tuple(files[record] for record in named if record in files),
        defects=defects.get(rule.requirement, ()),
        command=case.command,
        file_names=tuple(names[record] for record in named if record in names),
    )
