"""Types of attributes by IOD and place."""

from __future__ import annotations

import pytest

from tce_harness.standard.attribute_types import attribute_types, is_known
from tce_harness.standard.confidentiality import table

CT = "1.2.840.10008.5.1.4.1.1.2"
CR = "1.2.840.10008.5.1.4.1.1.1"
KOS = "1.2.840.10008.5.1.4.1.1.88.59"
GSPS = "1.2.840.10008.5.1.4.1.1.11.1"
ENHANCED_SR = "1.2.840.10008.5.1.4.1.1.88.22"


@pytest.mark.parametrize(
    ("sop_class_uid", "path", "types"),
    [
        (CT, (0x00080018,), {"1"}),
        (CT, (0x00100010,), {"2"}),
        (CT, (0x00081090,), {"3"}),
        (CT, (0x00400275, 0x00321060), {"3"}),
        (KOS, (0x00080023,), {"1"}),
        (KOS, (0x0040A375, 0x00081115, 0x00081199, 0x00081155), {"1"}),
        (KOS, (0x0040A730, 0x0040A123), {"1C"}),
        (GSPS, (0x00700001, 0x00700008, 0x00700006), {"1"}),
        (CR, (0x60003000,), {"1"}),
        (CT, (0x0040A730,), set()),
        (CT, (), set()),
        ("1.2.3", (0x00100010,), set()),
    ],
)
def test_type_depends_on_the_iod_and_the_place(
    sop_class_uid: str, path: tuple[int, ...], types: set[str]
) -> None:
    assert attribute_types(sop_class_uid, path) == types


def test_content_items_below_content_items_count_as_those_of_the_first_level() -> None:
    shallow = attribute_types(ENHANCED_SR, (0x0040A730, 0x0040A160))
    deep = attribute_types(ENHANCED_SR, (0x0040A730, 0x0040A730, 0x0040A730, 0x0040A160))
    assert shallow == deep == {"1C"}


def test_every_overlay_group_has_the_types_of_group_6000() -> None:
    assert attribute_types(CR, (0x601E3000,)) == attribute_types(CR, (0x60003000,)) != set()


def test_only_storage_classes_of_the_standard_are_known() -> None:
    assert is_known(CT)
    assert not is_known("1.3.12.2.1107.5.9.1")


def test_most_compound_rows_meet_a_type_in_some_iod() -> None:
    compound = [row for row in table().rows if "/" in row.basic and row.tag is not None]
    classes = (CT, CR, KOS, GSPS, ENHANCED_SR)
    met = {row.key for row in compound for uid in classes if attribute_types(uid, (row.tag or 0,))}
    assert {"(0008,0023)", "(0008,0080)", "(0010,0020)", "(0018,1000)"} <= met
