"""The Clean options: what they leave of graphics, content items and descriptions identifies nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.bytes_of_case import search_begun
from tce_harness.rules.deidentification.canaries import surviving
from tce_harness.rules.deidentification.content_items import content_items_kept, content_lost
from tce_harness.rules.deidentification.descriptors import descriptors_untouched
from tce_harness.rules.deidentification.findings import why_no_pairs
from tce_harness.rules.deidentification.places import is_empty, places, tags_of
from tce_harness.rules.deidentification.plan import (
    CLEAN_DESCRIPTORS,
    CLEAN_GRAPHICS,
    CLEAN_STRUCTURED_CONTENT,
    Plan,
    claims_code,
    plan_for,
    rows_of_option,
)
from tce_harness.rules.registry import rule

_UNIT = "attributes"


@rule("deid/graphics-cleaned", judges="PS315-113103", beside=search_begun)
def graphics_cleaned(case: CaseEvidence) -> Judgement:
    """Hold that graphics, overlays and curves that were kept bear nothing that was planted."""
    return _judged(case, CLEAN_GRAPHICS, "graphics")


@rule("deid/content-items-cleaned", judges="PS315-113104", beside=search_begun)
def content_items_cleaned(case: CaseEvidence) -> Judgement:
    """Hold content items to what table E.3.4-1 asks of their concepts, and to bear nothing planted."""
    judgement = _judged(case, CLEAN_STRUCTURED_CONTENT, "structured content")
    if not judgement.applicable or not judgement.examined:
        return judgement
    return replace(judgement, findings=(*judgement.findings, *content_items_kept(case), *content_lost(case)))


@rule("deid/descriptors-cleaned", judges="PS315-113105", beside=search_begun)
def descriptors_cleaned(case: CaseEvidence) -> Judgement:
    """Hold that descriptions that were kept bear nothing that was planted."""
    judgement = _judged(case, CLEAN_DESCRIPTORS, "descriptors")
    if not judgement.applicable or not judgement.examined:
        return judgement
    return replace(judgement, findings=(*judgement.findings, *descriptors_untouched(case)))


def _judged(case: CaseEvidence, code: str, named: str) -> Judgement:
    if not claims_code(case, code):
        return Judgement(
            examined=0, unit=_UNIT, applicable=False, reason=f"clean {named} ({code}) are not claimed"
        )
    searched = surviving(case)
    if not case.pairing.pairs or not searched.examined:
        reason = searched.reason if case.pairing.pairs else why_no_pairs(case)
        return Judgement(examined=0, unit=_UNIT, reason=reason)
    rows = rows_of_option(case.claims, code)
    examined = sum(
        rows.row(place.tags[-1]) is not None and not place.private and not is_empty(place.element)
        for pair in case.pairing.pairs
        for place in places(pair.original).all
    )
    return Judgement(
        examined=examined,
        unit=_UNIT,
        findings=tuple(_left(searched, rows, plan_for(case.claims), named)),
        reason=None if examined else f"no original has an attribute that clean {named} ({code}) speak of",
        applicable=examined > 0,
    )


def _left(searched: Judgement, rows: Plan, plan: Plan, named: str) -> Iterator[Finding]:
    """Yield what survives in the option's attributes, but for UIDs and what private attributes hold."""
    for each in searched.findings:
        tags = tags_of(re.sub(r"\[\d+\]", "", each.element or ""))
        if each.severity is not Severity.FAIL or tags is None or any(tag >> 16 & 1 for tag in tags):
            continue
        own = plan.row(tags[-1])
        if (own is None or own.basic != "U") and any(rows.row(tag) is not None for tag in tags):
            message = f"cleaning of {named} left something: {each.message}"
            yield replace(each, kind="not-cleaned", message=message)
