"""The Retain options: what table E.1-1 lets each of them keep is kept (PS3.15 sections E.3.6 to E.3.11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.pairing import Pair
from tce_harness.model.finding import Finding, Judgement
from tce_harness.rules.deidentification.ages import is_capped_age
from tce_harness.rules.deidentification.content_items import Columns, claimed_columns, temporal_codes
from tce_harness.rules.deidentification.findings import finding, why_no_pairs
from tce_harness.rules.deidentification.places import Place, Places, comparable, is_empty, items, places
from tce_harness.rules.deidentification.plan import (
    RETAIN_DEVICE_IDENTITY,
    RETAIN_FULL_DATES,
    RETAIN_INSTITUTION_IDENTITY,
    RETAIN_PATIENT_CHARACTERISTICS,
    RETAIN_UIDS,
    Plan,
    claims_code,
    plan_for,
    rows_of_option,
)
from tce_harness.rules.registry import rule

_UNIT = "retained values"
_KEPT = frozenset({"K"})


@rule("deid/full-dates-retained", judges="PS315-113106")
def full_dates_retained(case: CaseEvidence) -> Judgement:
    """Hold that dates and times stand unmodified where full dates are claimed."""
    return _judged(case, RETAIN_FULL_DATES, "full dates")


@rule("deid/patient-characteristics-retained", judges="PS315-113108")
def patient_characteristics_retained(case: CaseEvidence) -> Judgement:
    """Hold that age, sex, size, weight and the like stand where patient characteristics are claimed."""
    return _judged(case, RETAIN_PATIENT_CHARACTERISTICS, "patient characteristics")


@rule("deid/device-identity-retained", judges="PS315-113109")
def device_identity_retained(case: CaseEvidence) -> Judgement:
    """Hold that what identifies the device stands where that is claimed, and AE titles do not."""
    return _judged(case, RETAIN_DEVICE_IDENTITY, "device identity")


@rule("deid/uids-retained", judges="PS315-113110")
def uids_retained(case: CaseEvidence) -> Judgement:
    """Hold that UIDs stand where retained UIDs are claimed."""
    return _judged(case, RETAIN_UIDS, "UIDs")


@rule("deid/institution-identity-retained", judges="PS315-113112")
def institution_identity_retained(case: CaseEvidence) -> Judgement:
    """Hold that what identifies the institution stands where that is claimed."""
    return _judged(case, RETAIN_INSTITUTION_IDENTITY, "institution identity")


@dataclass(slots=True)
class _Told:
    """What is wrong at one element, told once for all instances."""

    kind: str
    message: str
    pair: Pair
    place: Place
    expected: frozenset[str]
    observed: frozenset[str]
    times: int = field(default=0)


def _judged(case: CaseEvidence, code: str, named: str) -> Judgement:
    if not claims_code(case, code):
        return Judgement(
            examined=0, unit=_UNIT, applicable=False, reason=f"retained {named} ({code}) are not claimed"
        )
    if not case.pairing.pairs:
        return Judgement(examined=0, unit=_UNIT, reason=why_no_pairs(case))
    examined = 0
    told: dict[tuple[str, tuple[int, ...]], _Told] = {}
    rows, plan = rows_of_option(case.claims, code), plan_for(case.claims)
    columns = claimed_columns(case)
    for pair in case.pairing.pairs:
        for place, one in _compared(pair, rows, plan, columns):
            examined += 1
            if one is not None:
                told.setdefault((one.kind, place.tags), one).times += 1
    return Judgement(
        examined=examined,
        unit=_UNIT,
        findings=tuple(_finding(one) for one in told.values()),
        reason=None if examined else f"no original has an attribute that retained {named} ({code}) speak of",
        applicable=examined > 0,
    )


def _compared(pair: Pair, rows: Plan, plan: Plan, columns: Columns) -> Iterator[tuple[Place, _Told | None]]:
    after = places(pair.subject)
    holders = {path.rpartition("/")[0] for path in after.by_path}
    for place in places(pair.original).all:
        row = None if place.private else rows.row(place.tag)
        holder = place.path.rpartition("/")[0]
        if row is None or is_empty(place.element) or (holder and holder not in holders):
            continue
        if temporal_codes(place, columns) not in (None, _KEPT):
            continue  # its concept decides
        if not row.keeps:
            yield place, _uncleaned(pair, place, after)
        elif plan.may_keep(place.tags):
            settled = plan.row(place.tag)
            modified = settled is not None and not settled.keeps  # another claimed option modifies it
            yield place, _lost(pair, place, after, modified=modified)


def _lost(pair: Pair, place: Place, after: Places, *, modified: bool) -> _Told | None:
    observed = after.values.get(place.tags, frozenset())
    if items(place.element):
        if any(items(each.element) for each in after.by_tags.get(place.tags, ())):
            return None
        expected = frozenset({"the sequence"})
    else:
        expected = comparable(place.element)
        if expected <= observed or (modified and observed) or is_capped_age(place, observed):
            return None
    if observed:
        told = "it is retained by a claimed option, but its value was changed"
        return _Told("retained-value-changed", told, pair, place, expected, observed)
    told = "it is retained by a claimed option, but it is gone"
    return _Told("retained-value-lost", told, pair, place, expected, observed)


def _uncleaned(pair: Pair, place: Place, after: Places) -> _Told | None:
    """Judge what an option cleans and does not keep: an AE title that stands as it was names the site."""
    if place.element.VR != "AE":
        return None
    expected, observed = comparable(place.element), after.values.get(place.tags, frozenset())
    if not expected & observed:
        return None
    told = "an AE title is cleaned and not retained, but it stands as it was"
    return _Told("ae-title-kept", told, pair, place, frozenset({"another title, or none"}), observed)


def _finding(one: _Told) -> Finding:
    times = f" (in {one.times} places)" if one.times > 1 else ""
    return finding(
        one.kind,
        one.pair.subject,
        f"{one.message}{times}",
        element=one.place.path,
        row=one.place.row,
        expected=_spelled(one.expected),
        observed=_spelled(one.observed) or "absent or empty",
    )


def _spelled(values: frozenset[str]) -> str:
    return ", ".join(value if len(value) <= 64 else f"{len(value)} characters" for value in sorted(values))
