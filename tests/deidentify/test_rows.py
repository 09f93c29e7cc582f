"""Every row of Table E.1-1, in instances that carry them all."""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tce_harness.deidentify import Deidentified, Deidentifier, Policy, Pseudonyms
from tce_harness.objects.instance import encode_instance
from tce_harness.standard.attribute_types import attribute_types
from tce_harness.standard.confidentiality import Row, table

ROWS = [row for row in table("2026d").rows if row.tag is not None and row.tag >> 16 not in (0, 2, 4)]
VALUES: dict[str, object] = {
    "AS": "067Y", "DA": "19570312", "TM": "131415.167", "DT": "19570312131415.167",
    "DS": "41.975", "IS": "41975", "FD": 41.975, "FL": 41.975, "US": 41975, "UL": 41975,
    "CS": "ZWIEBEL", "UR": "http://zwiebel.example/", "PN": "Zwiebel^Anton", "AE": "ZWIEBEL",
    "OB": b"Zwiebelfeld", "OW": b"Zwiebelfeld", "UN": b"Zwiebelfeld",
}  # fmt: skip
NESTED = 0x00081115  # Referenced Series Sequence: no row, so its items are entered


def value_of(tag: int, vr: str) -> object:
    """Return a value that is told apart from every other row's where the VR gives room for it."""
    if vr == "UI":
        return f"1.2.826.0.1.3680043.8.498.9.{tag}"
    if vr in ("LO", "LT", "ST", "UT", "UC"):
        return f"Zwiebel {tag:08X}"
    return f"Z{tag:08X}" if vr == "SH" else VALUES[vr]


def element_of(tag: int) -> DataElement:
    vr = dictionary_VR(tag)
    if vr != "SQ":
        return DataElement(tag, vr, value_of(tag, vr))
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "Z1", "99ZWIEBEL", f"Zwiebel {tag:08X}"
    item.PatientComments = f"Zwiebel {tag:08X}"
    item.ReferencedSOPInstanceUID = f"1.2.826.0.1.3680043.8.498.9.{tag}"
    return DataElement(tag, vr, Sequence([item]))


@dataclass(frozen=True)
class Carried:
    """An instance with all rows in the main data set and in an item, before and after."""

    before: Dataset
    after: Dataset

    def places(self) -> list[tuple[tuple[int, ...], Dataset, Dataset | None]]:
        present = NESTED in self.after and len(self.after[NESTED].value) > 0
        item = self.after[NESTED].value[0] if present else None
        return [((), self.before, self.after), ((NESTED,), self.before[NESTED].value[0], item)]


@pytest.fixture
def carry(pseudonyms: Pseudonyms) -> Callable[[Dataset, Policy], Carried]:
    def carry(dataset: Dataset, policy: Policy) -> Carried:
        loaded = copy.deepcopy(dataset)
        nested = Dataset()
        for row in ROWS:
            assert row.tag is not None
            if row.tag not in loaded:
                loaded.add(element_of(row.tag))
            nested.add(element_of(row.tag))
        loaded.add_new(NESTED, "SQ", [nested])
        outcome = Deidentifier(policy, pseudonyms).deidentify(loaded)
        assert isinstance(outcome, Deidentified), outcome
        return Carried(loaded, outcome.dataset)

    return carry


def faults(row: Row, carried: Carried) -> list[str]:
    """Return what is wrong with a row in an output, told from the words of the Basic Profile alone."""
    found = []
    sop_class = str(carried.before.SOPClassUID)
    for path, before, after in carried.places():
        if after is None or row.tag is None or row.tag not in before:
            continue
        types = attribute_types(sop_class, (*path, row.tag))
        element = after.get(row.tag)
        if element is None:
            if "1" in types and row.basic != "X":
                found.append(f"{row.key} is Type 1 at {path} and missing")
            if types == {"2"}:
                found.append(f"{row.key} is Type 2 at {path} and missing")
            continue
        if row.basic == "X" and not types & {"1", "2", "2C"}:
            found.append(f"{row.key} must be removed at {path}")
        if "1" in types and element.is_empty and not before[row.tag].is_empty:
            found.append(f"{row.key} is Type 1 at {path} and empty")
        if row.basic == "U" and element.VR == "UI" and not re.fullmatch(r"2\.25\.\d+", str(element.value)):
            found.append(f"{row.key} has no new UID at {path}")
        if element.VR != "SQ" and element.value and element.value == before[row.tag].value:
            found.append(f"{row.key} keeps its value at {path}")
    return found


@pytest.mark.parametrize("name", ["ct", "mr", "cr", "us", "atfi", "report", "presentation"])
def test_every_row_is_handled_in_the_main_data_set_and_in_items(
    name: str, basic: Policy, carry: Callable[[Dataset, Policy], Carried], request: pytest.FixtureRequest
) -> None:
    carried = carry(request.getfixturevalue(name), basic)
    assert len(carried.before) > 600
    assert [fault for row in ROWS for fault in faults(row, carried)] == []
    written = encode_instance(carried.after)
    assert re.findall(rb"(?i)zwiebel.{9}|1\.2\.826\.0\.1\.3680043\.8\.498\.[0-9.]+", written) == []


@pytest.mark.parametrize("name", ["ct", "presentation"])
def test_the_edition_of_2023_is_followed_as_well(
    name: str, basic: Policy, carry: Callable[[Dataset, Policy], Carried], request: pytest.FixtureRequest
) -> None:

    policy = dataclasses.replace(basic, edition="2023b")
    carried = carry(request.getfixturevalue(name), policy)
    rows = [row for row in table("2023b").rows if row.tag is not None and row.tag in carried.before]
    assert len(rows) > 550
    assert [fault for row in rows for fault in faults(row, carried)] == []


def test_the_check_of_this_file_can_fail(
    ct: Dataset, basic: Policy, carry: Callable[[Dataset, Policy], Carried]
) -> None:
    carried = carry(ct, basic)
    carried.after.PatientComments = carried.before.PatientComments
    carried.after.FrameOfReferenceUID = carried.before.FrameOfReferenceUID
    del carried.after.StudyInstanceUID
    keys = {fault.split(" ")[0] for row in ROWS for fault in faults(row, carried)}
    assert keys == {"(0010,4000)", "(0020,0052)", "(0020,000D)"}
