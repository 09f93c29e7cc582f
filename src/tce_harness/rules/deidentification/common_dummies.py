"""Values that stand as they were and may yet be dummies: everybody gets them, and some originals had them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from weakref import WeakKeyDictionary

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.pairing import Pair
from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.rules.deidentification.places import Place, comparable, places, tags_of

_MIDNIGHT = re.compile(r"0{2}(:?0{2}){0,2}(\.0+)?")
_FULL_HOUR = re.compile(r"\d{2}(:?0{2}){0,2}(\.0+)?")
_FIRST_OF_MONTH = re.compile(r"\d{4}\.?\d{2}\.?01(0{2,6}(\.0+)?)?")
_NUMBER = re.compile(r"0{0,2}[0-9]")
_FIRST_NUMBER = re.compile(r"0{0,2}[01]")
_NOTHING = re.compile(r"(?!)")

_DATES, _TIMES, _NUMBERS = frozenset({"DA", "DT"}), frozenset({"TM"}), frozenset({"SH", "LO", "IS", "CS"})
_OF_KIND = {CanaryKind.DATE: "DA", CanaryKind.TIME: "TM", CanaryKind.IDENTIFIER: "SH"}


class CommonDummies:
    """Tells values of the originals that a de-identifier also gives everybody.

    Only plain values are excused: midnight and full hours, the first of a month, numbers of one digit. Any
    other that turns up with other originals was copied from one of them.

    Parameters
    ----------
    pairs
        All that were exported together.
    """

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._pairs = tuple(pairs)
        self._given: dict[tuple[int, ...], dict[str, set[frozenset[str]]]] = {}

    def is_one(self, place: Place) -> bool:
        """Return whether each value of an original's element may be a dummy that happens to be the same."""
        values = comparable(place.element)
        return bool(values) and all(self._may_be(place.element.VR, place.tags, value) for value in values)

    def excuse(self, canary: Canary) -> bool:
        """Return whether nobody can tell that a planted value was kept at its element."""
        vr, tags = _OF_KIND.get(canary.kind), tags_of(canary.element)
        return vr is not None and tags is not None and self._may_be(vr, tags, canary.value)

    def _may_be(self, vr: str, tags: tuple[int, ...], value: str) -> bool:
        if _first(vr).fullmatch(value):
            return True
        if not _plain(vr).fullmatch(value):
            return False
        return any(value not in before for before in self._given_at(tags).get(value, ()))

    def _given_at(self, tags: tuple[int, ...]) -> Mapping[str, set[frozenset[str]]]:
        """Return, by each value that stands at a path, the values in whose place it does."""
        found = self._given.get(tags)
        if found is None:
            found = self._given[tags] = defaultdict(set)
            for pair in self._pairs:
                before = places(pair.original).values.get(tags)
                for value in places(pair.subject).values.get(tags) if before else ():
                    found[value].add(before)
        return found


def _first(vr: str) -> re.Pattern[str]:
    """Return the dummies that are so common that they need no other instance to show them."""
    if vr in _TIMES:
        return _MIDNIGHT
    return _FIRST_NUMBER if vr in _NUMBERS else _NOTHING


def _plain(vr: str) -> re.Pattern[str]:
    if vr in _DATES:
        return _FIRST_OF_MONTH
    if vr in _TIMES:
        return _FULL_HOUR
    return _NUMBER if vr in _NUMBERS else _NOTHING


_OF_CASE: WeakKeyDictionary[CaseEvidence, CommonDummies] = WeakKeyDictionary()


def common_dummies(case: CaseEvidence) -> CommonDummies:
    """Return what tells dummies among the values of a case."""
    found = _OF_CASE.get(case)
    if found is None:
        found = _OF_CASE[case] = CommonDummies(case.pairing.pairs)
    return found
