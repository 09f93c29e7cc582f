from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.canaries import no_canary_survives
from tce_harness.rules.deidentification.dates import dates_modified
from tce_harness.rules.deidentification.moments import moment_of, partner_tag

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

CLAIMS = Claims(deidentification_codes=("113100", "113107"))
MONTH = Claims(deidentification_codes=("113100", "113107"), date_tolerance_days=31)


def shift(text: str, days: int) -> str:
    return (datetime.strptime(text[:8], "%Y%m%d") + timedelta(days=days)).strftime("%Y%m%d") + text[8:]


def shifted(study: Study, days: int) -> None:
    for original, exported in zip(study.originals, study.exported, strict=True):
        original.StudyTime = exported.StudyTime = ""
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


@pytest.mark.parametrize("became", ["", None], ids=["emptied", "removed"])
def test_a_date_that_is_gone_where_modified_dates_are_retained_fails(
    became: str | None, make_case: CaseMaker, study: Study
) -> None:
    shifted(study, -400)
    for one in study.exported:
        if became is None:
            del one.StudyDate
        else:
            one.StudyDate = became
    (finding,) = dates_modified(make_case(study.originals, study.exported, claims=CLAIMS)).findings
    assert (finding.kind, finding.severity) == ("retained-value-lost", Severity.FAIL)
    assert (finding.row, finding.message.endswith("(in 3 places)")) == ("(0008,0020)", True)


def test_all_dates_gone_fails_and_leaves_nothing_open(make_case: CaseMaker, study: Study) -> None:
    for one in study.exported:
        one.StudyDate = one.ContentDate = ""
    judgement = dates_modified(make_case(study.originals, study.exported, claims=CLAIMS))
    assert judgement.examined == 2
    assert ("retained-value-lost", Severity.FAIL) in told(judgement)


def test_a_time_of_day_that_is_gone_is_a_warning_unless_days_are_rounded(
    make_case: CaseMaker, study: Study
) -> None:
    shifted(study, -400)
    for one in study.exported:
        one.ContentTime = ""
    lost = ("retained-value-lost", Severity.WARNING)
    assert told(dates_modified(make_case(study.originals, study.exported, claims=CLAIMS))) == {lost}
    assert told(dates_modified(make_case(study.originals, study.exported, claims=MONTH))) == set()


def test_a_date_on_the_first_stands_where_months_are_claimed_and_leaks_nothing(
    make_case: CaseMaker, study: Study
) -> None:
    study.originals[1].ContentDate = "20190401"
    planted = [Canary(value="20190401", kind=CanaryKind.DATE, element="(0008,0023)", subject="study/2")]
    for one in study.exported:
        one.StudyDate = one.ContentDate = "20190401"
    for claims, severities in ((MONTH, set()), (CLAIMS, {Severity.FAIL})):
        case = make_case(study.originals, study.exported, claims=claims, canaries=planted)
        found = no_canary_survives(case).findings
        assert {each.severity for each in found if each.kind == "canary-survives"} == severities
        assert "date-kept" not in {each.kind for each in dates_modified(case).findings}
    study.exported[0].ContentDate = "20190403"
    case = make_case(study.originals, study.exported, claims=MONTH, canaries=planted)
    assert "canary-survives" in {each.kind for each in no_canary_survives(case).findings}


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


def timed(study: Study, by: timedelta) -> None:
    """Move dates and times of the whole study together."""
    for original, exported in zip(study.originals, study.exported, strict=True):
        for name in ("Study", "Content"):
            moment = datetime.strptime(original[f"{name}Date"].value + original[f"{name}Time"].value, FORMAT)
            moved = (moment + by).strftime(FORMAT)
            setattr(exported, f"{name}Date", moved[:8])
            setattr(exported, f"{name}Time", moved[8:])


FORMAT = "%Y%m%d%H%M%S"
FAR = timedelta(days=-417, hours=-11, minutes=-7)


def judged(make_case: CaseMaker, study: Study, claims: Claims = CLAIMS) -> set[tuple[str, Severity]]:
    return told(dates_modified(make_case(study.originals, study.exported, claims=claims)))


def test_date_and_time_moved_together_across_midnight_pass(make_case: CaseMaker, study: Study) -> None:
    timed(study, FAR)
    assert study.exported[0].StudyTime[:2] == "23"
    assert judged(make_case, study) == set()


def test_a_time_moved_across_midnight_without_its_date_is_told(make_case: CaseMaker, study: Study) -> None:
    timed(study, FAR)
    study.exported[0].ContentDate = shift(study.exported[0].ContentDate, 1)
    assert ("interval-changed", Severity.WARNING) in judged(make_case, study)


def test_whole_days_with_the_original_times_are_a_warning(make_case: CaseMaker, study: Study) -> None:
    timed(study, timedelta(days=-30))
    assert judged(make_case, study) == {("times-not-modified", Severity.WARNING)}


