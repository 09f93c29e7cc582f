"""UIDs of the exported instances: replaced, one to one, valid, and no original left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.byte_search import ByteSearch
from tce_harness.rules.deidentification.bytes_of_case import found_in_bytes, search_begun
from tce_harness.rules.deidentification.findings import NO_ORIGINALS, finding, judged, why_no_pairs
from tce_harness.rules.deidentification.layout import PIXEL_DATA
from tce_harness.rules.deidentification.original_uids import (
    IDENTITY_TAGS,
    SOP_INSTANCE,
    UID_IN_TEXT,
    is_well_known,
    is_whole_uid,
    original_uids,
    uid_fault,
    uids_at,
)
from tce_harness.rules.deidentification.places import Place, places, spell, texts
from tce_harness.rules.deidentification.plan import RETAIN_UIDS, claims_code, plan_for
from tce_harness.rules.deidentification.uid_map import UidMap, replaced_tags, uid_map
from tce_harness.rules.registry import rule

RETAINED = "Retain UIDs (113110) is claimed, so UIDs stay as they are"
_LONGEST_BINARY = 1 << 20

# A root shared by two makers is shorter than this; a series or device of one hospital is told by more.
_SHARED_PREFIX = 30


@rule("uid/replaced-consistently", judges="TCE-RAD53-013")
def replaced_consistently(case: CaseEvidence) -> Judgement:
    """Hold every replaced UID to be new, the same wherever its original stood, and of one original only."""
    if claims_code(case, RETAIN_UIDS):
        return Judgement(examined=0, unit="UIDs", reason=RETAINED, applicable=False)
    if not case.pairing.pairs:
        return Judgement(examined=0, unit="UIDs", reason=why_no_pairs(case))
    mapped = uid_map(case)
    findings = (*_kept(case), *_inconsistent(mapped), *_colliding(mapped), *_sets(mapped))
    examined = len(set(mapped.forward) | {uid for each in mapped.several for uid in each.old})
    return Judgement(examined=examined, unit="UIDs", findings=findings)


def _kept(case: CaseEvidence) -> Iterator[Finding]:
    plan = plan_for(case.claims)
    for pair in case.pairing.pairs:
        exported = places(pair.subject).by_tags
        for tags, originals in places(pair.original).uids_by_tags.items():
            if tags not in exported or not replaced_tags(plan, originals[0]):
                continue
            kept = uids_at(originals) & uids_at(exported[tags])
            for uid in sorted(kept):
                place = next(each for each in exported[tags] if uid in texts(each.element))
                yield _uid_finding(
                    "uid-kept", pair.subject, place, "a UID of the original was not replaced", uid
                )


def _inconsistent(mapped: UidMap) -> Iterator[Finding]:
    for new in mapped.forward.values():
        expected, *others = new.items()
        for uid, seen in others:
            yield Finding(
                kind="uid-mapped-inconsistently",
                severity=Severity.FAIL,
                message=f"one original UID became different UIDs; the other stands in {expected[1].subject}",
                subject=seen.subject,
                element=seen.path,
                expected=expected[0],
                observed=uid,
            )


def _colliding(mapped: UidMap) -> Iterator[Finding]:
    for uid, old in mapped.backward.items():
        first, *others = old.values()
        for seen in others:
            yield Finding(
                kind="uid-collision",
                severity=Severity.FAIL,
                message=f"two original UIDs became the same UID; the other stood in {first.subject}",
                subject=seen.subject,
                element=seen.path,
                expected="another UID for another original",
                observed=uid,
            )


def _sets(mapped: UidMap) -> Iterator[Finding]:
    """Compare places that hold several UIDs: each known replacement is there, and the counts agree."""
    for each in mapped.several:
        missing = [
            new for old in sorted(each.old) if (new := mapped.replacement(old)) and new not in each.new
        ]
        if each.as_many and missing:
            kind, told = "uid-mapped-inconsistently", "UIDs here are not those that other places were given"
        elif each.as_many and len(each.new) > len(each.old):
            kind, told = (
                "uid-mapped-inconsistently",
                "one original UID became different UIDs within one instance",
            )
        elif each.as_many and len(each.new) < len(each.old):
            kind, told = "uid-collision", "two original UIDs became the same UID within one instance"
        else:
            continue
        yield Finding(
            kind=kind,
            severity=Severity.FAIL,
            message=told,
            subject=each.seen.subject,
            element=each.seen.path,
            expected=missing[0] if missing else f"{len(each.old)} different UIDs",
            observed=f"{len(each.new)} different UIDs",
        )


@rule("uid/no-original-left", judges="PS315-D21", beside=search_begun)
def no_original_left(case: CaseEvidence) -> Judgement:
    """Look for any UID of an original instance, series, study or frame of reference, in values and bytes."""
    if claims_code(case, RETAIN_UIDS):
        return Judgement(examined=0, reason=RETAINED, applicable=False)
    originals = original_uids(case)
    if not originals:
        return Judgement(examined=0, reason=NO_ORIGINALS)
    search = ByteSearch(uid.encode("ascii") for uid in originals if uid.isascii())
    return judged(
        case, (each for subject in case.subjects for each in _left(case, subject, originals, search))
    )


def _left(
    case: CaseEvidence, subject: EvidenceInstance, originals: frozenset[str], search: ByteSearch
) -> Iterator[Finding]:
    first: dict[tuple[str, tuple[int, ...]], Place] = {}
    count: Counter[tuple[str, tuple[int, ...]]] = Counter()
    for place in places(subject).all:
        for uid in originals.intersection(_uids_in(place, search)):
            first.setdefault((uid, place.tags), place)
            count[uid, place.tags] += 1
    for (uid, tags), place in first.items():
        times = f" ({count[uid, tags]} times)" if count[uid, tags] > 1 else ""
        yield _uid_finding(
            "original-uid-left", subject, place, f"a UID of an original still stands here{times}", uid
        )
    found = {uid for uid, _ in first}
    for form, start in found_in_bytes(case, subject):
        uid = form.decode("latin-1")
        if uid in originals and uid not in found and is_whole_uid(subject.content, start, start + len(form)):
            found.add(uid)
            yield finding(
                "original-uid-left",
                subject,
                f"a UID of an original stands outside the elements, at byte {start}",
                expected="no UID of an original",
                observed=uid,
            )


def _uids_in(place: Place, search: ByteSearch) -> Iterator[str]:
    """Yield the original UIDs that stand in an element, and whatever else its text may be."""
    if place.element.VR == "UI":
        yield from texts(place.element)
        return
    if place.tag == PIXEL_DATA:
        return
    value = place.element.value
    if isinstance(value, bytes):
        for form, start in search.find(value) if len(value) <= _LONGEST_BINARY else ():
            if is_whole_uid(value, start, start + len(form)):
                yield form.decode("ascii")
    elif not isinstance(value, (int, float)):
        for text in texts(place.element):
            if "." in text:
                yield from UID_IN_TEXT.findall(text)


@rule("uid/new-uids-are-valid", judges="PS315-D8")
def new_uids_are_valid(case: CaseEvidence) -> Judgement:
    """Hold every new UID against PS3.5 section 9.1; well-known UIDs must not have been replaced."""
    before = {pair.subject.digest: pair.original for pair in case.pairing.pairs}
    examined = 0
    findings: list[Finding] = []
    for subject in case.subjects:
        original = before.get(subject.digest)
        for tags, found in places(subject).uids_by_tags.items():
            if found[0].element.VR != "UI":
                continue
            old = places(original).values.get(tags, frozenset()) if original else frozenset()
            examined += len(found)
            findings += _invalid(subject, found, old)
            findings += _well_known_replaced(subject, found, old)
            if tags[-1] in IDENTITY_TAGS and not claims_code(case, RETAIN_UIDS):
                findings += _derived(subject, found, old)
    findings += _used_twice(case)
    return Judgement(examined=examined, unit="UIDs", findings=tuple(findings))


def _used_twice(case: CaseEvidence) -> Iterator[Finding]:
    """Yield each exported file with the SOP Instance UID of another one, whose bytes are not the same.

    By the wire an instance may come again; there the rules of the transactions judge it.
    """
    first: dict[str, EvidenceInstance] = {}
    for subject in case.subjects:
        other = first.setdefault(subject.sop_instance_uid, subject)
        if other is subject or subject.name is None:
            continue
        yield finding(
            "uid-used-twice",
            subject,
            f"two files have one SOP Instance UID and other bytes; the other is {other.label}",
            element=spell(SOP_INSTANCE),
            row=spell(SOP_INSTANCE),
            expected="a UID for each instance",
            observed=subject.sop_instance_uid,
            severity=Severity.WARNING if _given_twice(case) else Severity.FAIL,
        )


def _given_twice(case: CaseEvidence) -> bool:
    """Return whether originals were refused because two of them have one UID, which a map keeps."""
    return any("SOP Instance UID of" in (each.record.detail or "") for each in case.steps)


def _invalid(subject: EvidenceInstance, found: tuple[Place, ...], old: frozenset[str]) -> Iterator[Finding]:
    told: set[str] = set()
    for place in found:
        for uid in texts(place.element):
            fault = None if uid in old or uid in told else uid_fault(uid)
            if fault is not None:
                told.add(uid)
                yield _uid_finding("uid-invalid", subject, place, f"this is not a valid UID: {fault}", uid)


def _well_known_replaced(
    subject: EvidenceInstance, found: tuple[Place, ...], old: frozenset[str]
) -> Iterator[Finding]:
    new = {uid for place in found for uid in texts(place.element)}
    known = {uid for uid in old if is_well_known(uid)}
    if known and known == old and new and not any(map(is_well_known, new)):
        yield finding(
            "well-known-uid-replaced",
            subject,
            "a UID that DICOM itself registers was replaced",
            element=found[0].path,
            expected=min(known),
            observed=min(new),
        )


def _derived(subject: EvidenceInstance, found: tuple[Place, ...], old: frozenset[str]) -> Iterator[Finding]:
    beginnings = {uid[:_SHARED_PREFIX] for uid in old if len(uid) >= _SHARED_PREFIX}
    for place in found:
        for uid in texts(place.element):
            if uid not in old and uid[:_SHARED_PREFIX] in beginnings:
                yield finding(
                    "uid-derived-from-original",
                    subject,
                    "the new UID is the original's with another ending, so that it tells the original",
                    element=place.path,
                    expected="a UID that shares nothing with the original's",
                    observed=uid,
                    severity=Severity.WARNING,
                )
                return


def _uid_finding(kind: str, subject: EvidenceInstance, place: Place, message: str, uid: str) -> Finding:
    return finding(
        kind,
        subject,
        message,
        element=place.path,
        row=None if place.private else place.row,
        expected="a new, valid UID",
        observed=uid,
    )
