"""Which outcomes Table E.1-1 admits for an attribute, by its Type at its place: sets, not single answers."""

from __future__ import annotations

from enum import StrEnum
from functools import cache


class Outcome(StrEnum):
    """What became of an attribute that had a value."""

    ABSENT = "absent"
    EMPTY = "empty"
    REPLACED = "replaced"


ANYTHING = frozenset(Outcome)
_BY_CODE = {
    "X": frozenset({Outcome.ABSENT}),
    "Z": frozenset({Outcome.EMPTY, Outcome.REPLACED}),
    "D": frozenset({Outcome.REPLACED}),
    "U": frozenset({Outcome.REPLACED}),
    "U*": frozenset({Outcome.REPLACED}),
}
#: A compound code resolves to the first of its letters that keeps an instance of that Type valid.
_PREFERENCE = {"1": ("D", "U*", "Z"), "2": ("Z", "D", "U*"), "3": ("X",)}


@cache
def admissible(code: str, types: frozenset[str]) -> frozenset[Outcome]:
    """Return the outcomes that a code of the Basic Profile admits (PS3.15 section E.1.1).

    Parameters
    ----------
    code
        Such as ``Z`` or ``X/Z/D``.
    types
        The Types that the IOD gives the attribute there; empty where it defines none.

    Returns
    -------
    frozenset of Outcome
        An open condition (1C, 2C), an attribute that the IOD does not define, and Types that differ between
        modules each widen the set.
    """
    letters = code.split("/")
    if not types:
        return frozenset().union(*(_BY_CODE[letter] for letter in letters)) | {Outcome.ABSENT}
    found: frozenset[Outcome] = frozenset().union(*(_of_type(letters, each) for each in types))
    return found


def _of_type(letters: list[str], attribute_type: str) -> frozenset[Outcome]:
    if attribute_type == "1C":  # never present without a value (PS3.5 section 7.4.2)
        return ANYTHING - {Outcome.EMPTY}
    if attribute_type == "2C":
        return ANYTHING
    if len(letters) > 1:
        preferred = [letter for letter in _PREFERENCE[attribute_type] if letter in letters]
        outcomes = _BY_CODE[preferred[0]] if preferred else frozenset[Outcome]()
        return outcomes | {Outcome.EMPTY} if attribute_type == "2" else outcomes or ANYTHING
    outcomes = _BY_CODE[letters[0]]
    if attribute_type == "3":
        return outcomes | {Outcome.ABSENT}
    if letters[0] == "X":  # what must stand for the instance to be valid may stand
        return ANYTHING if attribute_type == "1" else outcomes | {Outcome.EMPTY, Outcome.REPLACED}
    return outcomes
