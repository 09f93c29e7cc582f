"""Verdicts from evidence alone: rules, their requirements, and what caps a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.record import CheckRecord
from tce_harness.model.requirement import Requirement
from tce_harness.model.result import RuleResult
from tce_harness.model.verdict import Verdict
from tce_harness.rules.registry import Rule
from tce_harness.scenarios import Catalogue

WITHHELD = "(withheld: evidence of real patients)"
_ORDER = (Severity.INFO, Severity.WARNING, Severity.FAIL)
_VERDICTS = {Severity.WARNING: Verdict.WARNING, Severity.FAIL: Verdict.FAIL}


@dataclass(frozen=True, slots=True)
class Judge:
    """Holds evidence against rules.

    Parameters
    ----------
    rules
        By name.
    """

    rules: Mapping[str, Rule]
    catalogue: Catalogue

    def judge(self, case: CaseEvidence) -> tuple[RuleResult, ...]:
        """Return what each rule of a check step says."""
        return tuple(self._judge_one(self.rules[name], case) for name in case.check.rules)

    def _judge_one(self, rule: Rule, case: CaseEvidence) -> RuleResult:
        requirement = self.catalogue[rule.judges]
        unasked = self._unasked(rule, case)
        if unasked is not None:
            return _result(rule, case.check, unasked[0], Judgement(examined=0), unasked[1])
        try:
            judgement = rule.judge(case)
        except Exception as error:
            failure = f"the rule {rule.name} failed: {type(error).__name__}: {error}"
            return _result(rule, case.check, Verdict.ERROR, Judgement(examined=0), failure)
        judgement = replace(
            judgement,
            findings=tuple(_cap(each, requirement, case.case.real_patients) for each in judgement.findings),
        )
        verdict, reason = _verdict(judgement)
        return _result(rule, case.check, verdict, judgement, reason)

    def _unasked(self, rule: Rule, case: CaseEvidence) -> tuple[Verdict, str] | None:
        """Return why a rule is not even asked: a person was missing, or its outside judge is."""
        for each in case.operators:
            if each.record.outcome == "no-operator":
                return Verdict.NOT_RUN, "no operator"
            if each.record.outcome == "late":
                return Verdict.INCONCLUSIVE, f"the operator did not answer step {each.record.step} in time"
        if rule.examiner is None:
            return None
        answers = [
            answer.record for subject in case.subjects for answer in case.examinations(rule.examiner, subject)
        ]
        if answers and all(answer.outcome == "unavailable" for answer in answers):
            return Verdict.NOT_RUN, answers[0].output
        return None


def _cap(finding: Finding, requirement: Requirement, real_patients: bool) -> Finding:
    """Lower a finding to what its requirement's evidence allows; withhold values of real patients."""
    severity = min(finding.severity, requirement.worst_severity, key=_ORDER.index)
    if real_patients and finding.quotes:
        return replace(
            finding,
            severity=severity,
            expected=WITHHELD if finding.expected is not None else None,
            observed=WITHHELD if finding.observed is not None else None,
        )
    return replace(finding, severity=severity)


def _verdict(judgement: Judgement) -> tuple[Verdict, str | None]:
    if not judgement.applicable:
        return Verdict.NOT_APPLICABLE, judgement.reason
    if judgement.examined == 0:
        return Verdict.INCONCLUSIVE, judgement.reason or "nothing was there to examine"
    gravest = max((each.severity for each in judgement.findings), key=_ORDER.index, default=Severity.INFO)
    return _VERDICTS.get(gravest, Verdict.PASS), judgement.reason


def _result(
    rule: Rule, check: CheckRecord, verdict: Verdict, judgement: Judgement, reason: str | None
) -> RuleResult:
    return RuleResult(
        rule=rule.name,
        requirement=rule.judges,
        step=check.step,
        line=check.line,
        verdict=verdict,
        examined=judgement.examined,
        unit=judgement.unit,
        findings=judgement.findings,
        reason=reason,
    )
