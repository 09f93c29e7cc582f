"""Dates under Retain Longitudinal Temporal Information with Modified Dates (PS3.15 section E.3.6)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.pairing import Pair
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.content_items import claimed_columns
from tce_harness.rules.deidentification.findings import finding, why_no_pairs
from tce_harness.rules.deidentification.identity import Entity, patient_or_study
from tce_harness.rules.deidentification.moments import Moment, is_moment, modified, moments
from tce_harness.rules.deidentification.places import Place, places
from tce_harness.rules.deidentification.plan import RETAIN_MODIFIED_DATES, claims_code, plan_for
from tce_harness.rules.registry import rule

_DAY = timedelta(days=1)
#: Fractions of a second may be lost when a time is written anew.
_ROUNDING = timedelta(seconds=1)


@rule("deid/dates-modified", judges="PS315-113107")
def dates_modified(case: CaseEvidence) -> Judgement:
    """Hold that dates were moved, in the order they had, with the intervals they had, patient by patient."""
    if not claims_code(case, RETAIN_MODIFIED_DATES):
        return Judgement(
            examined=0, unit="dates", applicable=False, reason="modified dates (113107) are not claimed"
        )
    patients = _patients(case)
    lost = list(_lost(case))
    examined = sum(each.dated for found in patients.values() for each in found)
    examined += sum(each.severity is Severity.FAIL for each in lost)
    tolerance = timedelta(days=case.claims.date_tolerance_days)
    findings = [each for found in patients.values() for each in _judged(found, tolerance)]
    findings += lost
    findings += _shared_shift([PatientDates(found) for found in patients.values() if found])
    reason = None
    if not examined:
        reason = "no date of an original stands modified" if case.pairing.pairs else why_no_pairs(case)
    return Judgement(examined=examined, unit="dates", findings=tuple(findings), reason=reason)


def _patients(case: CaseEvidence) -> dict[Entity, list[Moment]]:
    plan, columns = plan_for(case.claims), claimed_columns(case)
    patients: dict[Entity, list[Moment]] = defaultdict(list)
    for pair in case.pairing.pairs:
        patients[patient_or_study(pair.original)] += moments(pair, plan, columns)
    return patients


def coincident_dates(case: CaseEvidence) -> frozenset[tuple[str, str]]:
    """Return instance and element of each date that stands because rounding leads to itself.

    Dates may be aggregated, such as to the first of a month, within the tolerance that the maker declares.
    """
    if not claims_code(case, RETAIN_MODIFIED_DATES) or not case.claims.date_tolerance_days:
        return frozenset()
    return frozenset(
        (each.subject.label, each.path)
        for found in map(PatientDates, _patients(case).values())
        if found.aggregated
        for each in found.dated
        if each.day_kept
    )


def _lost(case: CaseEvidence) -> Iterator[Finding]:
    """Yield each date, once for all instances, that is gone where it has to stand modified.

    A time of day is gone too where dates are rounded to days or more, as a declared tolerance says.
    """
    plan, columns = plan_for(case.claims), claimed_columns(case)
    times: Counter[tuple[int, ...]] = Counter()
    first: dict[tuple[int, ...], tuple[Pair, Place]] = {}
    for pair in case.pairing.pairs:
        after = places(pair.subject)
        holders = {path.rpartition("/")[0] for path in after.by_path}
        for place in modified(pair, plan, columns):
            stands = after.values.get(place.tags) or place.path.rpartition("/")[0] not in {"", *holders}
            rounded = place.element.VR == "TM" and case.claims.date_tolerance_days
            if not stands and not rounded and is_moment(place):
                times[place.tags] += 1
                first.setdefault(place.tags, (pair, place))
    for tags, (pair, place) in first.items():
        yield finding(
            "retained-value-lost",
            pair.subject,
            f"a claimed option retains it modified, but it is gone (in {times[tags]} places)",
            element=place.path,
            row=place.row,
            expected="a modified value",
            observed="absent or empty",
            severity=Severity.WARNING if place.element.VR == "TM" else Severity.FAIL,
            quotes=False,
        )


class PatientDates:
    """The moments of one patient, and the shift that most of them share."""

    def __init__(self, found: Sequence[Moment]) -> None:
        self.all = found
        self.dated = [each for each in found if each.dated]
        self.shift = self._usual()

    @property
    def aggregated(self) -> bool:
        """Whether dates of several days all became the same day of their month or week."""
        return any(
            len({day(each.before) for each in self.dated}) > 1
            and len({day(each.after) for each in self.dated}) == 1
            for day in (lambda moment: moment.day, datetime.weekday)
        )

    def _usual(self) -> timedelta:
        exact = Counter(each.shift for each in self.dated if each.exact)
        shifts = exact or Counter(each.shift for each in self.dated) or Counter([timedelta()])
        return shifts.most_common(1)[0][0]

    def error(self, moment: Moment) -> timedelta:
        """Return how far a moment is off the usual shift, as far as can be told."""
        if not moment.dated:  # only the time of day can be compared
            off = (moment.shift - self.shift) % _DAY
            return min(off, _DAY - off)
        off = abs(moment.shift - self.shift)
        if moment.exact or not self.shift % _DAY:
            return off
        return max(off - _DAY, timedelta())  # a date alone is moved by the days before or after midnight


def _judged(found: Sequence[Moment], tolerance: timedelta) -> Iterator[Finding]:
    patient = PatientDates(found)
    if not patient.dated:
        return
    if all(each.day_kept for each in patient.dated):
        yield _told("dates-not-modified", patient.dated[0], "no date of this patient was modified")
        return
    yield from _order(patient)
    yield from _intervals(patient, tolerance)
    exact = [each for each in patient.dated if each.exact]
    if exact and all(each.time_kept for each in exact):
        told = "dates were moved by whole days, and the times of day stand as they were"
        yield _told("times-not-modified", exact[0], told, Severity.WARNING)


def _order(patient: PatientDates) -> Iterator[Finding]:
    """Compare moments in time; a date without a time of day comes neither before nor after its own day."""
    latest: Moment | None = None
    told: set[int] = set()
    for each in sorted(patient.dated, key=lambda moment: (moment.before, moment.after)):
        if latest is not None and each.tag not in told and _swapped(latest, each):
            told.add(each.tag)
            if not patient.aggregated or latest.after.date() != each.after.date():
                yield _order_finding(latest, each)
        if latest is None or each.after > latest.after:
            latest = each


def _order_finding(earlier: Moment, later: Moment) -> Finding:
    where = f"the earlier is in {earlier.subject.label}, {earlier.path}"
    if later.after.date() < earlier.after.date():
        return _told("date-order-changed", later, f"dates changed their order; {where}")
    message = f"times of one day changed their order; {where}"
    return _told("time-order-changed", later, message, Severity.WARNING)


def _swapped(earlier: Moment, later: Moment) -> bool:
    before, after = (_key(later, earlier, side) - _key(earlier, later, side) for side in ("before", "after"))
    return before > timedelta() > after


def _key(moment: Moment, other: Moment, side: str) -> datetime:
    value: datetime = moment.after if side == "after" else moment.before
    if moment.exact and other.exact:
        return value
    return datetime(value.year, value.month, value.day)


def _intervals(patient: PatientDates, tolerance: timedelta) -> Iterator[Finding]:
    """Compare each moment with the shift that most have; what differs alike at one element is told once."""
    told: Counter[tuple[int, timedelta]] = Counter()
    first: dict[tuple[int, timedelta], Moment] = {}
    for each in patient.all:
        if patient.error(each) > tolerance + _ROUNDING:
            key = (each.tag, each.shift)
            told[key] += 1
            first.setdefault(key, each)
    for key, moment in first.items():
        times = f" ({told[key]} times)" if told[key] > 1 else ""
        if moment.day_kept and moment.dated and not patient.aggregated:
            message = f"the original date stands, while other dates of this patient were moved{times}"
            yield _told("date-kept", moment, message)
        else:
            message = f"it was moved otherwise than the other dates of this patient{times}"
            yield _told("interval-changed", moment, message, Severity.WARNING)


def _shared_shift(patients: Sequence[PatientDates]) -> Iterator[Finding]:
    owners: dict[timedelta, Moment] = {}
    for patient in patients:
        if not patient.dated or abs(patient.shift) < _DAY:
            continue
        moment = next(each for each in patient.dated if each.shift == patient.shift)
        first = owners.setdefault(patient.shift, moment)
        if first is not moment:
            told = f"the dates of two patients were moved alike; the other is in {first.subject.label}"
            yield _told("shift-shared", moment, told, Severity.WARNING)


def _told(kind: str, moment: Moment, message: str, severity: Severity = Severity.FAIL) -> Finding:
    return finding(
        kind,
        moment.subject,
        message,
        element=moment.path,
        observed=f"moved by {_spelled(moment.shift)}",
        severity=severity,
    )


def _spelled(shift: timedelta) -> str:
    rest = abs(shift) % _DAY
    return f"{'-' if shift < timedelta() else ''}{abs(shift).days} days" + (f" and {rest}" if rest else "")
