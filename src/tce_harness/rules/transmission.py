"""How an export is transmitted: same UID, same bytes; the selection's shape; nothing told beside the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from tce_harness.evidence.case import CaseEvidence, Recorded
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.pairing import Pair, pair_by_content
from tce_harness.model.canary import Canary, CanaryKind, Fate
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.record import AssociationRecord, MessageRecord
from tce_harness.objects.elements import text
from tce_harness.objects.manifest import is_export_manifest
from tce_harness.rules.association import told_places
from tce_harness.rules.exchange import manifests, nothing_examined, received, selected_originals, stored
from tce_harness.rules.registry import rule

# A shorter word is found in AE titles by chance.
_SHORTEST_WORD = 4


@rule("arrival/same-uid-same-bytes", judges="TCE-RAD53-023")
def same_uid_same_bytes(case: CaseEvidence) -> Judgement:
    """One SOP Instance UID never comes with different bytes, and nothing that was stored is sent again."""
    messages = [each for each in received(case) if each.record.digest is not None]
    if not messages:
        return nothing_examined("nothing arrived in the judged steps")
    by_uid: dict[str, list[Recorded[MessageRecord]]] = defaultdict(list)
    for each in messages:
        by_uid[each.record.affected_sop_instance_uid].append(each)
    findings = [finding for group in by_uid.values() for finding in _repeats(group)]
    return Judgement(examined=len(by_uid), findings=tuple(findings))


def _repeats(group: list[Recorded[MessageRecord]]) -> Iterator[Finding]:
    first = group[0].record
    for earlier, later in pairwise(group):
        # Another transfer syntax is another encoding, so that bytes say nothing about content.
        comparable = later.record.transfer_syntax_uid == first.transfer_syntax_uid
        if comparable and later.record.digest != first.digest:
            yield Finding(
                kind="same-uid-other-bytes",
                severity=Severity.FAIL,
                message="Send the same bytes whenever an instance is sent again under its SOP Instance UID.",
                subject=first.affected_sop_instance_uid,
                expected="equal bytes",
                observed="different bytes",
                quotes=False,
                evidence=(group[0].id, later.id),
            )
        elif stored(earlier.record) and later.record.step == earlier.record.step:
            yield Finding(
                kind="sent-again-after-success",
                severity=Severity.WARNING,
                message="Send an instance once when its storage was confirmed; this one came again.",
                subject=first.affected_sop_instance_uid,
                expected="one C-STORE after a status of success",
                observed=f"{len(group)} in this step",
                quotes=False,
                evidence=(earlier.id, later.id),
            )


@rule("arrival/structure-kept", judges="TCE-RAD53-015")
def structure_kept(case: CaseEvidence) -> Judgement:
    """The export has as many studies, series and instances as the selection, each under its own parent."""
    selected = selected_originals(case)
    subjects = tuple(each for each in case.subjects if not is_export_manifest(each.dataset))
    if not selected:
        return nothing_examined("no original is in evidence to compare with")
    if not subjects:
        return nothing_examined("no instance was exported")
    findings = list(_moved(pair_by_content(subjects, selected).pairs))
    findings += _counted(case, subjects, selected)
    if not findings and len(subjects) == len(selected) and _shape(subjects) != _shape(selected):
        findings.append(
            _structure_finding(
                "shape-differs",
                "Keep the number of series in each study and of instances in each series.",
                subjects[0],
                expected=_spelled(selected),
                observed=_spelled(subjects),
            )
        )
    return Judgement(examined=len(selected), findings=tuple(findings))


def _moved(pairs: Iterable[Pair]) -> Iterator[Finding]:
    """Yield where instances of one study or series are parted, or those of several put together."""
    for keyword, noun in (("StudyInstanceUID", "study"), ("SeriesInstanceUID", "series")):
        to: dict[str, str] = {}
        back: dict[str, str] = {}
        for pair in pairs:
            before, after = text(pair.original.dataset, keyword), text(pair.subject.dataset, keyword)
            if to.setdefault(before, after) != after:
                yield _structure_finding(
                    f"{noun}-split",
                    f"Keep instances of one {noun} in one {noun}.",
                    pair.subject,
                    expected=f"one {noun} UID for the {noun}",
                    observed="a second one",
                )
            if back.setdefault(after, before) != before:
                yield _structure_finding(
                    f"{noun}-merged",
                    f"Keep instances of different {noun} in different {noun}."
                    if noun == "series"
                    else "Keep instances of different studies in different studies.",
                    pair.subject,
                    expected=f"a {noun} UID of its own",
                    observed=f"that of another {noun}",
                )


def _counted(
    case: CaseEvidence, subjects: tuple[EvidenceInstance, ...], selected: tuple[EvidenceInstance, ...]
) -> Iterator[Finding]:
    if len(subjects) == len(selected):
        return
    listed = {uid for each in manifests(case) for uid in each.reading.listed}
    agreed = listed == {each.sop_instance_uid for each in subjects}
    if len(subjects) < len(selected):
        yield _structure_finding(
            "fewer-instances",
            "Export as many instances as were selected, or let the manifest say which are held back.",
            subjects[0],
            severity=Severity.WARNING if agreed else Severity.FAIL,
            expected=_spelled(selected),
            observed=_spelled(subjects),
        )
    else:
        yield _structure_finding(
            "more-instances",
            "Export no more instances than were selected.",
            subjects[0],
            expected=_spelled(selected),
            observed=_spelled(subjects),
        )


def _shape(instances: Iterable[EvidenceInstance]) -> list[list[int]]:
    """Return for each study the numbers of instances in its series, sorted so that no UID matters."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in instances:
        counts[text(each.dataset, "StudyInstanceUID")][text(each.dataset, "SeriesInstanceUID")] += 1
    return sorted(sorted(series.values()) for series in counts.values())


