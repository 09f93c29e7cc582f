"""Every row of Table E.1-1 under every option, alone and where two meet, in both editions.

What must come out is read here from the words of PS3.15 E.1 to E.3 and the cells of the table, by code of its
own.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tce_harness.content import Content
from tce_harness.deidentify import Deidentified, Deidentifier, Policy, Pseudonyms, find_policy
from tce_harness.deidentify.identity import IDENTITY_TAGS
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.standard.attribute_types import attribute_types
from tce_harness.standard.confidentiality import COLUMN_OF_CODE, Row, editions, table

CODE_OF_COLUMN = {str(column): code for code, column in COLUMN_OF_CODE.items()}
OPTIONS = sorted(COLUMN_OF_CODE)
FULL, MODIFIED = "113106", "113107"
NESTED = 0x00081115  # Referenced Series Sequence: no row, so its items are entered
ROOT = "1.2.826.0.1.3680043.8.498.9."
WHEN = datetime(2024, 2, 29, 13, 14, 15)
VALUES: dict[str, object] = {
    "AS": "067Y", "DA": "20240229", "TM": "131415.167", "DT": "20240229131415.167",
    "DS": "41.975", "IS": "41975", "FD": 41.975, "FL": 41.975, "US": 41975, "UL": 41975,
    "CS": "ZWIEBEL", "UR": "http://zwiebel.example/", "PN": "Zwiebel^Anton", "AE": "ZWIEBEL",
    "OB": b"Zwiebelfelds", "OW": b"Zwiebelfelds", "UN": b"Zwiebelfelds",
}  # fmt: skip
TEXTS = ("LO", "LT", "ST", "UT", "UC", "SH")
#: Timezone Offset From UTC has a form of its own; a birth date that stayed elsewhere would be a leak.
OFFSET, BIRTH_DATE = 0x00080201, 0x00100030
CLEANED = {row.tag for edition in editions() for row in table(edition).rows if "C" in row.options.values()}


def single_rows(edition: str) -> list[Row]:
    return [row for row in table(edition).rows if row.tag is not None and row.tag >> 16 not in (0, 2, 4)]


def meeting() -> list[tuple[str, ...]]:
    """Return the pairs of options that have a word on one row, in either edition."""
    found = set()
    for edition in editions():
        for row in table(edition).rows:
            found |= set(combinations(sorted(CODE_OF_COLUMN[str(column)] for column in row.options), 2))
    return sorted(found - {(FULL, MODIFIED)})


CLAIMS: list[tuple[str, ...]] = [(), *((option,) for option in OPTIONS), *meeting()]


def value_of(tag: int, vr: str) -> object:
    if vr == "UI":
        return f"{ROOT}{tag}"
    if tag in (OFFSET, BIRTH_DATE):
        return "+0100" if tag == OFFSET else "19570312"
    if vr not in TEXTS:
        return VALUES[vr]
    # a word of a name or identifier would go from every text that is cleaned
    harmless = "lung " if tag in CLEANED - IDENTITY_TAGS else ""
    return f"{harmless}Z{tag:08X}" if vr == "SH" else f"{harmless}Zwiebel {tag:08X}"


def element_of(tag: int) -> DataElement:
    vr = dictionary_VR(tag)
    if vr != "SQ":
        return DataElement(tag, vr, value_of(tag, vr))
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "Z1", "99ZWIEBEL", f"Zwiebel {tag:08X}"
    item.PatientComments = f"Zwiebel {tag:08X}"
    return DataElement(tag, vr, [item])


def loaded(dataset: Dataset, edition: str) -> Dataset:
    """Return an instance that carries every row at its top and in an item."""
    carrier, nested = copy.deepcopy(dataset), Dataset()
    for row in single_rows(edition):
        assert row.tag is not None
        if row.tag not in carrier:
            carrier.add(element_of(row.tag))
        nested.add(element_of(row.tag))
    carrier.add_new(NESTED, "SQ", [nested])
    carrier.add_new(0x00290010, "LO", "ZWIEBEL")
    carrier.add_new(0x00291001, "LO", "Zwiebel in private")
    carrier.add_new(0x50000010, "US", 7)
    carrier.add_new(0x60003000, "OW", b"Zwiebels")
    carrier.add_new(0x60004000, "LT", "Zwiebel in an overlay")
    return carrier


def cell(row: Row, claimed: tuple[str, ...]) -> str:
    """Return the code that counts: K, C, or ``moved`` for C of Modified Dates; empty for the profile's."""
    codes = {CODE_OF_COLUMN[str(column)]: code for column, code in row.options.items()}
    if MODIFIED in claimed and MODIFIED in codes:
        return "moved"
    cells = {codes[option] for option in claimed if option in codes}
    return "K" if "K" in cells else "C" if cells else ""


