from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage

from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.references import references_resolve

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study


def kinds(judgement: Judgement) -> set[str]:
    return {each.kind for each in judgement.findings}


def test_a_clean_export_passes(make_case: CaseMaker, study: Study) -> None:
    judgement = references_resolve(make_case(study.originals, study.exported))
    assert judgement.examined >= 8
    assert judgement.findings == ()
    assert judgement.unit == "references"


def test_without_references_in_the_originals_there_is_nothing_to_follow(
    make_case: CaseMaker, study: Study
) -> None:
    for one in (study.originals[0], study.exported[0]):
        del one.ReferencedImageSequence
    judgement = references_resolve(make_case(study.originals[:1], study.exported[:1]))
    assert (judgement.examined, judgement.reason) == (0, "no exported instance refers to another")
    assert not judgement.applicable


def test_without_originals_instances_without_references_leave_it_open(
    make_case: CaseMaker, study: Study
) -> None:
    del study.exported[0].ReferencedImageSequence
    judgement = references_resolve(make_case([], study.exported[:1]))
    assert judgement.examined == 0
    assert judgement.applicable


def test_a_reference_to_an_original_fails(make_case: CaseMaker, study: Study) -> None:
    original = study.originals[1].SOPInstanceUID

    def change(one: Dataset) -> None:
        one.ReferencedImageSequence[0].ReferencedSOPInstanceUID = original

    judgement = references_resolve(make_case(study.originals, study.spoil(change)))
    assert kinds(judgement) == {"reference-to-original", "reference-broken"}
    assert judgement.findings[0].element == "(0008,1140)[1]/(0008,1155)"


def test_a_reference_to_an_original_outside_the_selection_fails(make_case: CaseMaker, study: Study) -> None:
    outside = "1.2.826.0.1.3680043.10.5.7.44.1"
    for one in (study.originals[0], study.exported[0]):
        one.ReferencedImageSequence[0].ReferencedSOPInstanceUID = outside
    assert kinds(references_resolve(make_case(study.originals, study.exported))) == {"reference-to-original"}


def test_a_reference_that_leads_nowhere_fails(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.ContentSequence[1].ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "2.25.404"

    judgement = references_resolve(make_case(study.originals, study.spoil(change, 2)))
    assert [(each.kind, each.severity) for each in judgement.findings] == [
        ("reference-broken", Severity.FAIL)
    ]
    assert judgement.findings[0].subject == "study/3"


@pytest.mark.parametrize("left", [[], None], ids=["emptied", "removed"])
def test_the_images_of_a_cleaned_report_that_are_gone_are_a_warning(
    left: list[Dataset] | None, make_case: CaseMaker, study: Study
) -> None:
    claims = Claims(deidentification_codes=("113100", "113104"))
    for one in (study.originals[2], study.exported[2]):
        one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = ComprehensiveSRStorage
    assert references_resolve(make_case(study.originals, study.exported, claims=claims)).findings == ()
    study.exported[2].ContentSequence = left
    if left is None:
        del study.exported[2].ContentSequence
    (finding,) = references_resolve(make_case(study.originals, study.exported, claims=claims)).findings
    assert (finding.kind, finding.severity) == ("reference-lost", Severity.WARNING)
    assert references_resolve(make_case(study.originals, study.exported)).findings == ()


def test_an_evidence_series_that_is_not_the_exported_one_fails(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        study_item = one.CurrentRequestedProcedureEvidenceSequence[0]
        study_item.ReferencedSeriesSequence[0].SeriesInstanceUID = "2.25.404"

    assert kinds(references_resolve(make_case(study.originals, study.spoil(change, 2)))) == {
        "reference-broken"
    }


def test_a_manifest_emptied_of_its_references_fails(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.ContentSequence = []

    assert kinds(references_resolve(make_case(study.originals, study.spoil(change, 2)))) == {
        "reference-broken"
    }


def test_an_image_may_lose_its_references(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        del one.ReferencedImageSequence

    assert references_resolve(make_case(study.originals, study.spoil(change))).findings == ()


def test_references_in_another_order_still_resolve(make_case: CaseMaker, study: Study) -> None:
    def change(one: Dataset) -> None:
        one.ContentSequence = list(reversed(one.ContentSequence))

    assert references_resolve(make_case(study.originals, study.spoil(change, 2))).findings == ()


def test_retained_uids_may_name_originals(make_case: CaseMaker, study: Study) -> None:
    case = make_case(
        study.originals, study.originals, claims=Claims(deidentification_codes=("113100", "113110"))
    )
    judgement = references_resolve(case)
    assert judgement.examined
    assert judgement.findings == ()


def test_without_originals_unresolved_references_are_told_and_not_judged(
    make_case: CaseMaker, study: Study
) -> None:
    def change(one: Dataset) -> None:
        one.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "2.25.404"

    judgement = references_resolve(make_case([], study.spoil(change)))
    assert [(each.kind, each.severity) for each in judgement.findings] == [
        ("reference-unresolved", Severity.INFO)
    ]
