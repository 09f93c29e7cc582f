"""Descriptors that all stand as they were, where cleaning them is claimed."""

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
    """Yield one finding where most instances have each descriptor as it was, prose or numbers among them.

    Nobody knows of a single description whether it identifies. Where prose and long numbers stand beside all
    the rest, nothing shows that anybody looked.
    """
    rows, plan = rows_of_option(case.claims, CLEAN_DESCRIPTORS), plan_for(case.claims)
    described = [found for pair in case.pairing.pairs if (found := _descriptors(pair, rows, plan))]
    untouched = [found for found in described if all(stands for _, _, stands in found)]
    telling = [found for found in untouched if any(_is_telling(place) for _, place, _ in found)]
    if len(telling) * 2 <= len(described):
        return
    pair, place, _ = next(each for each in telling[0] if _is_telling(each[1]))
    yield finding(
        "descriptors-untouched",
        pair.subject,
        f"in {len(telling)} of {len(described)} instances every descriptor stands as it was, free text or "
        f"numbers among them, where cleaning is claimed",
        element=place.path,
        row=place.row,
        expected="what is known to be useful and safe",
        observed=", ".join(sorted(comparable(place.element))),
        severity=Severity.WARNING,
    )


def _descriptors(pair: Pair, rows: Plan, plan: Plan) -> list[tuple[Pair, Place, bool]]:
    """Return the descriptors that an original has, and whether each stands as it was."""
    after = places(pair.subject).values
    return [
        (pair, place, comparable(place.element) <= after.get(place.tags))
        for place in places(pair.original).all
        if not place.private and _is_cleaned(place, rows, plan)
    ]


def _is_cleaned(place: Place, rows: Plan, plan: Plan) -> bool:
    if is_empty(place.element) or items(place.element) or rows.row(place.tag) is None:
        return False
    row = plan.row(place.tag)
    return row is not None and not row.keeps


def _is_telling(place: Place) -> bool:
    if place.element.VR in _FREE_TEXT:
        return any(" " in text for text in texts(place.element))
    return any(_LONG_NUMBER.search(text) for text in texts(place.element))
