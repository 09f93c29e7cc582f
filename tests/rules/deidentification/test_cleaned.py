from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.cleaned import (
    content_items_cleaned,
    descriptors_cleaned,
    graphics_cleaned,
)

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
    original, exported = report(study, item("DATE", ("126201", "DCM"), "Date", "20190412"))
    kept = judged(make_case, (original, exported), *ALL, "113106")
    assert kept.findings == ()
    del exported.ContentSequence[0]
    assert told(judged(make_case, (original, exported), *ALL, "113106")) == [
        ("content-item-lost", Severity.FAIL)
    ]
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
