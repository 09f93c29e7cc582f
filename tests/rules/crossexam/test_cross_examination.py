"""The judge before mutants of clean outputs; a raw-byte oracle and dciodvfy as the other witnesses."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest

import oracle
from harmless_table import HARMLESS
from mutant import Mutant, Specimen, Subject, read
from places_table import PLACES
from rows_table import ROWS
from specimens import SPELLED, texts_of
from tce_harness.examiners.dciodvfy import Dciodvfy
from tce_harness.model.finding import Severity
from text_table import TEXTS

if TYPE_CHECKING:
    from tests.rules.crossexam.conftest import Judge, Told

MUTANTS = (*ROWS, *TEXTS, *PLACES, *HARMLESS)
SPECIMENS = ("image", "report", "note", "state", "film", "loop", "enhanced", "document", "wavelet")
Study = dict[str, Specimen]

_SHORTEST = 8
_VALUE = re.compile(r"= <.*?>|\[\d+\]|<0x[0-9a-f]+>")


def named(mutants: tuple[Mutant, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("mutant", mutants, ids=lambda each: each.name)


def spoilt(mutant: Mutant, study: Study) -> bytes:
    subject = Subject(study[mutant.of])
    return mutant.change(subject) or subject.written()


def kinds(told: Told, severity: Severity) -> set[str]:
    return {f"{requirement} {each.kind}" for requirement, each in told if each.severity is severity}


def test_the_tables_are_large_enough_and_name_each_mutant_once() -> None:
    assert len(MUTANTS) >= 250
    assert len(HARMLESS) >= 40
    assert [name for name, count in Counter(each.name for each in MUTANTS).items() if count > 1] == []
    assert all(not (each.fails or each.warns) for each in HARMLESS)


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_clean_output_is_found_clean(name: str, study: Study, judge: Judge) -> None:
    told = judge(study[name], study[name].clean)
    assert [each.message for _, each in told if each.severity is not Severity.INFO] == []


@named(MUTANTS)
def test_a_mutant_is_judged_as_it_should_be(mutant: Mutant, study: Study, judge: Judge) -> None:
    told = judge(study[mutant.of], spoilt(mutant, study), mutant.claims)
    assert kinds(told, Severity.FAIL) == set(mutant.fails)
    assert kinds(told, Severity.WARNING) == set(mutant.warns)
    assert kinds(told, Severity.INFO) >= set(mutant.tells)


@cache
def planted(specimen: Specimen) -> frozenset[str]:
    """Return the strings that the oracle is given: what the original says and the clean output does not."""
    gone = texts_of(read(specimen.original)) - texts_of(read(specimen.clean))
    return frozenset(each for each in gone if len(each) >= _SHORTEST) | SPELLED


@pytest.mark.parametrize("name", SPECIMENS)
def test_the_oracle_finds_the_originals_and_nothing_in_clean_outputs(name: str, study: Study) -> None:
    assert len(oracle.found(study[name].original, planted(study[name]))) >= 10
    assert oracle.found(study[name].clean, planted(study[name])) == frozenset()


@named(MUTANTS)
def test_oracle_and_judge_agree_on_leaks_or_say_why_not(mutant: Mutant, study: Study) -> None:
    found = oracle.found(spoilt(mutant, study), planted(study[mutant.of]))
    assert bool(found) is (mutant.leaks if not mutant.blind else not mutant.leaks)


@cache
def errors(content: bytes) -> frozenset[str]:
    """Return what dciodvfy complains of, read without any code of the rules."""
    answer = Dciodvfy().examine(content)
    assert answer.outcome == "answered", answer.output
    return frozenset(_VALUE.sub("", line) for line in answer.output.splitlines() if line.startswith("Error"))


@named(MUTANTS)
def test_dciodvfy_and_judge_agree_on_what_is_broken(mutant: Mutant, study: Study) -> None:
    new = errors(spoilt(mutant, study)) - errors(study[mutant.of].original)
    assert bool(new) is mutant.breaks, sorted(new)
