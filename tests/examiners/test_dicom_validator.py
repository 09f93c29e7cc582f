from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tce_harness.examiners import DicomValidator
from tce_harness.objects.instance import encode_instance

PATIENT_ID = {"(0010,0020)": {"name": "Patient ID", "type": "2"}}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache with an edition of one IOD and one module, laid out as dicom-validator does."""
    folder = tmp_path / "2026d" / "json"
    folder.mkdir(parents=True)
    iods = {
        str(CTImageStorage): {
            "title": "CT Image IOD",
            "modules": {"Patient": {"ref": "C.7.1.1", "use": "M"}},
            "group_macros": {},
        }
    }
    dictionary = {"(0010,0020)": {"name": "Patient ID", "vr": "LO", "vm": "1"}}
    contents = {"dict_info": dictionary, "iod_info": iods, "module_info": {"C.7.1.1": PATIENT_ID}}
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def image(patient_id: str | None) -> bytes:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.3"
    if patient_id is not None:
        dataset.PatientID = patient_id
    return encode_instance(dataset)


def test_without_the_edition_it_is_unavailable_and_names_the_command(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        result = DicomValidator(folder, "2026d").examine(image(""))
        assert result.outcome == "unavailable"
        assert "tce standard fetch 2026d" in result.output


def test_a_missing_attribute_is_reported_as_a_json_line(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = DicomValidator(cache, "2026d").examine(image(None))
    assert result.outcome == "answered"
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert {"module": "Patient", "element": "(0010,0020)", "type": "2", "code": "TagMissing"} in lines
    assert capsys.readouterr().out == ""


def test_no_value_of_the_instance_is_in_the_answer(cache: Path) -> None:
    result = DicomValidator(cache, "2026d").examine(image("9994610238"))
    assert result.outcome == "answered"
    assert "9994610238" not in result.output


@pytest.mark.parametrize("content", [b"", b"not DICOM", b"\0" * 1000])
def test_any_content_gives_a_result(content: bytes, cache: Path) -> None:
    assert DicomValidator(cache, "2026d").examine(content).outcome in {"answered", "failed"}
