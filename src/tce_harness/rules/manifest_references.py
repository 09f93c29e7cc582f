"""What a manifest refers to: content against evidence, references against instances, copy against copy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.requirement import Actor
from tce_harness.objects.elements import text
from tce_harness.objects.manifest import ManifestReading, ReferenceReading
from tce_harness.rules.exchange import (
    KeyObjectDocument,
    manifests,
    nothing_examined,
    released_manifests,
    unobservable,
)
from tce_harness.rules.registry import rule

_SELECTOR, _MANAGER = Actor.EXPORT_SELECTOR, Actor.EXPORT_MANAGER
_NO_MANIFEST = "no manifest arrived in the judged steps"


@rule("manifest/evidence-equals-content", judges="TCE-RAD51-004")
def evidence_equals_content(case: CaseEvidence) -> Judgement:
    """The evidence sequence lists all instances that the content refers to, and no others."""
    return unobservable(case, _SELECTOR, _MANAGER) or _evidence_judged(manifests(case))


@rule("manifest/exported-evidence-equals-content", judges="TCE-RAD53-011")
def exported_evidence_equals_content(case: CaseEvidence) -> Judgement:
    """The exported manifest's evidence lists all instances that its content refers to, and no others."""
    return _evidence_judged(manifests(case))


@rule("manifest/references-match-instances", judges="TCE-RAD51-006")
def references_match_instances(case: CaseEvidence) -> Judgement:
    """Each reference of the manifest names the class, study and series that its instance has."""
    hidden = unobservable(case, _SELECTOR, _MANAGER)
    if hidden is not None:
        return hidden
    known = {each.sop_instance_uid: each for each in case.objects}
    # Instances may come before, during or after the manifest, so in other steps than the judged ones.
    arrived = (*case.all_arrivals, *case.subjects)
    known |= {each.sop_instance_uid: each for each in arrived if each.fault is None}
    return _references_judged(manifests(case), known)


@rule("manifest/references-match-export", judges="TCE-RAD53-004")
def references_match_export(case: CaseEvidence) -> Judgement:
    """Each reference of the exported manifest names an exported instance, its class, study and series."""
    return _references_judged(manifests(case), {each.sop_instance_uid: each for each in case.subjects})


@rule("manifest/identical-documents", judges="TCE-RAD51-005")
def identical_documents(case: CaseEvidence) -> Judgement:
    """A manifest over several studies has an equal copy in each of them, and all copies name one another."""
    return unobservable(case, _SELECTOR, _MANAGER) or _copies_judged(case)


@rule("manifest/exported-identical-documents", judges="TCE-RAD53-010")
def exported_identical_documents(case: CaseEvidence) -> Judgement:
    """An exported manifest over several studies has an equal copy in each, and all name one another."""
    released = released_manifests(case)
    documents = manifests(case)
    judgement = _copies_judged(case)
    # One manifest, or several that are no copies, may be released: only copies are counted here.
    if len(released) < 2 or not documents or not any(each.reading.identical_documents for each in released):
        return judgement
    findings = judgement.findings
    if len(documents) != len(released):
        counted = documents[0].finding(
            "copy-count",
            "Export as many copies of the manifest as released the export.",
            None,
            expected=str(len(released)),
            observed=str(len(documents)),
        )
        findings = (*findings, counted)
    return Judgement(examined=len(documents), findings=findings, unit="manifests over several studies")


# --- evidence against content ---------------------------------------------------------------------


def _evidence_judged(documents: tuple[KeyObjectDocument, ...]) -> Judgement:
    unit = "references"
    if not documents:
        return nothing_examined(_NO_MANIFEST, unit)
    examined = sum(len(each.reading.content_references) + len(each.reading.evidence) for each in documents)
    if not examined:
        return nothing_examined("the manifest refers to nothing, in content and in evidence", unit)
    findings = [finding for each in documents for finding in _evidence_findings(each)]
    return Judgement(examined=examined, findings=tuple(findings), unit=unit)


