"""Elements that are equal in several instances are judged once, and still each where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.finding import Judgement
from tce_harness.rules.deidentification.canaries import no_canary_survives
from tce_harness.rules.deidentification.rows import basic_profile_rows

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study


def where(judgement: Judgement, kind: str) -> list[tuple[str, str | None]]:
    return [(each.subject, each.element) for each in judgement.findings if each.kind == kind]


def canary(kind: CanaryKind, value: str, element: str, number: int) -> Canary:
    return Canary(value=value, kind=kind, element=element, subject=f"study/{number}")


def test_a_letter_planted_in_one_patient_is_no_leak_of_another(make_case: CaseMaker, study: Study) -> None:
    first, second = study.exported[:2]
    first.PatientSex = second.PatientSex = "F"
    planted = (
        canary(CanaryKind.TEXT, "F", "(0010,0040)", 1),
        canary(CanaryKind.TEXT, "M", "(0010,0040)", 2),
    )
    judgement = no_canary_survives(make_case(study.originals, study.exported, canaries=planted))
    assert where(judgement, "canary-survives") == [("study/1", "(0010,0040)")]


def test_a_date_is_a_leak_only_in_the_instance_whose_date_it_is(make_case: CaseMaker, study: Study) -> None:
    first, second = study.exported[:2]
    first.StudyDate = second.StudyDate = "20190412"
    planted = (
        canary(CanaryKind.DATE, "20210101", "(0008,0020)", 1),
        canary(CanaryKind.DATE, "20190412", "(0008,0020)", 2),
    )
    judgement = no_canary_survives(make_case(study.originals, study.exported, canaries=planted))
    assert where(judgement, "canary-survives") == [("study/2", "(0008,0020)")]


def test_equal_bytes_are_a_leak_at_the_path_where_they_were_planted_alone(
    make_case: CaseMaker, study: Study
) -> None:
    first, second = study.exported[:2]
    for one in (first, second):
        one.ReferencedImageSequence[0].StudyID = one.StudyID = "B17"
    del second.ReferencedImageSequence[0].StudyID
    planted = (canary(CanaryKind.IDENTIFIER, "B17", "(0008,1140)[1]/(0020,0010)", 1),)
    judgement = no_canary_survives(make_case(study.originals, study.exported, canaries=planted))
    assert where(judgement, "canary-survives") == [("study/1", "(0008,1140)[1]/(0020,0010)")]


def test_an_element_in_order_in_one_pair_is_held_against_what_it_became_in_the_next(
    make_case: CaseMaker, study: Study
) -> None:
    first, second = study.exported[:2]
    assert study.originals[0].PatientName == study.originals[1].PatientName
    second.PatientName = study.originals[1].PatientName
    second.InstitutionName = study.originals[1].InstitutionName
    judgement = basic_profile_rows(make_case(study.originals, study.exported))
    assert where(judgement, "value-kept") == [("study/2", "(0008,0080)"), ("study/2", "(0010,0010)")]
    assert first.PatientName != second.PatientName


def test_what_one_patient_got_may_be_what_another_was(make_case: CaseMaker, study: Study) -> None:
    study.originals[1].PatientID = study.exported[0].PatientID
    study.exported[1].PatientID = study.exported[0].PatientID
    judgement = basic_profile_rows(make_case(study.originals, study.exported))
    assert where(judgement, "value-kept") == [("study/2", "(0010,0020)")]


def test_as_many_attributes_are_counted_in_each_pair(make_case: CaseMaker, study: Study) -> None:
    counted = [
        basic_profile_rows(make_case(study.originals[:number], study.exported[:number])).examined
        for number in (1, 2)
    ]
    assert counted[1] == 2 * counted[0] > 0