def outcome(before: DataElement, after: DataElement | None) -> str:
    if after is None:
        return "gone"
    if after.is_empty:
        return "empty"
    if before.VR == "SQ":
        return "entered"
    if after.value == before.value:
        return "kept"
    return "mapped" if before.VR == "UI" and str(after.value).startswith("2.25.") else "changed"


def by_profile(code: str, types: frozenset[str], vr: str) -> set[str]:
    """Return what the Basic Profile admits for a code, compound or not, by rules D2, D5 and D6."""
    changed = {"entered"} if vr == "SQ" else {"changed"} | ({"mapped"} if vr == "UI" else set())
    if not types:
        return {"mapped"} if code == "U" else {"gone"}
    if code == "U":
        return {"mapped"}
    admitted: set[str] = set()
    for letter in code.split("/"):
        admitted |= {"X": {"gone"}, "Z": {"empty"} | changed, "D": changed, "U*": {"entered"}}[letter]
    if types & {"1", "1C"}:
        admitted = (admitted - {"empty"}) | changed
        # an open condition admits that the attribute is not there
        admitted = (
            admitted - {"gone"} if types == {"1"} else admitted | ({"gone"} if "1C" in types else set())
        )
    elif types & {"2", "2C"}:
        admitted |= {"empty"}
        if types == {"2"}:
            admitted -= {"gone"}
    return admitted


def moved(vr: str, shift: timedelta) -> set[str]:
    """Return the values that a moved one may have; a date without its time moves by whole days."""
    then = WHEN + shift
    days = {f"{day:%Y%m%d}" for day in (then, datetime(2024, 2, 29) + timedelta(days=shift.days))}
    time = f"{then:%H%M%S}.167"
    return {"DA": days, "TM": {time}, "DT": {f"{then:%Y%m%d}{time}"}}[vr]


def expected(row: Row, claimed: tuple[str, ...], types: frozenset[str], before: DataElement) -> set[str]:
    vr = before.VR
    match cell(row, claimed):
        case "K":
            return {"entered"} if vr == "SQ" else {"kept"}
        case "moved" if vr in ("DA", "TM", "DT") or (row.tag == OFFSET and types):
            return {"changed"}
        case "C" if types and vr == "SQ":
            return {"entered"}
        case "C" if types:
            nothing_left = vr != "AE" and not str(before.value).startswith("lung ")
            return {"changed"} | (by_profile(row.basic, types, vr) if nothing_left else set())
        case "C":
            return {"gone"}
    return by_profile(row.basic, types, vr)


def is_right(row: Row, claimed: tuple[str, ...], before: DataElement, after: str, shift: timedelta) -> bool:
    """Tell whether a changed value is what moving or cleaning makes of one of this file's."""
    done = cell(row, claimed)
    if done == "moved" and str(before.value) == VALUES.get(before.VR):
        return after in moved(before.VR, shift)
    if done == "C" and before.VR in TEXTS and str(before.value).startswith("lung "):
        return after == "lung"
    return True


