from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.canaries import no_canary_survives
from tce_harness.rules.deidentification.cleaned import (
    content_items_cleaned,
    descriptors_cleaned,
    graphics_cleaned,
)
from tce_harness.rules.deidentification.dates import dates_modified
from tce_harness.rules.deidentification.retained import full_dates_retained
from tce_harness.rules.deidentification.rows import basic_profile_rows

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

NAME = Canary(value="Okonkwo^Bernadette^^Dr", kind=CanaryKind.NAME, element="(0008,0090)", subject="study/1")
ALL = ("113100", "113103", "113104", "113105")


def claims(*codes: str) -> Claims:
    return Claims(deidentification_codes=codes)


def told(judgement: Judgement) -> list[tuple[str, Severity]]:
    return [(each.kind, each.severity) for each in judgement.findings]


def item(value_type: str, code: tuple[str, str], keyword: str, value: str) -> Dataset:
    concept = Dataset()
    concept.CodeValue, concept.CodingSchemeDesignator = code
    concept.CodeMeaning = "a concept"
    made = Dataset()
    made.RelationshipType, made.ValueType = "CONTAINS", value_type
    made.ConceptNameCodeSequence = [concept]
    setattr(made, keyword, value)
    return made


FAIL = Severity.FAIL
BIRTH_PATH = "(0040,A730)[2]/(0040,A121)"
FINDING = item("TEXT", ("121071", "DCM"), "TextValue", "A nodule")
LOGIN = item("TEXT", ("128774", "DCM"), "TextValue", "bokonkwo")


def report(study: Study, *content: Dataset) -> tuple[Dataset, Dataset]:
    """Return a report, and the same as it came out of a de-identifier that leaves content alone."""
    original = copy.deepcopy(study.originals[2])
    original.SOPClassUID, original.InstanceNumber = ComprehensiveSRStorage, 9
    original.ContentSequence = [copy.deepcopy(each) for each in content]
    return original, study.clean(original)


def judged(make_case: CaseMaker, pair: tuple[Dataset, Dataset], *codes: str) -> Judgement:
    case = make_case([pair[0]], [pair[1]], claims=claims(*(codes or ALL)), canaries=[NAME])
    return content_items_cleaned(case)


def test_a_content_item_whose_concept_has_to_go_fails_where_it_stands(
    make_case: CaseMaker, study: Study
) -> None:
    judgement = judged(make_case, report(study, FINDING, LOGIN))
    assert told(judgement) == [("content-item-kept", Severity.FAIL)]
    assert judgement.findings[0].row == "(128774, DCM)"
    original, exported = report(study, FINDING, LOGIN)
    exported.ContentSequence[1].TextValue = "somebody"
    assert judged(make_case, (original, exported)).findings == ()
    del exported.ContentSequence[1]
    assert judged(make_case, (original, exported)).findings == ()


def test_a_finding_kept_without_clean_descriptors_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    judgement = judged(make_case, report(study, FINDING), "113100", "113104")
    assert told(judgement) == [("content-item-kept-without-claim", Severity.WARNING)]
    assert judged(make_case, report(study, FINDING)).findings == ()


def test_a_retained_content_item_that_is_gone_fails(make_case: CaseMaker, study: Study) -> None:
    original, exported = report(study, item("DATE", ("126201", "DCM"), "Date", "20190412"), FINDING)
    kept = judged(make_case, (original, exported), *ALL, "113106")
    assert kept.findings == ()
    del exported.ContentSequence[0]
    assert told(judged(make_case, (original, exported), *ALL, "113106")) == [
        ("content-item-lost", Severity.FAIL)
    ]
    assert judged(make_case, (original, exported)).findings == ()


BIRTH = item("DATE", ("121031", "DCM"), "Date", "19570312")


