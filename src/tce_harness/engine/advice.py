"""What the user of ``tce check`` can do about a rule that stayed undecided, told with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.result import RuleResult
from tce_harness.model.verdict import Verdict

_OCR: Final = "ocr"
_BURNED_IN: Final = "deid/burned-in-text-removed"
_LOOK: Final = "look at the images yourself, as on the contact sheets of tce deidentify --preview"


def advised(case: CaseEvidence, said: Sequence[RuleResult]) -> tuple[RuleResult, ...]:
    """Return what the rules said, with what to do where nothing was painted into a user's own files."""
    if case.run.what != "check" or case.painted or not case.subjects:
        return tuple(said)
    read = any(
        answer.record.outcome == "answered"
        for each in case.subjects
        for answer in case.examinations(_OCR, each)
    )
    advice = f"OCR was asked: {_LOOK}" if read else f"pass --ocr, or {_LOOK}"
    return tuple(
        replace(each, reason=f"{each.reason}; {advice}")
        if each.rule == _BURNED_IN and each.verdict is Verdict.INCONCLUSIVE
        else each
        for each in said
    )
