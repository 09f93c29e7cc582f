"""Which UID became which, told from pairs of original and exported instances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.pairing import Pair
from tce_harness.rules.deidentification.original_uids import IDENTITY_TAGS, uids_at
from tce_harness.rules.deidentification.places import Place, places
from tce_harness.rules.deidentification.plan import Plan, plan_for


@dataclass(frozen=True, slots=True)
class Seen:
    """One place where an original UID and its replacement were seen together."""

    subject: str
    path: str


@dataclass(frozen=True, slots=True)
class Several:
    """A place that holds several UIDs, so that only the sets can be compared."""

    seen: Seen
    old: frozenset[str]
    new: frozenset[str]
    as_many: bool


@dataclass(slots=True)
class UidMap:
    """What the pairs tell.

    Parameters
    ----------
    forward
        Original UID to each replacement, with the first place where it was seen.
    several
        Places with more than one UID.
    """

    forward: dict[str, dict[str, Seen]] = field(default_factory=lambda: defaultdict(dict))
    several: list[Several] = field(default_factory=list)

    def replacement(self, old: str) -> str | None:
        """Return the one replacement of a UID; None where there is none, or more than one."""
        found = self.forward.get(old, {})
        return next(iter(found)) if len(found) == 1 else None

    @property
    def backward(self) -> dict[str, dict[str, Seen]]:
        """Replacement to each original."""
        found: dict[str, dict[str, Seen]] = defaultdict(dict)
        for old, new in self.forward.items():
            for uid, seen in new.items():
                found[uid].setdefault(old, seen)
        return found


def replaced_tags(plan: Plan, found: Place) -> bool:
    """Return whether an element holds a UID that is replaced under the claimed options."""
    if found.element.VR != "UI":
        return False
    row = plan.row(found.tag)
    if row is not None and "K" in row.codes:
        return False  # a claimed option retains it
    return found.tag in IDENTITY_TAGS or (row is not None and row.basic == "U")


_MAPS: WeakKeyDictionary[CaseEvidence, UidMap] = WeakKeyDictionary()


def uid_map(case: CaseEvidence) -> UidMap:
    """Return the map that the pairs of a case tell; where items changed order only sets are compared."""
    found = _MAPS.get(case)
    if found is None:
        found = _MAPS[case] = map_of(case.pairing.pairs, plan_for(case.claims))
    return found


def map_of(pairs: Iterable[Pair], plan: Plan) -> UidMap:
    """Return the map that some pairs tell."""
    found = UidMap()
    for pair in pairs:
        _add(found, pair, plan)
    return found


def _add(mapped: UidMap, pair: Pair, plan: Plan) -> None:
    exported = places(pair.subject).by_tags
    for tags, originals in places(pair.original).uids_by_tags.items():
        if not replaced_tags(plan, originals[0]) or tags not in exported:
            continue
        old, new = uids_at(originals), uids_at(exported[tags])
        seen = Seen(pair.subject.label, exported[tags][0].path)
        if len(old) == len(new) == 1:
            mapped.forward[min(old)].setdefault(min(new), seen)
        elif old and new:
            as_many = len(originals) == len(exported[tags])
            mapped.several.append(Several(seen, old, new, as_many))
