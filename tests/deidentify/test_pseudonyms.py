"""Replacement values: the same for the same key, told apart, and not to be guessed."""

from __future__ import annotations

import hashlib
import pickle
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from tce_harness.deidentify import PatientPseudonym, Pseudonyms
from tce_harness.deidentify.kinship import PatientKey
from tce_harness.deidentify.outcome import CannotBeMadeSafe
from tce_harness.deidentify.subjects import Subjects
from tce_harness.model.errors import HarnessError
from tce_harness.objects.instance import check_uid

KEY = b"a key of more than sixteen bytes"
UIDS = st.lists(st.integers(0, 10**12), min_size=2, max_size=8).map(
    lambda parts: "1.2." + ".".join(map(str, parts))
)


@given(st.sets(UIDS, min_size=2, max_size=40))
def test_the_uid_map_is_a_bijection_onto_valid_uids(originals: set[str]) -> None:
    pseudonyms = Pseudonyms(KEY)
    mapped = {original: pseudonyms.uid(original) for original in originals}
    assert len(set(mapped.values())) == len(originals)
    for original, replacement in mapped.items():
        assert check_uid(replacement) == replacement
        assert replacement.startswith("2.25.")
        assert replacement == Pseudonyms(KEY).uid(original)
        assert replacement != Pseudonyms(KEY + b"!").uid(original)


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), min_size=2, max_size=20, unique=True))
def test_two_patients_never_become_one(patients: list[tuple[str, str]]) -> None:
    told_apart = {(one.strip(), issuer.strip()) for one, issuer in patients}
    pseudonyms = Pseudonyms(KEY)
    assert len({pseudonyms.patient(one, issuer).id for one, issuer in told_apart}) == len(told_apart)


def test_identifier_and_issuer_are_not_run_together() -> None:
    pseudonyms = Pseudonyms(KEY)
    assert pseudonyms.patient("12", "3") != pseudonyms.patient("1", "23")
    assert pseudonyms.dummy("a", "bc") != pseudonyms.dummy("ab", "c")


def test_padding_does_not_make_another_uid() -> None:
    pseudonyms = Pseudonyms(KEY)
    assert pseudonyms.uid("1.2.3\x00") == pseudonyms.uid("1.2.3 ") == pseudonyms.uid("1.2.3")


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.4.1.1", "1.2.840.10008.5.1.4.1.1.2", ""])
def test_uids_that_dicom_gives_out_stay(uid: str) -> None:
    assert Pseudonyms(KEY).uid(uid) == uid


def test_no_unkeyed_hash_of_the_original_leads_to_the_replacement() -> None:
    original = "1.2.826.0.1.3680043.8.498.1"
    replacement = Pseudonyms(KEY).uid(original)
    guesses = [
        int.from_bytes(hashlib.new(name, original.encode()).digest()[:16], "big")
        for name in ("md5", "sha1", "sha256")
    ]
    guesses.extend(uuid.uuid5(space, original).int for space in (uuid.NAMESPACE_OID, uuid.NAMESPACE_DNS))
    assert replacement not in {f"2.25.{guess}" for guess in guesses}


def test_dummies_fit_the_shortest_identifier() -> None:
    assert re.fullmatch(r"R[A-Z2-7]{10}", Pseudonyms(KEY).dummy("00400512", "CONTAINER 1"))
    assert re.fullmatch(r"TCE-[A-Z2-7]{12}", Pseudonyms(KEY).patient("1").id)


def test_a_random_key_gives_pseudonyms_that_cannot_be_repeated() -> None:
    assert Pseudonyms.with_random_key().uid("1.2.3") != Pseudonyms.with_random_key().uid("1.2.3")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(HarnessError, match="at least 16"):
        Pseudonyms(b"short")


def test_each_recipient_has_a_mapping_of_its_own() -> None:
    ours = Pseudonyms(KEY)
    north, south = ours.for_recipient("North"), ours.for_recipient("South")
    assert len({each.uid("1.2.3") for each in (ours, north, south)}) == 3
    assert len({each.patient("1") for each in (ours, north, south)}) == 3
    assert ours.for_recipient(" NORTH ").uid("1.2.3") == north.uid("1.2.3")


def test_a_recipient_without_a_name_is_refused() -> None:
    with pytest.raises(HarnessError, match="recipient is empty"):
        Pseudonyms(KEY).for_recipient("  ")


def test_a_listed_patient_is_called_by_the_subject_id_and_another_is_not_invented() -> None:
    pseudonyms = Pseudonyms(KEY, Subjects({("9991", ""): "S-01"})).for_recipient("North")
    assert pseudonyms.patient("9991", "Trust") == PatientPseudonym(id="S-01", name="S-01")
    with pytest.raises(CannotBeMadeSafe, match="not in the list of subjects"):
        pseudonyms.patient("9992")


def test_another_process_gets_the_same_mapping() -> None:
    pseudonyms = Pseudonyms(KEY, Subjects({("1", ""): "S"}))
    there = pickle.loads(pickle.dumps(pseudonyms))
    assert there.uid("1.2.3") == pseudonyms.uid("1.2.3")
    assert there.patient("1").id == "S"


def test_the_check_value_tells_two_keys_apart_and_holds_neither() -> None:
    assert Pseudonyms(KEY).check_value == Pseudonyms(KEY).check_value
    assert Pseudonyms(KEY).check_value != Pseudonyms(KEY + b"!").check_value
    assert KEY.hex() not in Pseudonyms(KEY).check_value


def test_the_digest_of_a_file_is_told_by_the_key_alone() -> None:
    assert Pseudonyms(KEY).file_digest(b"bytes") == Pseudonyms(KEY).file_digest(b"bytes")
    assert Pseudonyms(KEY).file_digest(b"bytes") != Pseudonyms(KEY).file_digest(b"other")
    assert Pseudonyms(KEY).file_digest(b"bytes") != hashlib.sha256(b"bytes").hexdigest()


def test_without_a_patient_id_each_study_is_a_patient_of_its_own() -> None:
    dataset = Dataset()
    dataset.StudyInstanceUID = "1.2.3"
    assert PatientKey.of(dataset) == PatientKey("1.2.3", "study without Patient ID")
    dataset.PatientID, dataset.IssuerOfPatientID = " 77 ", "TRUST "
    assert PatientKey.of(dataset) == PatientKey("77", "TRUST")
