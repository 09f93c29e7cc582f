"""What cleaning keeps of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.deidentify import Policy
from tce_harness.deidentify.vocabulary import Vocabulary, fold, words_of

UNITS = ("mm", "cm", "m", "ml", "cc", "l", "hu", "t", "s", "ms", "ma", "deg", "px")
NOBODY: frozenset[str] = frozenset()


@pytest.fixture
def vocabulary(teaching: Policy) -> Vocabulary:
    assert teaching.vocabulary is not None
    return teaching.vocabulary


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Large mass in the right upper lobe, 12 mm.", "Large mass in the right upper lobe, 12 mm."),
        ("Lesion of 3.5 x 2 cm (T2 bright).", "Lesion of 3.5 x 2 cm (T2 bright)."),
        ("CT Chest; contrast-enhanced 3mm", "CT Chest; contrast-enhanced 3mm"),
        ("Fracture of the hand", "Fracture of the hand"),
        ("seen by Zebulon Quux", "seen by"),
        ("Reported by Dr. Hand. No mass.", "Reported by. No mass."),
        ("MR Brain", "MR Brain"),
        ("DR CHEST", "DR CHEST"),
        ("Mr Hand has a mass", "has a mass"),
        ("Mrs Brown Smith has a fracture", "has a fracture"),
        ("Tel 020 7946 0018", ""),
        ("NHS 999 123 4564", ""),
        ("born 12/03/1957, 67 years", ""),
        ("1234567 mm", ""),
        ("name=Zebulon^Quux", ""),
        ("Zebulon-Mass", ""),
        ("Nodule\r\nMass", "Nodule\r\nMass"),
        ("", ""),
        ("...", ""),
    ],
)
def test_only_known_words_and_measurements_stay(text: str, cleaned: str, vocabulary: Vocabulary) -> None:
    assert vocabulary.clean(text, NOBODY).text == cleaned


def test_a_word_that_is_somebodys_name_goes_though_it_is_in_the_vocabulary(vocabulary: Vocabulary) -> None:
    cleaned = vocabulary.clean("Mass in the hand, HAND-foot, 5 mm", frozenset({"hand"}))
    assert cleaned.text == "Mass in the, 5 mm"
    assert cleaned.dropped == ("hand", "HAND-foot")


def test_a_measurement_that_holds_an_identifier_goes(vocabulary: Vocabulary) -> None:
    assert vocabulary.clean("Mass 4711 mm", frozenset({"4711"})).text == "Mass"


@given(st.text(max_size=60))
def test_cleaning_keeps_no_word_that_is_not_known_and_is_done_once(text: str) -> None:
    vocabulary = Vocabulary(frozenset({"mass", "in", "lung"}))
    cleaned = vocabulary.clean(text, frozenset({"lung"}))
    kept = {word for word in words_of(cleaned.text) if word.isalpha()}
    assert kept <= {"mass", "in", "x", "to", "by", *UNITS}
    assert vocabulary.clean(cleaned.text, frozenset({"lung"})).text == cleaned.text


def test_words_are_compared_without_case_and_in_one_form() -> None:
    assert fold("\ufb01bula STRASSE") == "fibula strasse"
    assert words_of("O'Neill-Hand, 4711") == {"o'neill-hand", "o", "neill", "hand", "4711"}


def test_the_shipped_vocabulary_holds_no_title_month_or_age(vocabulary: Vocabulary) -> None:
    assert not vocabulary.words & {
        "hospitals",
        "mrs",
        "hospital",
        "january",
        "monday",
        "years",
        "saint",
    }
