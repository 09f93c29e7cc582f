"""Clean Descriptors claimed and not done: prose and numbers stand word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.cleaned import descriptors_cleaned

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

CLAIMS = Claims(deidentification_codes=("113100", "113105"))
PLANTED = [Canary(value="RX44910273", kind=CanaryKind.IDENTIFIER, element="(0008,0050)", subject="study/1")]
PROSE = {"PatientComments": "Daughter of the vicar, phone 07700900123", "StudyDescription": "CT thorax"}
NUMBERED = {"StudyDescription": "CT thorax 07700 900123"}
PLAIN = {"StudyDescription": "CT thorax", "SeriesDescription": "Axial 1.25 lung"}


def judged(
    make_case: CaseMaker, study: Study, before: dict[str, str], after: list[dict[str, str]]
) -> list[tuple[str, Severity]]:
    for original, exported, left in zip(study.originals[:2], study.exported[:2], after, strict=True):
        for one in (original, exported):
            for keyword in ("StudyDescription", "RequestAttributesSequence"):
                one.pop(keyword, None)
        for one, values in ((original, before), (exported, left)):
            for keyword, value in values.items():
                setattr(one, keyword, value)
    case = make_case(study.originals[:2], study.exported[:2], claims=CLAIMS, canaries=PLANTED)
    return [(each.kind, each.severity) for each in descriptors_cleaned(case).findings]


@pytest.mark.parametrize("before", [PROSE, NUMBERED], ids=["prose", "a number"])
def test_prose_or_numbers_that_stand_in_most_instances_are_a_warning(
    before: dict[str, str], make_case: CaseMaker, study: Study
) -> None:
    assert judged(make_case, study, before, [before, before]) == [("descriptors-untouched", Severity.WARNING)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PLAIN, [PLAIN, PLAIN]),
        (PROSE, [{"StudyDescription": "CT thorax"}] * 2),
        (PROSE, [PROSE, {**PROSE, "PatientComments": "Daughter"}]),
        (PROSE, [{}, {}]),
    ],
    ids=["plain words", "prose removed", "half of them cleaned", "all removed"],
)
def test_plain_words_and_cleaned_descriptors_tell_nothing(
    before: dict[str, str], after: list[dict[str, str]], make_case: CaseMaker, study: Study
) -> None:
    assert judged(make_case, study, before, after) == []
