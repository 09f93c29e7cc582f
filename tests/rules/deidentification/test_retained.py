from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.retained import (
    device_identity_retained,
    full_dates_retained,
    institution_identity_retained,
    patient_characteristics_retained,
    uids_retained,
)

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

Rule = Callable[[CaseEvidence], Judgement]


def claims(*codes: str) -> Claims:
    return Claims(deidentification_codes=("113100", *codes))


def put_back(study: Study, *keywords: str) -> None:
    for original, one in zip(study.originals, study.exported, strict=True):
        for keyword in keywords:
            if keyword in original:
                setattr(one, keyword, original[keyword].value)


def told(judgement: Judgement) -> list[tuple[str, Severity, str | None]]:
    return [(each.kind, each.severity, each.element) for each in judgement.findings]


CASES = [
    (full_dates_retained, "113106", ("StudyDate", "StudyTime", "ContentDate", "ContentTime"), "StudyDate"),
    (patient_characteristics_retained, "113108", ("PatientSex", "PatientAge"), "PatientAge"),
    (device_identity_retained, "113109", ("StationName",), "StationName"),
    (institution_identity_retained, "113112", ("InstitutionName",), "InstitutionName"),
]


@pytest.mark.parametrize(("judge", "code", "keywords", "one"), CASES)
def test_what_an_option_keeps_passes_and_what_it_lost_fails(
    judge: Rule, code: str, keywords: tuple[str, ...], one: str, make_case: CaseMaker, study: Study
) -> None:
    for original in study.originals:
        original.StationName = "CT2-WARD7"
    put_back(study, *keywords)
    passed = judge(make_case(study.originals, study.exported, claims=claims(code)))
    assert passed.examined >= 3
    assert passed.findings == ()
    for exported in study.exported:
        delattr(exported, one)
    lost = judge(make_case(study.originals, study.exported, claims=claims(code)))
    assert [(kind, severity) for kind, severity, _ in told(lost)] == [("retained-value-lost", Severity.FAIL)]
    assert "3 places" in lost.findings[0].message


@pytest.mark.parametrize(("judge", "code", "keywords", "one"), CASES)
def test_an_option_that_is_not_claimed_is_not_judged(
    judge: Rule, code: str, keywords: tuple[str, ...], one: str, make_case: CaseMaker, study: Study
) -> None:
    assert judge(make_case(study.originals, study.exported)).applicable is False
    without = judge(make_case([], study.exported, claims=claims(code)))
    assert (without.examined, without.applicable) == (0, True)
    assert without.reason == "there are no originals to compare with"


def test_changed_uids_fail_where_they_are_claimed_to_stay(make_case: CaseMaker, study: Study) -> None:
    judgement = uids_retained(make_case(study.originals, study.exported, claims=claims("113110")))
    kinds = {(kind, severity) for kind, severity, _ in told(judgement)}
    assert kinds == {("retained-value-changed", Severity.FAIL)}
    assert {"(0008,0018)", "(0020,000D)"} <= {element for _, _, element in told(judgement)}


def test_originals_without_such_values_are_not_judged(make_case: CaseMaker, study: Study) -> None:
    judgement = device_identity_retained(make_case(study.originals, study.exported, claims=claims("113109")))
    assert (judgement.examined, judgement.applicable) == (0, False)


def test_an_ae_title_that_stands_fails_under_device_identity(make_case: CaseMaker, study: Study) -> None:
    for one in (*study.originals, *study.exported):
        one.StationAETitle = "STMARYS_CT2"
    judgement = device_identity_retained(make_case(study.originals, study.exported, claims=claims("113109")))
    assert told(judgement) == [("ae-title-kept", Severity.FAIL, "(0008,0055)")]
    for one in study.exported:
        one.StationAETitle = "ANY"
    again = device_identity_retained(make_case(study.originals, study.exported, claims=claims("113109")))
    assert again.findings == ()


def test_where_two_options_disagree_a_modified_date_is_right_and_a_lost_one_is_not(
    make_case: CaseMaker, study: Study
) -> None:
    for original, one in zip(study.originals, study.exported, strict=True):
        original.DateOfLastCalibration = "20190401"
        one.DateOfLastCalibration = "20180101"
    both = claims("113107", "113109")
    assert told(device_identity_retained(make_case(study.originals, study.exported, claims=both))) == []
    alone = device_identity_retained(make_case(study.originals, study.exported, claims=claims("113109")))
    assert told(alone) == [("retained-value-changed", Severity.FAIL, "(0018,1200)")]
    for one in study.exported:
        del one.DateOfLastCalibration
    lost = device_identity_retained(make_case(study.originals, study.exported, claims=both))
    assert told(lost) == [("retained-value-lost", Severity.FAIL, "(0018,1200)")]


def test_a_retained_sequence_may_be_cleaned_inside_but_not_be_gone(
    make_case: CaseMaker, study: Study
) -> None:
    def device() -> Dataset:
        item = Dataset()
        item.UniqueDeviceIdentifier = "(01)00844588003288"
        return item

    for one in (*study.originals, *study.exported):
        one.UDISequence = [device()]
    kept = device_identity_retained(make_case(study.originals, study.exported, claims=claims("113109")))
    assert kept.findings == ()
    for one in study.exported:
        del one.UDISequence
    gone = device_identity_retained(make_case(study.originals, study.exported, claims=claims("113109")))
    assert told(gone) == [("retained-value-lost", Severity.FAIL, "(0018,100A)")]


def test_what_stood_in_a_sequence_that_has_to_go_is_not_missed(make_case: CaseMaker, study: Study) -> None:
    for one in study.originals:
        item = Dataset()
        item.InstitutionName = "St Dymphna Infirmary"
        one.ReferringPhysicianIdentificationSequence = [item]
    put_back(study, "InstitutionName")
    judgement = institution_identity_retained(
        make_case(study.originals, study.exported, claims=claims("113112"))
    )
    assert judgement.findings == ()
