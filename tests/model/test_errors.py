"""Errors: what is told of a faulty file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tce_harness.model.errors import (
    EvidenceError,
    HarnessError,
    InstanceError,
    Problem,
    ScenarioError,
)


def test_a_problem_says_file_line_column_path_message_and_hint() -> None:
    problem = Problem(Path("a.yaml"), 3, 5, "steps[0].send", "unknown key 'form'", "did you mean from?")
    assert str(problem) == "a.yaml:3:5: steps[0].send: unknown key 'form' (did you mean from?)"


def test_a_problem_of_a_whole_file_names_the_file_alone() -> None:
    assert str(Problem(Path("a.yaml"), 0, 0, "", "cannot be read")) == "a.yaml: cannot be read"


def test_problems_are_told_in_the_order_of_their_places() -> None:
    second, first = Problem(Path("a"), 10, 1, "", "x"), Problem(Path("a"), 9, 1, "", "y")
    error = ScenarioError([second, first])
    assert error.problems == (first, second)
    assert str(error).splitlines() == [str(first), str(second)]


@pytest.mark.parametrize("kind", [EvidenceError, InstanceError, ScenarioError])
def test_everything_raised_on_purpose_is_a_harness_error(kind: type[Exception]) -> None:
    assert issubclass(kind, HarnessError)
