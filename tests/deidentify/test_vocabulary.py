"""What cleaning keeps of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.deidentify import Policy
from tce_harness.deidentify.vocabulary import Vocabulary, fold, titled_names, words_of

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
        ("Follow-up at 1.5 T, 12 ml", "Follow-up at 1.5 T, 12 ml"),
        ("Ward 12M, bed 4 S", ""),
        ("Clinic 37T (Zebulon)", ""),
        ("Told to Zebulon on +44 1632 960018 (Zebulon): 3 T", "to on: 3 T"),
        ("", ""),
        ("...", ""),
    ],
)
def test_only_known_words_and_measurements_stay(text: str, cleaned: str, vocabulary: Vocabulary) -> None:
    assert vocabulary.clean(text, NOBODY).text == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Asked for by Caoimhe Q Ng", "for by"),
        ("Asked for by Hand", "for by"),
        ("ASKED FOR BY HAND", ""),
        ("Discussed with May Long and Will Case", "Discussed with and"),
        ("Copy to Long, White and Day", "to, and"),
        ("May Hand: see here", "see here"),
        ("Hand: see here", "see here"),
        ("Long and I compared", "and compared"),
        ("Seen by A. Hand. Mass", "Seen by. Mass"),
        ("Case of Q. Long mass", "Case of. mass"),
        ("Reported by Zebulon. Long bone", "Reported by. bone"),
        ("Told to Dr.Hand", "to"),
        ("Told to Dr\nHand", "to"),
        ("Mass for Worthington-Hand", "Mass for"),
        ("Mass for Long-Hand and O'Hand", "Mass for and"),
        ("Mr Mac an tSaoir", "an"),
        ("Nodule, 歩 美, Παπαδοπούλου and Ó Súilleabháin", "Nodule, and"),
        ("Large mass. Small cyst. Long bone", "Large mass. Small cyst. Long bone"),
        ("Hand radiograph, hand and foot", "Hand radiograph, hand and foot"),
        ("CT Brain and Chest Without Contrast", "CT Brain and Chest Without Contrast"),
        ("MR KNEE T1-WEIGHTED DWI", "MR KNEE T1-WEIGHTED DWI"),
        ("Crohn disease, Doppler", "Crohn disease, Doppler"),
    ],
)
def test_a_word_that_reads_as_a_name_goes_though_it_is_in_the_vocabulary(
    text: str, cleaned: str, vocabulary: Vocabulary
) -> None:
    assert vocabulary.clean(text, NOBODY).text == cleaned


@pytest.mark.parametrize("word", ["Hand", "Foot", "Bone", "Grey", "Long", "May", "White", "Case", "An", "He"])
def test_a_word_that_people_are_called_by_has_no_capital_in_the_vocabulary(
    word: str, vocabulary: Vocabulary
) -> None:
    assert fold(word) in vocabulary.words
    assert not {word, word.upper()} & vocabulary.capitals


def test_names_are_told_by_the_title_before_them() -> None:
    assert titled_names("MR Brain for Dr Ada Long, as Mrs. White said") == {"ada", "long", "white"}


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
