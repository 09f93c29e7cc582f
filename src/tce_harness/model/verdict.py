"""Verdicts, how they add up, and the exit status they lead to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Verdict(StrEnum):
    """What is said of a requirement in a case, or over a run; listed from best to worst."""

    NOT_APPLICABLE = "not-applicable"
    PASS = "pass"
    ATTESTED = "attested"
    WARNING = "warning"
    NOT_RUN = "not-run"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """Place in the order from best (0) to worst."""
        return _RANK[self]

    @property
    def symbol(self) -> str:
        """One character that stands beside the word, so that colour is never alone."""
        return _SYMBOL[self]


_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}
_SYMBOL = {
    Verdict.NOT_APPLICABLE: "○",
    Verdict.PASS: "✓",
    Verdict.ATTESTED: "✎",
    Verdict.WARNING: "!",
    Verdict.NOT_RUN: "-",
    Verdict.INCONCLUSIVE: "?",
    Verdict.FAIL: "✕",
    Verdict.ERROR: "⚠",
}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of some verdicts; of none, *inconclusive*: nothing was examined."""
    return max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.INCONCLUSIVE)


class ExitStatus(IntEnum):
    """Exit status of the commands; 1 and 2 stay with Python and the argument parser."""

    OK = 0
    FAILED = 3
    INCOMPLETE = 4
    INVALID = 5
    HARNESS_ERROR = 6
    BASELINE = 7


def exit_status(required: Iterable[Verdict], everything: Iterable[Verdict]) -> ExitStatus:
    """Return the exit status of a run.

    Parameters
    ----------
    required
        Verdicts of the required requirements (level shall, testable by wire or object).
    everything
        All verdicts of the run; an *error* anywhere is an error of the harness.
    """
    required = tuple(required)
    if Verdict.ERROR in tuple(everything) or Verdict.ERROR in required:
        return ExitStatus.HARNESS_ERROR
    if Verdict.FAIL in required:
        return ExitStatus.FAILED
    if Verdict.INCONCLUSIVE in required or Verdict.NOT_RUN in required:
        return ExitStatus.INCOMPLETE
    return ExitStatus.OK
