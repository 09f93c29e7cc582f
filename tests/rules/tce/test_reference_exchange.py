"""A conforming exchange, made by the references from every recipe: no rule finds a fault in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count

import pytest
from pydicom.dataset import Dataset, FileDataset

from tce_harness.content import Content
from tce_harness.deidentify.deidentifier import Deidentifier
from tce_harness.deidentify.outcome import Deidentified
from tce_harness.deidentify.policy import find_policy
from tce_harness.deidentify.pseudonyms import Pseudonyms
from tce_harness.evidence.case import CaseEvidence
from tce_harness.fixtures import recipes, synthesise
from tce_harness.model.claims import Claims, Option
from tce_harness.model.finding import Severity
from tce_harness.model.record import AssociationRecord, WaitRecord
from tce_harness.model.requirement import Actor
from tce_harness.objects.teaching_file import Author, TeachingFileInformation
from tce_harness.objects.teaching_file_building import build_teaching_file
from tce_harness.rules.registry import Rule, all_rules
from tce_harness.standard import codes

RECIPES = {each.name: each for each in recipes(Content.with_overlays())}
PREFIXES = ("arrival/", "manifest/", "teaching-file/", "association/")
OURS = [each for name, each in all_rules().items() if name.startswith(PREFIXES)]
# No delay is asked for here, so that its rule would miss one.
OF_SELECTOR = [
    each for each in OURS if not each.judges.startswith("TCE-RAD53") and each.name != "manifest/delay-reason"
]
OF_MANAGER = [each for each in OURS if each.judges.startswith("TCE-RAD53")]
CLAIMS = Claims(options=tuple(Option), deidentification_codes=("113100", "113103", "113104", "113105"))


def faults(rules: list[Rule], seen: CaseEvidence) -> list[str]:
    return [
        f"{each.name}: {finding.kind} {finding.subject} {finding.element}"
        for each in rules
        for finding in each.judge(seen).findings
        if finding.severity is not Severity.INFO
    ]


@pytest.fixture(params=sorted(RECIPES))
def study(request: pytest.FixtureRequest) -> list[Dataset]:
    made = synthesise(RECIPES[request.param], seed=3, block=1, name="study", instances=2)
    return [each.dataset for each in made.instances]


@pytest.fixture
def originals(study: list[Dataset], selection: Callable[..., list[FileDataset]]) -> dict[str, list[Dataset]]:
    numbers = count(1)
    case = build_teaching_file(
        TeachingFileInformation(
            author=Author(family="Reader", given="Rita", identifier="GMC1234567"),
            abstract="A mass in the right lung",
            keywords=("lung",),
            category=codes.CATEGORIES[1].iheradtf,
        ),
        study[0],
        uids=lambda: f"1.2.3.800.{next(numbers)}",
        content_datetime=datetime(2026, 1, 2),
        series_number=800,
    )
    return {
        "study": study,
        "case": [case],
        "manifest": list(selection([*study, case], description="Mass in the right lung")),
    }


def test_the_selection_of_a_recipe_has_no_fault(
    case: Callable[..., CaseEvidence], originals: dict[str, list[Dataset]], wait: Callable[..., WaitRecord]
) -> None:
    came = [each for datasets in originals.values() for each in datasets]
    seen = case(
        originals=originals,
        came={"arrived": came},
        records=[wait(transaction="RAD-51")],
        claims=CLAIMS,
        under_test=(Actor.EXPORT_SELECTOR,),
    )
    assert faults(OF_SELECTOR, seen) == []


def test_the_export_of_a_recipe_has_no_fault(
    case: Callable[..., CaseEvidence],
    originals: dict[str, list[Dataset]],
    wait: Callable[..., WaitRecord],
    association: Callable[..., AssociationRecord],
) -> None:
    content = Content.with_overlays()
    deidentifier = Deidentifier(find_policy("teaching-file", content), Pseudonyms(b"a key of sixteen"))
    everything = [each for datasets in originals.values() for each in datasets]
    outcomes = [deidentifier.deidentify(each) for each in everything]
    came = [each.dataset for each in outcomes if isinstance(each, Deidentified)]
    seen = case(
        originals=originals,
        sent={"given": everything},
        came={"arrived": came},
        records=[wait(), association(requestor=False)],
        claims=CLAIMS,
    )
    found = faults(OF_MANAGER, seen)
    if len(came) == len(everything):
        assert found == []
    else:
        # What is held back in quarantine is missed, and nothing else is.
        assert found
        assert {each.split()[1] for each in found} <= {
            "listed-instance-not-exported",
            "reference-dangling",
            "fewer-instances",
        }
