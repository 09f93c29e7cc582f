"""Every row of the table under every option, in every edition: kept, removed, emptied and replaced."""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset

from tce_harness.model.claims import Claims
from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.rows import basic_profile_rows
from tce_harness.standard.attribute_types import attribute_types

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

COLUMNS = {
    "113100": None,
    "113103": "clean_graphics",
    "113104": "clean_structured_content",
    "113105": "clean_descriptors",
    "113106": "retain_longitudinal_full_dates",
    "113107": "retain_longitudinal_modified_dates",
    "113108": "retain_patient_characteristics",
    "113109": "retain_device_identity",
    "113110": "retain_uids",
    "113112": "retain_institution_identity",
}
VALUES: dict[str, tuple[Any, Any]] = {
    "AE": ("STMARYS_CT", "ANY"), "AS": ("042Y", "050Y"), "AT": (0x00100010, 0x00100020),
    "CS": ("BOVINE", "OTHER"), "DA": ("20190412", "20000101"), "DS": ("12.5", "1.5"),
    "DT": ("20190412101112", "20000101000000"), "FD": (4.25, 1.5), "FL": (4.25, 1.5), "IS": ("774", "1"),
    "LO": ("Szczepanska", "pseudo"), "LT": ("Szczepanska", "pseudo"), "OB": (b"\x07\x05", b"\x01\x01"),
    "OW": (b"\x07\x05", b"\x01\x01"), "PN": ("Okonkwo^Ada", "Pseudo^One"), "SH": ("RX4491", "P01"),
    "SS": (-771, 1), "ST": ("Szczepanska", "pseudo"), "TM": ("101112", "000000"),
    "UC": ("Szczepanska", "pseudo"), "UI": ("1.2.826.0.1.55", "2.25.55"), "UL": (774411, 1),
    "UN": (b"77", b"11"),
    "UR": ("https://a.example", "https://b.example"), "US": (7744, 1), "UT": ("Szczepanska", "pseudo"),
}  # fmt: skip
#: Rewritten rather than replaced in practice, which the rule tells apart; or what names the instance itself.
APART = {"(0040,A730)", "(0040,0555)", "(0040,0610)", "(0040,B020)", "(0070,0001)", "(0040,A124)"}
IDENTITY = {"(0008,0018)", "(0020,000D)", "(0020,000E)", "(0008,0016)"}


def rows(edition: str) -> list[dict[str, Any]]:
    path = files("tce_harness.standard").joinpath("tables", f"confidentiality-{edition}.json")
    found = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return [
        row
        for row in found
        # commands and directories stand in no instance
        if "(0004" < row["key"] < "(FFFF" and "x" not in row["key"] and row["key"] not in APART | IDENTITY
    ]


def tag_of(row: dict[str, Any]) -> int:
    return int(row["key"][1:5] + row["key"][6:10], 16)


def fill(one: Dataset, row: dict[str, Any], *, original: bool) -> None:
    tag = tag_of(row)
    vr = dictionary_VR(tag).split(" or ")[0]
    if vr == "SQ":
        item = Dataset()
        item.CodeMeaning = "Szczepanska Ward" if original else "pseudo"
        one.add_new(tag, vr, [item])
    else:
        one.add_new(tag, vr, VALUES[vr][0 if original else 1])


def expected(row: dict[str, Any], code: str, outcome: str, sop_class_uid: str) -> Severity | None:
    """Read the table: what has to be said of one outcome; None for nothing."""
    column = COLUMNS[code]
    asked = row["options"].get(column, row["basic"]) if column else row["basic"]
    sequence = dictionary_VR(tag_of(row)) == "SQ"
    if asked == "C" or (asked == "K" and (outcome == "kept" or (sequence and outcome == "replaced"))):
        return None
    if asked == "K":
        return Severity.FAIL
    letters = set(asked.split("/"))
    if outcome == "kept":
        return None if "U*" in letters else Severity.FAIL
    types = attribute_types(sop_class_uid, (tag_of(row),))
    if types - {"3"}:
        return None if outcome == "replaced" and letters - {"X"} else Severity.INFO  # not decided here
    fit = {"removed": True, "emptied": "Z" in letters, "replaced": bool(letters - {"X"})}
    if "U*" in letters and outcome != "removed":
        return Severity.INFO
    if types and "X" in letters:
        fit = {"removed": True, "emptied": False, "replaced": False}
    return None if fit[outcome] else Severity.WARNING


@pytest.mark.parametrize("edition", ["2023b", "2026d"])
@pytest.mark.parametrize("code", COLUMNS)
@pytest.mark.parametrize("outcome", ["kept", "removed", "emptied", "replaced"])
def test_each_row_is_judged_as_the_table_says(
    outcome: str, code: str, edition: str, make_case: CaseMaker, study: Study
) -> None:
    original, exported = copy.deepcopy(study.originals[0]), study.exported[0]
    table = rows(edition)
    for row in table:
        fill(original, row, original=True)
        if tag_of(row) in exported:
            del exported[tag_of(row)]
        if outcome in ("kept", "replaced"):
            fill(exported, row, original=outcome == "kept")
        elif outcome == "emptied":
            exported.add_new(tag_of(row), dictionary_VR(tag_of(row)).split(" or ")[0], None)
    claims = Claims(deidentification_codes=("113100", code), edition=edition)
    judgement = basic_profile_rows(make_case([original], [exported], claims=claims))
    told: dict[str, set[Severity]] = defaultdict(set)
    for each in judgement.findings:
        told[each.row or ""].add(each.severity)
    assert judgement.examined >= len(table)
    wrong = {
        row["key"]: (told.get(row["key"], set()), wanted)
        for row in table
        if (wanted := expected(row, code, outcome, original.SOPClassUID)) is not Severity.INFO
        and told.get(row["key"], set()) != ({wanted} if wanted else set())
    }
    assert not wrong
