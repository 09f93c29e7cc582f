"""A document that does not say who issued its Patient ID is of the patient of its study."""

from __future__ import annotations

from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from tce_harness.deidentify import FolderRun, Policy, Pseudonyms
from tce_harness.deidentify.issuers import issuers_of
from tce_harness.objects.instance import encode_instance

KEY = b"a key of more than sixteen bytes"


def write(folder: Path, *datasets: Dataset) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = []
    for number, dataset in enumerate(datasets):
        paths.append(folder / f"{number}.dcm")
        paths[-1].write_bytes(encode_instance(dataset))
    return paths


def test_one_study_is_one_patient_though_a_report_lacks_the_issuer(
    ct: Dataset, report: Dataset, basic: Policy, tmp_path: Path
) -> None:
    ct.IssuerOfPatientID = "TRUST"
    paths = write(tmp_path / "in", ct, report)
    FolderRun(basic, Pseudonyms(KEY), tmp_path / "in", tmp_path / "out", processes=1).perform(paths)
    written = {str(dcmread(path).PatientID) for path in (tmp_path / "out").rglob("*.dcm")}
    assert written == {Pseudonyms(KEY).patient(str(ct.PatientID), "TRUST").id}


def test_where_two_issuers_are_named_none_is_guessed(
    ct: Dataset, cr: Dataset, report: Dataset, tmp_path: Path
) -> None:
    ct.IssuerOfPatientID, cr.IssuerOfPatientID = "TRUST", "CLINIC"
    assert issuers_of(write(tmp_path / "in", ct, cr, report)) == {}


def test_another_study_is_not_drawn_in(ct: Dataset, mr: Dataset, tmp_path: Path) -> None:
    ct.IssuerOfPatientID = "TRUST"
    assert ct.StudyInstanceUID != mr.StudyInstanceUID
    assert issuers_of(write(tmp_path / "in", ct, mr)) == {}


def test_it_is_found_in_any_encoding_and_beside_files_that_are_none(
    ct: Dataset, cr: Dataset, report: Dataset, tmp_path: Path
) -> None:
    cr.IssuerOfPatientID = "TRÜST"
    cr.SpecificCharacterSet = "ISO_IR 100"
    cr.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    paths = write(tmp_path / "in", cr, report)
    (tmp_path / "in" / "notes").write_text("none", encoding="utf-8")
    expected = {(str(report.PatientID), str(report.StudyInstanceUID)): "TRÜST"}
    assert issuers_of([*paths, tmp_path / "in" / "notes", tmp_path / "in" / "gone"]) == expected
