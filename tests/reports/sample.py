"""Run results as rich as real ones: one that fails, one that passes, one of real patients."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from tce_harness.model.claims import Claims, Option
from tce_harness.model.finding import Finding, Severity
from tce_harness.model.record import Role
from tce_harness.model.requirement import Actor, Grade, Level, Requirement, Testable
from tce_harness.model.result import (
    CaseResult,
    Coverage,
    Message,
    Repair,
    RequirementResult,
    RuleResult,
    RunResult,
    StepResult,
    Unattributed,
)
from tce_harness.model.verdict import Verdict

CT: Final = ("1.2.840.10008.5.1.4.1.1.2", "CT Image Storage")
MR: Final = ("1.2.840.10008.5.1.4.1.1.4", "MR Image Storage")
KOS: Final = ("1.2.840.10008.5.1.4.1.1.88.59", "Key Object Selection Document Storage")
GSPS: Final = ("1.2.840.10008.5.1.4.1.1.11.1", "Grayscale Softcopy Presentation State Storage")
ATFI: Final = ("1.2.840.10008.5.1.4.1.1.88.22", "Enhanced SR Storage")

ROLES: Final = (
    Role(name="selector", actor=Actor.EXPORT_SELECTOR, simulator="export-selector", under_test=False),
    Role(name="manager", actor=Actor.EXPORT_MANAGER, simulator=None, under_test=True),
    Role(name="archive", actor=Actor.RECEIVER, simulator="receiver", under_test=False),
)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Exchange:
    """Writes the messages of one case; record ids go on where the case before ended."""

    def __init__(self, first_record: int, minute: int) -> None:
        self.messages: list[Message] = []
        self._record = first_record
        self._tenths = minute * 600

    def send(
        self, transaction: str, sop_class: tuple[str, str], count: int, label: str, status: int | None = 0
    ) -> tuple[str, ...]:
        """Add messages of one kind and return the ids of their records."""
        sender, receiver = ("manager", "archive") if transaction == "RAD-53" else ("selector", "manager")
        ids = []
        for number in range(1, count + 1):
            self._record += 1
            self._tenths += 1
            minutes, tenths = divmod(self._tenths, 600)
            evidence = f"e{self._record:04d}"
            ids.append(evidence)
            self.messages.append(
                Message(
                    time=f"2026-11-22T14:{minutes:02d}:{tenths // 10:02d}.{tenths % 10}00Z",
                    transaction=transaction,
                    sender=sender,
                    receiver=receiver,
                    sop_class_uid=sop_class[0],
                    sop_class=sop_class[1],
                    sop_instance_uid=f"2.25.{int(digest(evidence)[:24], 16)}",
                    label=f"{label}/{number}",
                    status=status,
                    evidence=evidence,
                    file=f"evidence/instances/{digest(evidence)}.dcm",
                )
            )
        return tuple(ids)


def requirement(
    id: str,
    text: str,
    *,
    document: str = "RAD TF Vol 3",
    section: str = "4.53",
    edition: str = "Rev 23.0",
    level: Level = Level.SHALL,
    grade: Grade = Grade.RESTATED,
    testable: Testable = Testable.OBJECT,
    option: str | None = None,
    proven_by: tuple[str, ...] = (),
) -> Requirement:
    return Requirement(
        id=id,
        document=document,
        section=section,
        edition=edition,
        text=text,
        level=level,
        actors=(Actor.EXPORT_MANAGER,),
        grade=grade,
        testable=testable,
        option=option,
        proven_by=proven_by,
    )


def judged(
    requirement: Requirement,
    verdict: Verdict,
    *,
    examined: int,
    unit: str = "instances",
    cases: tuple[tuple[str, Verdict], ...] = (),
    findings: int = 0,
    defects: tuple[str, ...] = (),
    rules: tuple[str, ...] = (),
    reason: str | None = None,
) -> RequirementResult:
    return RequirementResult(
        requirement=requirement,
        verdict=verdict,
        required=requirement.required,
        cases=cases,
        examined=examined,
        unit=unit,
        findings=findings,
        defects=defects,
        rules=rules,
        reason=reason,
    )


def rule(
    name: str,
    requirement: str,
    verdict: Verdict,
    examined: int,
    *,
    unit: str = "instances",
    findings: tuple[Finding, ...] = (),
    reason: str | None = None,
) -> RuleResult:
    return RuleResult(
        rule=name,
        requirement=requirement,
        step="judged",
        line=24,
        verdict=verdict,
        examined=examined,
        unit=unit,
        findings=findings,
        reason=reason,
    )


def step(
    id: str, verb: str, text: str, verdict: Verdict = Verdict.PASS, detail: str | None = None
) -> StepResult:
    return StepResult(id=id, verb=verb, text=text, verdict=verdict, detail=detail)


def case(
    id: str,
    title: str,
    verdict: Verdict,
    steps: tuple[StepResult, ...],
    *,
    rules: tuple[RuleResult, ...],
    messages: tuple[Message, ...],
    trouble: tuple[str, ...] = (),
) -> CaseResult:
    scenario = id.partition("/")[0]
    return CaseResult(
        id=id,
        scenario=scenario,
        title=title,
        file=f"scenarios/export-manager/{scenario}-export.tce.yaml",
        line=2,
        sut="export-manager",
        roles=ROLES,
        verdict=verdict,
        steps=steps,
        rules=rules,
        messages=messages,
        trouble=trouble,
        command=f"tce run {id} --system gateway.yaml --seed 7341",
    )


FRAME_DEFECTS: Final = ("keeps-frame-of-reference-uid", "per-file-uid-map", "nested-uids-kept")


def _uid_findings(records: tuple[str, ...]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            kind="uid-kept",
            severity=Severity.FAIL,
            message="The exported instance carries the frame of reference UID of the original, so the study "
            "can be matched to its source.",
            subject=f"study/{number}",
            element="(0020,0052)",
            row="(0020,0052)",
            expected="a new UID, the same in all instances of the frame of reference",
            observed="2.25.118733092210055120066437718290604603 = the original",
            evidence=(record,),
        )
        for number, record in enumerate(records, 1)
    )


def _single_study() -> CaseResult:
    exchange = Exchange(38, 5)
    exchange.send("RAD-50", CT, 5, "study")
    exchange.send("RAD-51", KOS, 1, "manifest")
    exchange.send("RAD-52", ATFI, 1, "information")
    manifest = exchange.send("RAD-53", KOS, 1, "manifest")
    exported = exchange.send("RAD-53", CT, 5, "study")
    exchange.send("RAD-53", ATFI, 1, "information")
    description = Finding(
        kind="description-changed",
        severity=Severity.WARNING,
        message="The key object description of the manifest did not survive the export.",
        subject="manifest/1",
        element="(0040,A730)[2]/(0040,A160)",
        expected="the text as selected",
        observed="an empty text",
        evidence=manifest,
    )
    return case(
        "EM-010/TCE001",
        "Teaching-file export of one study, de-identified on the way",
        Verdict.FAIL,
        (
            step("stored", "send", "The Export Selector sends 5 instances of study (RAD-50)."),
            step("selected", "send", "The Export Selector sends manifest (RAD-51)."),
            step("informed", "send", "The Export Selector sends the teaching file information (RAD-52)."),
            step(
                "exported",
                "receive",
                "The Receiver waits until the manifest is complete, at most 5 min.",
                detail="complete after 2.1 s: 7 of 7 instances",
            ),
            step("judged", "check", "7 rules judge what was exported against study.", Verdict.FAIL),
        ),
        rules=(
            rule("arrival/manifest-complete", "TCE-RAD53-001", Verdict.PASS, 7),
            rule("manifest/references-match-instances", "TCE-RAD53-004", Verdict.PASS, 5, unit="references"),
            rule(
                "manifest/description-survives",
                "TCE-RAD53-009",
                Verdict.WARNING,
                1,
                unit="manifests",
                findings=(description,),
            ),
            rule(
                "uid/replaced-consistently",
                "TCE-RAD53-013",
                Verdict.FAIL,
                7,
                findings=_uid_findings(exported),
            ),
            rule("deid/no-canary-survives", "PS315-D2", Verdict.PASS, 7),
            rule("deid/table-rows", "PS315-D3", Verdict.PASS, 4263, unit="elements"),
            rule("iod/dciodvfy-finds-nothing-new", "TCE-RAD53-020", Verdict.PASS, 7),
        ),
        messages=tuple(exchange.messages),
    )


def _several_studies() -> CaseResult:
    exchange = Exchange(60, 8)
    for round_ in range(6):
        exchange.send("RAD-50", CT, 20, f"chest-{round_}")
        exchange.send("RAD-50", MR, 4, f"head-{round_}", 0xB000 if round_ == 3 else 0)
    exchange.send("RAD-50", GSPS, 2, "state")
    exchange.send("RAD-51", KOS, 2, "manifest")
    manifests = exchange.send("RAD-53", KOS, 2, "manifest")
    exchange.send("RAD-53", CT, 120, "chest")
    exchange.send("RAD-53", MR, 23, "head")
    exchange.send("RAD-53", MR, 1, "head", 0xA700)
    exchange.send("RAD-53", MR, 1, "head", None)
    exchange.send("RAD-53", GSPS, 2, "state")
    identical = tuple(
        Finding(
            kind="identical-document-missing",
            severity=Severity.FAIL,
            message="The manifest of one study does not name its identical copy in the other study.",
            subject=f"manifest/{number}",
            element="(0040,A525)",
            expected="one item that names the manifest of the other study",
            observed="no such sequence",
            quotes=False,
            evidence=(record,),
        )
        for number, record in enumerate(manifests, 1)
    )
    return case(
        "EM-020/TCE007",
        "Two studies of one patient with presentation states, in one selection",
        Verdict.FAIL,
        (
            step(
                "stored", "send", "The Export Selector sends 146 instances of chest, head and state (RAD-50)."
            ),
            step("selected", "send", "The Export Selector sends two identical manifests (RAD-51)."),
            step(
                "exported",
                "receive",
                "The Receiver waits until the manifests are complete, at most 5 min.",
                detail="complete after 14.8 s",
            ),
            step("judged", "check", "3 rules judge what was exported.", Verdict.FAIL),
        ),
        rules=(
            rule("arrival/manifest-complete", "TCE-RAD53-001", Verdict.PASS, 148),
            rule(
                "manifest/identical-documents",
                "TCE-RAD53-006",
                Verdict.FAIL,
                2,
                unit="manifests",
                findings=identical,
            ),
            rule("deid/no-canary-survives", "PS315-D2", Verdict.PASS, 148),
        ),
        messages=tuple(exchange.messages),
    )


def _passing_case() -> CaseResult:
    exchange = Exchange(400, 12)
    exchange.send("RAD-51", KOS, 1, "manifest")
    exchange.send("RAD-50", CT, 5, "study")
    exchange.send("RAD-53", CT, 5, "study")
    exchange.send("RAD-53", KOS, 1, "manifest")
    return case(
        "EM-011/TCE002",
        "The manifest comes before the instances",
        Verdict.PASS,
        (
            step("selected", "send", "The Export Selector sends manifest (RAD-51)."),
            step("stored", "send", "The Export Selector sends 5 instances of study (RAD-50)."),
            step(
                "exported",
                "receive",
                "The Receiver waits until the manifest is complete, at most 5 min.",
                detail="complete after 1.7 s",
            ),
            step("judged", "check", "4 rules judge what was exported against study."),
        ),
        rules=(
            rule("arrival/manifest-complete", "TCE-RAD53-001", Verdict.PASS, 6),
            rule("manifest/references-match-instances", "TCE-RAD53-004", Verdict.PASS, 5, unit="references"),
            rule("uid/replaced-consistently", "TCE-RAD53-013", Verdict.PASS, 6),
            rule("deid/no-canary-survives", "PS315-D2", Verdict.PASS, 6),
        ),
        messages=tuple(exchange.messages),
    )


def _delayed() -> CaseResult:
    exchange = Exchange(430, 20)
    exchange.send("RAD-50", CT, 5, "study")
    exchange.send("RAD-51", KOS, 1, "delayed")
    exchange.send("RAD-51", KOS, 1, "release")
    return case(
        "EM-030/TCE011",
        "A delayed manifest is held until a later one releases it",
        Verdict.INCONCLUSIVE,
        (
            step("stored", "send", "The Export Selector sends 5 instances of study (RAD-50)."),
            step("held", "receive", "Nothing may arrive at the Receiver for 60 s.", detail="nothing came"),
            step(
                "released",
                "operator",
                "An operator releases the case at the gateway.",
                Verdict.INCONCLUSIVE,
                "no answer within 10 min",
            ),
            step("judged", "check", "1 rule judges what was exported.", Verdict.INCONCLUSIVE),
        ),
        rules=(
            rule(
                "manifest/delay-modifier-gone",
                "TCE-RAD53-010",
                Verdict.INCONCLUSIVE,
                0,
                unit="manifests",
                reason="no manifest was exported: the operator did not release the case in time",
            ),
        ),
        messages=tuple(exchange.messages),
    )


def _no_operator() -> CaseResult:
    return case(
        "EM-041/preview",
        "The user sees each image before it is sent",
        Verdict.NOT_RUN,
        (
            step(
                "previewed",
                "attest",
                "A person confirms that the gateway shows each image before it sends it.",
                Verdict.NOT_RUN,
                "no operator: give --operator answers.yaml or run in a terminal",
            ),
        ),
        rules=(),
        messages=(),
    )


def _requirements() -> tuple[RequirementResult, ...]:
    fail, passed, single, several, early = (
        Verdict.FAIL,
        Verdict.PASS,
        "EM-010/TCE001",
        "EM-020/TCE007",
        "EM-011/TCE002",
    )
    return (
        judged(
            requirement(
                "TCE-RAD53-001",
                "Every instance that the manifest lists is sent to the Receiver by C-STORE.",
                testable=Testable.WIRE,
                grade=Grade.NORMATIVE,
            ),
            passed,
            examined=161,
            cases=((single, passed), (several, passed), (early, passed)),
            defects=("drops-last-instance", "sends-nothing", "stops-after-first-association"),
            rules=("arrival/manifest-complete",),
        ),
        judged(
            requirement(
                "TCE-RAD53-004", "The manifest refers to exactly the instances that were exported with it."
            ),
            passed,
            examined=10,
            unit="references",
            cases=((single, passed), (early, passed)),
            defects=("manifest-lists-originals", "manifest-lists-one-too-many"),
            rules=("manifest/references-match-instances",),
        ),
        judged(
            requirement(
                "TCE-RAD53-006",
                "Where the references span several studies, a copy of the manifest stands in "
                "each, and each copy lists all others.",
                section="4.51; PS3.3 C.17.6.2.1",
                grade=Grade.NORMATIVE,
            ),
            fail,
            examined=2,
            unit="manifests",
            cases=((several, fail),),
            findings=2,
            defects=("no-identical-documents",),
            rules=("manifest/identical-documents",),
        ),
        judged(
            requirement(
                "TCE-RAD53-009",
                "The key object description reaches the Receiver as it was written.",
                grade=Grade.IMPLEMENTED,
            ),
            Verdict.WARNING,
            examined=1,
            unit="manifests",
            cases=((single, Verdict.WARNING),),
            findings=1,
            defects=("empties-description",),
            rules=("manifest/description-survives",),
        ),
        judged(
            requirement(
                "TCE-RAD53-010", "The exported manifest carries no delay reason.", option="delay-for-reason"
            ),
            Verdict.INCONCLUSIVE,
            examined=0,
            unit="manifests",
            cases=(("EM-030/TCE011", Verdict.INCONCLUSIVE),),
            defects=("exports-delayed-manifest", "keeps-delay-modifier"),
            rules=("manifest/delay-modifier-gone",),
            reason="no manifest was exported: the operator did not release the case in time",
        ),
        judged(
            requirement(
                "TCE-RAD53-013",
                "Every UID is replaced, each by the same new one wherever it stands.",
                section="4.53; PS3.15 Table E.1-1, code U",
            ),
            fail,
            examined=13,
            cases=((single, fail), (early, passed)),
            findings=5,
            defects=FRAME_DEFECTS,
            rules=("uid/replaced-consistently",),
        ),
        judged(
            requirement(
                "TCE-RAD53-017",
                "Trial identifiers replace the patient's where the selection asks for it.",
                option="remap-identifiers",
                grade=Grade.NORMATIVE,
            ),
            Verdict.NOT_APPLICABLE,
            examined=0,
            rules=("remap/trial-identifiers",),
            defects=("ignores-remap-table",),
            reason="the option remap-identifiers is not claimed",
        ),
        judged(
            requirement("TCE-RAD53-020", "Exported instances keep to their IOD.", grade=Grade.NORMATIVE),
            passed,
            examined=7,
            cases=((single, passed),),
            defects=("drops-type-1-attribute", "writes-odd-length"),
            rules=("iod/dciodvfy-finds-nothing-new",),
        ),
        judged(
            requirement(
                "PS315-D2",
                "No identifying value of the original stands anywhere in an exported instance.",
                document="PS3.15",
                section="E.1, E.2",
                edition="2026d",
                grade=Grade.NORMATIVE,
            ),
            passed,
            examined=161,
            cases=((single, passed), (several, passed), (early, passed)),
            defects=(
                "keeps-private-attributes",
                "keeps-nested-names",
                "keeps-trailing-bytes",
                "keeps-preamble",
                "name-in-description",
                "keeps-codestream-comment",
                "keeps-overlay",
                "keeps-icon",
            ),
            rules=("deid/no-canary-survives",),
        ),
        judged(
            requirement(
                "PS315-D3",
                "Each attribute of Table E.1-1 is treated as its code says.",
                document="PS3.15",
                section="Table E.1-1",
                edition="2026d",
                grade=Grade.NORMATIVE,
            ),
            passed,
            examined=4263,
            unit="elements",
            cases=((single, passed),),
            defects=("keeps-institution", "empties-instead-of-removing"),
            rules=("deid/table-rows",),
        ),
        judged(
            requirement(
                "RCR-B5.5e",
                "Keys by which the study could be matched are removed: UIDs, dates, times.",
                document="RCR guidance 2018",
                section="Appendix B, B5.5",
                edition="2018",
                grade=Grade.NORMATIVE,
                proven_by=("TCE-RAD53-013", "PS315-D3", "PS315-113107"),
            ),
            fail,
            examined=4276,
            unit="examinations",
        ),
        judged(
            requirement(
                "RCR-B5.3",
                "The user can look at each image before it is sent.",
                document="RCR guidance 2018",
                section="Appendix B, B5.3",
                edition="2018",
                grade=Grade.NORMATIVE,
                testable=Testable.ATTEST,
            ),
            Verdict.NOT_RUN,
            examined=0,
            unit="attestations",
            cases=(("EM-041/preview", Verdict.NOT_RUN),),
            reason="no operator",
        ),
        judged(
            requirement(
                "RCR-B1",
                "An administrator can configure several archives as destinations.",
                document="RCR guidance 2018",
                section="Appendix B, B1",
                edition="2018",
                grade=Grade.NORMATIVE,
                testable=Testable.ATTEST,
            ),
            Verdict.ATTESTED,
            examined=1,
            unit="attestations",
            reason="J. Okafor, 22 November 2026: screenshot of the destinations page",
        ),
    )


def _repairs(cases: tuple[CaseResult, ...]) -> tuple[Repair, ...]:
    single, several = cases[0], cases[1]
    uid = next(rule for rule in single.rules if rule.rule == "uid/replaced-consistently")
    copies = next(rule for rule in several.rules if rule.rule == "manifest/identical-documents")
    text = next(rule for rule in single.rules if rule.rule == "manifest/description-survives")

    def repair(title: str, of: CaseResult, found: RuleResult, defects: tuple[str, ...]) -> Repair:
        return Repair(
            title=title,
            verdict=found.verdict,
            requirement=found.requirement,
            rule=found.rule,
            finding=found.findings[0],
            count=len(found.findings),
            instances=tuple(finding.subject for finding in found.findings),
            cases=(of.id,),
            evidence_files=tuple(
                f"evidence/instances/{digest(finding.evidence[0])}.dcm" for finding in found.findings
            ),
            defects=defects,
            command=of.command,
        )

    return (
        repair("The frame of reference UID is left untouched", single, uid, FRAME_DEFECTS),
        repair(
            "Manifests of two studies do not name each other", several, copies, ("no-identical-documents",)
        ),
        repair("The manifest's description is lost", single, text, ("empties-description",)),
    )


def failing_run() -> RunResult:
    """Return a run on a vendor's gateway: failures, a warning, things undecided, unattributed instances."""
    cases = (_single_study(), _passing_case(), _several_studies(), _delayed(), _no_operator())
    return RunResult(
        kind="run",
        suite="tce-harness 0.1.0",
        under_test="Export gateway 4.2",
        simulated=False,
        actors=("export-manager",),
        claims=Claims(
            options=(Option.ADDITIONAL_TEACHING_FILE_INFORMATION, Option.DELAY_FOR_REASON),
            deidentification_codes=("113100", "113107"),
        ),
        address="EXPGW @ gateway.example:11112",
        command="tce run export-manager --system gateway.yaml --seed 7341",
        seed=7341,
        started="2026-11-22T14:05:28Z",
        ended="2026-11-22T14:31:02Z",
        editions=(("DICOM PS3.15", "2026d"), ("IHE RAD TF", "Rev 23.0"), ("RCR guidance", "2018")),
        real_patients=False,
        evidence_head=digest("the last line of the log"),
        evidence_records=612,
        verdict=Verdict.FAIL,
        exit_status=3,
        coverage=Coverage(
            examined=(
                ("instances exported", "161, each decoded whole"),
                ("planted identifiers searched", "2,418 in 18 spellings"),
                ("SOP classes", "CT, MR, presentation state, key object, Enhanced SR"),
                ("rows of Table E.1-1", "653 of 653"),
            ),
            not_examined=(
                "text burned into pixels: no recipe of this run paints any",
                "the pseudonym log of the gateway: it is not visible on the wire",
                "TLS, audit messages, DICOM media",
                "3 planted values shorter than five characters, searched at their element only",
            ),
        ),
        repairs=_repairs((cases[0], cases[2])),
        cases=cases,
        requirements=_requirements(),
        not_testable_yet=58,
        unattributed=(
            Unattributed(
                time="2026-11-22T14:30:11.400Z",
                role="archive",
                sop_class=KOS[1],
                sop_instance_uid="2.25.219008234422",
                evidence="e0609",
            ),
        ),
    )


def passing_run() -> RunResult:
    """Return a run in which every role was simulated and nothing was found."""
    run = failing_run()
    kept = {"TCE-RAD53-001", "TCE-RAD53-004", "TCE-RAD53-013", "TCE-RAD53-017", "PS315-D2"}
    early = run.cases[1]
    requirements = tuple(
        replace(
            each,
            verdict=Verdict.NOT_APPLICABLE if each.reason else Verdict.PASS,
            findings=0,
            cases=() if each.reason else ((early.id, Verdict.PASS),),
        )
        for each in run.requirements
        if each.requirement.id in kept
    )
    roles = tuple(replace(role, simulator=role.simulator or "export-manager") for role in early.roles)
    return replace(
        run,
        under_test="simulated export-manager",
        simulated=True,
        address=None,
        command="tce run EM-011 --seed 7341",
        verdict=Verdict.PASS,
        exit_status=0,
        repairs=(),
        cases=(replace(early, roles=roles, command="tce run EM-011/TCE002 --seed 7341"),),
        requirements=requirements,
        unattributed=(),
    )


def real_patients_run() -> RunResult:
    """Return the failing run as if its instances were of real patients."""
    return replace(failing_run(), real_patients=True)
