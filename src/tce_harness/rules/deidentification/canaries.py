"""Planted values: what had to go is gone, and what had to stay still stands."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from pydicom.dataset import Dataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.canary import Canary, CanaryKind, Fate
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.bytes_of_case import found_in_bytes, search_begun, search_of
from tce_harness.rules.deidentification.canary_search import CanarySearch
from tce_harness.rules.deidentification.common_dummies import CommonDummies, common_dummies
from tce_harness.rules.deidentification.content_items import claimed_columns, temporal_codes
from tce_harness.rules.deidentification.dates import coincident_dates
from tce_harness.rules.deidentification.files_around import in_names_of_files, in_other_file
from tce_harness.rules.deidentification.findings import NO_ORIGINALS, NOTHING_EXPORTED, finding
from tce_harness.rules.deidentification.hits import Hit
from tce_harness.rules.deidentification.original_uids import is_well_known
from tce_harness.rules.deidentification.places import items, places, tags_of, text_value, texts
from tce_harness.rules.deidentification.plan import (
    RETAIN_SAFE_PRIVATE,
    RETAIN_UIDS,
    Plan,
    claims_code,
    plan_for,
)
from tce_harness.rules.deidentification.second_pass import may_be_a_dummy
from tce_harness.rules.deidentification.spellings import Part, normal
from tce_harness.rules.registry import rule

_CONCEPT_NAME = 0x0040A043
_TEXT_VALUE = 0x0040A160
_PERSON_NAME_VALUE = 0x0040A123
_TIMEZONE_OFFSET = 0x00080201
_AUTHOR_CONCEPTS = frozenset({"TCE101", "TCE102", "TCE103"})


@rule("deid/no-canary-survives", judges="PS315-B1", beside=search_begun)
def no_canary_survives(case: CaseEvidence) -> Judgement:
    """Search every exported instance, values and bytes, for what was planted and had to go."""
    return surviving(case)


_SURVIVING: WeakKeyDictionary[CaseEvidence, Judgement] = WeakKeyDictionary()


def surviving(case: CaseEvidence) -> Judgement:
    """Return what of the planted values can still be read; searched once however many rules ask."""
    found = _SURVIVING.get(case)
    if found is None:
        found = _SURVIVING[case] = _searched(case)
    return found


def _searched(case: CaseEvidence) -> Judgement:
    going = [each for each in case.canaries if each.fate is Fate.MUST_GO and not is_well_known(each.value)]
    if not going or not (case.subjects or case.unreadable):
        nothing = "nothing was planted in the originals" if case.objects else NO_ORIGINALS
        reason = nothing if case.subjects else NOTHING_EXPORTED
        return Judgement(examined=0, unit="planted values", reason=reason)
    plan, dummies = plan_for(case.claims), common_dummies(case)
    going = [each for each in going if not _told_by_its_row(plan, dummies, each)]
    staying = [each for each in case.canaries if each.fate is Fate.MUST_STAY]
    where = {(each.kind, each.element): each for each in going}
    told = {key: _is_retained(case, plan, each) for key, each in where.items()}
    dates = _ContentDates(case)
    rounded = coincident_dates(case)
    retained = frozenset(
        each
        for each in going
        if (each.subject, each.element) in rounded
        or (told[each.kind, each.element] and not dates.must_go(each))
    )
    search = CanarySearch(going, staying, retained, lambda: search_of(case))
    findings = [each for subject in case.subjects for each in _found(case, search, subject)]
    findings += [each for unread in case.unreadable for each in in_other_file(case, search, unread)]
    findings += in_names_of_files(case, search)
    if not case.subjects and not findings:
        return Judgement(examined=0, unit="planted values", reason=NOTHING_EXPORTED)
    findings += _not_searched(case, search, len(retained))
    return Judgement(examined=len(search.planted), unit="planted values", findings=tuple(findings))


def _told_by_its_row(plan: Plan, dummies: CommonDummies, canary: Canary) -> bool:
    """Return whether a value may be a dummy for all, which the row of its element tells once."""
    tags = tags_of(canary.element)
    return tags is not None and not plan.may_keep(tags) and dummies.excuse(canary)


class _ContentDates:
    """The dates of content items, each of which goes or stays with its concept."""

    def __init__(self, case: CaseEvidence) -> None:
        self._columns = claimed_columns(case)
        self._originals = {each.label: each for each in case.objects}

    def must_go(self, canary: Canary) -> bool:
        """Return whether a value was planted in an item whose concept asks for it to go."""
        original = self._originals.get(canary.subject) if "/" in canary.element else None
        place = places(original).by_path.get(canary.element) if original is not None else None
        codes = temporal_codes(place, self._columns) if place is not None else None
        return codes is not None and not codes & {"K", "C"}


def _is_retained(case: CaseEvidence, plan: Plan, canary: Canary) -> bool:
    """Return whether a claimed option lets a value stay at the element where it was planted."""
    if canary.kind is CanaryKind.UID and claims_code(case, RETAIN_UIDS):
        return True
    tags = tags_of(canary.element)
    if tags is None or any(tag >> 16 & 1 for tag in tags):
        return False
    row = plan.row(tags[-1])
    if not plan.may_stand(tags) or (row is None and len(tags) == 1):
        return False
    if row is None and plan.kept_with_sequence(tags):
        return True
    # whole days are the usual shift of dates, which leaves the time of day, and any shift leaves the zone
    temporal = canary.kind is CanaryKind.TIME or tags[-1] == _TIMEZONE_OFFSET
    if row is not None and ("K" in row.codes or temporal):
        return True
    # nobody knows of a description that was not planted whether it identifies
    return _was_given(case) and canary.kind is CanaryKind.TEXT


def _was_given(case: CaseEvidence) -> bool:
    """Return whether the originals were given by a user, so that every value of them counts as planted."""
    return case.case.real_patients or case.run.what == "check"


def _found(case: CaseEvidence, search: CanarySearch, subject: EvidenceInstance) -> Iterator[Finding]:
    searched = search.search(subject, found_in_bytes(case, subject))
    for hit in searched.hits:
        planted = _nearest(search.planted[hit.value], subject, hit)
        yield _told(case, subject, hit, planted)
    for path, why in searched.closed:
        yield finding(
            "not-opened",
            subject,
            f"what this element holds was not searched: {why}",
            element=path,
            severity=Severity.INFO,
        )


def _nearest(group: list[Canary], subject: EvidenceInstance, hit: Hit) -> Canary:
    """Return the planting that tells most: at the same path, else in the same instance, else the first."""
    path = hit.place.path if hit.place is not None else ""
    return min(group, key=lambda each: (each.element != path, each.subject != subject.label))


def _told(case: CaseEvidence, subject: EvidenceInstance, hit: Hit, planted: Canary) -> Finding:
    where = "" if hit.place is not None else " outside the elements"
    if hit.offset is not None:
        where += f", at byte {hit.offset}"
    kind, severity = "canary-survives", Severity.FAIL
    message = f"the {planted.kind} of {planted.element} in {planted.subject} can still be read{where}"
    if hit.part is Part.OTHER:
        kind, severity = "name-part-survives", Severity.WARNING
        message = f"a part of the {planted.kind} of {planted.element} in {planted.subject} can be read{where}"
    elif hit.part is Part.COARSE:
        kind, severity = "time-coarsened", Severity.WARNING
        message = f"the {planted.kind} of {planted.element} in {planted.subject} stands to the minute"
    if planted.kind is CanaryKind.DATE and _was_put_there(case, planted):
        kind, severity = "dummy-kept", Severity.WARNING
        message = (
            f"the date of {planted.element} in {planted.subject}, which says it was de-identified, stands"
        )
    if _is_author(case, hit, planted):
        kind, severity = "author-identity-retained", Severity.INFO
        message = "the author's identity was kept by policy; it is personal data of the author"
    elif _is_claimed_safe(case, hit, planted):
        kind, severity = "claimed-safe-private", Severity.WARNING
        message = "a private attribute that was taken to be safe holds what identifies"
        if _was_given(case):
            severity = Severity.INFO
            message = "a private attribute was taken to be safe and kept; look whether its value identifies"
    return finding(
        kind,
        subject,
        message,
        element=hit.place.path if hit.place is not None else None,
        expected="gone",
        observed=planted.value,
        severity=severity,
    )


def _was_put_there(case: CaseEvidence, planted: Canary) -> bool:
    """Return whether a date may be what an earlier de-identification put into an original."""
    original = next((each for each in case.objects if each.label == planted.subject), None)
    place = places(original).by_path.get(planted.element) if original is not None else None
    if original is None or place is None:
        return False
    return may_be_a_dummy(original, place, case.claims.edition)


def _is_author(case: CaseEvidence, hit: Hit, planted: Canary) -> bool:
    """Return whether an author item still holds what its own original held, and not a patient's value.

    Authors share words with others: a family name, the hospital. Only somebody else's whole name is a leak.
    """
    if hit.place is None or hit.place.tag not in (_TEXT_VALUE, _PERSON_NAME_VALUE):
        return False
    if not _names_author(hit.place.item):
        return False
    original = next((each for each in case.objects if each.label == planted.subject), None)
    place = places(original).by_path.get(planted.element) if original is not None else None
    if place is not None and _names_author(place.item):
        return True
    shared = planted.kind is not CanaryKind.NAME or hit.part is not Part.WHOLE
    return shared and set(texts(hit.place.element)) <= _author_texts(case)


def _author_texts(case: CaseEvidence) -> set[str]:
    """Return what the author items of the originals say."""
    return {
        text
        for original in case.objects
        for place in places(original).all
        if place.tag in (_TEXT_VALUE, _PERSON_NAME_VALUE) and _names_author(place.item)
        for text in texts(place.element)
    }


def _names_author(item: Dataset) -> bool:
    if _CONCEPT_NAME not in item:
        return False
    return any(text_value(concept, 0x00080100) in _AUTHOR_CONCEPTS for concept in items(item[_CONCEPT_NAME]))


def _is_claimed_safe(case: CaseEvidence, hit: Hit, planted: Canary) -> bool:
    if hit.place is None or not claims_code(case, RETAIN_SAFE_PRIVATE):
        return False
    return hit.place.tags == tags_of(planted.element) and any(tag >> 16 & 1 for tag in hit.place.tags)


def _not_searched(case: CaseEvidence, search: CanarySearch, retained: int) -> Iterator[Finding]:
    told = []
    if search.unsearched:
        told.append(
            f"{search.unsearched} planted values are too short to be searched where they were planted"
        )
    if retained:
        told.append(f"{retained} plantings stand where a claimed option retains the value")
    if told:
        yield Finding(
            kind="not-searched",
            severity=Severity.INFO,
            message="; ".join(told),
            subject=case.case.case,
            quotes=False,
        )


@rule("deid/nothing-over-cleaned", judges="PS315-E1")
def nothing_over_cleaned(case: CaseEvidence) -> Judgement:
    """Look for every value that has no reason to go at the element where it was planted."""
    plan = plan_for(case.claims)
    by_label = {subject.label: subject for subject in case.subjects}
    examined = 0
    findings: list[Finding] = []
    for canary in case.canaries:
        subject, tags = by_label.get(canary.subject), tags_of(canary.element)
        if canary.fate is not Fate.MUST_STAY or subject is None or tags is None or not plan.may_keep(tags):
            continue
        examined += 1
        if not _stands(subject, tags, canary):
            findings.append(
                finding(
                    "value-lost",
                    subject,
                    "a value that identifies nobody and that no row asks to remove is gone",
                    element=canary.element,
                    expected=canary.value,
                    observed=", ".join(sorted(places(subject).values.get(tags, frozenset())))
                    or "absent or empty",
                )
            )
    reason = None if examined else "nothing that must stay was planted in what was exported"
    return Judgement(examined=examined, unit="planted values", findings=tuple(findings), reason=reason)


def _stands(subject: EvidenceInstance, tags: tuple[int, ...], canary: Canary) -> bool:
    for place in places(subject).by_tags.get(tags, ()):
        found = texts(place.element)
        value = place.element.value
        if isinstance(value, bytes) and canary.value.encode("latin-1", "ignore") in value:
            return True
        if normal(canary.value) in {normal(text) for text in (*found, "\\".join(found))}:
            return True
    return False
