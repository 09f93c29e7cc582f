"""Verdicts from evidence alone: rules, their requirements, and what caps a finding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

from tce_harness.engine.side_by_side import side_by_side
from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.process_copy import WORTH_A_COPY
from tce_harness.model.errors import EvidenceError, describe_fault
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.record import CheckRecord
from tce_harness.model.requirement import Requirement
from tce_harness.model.result import RuleResult
from tce_harness.model.verdict import Verdict
from tce_harness.rules.registry import Rule
from tce_harness.scenarios import Catalogue

_UID = re.compile(r"[0-9.]*")
WITHHELD = "(withheld: evidence of real patients)"
_ORDER = (Severity.INFO, Severity.WARNING, Severity.FAIL)
_MISSED = {
    "no-operator": (Verdict.NOT_RUN, "no operator"),
    "late": (Verdict.INCONCLUSIVE, "the operator did not answer step {step} in time"),
    "refused": (Verdict.INCONCLUSIVE, "the operator refused step {step}"),
}
Unasked = tuple[Verdict, str]
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
        """Return what each rule of a check step says.

        Raises
        ------
        EvidenceError
            When the evidence names a rule that there is not, as that of another version may.
        """
        unknown = [name for name in case.check.rules if name not in self.rules]
        if unknown:
            raise EvidenceError(
                f"the evidence of {case.check.case} names rules that this tce-harness does not have: "
                f"{', '.join(unknown)}; judge it with the version that made it"
            )
        unasked = _unasked(case)
        names = case.check.rules
        beside = {name: self.rules[name].beside for name in names}
        there = [name for name in names if beside[name]] if len(case.arrivals) >= WORTH_A_COPY else []
        here = [name for name in names if name not in there]
        with ExitStack() as begun:
            for prepare in filter(None, {beside[name] for name in there} if unasked is None else ()):
                with suppress(Exception):  # which befalls the rules themselves too, and they tell it
                    begun.enter_context(prepare(case))
            said = side_by_side(lambda name: self._judge_one(self.rules[name], case, unasked), here, there)
        found = dict(zip((*here, *there), (*said[0], *said[1]), strict=True))
        return tuple(found[name] for name in names)

    def _judge_one(self, rule: Rule, case: CaseEvidence, unasked: Unasked | None) -> RuleResult:
        requirement = self.catalogue[rule.judges]
        real = case.case.real_patients
        try:
            unasked = unasked or _unexamined(rule, case)
            if unasked is not None:
                return _result(rule, case.check, unasked[0], Judgement(examined=0), unasked[1])
            judgement = rule.judge(case)
        except Exception as error:
            failure = f"the rule {rule.name} failed: {describe_fault(error, quote=not real)}"
            return _result(rule, case.check, Verdict.ERROR, Judgement(examined=0), failure)
        judgement = replace(
            judgement, findings=tuple(_cap(each, requirement, real) for each in judgement.findings)
        )
        verdict, reason = _verdict(judgement)
        return _result(rule, case.check, verdict, judgement, reason)


def _unasked(case: CaseEvidence) -> Unasked | None:
    """Return why none of a step's rules is even asked.

    The case does not apply, nothing of the judged steps can be seen, or a person was wanted for one of them,
    or for a step before it, and did not do it.
    """
    if case.case.not_applicable is not None:
        return Verdict.NOT_APPLICABLE, case.case.not_applicable
    steps = [each.record for each in case.steps]
    judged = [each for each in steps if each.step in case.check.of]
    if judged and all(each.verdict is Verdict.NOT_APPLICABLE for each in judged):
        return Verdict.NOT_APPLICABLE, judged[0].detail or "nothing of the judged steps can be seen"
    names = [each.step for each in steps]
    last = max((names.index(each.step) for each in judged), default=len(names))
    for each in case.operators:
        asked = each.record
        wanted = asked.requirement is None and asked.outcome in _MISSED
        if wanted and (asked.step not in names or names.index(asked.step) <= last):
            verdict, reason = _MISSED[asked.outcome]
            return verdict, reason.format(step=asked.step)
    return None


def _unexamined(rule: Rule, case: CaseEvidence) -> Unasked | None:
    """Return why a rule is not asked whose outside judge was not there."""
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
    finding = replace(finding, severity=min(finding.severity, requirement.worst_severity, key=_ORDER.index))
    if not real_patients:
        return finding
    if _UID.fullmatch(finding.subject):  # whoever leaves a UID as it was makes it a patient's value
        finding = replace(
            finding, subject=f"the instance of {', '.join(finding.evidence[:1]) or 'no record'}"
        )
    if not finding.quotes:
        return finding
    return replace(
        finding,
        expected=WITHHELD if finding.expected is not None else None,
        observed=WITHHELD if finding.observed is not None else None,
    )


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
