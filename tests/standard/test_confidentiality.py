"""The rows of Table E.1-1, held against another project's copy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydicom.datadict import dictionary_has_tag

from tce_harness.model.errors import HarnessError
from tce_harness.standard.confidentiality import (
    COLUMN_OF_CODE,
    OptionColumn,
    Row,
    build_table,
    content_item_rows,
    editions,
    safe_private_rows,
    table,
)

INDEPENDENT = Path(__file__).parent / "independent" / "dicom-anonymizer-2026c.json"
RESOLVABLE = {"D", "Z", "X", "U", "X/D", "X/Z", "X/Z/D", "Z/D", "X/Z/U*"}
# dicom-anonymizer writes the curve group as a tag with a mask
SPELT_OTHERWISE = {"(5000,0000)": "(50xx,xxxx)", "(6000,3000)": "(60xx,3000)", "(6000,4000)": "(60xx,4000)"}


def test_both_editions_are_at_hand_and_hold_as_many_rows_as_the_standard() -> None:
    assert editions() == ("2023b", "2026d")
    assert {edition: len(table(edition).rows) for edition in editions()} == {"2023b": 608, "2026d": 657}


def test_every_code_agrees_with_an_independent_copy_but_for_the_known_differences() -> None:
    theirs = {
        SPELT_OTHERWISE.get(key, key): code
        for key, code in json.loads(INDEPENDENT.read_text(encoding="utf-8"))["rows"].items()
    }
    ours = {row.key: row.basic for row in table("2026d").rows}
    assert set(theirs) - set(ours) == set()
    assert set(ours) - set(theirs) == {"PRIVATE", "(3004,007F)"}
    assert {key for key in theirs if theirs[key] != ours[key]} == set()


def test_editions_differ_in_one_code_only() -> None:
    old = {row.key: row.basic for row in table("2023b").rows}
    new = {row.key: row.basic for row in table("2026d").rows}
    assert set(old) - set(new) == set()
    assert {key: (old[key], new[key]) for key in old if old[key] != new[key]} == {"(0010,0020)": ("Z", "Z/D")}


def test_a_row_that_stands_twice_is_refused() -> None:
    row = Row(key="(0040,0001)", name="AE Title", basic="X", options={}, retired=False)
    with pytest.raises(HarnessError, match=r"\(0040,0001\) stands twice"):
        build_table([row, row], "test")


def test_an_edition_that_is_not_at_hand_is_refused_with_those_that_are() -> None:
    with pytest.raises(HarnessError, match="there are 2023b, 2026d"):
        table("1999a")


@pytest.mark.parametrize("edition", editions())
def test_every_code_is_one_that_annex_e_defines(edition: str) -> None:
    rows = table(edition).rows
    assert {row.basic for row in rows} == RESOLVABLE
    assert {code for row in rows for code in row.options.values()} == {"K", "C"}
    assert len({row.key for row in rows}) == len(rows)


@pytest.mark.parametrize("edition", editions())
def test_every_single_tag_is_found_again_and_known_to_pydicom(edition: str) -> None:
    rows = [row for row in table(edition).rows if row.tag is not None]
    assert len(rows) == len(table(edition).rows) - 4
    for row in rows:
        assert row.tag is not None
        assert table(edition).row_for(row.tag) is row
        assert dictionary_has_tag(row.tag), row


@pytest.mark.parametrize(
    ("tag", "key"),
    [
        (0x00100010, "(0010,0010)"),
        (0x50000010, "(50xx,xxxx)"),
        (0x501E3000, "(50xx,xxxx)"),
        (0x60003000, "(60xx,3000)"),
        (0x601E4000, "(60xx,4000)"),
        (0x00090010, "PRIVATE"),
        (0x50010010, "PRIVATE"),
        (0x60013000, "PRIVATE"),
    ],
)
def test_repeating_groups_and_private_tags_find_their_row(tag: int, key: str) -> None:
    row = table().row_for(tag)
    assert row is not None
    assert row.key == key


@pytest.mark.parametrize("tag", [0x00280010, 0x60000010, 0x7FE00010])
def test_a_tag_that_the_table_does_not_name_has_no_row(tag: int) -> None:
    assert table().row_for(tag) is None


def test_every_option_column_is_claimed_by_one_code() -> None:
    assert sorted(COLUMN_OF_CODE.values()) == sorted(OptionColumn)


def test_manifest_description_and_finding_are_cleaned_only_under_clean_descriptors() -> None:
    rows = {(row.code, row.value_type): row for row in content_item_rows()}
    assert len(content_item_rows()) == 214
    assert rows["113012", "TEXT"].basic == "X"
    assert rows["121071", "TEXT"].basic == "X/D"
    assert rows["113012", "TEXT"].options == {OptionColumn.CLEAN_DESCRIPTORS: "C"}


def test_safe_private_rows_name_creator_group_and_low_byte() -> None:
    rows = {(row.creator, row.group, row.element): row.vr for row in safe_private_rows()}
    assert rows["Philips PET Private Group", 0x7053, 0x09] == "DS"
    assert all(row.group & 1 for row in safe_private_rows())
