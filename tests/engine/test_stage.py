"""Which step a message belongs to, and waiting without losing a message."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tce_harness.engine.events import ignore
from tce_harness.engine.stage import Arrival, Stage
from tce_harness.evidence.log import EvidenceWriter
from tce_harness.model.record import TroubleRecord
from tce_harness.model.requirement import Actor
from tce_harness.scenarios import AbsenceStep, Case, FolderData, ReceiveStep, SendStep, Transaction, Until

INSTANCES, SELECTION = (Transaction.STORE_INSTANCES,), (Transaction.STORE_EXPORT_SELECTION,)
STEPS = (
    SendStep(id="held", line=1, transactions=INSTANCES, sender="selector", objects=("study",)),
    AbsenceStep(id="quiet", line=2, transaction=None, at="archive", seconds=1.0),
    SendStep(id="released", line=3, transactions=SELECTION, sender="selector", objects=("m",)),
    ReceiveStep(id="exported", line=4, transaction=None, at="archive", until=Until.ALL, within=1.0),
)


def case(name: str = "EM-000/A") -> Case:
    return Case(
        id=name, scenario="EM-000", title="", path=Path(), file="", line=1, sut=Actor.EXPORT_MANAGER, tags=(),
        option=None, axes=(), simulated=(), data=(), steps=STEPS,
    )  # fmt: skip


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(EvidenceWriter(tmp_path / "evidence"), ignore)
    made.begin(case())
    return made


@pytest.mark.parametrize(("step", "expected"), [(0, "quiet"), (1, "quiet"), (2, "exported"), (3, "exported")])
def test_what_comes_to_a_role_belongs_to_the_next_step_that_waits_there(
    step: int, expected: str, stage: Stage
) -> None:
    stage.go_to(step)
    assert stage.step_of("EM-000/A", "archive") == expected


def test_what_a_role_of_ours_sends_belongs_to_its_send_step(stage: Stage) -> None:
    assert stage.step_of("EM-000/A", "manager", "selector") == "held"
    stage.go_to(2)
    assert stage.step_of("EM-000/A", "manager", "selector") == "released"


def test_what_comes_after_its_case_belongs_to_the_last_step_that_waited(stage: Stage) -> None:
    stage.begin(case("EM-000/B"))
    assert stage.step_of("EM-000/A", "archive") == "exported"
    assert stage.step_of("EM-000/B", "archive") == "quiet"


def test_what_nobody_waits_for_belongs_to_no_step(stage: Stage) -> None:
    assert stage.step_of("EM-000/A", "manager") is None
    assert stage.step_of(None, "archive") is None
    assert stage.step_of("EM-000/C", "archive") is None


def arrival(uid: str) -> Arrival:
    return Arrival("archive", uid, None, "exported", "RAD-50", None)


def test_an_arrival_wakes_whoever_waits(stage: Stage) -> None:
    def is_here() -> bool:
        return len(stage.arrived("EM-000/A")) == 3

    def arrive() -> None:
        for number in range(3):
            stage.add("EM-000/A", arrival(f"1.2.{number}"))

    thread = threading.Thread(target=arrive)
    thread.start()
    assert stage.wait(is_here, time.monotonic() + 20)
    thread.join()


def test_a_wait_ends_at_its_deadline_and_says_so(stage: Stage) -> None:
    begun = time.monotonic()
    assert not stage.wait(lambda: False, begun + 0.05)
    assert time.monotonic() - begun >= 0.05


def test_what_belongs_to_no_case_counts_as_a_message_and_for_no_case(stage: Stage) -> None:
    before = stage.last_message
    stage.add(None, arrival("1.2.3"))
    assert stage.arrived("EM-000/A") == ()
    assert stage.last_message > before


def test_trouble_names_case_and_step(stage: Stage) -> None:
    stage.go_to(3)
    stage.trouble("out of paper")
    (entry,) = stage.evidence.evidence().entries
    assert entry.record == TroubleRecord(case="EM-000/A", step="exported", message="out of paper")


def test_a_case_over_the_user_s_files_is_of_real_patients(stage: Stage) -> None:
    assert not stage.real_patients
    stage.begin(replace(case(), data=(FolderData(name="study", line=1, folder=Path("files")),)))
    assert stage.real_patients
