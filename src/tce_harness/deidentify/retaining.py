"""What an option retains: what belongs to it, and what only looks as if it did."""

from __future__ import annotations

import re
from dataclasses import replace

from tce_harness.deidentify.plan import TELLING_VRS, Action, Decision

_NUMBER_VRS = frozenset({"AS", "DA", "DS", "DT", "IS", "TM"})
_NUMBER_LIKE = re.compile(r"[0-9.:+\-DWMYEe ]*")


def is_misused(vr: str, text: str) -> bool:
    """Tell whether a text stands where only a number, an age or a time may."""
    return vr in _NUMBER_VRS and _NUMBER_LIKE.fullmatch(text) is None


def within_retained(decision: Decision, tag: int, vr: str) -> Decision:
    """Return what becomes of an element in a sequence that an option retains.

    Its rows count there as everywhere; what no row names belongs to what is retained, also where the IOD does
    not define the sequence.
    """
    if decision.listed or tag >> 16 & 1 or vr in TELLING_VRS or decision.action is Action.MAP_UID:
        return decision
    return replace(decision, action=Action.RETAIN)
