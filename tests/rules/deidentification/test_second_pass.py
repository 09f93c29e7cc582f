"""Originals that were de-identified before: dummies stay what they are, names and unmarked dates do not."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.rows import basic_profile_rows

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study


def judged_twice(
    make_case: CaseMaker, study: Study, **first: object
) -> set[tuple[str, Severity, str | None]]:
    """Return what is told of a second pass that leaves a date and a name as the first pass left them."""
    once = [copy.deepcopy(each) for each in study.exported[:1]]
    twice = [copy.deepcopy(each) for each in study.exported[:1]]
    for keyword, value in first.items():
        setattr(once[0], keyword, value)
    twice[0].SOPInstanceUID, twice[0].StudyInstanceUID = "2.25.77001", "2.25.77002"
    return {
        (each.kind, each.severity, each.row)
        for each in basic_profile_rows(make_case(once, twice)).findings
        if each.row in ("(0008,0023)", "(0010,0010)")
    }


def test_a_dummy_date_that_stands_is_told_and_a_name_fails(make_case: CaseMaker, study: Study) -> None:
    assert judged_twice(make_case, study) == {
        ("dummy-kept", Severity.WARNING, "(0008,0023)"),
        ("value-kept", Severity.FAIL, "(0010,0010)"),
    }


@pytest.mark.parametrize(
    "unsaid", [{"PatientIdentityRemoved": "NO"}, {"DeidentificationMethodCodeSequence": []}]
)
def test_without_a_statement_of_the_first_pass_the_date_fails(
    unsaid: dict[str, object], make_case: CaseMaker, study: Study
) -> None:
    assert ("value-kept", Severity.FAIL, "(0008,0023)") in judged_twice(make_case, study, **unsaid)
