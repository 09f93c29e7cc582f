"""Dates under Retain Longitudinal Temporal Information with Modified Dates (PS3.15 section E.3.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.pairing import Pair
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.findings import finding, why_no_pairs
from tce_harness.rules.deidentification.places import places, text_value, texts
from tce_harness.rules.deidentification.plan import RETAIN_MODIFIED_DATES, Plan, claims_code, plan_for
from tce_harness.rules.registry import rule

_PATIENT_ID = 0x00100020


@dataclass(frozen=True, slots=True)
class _Moved:
    """A date and what it became."""

    subject: EvidenceInstance
    path: str
    before: date
    after: date

    @property
    def shift(self) -> int:
        """By how many days it was moved."""
        return (self.after - self.before).days


@rule("deid/dates-modified", judges="PS315-113107")
def dates_modified(case: CaseEvidence) -> Judgement:
    """Hold that dates were moved, in the order they had, with the intervals they had, patient by patient."""
    if not claims_code(case, RETAIN_MODIFIED_DATES):
        return Judgement(
            examined=0, unit="dates", applicable=False, reason="modified dates (113107) are not claimed"
        )
    plan = plan_for(case.claims)
    patients: dict[str, list[_Moved]] = defaultdict(list)
    for pair in case.pairing.pairs:
        patients[text_value(pair.original.dataset, _PATIENT_ID)] += _moved(pair, plan)
    examined = sum(map(len, patients.values()))
    findings = [
        each for moved in patients.values() for each in _judged(moved, case.claims.date_tolerance_days)
    ]
    findings += _shared_shift([moved for moved in patients.values() if moved])
    reason = None
    if not examined:
        reason = "no date of an original stands modified" if case.pairing.pairs else why_no_pairs(case)
    return Judgement(examined=examined, unit="dates", findings=tuple(findings), reason=reason)


def _moved(pair: Pair, plan: Plan) -> Iterator[_Moved]:
    after = places(pair.subject).by_path
    for place in places(pair.original).all:
        if place.element.VR not in ("DA", "DT") or place.private or place.path not in after:
            continue
        row = plan.row(place.tag)
        if row is None or "C" not in row.codes:
            continue
        for old, new in zip(texts(place.element), texts(after[place.path].element), strict=False):
            before, moved = _date(old), _date(new)
            if before is not None and moved is not None:
                yield _Moved(pair.subject, place.path, before, moved)


def _date(text: str) -> date | None:
    digits = text[:8]
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _judged(moved: list[_Moved], tolerance: int) -> Iterator[Finding]:
    ordered = sorted(moved, key=lambda each: (each.before, each.after))
    unmoved = [each for each in ordered if not each.shift]
    if unmoved and len(unmoved) == len(ordered):
        yield _finding("dates-not-modified", unmoved[0], "no date of this patient was modified")
        return
    for earlier, later in pairwise(ordered):
        if later.after < earlier.after and later.before > earlier.before:
            told = f"dates changed their order; the earlier is in {earlier.subject.label}, {earlier.path}"
            yield _finding("date-order-changed", later, told)
        elif abs(later.shift - earlier.shift) > tolerance:
            told = f"the interval to the date in {earlier.subject.label}, {earlier.path} was changed"
            yield _finding("interval-changed", later, told, Severity.WARNING)


def _shared_shift(patients: list[list[_Moved]]) -> Iterator[Finding]:
    owners: dict[int, _Moved] = {}
    for moved in patients:
        shifts = {each.shift for each in moved}
        if len(shifts) != 1 or shifts == {0}:
            continue
        first = owners.setdefault(min(shifts), moved[0])
        if first is not moved[0]:
            told = f"the dates of two patients were moved alike; the other is in {first.subject.label}"
            yield _finding("shift-shared", moved[0], told, Severity.WARNING)


def _finding(kind: str, moved: _Moved, message: str, severity: Severity = Severity.FAIL) -> Finding:
    return finding(
        kind,
        moved.subject,
        message,
        element=moved.path,
        observed=f"moved by {moved.shift} days",
        severity=severity,
    )
