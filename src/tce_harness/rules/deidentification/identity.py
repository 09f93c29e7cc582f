"""One patient before is one patient after: dummies are the same for what they stand for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.pairing import Pair
from tce_harness.model.finding import Finding, Judgement
from tce_harness.rules.deidentification.findings import finding, why_no_pairs
from tce_harness.rules.deidentification.places import spell, text_value
from tce_harness.rules.registry import rule

_PATIENT_NAME, PATIENT_ID, _ISSUER = 0x00100010, 0x00100020, 0x00100021
_STUDY, _SERIES, _STUDY_ID, _SERIES_NUMBER = 0x0020000D, 0x0020000E, 0x00200010, 0x00200011
Level = Literal["patient", "study", "series"]
#: What stands for a patient, a study and a series beside their UIDs.
LEVELS: tuple[tuple[Level, tuple[int, ...]], ...] = (
    ("patient", (PATIENT_ID, _PATIENT_NAME)),
    ("study", (_STUDY_ID,)),
    ("series", (_SERIES_NUMBER,)),
)

Entity = tuple[str, ...]


@rule("deid/patient-identity-consistent", judges="PS315-D7")
def patient_identity_consistent(case: CaseEvidence) -> Judgement:
    """Hold that each patient, study and series has one replacement, and that two patients differ."""
    pairs = case.pairing.pairs
    findings: list[Finding] = []
    for level, tags in LEVELS:
        groups: dict[Entity, list[Pair]] = defaultdict(list)
        for pair in pairs:
            entity = entity_of(pair.original, level)
            if any(entity):
                groups[entity].append(pair)
        if level == "patient":
            _join_without_issuer(groups)
        for tag in tags:
            findings += _differing(level, tag, groups)
        if level == "patient":
            findings += _shared(groups)
    reason = None if pairs else why_no_pairs(case)
    return Judgement(examined=len(pairs), findings=tuple(findings), reason=reason)


def entity_of(original: EvidenceInstance, level: Level) -> Entity:
    """Return which patient, study or series an original belongs to; empty words where it does not say."""
    dataset = original.dataset
    if level == "patient":
        number = text_value(dataset, PATIENT_ID)
        return (number, text_value(dataset, _ISSUER)) if number else ("", text_value(dataset, _PATIENT_NAME))
    study = text_value(dataset, _STUDY)
    return (study,) if level == "study" else (study, text_value(dataset, _SERIES))


def patient_or_study(original: EvidenceInstance) -> Entity:
    """Return which patient an original is of; its study where it names none, as a study is of one patient."""
    patient = entity_of(original, "patient")
    return patient if any(patient) else entity_of(original, "study")


def _join_without_issuer(groups: dict[Entity, list[Pair]]) -> None:
    """Join what names no issuer with the patient of the same number who shares a study with it.

    Documents and derived objects often lack the issuer that the images of their study have; a study is of
    one patient (PS3.3 section A.1.2).
    """
    studies = {
        entity: {text_value(pair.original.dataset, _STUDY) for pair in group} - {""}
        for entity, group in groups.items()
    }
    for entity in [each for each in groups if each[0] and not each[1]]:
        same = [
            other
            for other in groups
            if other[0] == entity[0] and other[1] and studies[other] & studies[entity]
        ]
        if len(same) == 1:
            groups[same[0]] += groups.pop(entity)


def _differing(level: str, tag: int, groups: dict[Entity, list[Pair]]) -> Iterator[Finding]:
    for group in groups.values():
        first = group[0].subject
        expected = text_value(first.dataset, tag)
        for pair in group[1:]:
            observed = text_value(pair.subject.dataset, tag)
            if observed != expected:
                yield finding(
                    "replacement-differs",
                    pair.subject,
                    f"the replacement is not the same for all instances of one {level}; the other is in "
                    f"{first.label}",
                    element=spell(tag),
                    row=spell(tag),
                    expected=expected or "absent or empty",
                    observed=observed or "absent or empty",
                )


def _shared(groups: dict[Entity, list[Pair]]) -> Iterator[Finding]:
    """Compare patients; an empty replacement tells nobody apart and is not judged."""
    owners: dict[str, tuple[Entity, str]] = {}
    for entity, group in groups.items():
        for replacement in sorted({text_value(pair.subject.dataset, PATIENT_ID) for pair in group} - {""}):
            owner, label = owners.setdefault(replacement, (entity, group[0].subject.label))
            if owner != entity:
                yield finding(
                    "patients-merged",
                    group[0].subject,
                    f"two patients were given the same Patient ID; the other is in {label}",
                    element=spell(PATIENT_ID),
                    row=spell(PATIENT_ID),
                    expected="another Patient ID",
                    observed=replacement,
                )
