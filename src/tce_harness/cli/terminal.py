"""The operator at a terminal: what to do is shown, and the answer awaited."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import typer

from tce_harness.engine.operator import NoOperator, Operator, OperatorAnswer, Question, WrittenAnswers

WHO = "operator"


def operator_of(answers: Path | None, interactive: bool) -> Operator:
    """Return who answers: a file, a person at this terminal, or nobody."""
    if answers is not None:
        return WrittenAnswers.load(answers)
    if interactive and sys.stdin.isatty() and sys.stdout.isatty():
        return TerminalOperator(sys.stdin)
    return NoOperator()


class TerminalOperator:
    """Asks on the terminal and waits no longer than the step allows.

    Parameters
    ----------
    lines
        What the person types.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._typed = lines
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader: threading.Thread | None = None

    def ask(self, question: Question) -> OperatorAnswer:
        """Show the instruction and return the answer; where the input has ended, nobody is there."""
        typer.echo(f"\n{question.case}, step {question.step}: {question.instruction}")
        prompt = question.answer_wanted or "Press Enter when it is done, or type no"
        typer.echo(f"{prompt} (within {question.within:.0f} s): ", nl=False)
        self._forget_what_came_too_late()
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, daemon=True)
            self._reader.start()
        try:
            line = self._lines.get(timeout=question.within)
        except queue.Empty:
            typer.echo("\ntoo late")
            return OperatorAnswer(outcome="late")
        if line is None:
            self._lines.put(None)
            return OperatorAnswer(outcome="no-operator")
        answer = line.strip()
        if answer.casefold() in {"no", "n"}:
            return OperatorAnswer(outcome="refused", who=WHO, answer=answer)
        return OperatorAnswer(outcome="done", who=WHO, answer=answer or None)

    def _forget_what_came_too_late(self) -> None:
        """Drop answers to earlier questions, so that none is taken for the answer to this one."""
        ended = False
        while not self._lines.empty():
            ended |= self._lines.get() is None
        if ended:
            self._lines.put(None)

    def _read(self) -> None:
        for line in self._typed:
            self._lines.put(line)
        self._lines.put(None)
