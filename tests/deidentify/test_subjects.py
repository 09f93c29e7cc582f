"""Lists of subjects, right ones and every wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.deidentify.subjects import load_subjects
from tce_harness.model.errors import HarnessError, ScenarioError


def listed(tmp_path: Path, content: str | bytes) -> Path:
    file = tmp_path / "subjects.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def faults(tmp_path: Path, content: str | bytes) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_subjects(listed(tmp_path, content))
    return [str(problem).removeprefix(f"{tmp_path / 'subjects.csv'}:") for problem in caught.value.problems]


def test_a_patient_has_the_subject_id_of_the_list(tmp_path: Path) -> None:
    subjects = load_subjects(listed(tmp_path, "subject_id, patient_id\nS-01,999 1\n\nS-02,999 2\n"))
    assert subjects.of("999 1 ") == "S-01"
    assert subjects.of("999 2", "any issuer") == "S-02"
    assert subjects.of("999 3") is None


def test_with_a_column_of_issuers_the_issuer_must_agree(tmp_path: Path) -> None:
    subjects = load_subjects(
        listed(tmp_path, "patient_id,issuer,subject_id\n1,NORTH,S1\n1,SOUTH,S2\n2,,S3\n")
    )
    assert subjects.of("1", "NORTH") == "S1"
    assert subjects.of("1", " SOUTH") == "S2"
    assert subjects.of("1") is None
    assert subjects.of("2", "NORTH") is None
    assert subjects.of("2") == "S3"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_spreadsheets_save_in_these_encodings(tmp_path: Path, encoding: str) -> None:
    content = "patient_id,subject_id\r\n77,Zoë\r\n".encode(encoding)
    assert load_subjects(listed(tmp_path, content)).of("77") == "Zoë"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "1:1: the column patient_id is missing"),
        ("patient_id,subject_id\n", "1:1: no patient is listed"),
        ("patient;subject\n", "1:1: the columns are not parted by commas"),
        ("patient_id,subject_id,name\n1,S,Hand\n", "1:1: column 3 is unknown"),
        ("patientid,subject_id\n1,S\n", "1:1: column 1 is unknown (did you mean patient_id?)"),
        ("patient_id,subject_id,subject_id\n", "1:1: the column subject_id stands twice"),
        ("patient_id,subject_id\n1,S\n2\n", "3:1: 1 values for 2 columns"),
        ("patient_id,subject_id\n1,\n", "2:1: subject_id: the value is empty"),
        ("patient_id,subject_id\n,S\n", "2:1: patient_id: the value is empty"),
        ("patient_id,subject_id\n1,S\n1,T\n", "3:1: patient_id: the patient stands on line 2 already"),
        ("patient_id,subject_id\n1,S\n2,s\n", "3:1: subject_id: it is that of another patient, on line 2"),
        ('patient_id,subject_id\n"1\n",S\n2,S\n', "4:1: subject_id: it is that of another patient"),
        ("patient_id,subject_id\n1,A^B\n", "2:1: subject_id: a subject id holds no backslash"),
        ("patient_id,subject_id\n1,A\\B\n", "2:1: subject_id: a subject id holds no backslash"),
        ("patient_id,subject_id\n1,S\u200b1\n", "2:1: subject_id: a subject id holds no backslash"),
        ("patient_id,subject_id\n1,\u200b\n", "2:1: subject_id: a subject id holds no backslash"),
        ("patient_id,subject_id\n1,--\n", "2:1: subject_id: a subject id holds a letter or a digit"),
        (f"patient_id,subject_id\n1,{'S' * 65}\n", "2:1: subject_id: a subject id has at most 64"),
        ("patient_id,subject_id\n1,2\n2,S\n", "2:1: subject_id: it is the Patient ID of somebody"),
        ('patient_id,subject_id\n1,"S\n', "2:1: this is not CSV"),
        (b"patient_id,subject_id\n1,S\n2,Zo\xeb\n", "3:1: the text is not UTF-8 (save it as CSV UTF-8)"),
        (b"\xff\xfea", "1:1: the text is not UTF-16"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(tmp_path: Path, content: str | bytes, fault: str) -> None:
    assert faults(tmp_path, content)[0].startswith(fault)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    assert len(faults(tmp_path, "patient_id,subject_id\n1,\n2\n3,A=B\n")) == 3


def test_no_fault_quotes_a_value_of_a_patient(tmp_path: Path) -> None:
    assert "4711" not in " ".join(faults(tmp_path, "4711,S1\n4712,S2\n"))
    told = " ".join(faults(tmp_path, "patient_id,subject_id\n4711,\n4711,S^\n4711,S\n4712,S\n"))
    assert "471" not in told


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="cannot be read"):
        load_subjects(tmp_path / "none.csv")


@given(st.binary(max_size=200))
def test_any_bytes_give_a_list_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("subjects") / "list.csv"
    file.write_bytes(b"patient_id,subject_id\n" + content)
    try:
        assert load_subjects(file).ids
    except HarnessError as error:
        told = str(error)
        assert str(file) in told
