from __future__ import annotations

import pytest

from tce_harness.model.claims import Claims
from tce_harness.rules.deidentification.plan import Plan, plan_for, rows_of_option
from tce_harness.standard.confidentiality import COLUMN_OF_CODE, PRIVATE, editions, table

VERIFIED = (0x0040A073, 0x0040A030)
REQUESTED = (0x00400275, 0x0020000D)


def plan(*codes: str, edition: str = "2026d") -> Plan:
    return plan_for(Claims(deidentification_codes=("113100", *codes), edition=edition))


@pytest.mark.parametrize("edition", editions())
@pytest.mark.parametrize("code", COLUMN_OF_CODE)
def test_every_row_of_every_option_is_planned_by_its_own_column(code: str, edition: str) -> None:
    column = COLUMN_OF_CODE[code]
    planned = plan(code, edition=edition)
    own = rows_of_option(Claims(edition=edition), code)
    for row in table(edition).rows:
        if row.tag is None:
            continue
        found = planned.single[row.tag]
        assert found.codes == {row.options.get(column, row.basic)}
        assert (own.row(row.tag) is not None) == (column in row.options)
    assert all(row.key != PRIVATE for _, _, row in planned.groups)


def test_where_two_options_disagree_either_is_admissible() -> None:
    calibrated = plan("113107", "113109").single[0x00181200]
    assert calibrated.codes == {"K", "C"}
    assert calibrated.may_keep
    assert not calibrated.keeps


def test_what_an_option_retains_may_stand_in_a_dummy_and_not_in_what_has_to_go() -> None:
    dates = plan("113106")
    assert dates.may_stand(VERIFIED)
    assert not dates.may_keep(VERIFIED)
    assert not plan().may_stand(VERIFIED)
    assert not plan("113110").may_stand(REQUESTED)
    assert plan("113110", "113105").may_stand(REQUESTED)


def test_what_no_row_names_stays_with_a_retained_sequence() -> None:
    institution = plan("113112")
    assert institution.kept_with_sequence((0x00080082, 0x00080104))
    assert not plan().kept_with_sequence((0x00080082, 0x00080104))
    assert not institution.kept_with_sequence((0x00080104,))


def test_repeating_groups_are_found_by_even_groups_alone() -> None:
    graphics = plan("113103")
    for tag in (0x60003000, 0x601E3000, 0x50040010):
        row = graphics.row(tag)
        assert row is not None
        assert row.codes == {"C"}
    assert graphics.row(0x60013000) is None
    assert plan("113110").retains_uids
    assert not plan().retains_uids
