"""Values that stand and may be dummies: plain ones that everybody is given, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.finding import Severity
from tce_harness.rules.deidentification.canaries import no_canary_survives
from tce_harness.rules.deidentification.rows import basic_profile_rows

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

KINDS = {"ContentTime": CanaryKind.TIME, "ContentDate": CanaryKind.DATE, "StudyID": CanaryKind.IDENTIFIER}
ELEMENTS = {"ContentTime": "(0008,0033)", "ContentDate": "(0008,0023)", "StudyID": "(0020,0010)"}


def judged(
    make_case: CaseMaker, study: Study, keyword: str, before: list[str], after: list[str]
) -> set[tuple[str, Severity]]:
    """Return what is told of one attribute of the two images, in the table's rows and by what was planted."""
    pairs = zip(study.originals[:2], study.exported[:2], before, after, strict=True)
    for original, exported, old, new in pairs:
        setattr(original, keyword, old)
        setattr(exported, keyword, new)
    planted = [
        Canary(value=old, kind=KINDS[keyword], element=ELEMENTS[keyword], subject=f"study/{number}")
        for number, old in enumerate(before, start=1)
    ]
    case = make_case(study.originals[:2], study.exported[:2], canaries=planted)
    found = (*basic_profile_rows(case).findings, *no_canary_survives(case).findings)
    return {(each.kind, each.severity) for each in found if each.element == ELEMENTS[keyword]}


@pytest.mark.parametrize(
    ("keyword", "before", "after"),
    [
        ("ContentTime", ["000000", "094101"], ["000000", "000000"]),
        ("ContentTime", ["000000", "000000"], ["000000", "000000"]),
        ("ContentTime", ["120000", "094101"], ["120000", "120000"]),
        ("ContentDate", ["20000101", "20190412"], ["20000101", "20000101"]),
        ("StudyID", ["1", "1"], ["1", "1"]),
        ("StudyID", ["7", "8"], ["7", "7"]),
    ],
)
def test_a_plain_value_that_everybody_has_is_a_warning_at_most(
    keyword: str, before: list[str], after: list[str], make_case: CaseMaker, study: Study
) -> None:
    assert judged(make_case, study, keyword, before, after) == {("dummy-kept", Severity.WARNING)}


@pytest.mark.parametrize(
    ("keyword", "before", "after"),
    [
        ("ContentTime", ["094101", "101530"], ["094101", "094101"]),
        ("ContentTime", ["120000", "094101"], ["120000", ""]),
        ("ContentDate", ["20190412", "20190413"], ["20190412", "20190412"]),
        ("ContentDate", ["20190401", "20190401"], ["20190401", "20190401"]),
        ("StudyID", ["S88213", "S88214"], ["S88213", "S88213"]),
    ],
)
def test_a_value_of_one_that_another_was_given_too_fails(
    keyword: str, before: list[str], after: list[str], make_case: CaseMaker, study: Study
) -> None:
    assert ("value-kept", Severity.FAIL) in judged(make_case, study, keyword, before, after)
