"""The stream of typed events that a run emits; the console and every other consumer listen to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tce_harness.model.record import MessageRecord
from tce_harness.model.result import CaseResult, RunResult, StepResult


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The listeners are open."""

    cases: int
    seed: int
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStarted:
    """A case begins."""

    case: str
    title: str
    number: int
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSeen:
    """A C-STORE was recorded."""

    message: MessageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished:
    """A step has come to its end."""

    case: str
    step: StepResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinished:
    """A case was judged."""

    result: CaseResult


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The run was judged."""

    result: RunResult


Event = RunStarted | CaseStarted | MessageSeen | StepFinished | CaseFinished | RunFinished
Consumer = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Consume nothing."""
