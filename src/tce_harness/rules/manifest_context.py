"""What a manifest says besides its references: delay, description, observer, language, patient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.claims import CodeSet, Option
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.requirement import Actor
from tce_harness.objects.content_items import Relationship
from tce_harness.objects.elements import text
from tce_harness.objects.manifest import ContentItemReading
from tce_harness.rules.exchange import (
    KeyObjectDocument,
    key_objects,
    manifests,
    not_applicable,
    nothing_examined,
    unclaimed,
    unobservable,
)
from tce_harness.rules.registry import rule
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

_SELECTOR, _MANAGER = Actor.EXPORT_SELECTOR, Actor.EXPORT_MANAGER
_UNIT = "manifests"
_NO_MANIFEST = "no manifest arrived in the judged steps"
_LANGUAGE_SCHEMES = frozenset({"ISO639_1", "ISO639_2", "RFC3066", "RFC5646"})


@rule("manifest/delay-reason", judges="TCE-RAD51-007")
def delay_reason(case: CaseEvidence) -> Judgement:
    """A manifest that asks for a delay says so in its first content item, with a coded reason."""
    away = unobservable(case, _SELECTOR, _MANAGER) or unclaimed(case, Option.DELAY_FOR_REASON)
    if away is not None:
        return away
    documents = manifests(case)
    if not documents:
        return nothing_examined(_NO_MANIFEST, _UNIT)
    delayed = tuple(each for each in documents if each.reading.title_modifiers)
    wanted = frozenset(
        item.value
        for each in key_objects(case.objects)
        for item in each.reading.delay_modifiers
        if item.value is not None
    )
    findings = [
        finding for each in delayed for finding in _delay_findings(each, wanted, case.claims.code_set)
    ]
    if not delayed:
        findings = [
            each.finding(
                "delay-absent",
                "Say that the export has to wait by a Document Title Modifier (113011) with the reason.",
                "(0040,A730)[1]",
                expected="a Document Title Modifier with a delay reason",
                observed="none",
            )
            for each in documents
        ]
    return Judgement(examined=len(delayed or documents), findings=tuple(findings), unit=_UNIT)


def _delay_findings(
    document: KeyObjectDocument, wanted: frozenset[Concept], code_set: CodeSet
) -> Iterator[Finding]:
    modifiers = document.reading.title_modifiers
    first = modifiers[0]
    if first.position != 1:
        yield document.finding(
            "delay-not-first",
            "Put the Document Title Modifier (113011) first in the content.",
            first.element,
            expected="position 1",
            observed=f"position {first.position}",
        )
    for modifier in modifiers:
        yield from _reason_findings(document, modifier, code_set)
    found = [each.value for each in document.reading.delay_modifiers if each.value is not None]
    if wanted and found and not any(codes.equivalent(one, other) for one in found for other in wanted):
        yield document.finding(
            "delay-reason-other",
            "Give the delay reason that the user chose.",
            first.element,
            expected=" or ".join(sorted(map(_spelled, wanted))),
            observed=", ".join(map(_spelled, found)),
        )


def _reason_findings(
    document: KeyObjectDocument, modifier: ContentItemReading, code_set: CodeSet
) -> Iterator[Finding]:
    value = modifier.value
    if value is None or not codes.is_delay_reason(value.value, value.scheme):
        yield document.finding(
            "delay-reason-unknown",
            "Give as delay reason one of TCE011 to TCE018 of IHERADTF, or of 128715 to 128722 of DCM.",
            f"{modifier.element}/(0040,A168)",
            expected="a code of the delay reasons",
            observed="no code" if value is None else _spelled(value),
            quotes=True,
        )
    elif value.scheme == codes.DCM and code_set is CodeSet.IHERADTF:
        yield document.finding(
            "delay-code-set",
            "Use the delay reason's IHERADTF code, as the claimed code set says; DCM's means the same.",
            f"{modifier.element}/(0040,A168)",
            severity=Severity.WARNING,
            expected="a code of IHERADTF",
            observed=_spelled(value),
        )


@rule("manifest/description-as-typed", judges="TCE-RAD51-011")
def description_as_typed(case: CaseEvidence) -> Judgement:
    """The Key Object Description carries what the user typed, unchanged."""
    hidden = unobservable(case, _SELECTOR, _MANAGER)
    if hidden is not None:
        return hidden
    documents = manifests(case)
    if not documents:
        return nothing_examined(_NO_MANIFEST, _UNIT)
    models = [each for each in key_objects(case.objects) if each.reading.is_export_manifest]
    typed = frozenset(words for each in models for words in each.reading.descriptions if words)
    if models and not typed:
        return nothing_examined("the case gave no description to type", _UNIT)
    findings = [_description_finding(each, typed, case.case.token) for each in documents]
    return Judgement(
        examined=len(documents), findings=tuple(each for each in findings if each is not None), unit=_UNIT
    )


def _description_finding(document: KeyObjectDocument, typed: frozenset[str], token: str) -> Finding | None:
    item = next(iter(document.reading.items_of(codes.KEY_OBJECT_DESCRIPTION)), None)
    found = item.text if item is not None else ""
    # Without a text of the case's own, the operator was given its token to type somewhere in the description.
    if found in typed or (not typed and token in found):
        return None
    if not found:
        return document.finding(
            "description-absent",
            "Put what the user types into the Key Object Description (113012).",
            "(0040,A730)",
            expected="the typed text",
            observed="none",
        )
    only_spaces = " ".join(found.split()) in {" ".join(each.split()) for each in typed}
    return document.finding(
        "description-spacing" if only_spaces else "description-changed",
        "The spacing or the lines of the typed description came out differently."
        if only_spaces
        else "Keep what the user types as Key Object Description (113012) unchanged, in its characters too.",
        None if item is None else f"{item.element}/(0040,A160)",
        severity=Severity.INFO if only_spaces else Severity.FAIL,
        expected="the typed text",
        observed="another text",
    )


@rule("manifest/observer", judges="TCE-RAD51-014")
def observer(case: CaseEvidence) -> Judgement:
    """An observer context, where the manifest has one, names who made the selection."""
    hidden = unobservable(case, _SELECTOR, _MANAGER)
    if hidden is not None:
        return hidden
    documents = manifests(case)
    if not documents:
        return nothing_examined(_NO_MANIFEST, _UNIT)
    naming = [each for each in documents if _context(each)]
    if not naming:
        return not_applicable("no manifest has an observer context, which is optional", _UNIT)
    findings = [
        each.finding(
            "observer-unnamed",
            "Name the person in Person Observer Name (121008), or leave the observer context out.",
            _context(each)[0].element,
            expected="a Person Observer Name of type PNAME",
            observed="none, or an empty one",
        )
        for each in naming
        if _is_person(each) and not _names_person(each)
    ]
    return Judgement(examined=len(naming), findings=tuple(findings), unit=_UNIT)


def _context(document: KeyObjectDocument) -> list[ContentItemReading]:
    return [
        item for item in document.reading.items if item.relationship == Relationship.HAS_OBSERVATION_CONTEXT
    ]


def _is_person(document: KeyObjectDocument) -> bool:
    """Tell whether the observer is a person, which TID 1002 takes for granted where no type stands."""
    types = [item.value for item in document.reading.items_of(codes.OBSERVER_TYPE)]
    return not types or codes.PERSON in types


def _names_person(document: KeyObjectDocument) -> bool:
    names = document.reading.items_of(codes.PERSON_OBSERVER_NAME)
    return any(item.value_type == "PNAME" and item.text.strip("^= ") for item in names)


@rule("manifest/language", judges="TCE-RAD51-015")
def language(case: CaseEvidence) -> Judgement:
    """The manifest says in what language its text is, by a code for languages."""
    hidden = unobservable(case, _SELECTOR, _MANAGER)
    if hidden is not None:
        return hidden
    documents = manifests(case)
    if not documents:
        return nothing_examined(_NO_MANIFEST, _UNIT)
    findings = tuple(finding for each in documents for finding in _language_findings(each))
    return Judgement(examined=len(documents), findings=findings, unit=_UNIT)


def _language_findings(document: KeyObjectDocument) -> Iterator[Finding]:
    items = document.reading.items_of(codes.LANGUAGE)
    if not items:
        yield document.finding(
            "language-absent",
            "Say in which language the manifest is (121049); the profile's older tests expect it.",
            "(0040,A730)",
            severity=Severity.WARNING,
            expected="a language code",
            observed="none",
        )
    for item in items:
        scheme = item.value.scheme if item.value is not None else ""
        if scheme not in _LANGUAGE_SCHEMES:
            yield document.finding(
                "language-scheme",
                "Take the language's code from RFC 5646 or ISO 639.",
                f"{item.element}/(0040,A168)",
                severity=Severity.WARNING,
                expected=", ".join(sorted(_LANGUAGE_SCHEMES)),
                observed=scheme or "no code",
                quotes=True,
            )


@rule("manifest/one-patient", judges="TCE-RAD51-010")
def one_patient(case: CaseEvidence) -> Judgement:
    """A manifest and everything that it lists are of one patient."""
    unit = "listed instances"
    hidden = unobservable(case, _SELECTOR, _MANAGER)
    if hidden is not None:
        return hidden
    documents = manifests(case)
    if not documents:
        return nothing_examined(_NO_MANIFEST, unit)
    known = {each.sop_instance_uid: each for each in (*case.objects, *case.all_arrivals, *case.subjects)}
    examined = 0
    findings = []
    for document in documents:
        listed = [known[uid] for uid in document.reading.listed if uid in known]
        examined += len(listed)
        patients = _patients((document.instance, *listed))
        if len(patients) > 1:
            findings.append(
                document.finding(
                    "several-patients",
                    "Make one manifest for each patient; this one, or what it lists, is of several.",
                    "(0010,0020)",
                    expected="one patient",
                    observed=f"{len(patients)} patients",
                )
            )
    reason = None if examined else "none of the listed instances is in evidence"
    return Judgement(examined=examined, findings=tuple(findings), unit=unit, reason=reason)


def _patients(instances: Iterable[EvidenceInstance]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (text(each.dataset, "PatientID"), text(each.dataset, "IssuerOfPatientID")) for each in instances
    )


def _spelled(concept: Concept) -> str:
    return f"({concept.value}, {concept.scheme})"
