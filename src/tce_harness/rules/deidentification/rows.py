"""Every row of Table E.1-1, at every depth of every exported instance, held against its original."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pydicom.dataelem import DataElement

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.pairing import Pair
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.ages import is_capped_age
from tce_harness.rules.deidentification.alone import judged_alone
from tce_harness.rules.deidentification.common_dummies import CommonDummies, common_dummies
from tce_harness.rules.deidentification.content_items import Columns, claimed_columns, temporal_codes
from tce_harness.rules.deidentification.findings import finding, why_no_pairs
from tce_harness.rules.deidentification.original_uids import is_well_known
from tce_harness.rules.deidentification.outcomes import Outcome, admissible
from tce_harness.rules.deidentification.places import (
    Place,
    Places,
    comparable,
    is_empty,
    items,
    places,
    text_value,
    texts,
)
from tce_harness.rules.deidentification.plan import Plan, RowPlan, plan_for
from tce_harness.rules.deidentification.second_pass import may_be_a_dummy
from tce_harness.rules.deidentification.spellings import normal
from tce_harness.rules.registry import rule
from tce_harness.standard.attribute_types import attribute_types

#: Sequences that a document or presentation is made of: replaced whole by the letter, rewritten in practice.
_CONTAINERS = {
    0x0040A730: "113104",
    0x00400555: "113104",
    0x00400610: "113104",
    0x0040B020: "113104",
    0x00700001: "113103",
}
_CONTRIBUTING_EQUIPMENT = 0x0018A001
_PURPOSE_OF_REFERENCE = 0x0040A170
_DEIDENTIFYING_EQUIPMENT = "109104"
_UID_VALUE = 0x0040A124

#: What items are framed with; it tells nothing of anybody: coding schemes, SOP classes, SR value types,
#: and in graphic annotations the layer, units, dimensions, number of points and type (PS3.3 section C.10.5).
_FRAME = frozenset(
    {
        0x00080102, 0x00080103, 0x00080105, 0x0008010F, 0x00081150, 0x0040A010, 0x0040A040, 0x0040A050,
        0x00700002, 0x00700003, 0x00700004, 0x00700005, 0x00700020, 0x00700021, 0x00700023, 0x00700024,
    }
)  # fmt: skip
_SHORTEST_SPELLING = 4
_NEVER_SHARED = frozenset({"SQ", "UN", "OB", "OW"})

_UNFIT = {
    Outcome.ABSENT: ("replacement-missing", "it was removed where a replacement has to stand"),
    Outcome.EMPTY: ("emptied-not-removed", "it was emptied where it has to be removed"),
    Outcome.REPLACED: ("replaced-not-removed", "it was replaced where it has to be removed"),
}
_DUMMY_KEPT = "a date stands as it was in an original that says it was de-identified: perhaps a dummy for all"
_COMMON_DUMMY = "it stands as it was, but is what everybody is given here, or commonly: perhaps a dummy"
_MOST_SETTLED = 1 << 16
_EMPTY_REPLACEMENT = ("replacement-empty", "it is empty where a replacement has to stand")


@rule("deid/basic-profile-rows", judges="PS315-D2")
def basic_profile_rows(case: CaseEvidence) -> Judgement:
    """Hold every attribute that Table E.1-1 names against its original, under the claimed options."""
    plan, columns = plan_for(case.claims), claimed_columns(case)
    examined = 0
    findings: list[Finding] = []
    settled: dict[str, _Settled] = defaultdict(dict)
    for pair in case.pairing.pairs:
        kept = settled[pair.original.sop_class_uid]
        comparison = _Comparison(pair, plan, kept, columns, common_dummies(case))
        findings += comparison.findings()
        examined += comparison.examined
    if plan.edition != case.claims.edition and case.pairing.pairs:
        findings.append(_other_edition(case, plan))
    alone = list(judged_alone(case, plan))
    findings += alone
    examined += sum(each.severity is not Severity.INFO for each in alone)
    reason = None if examined else why_no_pairs(case)
    return Judgement(examined=examined, unit="attributes", findings=tuple(findings), reason=reason)


def _other_edition(case: CaseEvidence, plan: Plan) -> Finding:
    return Finding(
        kind="edition-not-at-hand",
        severity=Severity.WARNING,
        message=f"Table E.1-1 of the claimed edition is not at hand; that of {plan.edition} was used",
        subject=case.case.case,
        expected=case.claims.edition,
        observed=plan.edition,
        quotes=False,
    )


#: Elements of one SOP class that are in order, by their identity: at which path, how many were examined, and
#: the elements themselves, which are held so that their identity stays theirs.
_Settled = dict[tuple[int, int], tuple[tuple[int, ...], int, DataElement, DataElement | None]]


def _is_small(element: DataElement) -> bool:
    """Return whether an element is decoded once for all instances that hold it: no sequence, no bytes."""
    return element.VR not in _NEVER_SHARED and not isinstance(element.value, bytes)


class _Comparison:
    """One exported instance beside its original.

    Parameters
    ----------
    settled
        What was found in order in other pairs of the SOP class; added to.
    columns
        Of the claimed options.
    dummies
        Tells values that everybody is given.
    """

    def __init__(
        self, pair: Pair, plan: Plan, settled: _Settled, columns: Columns, dummies: CommonDummies
    ) -> None:
        self._pair = pair
        self._dummies = dummies
        self._columns = columns
        self._plan = plan
        self._settled = settled
        self._sop_class_uid = pair.original.sop_class_uid
        self._before: Places = places(pair.original)
        self._after: Places = places(pair.subject)
        self._holders = {path.rpartition("/")[0] for path in self._after.by_path if "/" in path}
        self._covered = ""
        self._rewritten: set[int] = set()
        self.examined = 0

    def findings(self) -> Iterator[Finding]:
        """Yield what is not as the table asks."""
        for place in self._before.all:
            if self._covered and place.path.startswith(self._covered):
                continue
            after = self._after.by_tags.get(place.tags, ())
            other = after[0].element if after else None
            key = (id(place.element), id(other))
            settled = self._settled.get(key)
            if settled is not None and settled[0] == place.tags and len(after) < 2:
                self.examined += settled[1]
                continue
            found, examined = self._judged(place)
            self.examined += examined
            if not found and len(after) < 2 and self._is_settled(place, other):
                if len(self._settled) >= _MOST_SETTLED:
                    self._settled.clear()
                self._settled[key] = (place.tags, examined, place.element, other)
            yield from found

    def _judged(self, place: Place) -> tuple[list[Finding], int]:
        """Return what is wrong with one element, and whether a row asked for anything."""
        row = None if place.private else self._plan.row(place.tag)
        if row is None or is_empty(place.element):
            return [], 0
        return list(self._row(place, row)), 1

    def _is_settled(self, place: Place, other: DataElement | None) -> bool:
        """Return whether the same two elements are in order in every pair of the SOP class.

        That is told only at the top level, where nothing but the SOP class and the element itself, before and
        after, decides: no sequence that holds it, no other items.
        """
        if len(place.tags) != 1 or place.tag in _CONTAINERS:
            return False
        return _is_small(place.element) and (other is None or _is_small(other))

    def _row(self, place: Place, row: RowPlan) -> Iterator[Finding]:
        own = temporal_codes(place, self._columns)
        if own is not None:
            yield from self._content_item(place, row, own)
        elif row.keeps:
            yield from self._retained(place, row)
        elif row.may_keep:
            return  # what cleaning leaves is judged by what was planted
        elif place.tag in _CONTAINERS:
            yield from self._container(place, row)
        elif place.tag == _UID_VALUE and self._plan.retains_uids:
            return  # content items have a table of their own, which retains them
        elif "U*" in row.basic and place.tags in self._after.by_tags:
            return  # the sequence may stay, the UIDs in it have rows of their own
        elif items(place.element):
            self._covered = f"{place.path}["
            yield from self._sequence(place, row)
        else:
            yield from self._value(place, row)

    def _content_item(self, place: Place, row: RowPlan, own: frozenset[str]) -> Iterator[Finding]:
        """Judge the date of a content item by its concept: whether the original value stands, and no more."""
        if not own & {"K", "C"} and self._survives(place):
            yield self._kept(place, row)

    def _retained(self, place: Place, row: RowPlan) -> Iterator[Finding]:
        if items(place.element):
            if not any(items(each.element) for each in self._after.by_tags.get(place.tags, ())):
                yield self._told(
                    "retained-value-lost", place, row, "a claimed option retains it, but it is gone"
                )
            return
        observed = self._after.values.get(place.tags, frozenset())
        expected = comparable(place.element)
        if expected <= observed:
            return
        if is_capped_age(place, observed):
            told = "an age above 89 years is told as 90; the option that retains it says nothing of that"
            yield self._told("age-capped", place, row, told, severity=Severity.INFO)
            return
        if observed:
            kind, told = "retained-value-changed", "a claimed option retains it, but its value was changed"
        else:
            kind, told = "retained-value-lost", "a claimed option retains it, but it is gone"
        severity = Severity.FAIL if self._holder_stands(place) else Severity.WARNING
        yield self._told(kind, place, row, told, severity=severity, expected=_spelled(expected))

    def _container(self, place: Place, row: RowPlan) -> Iterator[Finding]:
        """Judge rewritten content by what is in it; once an instance, say that the claim is missing."""
        if place.tag in self._rewritten:
            return
        if not self._survivors(place):
            self._covered = f"{place.path}["
            yield from self._outcome(place, row)
        else:
            self._rewritten.add(place.tag)
            told = f"it was rewritten and not replaced, and option {_CONTAINERS[place.tag]} is not claimed"
            yield self._told("rewritten-without-claim", place, row, told, severity=Severity.WARNING)

    def _sequence(self, place: Place, row: RowPlan) -> Iterator[Finding]:
        survivors = self._survivors(place)
        if survivors:
            kept = [each for each in survivors if self._dummy(each) is None]
            first = (kept or survivors)[0]
            told = f"{len(kept)} original values still stand in this sequence"
            yield self._told(
                "value-kept" if kept else "dummy-kept",
                first,
                row,
                self._dummy(first) or told,
                severity=Severity.FAIL if kept else Severity.WARNING,
                expected="gone with its sequence",
                observed=_spelled(comparable(first.element)),
            )
        elif place.tag != _CONTRIBUTING_EQUIPMENT:  # where a de-identifier is asked to enter itself
            yield from self._outcome(place, row)

    def _survivors(self, sequence: Place) -> list[Place]:
        """Return the elements below a sequence whose original value still stands at the same place."""
        prefix = f"{sequence.path}["
        return [
            place
            for place in self._before.all
            if place.path.startswith(prefix)
            and place.tag not in _FRAME
            and not items(place.element)
            and not self._may_stand(place)
            and self._survives(place)
        ]

    def _may_stand(self, place: Place) -> bool:
        own = temporal_codes(place, self._columns)
        return self._plan.may_stand(place.tags) and (own is None or bool(own & {"K", "C"}))

    def _kept(self, place: Place, row: RowPlan) -> Finding:
        dummy = self._dummy(place)
        return self._told(
            "value-kept" if dummy is None else "dummy-kept",
            place,
            row,
            dummy or "the original value still stands",
            severity=Severity.FAIL if dummy is None else Severity.WARNING,
            expected=f"code {row.basic}",
            observed=_spelled(comparable(place.element)),
        )

    def _dummy(self, place: Place) -> str | None:
        """Return why a value that stands may be a dummy; None where it may not."""
        if may_be_a_dummy(self._pair.original, place, self._plan.edition):
            return _DUMMY_KEPT
        return _COMMON_DUMMY if self._dummies.is_one(place) else None

    def _value(self, place: Place, row: RowPlan) -> Iterator[Finding]:
        if self._survives(place):
            yield self._kept(place, row)
        elif place.element.VR != "UI" or not all(map(is_well_known, texts(place.element))):
            yield from self._outcome(place, row)

    def _survives(self, place: Place) -> bool:
        """Return whether a value stands at the same place, in any item and in any case of its letters."""
        after = self._after.values.get(place.tags)
        if not after:
            return False
        before = {value for value in comparable(place.element) if not is_well_known(value)}
        if before & after:
            return True
        spelled = {text for value in after if len(text := normal(value)) >= _SHORTEST_SPELLING}
        return any(normal(value) in spelled for value in before)

    def _outcome(self, place: Place, row: RowPlan) -> Iterator[Finding]:
        if not self._holder_stands(place):
            return
        outcome = self._became(place)
        admitted = admissible(row.basic, attribute_types(self._sop_class_uid, place.tags))
        if outcome in admitted:
            return
        kind, told = _UNFIT[outcome]
        if outcome is Outcome.EMPTY and Outcome.REPLACED in admitted:
            kind, told = _EMPTY_REPLACEMENT
        expected = " or ".join(sorted(admitted))
        yield self._told(
            kind, place, row, told, severity=Severity.WARNING, expected=expected, observed=str(outcome)
        )

    def _became(self, place: Place) -> Outcome:
        after = self._after.by_path.get(place.path)
        if after is None or self._is_added(after):
            same = [each for each in self._after.by_tags.get(place.tags, ()) if not self._is_added(each)]
            if len(same) < len(self._before.by_tags[place.tags]):
                return Outcome.ABSENT
            after = same[0]  # the items changed their order
        return Outcome.EMPTY if is_empty(after.element) else Outcome.REPLACED

    def _is_added(self, place: Place) -> bool:
        """Return whether an element belongs to the entry that a de-identifier makes of itself."""
        if place.tags[0] != _CONTRIBUTING_EQUIPMENT or _PURPOSE_OF_REFERENCE not in place.item:
            return False
        purposes = items(place.item[_PURPOSE_OF_REFERENCE])
        return any(text_value(each, 0x00080100) == _DEIDENTIFYING_EQUIPMENT for each in purposes)

    def _holder_stands(self, place: Place) -> bool:
        """Return whether the item that held the element still stands; the main data set always does."""
        holder = place.path.rpartition("/")[0]
        return not holder or holder in self._holders

    def _told(
        self,
        kind: str,
        place: Place,
        row: RowPlan,
        told: str,
        *,
        severity: Severity = Severity.FAIL,
        expected: str | None = None,
        observed: str | None = None,
    ) -> Finding:
        return finding(
            kind,
            self._pair.subject,
            f"{row.name}: {told}",
            element=place.path,
            row=row.key,
            expected=expected,
            observed=observed,
            severity=severity,
        )


def _spelled(values: frozenset[str]) -> str:
    """Spell values for a reader: long binaries by their length."""
    return ", ".join(value if len(value) <= 64 else f"{len(value)} characters" for value in sorted(values))
