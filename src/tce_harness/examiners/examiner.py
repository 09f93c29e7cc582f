"""What an outside judge is to the harness: given a file it answers with text, which becomes evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class ExaminationResult:
    """The raw answer of an outside judge.

    Parameters
    ----------
    outcome
        ``answered``; ``unavailable`` when the judge is not installed or lacks something it needs;
        ``failed`` when it was called and gave no answer.
    output
        What it printed; or the reason, with what to do.
    """

    outcome: Literal["answered", "unavailable", "failed"]
    output: str


class Examiner(Protocol):
    """An outside judge of instances."""

    @property
    def name(self) -> str:
        """The name by which rules ask for its answers."""
        ...

    def version(self) -> str:
        """Return its version; ``not installed`` where it is not."""
        ...

    def examine(self, content: bytes) -> ExaminationResult:
        """Examine the bytes of a Part 10 file; never raises for what the file holds."""
        ...