def _evidence_findings(document: KeyObjectDocument) -> Iterator[Finding]:
    evidence = {each.sop_instance_uid: each for each in document.reading.evidence}
    content = {each.sop_instance_uid: each for each in document.reading.content_references}
    for uid, reference in content.items():
        listed = evidence.get(uid)
        if listed is None:
            yield document.finding(
                "not-in-evidence",
                "List in the evidence sequence (0040,A375) every instance that the content refers to.",
                reference.element,
                expected="an entry in (0040,A375)",
                observed="no entry with this SOP Instance UID",
            )
        elif listed.sop_class_uid != reference.sop_class_uid:
            yield document.finding(
                "class-differs-from-evidence",
                "Name the same SOP class for an instance in content and evidence.",
                reference.element,
                expected=listed.sop_class_uid,
                observed=reference.sop_class_uid,
                quotes=True,
            )
    seen: set[str] = set()
    for entry in document.reading.evidence:
        if entry.sop_instance_uid not in content:
            yield document.finding(
                "only-in-evidence",
                "List in the evidence sequence (0040,A375) only instances that the content refers to.",
                entry.element,
                severity=Severity.WARNING,
                expected="a reference to it in the content",
                observed="none",
            )
        elif entry.sop_instance_uid in seen:
            yield document.finding(
                "twice-in-evidence",
                "List each instance once in the evidence sequence (0040,A375).",
                entry.element,
                severity=Severity.WARNING,
                expected="one entry",
                observed="a second entry",
            )
        seen.add(entry.sop_instance_uid)


# --- references against instances -----------------------------------------------------------------


def _references_judged(
    documents: tuple[KeyObjectDocument, ...], known: Mapping[str, EvidenceInstance]
) -> Judgement:
    unit = "references"
    if not documents:
        return nothing_examined(_NO_MANIFEST, unit)
    references = [(each, reference) for each in documents for reference in _all_references(each.reading)]
    if not references:
        return nothing_examined("the manifest refers to nothing", unit)
    findings: dict[tuple[str, str, str], Finding] = {}
    for document, reference in references:
        for finding in _reference_findings(document, reference, known):
            # Content and evidence name each instance: one fault, told once.
            key = (document.instance.digest, reference.sop_instance_uid, finding.kind)
            findings.setdefault(key, finding)
    return Judgement(examined=len(references), findings=tuple(findings.values()), unit=unit)


def _all_references(reading: ManifestReading) -> tuple[ReferenceReading, ...]:
    return (*reading.content_references, *reading.evidence)


def _reference_findings(
    document: KeyObjectDocument, reference: ReferenceReading, known: Mapping[str, EvidenceInstance]
) -> Iterator[Finding]:
    uid = reference.sop_instance_uid
    instance = known.get(uid)
    if not uid:
        yield document.finding(
            "reference-without-uid",
            "Give each reference a Referenced SOP Instance UID (0008,1155).",
            reference.element,
            expected="a UID",
            observed="none",
        )
    elif instance is None:
        yield document.finding(
            "reference-dangling",
            "Refer only to instances that exist beside the manifest; this reference leads nowhere.",
            reference.element,
            expected="an instance with this SOP Instance UID",
            observed=uid,
            quotes=True,
        )
    else:
        yield from _place_findings(document, reference, instance)


def _place_findings(
    document: KeyObjectDocument, reference: ReferenceReading, instance: EvidenceInstance
) -> Iterator[Finding]:
    if reference.sop_class_uid != instance.sop_class_uid:
        yield document.finding(
            "reference-class",
            "Name in each reference the SOP class that the instance has.",
            reference.element,
            expected=instance.sop_class_uid,
            observed=reference.sop_class_uid or "no SOP class",
            quotes=True,
        )
    if "(0040,A375)" not in reference.element:
        return
    for keyword, named, noun in (
        ("StudyInstanceUID", reference.study_instance_uid, "study"),
        ("SeriesInstanceUID", reference.series_instance_uid, "series"),
    ):
        actual = text(instance.dataset, keyword)
        if named != actual:
            yield document.finding(
                f"reference-{noun}",
                f"List each instance in the evidence sequence under the {noun} that it belongs to.",
                reference.element,
                expected=actual or f"no {noun} UID",
                observed=named or f"no {noun} UID",
                quotes=True,
            )


# --- copies ---------------------------------------------------------------------------------------


def _copies_judged(case: CaseEvidence) -> Judgement:
    unit = "manifests over several studies"
    documents = manifests(case)
    if not documents:
        return nothing_examined(_NO_MANIFEST, unit)
    places = {each.sop_instance_uid: text(each.dataset, "StudyInstanceUID") for each in case.objects}
    places |= {each.sop_instance_uid: text(each.dataset, "StudyInstanceUID") for each in case.subjects}
    by_uid = {each.instance.sop_instance_uid: each for each in documents}
    examined = 0
    findings: list[Finding] = []
    for document in documents:
        studies = _studies(document.reading, places)
        if len(studies) > 1:
            examined += 1
            findings += _copies_named(document, studies)
            findings += _copies_found(document, by_uid)
        elif document.reading.identical_documents:
            examined += 1
            findings.append(
                document.finding(
                    "identical-documents-needless",
                    "Leave Identical Documents Sequence (0040,A525) out of a manifest over one study.",
                    "(0040,A525)",
                    severity=Severity.WARNING,
                    expected="absent",
                    observed="present",
                )
            )
    if not examined:
        return Judgement(
            examined=0, unit=unit, applicable=False, reason="every manifest refers to one study only"
        )
    return Judgement(examined=examined, findings=tuple(findings), unit=unit)