@pytest.mark.parametrize("dates", ["113106", "113107"])
def test_the_birth_date_of_a_report_goes_though_dates_are_retained(
    dates: str, make_case: CaseMaker, study: Study
) -> None:
    planted = [Canary(value="19570312", kind=CanaryKind.DATE, element=BIRTH_PATH, subject="study/1"), NAME]
    for became, found in (("19570312", True), ("19000101", False), (None, False)):
        original, exported = report(study, FINDING, BIRTH)
        if became is None:
            del exported.ContentSequence[1]
        else:
            exported.ContentSequence[1].Date = became
        case = make_case([original], [exported], claims=claims(*ALL, dates), canaries=planted)
        assert ("content-item-kept" in {each.kind for each in content_items_cleaned(case).findings}) is found
        assert [each for each in no_canary_survives(case).findings if each.severity is FAIL] == [] or found
        rows = [each.kind for each in basic_profile_rows(case).findings if each.element == BIRTH_PATH]
        assert rows == (["value-kept"] if found else [])
        for judge in (full_dates_retained, dates_modified):
            assert [each for each in judge(case).findings if each.element == BIRTH_PATH] == []


def test_a_kept_birth_date_in_a_report_is_a_planted_value_that_survives(
    make_case: CaseMaker, study: Study
) -> None:
    planted = [Canary(value="19570312", kind=CanaryKind.DATE, element=BIRTH_PATH, subject="study/1")]
    for codes in (ALL, ("113100",)):
        case = make_case(
            list(report(study, FINDING, BIRTH)[:1]),
            list(report(study, FINDING, BIRTH)[1:]),
            claims=claims(*codes, "113106"),
            canaries=planted,
        )
        assert ("canary-survives", FAIL) in told(no_canary_survives(case))


@pytest.mark.parametrize("left", [[], None], ids=["emptied", "removed"])
def test_content_that_is_gone_as_a_whole_is_a_warning_where_cleaning_is_claimed(
    left: list[Dataset] | None, make_case: CaseMaker, study: Study
) -> None:
    original, exported = report(study, FINDING, LOGIN)
    exported.ContentSequence = left
    if left is None:
        del exported.ContentSequence
    assert told(judged(make_case, (original, exported))) == [("content-lost", Severity.WARNING)]
    original, exported = report(study, LOGIN)
    exported.ContentSequence = []
    assert judged(make_case, (original, exported)).findings == ()


def test_a_planted_name_in_a_cleaned_content_item_fails(make_case: CaseMaker, study: Study) -> None:
    original, exported = report(study, FINDING)
    exported.ContentSequence[0].TextValue = "Seen by Okonkwo Bernadette"
    assert told(judged(make_case, (original, exported))) == [("not-cleaned", Severity.FAIL)]


def test_a_planted_name_in_a_description_fails_clean_descriptors(make_case: CaseMaker, study: Study) -> None:
    study.exported[0].StudyDescription = "CT for Bernadette Okonkwo"
    judgement = descriptors_cleaned(
        make_case(study.originals, study.exported, claims=claims(*ALL), canaries=[NAME])
    )
    assert told(judgement) == [("not-cleaned", Severity.FAIL)]
    graphics = graphics_cleaned(
        make_case(study.originals, study.exported, claims=claims(*ALL), canaries=[NAME])
    )
    assert (graphics.examined, graphics.applicable) == (0, False)


@pytest.mark.parametrize("text", ["Dr OKONKWO BERNADETTE", "arrow"])
def test_drawn_text_is_held_against_what_was_planted(text: str, make_case: CaseMaker, study: Study) -> None:
    for one in (study.originals[0], study.exported[0]):
        drawn = Dataset()
        drawn.UnformattedTextValue = text if one is study.exported[0] else "Dr Okonkwo"
        layer = Dataset()
        layer.TextObjectSequence = [drawn]
        one.GraphicAnnotationSequence = [layer]
    judgement = graphics_cleaned(
        make_case(study.originals, study.exported, claims=claims(*ALL), canaries=[NAME])
    )
    assert judgement.examined == 1
    assert told(judgement) == ([("not-cleaned", Severity.FAIL)] if text != "arrow" else [])


@pytest.mark.parametrize("judge", [content_items_cleaned, descriptors_cleaned, graphics_cleaned])
def test_options_are_judged_where_they_are_claimed_and_something_was_planted(
    judge: type, make_case: CaseMaker, study: Study
) -> None:
    assert judge(make_case(study.originals, study.exported, canaries=[NAME])).applicable is False
    without = judge(make_case([], study.exported, claims=claims(*ALL), canaries=[NAME]))
    assert (without.examined, without.reason) == (0, "there are no originals to compare with")
    nothing = judge(make_case(study.originals, study.exported, claims=claims(*ALL)))
    assert (nothing.examined, nothing.reason) == (0, "nothing was planted in the originals")
