"""Runs with every role simulated, and what goes wrong in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset

from tce_harness.engine import Library, RunPlan, perform_run, rejudge
from tce_harness.engine.events import (
    CaseFinished,
    CaseStarted,
    MessageSeen,
    RunFinished,
    RunStarted,
    StepFinished,
)
from tce_harness.engine.rejudging import differences
from tce_harness.model.errors import HarnessError
from tce_harness.model.record import (
    AssociationRecord,
    CanariesRecord,
    MessageRecord,
    ObjectRecord,
    WaitRecord,
)
from tce_harness.model.requirement import Actor
from tce_harness.model.verdict import Verdict
from tce_harness.reports import to_html, to_json, to_junit
from tce_harness.scenarios import Case, CheckStep, FolderData, ManifestData

if TYPE_CHECKING:
    from tests.engine.conftest import Performed, Run

    from engine_tools import Tools

MANAGER, SELECTOR, RECEIVER = Actor.EXPORT_MANAGER, Actor.EXPORT_SELECTOR, Actor.RECEIVER


# --- every role simulated ---------------------------------------------------------------------------------


def test_a_case_of_each_actor_comes_to_its_end(reference_run: Run) -> None:
    result = reference_run.result
    assert [case.id for case in result.cases] == [
        "EM-010/TCE001",
        "EM-902",
        "ES-010/TCE001",
        "RCV-010/TCE001",
    ]
    assert result.simulated
    assert result.unattributed == ()
    for case in result.cases:
        assert case.trouble == ()
        assert [step.verdict for step in case.steps] == [Verdict.PASS] * len(case.steps), case.steps
        assert not [rule for rule in case.rules if rule.verdict in {Verdict.INCONCLUSIVE, Verdict.ERROR}]


def test_each_exchange_is_seen_from_the_side_of_the_simulated_role(reference_run: Run) -> None:
    seen = {
        case.id: {(message.sender, message.receiver, message.transaction) for message in case.messages}
        for case in reference_run.result.cases
    }
    manager, selector, receiver = seen["EM-010/TCE001"], seen["ES-010/TCE001"], seen["RCV-010/TCE001"]
    into_the_manager = {("selector", "manager", "RAD-50"), ("selector", "manager", "RAD-51")}
    assert selector == into_the_manager
    assert manager == receiver == into_the_manager | {("manager", "archive", "RAD-53")}


def test_nothing_is_recorded_twice(reference_run: Run) -> None:
    for case in reference_run.result.cases:
        sent = [(message.receiver, message.sop_instance_uid) for message in case.messages]
        assert len(set(sent)) == len(sent)
    assert len(reference_run.case("EM-010/TCE001").messages) == 8


def test_messages_stand_under_the_step_they_belong_to(reference_run: Run) -> None:
    messages = [
        entry.record
        for entry in reference_run.evidence.entries
        if isinstance(entry.record, MessageRecord) and entry.record.case == "EM-010/TCE001"
    ]
    assert [each.step for each in messages] == ["stored"] * 3 + ["selected"] + ["exported"] * 4
    assert {each.attributed_by for each in messages[:3]} == {"key"}
    assert {each.attributed_by for each in messages if "Key Object" in each.affected_sop_class_uid} == set()
    assert messages[3].attributed_by == "token"


def test_what_was_made_and_planted_is_evidence(reference_run: Run) -> None:
    records = [entry.record for entry in reference_run.evidence.entries]
    labels = [
        each.label for each in records if isinstance(each, ObjectRecord) and each.case == "EM-010/TCE001"
    ]
    assert labels == ["study/1", "study/2", "study/3", "manifest/1"]
    planted = next(each for each in records if isinstance(each, CanariesRecord))
    assert len(planted.canaries) > 100
    associations = [each for each in records if isinstance(each, AssociationRecord)]
    assert {"accepted", "released"} <= {each.outcome for each in associations}


def test_a_step_that_waits_for_nothing_ends_when_everybody_is_idle(reference_run: Run) -> None:
    (wait,) = (
        entry.record
        for entry in reference_run.evidence.entries
        if isinstance(entry.record, WaitRecord) and entry.record.until == "nothing"
    )
    assert wait.met
    assert wait.ended_by == "idle"
    assert wait.elapsed_seconds < wait.within_seconds
    assert reference_run.rule("absence/delayed-export-held").verdict is Verdict.PASS


def test_the_events_tell_the_run_in_its_order(reference_run: Run) -> None:
    events = reference_run.events
    assert isinstance(events[0], RunStarted)
    assert events[0].cases == 4
    assert isinstance(events[-1], RunFinished)
    started = [event.case for event in events if isinstance(event, CaseStarted)]
    finished = [event.result.id for event in events if isinstance(event, CaseFinished)]
    assert started == finished == [case.id for case in reference_run.result.cases]
    steps = [
        event.step.id for event in events if isinstance(event, StepFinished) and event.case == "ES-010/TCE001"
    ]
    assert steps == ["sent", "selected", "judged"]
    assert sum(isinstance(event, MessageSeen) for event in events) == sum(
        len(case.messages) for case in reference_run.result.cases
    )


def test_a_leak_is_found_and_the_run_fails(leaky_run: Run) -> None:
    assert leaky_run.result.exit_status == 3
    assert leaky_run.result.verdict is Verdict.FAIL
    for rule in ("deid/no-canary-survives", "uid/no-original-left", "deid/marked-as-de-identified"):
        assert leaky_run.rule(rule).verdict is Verdict.FAIL
    assert leaky_run.rule("arrival/export-takes-place").verdict is Verdict.PASS
    assert leaky_run.result.under_test == "Simulator leaky"


@pytest.mark.parametrize("name", ["reference_run", "leaky_run"])
def test_judging_again_agrees_with_the_run(
    name: str, request: pytest.FixtureRequest, library: Library
) -> None:
    run: Run = request.getfixturevalue(name)
    again = rejudge(run.folder, library)
    assert differences(run.result, again) == ()
    assert again == run.result


def test_the_same_seed_gives_the_same_originals_and_another_seed_others(
    perform: Performed, reference_run: Run
) -> None:
    def originals(run: Run) -> list[str]:
        return [
            entry.record.digest
            for entry in run.evidence.entries
            if isinstance(entry.record, ObjectRecord) and entry.record.case == "RCV-010/TCE001"
        ]

    alone = perform("RCV-010/TCE001")
    assert originals(alone) == originals(reference_run)  # alone as among others: a case can be run again
    assert not set(originals(perform("RCV-010/TCE001", seed=12))) & set(originals(alone))


def test_each_case_says_how_it_is_run_again(perform: Performed, tools: Tools) -> None:
    run = perform("EM-902", rerun_options=("--system", "my gateway.yaml"))
    assert run.case("EM-902").command == "tce run EM-902 --system 'my gateway.yaml' --seed 11"


# --- what goes wrong in the harness -----------------------------------------------------------------------


def test_a_rule_that_fails_is_an_error_with_its_name_and_the_others_are_unharmed(
    perform: Performed, cases: Mapping[str, Case], tools: Tools
) -> None:
    case = tools.with_rule(cases["EM-010/TCE001"], "test/raises")
    run = perform(case, "EM-902")
    broken = run.rule("test/raises")
    assert broken.verdict is Verdict.ERROR
    assert (broken.reason or "").startswith("the rule test/raises failed: RuntimeError at conftest.py:")
    others = [rule for each in run.result.cases for rule in each.rules if rule.rule != "test/raises"]
    assert len(others) > 20
    assert not [rule for rule in others if rule.verdict is Verdict.ERROR]
    assert run.case("EM-010/TCE001").verdict is Verdict.ERROR
    assert run.case("EM-902").verdict is Verdict.PASS
    assert run.result.exit_status == 6


def test_a_case_that_fails_in_the_harness_is_trouble_and_the_next_one_goes_on(
    perform: Performed, cases: Mapping[str, Case]
) -> None:
    case = cases["EM-010/TCE002"]
    data = tuple(
        replace(each, only=("study/9",)) if isinstance(each, ManifestData) else each for each in case.data
    )
    run = perform(replace(case, data=data), "EM-902")
    assert run.case("EM-010/TCE002").trouble == ("the manifest 'manifest' lists no instance",)
    assert run.case("EM-010/TCE002").verdict is Verdict.ERROR
    assert run.case("EM-902").verdict is Verdict.PASS
    assert run.result.exit_status == 6


def test_a_fault_in_a_simulator_is_ours_and_not_the_other_side_s(
    perform: Performed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, dataset: Dataset) -> object:
        raise RuntimeError(f"cannot clean {dataset.PatientName}")

    monkeypatch.setattr("tce_harness.engine.cast.Deidentifier.deidentify", broken)
    run = perform("EM-900/TCE001")
    (trouble,) = run.case("EM-900/TCE001").trouble
    assert trouble.startswith("the export failed: RuntimeError at test_run.py:")
    assert run.result.exit_status == 6


def test_a_message_that_cannot_be_recorded_is_trouble_and_the_peer_is_answered(
    perform: Performed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(dataset: Dataset) -> str:
        raise KeyError("no such thing")

    monkeypatch.setattr("tce_harness.engine.stage.transaction_of", broken)
    run = perform("EM-902")
    troubles = run.case("EM-902").trouble
    assert any("could not be recorded: KeyError" in each for each in troubles)
    assert run.result.exit_status == 6
    assert run.case("EM-902").steps[0].verdict is Verdict.PASS  # what was sent was stored


def test_a_folder_that_holds_anything_is_refused(
    library: Library, cases: Mapping[str, Case], tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("", encoding="utf-8")
    with pytest.raises(HarnessError, match="the folder is not empty"):
        perform_run(RunPlan(cases=[cases["EM-902"]], folder=tmp_path, seed=1), library)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_no_case_is_no_run(library: Library, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no case was chosen"):
        perform_run(RunPlan(cases=[], folder=tmp_path / "run", seed=1), library)
    assert not (tmp_path / "run").exists()


def test_a_missing_folder_of_the_user_s_files_is_told_before_anything_is_done(
    library: Library, cases: Mapping[str, Case], tmp_path: Path
) -> None:
    case = cases["EM-910"]
    data = tuple(
        replace(each, folder=tmp_path / "nowhere") if isinstance(each, FolderData) else each
        for each in case.data
    )
    with pytest.raises(HarnessError, match="nowhere: there is no such folder"):
        perform_run(RunPlan(cases=[replace(case, data=data)], folder=tmp_path / "run", seed=1), library)
    assert not (tmp_path / "run").exists()


# --- real patients ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real_run(perform: Performed, cases: Mapping[str, Case]) -> Run:
    """Return a run over a user's own files with a system that leaks them all and a rule that fails."""
    last = cases["EM-910"].steps[-1]
    assert isinstance(last, CheckStep)
    steps = (*cases["EM-910"].steps[:-1], replace(last, rules=(*last.rules, "test/raises")))
    return perform(replace(cases["EM-910"], steps=steps), stand_ins={"EM-910": "leaky"})


