"""Names of files and folders, a DICOMDIR, and files that are no instances."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.canaries import no_canary_survives

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

ROOT = "1.2.826.0.1.3680043.10.5.7"
CANARIES = tuple(
    Canary(value=value, kind=kind, element=element, subject=f"study/{number}")
    for number in (1, 2, 3)
    for element, kind, value in (
        ("(0010,0010)", CanaryKind.NAME, "Okafor^Tom"),
        ("(0010,0020)", CanaryKind.IDENTIFIER, "4711023"),
        ("(0010,0030)", CanaryKind.DATE, "19570312"),
        ("(0008,0018)", CanaryKind.UID, f"{ROOT}.1.1.{number}"),
        ("(0008,0020)", CanaryKind.DATE, "20190412"),
    )
)
LEAK = {("canary-survives", Severity.FAIL)}


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


def named(make_case: CaseMaker, study: Study, path: str) -> Judgement:
    record = replace(make_case.stored(study.exported[0], 9, exported=True), path=path)
    case = make_case(study.originals, study.exported, canaries=CANARIES, on_wire=False, more=[record])
    return no_canary_survives(case)


@pytest.mark.parametrize(
    "path",
    [
        "Okafor^Tom/IM1.dcm",
        "TomOkafor.dcm",
        "OKAFOR/series 1/IM1",
        "out/ANON-4711023_1.dcm",
        "4711023/1.dcm",
        "19570312/1.dcm",
        "scans 12-03-57.dcm",
        f"{ROOT}.1.1.1.dcm",
        f"x/CT.{ROOT}.1.1.2.dcm",
    ],
)
def test_the_name_of_a_file_or_folder_is_searched(path: str, make_case: CaseMaker, study: Study) -> None:
    judgement = named(make_case, study, path)
    assert told(judgement) == {("canary-in-file-name", Severity.FAIL)}
    assert all(path not in f"{each.message}{each.subject}{each.observed}" for each in judgement.findings)
    assert all(each.quotes for each in judgement.findings)


@pytest.mark.parametrize("path", ["IM1.dcm", "PAT00001/STD0047/1.dcm", f"2.25.{10**30}.dcm", "tomography/1"])
def test_names_of_files_that_tell_nobody_pass(path: str, make_case: CaseMaker, study: Study) -> None:
    assert named(make_case, study, path).findings == ()


def directory(**values: str) -> bytes:
    record = Dataset()
    record.DirectoryRecordType = "PATIENT"
    for keyword, value in values.items():
        setattr(record, keyword, value)
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    one.file_meta.MediaStorageSOPInstanceUID = UID("2.25.17")
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.FileSetID = "TRIAL"
    one.DirectoryRecordSequence = [record]
    written = BytesIO()
    dcmwrite(written, one, enforce_file_format=True)
    return written.getvalue()


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PatientName", "Okafor^Tom"),
        ("PatientName", "OKAFOR"),
        ("PatientID", "X4711023"),
        ("StudyDate", "20190412"),
        ("ReferencedSOPInstanceUIDInFile", f"{ROOT}.1.1.2"),
    ],
)
def test_a_dicomdir_is_searched_element_by_element(
    keyword: str, value: str, make_case: CaseMaker, study: Study
) -> None:
    exported: list[Dataset | bytes] = [*study.exported, directory(**{keyword: value})]
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=CANARIES, on_wire=False))
    assert told(judgement) == LEAK


def test_a_clean_dicomdir_passes(make_case: CaseMaker, study: Study) -> None:
    exported: list[Dataset | bytes] = [
        *study.exported,
        directory(PatientName="PSEUDO^0417", PatientID="P0417", StudyDate=""),
    ]
    case = make_case(study.originals, exported, canaries=CANARIES, on_wire=False)
    assert no_canary_survives(case).findings == ()


@pytest.mark.parametrize(
    "content", [b"Images of Tom Okafor", b"mrn;4711023;ct", b"{'dob': '1957-03-12'}", b"okafor, tom"]
)
def test_a_file_that_is_no_instance_is_searched_as_text(
    content: bytes, make_case: CaseMaker, study: Study
) -> None:
    case = make_case(study.originals, [*study.exported, content], canaries=CANARIES, on_wire=False)
    assert told(no_canary_survives(case)) == LEAK


def test_a_harmless_file_that_is_no_instance_passes(make_case: CaseMaker, study: Study) -> None:
    content = b"Open index.htm with a browser. Okaforia 14711023"
    case = make_case(study.originals, [*study.exported, content], canaries=CANARIES, on_wire=False)
    assert no_canary_survives(case).findings == ()
