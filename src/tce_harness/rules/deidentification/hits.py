"""What the search for planted values tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tce_harness.model.canary import CanaryKind
from tce_harness.rules.deidentification.places import Place
from tce_harness.rules.deidentification.spellings import Part

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


def telling(found: Iterable[Found]) -> list[Found]:
    """Return what was found in one place, most first; beside a whole value no parts that names share."""
    ranked = sorted(found, key=lambda each: _RANK[each[1]])
    return [each for each in ranked if each[1] is not Part.OTHER or ranked[0][1] is Part.OTHER]
