"""What the search for planted values tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.places import Place
from tce_harness.rules.deidentification.spellings import Part, normal

Value = tuple[CanaryKind, str]
Found = tuple[Value, Part]

_RANK = {part: rank for rank, part in enumerate(Part)}


@dataclass(frozen=True, slots=True)
class Hit:
    """A planted value that can still be read.

    Parameters
    ----------
    value
        Kind and text of what was planted.
    part
        Whether all of it can be read, or a part of a name.
    place
        The element; None where it stands outside the elements.
    offset
        Byte of the file where no element can be named.
    """

    value: Value
    part: Part
    place: Place | None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """Everything that was found in one instance, and what could not be opened."""

    hits: tuple[Hit, ...]
    closed: tuple[tuple[str, str], ...]


def severity_of(part: Part) -> Severity:
    """Return how grave it is that a part of a value stands."""
    return Severity.WARNING if part in (Part.OTHER, Part.COARSE) else Severity.FAIL


def telling(found: Iterable[Found]) -> list[Found]:
    """Return what was found in one place, most first; beside a whole value no parts that names share."""
    ranked = sorted(found, key=lambda each: _RANK[each[1]])
    return [each for each in ranked if each[1] is not Part.OTHER or ranked[0][1] is Part.OTHER]


def how_it_stands(moment: Canary, observed: frozenset[str], whole: str) -> Part | None:
    """Return how much of a date or time still stands, however fine it is spelled; None where nothing does."""
    text = normal(moment.value)
    digits = {CanaryKind.DATE: 8, CanaryKind.TIME: 6}[moment.kind]
    told = text[:digits].strip("0") != "" and len(text) >= digits
    if (
        text in observed
        or text == whole
        or (told and any(each[:digits] == text[:digits] for each in observed))
    ):
        return Part.WHOLE
    minute = text[:4]
    coarser = {minute, f"{minute}00"} if moment.kind is CanaryKind.TIME and minute.strip("0") else set()
    return Part.COARSE if told and coarser & {each.partition(" ")[0] for each in observed} else None
