"""Answers that were written down before the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tce_harness.engine.operator import NoOperator, OperatorAnswer, Question, WrittenAnswers
from tce_harness.model.errors import ScenarioError

ANSWERS = """\
who: Una Hand
answers:
  told: {}
  EM-901/sworn: {answer: it is}
  EM-901/A/sworn: {outcome: refused}
"""


def question(case: str, step: str) -> Question:
    return Question(case=case, step=step, instruction="do it", answer_wanted=None, within=1.0)


@pytest.fixture
def answers(tmp_path: Path) -> WrittenAnswers:
    path = tmp_path / "answers.yaml"
    path.write_text(ANSWERS, encoding="utf-8")
    return WrittenAnswers.load(path)


@pytest.mark.parametrize(
    ("case", "step", "expected"),
    [
        ("EM-7", "told", OperatorAnswer(outcome="done", who="Una Hand")),
        ("EM-901/B", "sworn", OperatorAnswer(outcome="done", who="Una Hand", answer="it is")),
        ("EM-901", "sworn", OperatorAnswer(outcome="done", who="Una Hand", answer="it is")),
        ("EM-901/A", "sworn", OperatorAnswer(outcome="refused", who="Una Hand")),
        ("EM-7", "sworn", OperatorAnswer(outcome="no-operator")),
    ],
)
def test_the_nearest_answer_counts_case_then_scenario_then_step(
    case: str, step: str, expected: OperatorAnswer, answers: WrittenAnswers
) -> None:
    assert answers.ask(question(case, step)) == expected


def test_every_fault_of_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("whom: Una\nanswers:\n  told: {outcome: dne}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        WrittenAnswers.load(path)
    told = str(caught.value)
    assert "answers.yaml:1:1: whom: unknown key 'whom' (did you mean who?)" in told
    assert "answers.yaml:3:" in told
    assert "did you mean done?" in told


def test_where_nobody_is_nobody_answers() -> None:
    assert NoOperator().ask(question("EM-1", "told")) == OperatorAnswer(outcome="no-operator")