def test_real_patients_leave_no_value_in_any_output(real_run: Run, library: Library) -> None:
    result = real_run.result
    assert result.real_patients
    assert real_run.rule("deid/no-canary-survives").verdict is Verdict.FAIL
    assert real_run.rule("test/raises").verdict is Verdict.ERROR
    records = [entry.record for entry in real_run.evidence.entries]
    values = {
        canary.value for each in records if isinstance(each, CanariesRecord) for canary in each.canaries
    }
    assert {"CompressedSamples^CT1", "1CT1", "JFK IMAGING CENTER"} <= values | {"1CT1"}
    outputs = {
        "json": to_json(result),
        "html": to_html(result, library.content),
        "junit": to_junit(result),
        "events": repr(real_run.events[-1]),
    }
    for name, output in outputs.items():
        assert "EM-910" in output
        found = {value for value in values if value in output}
        assert not found, (name, found)
        assert "Doe-John" not in output


def test_evidence_of_real_patients_is_its_owner_s_alone(real_run: Run) -> None:
    for folder in (real_run.folder, real_run.folder / "evidence"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_of_the_folder_that_is_no_instance_is_told_without_its_name(real_run: Run) -> None:
    step = real_run.case("EM-910").steps[0]
    assert step.text == "1 files of the folder of study were not taken"
    assert step.detail == "1 x the data set is not a DICOM file"
    assert step.verdict is Verdict.WARNING


def test_the_result_is_one_json_document_that_names_its_evidence(leaky_run: Run) -> None:
    document = json.loads(to_json(leaky_run.result))
    assert document["evidence_head"] == leaky_run.evidence.head
    for case in document["cases"]:
        for message in case["messages"]:
            assert (leaky_run.folder / message["file"]).is_file()
