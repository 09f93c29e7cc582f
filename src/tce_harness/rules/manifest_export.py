"""The exported manifest against the one that asked for the export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import Option
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.objects.manifest import ManifestReading
from tce_harness.rules.exchange import (
    KeyObjectDocument,
    delayed_manifests,
    manifests,
    not_applicable,
    nothing_examined,
    released_manifests,
    unclaimed,
)
from tce_harness.rules.registry import rule
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

T = TypeVar("T")

_UNIT = "exported manifests"
_NO_EXPORT = "no exported manifest arrived"
_NO_REQUEST = "the manifest that asked for the export is not in evidence"
_CLEAN_DESCRIPTORS = "113105"


@rule("manifest/title-kept", judges="TCE-RAD53-005")
def title_kept(case: CaseEvidence) -> Judgement:
    """The exported manifest has the document title of the manifest that asked for the export."""
    return _compared(case, _title_findings)


@rule("manifest/description-kept", judges="TCE-RAD53-006")
def description_kept(case: CaseEvidence) -> Judgement:
    """The exported manifest keeps its Key Object Description, cleaned where it named somebody."""
    if not any(any(each.reading.descriptions) for each in released_manifests(case)):
        return nothing_examined("no manifest with a description asked for the export", _UNIT)
    claimed = _CLEAN_DESCRIPTORS in case.claims.deidentification_codes
    return _compared(
        case, lambda document, requests: _description_findings(document, requests, claimed=claimed)
    )


@rule("manifest/no-delay-in-export", judges="TCE-RAD53-007")
def no_delay_in_export(case: CaseEvidence) -> Judgement:
    """An exported manifest carries no delay reason."""
    documents = manifests(case)
    if not documents:
        return nothing_examined(_NO_EXPORT, _UNIT)
    findings = tuple(
        document.finding(
            "delay-exported",
            "Take the delay reason out of a manifest before it is exported.",
            modifier.element,
            expected="no Document Title Modifier (113011) with a delay reason",
            observed="one",
        )
        for document in documents
        for modifier in document.reading.delay_modifiers
    )
    return Judgement(examined=len(documents), findings=findings, unit=_UNIT)


@rule("manifest/delayed-not-exported", judges="TCE-RAD53-009")
def delayed_not_exported(case: CaseEvidence) -> Judgement:
    """The manifest that asked for a delay is not itself exported; the one that released the export is."""
    away = unclaimed(case, Option.DELAY_FOR_REASON)
    if away is not None:
        return away
    documents = manifests(case)
    if not documents:
        return nothing_examined(_NO_EXPORT, _UNIT)
    delayed = {each.instance.label for each in delayed_manifests(case)}
    released = released_manifests(case)
    if not delayed:
        return not_applicable("no manifest with a delay reason was given to the system under test", _UNIT)
    findings = [
        each.finding(
            "delayed-manifest-exported",
            "Export the manifest that releases the export, not the one that delayed it.",
            None,
            expected="only the releasing manifest",
            observed="the delayed one",
        )
        for each in documents
        if each.instance.label in delayed
    ]
    if not findings and len(documents) > len(released):
        findings.append(
            documents[-1].finding(
                "delayed-manifest-exported",
                "Export as many manifests as released the export; one more came.",
                None,
                expected=str(len(released)),
                observed=str(len(documents)),
            )
        )
    return Judgement(examined=len(documents), findings=tuple(findings), unit=_UNIT)


Compare = Callable[[KeyObjectDocument, tuple[KeyObjectDocument, ...]], Iterator[Finding]]


def _compared(case: CaseEvidence, compare: Compare) -> Judgement:
    documents = manifests(case)
    if not documents:
        return nothing_examined(_NO_EXPORT, _UNIT)
    released = released_manifests(case)
    if not released:
        return nothing_examined(_NO_REQUEST, _UNIT)
    findings = tuple(finding for each in documents for finding in compare(each, _requests_of(each, released)))
    return Judgement(examined=len(documents), findings=findings, unit=_UNIT)


def _requests_of(
    document: KeyObjectDocument, released: tuple[KeyObjectDocument, ...]
) -> tuple[KeyObjectDocument, ...]:
    """Return the manifest that an exported one came from; where that cannot be told, all that it may be."""
    same = tuple(each for each in released if each.instance.label == document.instance.label)
    return same or released


def _any_is(
    requests: tuple[KeyObjectDocument, ...], notion: Callable[[ManifestReading], T], found: T
) -> bool:
    return any(notion(each.reading) == found for each in requests)


def _title_findings(
    document: KeyObjectDocument, requests: tuple[KeyObjectDocument, ...]
) -> Iterator[Finding]:
    found = document.reading.title
    if _any_is(requests, lambda reading: reading.title, found):
        return
    wanted = [each.reading.title for each in requests if each.reading.title is not None]
    recoded = found is not None and any(codes.equivalent(found, each) for each in wanted)
    yield document.finding(
        "title-recoded" if recoded else "title-changed",
        "Keep the title's code; the other code set's equivalent is not what the Export Selector wrote."
        if recoded
        else "Keep the document title of the manifest that asked for the export.",
        "(0040,A043)[1]",
        severity=Severity.WARNING if recoded else Severity.FAIL,
        expected=" or ".join(_spelled(each) for each in wanted),
        observed=_spelled(found),
        quotes=True,
    )


def _description_findings(
    document: KeyObjectDocument, requests: tuple[KeyObjectDocument, ...], *, claimed: bool
) -> Iterator[Finding]:
    found = next(filter(None, document.reading.descriptions), "")
    if not found:
        yield document.finding(
            "description-removed",
            "Clean the Key Object Description (113012) and keep it, as Clean Descriptors (113105) is claimed."
            if claimed
            else "The Key Object Description (113012) is gone: PS3.15 Table E.3.4-1 removes it unless Clean "
            "Descriptors (113105) is claimed, the profile's tests want it kept; claim 113105 and clean it.",
            "(0040,A730)",
            severity=Severity.FAIL if claimed else Severity.WARNING,
            expected="the description, cleaned",
            observed="none",
        )
    elif not _any_is(requests, lambda reading: next(filter(None, reading.descriptions), ""), found):
        item = document.reading.items_of(codes.KEY_OBJECT_DESCRIPTION)[0]
        yield document.finding(
            "description-reworded",
            "The Key Object Description (113012) was reworded; see that it still says where the case goes.",
            item.element,
            severity=Severity.INFO,
            expected="the words of the selection, cleaned",
            observed="other words",
        )


def _spelled(concept: Concept | None) -> str:
    return "no title" if concept is None else f"({concept.value}, {concept.scheme})"
