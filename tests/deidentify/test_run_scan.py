"""A document that does not say who issued its Patient ID is of the patient of its study."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from tce_harness.content import Content
from tce_harness.deidentify import FolderRun, Policy, PseudonymLog, Pseudonyms, find_policy
from tce_harness.deidentify.folder_run import TWO_PATIENTS
from tce_harness.deidentify.kinship import CONTRADICTION, Told
from tce_harness.deidentify.run_scan import told_by
from tce_harness.objects.instance import encode_instance

KEY = b"a key of more than sixteen bytes"


@pytest.fixture
def clinical_trial(content: Content) -> Policy:
    return find_policy("clinical-trial", content)


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


def test_one_study_is_one_patient_though_one_instance_names_none(
    ct: Dataset, report: Dataset, clinical_trial: Policy, tmp_path: Path
) -> None:
    report.PatientID = ""
    paths = write(tmp_path / "in", ct, report)
    FolderRun(clinical_trial, Pseudonyms(KEY), tmp_path / "in", tmp_path / "out", processes=1).perform(paths)
    written = [dcmread(path) for path in (tmp_path / "out").rglob("*.dcm")]
    assert {(each.PatientID, each.StudyDate[:4]) for each in written} == {
        (Pseudonyms(KEY).patient(str(ct.PatientID)).id, written[0].StudyDate[:4])
    }


@pytest.mark.parametrize("first", ["HOSP", ""])
def test_a_study_is_the_same_patients_in_the_next_run_of_the_log(
    ct: Dataset, report: Dataset, clinical_trial: Policy, tmp_path: Path, first: str
) -> None:
    ct.IssuerOfPatientID, report.IssuerOfPatientID = first, "" if first else "HOSP"
    written = []
    with PseudonymLog.open(tmp_path / "log", KEY) as log:
        for name, dataset in (("a", ct), ("b", report)):
            paths, out = write(tmp_path / name, dataset), tmp_path / f"out-{name}"
            number = log.begin_run(clinical_trial)
            run = FolderRun(clinical_trial, log.pseudonyms(), tmp_path / name, out, log=log, number=number)
            run.perform(paths)
            assert not run.held
            written.extend(dcmread(path) for path in out.rglob("*.dcm"))
    one, two = written
    assert (one.StudyInstanceUID, one.PatientID) == (two.StudyInstanceUID, two.PatientID)
    assert one.StudyDate == two.StudyDate


def test_an_instance_of_a_known_study_with_another_patient_id_is_held(
    ct: Dataset, report: Dataset, basic: Policy, tmp_path: Path
) -> None:
    with PseudonymLog.open(tmp_path / "log", KEY) as log:
        for name, dataset, held in (("a", ct, []), ("b", report, [CONTRADICTION])):
            paths = write(tmp_path / name, dataset)
            number = log.begin_run(basic)
            run = FolderRun(basic, log.pseudonyms(), tmp_path / name, tmp_path / f"out-{name}", log=log,
                            number=number)  # fmt: skip
            run.perform(paths)
            assert [each.reason for each in run.held] == held
            report.PatientID = "another"


def test_one_patient_id_with_and_without_issuer_is_told_over_runs(
    ct: Dataset, mr: Dataset, basic: Policy, tmp_path: Path
) -> None:
    assert ct.StudyInstanceUID != mr.StudyInstanceUID
    ct.IssuerOfPatientID = "TRUST"
    told = []
    with PseudonymLog.open(tmp_path / "log", KEY) as log:
        for name, dataset in (("a", ct), ("b", mr)):
            paths = write(tmp_path / name, dataset)
            number = log.begin_run(basic)
            run = FolderRun(basic, log.pseudonyms(), tmp_path / name, tmp_path / f"out-{name}", log=log,
                            number=number)  # fmt: skip
            run.perform(paths)
            told.append(run.told[TWO_PATIENTS])
    assert told == [0, 1]


def test_it_is_found_in_any_encoding_and_beside_files_that_are_none(
    ct: Dataset, cr: Dataset, report: Dataset, tmp_path: Path
) -> None:
    cr.IssuerOfPatientID = "TRÜST"
    cr.SpecificCharacterSet = "ISO_IR 100"
    cr.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    paths = write(tmp_path / "in", cr, report)
    (tmp_path / "in" / "notes").write_text("none", encoding="utf-8")
    patient, study = str(report.PatientID), str(report.StudyInstanceUID)
    found = told_by([*paths, tmp_path / "in" / "notes", tmp_path / "in" / "gone"])
    assert found >= {Told(patient, "TRÜST", study), Told(patient, "", study)}
