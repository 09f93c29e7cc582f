from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tce_harness.model.claims import Claims
from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.retained import patient_characteristics_retained
from tce_harness.rules.deidentification.rows import basic_profile_rows

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

CLAIMS = Claims(deidentification_codes=("113100", "113108"))


def told(make_case: CaseMaker, study: Study, before: str, after: str) -> set[tuple[str, Severity]]:
    study.originals[0].PatientAge = before
    study.exported[0].PatientAge = after
    case = make_case(study.originals[:1], study.exported[:1], claims=CLAIMS)
    findings = (*basic_profile_rows(case).findings, *patient_characteristics_retained(case).findings)
    return {(each.kind, each.severity) for each in findings if each.element == "(0010,1010)"}


def test_an_age_above_89_that_is_told_as_90_is_no_change(make_case: CaseMaker, study: Study) -> None:
    assert told(make_case, study, "094Y", "090Y") == {("age-capped", Severity.INFO)}


@pytest.mark.parametrize(("before", "after"), [("062Y", "090Y"), ("094Y", "080Y"), ("094M", "090Y")])
def test_any_other_age_in_its_place_fails(
    before: str, after: str, make_case: CaseMaker, study: Study
) -> None:
    assert told(make_case, study, before, after) == {("retained-value-changed", Severity.FAIL)}
