"""The operator at a terminal: what to do is shown, and the answer awaited."""

from __future__ import annotations

import queue
import sys
import threading
from pathlib import Path

import typer

from tce_harness.engine.operator import NoOperator, Operator, OperatorAnswer, Question, WrittenAnswers


def operator_of(answers: Path | None, interactive: bool) -> Operator:
    """Return who answers: a file, a person at this terminal, or nobody."""
    if answers is not None:
        return WrittenAnswers.load(answers)
    if interactive and sys.stdin.isatty() and sys.stdout.isatty():
        return TerminalOperator()
    return NoOperator()


class TerminalOperator:
    """Asks on the terminal and waits no longer than the step allows."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader: threading.Thread | None = None

    def ask(self, question: Question) -> OperatorAnswer:
        """Show the instruction and return the answer, or ``late``."""
        typer.echo(f"\n{question.case}, step {question.step}: {question.instruction}")
        prompt = question.answer_wanted or "Press Enter when it is done, or type no"
        typer.echo(f"{prompt} (within {question.within:.0f} s): ", nl=False)
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, daemon=True)
            self._reader.start()
        try:
            line = self._lines.get(timeout=question.within)
        except queue.Empty:
            typer.echo("\ntoo late")
            return OperatorAnswer(outcome="late")
        answer = line.strip()
        outcome = "refused" if answer.casefold() in {"no", "n"} else "done"
        return OperatorAnswer(
            outcome="refused" if outcome == "refused" else "done", who="operator", answer=answer or None
        )

    def _read(self) -> None:
        for line in sys.stdin:
            self._lines.put(line)
