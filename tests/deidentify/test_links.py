"""What a pseudonym log is told of an instance."""

from __future__ import annotations

from dataclasses import replace

from pydicom.dataset import Dataset

from tce_harness.content import Content
from tce_harness.deidentify import (
    Deidentified,
    Deidentifier,
    PatientKey,
    Policy,
    Pseudonyms,
    Subjects,
    with_options,
)
from tce_harness.deidentify.links import Link, Replaced, identifying_part
from tce_harness.deidentify.policy import Already
from tce_harness.objects.instance import encode_instance

NEW = ("2.25.1", "2.25.2", "2.25.3")


def test_a_link_holds_patient_uids_and_a_keyed_digest_of_the_file(
    ct: Dataset, pseudonyms: Pseudonyms
) -> None:
    ct.IssuerOfPatientID = "TRUST"
    link = Link.between(ct, NEW, pseudonyms, content=b"the file")
    assert link.patient == PatientKey("9991234564", "TRUST")
    assert (link.name, link.birth_date) == ("Hand^Peter^Aurelius", "19570312")
    assert link.pseudonym == pseudonyms.patient("9991234564", "TRUST")
    assert link.study == Replaced(ct.StudyInstanceUID, "2.25.1")
    assert link.series == Replaced(ct.SeriesInstanceUID, "2.25.2")
    assert link.instance == Replaced(ct.SOPInstanceUID, "2.25.3")
    assert link.sop_class_uid == ct.SOPClassUID
    assert link.file_digest == pseudonyms.file_digest(b"the file")
    assert link.subject_id is None
    assert link.date_shift is None


def test_the_head_of_a_file_is_enough_for_a_link(ct: Dataset, pseudonyms: Pseudonyms) -> None:
    ct.SpecificCharacterSet, ct.PatientName = "ISO_IR 100", "Öberg^Zoë"
    head = identifying_part(encode_instance(ct))
    assert "PixelData" not in head
    assert Link.between(head, NEW, pseudonyms) == Link.between(ct, NEW, pseudonyms)


def test_the_subject_id_of_a_list_is_told(ct: Dataset, pseudonyms: Pseudonyms) -> None:
    listed = Pseudonyms(b"a key of sixteen bytes", Subjects({("9991234564", ""): "S-01"}))
    assert Link.between(ct, NEW, listed).subject_id == "S-01"


def test_the_shift_is_told_where_dates_are_moved_by_it(
    ct: Dataset, basic: Policy, content: Content, pseudonyms: Pseudonyms
) -> None:
    assert (kept := Deidentifier(basic, pseudonyms).link(ct, NEW)) is not None
    assert kept.date_shift is None
    modified = with_options(basic, ["modified-dates"], content)
    assert (moved := Deidentifier(modified, pseudonyms).link(ct, NEW)) is not None
    assert moved.date_shift == pseudonyms.shift("9991234564", "", modified.shift_days)


def test_what_is_passed_as_it_is_has_no_link(ct: Dataset, basic: Policy, pseudonyms: Pseudonyms) -> None:
    passing = Deidentifier(replace(basic, already=Already.PASS), pseudonyms)
    assert passing.link(ct, NEW) is not None
    ct.PatientIdentityRemoved = "YES"
    outcome = passing.deidentify(ct)
    assert isinstance(outcome, Deidentified)
    assert outcome.dataset.SOPInstanceUID == ct.SOPInstanceUID
    assert passing.link(ct, NEW) is None
    assert Deidentifier(basic, pseudonyms).link(ct, NEW) is not None
