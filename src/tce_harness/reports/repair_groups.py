"""Repairs told together: what several requirements say of one element in the same instances is one defect."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tce_harness.model.result import Repair

_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class RepairGroup:
    """Repairs of one element in the same instances.

    Parameters
    ----------
    first
        Where a row of a table speaks of the element, the one that says what the row admits: whoever reads
        only that an identifier is to be gone might delete a UID that has to be replaced.
    others
        What else the same defect is against.
    """

    first: Repair
    others: tuple[Repair, ...]


def grouped(repairs: Iterable[Repair]) -> tuple[RepairGroup, ...]:
    """Return repairs in groups; a group stands where its most urgent repair does."""
    groups: list[list[Repair]] = []
    for repair in repairs:
        together = next((group for group in groups if _same(group[0], repair)), None)
        if together is None:
            groups.append([repair])
        else:
            together.append(repair)
    return tuple(_group(each) for each in groups)


def _same(one: Repair, other: Repair) -> bool:
    """Tell whether two repairs are of one element, in instances of which one's are among the other's."""
    if _place(one) is None or _place(one) != _place(other) or one.verdict is not other.verdict:
        return False
    instances, others = set(one.instances), set(other.instances)
    return instances <= others or others <= instances


def _place(repair: Repair) -> str | None:
    element = repair.finding.element
    return _INDEX.sub("", element) if element else None


def _group(repairs: list[Repair]) -> RepairGroup:
    first, *others = sorted(repairs, key=lambda repair: repair.finding.row is None)
    return RepairGroup(first, tuple(others))
