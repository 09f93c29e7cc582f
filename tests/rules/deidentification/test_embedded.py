"""Short names and numbers inside other values of the patient's own instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.canaries import no_canary_survives

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

FAIL, WARNING = Severity.FAIL, Severity.WARNING


def planted(name: str, number: str) -> list[Canary]:
    found = []
    for subject in ("study/1", "study/2"):
        found += [
            Canary(value=name, kind=CanaryKind.NAME, element="(0010,0010)", subject=subject),
            Canary(value=number, kind=CanaryKind.IDENTIFIER, element="(0010,0020)", subject=subject),
            Canary(value="19570312", kind=CanaryKind.DATE, element="(0010,0030)", subject=subject),
            Canary(value="77415", kind=CanaryKind.IDENTIFIER, element="(0018,1000)", subject=subject),
        ]
    return found


def severities(
    make_case: CaseMaker, study: Study, patient: tuple[str, str], keyword: str, value: str
) -> set[Severity]:
    exported = study.spoil(lambda one: setattr(one, keyword, value))
    judgement = no_canary_survives(make_case(study.originals, exported, canaries=planted(*patient)))
    assert all(value not in each.message for each in judgement.findings)
    return {each.severity for each in judgement.findings}


LEE = ("Lee^Tom", "4711023")
OKAFOR = ("Okafor^Adaeze", "A12345")
HAND = ("Hand^Anna", "2210457")
HUANG = ("王^小东", "883126")
YAMADA = ("山田^太郎", "883126")


@pytest.mark.parametrize(
    ("patient", "keyword", "value"),
    [
        (LEE, "PatientID", "ANON-4711023"),
        (LEE, "PatientID", "LEE4711023"),
        (LEE, "PatientID", "4711023A"),
        (LEE, "PatientID", "04711023"),
        (LEE, "PatientID", "Tom Lee"),
        (LEE, "PatientID", "TomLee"),
        (LEE, "PatientID", "PAT_LEE_TOM"),
        (LEE, "PatientName", "TOMLEE"),
        (LEE, "PatientName", "Patient Lee"),
        (LEE, "PatientName", "4711023^Anon"),
        (LEE, "ReferringPhysicianName", "Lee^Tom"),
        (LEE, "ReferringPhysicianName", "Tom^Lee"),
        (LEE, "ImageComments", "Tom Lee, MRN 4711023"),
        (LEE, "ImageComments", "Tom Lee"),
        (LEE, "ImageComments", "seen with Mr Lee"),
        (LEE, "StationName", "MRN4711023"),
        (LEE, "ImageComments", "born 12/03/57"),
        (LEE, "ImageComments", "geb. 12.03.57, links"),
        (OKAFOR, "PatientID", "OKAFOR_A12345"),
        (OKAFOR, "PatientID", "OKAFOR-1"),
        (OKAFOR, "PatientID", "XA12345"),
        (OKAFOR, "PatientName", "Mrs Okafor"),
        (OKAFOR, "PatientName", "OKAFOR A"),
        (OKAFOR, "ImageComments", "CT for A. Okafor"),
        (OKAFOR, "ImageComments", "ID A12345"),
        (OKAFOR, "BodyPartExamined", "OKAFOR"),
        (HAND, "PatientName", "Miss Hand"),
        (HAND, "PatientID", "HAND-17"),
        (HAND, "ImageComments", "Anna Hand"),
        (HUANG, "PatientName", "王小东"),
        (HUANG, "PatientID", "王小东"),
        (HUANG, "ImageComments", "病人王小东头部"),
        (HUANG, "PatientName", "王先生"),
        (YAMADA, "PatientName", "山田 様"),
        (YAMADA, "PatientName", "山田様"),
    ],
)
def test_a_short_name_or_number_inside_another_value_is_a_leak(
    patient: tuple[str, str], keyword: str, value: str, make_case: CaseMaker, study: Study
) -> None:
    assert severities(make_case, study, patient, keyword, value) == {FAIL}


@pytest.mark.parametrize(
    ("patient", "keyword", "value"),
    [
        (LEE, "ImageComments", "Lee seen"),
        (OKAFOR, "ImageComments", "Okafor seen"),
        (LEE, "PatientID", "X9LEE7"),
    ],
)
def test_a_short_family_name_alone_is_a_warning(
    patient: tuple[str, str], keyword: str, value: str, make_case: CaseMaker, study: Study
) -> None:
    assert severities(make_case, study, patient, keyword, value) == {WARNING}


@pytest.mark.parametrize(
    ("patient", "keyword", "value"),
    [
        (LEE, "PatientID", "P47110235"),
        (LEE, "PatientID", "934711023"),
        (LEE, "ImageComments", "part 14711023 of the set"),
        (LEE, "ImageComments", "Sleep study, fleet"),
        (LEE, "ImageComments", "77415 slices, 12:03:57"),
        (LEE, "SoftwareVersions", "5.12.03.57"),
        (OKAFOR, "PatientID", "A123456"),
        (HAND, "ImageComments", "left hand, a hand of an adult"),
        (HAND, "BodyPartExamined", "HAND"),
        (HAND, "StudyDescription", "Hand pa"),
        (HUANG, "ImageComments", "小王 东"),
    ],
)
def test_chance_and_ordinary_words_are_no_leak(
    patient: tuple[str, str], keyword: str, value: str, make_case: CaseMaker, study: Study
) -> None:
    assert severities(make_case, study, patient, keyword, value) == set()


def test_a_short_number_of_another_patient_is_met_by_chance(make_case: CaseMaker, study: Study) -> None:
    other = [
        Canary(value="100017", kind=CanaryKind.IDENTIFIER, element="(0010,0020)", subject="study/2"),
        Canary(value="100018", kind=CanaryKind.IDENTIFIER, element="(0010,0020)", subject="study/1"),
    ]
    exported = study.spoil(lambda one: setattr(one, "PatientID", "ANON-100017"))
    assert no_canary_survives(make_case(study.originals, exported, canaries=other)).findings == ()
