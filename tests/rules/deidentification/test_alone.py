from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.rows import basic_profile_rows

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study


def told(judgement: Judgement) -> list[tuple[str, Severity, str | None]]:
    return [(each.kind, each.severity, each.element) for each in judgement.findings]


def test_without_originals_a_clean_output_is_undecided_and_not_passed(
    make_case: CaseMaker, study: Study
) -> None:
    judgement = basic_profile_rows(make_case([], study.exported))
    assert (judgement.examined, judgement.findings) == (0, ())
    assert judgement.reason == "there are no originals to compare with"


def test_without_originals_a_value_where_none_belongs_is_still_told(
    make_case: CaseMaker, study: Study
) -> None:
    def leave(one: Dataset) -> None:
        one.PatientAddress = "1 Marlpit Hill"
        one.PatientComments = ""
        item = Dataset()
        item.InstitutionAddress = "the de-identifier's own"
        one.ContributingEquipmentSequence = [item]
        one.ClinicalTrialSeriesDescription = "set for the trial"

    judgement = basic_profile_rows(make_case([], study.spoil(leave)))
    assert told(judgement) == [("value-where-none-belongs", Severity.WARNING, "(0010,1040)")]
    assert judgement.examined == 1
    assert "Marlpit" not in str(judgement.findings)


def test_an_instance_whose_original_cannot_be_told_is_named(make_case: CaseMaker, study: Study) -> None:
    judgement = basic_profile_rows(make_case(study.originals[:2], study.exported))
    assert told(judgement) == [("not-compared", Severity.INFO, None)]
    assert judgement.examined > 10
