"""What is to be known to understand some findings: where they come from, and whose fault they are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from deidentifying.judging import Kind, without_numbers
from tce_harness.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why findings of one kind at some elements are there.

    Parameters
    ----------
    element
        Pattern of their paths, without the numbers of items.
    tool
        The only one that it is about; every tool where empty.
    says
        Part of the message that the findings have.
    """

    requirement: str
    kind: str
    element: str
    text: str
    tool: str = ""
    says: str = ""

    def applies_to(self, requirement: str, kind: str, finding: Finding) -> bool:
        """Return whether a finding is explained."""
        path = without_numbers(finding.element or "")
        is_kind = (requirement, kind) == (self.requirement, self.kind) and self.says in finding.message
        return is_kind and fnmatchcase(path, self.element)


_EXPLANATIONS = (
    Explanation(
        "PS315-D5", "not-valid", "*(0010,2298)",
        "Responsible Person Role must not be there without Responsible Person (0010,2297), which the table "
        "removes; the table has no row for the role, so who follows it to the letter leaves it behind.",
    ),
    Explanation(
        "PS315-D20", "burned-in-contradiction", "(0028,0301)",
        "the lines of text are gone from these pixels. It marks the ultrasound loop REVIEW, for a person to "
        "look at, and does not record 113101 for it; Patient Identity Removed is YES all the same.",
        tool="dentdeid",
    ),
    Explanation(
        "PS315-113101", "burned-in-annotation-not-no", "(0028,0301)",
        "not against its claim, as it does not record 113101 for the instance and marks it REVIEW.",
        tool="dentdeid",
    ),
    Explanation(
        "PS315-D5", "not-valid", "*",
        "in instances whose originals cannot be told apart, as several have one SOP Instance UID: the errors "
        "may well be the originals'. `benchmarks/clean_sweep.py` hands such files over one by one, so that "
        "each has its own.",
        says="not known",
    ),
)  # fmt: skip


def explained(tool: str, own: Sequence[Kind], yardstick: Sequence[Kind]) -> Iterator[str]:
    """Yield a line for each explanation of findings that are there: how many of how many, and why."""
    for explanation in _EXPLANATIONS:
        if explanation.tool not in ("", tool):
            continue
        counts = [_counts(explanation, kinds) for kinds in (own, yardstick)]
        found, of = max(counts)
        if found:
            kind, at = f"{explanation.requirement} {explanation.kind}", explanation.element.lstrip("*")
            where = f" at {at}" if at else ""
            yield f"{found} of {of} `{kind}`{where}: {explanation.text}"


def _counts(explanation: Explanation, kinds: Iterable[Kind]) -> tuple[int, int]:
    pairs = [
        (explanation.applies_to(kind.requirement, kind.kind, finding), finding)
        for kind in kinds
        if (kind.requirement, kind.kind) == (explanation.requirement, explanation.kind)
        for finding in kind.findings
    ]
    return sum(applies for applies, _ in pairs), len(pairs)
