"""What a rule found, and how much it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tce_harness.model.painted_text import PaintedPlace


class Severity(StrEnum):
    """How grave a finding is, before its requirement's evidence grade caps it."""

    INFO = "info"
    WARNING = "warning"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelRegion:
    """A box in the pixels of the original, from its upper left corner (0, 0).

    Parameters
    ----------
    frame
        The exported frame, counted from 1.
    """

    place: PaintedPlace
    frame: int
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as the requirement asks.

    Parameters
    ----------
    kind
        A stable slug for what happened, such as ``uid-kept``; findings are grouped by it.
    severity
        The rule's own judgement; the requirement's evidence grade may lower it.
    message
        One sentence for the person who must repair it. It never quotes a value of an instance.
    subject
        Which instance: its label, such as ``study/3``, or its SOP Instance UID.
    element
        Path to the element, such as ``(0040,A375)[1]/(0020,000D)``; None where no element is meant.
    row
        The row of a table, ``(gggg,eeee)``; None where the rule judges no table.
    expected, observed
        What should stand there and what does.
    quotes
        Whether ``expected`` or ``observed`` quote values of the instances. Such quotes are withheld
        where the evidence is of real patients.
    evidence
        Identifiers of the evidence records it rests on.
    region
        Which pixels it speaks of; None where it speaks of none.
    """

    kind: str
    severity: Severity
    message: str
    subject: str
    element: str | None = None
    row: str | None = None
    expected: str | None = None
    observed: str | None = None
    quotes: bool = True
    evidence: tuple[str, ...] = ()
    region: PixelRegion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a rule returns.

    Parameters
    ----------
    examined
        How many things were looked at; with none, the verdict is *inconclusive* whatever the findings.
    findings
        What was found; without a warning or a failure among them the rule passes.
    unit
        What was counted, such as ``instances`` or ``references``.
    reason
        Why nothing was examined, or why the requirement does not apply.
    applicable
        False where the option is not claimed or the transaction is not observable.
    """

    examined: int
    findings: tuple[Finding, ...] = ()
    unit: str = "instances"
    reason: str | None = None
    applicable: bool = True
