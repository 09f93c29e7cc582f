from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset

from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.rules.deidentification.safe_private import safe_private_as_declared

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

SAFE = Claims(deidentification_codes=("113100", "113111"))
MAKER = "ACME 1.1"


def declared(one: Dataset, status: str, safe: list[int] | None = None, action: str | None = None) -> None:
    said = Dataset()
    said.PrivateGroupReference, said.PrivateCreatorReference = 0x0009, MAKER
    said.BlockIdentifyingInformationStatus = status
    if safe is not None:
        said.NonidentifyingPrivateElements = safe
    if action is not None:
        asked = Dataset()
        asked.IdentifyingPrivateElements, asked.DeidentificationAction = [0x02], action
        said.DeidentificationActionSequence = [asked]
    one.PrivateDataElementCharacteristicsSequence = [said]


def private(one: Dataset, second: str = "by the window") -> None:
    block = one.private_block(0x0009, MAKER, create=True)
    block.add_new(0x01, "LO", "gain 7")
    block.add_new(0x02, "LO", second)


def judged(make_case: CaseMaker, study: Study) -> list[tuple[str, Severity, str | None]]:
    judgement: Judgement = safe_private_as_declared(make_case(study.originals, study.exported, claims=SAFE))
    assert judgement.examined == 2
    return [(each.kind, each.severity, each.element) for each in judgement.findings]


@pytest.mark.parametrize(
    ("status", "safe", "action", "expected"),
    [
        ("SAFE", None, None, []),
        ("UNSAFE", None, None, ["(0009,1001)", "(0009,1002)"]),
        ("UNSAFE", [0x01], None, ["(0009,1002)"]),
        ("UNSAFE", [0x1001, 0x1002], None, []),
        ("MIXED", [0x01], "X", ["(0009,1002)"]),
        ("MIXED", [0x01], "K", []),
    ],
)
def test_what_the_modality_declares_decides(
    status: str,
    safe: list[int] | None,
    action: str | None,
    expected: list[str],
    make_case: CaseMaker,
    study: Study,
) -> None:
    private(study.originals[0])
    declared(study.originals[0], status, safe, action)
    private(study.exported[0])
    found = judged(make_case, study)
    assert [element for _, _, element in found] == expected
    assert all(severity is Severity.FAIL for _, severity, _ in found)


def test_an_identifying_private_attribute_that_was_replaced_or_removed_passes(
    make_case: CaseMaker, study: Study
) -> None:
    private(study.originals[0])
    declared(study.originals[0], "MIXED", [0x01], "D")
    private(study.exported[0], "elsewhere")
    assert judged(make_case, study) == []
    del study.exported[0][0x00091002]
    assert judged(make_case, study) == []


def test_nothing_kept_is_fine_and_nothing_private_is_not_judged(make_case: CaseMaker, study: Study) -> None:
    empty = safe_private_as_declared(make_case(study.originals, study.exported, claims=SAFE))
    assert (empty.examined, empty.applicable) == (0, False)
    private(study.originals[0])
    assert judged(make_case, study) == []
    unclaimed = safe_private_as_declared(make_case(study.originals, study.exported))
    assert unclaimed.applicable is False
    alone = safe_private_as_declared(make_case([], study.exported, claims=SAFE))
    assert (alone.examined, alone.applicable) == (0, True)