def faults(
    edition: str, claimed: tuple[str, ...], before: Dataset, after: Dataset, shift: timedelta
) -> Iterator[str]:
    sop_class = str(before.SOPClassUID)
    places: list[tuple[tuple[int, ...], Dataset, Dataset]] = [((), before, after)]
    if attribute_types(sop_class, (NESTED,)):
        places.append(((NESTED,), before[NESTED].value[0], after[NESTED].value[0]))
    for path, was, now in places:
        for row in single_rows(edition):
            assert row.tag is not None
            element = was[row.tag]
            if element.is_empty:
                continue
            types = attribute_types(sop_class, (*path, row.tag))
            found = outcome(element, now.get(row.tag))
            wanted = expected(row, claimed, types, element)
            if found not in wanted:
                yield f"{row.key} {row.name} at {path}: {found} where {sorted(wanted)} may be"
            elif found == "changed" and not is_right(row, claimed, element, str(now[row.tag].value), shift):
                yield f"{row.key} {row.name} at {path}: changed to something else"
    for tag in (0x00290010, 0x00291001, 0x50000010, 0x60003000, 0x60004000):
        if tag in after:
            yield f"({tag >> 16:04X},{tag & 0xFFFF:04X}): private, curve or overlay left"


def shift_of(pseudonyms: Pseudonyms, dataset: Dataset) -> timedelta:
    """Return by how much the values of an instance move, which is told in a time zone."""
    zone = datetime.strptime(str(dataset.TimezoneOffsetFromUTC), "%z").utcoffset()
    assert zone
    return pseudonyms.shift(str(dataset.PatientID), str(dataset.IssuerOfPatientID)) - zone


@pytest.fixture(scope="module")
def shipped() -> Policy:
    return find_policy("teaching-file", Content.with_overlays())


def policy_of(shipped: Policy, edition: str, claimed: tuple[str, ...]) -> Policy:
    codes = tuple(sorted({"113100", *claimed}))
    return dataclasses.replace(shipped, edition=edition, codes=codes)


def deidentified(policy: Policy, pseudonyms: Pseudonyms, dataset: Dataset) -> Dataset:
    result = Deidentifier(policy, pseudonyms).deidentify(dataset)
    assert isinstance(result, Deidentified), result
    return read_instance(encode_instance(result.dataset))


@pytest.mark.parametrize("edition", editions())
@pytest.mark.parametrize("claimed", CLAIMS, ids=lambda claimed: "+".join(claimed) or "none")
@pytest.mark.parametrize("name", ["ct", "report", "presentation"])
def test_every_row_comes_out_as_the_table_says(
    name: str,
    claimed: tuple[str, ...],
    edition: str,
    shipped: Policy,
    pseudonyms: Pseudonyms,
    request: pytest.FixtureRequest,
) -> None:
    before = loaded(request.getfixturevalue(name), edition)
    after = deidentified(policy_of(shipped, edition, claimed), pseudonyms, before)
    shift = shift_of(pseudonyms, before)
    assert list(faults(edition, claimed, before, after, shift)) == []


def test_every_option_and_every_pair_that_meets_is_among_the_claims() -> None:
    assert {option for claimed in CLAIMS for option in claimed} == set(OPTIONS)
    assert {("113105", "113108"), ("113106", "113109"), ("113107", "113109")} <= set(CLAIMS)
    assert all(len(single_rows(edition)) > 580 for edition in editions())


@pytest.mark.parametrize(
    ("claimed", "tag", "value"),
    [
        (("113109",), 0x00181000, None),
        (("113107",), 0x00080015, "20240229131415.167"),
        (("113107",), 0x00080032, None),
        (("113105",), 0x0008103E, "lung Zwiebel 0008103E"),
        (("113110",), 0x00200052, "2.25.1"),
        ((), 0x00104000, "Zwiebel 00104000"),
        ((), 0x00080080, "Saint Cuthbert Infirmary"),
    ],
)
def test_the_reading_of_this_file_can_fail(
    claimed: tuple[str, ...],
    tag: int,
    value: str | None,
    ct: Dataset,
    shipped: Policy,
    pseudonyms: Pseudonyms,
) -> None:
    before = loaded(ct, "2026d")
    after = deidentified(policy_of(shipped, "2026d", claimed), pseudonyms, before)
    if value is None:
        del after[tag]
    else:
        after[tag] = DataElement(tag, dictionary_VR(tag), value)
    shift = shift_of(pseudonyms, before)
    told = [fault[:11] for fault in faults("2026d", claimed, before, after, shift)]
    assert told == [f"({tag >> 16:04X},{tag & 0xFFFF:04X})"]
