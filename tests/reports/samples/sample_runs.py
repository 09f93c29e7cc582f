"""Run results as rich as real ones: one that fails, one that passes, one of real patients."""

from __future__ import annotations

from dataclasses import replace

from sample_building import FRAME_DEFECTS, KOS, digest
from sample_cases import delayed, no_operator, passing_case, several_studies, single_study
from sample_requirements import all_requirements
from tce_harness.model.claims import Claims, Option
from tce_harness.model.result import (
    NOTHING_EXAMINED,
    PASS_MEANS,
    CaseResult,
    Coverage,
    Obstacle,
    Repair,
    RuleResult,
    RunResult,
    Unattributed,
)
from tce_harness.model.verdict import Verdict


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
    cases = (single_study(), passing_case(), several_studies(), delayed(), no_operator())
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
        requirements=all_requirements(),
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


def unreached_run() -> RunResult:
    """Return a run whose system under test refused every connection, so that nothing was judged."""
    run = failing_run()
    obstacle = Obstacle(
        title="EXPGW at gateway.example:11112 refuses connections: Connection refused (ECONNREFUSED)",
        remedy="Check 'host' and 'port' in the system file.",
        ae_title="EXPGW",
        address="gateway.example:11112",
        keys=("host", "port"),
        cases=tuple(case.id for case in run.cases[:2]),
        evidence=("e0007", "e0107"),
        command=run.cases[0].command,
    )
    cases = tuple(
        replace(
            case,
            verdict=Verdict.INCONCLUSIVE,
            rules=tuple(
                replace(rule, verdict=Verdict.INCONCLUSIVE, examined=0, findings=(), reason="nothing came")
                for rule in case.rules
            ),
            messages=(),
            obstacle=replace(obstacle, cases=(case.id,)),
        )
        for case in run.cases[:2]
    )
    requirements = tuple(
        replace(
            each,
            verdict=Verdict.INCONCLUSIVE,
            findings=0,
            examined=0,
            cases=((cases[0].id, Verdict.INCONCLUSIVE),),
            reason="nothing came",
        )
        for each in run.requirements
    )
    return replace(
        run,
        pass_means=f"{NOTHING_EXAMINED} {PASS_MEANS}",
        verdict=Verdict.INCONCLUSIVE,
        exit_status=4,
        repairs=(),
        cases=cases,
        requirements=requirements,
        unattributed=(),
        obstacles=(obstacle,),
    )
