"""What can be told of an exported instance whose original is not at hand, or cannot be told."""

from __future__ import annotations

from collections.abc import Iterator

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.finding import Finding, Severity
from tce_harness.rules.deidentification.findings import finding
from tce_harness.rules.deidentification.places import Place, is_empty, places
from tce_harness.rules.deidentification.plan import Plan, RowPlan
from tce_harness.standard.attribute_types import attribute_types

_CONTRIBUTING_EQUIPMENT = 0x0018A001
#: A de-identifier may set these of a trial itself (PS3.15 section E.1.1).
_TRIAL = 0x0012


def judged_alone(case: CaseEvidence, plan: Plan) -> Iterator[Finding]:
    """Yield what stands in unpaired instances where the table has nothing stand, and that they are unpaired.

    Without the original nobody can tell whether a value was replaced. That an attribute has a value although
    its code is X, and its IOD does not need it, is told by the output alone.
    """
    for subject in case.pairing.subjects_alone:
        yield from (_standing(subject, place, row) for place, row in _to_be_absent(subject, plan))
        if case.pairing.pairs:
            yield finding(
                "not-compared",
                subject,
                "no original could be found for this instance, so what became of its values is not known",
                severity=Severity.INFO,
            )


def _to_be_absent(subject: EvidenceInstance, plan: Plan) -> Iterator[tuple[Place, RowPlan]]:
    covered = ""
    for place in places(subject).all:
        group = place.tag >> 16
        if (covered and place.path.startswith(covered)) or place.private or group == _TRIAL:
            continue
        row = plan.row(place.tag)
        if row is None or row.codes != {"X"} or place.tags[0] == _CONTRIBUTING_EQUIPMENT:
            continue
        if is_empty(place.element) or attribute_types(subject.sop_class_uid, place.tags) - {"3"}:
            continue
        covered = f"{place.path}["
        yield place, row


def _standing(subject: EvidenceInstance, place: Place, row: RowPlan) -> Finding:
    return finding(
        "value-where-none-belongs",
        subject,
        f"{row.name}: it has a value where it has to be removed; only the original would tell whose it is",
        element=place.path,
        row=row.key,
        expected="absent",
        observed="a value",
        severity=Severity.WARNING,
        quotes=False,
    )
