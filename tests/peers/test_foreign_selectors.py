"""DCMTK's storescu and dcmsend as Export Selector of the simulated Export Manager, and as one under test."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from foreign.ours import (
    SEED,
    Wire,
    check,
    failures,
    selected,
    simulate,
    system_file,
    write,
)
from foreign.programs import dcmtk, free_port, run
from tce_harness.content import Content
from tce_harness.engine import RunPlan, load_library, perform_run
from tce_harness.engine.operator import OperatorAnswer, Question
from tce_harness.model.verdict import Verdict
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import Manifest, is_export_manifest, read_manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.scenarios import Case, ReceiveStep, load_system, select
from tce_harness.simulators import Receiver
from tce_harness.standard import codes
from tce_harness.transport import Destination

RECIPE = "ct-complete"
TITLE = "STORESCU"


def storescu(files: Sequence[Path], destination: Destination) -> None:
    run(
        dcmtk("storescu"), "-v", "--aetitle", TITLE, "--call", destination.ae_title, "-xs",
        destination.host, str(destination.port), *files,
    )  # fmt: skip


def dcmsend(files: Sequence[Path], destination: Destination) -> None:
    run(
        dcmtk("dcmsend"), "-v", "--aetitle", TITLE, "--call", destination.ae_title,
        destination.host, str(destination.port), *files,
    )  # fmt: skip


Send = Callable[[Sequence[Path], Destination], None]
SENDERS: dict[str, Send] = {"storescu": storescu, "dcmsend": dcmsend}


@pytest.mark.parametrize("shuffled", [False, True], ids=["manifest last", "any order"])
@pytest.mark.parametrize("sender", SENDERS)
def test_what_it_selects_is_exported_and_judged_without_a_failure(
    sender: str, shuffled: bool, tmp_path: Path
) -> None:
    originals = selected(RECIPE)
    files = write(originals, tmp_path / "originals", shuffled=shuffled)
    wire = Wire()
    receiver = Receiver(ae_title="RECEIVER", folder=tmp_path / "receiver", inbound=wire)
    receiver.start()
    try:
        to = f"{receiver.address.host}:{receiver.address.port}:{receiver.address.ae_title}"
        with simulate("export-manager", "--to", to) as manager:
            SENDERS[sender](files, manager.address)
            sent = manager.wait_for("sent")
    finally:
        receiver.stop()
    assert str(sent["text"]).startswith(f"sent {len(files)} of {len(files)} instances")
    assert [each.status for each in wire.stores] == [0] * len(files)
    (selection,) = receiver.selections()
    assert selection.complete
    claims = system_file(tmp_path / "claims.yaml")
    status, result = check(
        tmp_path / "receiver", tmp_path / "originals", tmp_path / "run", "--claims", claims
    )
    assert failures(result) == []
    assert status == 0


_TOLD = re.compile(r"titled '(?P<title>[^']+)'.*description '(?P<text>[^']+)'")


def made_as_told(instruction: str, folder: Path) -> list[Path]:
    """Return the manifest that an instruction asks for, over all files of a folder, as a file beside it."""
    told = _TOLD.search(instruction)
    assert told is not None, instruction
    observer = re.search(r"observer '([^']+)'", instruction)
    title = next(pair.iheradtf for pair in codes.EXPORT_TITLES if told["title"] in {c.meaning for c in pair})
    loaded = [read_instance(path) for path in sorted(folder.iterdir())]
    numbers = count(1)
    manifests = build_manifests(
        Manifest(
            title=title,
            references=tuple(reference_to(each) for each in loaded),
            description=told["text"],
            observer=observer[1] if observer is not None else None,
            language=codes.Concept("eng", "ISO639_2", "English"),
        ),
        loaded,
        uids=lambda: f"1.2.826.88.{next(numbers)}",
        content_datetime=datetime(2026, 1, 2, 3, 4, 5),
        series_number=88,
    )
    files = []
    for number, manifest in enumerate(manifests):
        files.append(folder.parent / f"manifest-{number}.dcm")
        files[-1].write_bytes(encode_instance(manifest))
    return files


@dataclass
class Person:
    """The operator at a foreign Export Selector: loads the files, makes the selection as told, sends both."""

    send: Send
    folder: Path
    destination: Destination
    sent: list[Path] = field(default_factory=list)

    def ask(self, question: Question) -> OperatorAnswer:
        folder = self.folder / "for-the-operator" / question.case.replace("/", "_")
        assert str(folder) in question.instruction
        self.sent = [*sorted(folder.iterdir()), *made_as_told(question.instruction, folder)]
        self.send(self.sent, self.destination)
        return OperatorAnswer(outcome="done", who="test")


@pytest.mark.parametrize("case", ["ES-010/TCE001", "ES-060"])
@pytest.mark.parametrize("sender", SENDERS)
def test_it_passes_as_the_export_selector_under_test(sender: str, case: str, tmp_path: Path) -> None:
    library = load_library(Content.with_overlays())
    port = free_port()
    system = load_system(
        system_file(
            tmp_path / "system.yaml",
            actors=["export-selector"],
            ae_title=TITLE,
            host="127.0.0.1",
            port=None,
            calls={"manager": {"ae_title": "TCE_MANAGER", "port": port}},
        )
    )
    person = Person(SENDERS[sender], tmp_path / "run", Destination("127.0.0.1", port, "TCE_MANAGER"))
    plan = RunPlan(
        cases=select(library.scenarios, [case], {}, library.catalogue),
        folder=tmp_path / "run",
        seed=SEED,
        system=system,
        operator=person,
    )
    result = perform_run(plan, library)
    assert failures(result) == []
    assert [each.verdict for each in result.cases] == [Verdict.PASS]
    assert len(person.sent) == len(result.cases[0].messages) > 2
    assert not result.simulated


def impatient(case: Case) -> Case:
    """Return a case that waits three seconds where it would wait minutes for a real system."""
    steps = [replace(step, within=3.0) if isinstance(step, ReceiveStep) else step for step in case.steps]
    return replace(case, steps=tuple(steps))


def test_an_export_selector_that_leaves_an_instance_out_fails(tmp_path: Path) -> None:
    def leaves_one_out(files: Sequence[Path], destination: Destination) -> None:
        images = [path for path in files if not is_export_manifest(read_instance(path))]
        storescu([path for path in files if path != images[0]], destination)

    library = load_library(Content.with_overlays())
    port = free_port()
    system = load_system(
        system_file(
            tmp_path / "system.yaml",
            actors=["export-selector"],
            ae_title=TITLE,
            port=None,
            calls={"manager": {"ae_title": "TCE_MANAGER", "port": port}},
        )
    )
    plan = RunPlan(
        cases=[impatient(*select(library.scenarios, ["ES-010/TCE001"], {}, library.catalogue))],
        folder=tmp_path / "run",
        seed=SEED,
        system=system,
        operator=Person(leaves_one_out, tmp_path / "run", Destination("127.0.0.1", port, "TCE_MANAGER")),
    )
    result = perform_run(plan, library)
    assert [line.split(":")[0] for line in failures(result)] == [
        "TCE-RAD50-001 arrival/listed-instances-stored"
    ]


def test_dcmsend_and_storescu_deliver_a_manifest_that_lists_what_they_sent(tmp_path: Path) -> None:
    for number, sender in enumerate(SENDERS.values()):
        files = write(selected(RECIPE), tmp_path / f"{number}")
        receiver = Receiver(ae_title="RECEIVER", folder=tmp_path / f"receiver-{number}")
        receiver.start()
        try:
            sender(files, receiver.address)
        finally:
            receiver.stop()
        (selection,) = receiver.selections()
        (manifest,) = filter(is_export_manifest, map(read_instance, files))
        assert selection.listed == tuple(read_manifest(manifest).listed)
        assert selection.complete
