"""What can go wrong, told so that the reader knows what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from traceback import extract_tb


class HarnessError(Exception):
    """Root of everything this package raises on purpose; its text is meant for the user."""


class EvidenceError(HarnessError):
    """Evidence that is missing, altered or not readable."""


class FileFault(StrEnum):
    """What a file is that cannot be taken for a DICOM instance."""

    BROKEN = "broken"
    DIRECTORY = "directory"
    NOT_DICOM = "not-dicom"


class InstanceError(HarnessError):
    """A file or data set that cannot be taken for a DICOM instance; says which and why, and quotes no value.

    Parameters
    ----------
    fault
        Whether it is a broken instance, a directory of instances (PS3.10 section 8), or no DICOM at all.
    observed
        The value that is wrong, for whoever may show it.
    """

    def __init__(
        self, text: str, *, fault: FileFault = FileFault.BROKEN, observed: str | None = None
    ) -> None:
        self.fault = fault
        self.observed = observed
        super().__init__(text)


def describe_fault(error: Exception, *, quote: bool) -> str:
    """Return what went wrong and where in the code, for who has to report or repair it.

    Parameters
    ----------
    quote
        Whether the error's own text is told too. It may hold a value of an instance, so that where the
        instances may be of real patients it must not be.
    """
    if isinstance(error, HarnessError):
        return str(error)
    frames = extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}" + (f": {error}" if quote else "")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a content file, with the place where it stands.

    Parameters
    ----------
    file
        The file as the user named it.
    line, column
        Counted from 1; 0 where the file as a whole is meant.
    path
        The key path inside the file, such as ``steps[2].send.objects``.
    message
        What is wrong and what was expected.
    hint
        The near match, or what to do; empty where there is none.
    """

    file: Path
    line: int
    column: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else str(self.file)
        path = f" {self.path}:" if self.path else ""
        return f"{place}:{path} {self.message}" + (f" ({self.hint})" if self.hint else "")


class ScenarioError(HarnessError):
    """Faults of scenario, system, simulator or requirement files: all at once, sorted by place."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))
