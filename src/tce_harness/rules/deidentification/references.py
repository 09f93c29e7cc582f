"""References between exported instances: they lead to each other, and to no original."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.pairing import Pair
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.content_items import Columns, claimed_columns, may_stay
from tce_harness.rules.deidentification.findings import finding
from tce_harness.rules.deidentification.original_uids import (
    REFERENCED_SOP_INSTANCE,
    SERIES_INSTANCE,
    STUDY_INSTANCE,
    original_uids,
    uids_at,
)
from tce_harness.rules.deidentification.places import Place, places, texts
from tce_harness.rules.deidentification.plan import CLEAN_STRUCTURED_CONTENT, RETAIN_UIDS, claims_code
from tce_harness.rules.registry import rule

_KEY_OBJECT_SELECTION = "1.2.840.10008.5.1.4.1.1.88.59"
_REPORTS = "1.2.840.10008.5.1.4.1.1.88."
_PRESENTATION_STATES = "1.2.840.10008.5.1.4.1.1.11."
_REFERENCING = frozenset({REFERENCED_SOP_INSTANCE, 0x00081167, 0x00041511})


class _Told(NamedTuple):
    kind: str
    severity: Severity
    words: str


_BROKEN = _Told("reference-broken", Severity.FAIL, "no longer lead to the exported instance")
_LOST = _Told(
    "reference-lost",
    Severity.WARNING,
    "to exported instances are gone, where the content is claimed to be cleaned and not replaced",
)


def is_reference(place: Place) -> bool:
    """Return whether an element names another instance, or the study or series of a reference."""
    if place.element.VR != "UI":
        return False
    nested = len(place.tags) > 1 and place.tag in (STUDY_INSTANCE, SERIES_INSTANCE)
    return place.tag in _REFERENCING or nested


@dataclass(frozen=True, slots=True)
class _Exported:
    """UIDs of the exported set, and what each original's UIDs became in it."""

    instances: frozenset[str]
    all: frozenset[str]
    became: dict[str, str]


def _exported(case: CaseEvidence) -> _Exported:
    instances = frozenset(each.sop_instance_uid for each in case.subjects)
    groups = [_own(each) for each in case.subjects]
    became: dict[str, str] = {}
    for pair in case.pairing.pairs:
        became.update(
            (old, new)
            for old, new in zip(_own(pair.original), _own(pair.subject), strict=True)
            if old and new
        )
    return _Exported(instances, frozenset(uid for group in groups for uid in group), became)


def _own(instance: EvidenceInstance) -> tuple[str, str, str]:
    dataset = instance.dataset
    return (
        instance.sop_instance_uid,
        str(dataset.get("SeriesInstanceUID") or ""),
        str(dataset.get("StudyInstanceUID") or ""),
    )


@rule("uid/references-resolve-or-point-at-nothing-original", judges="TCE-RAD53-016")
def references_resolve(case: CaseEvidence) -> Judgement:
    """Follow every reference: to the exported instance that its target became, never to an original."""
    exported = _exported(case)
    originals = frozenset() if claims_code(case, RETAIN_UIDS) else original_uids(case)
    pairs = {pair.subject.digest: pair for pair in case.pairing.pairs}
    cleaned = claimed_columns(case) if claims_code(case, CLEAN_STRUCTURED_CONTENT) else None
    examined = 0
    findings: list[Finding] = []
    for subject in case.subjects:
        held = places(subject).uids_by_tags.values()
        found = [place for some in held for place in some if is_reference(place)]
        examined += len(found)
        findings += _to_originals(subject, found, originals)
        pair = pairs.get(subject.digest)
        if pair is not None:
            lost, expected = _broken(pair, exported, cleaned)
            findings += lost
            examined += expected
        else:
            findings += _dangling(subject, found, exported)
    return Judgement(
        examined=examined,
        unit="references",
        findings=tuple(findings),
        reason=None if examined else "no exported instance refers to another",
        applicable=bool(examined) or not pairs,  # none of the originals does either
    )


def _to_originals(
    subject: EvidenceInstance, found: list[Place], originals: frozenset[str]
) -> Iterator[Finding]:
    for place in found:
        for uid in texts(place.element):
            if uid in originals:
                yield finding(
                    "reference-to-original",
                    subject,
                    "a reference names an original",
                    element=place.path,
                    expected="the UID of an exported instance",
                    observed=uid,
                )


def _broken(pair: Pair, exported: _Exported, cleaned: Columns | None) -> tuple[list[Finding], int]:
    """Compare, place by place, what the original referred to with what the exported instance refers to.

    Parameters
    ----------
    cleaned
        The columns of the claimed options where structured content is claimed to be cleaned.
    """
    findings: list[Finding] = []
    lost = 0
    now = places(pair.subject).by_tags
    must_refer = _must_refer(pair.subject.sop_class_uid)
    for tags, originals in places(pair.original).uids_by_tags.items():
        if not is_reference(originals[0]):
            continue
        there = now.get(tags, ())
        complete = len(there) >= len(originals)
        expected = originals if complete or must_refer else _expected_of_report(pair, originals, cleaned)
        wanted = {exported.became[uid] for uid in uids_at(expected) if uid in exported.became}
        present = uids_at(there)
        missing = sorted(wanted - present)
        if not missing:
            continue
        lost += len(missing) if not there else 0
        told = _BROKEN if complete or must_refer else _LOST
        findings.append(
            finding(
                told.kind,
                pair.subject,
                f"{len(missing)} references {told.words}",
                element=there[0].path if there else originals[0].path,
                expected=missing[0],
                observed=", ".join(sorted(present - exported.all)[:3]) or "no such reference",
                severity=told.severity,
            )
        )
    return findings, lost


def _expected_of_report(
    pair: Pair, originals: tuple[Place, ...], cleaned: Columns | None
) -> tuple[Place, ...]:
    """Return the references that a report keeps when its content is cleaned; none of anything else.

    The standard lets references that a concept names go, and without cleaning all content.
    """
    if cleaned is None or not pair.subject.sop_class_uid.startswith(_REPORTS):
        return ()
    before = places(pair.original).by_path
    return tuple(each for each in originals if _stays(each, before, cleaned))


def _stays(reference: Place, before: Mapping[str, Place], cleaned: Columns) -> bool:
    """Return whether no content item that holds a reference has a concept that asks it to go."""
    steps = reference.path.split("/")
    holders = ["/".join(steps[:number]) for number in range(1, len(steps))]
    kinds = [before.get(f"{holder}/(0040,A040)") for holder in holders]
    return all(may_stay(kind.item, cleaned) for kind in kinds if kind is not None)


def _must_refer(sop_class_uid: str) -> bool:
    """Return whether a document of this class is nothing without its references."""
    return sop_class_uid == _KEY_OBJECT_SELECTION or sop_class_uid.startswith(_PRESENTATION_STATES)


def _dangling(subject: EvidenceInstance, found: list[Place], exported: _Exported) -> Iterator[Finding]:
    alone = [
        place
        for place in found
        if place.tag == REFERENCED_SOP_INSTANCE and not uids_at((place,)) & exported.instances
    ]
    if alone:
        yield finding(
            "reference-unresolved",
            subject,
            f"{len(alone)} references lead to nothing exported; the originals would tell whether they should",
            element=alone[0].path,
            severity=Severity.INFO,
        )
