"""Files beside the instances: a DICOMDIR and notes are searched as what they are."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.canaries import no_canary_survives

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

CANARIES = tuple(
    Canary(value=value, kind=kind, element=element, subject="study/1")
    for element, (kind, value) in {
        "(0010,0010)": (CanaryKind.NAME, "Lee^Tom"),
        "(0010,1005)": (CanaryKind.NAME, "Wetherby-Hand^Thea"),
        "(0010,0020)": (CanaryKind.IDENTIFIER, "4711023"),
        "(0008,0020)": (CanaryKind.DATE, "20190412"),
        "(0020,000D)": (CanaryKind.UID, "1.2.826.0.1.3680043.10.5.7.1"),
    }.items()
)


def directory(keyword: str | None = None, value: str = "") -> bytes:
    """Return a DICOMDIR with one record of the study's, and a value in it."""
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    one.file_meta.MediaStorageSOPInstanceUID = UID("2.25.77")
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.FileSetID = "EXPORT"
    record = Dataset()
    record.DirectoryRecordType, record.PatientName, record.PatientID = "STUDY", "PSEUDO^0417", "P0417"
    if keyword is not None:
        setattr(record, keyword, value)
    one.DirectoryRecordSequence = [record]
    buffer = BytesIO()
    one.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def surviving(make_case: CaseMaker, study: Study, beside: bytes) -> list[tuple[str, Severity, str | None]]:
    case = make_case(
        study.originals, [*study.exported, beside], canaries=CANARIES, on_wire=False, what="check"
    )
    found = no_canary_survives(case).findings
    return [(each.kind, each.severity, each.element) for each in found if each.severity is not Severity.INFO]


def test_a_clean_dicomdir_and_a_note_tell_nothing(make_case: CaseMaker, study: Study) -> None:
    for beside in (directory(), b"Open with any viewer."):
        assert surviving(make_case, study, beside) == []


@pytest.mark.parametrize(
    ("keyword", "value", "element"),
    [
        ("PatientName", "Lee^Tom", "(0010,0010)"),
        ("PatientID", "4711023", "(0010,0020)"),
        ("StudyDate", "20190412", "(0008,0020)"),
        ("StudyInstanceUID", "1.2.826.0.1.3680043.10.5.7.1", "(0020,000D)"),
        ("StudyDescription", "CT of Thea Wetherby-Hand", "(0008,1030)"),
    ],
)
def test_a_value_in_a_directory_record_fails_as_in_the_instance_itself(
    keyword: str, value: str, element: str, make_case: CaseMaker, study: Study
) -> None:
    assert surviving(make_case, study, directory(keyword, value)) == [
        ("canary-survives", Severity.FAIL, f"(0004,1220)[1]/{element}")
    ]


@pytest.mark.parametrize("note", ["For Thea Wetherby-Hand, please.", "Wetherby-Hand_Thea.pdf"])
def test_a_note_that_names_the_patient_fails(note: str, make_case: CaseMaker, study: Study) -> None:
    assert surviving(make_case, study, note.encode()) == [("canary-survives", Severity.FAIL, None)]
