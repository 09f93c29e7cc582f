"""Runs against a system that is not ours: its address, its operator, its silence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset

from tce_harness.engine import Library, RunPlan, perform_run, rejudge
from tce_harness.engine.events import (
    CaseStarted,
    Event,
)
from tce_harness.model.errors import HarnessError
from tce_harness.model.record import (
    MessageRecord,
    TroubleRecord,
    WaitRecord,
)
from tce_harness.model.requirement import Actor
from tce_harness.model.result import NOTHING_EXAMINED, PASS_MEANS
from tce_harness.model.verdict import Verdict
from tce_harness.scenarios import Case
from tce_harness.simulators import Untouched

if TYPE_CHECKING:
    from tests.engine.conftest import Performed

    from engine_tools import Tools

MANAGER, SELECTOR, RECEIVER = Actor.EXPORT_MANAGER, Actor.EXPORT_SELECTOR, Actor.RECEIVER


# --- a real system under test -----------------------------------------------------------------------------


def test_a_real_export_manager_is_judged_over_its_own_address(perform: Performed, tools: Tools) -> None:
    archive = tools.free_port()
    gateway = tools.gateway(archive)
    system = tools.system(MANAGER, port=gateway.address.port, calls={"archive": archive})
    run = perform("EM-010/TCE001", "ES-010/TCE001", "RCV-010/TCE001", system=system)
    result = run.result
    assert (result.under_test, result.address) == (
        "Gateway 4.2",
        f"GATEWAY @ 127.0.0.1:{gateway.address.port}",
    )
    assert not result.simulated
    case = run.case("EM-010/TCE001")
    assert {
        rule.verdict for rule in case.rules if rule.rule.startswith(("arrival/", "manifest/", "uid/"))
    } == {Verdict.PASS}
    assert {(m.sender, m.receiver) for m in case.messages} == {
        ("selector", "manager"),
        ("manager", "archive"),
    }
    assert [role.simulator for role in case.roles if role.under_test] == [None]
    for other in ("ES-010/TCE001", "RCV-010/TCE001"):
        assert run.case(other).verdict is Verdict.NOT_APPLICABLE
        assert run.case(other).steps == ()
    assert result.unattributed == ()


def test_a_real_receiver_needs_nothing_but_its_address(perform: Performed, tools: Tools) -> None:
    archive = tools.archive()
    run = perform("RCV-010/TCE001", system=tools.system(RECEIVER, port=archive.address.port))
    case = run.case("RCV-010/TCE001")
    assert {rule.verdict for rule in case.rules} == {Verdict.PASS}
    (selection,) = archive.selections()
    assert selection.complete


def test_a_real_export_selector_makes_its_own_manifest_by_what_its_operator_is_told(
    perform: Performed, tools: Tools
) -> None:
    workstation, port = tools.workstation(), tools.free_port()
    system = tools.system(SELECTOR, calls={"manager": port})
    run = perform("ES-010/TCE001", system=system, operator=tools.Person(workstation.act))
    (asked,) = workstation.asked
    assert asked.address is not None
    assert (asked.address.ae_title, asked.address.port) == ("TCE_MANAGER", port)
    assert asked.title == "For Teaching File Export"
    case = run.case("ES-010/TCE001")
    assert [step.verdict for step in case.steps] == [Verdict.PASS] * 3, case.steps
    assert run.rule("arrival/manifest-sent").verdict is Verdict.PASS
    assert run.rule("manifest/evidence-equals-content").verdict is Verdict.PASS
    assert run.result.unattributed == ()
    folder = run.folder / "for-the-operator"
    assert (folder / "ES-010_TCE001").stat().st_mode & 0o777 == 0o700


def test_what_does_not_arrive_fails_its_requirement_and_leaves_the_others_open(
    perform: Performed, tools: Tools
) -> None:
    deaf = tools.archive()  # takes everything, exports nothing
    system = tools.system(MANAGER, port=deaf.address.port, calls={"archive": tools.free_port()})
    run = perform("EM-900/TCE001", system=system)
    verdicts = {rule.rule: rule.verdict for rule in run.case("EM-900/TCE001").rules}
    assert verdicts == {
        "arrival/instances-accepted": Verdict.PASS,
        "arrival/export-takes-place": Verdict.FAIL,
        "arrival/manifest-complete": Verdict.INCONCLUSIVE,
        "manifest/title-kept": Verdict.INCONCLUSIVE,
        "uid/replaced-consistently": Verdict.INCONCLUSIVE,
        "deid/no-canary-survives": Verdict.INCONCLUSIVE,
    }
    (wait,) = (e.record for e in run.evidence.entries if isinstance(e.record, WaitRecord))
    assert (wait.met, wait.ended_by) == (False, "deadline")
    assert wait.missing == ("study/1", "study/2", "manifest/1")
    assert 0.5 <= wait.elapsed_seconds < 5
    assert run.result.exit_status == 3
    assert run.result.repairs[0].rule == "arrival/export-takes-place"


def test_what_arrives_late_is_given_to_its_case_and_judged_with_it(
    perform: Performed, tools: Tools, library: Library
) -> None:
    second_case = threading.Event()
    archive = tools.free_port()

    class Slow:
        def deidentify(self, dataset: Dataset) -> object:
            assert second_case.wait(30)
            return Untouched().deidentify(dataset)

    def seen(event: Event) -> None:
        if isinstance(event, CaseStarted) and event.number == 2:
            second_case.set()

    gateway = tools.gateway(archive, deidentifier=Slow())
    system = tools.system(MANAGER, port=gateway.address.port, calls={"archive": archive})
    run = perform("EM-900/TCE001", "EM-900/TCE002", system=system, seen=seen)
    for name in ("EM-900/TCE001", "EM-900/TCE002"):
        exported = [message for message in run.case(name).messages if message.transaction == "RAD-53"]
        assert [message.label for message in exported] == ["study/1", "study/2", "manifest/1"], name
    assert run.rule("arrival/export-takes-place", "EM-900/TCE001").verdict is Verdict.FAIL
    assert run.rule("deid/no-canary-survives", "EM-900/TCE001").verdict is Verdict.FAIL
    assert run.result.unattributed == ()
    assert rejudge(run.folder, library) == run.result


def test_what_nothing_tells_the_case_of_is_listed_and_not_dropped(perform: Performed, tools: Tools) -> None:
    archive = tools.free_port()
    gateway = tools.gateway(archive)
    system = tools.system(MANAGER, port=gateway.address.port, calls={"archive": archive})
    stranger = tools.stranger(archive)
    run = perform(
        "EM-900/TCE001", system=system, seen=lambda e: stranger() if isinstance(e, CaseStarted) else None
    )
    (lost,) = run.result.unattributed
    assert lost.sop_class == "CT Image Storage"
    assert lost.role == "archive"
    record = next(entry.record for entry in run.evidence.entries if entry.id == lost.evidence)
    assert isinstance(record, MessageRecord)
    assert (record.case, record.step, record.attributed_by) == (None, None, None)
    assert record.digest is not None
    assert run.evidence.instance(record.digest)
    assert run.rule("arrival/export-takes-place").verdict is Verdict.PASS


def test_a_port_that_is_taken_ends_the_run_before_it_begins(
    library: Library, cases: Mapping[str, Case], tools: Tools, tmp_path: Path
) -> None:
    taken = tools.archive().address.port
    system = tools.system(MANAGER, port=tools.free_port(), calls={"archive": taken})
    plan = RunPlan(cases=[cases["EM-010/TCE001"]], folder=tmp_path / "run", seed=1, system=system)
    with pytest.raises(HarnessError, match=f"cannot listen on 127.0.0.1:{taken}"):
        perform_run(plan, library)
    assert not any((tmp_path / "run").iterdir())  # so that the same --out can be named again


def test_an_option_that_is_not_claimed_does_not_apply_and_leaves_nothing_open(
    perform: Performed, tools: Tools
) -> None:
    archive = tools.free_port()
    gateway = tools.gateway(archive)
    system = tools.system(MANAGER, port=gateway.address.port, calls={"archive": archive}, options=())
    run = perform("EM-050/TCE012", system=system, whole=True)
    case = run.case("EM-050/TCE012")
    assert case.verdict is Verdict.NOT_APPLICABLE
    assert {rule.verdict for rule in case.rules} == {Verdict.NOT_APPLICABLE}
    held = next(each for each in run.result.requirements if each.requirement.id == "TCE-RAD53-008")
    assert (held.verdict, held.reason) == (
        Verdict.NOT_APPLICABLE, "the option delay-for-reason is not claimed",
    )  # fmt: skip


# --- one system, several actors ---------------------------------------------------------------------------


def test_between_a_grouped_selector_and_manager_nothing_is_seen_and_nothing_fails(
    perform: Performed, tools: Tools
) -> None:
    archive = tools.free_port()
    inside = tools.gateway(archive)
    workstation = tools.workstation(inside.address)
    system = tools.system(SELECTOR, MANAGER, calls={"archive": archive})
    run = perform("EM-010/TCE001", "ES-010/TCE001", system=system, operator=tools.Person(workstation.act))
    assert [asked.address for asked in workstation.asked] == [None, None]
    exported = run.case("EM-010/TCE001")
    assert {(m.sender, m.receiver, m.transaction) for m in exported.messages} == {
        ("manager", "archive", "RAD-53")
    }
    for rule in ("arrival/instances-accepted", "arrival/manifest-accepted"):
        assert run.rule(rule).verdict is Verdict.NOT_APPLICABLE
    for rule in ("arrival/export-takes-place", "arrival/manifest-complete", "uid/replaced-consistently"):
        assert run.rule(rule, "EM-010/TCE001").verdict is Verdict.PASS
    assert "deid/no-canary-survives" in {rule.rule for rule in exported.rules}
    selected = run.case("ES-010/TCE001")
    assert selected.verdict is Verdict.NOT_APPLICABLE
    assert {rule.verdict for rule in selected.rules} == {Verdict.NOT_APPLICABLE}
    assert selected.rules[0].reason == (
        "one system is both export-selector and export-manager; between them nothing is on the wire"
    )


def test_between_a_grouped_manager_and_receiver_nobody_waits(perform: Performed, tools: Tools) -> None:
    inside = tools.gateway()
    system = tools.system(MANAGER, RECEIVER, port=inside.address.port)
    run = perform("EM-010/TCE001", "RCV-010/TCE001", system=system)
    for name in ("EM-010/TCE001", "RCV-010/TCE001"):
        case = run.case(name)
        (waited,) = (step for step in case.steps if step.id == "exported")
        assert waited.verdict is Verdict.NOT_APPLICABLE
        assert {rule.verdict for rule in case.rules} <= {Verdict.PASS, Verdict.NOT_APPLICABLE}, case.rules
    assert run.rule("arrival/instances-accepted").verdict is Verdict.PASS
    assert run.rule("arrival/export-takes-place").verdict is Verdict.NOT_APPLICABLE
    assert run.rule("receiver/accepts-everything").verdict is Verdict.NOT_APPLICABLE
    assert not any(isinstance(entry.record, WaitRecord | TroubleRecord) for entry in run.evidence.entries)


# --- the person at the system -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "verdict", "reason"),
    [
        ("no-operator", Verdict.NOT_RUN, "no operator"),
        ("late", Verdict.INCONCLUSIVE, "the operator did not answer step told in time"),
        ("refused", Verdict.INCONCLUSIVE, "the operator refused step told"),
    ],
)
def test_a_person_who_does_not_do_it_fails_nobody(
    outcome: str, verdict: Verdict, reason: str, perform: Performed, tools: Tools
) -> None:
    run = perform("EM-901", operator=tools.Person(outcome=outcome))  # type: ignore[arg-type]
    assert run.rule("arrival/instances-accepted").verdict is Verdict.PASS  # seen before anybody was asked
    for rule in ("arrival/export-takes-place", "deid/no-canary-survives"):
        assert (run.rule(rule).verdict, run.rule(rule).reason) == (verdict, reason)
    steps = {step.id: (step.verdict, step.detail) for step in run.case("EM-901").steps}
    assert steps["told"][0] is verdict
    assert steps["selected"][0] is steps["exported"][0] is Verdict.NOT_RUN
    assert run.result.exit_status == 4


def test_a_person_who_does_it_lets_the_case_go_on_and_attests(perform: Performed, tools: Tools) -> None:
    asked: list[str] = []
    run = perform("EM-901", operator=tools.Person(lambda question: asked.append(question.step)))
    assert asked == ["told", "sworn"]
    assert run.rule("arrival/export-takes-place").verdict is Verdict.PASS
    sworn = next(each for each in run.result.requirements if each.requirement.id == "RCR-B5.3")
    assert (sworn.verdict, sworn.reason) == (Verdict.ATTESTED, "the operator: done")


def test_nobody_to_attest_leaves_what_was_seen_as_it_was_seen(perform: Performed, tools: Tools) -> None:
    class OnlyDoes:
        def ask(self, question: object) -> object:
            wanted = getattr(question, "answer_wanted", None)
            return tools.Person(outcome="no-operator" if wanted else "done").ask(question)  # type: ignore[arg-type]

    run = perform("EM-901", operator=OnlyDoes())
    assert run.rule("arrival/export-takes-place").verdict is Verdict.PASS
    sworn = next(each for each in run.result.requirements if each.requirement.id == "RCR-B5.3")
    assert (sworn.verdict, sworn.reason) == (Verdict.NOT_RUN, "no operator")


def test_a_system_that_cannot_be_reached_is_told_at_once(perform: Performed, tools: Tools) -> None:
    system = tools.system(MANAGER, port=tools.free_port(), calls={"archive": tools.free_port()})
    run = perform("EM-010/TCE001", system=system)
    waits = [entry.record for entry in run.evidence.entries if isinstance(entry.record, WaitRecord)]
    assert waits == []  # its step would wait five minutes
    accepted = run.rule("arrival/instances-accepted")
    assert accepted.verdict is Verdict.INCONCLUSIVE
    address = f"GATEWAY at 127.0.0.1:{system.port}"
    assert accepted.reason == (
        f"no connection to the system under test came about: {address}, Connection refused (ECONNREFUSED)"
    )
    assert run.rule("deid/no-canary-survives").verdict is Verdict.INCONCLUSIVE
    assert run.result.exit_status == 4
    (obstacle,) = run.result.obstacles
    assert obstacle.title == f"{address} refuses connections: Connection refused (ECONNREFUSED)"
    assert (obstacle.keys, obstacle.cases) == (("host", "port"), ("EM-010/TCE001",))
    assert "Check 'host' and 'port' in the system file" in obstacle.remedy
    assert run.result.pass_means == f"{NOTHING_EXAMINED} {PASS_MEANS}"


def test_a_host_that_nobody_knows_is_the_system_files_matter_and_no_fault_of_the_harness(
    perform: Performed, tools: Tools
) -> None:
    system = replace(
        tools.system(MANAGER, port=11112, calls={"archive": tools.free_port()}), host="gateway.invalid"
    )
    run = perform("EM-010/TCE001", "EM-010/TCE002", system=system)
    assert {case.verdict for case in run.result.cases} == {Verdict.INCONCLUSIVE}
    assert not any(case.trouble for case in run.result.cases)
    assert run.result.exit_status == 4
    (obstacle,) = run.result.obstacles  # told once, for both cases
    assert obstacle.title.startswith("GATEWAY at gateway.invalid:11112 cannot be found: ")
    assert obstacle.remedy == "Correct 'host' in the system file."
    assert obstacle.cases == ("EM-010/TCE001", "EM-010/TCE002")


def test_a_port_on_which_something_else_listens_is_told_apart(perform: Performed, tools: Tools) -> None:
    def hang_up(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                server.accept()[0].close()

    with socket.create_server(("127.0.0.1", 0)) as stranger:
        threading.Thread(target=hang_up, args=(stranger,), daemon=True).start()
        port = stranger.getsockname()[1]
        system = tools.system(MANAGER, port=port, calls={"archive": tools.free_port()})
        run = perform("EM-010/TCE001", system=system)
        stranger.shutdown(socket.SHUT_RDWR)
    (obstacle,) = run.result.obstacles
    assert obstacle.keys == ("port", "ae_title")
    assert "does not answer as a DICOM application entity" in obstacle.title


def test_a_system_that_refuses_the_association_is_judged_and_is_no_obstacle(
    perform: Performed, tools: Tools
) -> None:
    archive = tools.free_port()
    gateway = tools.gateway(archive)
    port = gateway.address.port
    system = replace(tools.system(MANAGER, port=port, calls={"archive": archive}), ae_title="NOBODY")
    run = perform("EM-010/TCE001", system=system)
    assert run.result.obstacles == ()


def test_where_it_was_reached_nothing_is_in_the_way(perform: Performed, tools: Tools) -> None:
    archive = tools.free_port()
    gateway = tools.gateway(archive)
    system = tools.system(MANAGER, port=gateway.address.port, calls={"archive": archive})
    run = perform("EM-010/TCE001", system=system)
    assert (run.result.obstacles, run.result.pass_means) == ((), PASS_MEANS)
