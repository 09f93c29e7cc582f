"""From rules to requirements over a run, their roll-ups, and what is to be repaired first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from tce_harness.engine.summary import repairs, requirement_results
from tce_harness.model.finding import Finding, Severity
from tce_harness.model.requirement import Actor, Grade, Level, Requirement, Testable
from tce_harness.model.result import CaseResult, Message, RequirementResult, RuleResult
from tce_harness.model.verdict import Verdict, exit_status
from tce_harness.scenarios import Catalogue

WARN, FAIL, INFO = Severity.WARNING, Severity.FAIL, Severity.INFO


def requirement(
    identifier: str, testable: Testable = Testable.OBJECT, proven_by: tuple[str, ...] = ()
) -> Requirement:
    return Requirement(
        id=identifier,
        document="D",
        section="1",
        edition="1",
        text="text",
        level=Level.SHALL,
        actors=(Actor.EXPORT_MANAGER,),
        grade=Grade.NORMATIVE,
        testable=testable,
        reason="not yet" if testable is Testable.NO else None,
        proven_by=proven_by,
    )


CATALOGUE = Catalogue(
    MappingProxyType(
        {
            each.id: each
            for each in (
                requirement("A-1"),
                requirement("A-2"),
                requirement("A-3"),
                requirement("N-1", Testable.NO),
                requirement("P-1", Testable.ATTEST),
                requirement("R-1", proven_by=("A-1", "A-2")),
                requirement("R-2", proven_by=("R-1", "A-3")),
            )
        }
    )
)


def finding(kind: str = "odd", severity: Severity = FAIL, **changed: object) -> Finding:
    made = Finding(
        kind=kind, severity=severity, message=f"Put {kind} right.", subject="study/1", evidence=("e0009",)
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def rule(
    name: str, judges: str, verdict: Verdict = Verdict.PASS, *findings: Finding, examined: int = 2
) -> RuleResult:
    return RuleResult(
        rule=name,
        requirement=judges,
        step="judged",
        line=1,
        verdict=verdict,
        examined=examined,
        unit="references",
        findings=findings,
        reason=None if verdict is Verdict.PASS else f"because {name}",
    )


def case(name: str, *rules: RuleResult) -> CaseResult:
    message = Message(
        time="", transaction="RAD-53", sender="manager", receiver="archive", sop_class_uid="", sop_class="",
        sop_instance_uid="", label=None, status=0, evidence="e0009", file="evidence/instances/x.dcm",
    )  # fmt: skip
    return CaseResult(
        id=name,
        scenario=name,
        title="",
        file="",
        line=1,
        sut="export-manager",
        roles=(),
        verdict=Verdict.PASS,
        steps=(),
        rules=rules,
        messages=(message,),
        trouble=(),
        command=f"tce run {name}",
    )


def results(
    *cases: CaseResult,
    asked: tuple[str, ...] = (),
    attested: Mapping[str, tuple[Verdict, str | None]] | None = None,
) -> dict[str, RequirementResult]:
    found = requirement_results(CATALOGUE, cases, frozenset(asked), {"A-1": ("leaky",)}, attested or {})
    return {each.requirement.id: each for each in found}


def test_a_requirement_has_the_worst_verdict_of_its_cases_and_all_of_what_was_examined() -> None:
    found = results(
        case(
            "EM-1",
            rule("x/y", "A-1"),
            rule("x/z", "A-1", Verdict.WARNING, finding(severity=WARN), finding(severity=INFO)),
        ),
        case("EM-2", rule("x/y", "A-1", Verdict.FAIL, finding())),
    )["A-1"]
    assert found.verdict is Verdict.FAIL
    assert found.cases == (("EM-1", Verdict.WARNING), ("EM-2", Verdict.FAIL))
    assert (found.examined, found.unit, found.findings) == (6, "references", 2)
    assert found.rules == ("x/y", "x/z")
    assert found.defects == ("leaky",)
    assert found.reason == "because x/y"


def test_what_no_case_looks_at_appears_only_where_it_was_asked_for() -> None:
    assert "A-2" not in results(case("EM-1", rule("x/y", "A-1")))
    found = results(case("EM-1", rule("x/y", "A-1")), asked=("A-2", "N-1"))
    assert (found["A-2"].verdict, found["A-2"].reason) == (Verdict.NOT_RUN, "no case of this run looks at it")
    assert (found["N-1"].verdict, found["N-1"].reason) == (Verdict.NOT_RUN, "not yet")


def test_requirements_stand_in_the_order_of_the_catalogue() -> None:
    found = results(case("EM-1", rule("x/z", "A-3"), rule("x/y", "A-1"), rule("x/x", "A-2")))
    assert list(found) == ["A-1", "A-2", "A-3", "R-1", "R-2"]


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (Verdict.PASS, Verdict.PASS, Verdict.PASS),
        (Verdict.PASS, Verdict.FAIL, Verdict.FAIL),
        (Verdict.INCONCLUSIVE, Verdict.NOT_RUN, Verdict.INCONCLUSIVE),
        (Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.PASS),
        (Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE, Verdict.NOT_APPLICABLE),
    ],
)
def test_a_roll_up_is_as_bad_as_its_worst_leaf(first: Verdict, second: Verdict, verdict: Verdict) -> None:
    found = results(case("EM-1", rule("x/y", "A-1", first), rule("x/z", "A-2", second)))
    assert found["R-1"].verdict is verdict
    assert (found["R-1"].examined, found["R-1"].unit) == (2, "of 2 requirements")
    if verdict is Verdict.FAIL:
        assert found["R-1"].reason == "by A-2"


def test_a_roll_up_of_roll_ups_comes_down_to_leaves() -> None:
    found = results(
        case("EM-1", rule("x/y", "A-1"), rule("x/z", "A-2", Verdict.FAIL, finding()), rule("x/x", "A-3"))
    )
    assert (found["R-2"].verdict, found["R-2"].reason) == (Verdict.FAIL, "by A-2")
    assert found["R-2"].findings == 1


def test_a_roll_up_with_a_part_that_was_not_looked_at_decides_nothing() -> None:
    found = results(case("EM-1", rule("x/y", "A-1")))["R-1"]
    assert (found.verdict, found.reason, found.required) == (Verdict.NOT_RUN, "by A-2", False)


def test_what_a_person_attests_stands_beside_what_was_seen_and_the_worse_counts() -> None:
    said = {"P-1": (Verdict.ATTESTED, "Una: yes"), "R-1": (Verdict.FAIL, "Una: refused")}
    found = results(case("EM-1", rule("x/y", "A-1"), rule("x/z", "A-2")), attested=said)
    assert (found["P-1"].verdict, found["P-1"].reason) == (Verdict.ATTESTED, "Una: yes")
    assert not found["P-1"].required
    assert (found["R-1"].verdict, found["R-1"].reason) == (Verdict.FAIL, "Una: refused")


def test_an_attested_leaf_never_hides_what_a_rule_found() -> None:
    found = results(
        case("EM-1", rule("x/y", "A-1", Verdict.FAIL, finding())), attested={"A-1": (Verdict.ATTESTED, "yes")}
    )
    assert found["A-1"].verdict is Verdict.FAIL


def test_only_required_leaves_decide_how_a_run_ends() -> None:
    found = results(case("EM-1", rule("x/y", "A-1")), attested={"P-1": (Verdict.NOT_RUN, "no operator")})
    required = [each.verdict for each in found.values() if each.required]
    assert exit_status(required, [each.verdict for each in found.values()]) == 0


# --- what to repair --------------------------------------------------------------------------------------


def test_findings_of_one_kind_are_one_repair_over_all_cases() -> None:
    def place(number: int) -> str:
        return f"(0008,1140)[{number}]/(0008,1155)"

    first = rule(
        "deid/rows",
        "A-1",
        Verdict.FAIL,
        finding(element=place(1)),
        finding(element=place(2), subject="study/2"),
    )
    second = rule("deid/rows", "A-1", Verdict.FAIL, finding(element=place(9)))
    (repair,) = repairs([case("EM-1", first), case("EM-2", second)], {"A-1": ("leaky",)})
    assert (repair.count, repair.cases, repair.instances) == (3, ("EM-1", "EM-2"), ("study/1", "study/2"))
    assert repair.title == "Put odd right."
    assert repair.command == "tce run EM-1"
    assert repair.defects == ("leaky",)
    assert repair.evidence_files == ("evidence/instances/x.dcm",)


def test_other_rows_kinds_and_requirements_are_other_repairs() -> None:
    found = repairs(
        [
            case(
                "EM-1",
                rule(
                    "deid/rows", "A-1", Verdict.FAIL, finding(row="(0010,0010)"), finding(row="(0010,0020)")
                ),
                rule("deid/rows", "A-2", Verdict.FAIL, finding(row="(0010,0010)")),
                rule("deid/rows", "A-1", Verdict.FAIL, finding("other", row="(0010,0010)")),
            )
        ],
        {},
    )
    assert len(found) == 4


def test_remarks_are_no_repairs() -> None:
    assert repairs([case("EM-1", rule("deid/rows", "A-1", Verdict.PASS, finding(severity=INFO)))], {}) == ()


def test_what_keeps_the_rest_from_happening_comes_first_then_leaks_then_the_rest_then_warnings() -> None:
    names = (
        "manifest/title",
        "deid/rows",
        "uid/kept",
        "deid/no-canary-survives",
        "arrival/export-takes-place",
    )
    cases = [
        case("EM-1", *(rule(name, "A-1", Verdict.FAIL, finding(name)) for name in names)),
        case("EM-2", rule("arrival/nothing-unlisted", "A-2", Verdict.WARNING, finding("w", WARN))),
        case("EM-3", rule("deid/rows", "A-3", Verdict.FAIL, finding("often"), finding("often"))),
    ]
    assert [each.finding.kind for each in repairs(cases, {})] == [
        "arrival/export-takes-place",
        "deid/no-canary-survives",
        "uid/kept",
        "often",
        "deid/rows",
        "manifest/title",
        "w",
    ]
