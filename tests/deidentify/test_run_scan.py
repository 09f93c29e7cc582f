"""A document that does not say who issued its Patient ID is of the patient of its study."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from tce_harness.content import Content
from tce_harness.deidentify import Already, FolderRun, Policy, PseudonymLog, Pseudonyms, find_policy
from tce_harness.deidentify.folder_run import TWO_PATIENTS
from tce_harness.deidentify.kinship import CONTRADICTION, Told
from tce_harness.deidentify.run_scan import clocks_of
from tce_harness.objects.instance import encode_instance
from tce_harness.objects.manifest import Manifest, read_manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.standard import codes

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
    written: list[Dataset] = []
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
    found = clocks_of([*paths, tmp_path / "in" / "notes", tmp_path / "in" / "gone"])
    assert {each.told for each in found} >= {Told(patient, "TRÜST", study), Told(patient, "", study)}


@pytest.fixture
def selection(ct: Dataset, cr: Dataset) -> Dataset:
    numbers = count(1)
    (manifest,) = build_manifests(
        Manifest(title=codes.TEACHING_FILE_EXPORT.iheradtf, references=(reference_to(ct), reference_to(cr))),
        [ct, cr],
        uids=lambda: f"1.2.826.0.1.99.{next(numbers)}",
        content_datetime=datetime(2024, 3, 1),
        series_number=8,
    )
    return manifest


@pytest.fixture
def passing(basic: Policy) -> Policy:
    return replace(basic, already=Already.PASS)


@pytest.mark.parametrize("with_log", [True, False])
def test_what_lists_instances_that_are_passed_goes_on_listing_them(
    ct: Dataset, cr: Dataset, selection: Dataset, passing: Policy, tmp_path: Path, with_log: bool
) -> None:
    for image in (ct, cr):
        image.PatientIdentityRemoved = "YES"
        image.PatientID, image.PatientName = "PSEUDONYM-4711", "Nobody^At-all"
    selection.PatientID = "PSEUDONYM-4711"
    paths = write(tmp_path / "in", ct, cr, selection)
    for _ in range(2):
        log = PseudonymLog.open(tmp_path / "log", KEY) if with_log else None
        pseudonyms = log.pseudonyms() if log is not None else Pseudonyms(KEY)
        number = log.begin_run(passing) if log is not None else 0
        run = FolderRun(passing, pseudonyms, tmp_path / "in", tmp_path / f"out{_}", log=log, number=number)
        run.perform(paths)
        assert (run.held, run.shortened) == ([], [])
        written = [dcmread(path) for path in (tmp_path / f"out{_}").rglob("*.dcm")]
        (manifest,) = (each for each in written if each.Modality == "KO")
        assert set(read_manifest(manifest).listed) == {ct.SOPInstanceUID, cr.SOPInstanceUID}
        assert {str(each.PatientID) for each in written} == {"PSEUDONYM-4711"}
        assert {str(each.PatientName) for each in written} == {"Nobody^At-all"}
        assert {each.StudyInstanceUID for each in written} == {ct.StudyInstanceUID}
        assert manifest.SOPInstanceUID != selection.SOPInstanceUID
        if log is not None:
            log.close()


def test_where_dates_move_an_instance_beside_passed_ones_is_held(
    ct: Dataset, cr: Dataset, clinical_trial: Policy, tmp_path: Path
) -> None:
    ct.PatientIdentityRemoved = "YES"
    paths = write(tmp_path / "in", ct, cr)
    policy = replace(clinical_trial, already=Already.PASS)
    run = FolderRun(policy, Pseudonyms(KEY), tmp_path / "in", tmp_path / "out", processes=1)
    run.perform(paths)
    assert run.written == 1
    assert "passed with their dates" in run.held[0].reason


def stamped(dataset: Dataset, study: str, zone: str, day: str, time: str) -> Dataset:
    copied = deepcopy(dataset)
    copied.StudyInstanceUID, copied.SeriesInstanceUID = f"1.2.826.0.1.{study}", f"1.2.826.0.1.{study}.1"
    copied.SOPInstanceUID = f"1.2.826.0.1.{study}.1.{time or 0}"
    copied.StudyDate, copied.StudyTime, copied.StudyID = day, time, study
    copied.TimezoneOffsetFromUTC = zone
    if not zone:
        del copied.TimezoneOffsetFromUTC
    return copied


def moved_by(policy: Policy, folder: Path, *datasets: Dataset) -> dict[str, Dataset]:
    """Return what a run made of instances, by the new UIDs."""
    paths = write(folder / "in", *datasets)
    run = FolderRun(policy, Pseudonyms(KEY), folder / "in", folder / "out", processes=1)
    run.perform(paths)
    assert not run.held
    return {str(each.SOPInstanceUID): each for each in map(dcmread, (folder / "out").rglob("*.dcm"))}


def moment(dataset: Dataset) -> datetime:
    return datetime.strptime(dataset.StudyDate + dataset.StudyTime[:4], "%Y%m%d%H%M")


def test_the_order_of_studies_told_in_two_zones_stays(
    ct: Dataset, clinical_trial: Policy, tmp_path: Path
) -> None:
    first = stamped(ct, "1", "+0100", "20200229", "220000")
    second = stamped(ct, "2", "-0500", "20200229", "190000")
    found = moved_by(clinical_trial, tmp_path, first, second)
    one, two = (found[Pseudonyms(KEY).uid(each.SOPInstanceUID)] for each in (first, second))
    assert moment(two) - moment(one) == timedelta(hours=3)
    assert {one.TimezoneOffsetFromUTC, two.TimezoneOffsetFromUTC} == {"+0000"}


def test_an_instance_without_a_zone_is_in_that_of_its_patient(
    ct: Dataset, clinical_trial: Policy, tmp_path: Path
) -> None:
    first = stamped(ct, "1", "+0900", "20200229", "100000")
    second = stamped(ct, "2", "", "20200229", "090000")
    found = moved_by(clinical_trial, tmp_path, first, second)
    one, two = (found[Pseudonyms(KEY).uid(each.SOPInstanceUID)] for each in (first, second))
    assert moment(one) - moment(two) == timedelta(hours=1)
    assert "TimezoneOffsetFromUTC" not in two


@pytest.mark.parametrize("lacking", ["", "2530"])
def test_one_study_keeps_one_date_though_an_instance_lacks_its_time(
    ct: Dataset, clinical_trial: Policy, tmp_path: Path, lacking: str
) -> None:
    first = stamped(ct, "1", "", "20200229", "235930")
    second = stamped(ct, "1", "", "20200229", lacking)
    found = moved_by(clinical_trial, tmp_path, first, second)
    one, two = (found[Pseudonyms(KEY).uid(each.SOPInstanceUID)] for each in (first, second))
    assert one.StudyDate == two.StudyDate
    assert two.StudyTime == ""
