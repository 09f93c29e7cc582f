from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Severity
from tce_harness.model.record import CheckRecord
from tce_harness.rules.deidentification.exports import exports_agree

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

DATES = Claims(deidentification_codes=("113100", "113107"))


def twice(
    make_case: CaseMaker, study: Study, again: Sequence[Dataset], claims: Claims | None = None
) -> set[tuple[str, Severity, str | None]]:
    """Export the study, and once more in another step, and return what is told of it."""
    case = make_case(
        study.originals,
        [*study.exported, *again],
        claims=claims,
        more=[make_case.message(each, number, "again") for number, each in enumerate(again, start=10)],
    )
    check = CheckRecord(
        case="EM-000/TEST", step="compared", line=1, rules=(), of=("exported", "again"), against=("study",)
    )
    firsts = {make_case.message(each).digest for each in study.exported}
    found = exports_agree(_without(CaseEvidence(case._evidence, check), firsts))
    assert found.examined > 0
    return {(each.kind, each.severity, each.element) for each in found.findings}


def _without(case: CaseEvidence, firsts: set[str | None]) -> CaseEvidence:
    """Leave out that the second export came in the first step as well, as the maker of cases has it."""
    case.messages = tuple(
        each for each in case.messages if (each.record.step == "exported") == (each.record.digest in firsts)
    )
    return case


def changed(study: Study, change: Callable[[Dataset], object]) -> list[Dataset]:
    again = copy.deepcopy(study.exported)
    for one in again:
        one.InstanceCreatorUID = "2.25.1"  # other bytes than the first time
        change(one)
    return again


def test_two_exports_that_agree_pass(make_case: CaseMaker, study: Study) -> None:
    assert twice(make_case, study, changed(study, lambda one: None)) == set()


def test_another_patient_id_in_the_second_export_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    again = changed(study, lambda one: setattr(one, "PatientID", "P0999"))
    assert twice(make_case, study, again) == {
        ("pseudonym-differs-between-exports", Severity.WARNING, "(0010,0020)")
    }


def test_another_frame_of_reference_in_the_second_export_is_a_warning(
    make_case: CaseMaker, study: Study
) -> None:
    def change(one: Dataset) -> None:
        if "Rows" in one:
            one.FrameOfReferenceUID = "2.25.7"

    again = changed(study, change)
    assert ("uid-differs-between-exports", Severity.WARNING, "(0020,0052)") in twice(make_case, study, again)


def test_the_pseudonym_of_another_patient_is_told(make_case: CaseMaker, study: Study) -> None:
    other = copy.deepcopy(study.originals[1])
    other.PatientID, other.InstanceNumber, other.PixelData = "9994610999", 9, bytes(8)
    study.originals.append(other)
    again = [study.clean(other)]
    found = twice(make_case, study, again)
    assert ("pseudonym-used-again", Severity.WARNING, "(0010,0020)") in found


def test_another_shift_in_the_second_export_is_a_warning(make_case: CaseMaker, study: Study) -> None:
    def moved(by: int) -> Callable[[Dataset], object]:
        date = datetime(2019, 4, 12) + timedelta(days=by)
        return lambda one: setattr(one, "StudyDate", date.strftime("%Y%m%d"))

    for one in study.exported:
        moved(-100)(one)
        one.ContentTime = ""
        one.ContentDate = one.StudyDate
    same = twice(make_case, study, changed(study, moved(-100)), DATES)
    assert same == set()
    again = changed(study, moved(-300))
    for one in again:
        one.ContentDate = one.StudyDate
    assert ("shift-differs-between-exports", Severity.WARNING, "(0008,0020)") in twice(
        make_case, study, again, DATES
    )


def test_one_export_is_compared_with_nothing(make_case: CaseMaker, study: Study) -> None:
    judgement = exports_agree(make_case(study.originals, study.exported))
    assert (judgement.examined, judgement.applicable, judgement.findings) == (0, False, ())
    assert judgement.reason