def _studies(reading: ManifestReading, places: Mapping[str, str]) -> frozenset[str]:
    """Return the studies that a manifest refers to, also where its evidence does not say so."""
    named = {each.study_instance_uid for each in reading.evidence}
    named |= {places.get(each.sop_instance_uid, "") for each in reading.content_references}
    return frozenset(named - {""})


def _copies_named(document: KeyObjectDocument, studies: frozenset[str]) -> Iterator[Finding]:
    """Yield what is wrong with the list of copies itself."""
    reading = document.reading
    own = reading.sop_instance_uid
    if any(each.sop_instance_uid == own for each in reading.identical_documents):
        yield document.finding(
            "names-itself",
            "Name in Identical Documents Sequence (0040,A525) the other copies, never the document itself.",
            "(0040,A525)",
            expected="the other copies",
            observed="its own SOP Instance UID",
        )
    named = {each.study_instance_uid for each in reading.identical_documents if each.sop_instance_uid != own}
    missing = studies - named - {reading.study_instance_uid}
    if missing:
        yield document.finding(
            "copy-not-named",
            "Put a copy of the manifest into each study that it refers to and name it in Identical Documents "
            "Sequence (0040,A525).",
            "(0040,A525)",
            expected=f"a copy in each of the {len(studies - {reading.study_instance_uid})} other studies",
            observed=f"none named for {len(missing)} of them",
        )


def _copies_found(document: KeyObjectDocument, by_uid: Mapping[str, KeyObjectDocument]) -> Iterator[Finding]:
    """Yield where a named copy is absent, elsewhere, different, or does not name this one."""
    reading = document.reading
    for named in reading.identical_documents:
        if named.sop_instance_uid == reading.sop_instance_uid:
            continue
        copy = by_uid.get(named.sop_instance_uid)
        if copy is None:
            yield document.finding(
                "copy-absent",
                "Send every copy that Identical Documents Sequence (0040,A525) names; this one never came.",
                named.element,
                expected="a manifest with this SOP Instance UID",
                observed=named.sop_instance_uid or "no UID",
                quotes=True,
            )
            continue
        yield from _copy_findings(document, named, copy)


def _copy_findings(
    document: KeyObjectDocument, named: ReferenceReading, copy: KeyObjectDocument
) -> Iterator[Finding]:
    place = (copy.reading.sop_class_uid, copy.reading.study_instance_uid, copy.reading.series_instance_uid)
    if (named.sop_class_uid, named.study_instance_uid, named.series_instance_uid) != place:
        yield document.finding(
            "copy-misplaced",
            "Name each copy with the SOP class, study and series that it has.",
            named.element,
            expected="the copy's own SOP class, study and series",
            observed="others",
        )
    own = document.reading.sop_instance_uid
    if all(each.sop_instance_uid != own for each in copy.reading.identical_documents):
        yield document.finding(
            "copy-not-mutual",
            "Let each copy name all others; the copy that is named here does not name this document.",
            named.element,
            expected="an entry for this document in the copy",
            observed="none",
        )
    for noun in _differences(document.reading, copy.reading):
        yield document.finding(
            "copy-differs",
            f"Give all copies of a manifest the same {noun}.",
            named.element,
            expected=f"equal {noun}",
            observed=f"different {noun}",
        )


def _differences(one: ManifestReading, other: ManifestReading) -> Iterator[str]:
    if one.title != other.title:
        yield "document title"
    if one.descriptions != other.descriptions:
        yield "description"
    if _named(one.content_references) != _named(other.content_references):
        yield "content references"
    if set(_named(one.evidence)) != set(_named(other.evidence)):
        yield "evidence"
    if [each.value for each in one.title_modifiers] != [each.value for each in other.title_modifiers]:
        yield "title modifiers"


def _named(references: Iterable[ReferenceReading]) -> list[tuple[object, ...]]:
    return [(each.sop_class_uid, each.sop_instance_uid, each.frames, each.segments) for each in references]
