"""Every recipe: what is planted is found where nothing was cleaned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tce_harness.content import Content
from tce_harness.fixtures import recipes, synthesise
from tce_harness.model.canary import Fate
from tce_harness.rules.deidentification.canaries import no_canary_survives, nothing_over_cleaned

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker

RECIPES = {recipe.name: recipe for recipe in recipes(Content.with_overlays())}


@pytest.mark.parametrize("name", RECIPES)
def test_originals_sent_on_as_they_are_show_every_planted_value(name: str, make_case: CaseMaker) -> None:
    study = synthesise(RECIPES[name], seed=7, block=1, name="study", instances=1)
    contents = [each.content for each in study.instances]
    case = make_case(contents, contents, canaries=study.canaries, on_wire=False)
    found = {each.observed for each in no_canary_survives(case).findings}
    going = [each for each in study.canaries if each.fate is Fate.MUST_GO]
    assert going
    assert [each.element for each in going if each.value not in found] == []
    kept = nothing_over_cleaned(case)
    assert kept.examined > 0
    assert kept.findings == ()
