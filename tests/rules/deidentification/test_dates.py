from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset

from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.dates import dates_modified

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

CLAIMS = Claims(deidentification_codes=("113100", "113107"))


def shift(text: str, days: int) -> str:
    return (datetime.strptime(text[:8], "%Y%m%d") + timedelta(days=days)).strftime("%Y%m%d") + text[8:]


def shifted(study: Study, days: int) -> None:
    for original, exported in zip(study.originals, study.exported, strict=True):
        for keyword in ("StudyDate", "ContentDate"):
            setattr(exported, keyword, shift(getattr(original, keyword), days))


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


def test_one_shift_for_all_dates_of_a_patient_passes(make_case: CaseMaker, study: Study) -> None:
    study.originals[1].ContentDate = "20190420"
    shifted(study, -417)
    judgement = dates_modified(make_case(study.originals, study.exported, claims=CLAIMS))
    assert (judgement.examined, judgement.unit, judgement.findings) == (6, "dates", ())


def test_dates_that_stay_as_they_are_fail(make_case: CaseMaker, study: Study) -> None:
    shifted(study, 0)
    judgement = dates_modified(make_case(study.originals, study.exported, claims=CLAIMS))
    assert told(judgement) == {("dates-not-modified", Severity.FAIL)}


def test_dates_in_another_order_fail(make_case: CaseMaker, study: Study) -> None:
    study.originals[1].ContentDate = "20190420"
    shifted(study, -400)
    study.exported[1].ContentDate = "20170101"
    judgement = dates_modified(make_case(study.originals, study.exported, claims=CLAIMS))
    assert ("date-order-changed", Severity.FAIL) in told(judgement)


@pytest.mark.parametrize(
    ("tolerance", "expected"), [(0, {("interval-changed", Severity.WARNING)}), (2, set())]
)
def test_intervals_keep_to_the_claimed_tolerance(
    tolerance: int, expected: set[tuple[str, Severity]], make_case: CaseMaker, study: Study
) -> None:
    study.originals[1].ContentDate = "20190420"
    shifted(study, -400)
    study.exported[1].ContentDate = shift(study.exported[1].ContentDate, 2)
    claims = Claims(deidentification_codes=("113100", "113107"), date_tolerance_days=tolerance)
    assert told(dates_modified(make_case(study.originals, study.exported, claims=claims))) == expected


def test_one_shift_for_two_patients_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    study.originals[1].PatientID = "9994610999"
    shifted(study, -400)
    judgement = dates_modified(make_case(study.originals, study.exported, claims=CLAIMS))
    assert told(judgement) == {("shift-shared", Severity.WARNING)}


def test_what_is_no_date_is_not_compared(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.StudyDate, one.ContentDate = "1985", "20190230"

    for one in (*study.originals, *study.exported):
        change(one)
    judgement = dates_modified(make_case(study.originals, study.exported, claims=CLAIMS))
    assert (judgement.examined, judgement.reason) == (0, "no date of an original stands modified")


def test_without_the_claim_it_does_not_apply(make_case: CaseMaker, study: Study) -> None:
    assert dates_modified(make_case(study.originals, study.exported)).applicable is False
    assert dates_modified(make_case([], study.exported, claims=CLAIMS)).examined == 0
