"""What an exported instance says of its own de-identification."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.findings import finding, judged
from tce_harness.rules.deidentification.places import items, spell, text_value
from tce_harness.rules.deidentification.plan import (
    BASIC_PROFILE,
    RETAIN_FULL_DATES,
    RETAIN_MODIFIED_DATES,
)
from tce_harness.rules.registry import rule
from tce_harness.standard.confidentiality import COLUMN_OF_CODE

PATIENT_IDENTITY_REMOVED = 0x00120062
DEIDENTIFICATION_METHOD = 0x00120063
DEIDENTIFICATION_METHOD_CODES = 0x00120064
BURNED_IN_ANNOTATION = 0x00280301
TEMPORAL_INFORMATION = 0x00280303
_LONGEST_METHOD = 64
_TEMPORAL = {RETAIN_FULL_DATES: "UNMODIFIED", RETAIN_MODIFIED_DATES: "MODIFIED"}
_SAYS_BY_CLAIM = "the claimed options"
_SAYS_BY_ITSELF = "the codes in (0012,0064), or their absence,"
#: The options of CID 7050 that rows of a table go by; of cleaned pixels the attribute itself tells.
_OPTIONS = frozenset(COLUMN_OF_CODE)


@rule("deid/marked-as-de-identified", judges="TCE-RAD53-012")
def marked_as_deidentified(case: CaseEvidence) -> Judgement:
    """Hold Patient Identity Removed (0012,0062) of every instance to be YES."""
    return judged(case, (each for subject in case.subjects for each in _marked(subject)))


def _marked(subject: EvidenceInstance) -> Iterator[Finding]:
    observed = text_value(subject.dataset, PATIENT_IDENTITY_REMOVED)
    if observed != "YES":
        told = "is not YES" if observed else "is absent or empty"
        yield finding(
            "not-marked-de-identified",
            subject,
            f"Patient Identity Removed {told}",
            element=spell(PATIENT_IDENTITY_REMOVED),
            expected="YES",
            observed=observed or "absent or empty",
            quotes=observed not in {"", "NO"},
        )


def method_codes(subject: EvidenceInstance) -> frozenset[str]:
    """Return the codes of scheme DCM in De-identification Method Code Sequence."""
    if DEIDENTIFICATION_METHOD_CODES not in subject.dataset:
        return frozenset()
    recorded = items(subject.dataset[DEIDENTIFICATION_METHOD_CODES])
    return frozenset(
        code
        for item in recorded
        if text_value(item, 0x00080102) == "DCM" and (code := text_value(item, 0x00080100))
    )


@rule("deid/method-recorded", judges="TCE-RAD53-014")
def method_recorded(case: CaseEvidence) -> Judgement:
    """Look for the method of de-identification, as text (0012,0063) or as codes (0012,0064)."""
    return judged(case, (each for subject in case.subjects for each in _recorded(subject)))


def _recorded(subject: EvidenceInstance) -> Iterator[Finding]:
    text = text_value(subject.dataset, DEIDENTIFICATION_METHOD)
    sequence = DEIDENTIFICATION_METHOD_CODES in subject.dataset
    coded = sequence and bool(items(subject.dataset[DEIDENTIFICATION_METHOD_CODES]))
    if not text and not coded:
        yield finding(
            "method-missing",
            subject,
            "neither De-identification Method (0012,0063) nor its Code Sequence (0012,0064) has a value",
            element=spell(DEIDENTIFICATION_METHOD_CODES),
            expected="a method",
            observed="neither",
        )
    elif not coded:
        yield finding(
            "method-text-only",
            subject,
            "the method stands as text alone; some editions of PS3.15 ask for the codes",
            element=spell(DEIDENTIFICATION_METHOD_CODES),
            expected="codes of CID 7050",
            observed="text only",
            severity=Severity.WARNING,
        )


@rule("deid/method-codes", judges="PS315-D10")
def method_codes_recorded(case: CaseEvidence) -> Judgement:
    """Look for the codes of CID 7050: the profile, each claimed option, and what stood there before."""
    before = {pair.subject.digest: pair.original for pair in case.pairing.pairs}
    claimed = (BASIC_PROFILE, *sorted(set(case.claims.deidentification_codes) - {BASIC_PROFILE}))
    return judged(
        case,
        (each for subject in case.subjects for each in _codes(subject, before.get(subject.digest), claimed)),
    )


def _codes(
    subject: EvidenceInstance, original: EvidenceInstance | None, claimed: tuple[str, ...]
) -> Iterator[Finding]:
    recorded = method_codes(subject)
    missing = [code for code in claimed if code not in recorded]
    if missing:
        yield finding(
            "method-code-missing",
            subject,
            "codes of the claimed profile and options are not recorded",
            element=spell(DEIDENTIFICATION_METHOD_CODES),
            expected=", ".join(claimed),
            observed=", ".join(sorted(recorded)) or "no codes",
        )
    if {RETAIN_FULL_DATES, RETAIN_MODIFIED_DATES} <= recorded:
        yield finding(
            "method-codes-contradict",
            subject,
            "full and modified dates exclude each other",
            element=spell(DEIDENTIFICATION_METHOD_CODES),
            expected="113106 or 113107",
            observed="both",
        )
    if any(len(part) > _LONGEST_METHOD for part in _method_values(subject)):
        yield finding(
            "method-too-long",
            subject,
            "a value of De-identification Method is longer than VR LO allows",
            element=spell(DEIDENTIFICATION_METHOD),
            expected="64 characters a value",
        )
    earlier = method_codes(original) if original is not None else frozenset()
    unclaimed = (recorded & _OPTIONS) - set(claimed) - earlier
    if unclaimed:
        yield finding(
            "method-code-not-claimed",
            subject,
            "codes of options are recorded that nobody claims to have applied",
            element=spell(DEIDENTIFICATION_METHOD_CODES),
            expected=", ".join(claimed),
            observed=", ".join(sorted(unclaimed)),
            severity=Severity.WARNING,
        )
    lost = earlier - recorded
    if lost:
        yield finding(
            "method-history-lost",
            subject,
            "codes of an earlier de-identification were overwritten",
            element=spell(DEIDENTIFICATION_METHOD_CODES),
            expected=", ".join(sorted(lost)),
            severity=Severity.WARNING,
        )


def _method_values(subject: EvidenceInstance) -> list[str]:
    return text_value(subject.dataset, DEIDENTIFICATION_METHOD).split("\\")


@rule("deid/temporal-information", judges="PS315-B2")
def temporal_information(case: CaseEvidence) -> Judgement:
    """Hold Longitudinal Temporal Information Modified (0028,0303) against the claimed options.

    It repeats what an option did with dates (PS3.15 section E.3.6), so that where nobody claimed anything the
    codes that an instance itself records are its claim.
    """
    claimed = case.claims.deidentification_codes
    nobody = case.run.claims_from == "default"
    return judged(
        case,
        (
            each
            for subject in case.subjects
            for each in (
                _temporal(subject, method_codes(subject), _SAYS_BY_ITSELF)
                if nobody
                else _temporal(subject, claimed, _SAYS_BY_CLAIM)
            )
        ),
    )


def _temporal(subject: EvidenceInstance, codes: Collection[str], told: str) -> Iterator[Finding]:
    admitted = [value for code, value in _TEMPORAL.items() if code in codes] or ["REMOVED"]
    observed = text_value(subject.dataset, TEMPORAL_INFORMATION)
    if observed not in admitted:
        yield finding(
            "temporal-information-wrong",
            subject,
            f"Longitudinal Temporal Information Modified does not say what {told} do",
            element=spell(TEMPORAL_INFORMATION),
            expected=" or ".join(admitted),
            observed=observed or "absent or empty",
            quotes=observed not in {"", "UNMODIFIED", "MODIFIED", "REMOVED"},
        )