def test_a_date_alone_may_move_with_the_days_on_either_side_of_midnight(
    make_case: CaseMaker, study: Study
) -> None:
    timed(study, FAR)
    for days, expected in ((-417, set()), (-418, set()), (-416, {("interval-changed", Severity.WARNING)})):
        for one in (*study.originals, *study.exported):
            one.LastMenstrualDate = "20190401"
        for one in study.exported:
            one.LastMenstrualDate = shift("20190401", days)
        assert judged(make_case, study) == expected


def test_one_date_left_as_it_was_fails(make_case: CaseMaker, study: Study) -> None:
    timed(study, FAR)
    for one, original in zip(study.exported, study.originals, strict=True):
        one.ContentDate, one.ContentTime = original.ContentDate, original.ContentTime
    assert ("date-kept", Severity.FAIL) in judged(make_case, study)


def test_months_for_dates_pass_within_the_claimed_tolerance(make_case: CaseMaker, study: Study) -> None:
    study.originals[1].ContentDate = "20190401"
    for one in study.exported:
        one.StudyDate = one.ContentDate = "20190401"
        one.ContentTime = ""
    month = Claims(deidentification_codes=("113100", "113107"), date_tolerance_days=31)
    assert judged(make_case, study, month) == set()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [  # moved by 417 days, 11 hours and 7 minutes, in whatever zone it is told
        ("20190412101530.25+0100", "20180218230830.25+0100", set()),
        ("20190412101530.25+0100", "20180219000830.25+0200", set()),
        ("20190412101530.25+0100", "20180217230830.25+0100", {("interval-changed", Severity.WARNING)}),
        ("20190412101530", "20180218230830", set()),
        ("20190412", "20180219", set()),
        ("201904", "2018", set()),
    ],
)
def test_dates_with_times_and_zones_are_read(
    before: str, after: str, expected: set[object], make_case: CaseMaker, study: Study
) -> None:
    timed(study, FAR)
    study.originals[0].AcquisitionDateTime, study.exported[0].AcquisitionDateTime = before, after
    assert judged(make_case, study) == expected


def test_a_time_without_a_date_moves_with_the_others(make_case: CaseMaker, study: Study) -> None:
    timed(study, FAR)
    study.originals[0].ContrastBolusStartTime = "101200.5"
    study.exported[0].ContrastBolusStartTime = "230500"
    assert judged(make_case, study) == set()
    study.exported[0].ContrastBolusStartTime = "101200"
    assert judged(make_case, study) == {("interval-changed", Severity.WARNING)}


def test_the_dummy_date_of_a_sequence_that_is_replaced_whole_is_not_compared(
    make_case: CaseMaker, study: Study
) -> None:
    shifted(study, -417)
    for one, day in ((study.originals[0], "20190415101530"), (study.exported[0], "19000101000000")):
        verifier = Dataset()
        verifier.VerificationDateTime = day
        one.VerifyingObserverSequence = [verifier]
    judgement = dates_modified(make_case(study.originals, study.exported, claims=CLAIMS))
    assert told(judgement) == set()


def test_instances_that_name_no_patient_are_told_apart_by_their_study(
    make_case: CaseMaker, study: Study
) -> None:
    study.originals[1].StudyInstanceUID += ".7"
    shifted(study, -417)
    study.exported[1].StudyDate = shift(study.originals[1].StudyDate, -930)
    study.exported[1].ContentDate = shift(study.originals[1].ContentDate, -930)
    case = make_case(study.originals, study.exported, claims=CLAIMS)
    assert ("interval-changed", Severity.WARNING) in told(dates_modified(case))
    for one in study.originals:
        one.PatientID = one.PatientName = ""
    case = make_case(study.originals, study.exported, claims=CLAIMS)
    assert told(dates_modified(case)) == set()


def test_issuers_tell_patients_with_one_number_apart(make_case: CaseMaker, study: Study) -> None:
    study.originals[1].IssuerOfPatientID = "elsewhere"
    timed(study, FAR)
    assert judged(make_case, study) == {("shift-shared", Severity.WARNING)}


@pytest.mark.parametrize(
    ("date", "time", "expected"),
    [
        ("2019.04.12", "10:15:30", datetime(2019, 4, 12, 10, 15, 30)),
        ("20190412", "24", datetime(2019, 4, 13)),
        ("20190412", "", datetime(2019, 4, 12)),
        ("20190401-20190412", "", None),
        ("20190412", "1", None),
        ("20190412", "2561", None),
        ("20190230", "10", None),
        ("99991231", "24", None),
    ],
)
def test_old_spellings_and_hour_24_are_read(date: str, time: str, expected: datetime | None) -> None:
    assert moment_of(date, time) == expected


@pytest.mark.parametrize(
    ("date", "time"),
    [(0x00080020, 0x00080030), (0x00181012, 0x00181014), (0x00100030, 0x00100032), (0x00400244, 0x00400245)],
)
def test_dates_and_times_find_each_other_by_name(date: int, time: int) -> None:
    assert (partner_tag(date), partner_tag(time)) == (time, date)
    assert partner_tag(0x0008002A) is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_a_moment_or_none(date: str, time: str) -> None:
    assert moment_of(date, time) is None or date[:4].isdigit()
