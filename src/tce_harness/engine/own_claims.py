"""Where nobody claimed anything, what a file records of its own de-identification is its claim on dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from tce_harness.engine.judging import Judge
from tce_harness.engine.recorded_claims import codes_of
from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.log import Evidence
from tce_harness.model.record import ObjectRecord
from tce_harness.model.result import RuleResult
from tce_harness.model.verdict import worst

TEMPORAL: Final = "deid/temporal-information"
_RECORDED: Final = "Longitudinal Temporal Information Modified does not say what the codes in (0012,0064) do"
_SILENT: Final = (
    "Longitudinal Temporal Information Modified does not say REMOVED; nobody claimed an option, and the file "
    "records none in (0012,0064)"
)


def by_own_claims(
    evidence: Evidence, case: CaseEvidence, judge: Judge, said: Sequence[RuleResult]
) -> tuple[RuleResult, ...]:
    """Return what the rules said, the one on Longitudinal Temporal Information (0028,0303) asked anew.

    The attribute repeats what an option did with dates (PS3.15 E.3.6), so that a file under 113107 says
    MODIFIED whether or not somebody told us of that option.
    """
    if evidence.run.claims_from != "default" or TEMPORAL not in case.check.rules:
        return tuple(said)
    alone = replace(case.check, rules=(TEMPORAL,))
    labels = {each.record: each.label for each in case.subjects}
    parts = [
        _told(judge.judge(CaseEvidence(each, alone))[0], codes, labels)
        for codes, each in _apart(evidence, case.subjects)
    ]
    return tuple(_together(parts) if parts and each.rule == TEMPORAL else each for each in said)


def _apart(
    evidence: Evidence, subjects: Sequence[EvidenceInstance]
) -> Iterator[tuple[frozenset[str], Evidence]]:
    """Yield the evidence of the files that record the same codes, under the claims that these are.

    The originals are left out: the rule does not look at them, and to pair files with them takes time.
    """
    by_codes: dict[frozenset[str], set[str]] = defaultdict(set)
    for subject in subjects:
        by_codes[codes_of(subject.dataset)].add(subject.digest)
    first, *others = evidence.entries
    for codes, digests in by_codes.items():
        claims = evidence.run.claims
        if codes:
            claims = replace(claims, deidentification_codes=tuple(sorted(codes)))
        kept = (
            entry
            for entry in others
            if not isinstance(entry.record, ObjectRecord)
            or (entry.record.group == "exported" and entry.record.digest in digests)
        )
        head = replace(first, record=replace(evidence.run, claims=claims))
        yield codes, replace(evidence, entries=(head, *kept))


def _told(result: RuleResult, codes: frozenset[str], labels: Mapping[str, str]) -> RuleResult:
    """Return a result in words that fit, under the labels that the other rules use."""
    return replace(
        result,
        findings=tuple(
            replace(
                each,
                message=_RECORDED if codes else _SILENT,
                subject=next((labels[record] for record in each.evidence if record in labels), each.subject),
            )
            for each in result.findings
        ),
    )


def _together(parts: Sequence[RuleResult]) -> RuleResult:
    return replace(
        parts[0],
        verdict=worst(each.verdict for each in parts),
        examined=sum(each.examined for each in parts),
        findings=tuple(finding for each in parts for finding in each.findings),
        reason=next((each.reason for each in parts if each.reason), None),
    )
