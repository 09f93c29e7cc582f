"""The token of a case: words that a cleaner of free text has no reason to drop."""

from __future__ import annotations

from tce_harness.content import Content
from tce_harness.engine.materials import token_of


def test_the_reference_vocabulary_lets_every_token_through() -> None:
    text = Content.with_overlays().file("simulators/policies/vocabulary/en.txt").read_text(encoding="utf-8")
    vocabulary = {word.casefold() for word in text.split()}
    words = {word for number in range(30) for word in token_of(7, number).split()}
    assert words <= vocabulary


def test_a_thousand_cases_have_tokens_of_their_own() -> None:
    assert len({token_of(7, number) for number in range(1000)}) == 1000
