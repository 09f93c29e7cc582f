"""In which order the objects of a selection travel."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from tce_harness.transport import OutgoingInstance


class Order(StrEnum):
    """Where the manifest stands among the instances; the profile leaves it open (RAD TF 4.51.4.1.1)."""

    AS_LISTED = "as-listed"
    MANIFEST_FIRST = "manifest-first"
    MANIFEST_BETWEEN = "manifest-between"
    REVERSED = "reversed"


def in_order(outgoing: Sequence[OutgoingInstance], order: Order) -> tuple[OutgoingInstance, ...]:
    """Return the instances in the order asked for; group ``manifest`` marks the manifests."""
    manifests = [each for each in outgoing if each.group == "manifest"]
    others = [each for each in outgoing if each.group != "manifest"]
    if order is Order.MANIFEST_FIRST:
        return (*manifests, *others)
    if order is Order.MANIFEST_BETWEEN:
        middle = (len(others) + 1) // 2
        return (*others[:middle], *manifests, *others[middle:])
    if order is Order.REVERSED:
        return tuple(reversed(outgoing))
    return tuple(outgoing)
