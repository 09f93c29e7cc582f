"""Requirements: what decides the exit status, and what caps a finding."""

from __future__ import annotations

from itertools import product

import pytest

from tce_harness.model.finding import Severity
from tce_harness.model.requirement import Actor, Grade, Level, Requirement, Testable


def requirement(level: Level, grade: Grade, testable: Testable) -> Requirement:
    return Requirement(
        id="TCE-X-001",
        document="a document",
        section="1",
        edition="2026",
        text="text",
        level=level,
        actors=(Actor.RECEIVER,),
        grade=grade,
        testable=testable,
    )


@pytest.mark.parametrize(("level", "grade"), list(product(Level, Grade)))
def test_only_a_shall_whose_text_is_known_can_fail_a_product(level: Level, grade: Grade) -> None:
    fails = level is Level.SHALL and grade in {Grade.NORMATIVE, Grade.RESTATED}
    assert requirement(level, grade, Testable.OBJECT).worst_severity is (
        Severity.FAIL if fails else Severity.WARNING
    )


@pytest.mark.parametrize(("level", "testable"), list(product(Level, Testable)))
def test_only_a_shall_that_wire_or_object_can_show_decides_the_exit_status(
    level: Level, testable: Testable
) -> None:
    decides = level is Level.SHALL and testable in {Testable.WIRE, Testable.OBJECT}
    assert requirement(level, Grade.NORMATIVE, testable).required is decides
