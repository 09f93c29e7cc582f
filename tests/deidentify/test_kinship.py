"""One study is one patient's, also where some of its instances do not say whose they are."""

from __future__ import annotations

import pytest

from tce_harness.deidentify.kinship import Kinship, PatientKey, Told, with_and_without_issuer

STUDY, OTHER = "1.2.3", "1.2.4"
BARE, HOSP, CLINIC = PatientKey("P"), PatientKey("P", "HOSP"), PatientKey("P", "CLINIC")
NOBODY = PatientKey.from_told(Told("", "", STUDY))


def settled(told: Told, *others: Told, known: tuple[PatientKey, ...] = ()) -> PatientKey | None:
    kinship = Kinship.of([told, *others], {STUDY: frozenset(known)} if known else {})
    return kinship.patients.get(told, PatientKey.from_told(told))


@pytest.mark.parametrize(
    ("patient_id", "issuer", "expected"),
    [("P", "", HOSP), ("", "", HOSP), ("", "CLINIC", HOSP), ("P", "HOSP", HOSP), ("P", "CLINIC", CLINIC)],
)
def test_the_others_of_a_study_tell_what_an_instance_does_not(
    patient_id: str, issuer: str, expected: PatientKey
) -> None:
    told = Told(patient_id, issuer, STUDY)
    if issuer == "CLINIC" and patient_id:
        assert settled(told, Told("P", "HOSP", STUDY)) == expected
    else:
        assert settled(told, Told("P", "HOSP", STUDY), Told("Q", "", OTHER)) == expected


def test_where_two_issuers_are_named_none_is_guessed() -> None:
    assert settled(Told("P", "", STUDY), Told("P", "HOSP", STUDY), Told("P", "CLINIC", STUDY)) == BARE


def test_another_study_is_not_drawn_in() -> None:
    assert settled(Told("P", "", STUDY), Told("P", "HOSP", OTHER)) == BARE
    assert settled(Told("", "", STUDY), Told("P", "HOSP", OTHER)) == NOBODY


@pytest.mark.parametrize("patient_id", ["P", "Q", ""])
def test_a_study_with_two_patient_ids_is_nobodys(patient_id: str) -> None:
    told = Told(patient_id, "", STUDY)
    assert settled(told, Told("P", "", STUDY), Told("Q", "", STUDY)) is None


@pytest.mark.parametrize(
    ("known", "patient_id", "issuer", "expected"),
    [
        (HOSP, "P", "", HOSP),
        (BARE, "P", "HOSP", BARE),
        (HOSP, "", "", HOSP),
        (NOBODY, "P", "HOSP", NOBODY),
        (HOSP, "P", "HOSP", HOSP),
        (HOSP, "P", "CLINIC", None),
        (HOSP, "Q", "", None),
    ],
)
def test_the_patient_that_a_study_went_out_under_stays_its_patient(
    known: PatientKey, patient_id: str, issuer: str, expected: PatientKey | None
) -> None:
    others = (Told("P", "", STUDY), Told("Q", "", STUDY))
    assert settled(Told(patient_id, issuer, STUDY), *others, known=(known,)) == expected


def test_a_study_that_an_older_log_knows_under_two_patients_keeps_both() -> None:
    for key in (BARE, HOSP):
        assert settled(Told("P", key.issuer, STUDY), known=(BARE, HOSP)) == key


def test_patient_ids_with_and_without_issuer_are_counted() -> None:
    assert (
        with_and_without_issuer({BARE, HOSP, CLINIC, PatientKey("Q"), PatientKey("R", "HOSP"), NOBODY}) == 1
    )
