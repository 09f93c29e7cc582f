"""Descriptors that stand word for word, where cleaning them is claimed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.pairing import Pair
from tce_harness.model.finding import Finding, Severity
from tce_harness.rules.deidentification.findings import finding
from tce_harness.rules.deidentification.places import Place, comparable, is_empty, items, places, texts
from tce_harness.rules.deidentification.plan import CLEAN_DESCRIPTORS, Plan, plan_for, rows_of_option

_FREE_TEXT = frozenset({"LT", "ST", "UT"})
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){5,}")


def descriptors_untouched(case: CaseEvidence) -> Iterator[Finding]:
    """Yield one finding where most instances have most of their prose and long numbers as they stood.

    Nobody knows of a single description whether it identifies; where such ones stand word for word in most
    instances, nothing shows that anybody looked.
    """
    rows, plan = rows_of_option(case.claims, CLEAN_DESCRIPTORS), plan_for(case.claims)
    described = [(pair, found) for pair in case.pairing.pairs if (found := _telling(pair, rows, plan))]
    untouched = [(pair, found) for pair, found in described if _mostly_stands(found)]
    if 2 * len(untouched) <= len(described):
        return
    pair, found = untouched[0]
    place = next(place for place, stands in found if stands)
    yield finding(
        "descriptors-untouched",
        pair.subject,
        f"in {len(untouched)} of {len(described)} instances free text or long numbers stand word for word in "
        f"most descriptors, where cleaning is claimed",
        element=place.path,
        row=place.row,
        expected="what is known to be useful and safe",
        observed=", ".join(sorted(comparable(place.element))),
        severity=Severity.WARNING,
    )


def _telling(pair: Pair, rows: Plan, plan: Plan) -> list[tuple[Place, bool]]:
    """Return the descriptors of an original that hold prose or a long number, and whether each stands."""
    after = places(pair.subject).values
    return [
        (place, comparable(place.element) <= after.get(place.tags))
        for place in places(pair.original).all
        if not place.private and _is_cleaned(place, rows, plan) and _is_telling(place)
    ]


def _mostly_stands(found: list[tuple[Place, bool]]) -> bool:
    return 2 * sum(stands for _, stands in found) > len(found)


def _is_cleaned(place: Place, rows: Plan, plan: Plan) -> bool:
    if is_empty(place.element) or items(place.element) or rows.row(place.tag) is None:
        return False
    row = plan.row(place.tag)
    return row is not None and not row.keeps


def _is_telling(place: Place) -> bool:
    if place.element.VR in _FREE_TEXT:
        return any(" " in text for text in texts(place.element))
    return any(_LONG_NUMBER.search(text) for text in texts(place.element))