def _spelled(instances: tuple[EvidenceInstance, ...]) -> str:
    shape = _shape(instances)
    return f"{len(shape)} studies, {sum(map(len, shape))} series, {len(instances)} instances"


def _structure_finding(
    kind: str,
    message: str,
    subject: EvidenceInstance,
    *,
    severity: Severity = Severity.FAIL,
    expected: str,
    observed: str,
) -> Finding:
    return Finding(
        kind=kind,
        severity=severity,
        message=message,
        subject=subject.label,
        expected=expected,
        observed=observed,
        quotes=False,
        evidence=(subject.record,),
    )


@rule("association/names-nobody", judges="TCE-RAD53-020")
def association_names_nobody(case: CaseEvidence) -> Judgement:
    """The association, its AE titles, user and implementation version name, carries no planted value."""
    unit = "associations"
    used = {each.record.association for each in received(case)}
    opened = [each for each in case.associations if each.record.association in used]
    words = _words(case.canaries)
    if not opened:
        return nothing_examined("the system under test opened no association in the judged steps", unit)
    if not words:
        return nothing_examined("no name or identifier was planted that an association could carry", unit)
    findings = [finding for each in opened for finding in _names_somebody(each, words)]
    return Judgement(examined=len(opened), findings=tuple(findings), unit=unit)


def _words(canaries: Iterable[Canary]) -> frozenset[str]:
    kinds = {CanaryKind.NAME, CanaryKind.IDENTIFIER, CanaryKind.TEXT}
    values = [each.value for each in canaries if each.fate is Fate.MUST_GO and each.kind in kinds]
    parts = {part.strip().casefold() for value in values for part in (value, *value.split("^"))}
    return frozenset(part for part in parts if len(part) >= _SHORTEST_WORD)


def _names_somebody(association: Recorded[AssociationRecord], words: frozenset[str]) -> Iterator[Finding]:
    for place, value in told_places(association.record):
        if any(word in value.casefold() for word in words):
            yield Finding(
                kind="association-names-somebody",
                severity=Severity.WARNING,
                message=f"Choose a {place} that names no patient, hospital or identifier; this one does.",
                subject=association.record.role,
                expected="no planted value",
                observed=f"a planted value in the {place}",
                quotes=False,
                evidence=(association.id,),
            )
