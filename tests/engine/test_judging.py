"""From a rule's judgement to its verdict: what caps it, what excuses it, what breaks it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from tce_harness.engine import judging, side_by_side
from tce_harness.engine.judging import WITHHELD, Judge
from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.log import EvidenceWriter
from tce_harness.model.claims import Claims
from tce_harness.model.errors import EvidenceError
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.record import CaseRecord, CheckRecord, OperatorRecord, Record, RunRecord, StepRecord
from tce_harness.model.requirement import Actor, Grade, Level, Requirement, Testable
from tce_harness.model.result import RuleResult
from tce_harness.model.verdict import Verdict
from tce_harness.rules.registry import Rule
from tce_harness.scenarios import Catalogue

CASE = "EM-000"
FINDING = Finding(
    kind="odd",
    severity=Severity.FAIL,
    message="Put it right.",
    subject="study/1",
    expected="Hand^Oona",
    observed="Hand^Una",
    evidence=("e0004",),
)


def requirement(level: Level = Level.SHALL, grade: Grade = Grade.NORMATIVE) -> Requirement:
    return Requirement(
        id="R-1", document="D", section="1", edition="1", text="text", level=level, actors=(Actor.RECEIVER,),
        grade=grade, testable=Testable.OBJECT,
    )  # fmt: skip


def run_record() -> RunRecord:
    return RunRecord(
        what="run", suite="0", command="tce run", seed=1, platform="", under_test="x", simulated=True,
        actors=(Actor.EXPORT_MANAGER,), address=None, claims=Claims(), editions=(), asked=(),
        real_patients=False,
    )  # fmt: skip


def case_record() -> CaseRecord:
    return CaseRecord(
        case=CASE, scenario=CASE, title="", file="", line=1, sut=Actor.EXPORT_MANAGER, roles=(), token="",
        command="", real_patients=False,
    )  # fmt: skip


def step(name: str, verdict: Verdict = Verdict.PASS, detail: str | None = None) -> StepRecord:
    return StepRecord(case=CASE, step=name, verb="send", text="", verdict=verdict, detail=detail)


def operator(name: str, outcome: str, asked_for: str | None = None) -> OperatorRecord:
    return OperatorRecord(
        case=CASE, step=name, requirement=asked_for, instruction="", outcome=outcome, who=None, answer=None,  # type: ignore[arg-type]
    )  # fmt: skip


Say = Callable[..., RuleResult]


@pytest.fixture
def say(tmp_path: Path) -> Say:
    """Return a function that gives the verdict over a judgement, in some evidence."""

    def _say(
        judged: Judgement | Exception,
        *records: Record,
        of: tuple[str, ...] = ("exported",),
        asks: Requirement | None = None,
        case: CaseRecord | None = None,
    ) -> RuleResult:
        def judge(evidence: CaseEvidence) -> Judgement:
            """Say what the test says."""
            if isinstance(judged, Exception):
                raise judged
            return judged

        writer = EvidenceWriter(tmp_path / "evidence")
        for record in (run_record(), case or case_record(), *records):
            writer.append(record)
        writer.close()
        check = CheckRecord(case=CASE, step="judged", line=3, rules=("test/it",), of=of, against=())
        rules = {"test/it": Rule("test/it", "R-1", judge)}
        catalogue = Catalogue(MappingProxyType({"R-1": asks or requirement()}))
        (result,) = Judge(rules, catalogue).judge(CaseEvidence(writer.evidence(), check))
        return result

    return _say


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ([], Verdict.PASS),
        ([Severity.INFO], Verdict.PASS),
        ([Severity.WARNING, Severity.INFO], Verdict.WARNING),
        ([Severity.WARNING, Severity.FAIL], Verdict.FAIL),
    ],
)
def test_the_gravest_finding_makes_the_verdict(
    severities: list[Severity], verdict: Verdict, say: Say
) -> None:
    findings = tuple(replace(FINDING, severity=severity) for severity in severities)
    result = say(Judgement(examined=2, findings=findings))
    assert (result.verdict, result.examined, len(result.findings)) == (verdict, 2, len(severities))


@pytest.mark.parametrize(
    ("level", "grade", "verdict"),
    [
        (Level.SHALL, Grade.NORMATIVE, Verdict.FAIL),
        (Level.SHALL, Grade.RESTATED, Verdict.FAIL),
        (Level.SHALL, Grade.IMPLEMENTED, Verdict.WARNING),
        (Level.SHALL, Grade.MEMORY, Verdict.WARNING),
        (Level.SHOULD, Grade.NORMATIVE, Verdict.WARNING),
        (Level.MAY, Grade.NORMATIVE, Verdict.WARNING),
    ],
)
def test_weak_evidence_and_wishes_cap_a_failure(
    level: Level, grade: Grade, verdict: Verdict, say: Say
) -> None:
    result = say(Judgement(examined=1, findings=(FINDING,)), asks=requirement(level, grade))
    assert result.verdict is verdict
    assert result.findings[0].severity.value == verdict.value


def test_what_fails_before_the_rules_are_asked_leaves_them_to_tell_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def prepare(case: CaseEvidence) -> AbstractContextManager[None]:
        asked.append("prepared")
        raise EvidenceError("the file is missing")

    def judge(case: CaseEvidence) -> Judgement:
        """Say what the test says."""
        asked.append("judged")
        return Judgement(examined=1)

    monkeypatch.setattr(judging, "WORTH_A_COPY", 0)
    monkeypatch.setattr(side_by_side, "can_be_copied", lambda: False)
    writer = EvidenceWriter(tmp_path / "evidence")
    for record in (run_record(), case_record()):
        writer.append(record)
    writer.close()
    check = CheckRecord(case=CASE, step="judged", line=3, rules=("test/it",), of=(), against=())
    rules = {"test/it": Rule("test/it", "R-1", judge, beside=prepare)}
    catalogue = Catalogue(MappingProxyType({"R-1": requirement()}))
    (result,) = Judge(rules, catalogue).judge(CaseEvidence(writer.evidence(), check))
    assert asked == ["prepared", "judged"]
    assert result.verdict is Verdict.PASS


def test_nothing_examined_is_never_a_pass(say: Say) -> None:
    result = say(Judgement(examined=0, findings=(FINDING,)))
    assert (result.verdict, result.reason) == (Verdict.INCONCLUSIVE, "nothing was there to examine")


def test_what_does_not_apply_says_why(say: Say) -> None:
    result = say(Judgement(examined=0, applicable=False, reason="the option is not claimed"))
    assert (result.verdict, result.reason) == (Verdict.NOT_APPLICABLE, "the option is not claimed")


def test_a_rule_that_raises_is_an_error_with_name_and_place(say: Say) -> None:
    result = say(ValueError("cannot make sense of Hand^Oona"))
    assert result.verdict is Verdict.ERROR
    assert (result.reason or "").startswith("the rule test/it failed: ValueError at test_judging.py:")
    assert "Hand^Oona" in (result.reason or "")


def test_with_real_patients_neither_error_nor_finding_quotes_anything(say: Say) -> None:
    real = replace(case_record(), real_patients=True)
    leaked = replace(FINDING, subject="1.2.840.113619.2.5")
    result = say(Judgement(examined=1, findings=(leaked,)), case=real)
    (finding,) = result.findings
    assert (finding.expected, finding.observed) == (WITHHELD, WITHHELD)
    assert finding.subject == "the instance of e0004"


def test_with_real_patients_the_text_of_an_error_is_withheld(say: Say) -> None:
    real = replace(case_record(), real_patients=True)
    result = say(ValueError("cannot make sense of Hand^Oona"), case=real)
    assert "Hand^Oona" not in (result.reason or "")
    assert "ValueError at test_judging.py:" in (result.reason or "")


def test_what_quotes_nothing_is_shown_with_real_patients_too(say: Say) -> None:
    real = replace(case_record(), real_patients=True)
    plain = replace(FINDING, quotes=False, expected="one", observed="two")
    (finding,) = say(Judgement(examined=1, findings=(plain,)), case=real).findings
    assert (finding.expected, finding.observed, finding.subject) == ("one", "two", "study/1")


PASSES = Judgement(examined=1)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        ("no-operator", Verdict.NOT_RUN),
        ("late", Verdict.INCONCLUSIVE),
        ("refused", Verdict.INCONCLUSIVE),
        ("done", Verdict.PASS),
    ],
)
def test_what_a_person_did_not_do_excuses_what_comes_after(outcome: str, verdict: Verdict, say: Say) -> None:
    result = say(PASSES, operator("told", outcome), step("told"), step("exported"))
    assert result.verdict is verdict


def test_what_a_person_did_not_do_changes_nothing_that_was_before(say: Say) -> None:
    result = say(PASSES, step("sent"), operator("told", "late"), step("told"), of=("sent",))
    assert result.verdict is Verdict.PASS


def test_a_missing_attestation_excuses_no_rule(say: Say) -> None:
    result = say(PASSES, operator("sworn", "no-operator", "R-2"), step("sworn"), step("exported"))
    assert result.verdict is Verdict.PASS


def test_steps_of_which_nothing_can_be_seen_do_not_apply(say: Say) -> None:
    hidden = step("exported", Verdict.NOT_APPLICABLE, "one system is both")
    result = say(Judgement(examined=1, findings=(FINDING,)), hidden)
    assert (result.verdict, result.reason) == (Verdict.NOT_APPLICABLE, "one system is both")


def test_one_step_that_can_be_seen_is_judged(say: Say) -> None:
    hidden = step("exported", Verdict.NOT_APPLICABLE, "one system is both")
    assert say(PASSES, step("sent"), hidden, of=("sent", "exported")).verdict is Verdict.PASS


def test_a_case_that_does_not_apply_asks_no_rule(say: Say) -> None:
    away = replace(case_record(), not_applicable="the option is not claimed")
    result = say(ValueError("asked all the same"), case=away)
    assert (result.verdict, result.reason) == (Verdict.NOT_APPLICABLE, "the option is not claimed")


def test_evidence_that_names_an_unknown_rule_is_told(tmp_path: Path) -> None:
    writer = EvidenceWriter(tmp_path / "evidence")
    writer.append(run_record())
    writer.append(case_record())
    check = CheckRecord(case=CASE, step="judged", line=1, rules=("gone/away",), of=(), against=())
    with pytest.raises(EvidenceError, match="rules that this tce-harness does not have: gone/away"):
        Judge({}, Catalogue(MappingProxyType({}))).judge(CaseEvidence(writer.evidence(), check))
