"""The synthetic studies that ship: no planted identifier is left, nothing that must stay is lost."""

from __future__ import annotations

import re

import pytest
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from tce_harness.content import Content
from tce_harness.deidentify import Deidentified, Deidentifier, Pseudonyms, Quarantined, find_policy
from tce_harness.fixtures.recipe import recipes
from tce_harness.fixtures.synthesis import SyntheticStudy, synthesise
from tce_harness.model.canary import Canary, CanaryKind, Fate
from tce_harness.objects.instance import encode_instance

RECIPES = {recipe.name: recipe for recipe in recipes(Content.with_overlays())}
STEP = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)(?:\[(\d+)\])?")
SHORTEST = 8


def at(dataset: Dataset, path: str) -> str | None:
    """Return the value at an element path as the canary spells it, None where the element is gone."""
    for step in path.split("/"):
        found = STEP.fullmatch(step)
        assert found, path
        tag = int(found[1] + found[2], 16)
        if tag not in dataset:
            return None
        value = dataset[tag].value
        if found[3]:
            dataset = value[int(found[3]) - 1]
    return "\\".join(map(str, value)) if isinstance(value, MultiValue) else str(value)


def raw(canary: Canary) -> bytes:
    return canary.value.encode("latin-1" if canary.kind is CanaryKind.BYTES else "utf-8")


def of(study: SyntheticStudy, label: str, fate: Fate) -> list[Canary]:
    return [canary for canary in study.canaries if canary.subject == label and canary.fate is fate]


@pytest.mark.parametrize("policy", ["basic", "teaching-file"])
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_no_canary_is_left_and_none_that_stays_is_lost(
    name: str, policy: str, pseudonyms: Pseudonyms
) -> None:
    content = Content.with_overlays()
    study = synthesise(RECIPES[name], seed=11, block=1, name="study", instances=1)
    deidentifier = Deidentifier(find_policy(policy, content), pseudonyms)
    searched = 0
    for instance in study.instances:
        outcome = deidentifier.deidentify(instance.dataset)
        if isinstance(outcome, Quarantined):
            assert instance.burned_in or instance.dataset.get("BurnedInAnnotation") != "NO", outcome.reason
            searched += 1
            continue
        assert isinstance(outcome, Deidentified)
        written = encode_instance(outcome.dataset)
        going = [canary for canary in of(study, instance.label, Fate.MUST_GO) if len(raw(canary)) >= SHORTEST]
        searched += len(going)
        assert [canary for canary in going if raw(canary) in written] == []
        staying = of(study, instance.label, Fate.MUST_STAY)
        assert [canary for canary in staying if at(outcome.dataset, canary.element) != canary.value] == []
    assert searched > 0
