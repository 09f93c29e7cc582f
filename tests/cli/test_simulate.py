"""``tce simulate``: an actor in a process of its own, and a clean stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import UID

from tce_harness.objects.instance import read_instance
from tce_harness.transport import Destination, StorageSender

if TYPE_CHECKING:
    from tests.cli.conftest import Tce

PROGRAM = (sys.executable, "-c", "from tce_harness.cli import main; main()", "simulate")


class Actor:
    """A simulated actor in a process of its own that prints JSON lines."""

    def __init__(self, *arguments: str | Path) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, *map(str, arguments), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.first = self.tell()
        self.address = Destination(self.first["host"], self.first["port"], self.first["ae_title"])

    def tell(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate(timeout=20)
        return dict(json.loads(line))

    def until(self, event: str) -> dict[str, Any]:
        while (told := self.tell())["event"] != event:
            pass
        return told

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, list[str], str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, [json.loads(line)["event"] for line in out.splitlines()], err


def ended(actor: Actor) -> None:
    if actor.process.poll() is None:
        actor.process.kill()
        actor.process.communicate()


@pytest.fixture
def start() -> Iterator[Callable[..., Actor]]:
    """Return a function that starts an actor; what is left at the end is ended."""
    started: list[Actor] = []

    def _start(*arguments: str | Path) -> Actor:
        started.append(Actor(*arguments))
        return started[-1]

    yield _start
    for actor in started:
        ended(actor)


@pytest.fixture(scope="module")
def archive() -> Iterator[Actor]:
    """Return a Receiver that several tests use."""
    actor = Actor("receiver")
    yield actor
    ended(actor)


def test_three_actors_in_three_processes_hand_a_study_on(
    start: Callable[..., Actor], tce: Tce, tmp_path: Path
) -> None:
    log = tmp_path / "archive.jsonl"
    archive = start("receiver", "--spool", tmp_path / "archive", "--log", log)
    assert archive.first["event"] == "listening"
    assert archive.address.ae_title == "TCE_ARCHIVE"
    manager = start(
        "export-manager", "--to", f"127.0.0.1:{archive.address.port}:TCE_ARCHIVE", "--ae-title", "EXPGW"
    )
    assert manager.address.ae_title == "EXPGW"
    to = f"127.0.0.1:{manager.address.port}:EXPGW"
    sent = tce("simulate", "export-selector", "--to", to, "--send", "ct-chest", "--title", "TCE002")
    assert sent.status == 0, sent
    assert sent.out == f"sent: sent 6 of 6 instances to EXPGW at 127.0.0.1:{manager.address.port}\n"
    assert archive.until("complete")["text"] == "the manifest is complete: all 5 instances it lists are here"
    assert "sent 6 of 6" in manager.until("sent")["text"]
    assert manager.stop(signal.SIGTERM) == (0, ["stopped"], "")
    assert archive.stop(signal.SIGINT) == (0, ["stopped"], "")
    assert StorageSender(ae_title="S", timeout_seconds=2).echo(archive.address) is None
    kept = [read_instance(path) for path in (tmp_path / "archive" / "received").glob("*.dcm")]
    assert len(kept) == 6
    assert {each.PatientIdentityRemoved for each in kept} == {"YES"}
    assert (tmp_path / "archive").stat().st_mode & 0o777 == 0o700
    events = [json.loads(line)["event"] for line in log.read_text(encoding="utf-8").splitlines()]
    assert (events[0], events[-1], events.count("stored")) == ("listening", "stopped", 6)


def test_a_stopped_manager_tells_what_it_still_held(start: Callable[..., Actor], tce: Tce) -> None:
    manager = start("export-manager")
    tce("simulate", "export-selector", "--to", f"127.0.0.1:{manager.address.port}:M", "--send", "cr-hand",
        "--delay", "TCE012")  # fmt: skip
    manager.until("held")
    status, events, err = manager.stop()
    assert (status, err) == (0, "")
    assert events[-2:] == ["unfinished", "stopped"]


def test_an_occupied_port_is_told_plainly(archive: Actor, tce: Tce) -> None:
    port = archive.address.port
    called = tce("simulate", "receiver", "--port", str(port))
    assert called.status == 5
    assert called.err.startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert called.err.strip().endswith("end the process that has the port, or give another one")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["receiver", "--ae-title", "SEVENTEEN_LETTERS"], "has 17 characters; DICOM allows 16 (PS3.5 6.2)"),
        (["receiver", "--ae-title", " "], "AE title is empty"),
        (["export-manager", "--to", "127.0.0.1:104"], "is not HOST:PORT:AE"),
        (["export-manager", "--to", "127.0.0.1:0:A"], "is not a number from 1 to 65535"),
        (["receiver", "--spool", "taken/deep"], "--spool taken/deep: "),
        (["receiver", "--log", "nowhere/log"], "--log nowhere/log: No such file or directory"),
        (["export-selector", "--to", "127.0.0.1:104:A"], "needs --to HOST:PORT:AE and --send DIR or RECIPE"),
        (
            ["export-selector", "--to", "127.0.0.1:104:A", "--send", "nowhere"],
            "neither a folder nor a recipe",
        ),
        (
            ["export-selector", "--to", "127.0.0.1:104:A", "--send", "ct-chest", "--title", "TCE0001"],
            "'TCE0001' is no code value of this kind (did you mean TCE001?)",
        ),
        (
            ["export-selector", "--to", "127.0.0.1:104:A", "--send", "ct-chest", "--atfi", "nowhere.dcm"],
            "nowhere.dcm cannot be read: No such file or directory",
        ),
    ],
    ids=lambda value: "-".join(value)[:60] if isinstance(value, list) else None,
)
def test_what_cannot_work_is_told_plainly(
    arguments: list[str], message: str, tce: Tce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    called = tce("simulate", *arguments)
    assert message in called.err
    assert called.status == 5
    assert "Traceback" not in called.err
    assert called.out == ""


def test_an_empty_folder_to_send_is_told(tce: Tce, tmp_path: Path) -> None:
    called = tce("simulate", "export-selector", "--to", "127.0.0.1:104:A", "--send", tmp_path)
    assert (called.status, called.err) == (
        5, f"{tmp_path}: it holds no DICOM instance that can be exported\n",
    )  # fmt: skip


def test_nobody_at_the_other_end_fails_and_tells_each_instance(tce: Tce) -> None:
    called = tce("simulate", "export-selector", "--to", "127.0.0.1:1:A", "--send", "cr-hand", "--json")
    told = [json.loads(line) for line in called.out.splitlines()]
    assert called.status == 3
    assert {each["event"] for each in told} == {"unsent"}
    assert told[-1]["text"] == f"sent 0 of {len(told) - 1} instances to A at 127.0.0.1:1"


def test_the_user_s_own_files_are_sent_with_a_report_along(archive: Actor, tce: Tce, tmp_path: Path) -> None:
    folder, report = tmp_path / "mine", tmp_path / "report.dcm"
    folder.mkdir()
    dataset = read_instance(Path(str(get_testdata_file("CT_small.dcm"))))
    dataset.save_as(folder / "a.dcm")
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3.4")
    dataset.save_as(report)
    to = f"127.0.0.1:{archive.address.port}:A"
    called = tce("simulate", "export-selector", "--to", to, "--send", folder, "--atfi", report)
    assert called.status == 0, called
    assert archive.until("complete")["text"] == "the manifest is complete: all 2 instances it lists are here"
