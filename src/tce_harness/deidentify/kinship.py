"""What an instance cannot know by itself: whose study it is of, as the rest of its run and the log tell.

Reports and other documents often lack Issuer of Patient ID (0010,0021), or all of the patient, where the
images of the same study have it. Taken alone they would be another patient's, under one new Study Instance
UID.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pydicom.dataset import Dataset

_NO_PATIENT_ID = "study without Patient ID"
CONTRADICTION = (
    "its Patient ID contradicts the patient of its study, as other instances or the pseudonym log know it"
)


class Told(NamedTuple):
    """What one instance tells of whose it is."""

    patient_id: str
    issuer: str
    study: str

    @classmethod
    def of(cls, dataset: Dataset) -> Told:
        """Read it from an instance."""
        return cls(
            str(dataset.get("PatientID") or "").strip("\x00 "),
            str(dataset.get("IssuerOfPatientID") or "").strip("\x00 "),
            str(dataset.get("StudyInstanceUID") or "").strip("\x00 "),
        )


@dataclass(frozen=True, slots=True, order=True)
class PatientKey:
    """What tells a patient from others: the identifier and who issued it."""

    patient_id: str
    issuer: str = ""

    @classmethod
    def of(cls, dataset: Dataset) -> PatientKey:
        """Return that of an instance; without an identifier each study counts as a patient of its own."""
        return cls.from_told(Told.of(dataset))

    @classmethod
    def from_told(cls, told: Told) -> PatientKey:
        """Return what an instance tells, taken alone."""
        if not told.patient_id:
            return cls(told.study, _NO_PATIENT_ID)
        return cls(told.patient_id, told.issuer)

    @property
    def is_named(self) -> bool:
        """Whether there is an identifier at all."""
        return self.issuer != _NO_PATIENT_ID


class Clock(NamedTuple):
    """What one instance tells of the time of its study, and of its time zone; empty what is none."""

    told: Told
    study_time: str
    zone: str


class Passed(NamedTuple):
    """An instance that is passed as it is, as it was de-identified before.

    Parameters
    ----------
    uids
        Of study, series, instance and frame of reference.
    """

    told: Told
    name: str
    uids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kinship:
    """Which patient each instance is of, where that is not what it tells by itself.

    Parameters
    ----------
    patients
        By what the instance tells; None where that contradicts the patient of its study.
    study_times
        Of studies that some instances tell with their time and others without, by Study Instance UID.
    zones
        Time zones of studies that some instances do not tell, by Study Instance UID.
    passed_uids
        UIDs of instances that are passed as they are, which stay wherever they stand.
    passed_patients
        Patient ID and Patient's Name of the patients of such instances, which stay as well.
    """

    patients: Mapping[Told, PatientKey | None] = field(default_factory=dict)
    study_times: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    passed_uids: frozenset[str] = frozenset()
    passed_patients: Mapping[PatientKey, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Collection[Told], known: Mapping[str, AbstractSet[PatientKey]]) -> Kinship:
        """Settle whose each instance is.

        A patient that the log knows a study under stays its patient, as the study went out so. Otherwise the
        only Patient ID and the only issuer that the instances of a study name are those of all of them.

        Parameters
        ----------
        told
            By all instances of a run.
        known
            Patients of studies that went out before, by Study Instance UID.
        """
        by_study: dict[str, set[Told]] = {}
        for each in told:
            if each.study:
                by_study.setdefault(each.study, set()).add(each)
        patients = {
            each: _settled(each, together, known.get(study, frozenset()))
            for study, together in by_study.items()
            for each in together
        }
        return cls({each: key for each, key in patients.items() if key != PatientKey.from_told(each)})

    def key_of(self, told: Told) -> PatientKey | None:
        """Return the patient of an instance; None where it contradicts the patient of its study."""
        return self.patients.get(told, PatientKey.from_told(told))

    def with_clocks(self, clocks: Iterable[Clock]) -> Kinship:
        """Return the same with the times and zones that some instances of a study tell for the others.

        A zone that all instances of a patient agree on counts for each study of the patient; otherwise that
        of the study alone.
        """
        clocks = tuple(clocks)
        times: dict[str, set[str]] = {}
        zones: dict[object, set[str]] = {}
        for each in clocks:
            key = self.key_of(each.told)
            times.setdefault(each.told.study, set()).update([each.study_time] if each.study_time else [])
            for group in (key, each.told.study):
                zones.setdefault(group, set()).update([each.zone] if each.zone else [])
        found = {}
        for each in clocks:
            groups = (zones[self.key_of(each.told)], zones[each.told.study])
            only = next((next(iter(group)) for group in groups if len(group) == 1), "")
            if only and not each.zone:
                found[each.told.study] = only
        lacking = {each.told.study for each in clocks if not each.study_time and times[each.told.study]}
        return replace(self, zones=found, study_times={study: min(times[study]) for study in lacking})

    def with_passed(self, passed: Iterable[Passed]) -> Kinship:
        """Return the same with instances that are passed as they are."""
        passed = tuple(passed)
        patients = {
            key: (each.told.patient_id, each.name)
            for each in passed
            if (key := self.key_of(each.told)) is not None
        }
        return replace(
            self,
            passed_uids=frozenset(uid for each in passed for uid in each.uids if uid),
            passed_patients=patients,
        )


def _settled(told: Told, together: set[Told], known: AbstractSet[PatientKey]) -> PatientKey | None:
    alone = PatientKey.from_told(told)
    if known:
        fitting = sorted(owner for owner in known if _fits(alone, owner))
        return alone if alone in known else next(iter(fitting), None)
    identifiers = {each.patient_id for each in together if each.patient_id}
    if len(identifiers) > 1:
        return None
    if told.issuer and told.patient_id:
        return alone
    issuers = {each.issuer for each in together if each.issuer and each.patient_id}
    only = next(iter(issuers)) if len(issuers) == 1 else ""
    return PatientKey(next(iter(identifiers)), only) if identifiers else alone


def _fits(alone: PatientKey, owner: PatientKey) -> bool:
    """Tell whether an instance may be of the patient that its study went out under."""
    if not alone.is_named or not owner.is_named:
        return True
    issuers = {alone.issuer, owner.issuer}
    return alone.patient_id == owner.patient_id and (len(issuers) == 1 or "" in issuers)


def with_and_without_issuer(keys: Collection[PatientKey]) -> int:
    """Return how many Patient IDs come with an issuer and without one, and so count as two patients."""
    named = {key for key in keys if key.is_named}
    bare = {key.patient_id for key in named if not key.issuer}
    return len(bare & {key.patient_id for key in named if key.issuer})
