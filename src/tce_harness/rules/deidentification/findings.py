"""How the rules of this package tell what they found."""

from __future__ import annotations

from collections.abc import Iterable

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.finding import Finding, Judgement, Severity

NOTHING_EXPORTED = "nothing readable was exported"
NO_ORIGINALS = "there are no originals to compare with"
NO_PAIRS = "no exported instance could be paired with an original"


def finding(
    kind: str,
    subject: EvidenceInstance,
    message: str,
    *,
    element: str | None = None,
    row: str | None = None,
    expected: str | None = None,
    observed: str | None = None,
    severity: Severity = Severity.FAIL,
    quotes: bool = True,
) -> Finding:
    """Return a finding about one instance; what is expected and observed counts as a quote unless denied."""
    return Finding(
        kind=kind,
        severity=severity,
        message=message,
        subject=subject.label,
        element=element,
        row=row,
        expected=expected,
        observed=observed,
        quotes=quotes and (expected is not None or observed is not None),
        evidence=(subject.record,),
    )


def judged(case: CaseEvidence, findings: Iterable[Finding]) -> Judgement:
    """Return the judgement of a rule that looks at every exported instance."""
    reason = None if case.subjects else NOTHING_EXPORTED
    return Judgement(examined=len(case.subjects), findings=tuple(findings), reason=reason)


def why_no_pairs(case: CaseEvidence) -> str:
    """Return why a rule that compares with originals had nothing to compare."""
    if not case.subjects:
        return NOTHING_EXPORTED
    return NO_PAIRS if case.originals else NO_ORIGINALS
