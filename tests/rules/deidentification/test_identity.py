from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.identity import patient_identity_consistent

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study


def test_one_replacement_for_one_patient_passes(make_case: CaseMaker, study: Study) -> None:
    judgement = patient_identity_consistent(make_case(study.originals, study.exported))
    assert (judgement.examined, judgement.findings) == (3, ())


@pytest.mark.parametrize(
    ("keyword", "value", "element"),
    [
        ("PatientID", "P9", "(0010,0020)"),
        ("PatientName", "OTHER^ONE", "(0010,0010)"),
        ("StudyID", "7", "(0020,0010)"),
        ("SeriesNumber", 9, "(0020,0011)"),
    ],
)
def test_another_replacement_for_the_same_patient_fails(
    keyword: str, value: str | int, element: str, make_case: CaseMaker, study: Study
) -> None:
    exported = study.spoil(lambda one: setattr(one, keyword, value), 1)
    (finding,) = patient_identity_consistent(make_case(study.originals, exported)).findings
    assert (finding.kind, finding.element, finding.severity) == (
        "replacement-differs",
        element,
        Severity.FAIL,
    )


def test_two_patients_with_one_replacement_fail(make_case: CaseMaker, study: Study) -> None:
    study.originals[1].PatientID = "9994610999"
    (finding,) = patient_identity_consistent(make_case(study.originals, study.exported)).findings
    assert finding.kind == "patients-merged"


def test_two_patients_with_two_replacements_pass(make_case: CaseMaker, study: Study) -> None:
    study.originals[1].PatientID = "9994610999"
    exported = study.spoil(lambda one: setattr(one, "PatientID", "P0418"), 1)
    assert patient_identity_consistent(make_case(study.originals, exported)).findings == ()


def test_an_issuer_that_one_instance_of_a_study_lacks_makes_no_second_patient(
    make_case: CaseMaker, study: Study
) -> None:
    for one in study.originals[1:]:
        one.IssuerOfPatientID = "St Dymphna"
    assert patient_identity_consistent(make_case(study.originals, study.exported)).findings == ()
    exported = study.spoil(lambda one: setattr(one, "PatientID", "P0418"), 0)
    kinds = [each.kind for each in patient_identity_consistent(make_case(study.originals, exported)).findings]
    assert set(kinds) == {"replacement-differs"}


def test_the_same_number_of_another_issuer_in_another_study_is_another_patient(
    make_case: CaseMaker, study: Study
) -> None:
    study.originals[0].IssuerOfPatientID = "St Dymphna"
    study.originals[0].StudyInstanceUID += ".7"
    (finding,) = (
        each
        for each in patient_identity_consistent(make_case(study.originals, study.exported)).findings
        if each.kind == "patients-merged"
    )
    assert finding.element == "(0010,0020)"


def test_without_pairs_it_is_left_open(make_case: CaseMaker, study: Study) -> None:
    judgement = patient_identity_consistent(make_case([], study.exported))
    assert (judgement.examined, judgement.reason) == (0, "there are no originals to compare with")
