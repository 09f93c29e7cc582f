"""The person at the system under test: asked on a terminal, by a file of answers, or not there at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import Field

from tce_harness.content import FileModel, load_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person is asked to do or to answer.

    Parameters
    ----------
    answer_wanted
        What is asked; None where only the doing counts.
    within
        Seconds.
    """

    case: str
    step: str
    instruction: str
    answer_wanted: str | None
    within: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAnswer:
    """What came of a question."""

    outcome: Literal["done", "refused", "late", "no-operator"]
    who: str | None = None
    answer: str | None = None


class Operator(Protocol):
    """Whoever answers."""

    def ask(self, question: Question) -> OperatorAnswer:
        """Return the answer; ``late`` when the time has run out."""


class NoOperator:
    """Nobody is there."""

    def ask(self, question: Question) -> OperatorAnswer:
        """Say so."""
        return OperatorAnswer(outcome="no-operator")


class AnswerFile(FileModel):
    """One answer of ``answers.yaml``."""

    outcome: Literal["done", "refused"] = "done"
    answer: str | None = None


class AnswersFile(FileModel):
    """``answers.yaml``: who answers, and the answers by step (``EM-010/told`` or ``told``)."""

    who: Annotated[str, Field(min_length=1)]
    answers: dict[str, AnswerFile]


@dataclass(frozen=True, slots=True)
class WrittenAnswers:
    """Answers that were written down before the run."""

    who: str
    answers: Mapping[str, OperatorAnswer]

    @classmethod
    def load(cls, path: Path) -> WrittenAnswers:
        """Read ``answers.yaml``; raises `ScenarioError` with every fault."""
        model = load_yaml(path, AnswersFile)
        answers = {
            step: OperatorAnswer(outcome=each.outcome, who=model.who, answer=each.answer)
            for step, each in model.answers.items()
        }
        return cls(model.who, answers)

    def ask(self, question: Question) -> OperatorAnswer:
        """Return the answer for the case's step, else for the step in any case, else nobody was there."""
        scenario = question.case.split("/")[0]
        for key in (f"{question.case}/{question.step}", f"{scenario}/{question.step}", question.step):
            if key in self.answers:
                return self.answers[key]
        return OperatorAnswer(outcome="no-operator")
