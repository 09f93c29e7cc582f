"""The cases of the sample run results."""

from __future__ import annotations

from sample_building import ATFI, CT, GSPS, KOS, MR, Exchange, case, rule, step
from tce_harness.model.finding import Finding, Severity
from tce_harness.model.result import (
    CaseResult,
)
from tce_harness.model.verdict import Verdict


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


def single_study() -> CaseResult:
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


def several_studies() -> CaseResult:
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


def passing_case() -> CaseResult:
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


def delayed() -> CaseResult:
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


def no_operator() -> CaseResult:
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
