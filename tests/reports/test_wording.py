from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.model.requirement import Grade, Level, Testable
from tce_harness.model.verdict import Verdict
from tce_harness.reports import wording


@given(value=st.text())
def test_any_value_is_shown_as_legal_xml_and_utf8(value: str) -> None:
    text = wording.shown(value)
    element = ElementTree.Element("value")
    element.text = text
    assert ElementTree.fromstring(ElementTree.tostring(element, encoding="utf-8")).text == (text or None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\x00b", "a\\x00b"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("evil\u202egnp.exe", "evil\\u202egnp.exe"),
        ("half \ud83d", "half \\ud83d"),
        ("two\nlines", "two\nlines"),
        ("山田^太郎", "山田^太郎"),
    ],
)
def test_a_value_shows_what_it_holds(value: str, text: str) -> None:
    assert wording.shown(value) == text


def test_an_over_long_value_is_cut_and_says_how_long_it_was() -> None:
    assert wording.shown("x" * 100_000) == "x" * 400 + "… (100000 characters in all)"


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (1, "instances", "1 instance"),
        (5, "instances", "5 instances"),
        (0, "references", "0 references"),
        (1, "studies", "1 study"),
    ],
)
def test_a_unit_follows_its_number(number: int, unit: str, text: str) -> None:
    assert wording.counted(number, unit) == text


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("(0020,0052)", "Frame of Reference UID"),
        ("(0040,A375)[1]/(0020,000D)", "Study Instance UID"),
        ("(0040,A730)[2]", "Content Sequence"),
        ("(0009,1001)", None),
        ("codestream comment", None),
        (None, None),
    ],
)
def test_an_element_is_named_by_the_end_of_its_path(path: str | None, name: str | None) -> None:
    assert wording.element_name(path) == name


@pytest.mark.parametrize(
    ("status", "words", "meaning"),
    [
        (0x0000, "0000", "success"),
        (0xB000, "B000", "stored, with a warning"),
        (0xA700, "A700", "refused: out of resources"),
        (0xC001, "C001", "error: cannot understand"),
        (0x0110, "0110", "failure"),
        (None, "no answer", "no answer came"),
    ],
)
def test_a_status_is_told_in_digits_and_words(status: int | None, words: str, meaning: str) -> None:
    assert (wording.status_words(status), wording.status_means(status)) == (words, meaning)


def test_every_verdict_grade_level_and_way_of_testing_has_words() -> None:
    assert set(wording.VERDICT_MEANS) == set(Verdict)
    assert set(wording.GRADE_MEANS) == set(Grade)
    assert set(wording.LEVEL_MEANS) == set(Level)
    assert set(wording.TESTABLE_MEANS) == set(Testable)
