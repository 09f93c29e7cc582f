"""The person at a terminal: asked, awaited, and never answered for by an earlier answer."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tce_harness.cli.terminal import TerminalOperator, operator_of
from tce_harness.engine.operator import NoOperator, Question, WrittenAnswers


class Keyboard:
    """Lines that a test types."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.taken = threading.Semaphore(0)

    def type(self, line: str | None) -> None:
        self._lines.put(line)

    def __iter__(self) -> Iterator[str]:
        while (line := self._lines.get()) is not None:
            yield line
            self.taken.release()  # asked for the next one: this one has been handed on


def question(within: float = 20.0, wanted: str | None = None) -> Question:
    return Question(case="EM-1", step="told", instruction="Switch it on", answer_wanted=wanted, within=within)


@pytest.fixture
def keyboard() -> Iterator[Keyboard]:
    made = Keyboard()
    yield made
    made.type(None)


def test_what_is_asked_and_how_long_there_is_are_shown(
    keyboard: Keyboard, capsys: pytest.CaptureFixture[str]
) -> None:
    TerminalOperator(keyboard).ask(question(0.05, "Which version"))
    shown = capsys.readouterr().out
    assert "EM-1, step told: Switch it on" in shown
    assert "Which version (within 0 s): " in shown
    assert shown.endswith("too late\n")


@pytest.mark.parametrize(
    ("typed", "outcome", "answer"),
    [("\n", "done", None), ("4.2 \n", "done", "4.2"), ("no\n", "refused", "no"), ("N\n", "refused", "N")],
)
def test_an_answer_is_taken(typed: str, outcome: str, answer: str | None, keyboard: Keyboard) -> None:
    keyboard.type(typed)
    found = TerminalOperator(keyboard).ask(question())
    assert (found.outcome, found.answer, found.who) == (outcome, answer, "operator")


def test_nothing_typed_in_time_is_late(keyboard: Keyboard) -> None:
    assert TerminalOperator(keyboard).ask(question(0.05)).outcome == "late"


def test_an_answer_that_came_too_late_is_not_taken_for_the_next_question(keyboard: Keyboard) -> None:
    operator = TerminalOperator(keyboard)
    assert operator.ask(question(0.05)).outcome == "late"
    keyboard.type("an answer to the first\n")
    keyboard.taken.acquire(timeout=20)
    assert operator.ask(question(0.05)).outcome == "late"


def test_where_the_input_has_ended_nobody_is_there(keyboard: Keyboard) -> None:
    operator = TerminalOperator(keyboard)
    keyboard.type(None)
    assert operator.ask(question()).outcome == "no-operator"
    assert operator.ask(question()).outcome == "no-operator"


def test_written_answers_come_before_a_terminal_and_no_terminal_means_nobody(tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("who: Una\nanswers: {}\n", encoding="utf-8")
    assert isinstance(operator_of(answers, interactive=True), WrittenAnswers)
    assert isinstance(operator_of(None, interactive=True), NoOperator)
    assert isinstance(operator_of(None, interactive=False), NoOperator)
