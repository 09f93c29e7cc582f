"""Two exports of one patient: the same pseudonyms, UIDs and shift of dates in both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.pairing import Pair, Pairing
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.content_items import Columns, claimed_columns
from tce_harness.rules.deidentification.dates import PatientDates
from tce_harness.rules.deidentification.findings import finding, why_no_pairs
from tce_harness.rules.deidentification.identity import (
    LEVELS,
    PATIENT_ID,
    Entity,
    entity_of,
    patient_or_study,
)
from tce_harness.rules.deidentification.moments import Moment, moments
from tce_harness.rules.deidentification.places import spell, text_value
from tce_harness.rules.deidentification.plan import RETAIN_MODIFIED_DATES, Plan, claims_code, plan_for
from tce_harness.rules.deidentification.uid_map import map_of
from tce_harness.rules.registry import rule

_ONE_EXPORT = "there is one export only; whether another would agree with it is not known"


@rule("deid/exports-agree", judges="PS315-D7X")
def exports_agree(case: CaseEvidence) -> Judgement:
    """Compare exports with each other: one original has one pseudonym, UID and shift in all of them."""
    exports = [each for each in case.exports if each.pairs]
    if len(exports) < 2:
        asked = len(case.check.of) > 1
        reason = why_no_pairs(case) if asked and not exports else _ONE_EXPORT
        return Judgement(examined=0, unit="replacements", reason=reason, applicable=asked)
    plan = plan_for(case.claims)
    uids = list(_uids(exports, plan))
    pseudonyms = list(_pseudonyms(exports))
    findings = [each for each in (*uids, *pseudonyms) if each is not None]
    findings += _merged(exports)
    if claims_code(case, RETAIN_MODIFIED_DATES):
        findings += _shifts(exports, plan, claimed_columns(case))
    examined = len(uids) + len(pseudonyms)
    alone = None if examined else "the exports have no patient, study or UID in common"
    return Judgement(examined=examined, unit="replacements", findings=tuple(findings), reason=alone)


def _uids(exports: Iterable[Pairing], plan: Plan) -> Iterator[Finding | None]:
    """Yield for each original UID that several exports replaced what is wrong with it, or None."""
    first: dict[str, tuple[str, str]] = {}
    for export in exports:
        mapped = map_of(export.pairs, plan)
        for old, replacements in mapped.forward.items():
            new = mapped.replacement(old)
            if new is None:
                continue  # not even the same within one export, which another rule tells
            seen = replacements[new]
            if old not in first:
                first[old] = (new, seen.subject)
                continue
            expected, other = first[old]
            yield (
                None
                if new == expected
                else Finding(
                    kind="uid-differs-between-exports",
                    severity=Severity.WARNING,
                    message=f"one original UID became another in a later export; the first stands in {other}",
                    subject=seen.subject,
                    element=seen.path,
                    expected=expected,
                    observed=new,
                )
            )


def _pseudonyms(exports: Iterable[Pairing]) -> Iterator[Finding | None]:
    first: dict[tuple[Entity, int], Pair] = {}
    for number, export in enumerate(exports):
        seen: set[tuple[Entity, int]] = set()
        for level, tags in LEVELS:
            for pair in export.pairs:
                entity = entity_of(pair.original, level)
                for tag in tags:
                    key = (entity, tag)
                    if not any(entity) or key in seen:
                        continue
                    seen.add(key)
                    before = first.setdefault(key, pair)
                    if number and before is not pair:
                        yield _differing(level, tag, before, pair)


def _differing(level: str, tag: int, before: Pair, after: Pair) -> Finding | None:
    expected, observed = (text_value(pair.subject.dataset, tag) for pair in (before, after))
    if observed == expected:
        return None
    return finding(
        "pseudonym-differs-between-exports",
        after.subject,
        f"a later export of one {level} has another replacement; the first stands in {before.subject.label}",
        element=spell(tag),
        row=spell(tag),
        expected=expected or "absent or empty",
        observed=observed or "absent or empty",
        severity=Severity.WARNING,
    )


def _merged(exports: Iterable[Pairing]) -> Iterator[Finding]:
    """Yield where a later export gives a patient the pseudonym that an earlier one gave another."""
    owners: dict[str, tuple[Entity, int]] = {}
    told: set[str] = set()
    for number, export in enumerate(exports):
        for pair in export.pairs:
            entity, new = entity_of(pair.original, "patient"), text_value(pair.subject.dataset, PATIENT_ID)
            owner, since = owners.setdefault(new, (entity, number)) if new else (entity, number)
            if owner != entity and since != number and new not in told:
                told.add(new)
                yield finding(
                    "pseudonym-used-again",
                    pair.subject,
                    "a later export gives this patient the Patient ID of another patient",
                    element=spell(PATIENT_ID),
                    row=spell(PATIENT_ID),
                    expected="another Patient ID",
                    observed=new,
                    severity=Severity.WARNING,
                )


def _shifts(exports: Iterable[Pairing], plan: Plan, columns: Columns) -> Iterator[Finding]:
    first: dict[Entity, PatientDates] = {}
    for export in exports:
        patients: dict[Entity, list[Moment]] = defaultdict(list)
        for pair in export.pairs:
            patients[patient_or_study(pair.original)] += moments(pair, plan, columns)
        for entity, found in patients.items():
            dates = PatientDates(found)
            if not dates.dated:
                continue
            before = first.setdefault(entity, dates)
            if before.shift != dates.shift:
                moment = dates.dated[0]
                yield finding(
                    "shift-differs-between-exports",
                    moment.subject,
                    "a later export moves the dates of one patient by another number of days",
                    element=moment.path,
                    expected=f"moved by {before.shift.days} days",
                    observed=f"moved by {dates.shift.days} days",
                    severity=Severity.WARNING,
                )
