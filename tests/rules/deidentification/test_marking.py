from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset

from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.marking import (
    marked_as_deidentified,
    method_codes_recorded,
    method_recorded,
    temporal_information,
)
from tce_harness.rules.deidentification.pixels import no_burned_in_contradiction
from tce_harness.rules.registry import RuleFunction

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

RULES = (
    marked_as_deidentified,
    method_recorded,
    method_codes_recorded,
    temporal_information,
    no_burned_in_contradiction,
)


def told(judgement: Judgement) -> list[tuple[str, Severity]]:
    return [(each.kind, each.severity) for each in judgement.findings]


@pytest.mark.parametrize("judge", RULES)
def test_a_clean_export_passes(judge: RuleFunction, make_case: CaseMaker, study: Study) -> None:
    judgement = judge(make_case(study.originals, study.exported))
    assert (judgement.examined, judgement.findings) == (3, ())


@pytest.mark.parametrize("judge", RULES)
def test_marking_is_judged_without_originals(judge: RuleFunction, make_case: CaseMaker, study: Study) -> None:
    assert judge(make_case([], study.exported)).examined == 3


@pytest.mark.parametrize("judge", RULES)
def test_nothing_exported_examines_nothing(judge: RuleFunction, make_case: CaseMaker, study: Study) -> None:
    judgement = judge(make_case(study.originals, []))
    assert (judgement.examined, judgement.reason) == (0, "nothing readable was exported")


@pytest.mark.parametrize("value", ["NO", "", "yes", None])
def test_a_manifest_that_is_not_marked_fails(value: str | None, make_case: CaseMaker, study: Study) -> None:
    study.exported[2].PatientIdentityRemoved = value
    judgement = marked_as_deidentified(make_case(study.originals, study.exported))
    assert told(judgement) == [("not-marked-de-identified", Severity.FAIL)]
    assert judgement.findings[0].subject == "study/3"


def test_no_method_at_all_fails(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        del one.DeidentificationMethod
        one.DeidentificationMethodCodeSequence = []

    judgement = method_recorded(make_case(study.originals, study.spoil(change)))
    assert told(judgement) == [("method-missing", Severity.FAIL)]


def test_a_method_as_text_alone_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        del one.DeidentificationMethodCodeSequence

    judgement = method_recorded(make_case(study.originals, study.spoil(change)))
    assert told(judgement) == [("method-text-only", Severity.WARNING)]


def test_a_claimed_option_without_its_code_fails(make_case: CaseMaker, study: Study) -> None:
    claims = Claims(deidentification_codes=("113100", "113105"))
    judgement = method_codes_recorded(make_case(study.originals, study.exported, claims=claims))
    assert told(judgement) == [("method-code-missing", Severity.FAIL)] * 3


def test_a_code_of_another_scheme_is_no_code(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.DeidentificationMethodCodeSequence[0].CodingSchemeDesignator = "99ACME"

    judgement = method_codes_recorded(make_case(study.originals, study.spoil(change)))
    assert told(judgement) == [("method-code-missing", Severity.FAIL)]


def test_full_and_modified_dates_together_fail(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.DeidentificationMethodCodeSequence = [
            study.code(value, "DCM", "meaning") for value in ("113100", "113106", "113107")
        ]

    judgement = method_codes_recorded(make_case(study.originals, study.spoil(change)))
    assert ("method-codes-contradict", Severity.FAIL) in told(judgement)


def test_a_history_that_outgrows_its_vr_fails(make_case: CaseMaker, study: Study) -> None:
    case = make_case(
        study.originals, study.spoil(lambda one: setattr(one, "DeidentificationMethod", ["a", "b" * 65]))
    )
    assert told(method_codes_recorded(case)) == [("method-too-long", Severity.FAIL)]


def test_an_overwritten_history_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    study.originals[0].DeidentificationMethodCodeSequence = [study.code("113108", "DCM", "meaning")]
    judgement = method_codes_recorded(make_case(study.originals, study.exported))
    assert told(judgement) == [("method-history-lost", Severity.WARNING)]


@pytest.mark.parametrize(
    ("codes", "admitted"),
    [((), "REMOVED"), (("113106",), "UNMODIFIED"), (("113107",), "MODIFIED")],
)
def test_temporal_information_follows_the_claims(
    codes: tuple[str, ...], admitted: str, make_case: CaseMaker, study: Study
) -> None:
    claims = Claims(deidentification_codes=("113100", *codes))
    for value in ("REMOVED", "UNMODIFIED", "MODIFIED", ""):
        for one in study.exported:
            one.LongitudinalTemporalInformationModified = value
        judgement = temporal_information(make_case(study.originals, study.exported, claims=claims))
        assert bool(judgement.findings) == (value != admitted)


def test_marked_clean_with_burned_in_annotation_fails(make_case: CaseMaker, study: Study) -> None:
    case = make_case(study.originals, study.spoil(lambda one: setattr(one, "BurnedInAnnotation", "YES")))
    assert told(no_burned_in_contradiction(case)) == [("burned-in-contradiction", Severity.FAIL)]


def test_no_burned_in_annotation_is_no_contradiction(make_case: CaseMaker, study: Study) -> None:
    case = make_case(study.originals, study.spoil(lambda one: setattr(one, "BurnedInAnnotation", "NO")))
    assert no_burned_in_contradiction(case).findings == ()


def test_an_option_that_is_recorded_and_not_claimed_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    def record(one: Dataset) -> None:
        one.DeidentificationMethodCodeSequence.append(study.code("113109", "DCM", "Retain Device Identity"))

    spoilt = study.spoil(record)
    judgement = method_codes_recorded(make_case(study.originals, spoilt))
    assert [(each.kind, each.severity) for each in judgement.findings] == [
        ("method-code-not-claimed", Severity.WARNING)
    ]
    study.originals[0].DeidentificationMethodCodeSequence = [study.code("113109", "DCM", "Retained before")]
    assert method_codes_recorded(make_case(study.originals, spoilt)).findings == ()
