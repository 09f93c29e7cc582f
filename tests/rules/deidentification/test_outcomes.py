from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.rules.deidentification.outcomes import ANYTHING, Outcome, admissible
from tce_harness.standard.confidentiality import table

ABSENT, EMPTY, REPLACED = Outcome.ABSENT, Outcome.EMPTY, Outcome.REPLACED


@pytest.mark.parametrize(
    ("code", "attribute_type", "expected"),
    [
        ("X", "3", {ABSENT}),
        ("X", "1", {ABSENT, EMPTY, REPLACED}),
        ("Z", "2", {EMPTY, REPLACED}),
        ("D", "1", {REPLACED}),
        ("U", "1", {REPLACED}),
        ("X/Z", "3", {ABSENT}),
        ("X/Z", "2", {EMPTY, REPLACED}),
        ("X/D", "3", {ABSENT}),
        ("X/D", "1", {REPLACED}),
        ("Z/D", "2", {EMPTY, REPLACED}),
        ("Z/D", "1", {REPLACED}),
        ("X/Z/D", "3", {ABSENT}),
        ("X/Z/D", "2", {EMPTY, REPLACED}),
        ("X/Z/D", "1", {REPLACED}),
        ("X/Z/D", "1C", {ABSENT, REPLACED}),
        ("D", "1C", {ABSENT, REPLACED}),
        ("Z", "1C", {ABSENT, REPLACED}),
        ("X/Z/D", "2C", {ABSENT, EMPTY, REPLACED}),
    ],
)
def test_a_code_resolves_by_the_type(code: str, attribute_type: str, expected: set[Outcome]) -> None:
    assert admissible(code, frozenset({attribute_type})) == expected


def test_types_that_differ_between_modules_widen_the_set() -> None:
    assert admissible("X/Z/D", frozenset({"1", "3"})) == {ABSENT, REPLACED}


def test_an_attribute_that_the_iod_does_not_define_may_always_be_removed() -> None:
    for code in {row.basic for row in table("2026d").rows}:
        assert ABSENT in admissible(code, frozenset())


@given(
    st.sampled_from(
        sorted({row.basic for row in table("2026d").rows} | {row.basic for row in table("2023b").rows})
    ),
    st.sets(st.sampled_from(["1", "1C", "2", "2C", "3"])),
)
def test_every_code_of_the_tables_has_an_admissible_outcome(code: str, types: set[str]) -> None:
    found = admissible(code, frozenset(types))
    assert found
    assert found <= ANYTHING
