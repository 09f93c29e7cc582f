"""The same verdicts whatever the pixels are stored as, and wherever the text was painted."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from tce_harness.content import Content
from tce_harness.fixtures import find_recipe, synthesise
from tce_harness.fixtures.synthesis import SyntheticInstance
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Severity
from tce_harness.model.painted_text import PaintedPlace, PaintedText
from tce_harness.mutations.pixel_faults import PixelFault, with_fault
from tce_harness.rules.deidentification.pixels import burned_in_text_removed, no_burned_in_contradiction

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker

CLAIMED = Claims(deidentification_codes=("113100", "113101"))
RECIPES = ("us-burned-in-mono", "us-burned-in-palette", "cr-burned-in-12bit", "ct-burned-in-signed")


def first(recipe: str) -> SyntheticInstance:
    content = Content.with_overlays()
    return synthesise(find_recipe(recipe, content), seed=5, block=1, name="study").instances[0]


def kinds(make_case: CaseMaker, instance: SyntheticInstance, fault: PixelFault) -> set[str]:
    dataset = with_fault(fault, instance.dataset, instance.burned_in, Random(3))
    assert dataset is not None
    case = make_case([instance.dataset], [dataset], painted=instance.burned_in, claims=CLAIMED)
    return {each.kind for each in burned_in_text_removed(case).findings if each.severity is not Severity.INFO}


@pytest.mark.parametrize("recipe", RECIPES)
def test_compressed_signed_and_palette_pixels_are_read_as_stored(make_case: CaseMaker, recipe: str) -> None:
    instance = first(recipe)
    assert kinds(make_case, instance, PixelFault.NOTHING_DONE) == {"painted-text-legible"}
    assert kinds(make_case, instance, PixelFault.BOX_SHIFTED) == {"painted-text-legible"}
    assert kinds(make_case, instance, PixelFault.MOSAIC) == {"legibility-reduced"}
    assert kinds(make_case, instance, PixelFault.BLACK_BOX) == set()


@pytest.mark.parametrize("place", [PaintedPlace.ICON, PaintedPlace.OVERLAY, PaintedPlace.UNUSED_BITS])
def test_text_beside_the_pixels_is_told_where_it_stands(make_case: CaseMaker, place: PaintedPlace) -> None:
    film = first("cr-named-beside-pixels")
    kept = with_fault(PixelFault.NOTHING_DONE, film.dataset, _as_pixels(film), Random(3))
    assert kept is not None
    kept.PatientIdentityRemoved = "YES"
    painted = [each for each in film.burned_in if each.place is place]
    case = make_case([film.dataset], [kept], painted=painted, claims=CLAIMED)
    regions = {each.region.place for each in no_burned_in_contradiction(case).findings if each.region}
    assert regions == {place}
    told = {each.kind for each in burned_in_text_removed(case).findings if each.severity is Severity.FAIL}
    assert told == (set() if place is PaintedPlace.OVERLAY else {"painted-text-legible"})


def _as_pixels(instance: SyntheticInstance) -> tuple[PaintedText, ...]:
    """Return the text as if it stood in the pixels, which is all that the mistakes look at."""
    return tuple(replace(each, place=PaintedPlace.PIXELS) for each in instance.burned_in)
