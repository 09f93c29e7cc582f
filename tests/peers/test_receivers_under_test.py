"""Foreign archives as the Receiver under test: ``tce run receiver --system``."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreign.ours import failures, system_file, tce
from foreign.programs import dcmtk, free_port, spawned
from foreign.stores import STORES, TITLE, ready
from tce_harness.model.result import RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports import from_json
from tce_harness.transport import STORED, Destination

CASES = ("RCV-010/TCE001", "RCV-020/manifest-first", "RCV-030", "RCV-050")


def judged(folder: Path, destination: Destination, *cases: str) -> tuple[int, RunResult]:
    system = system_file(
        folder / "system.yaml",
        actors=["receiver"],
        ae_title=destination.ae_title,
        host=destination.host,
        port=destination.port,
        calls=None,
    )
    done = tce("run", *cases, "--system", system, "--seed", "7", "--out", folder / "run")
    document = folder / "run" / "result.json"
    assert document.is_file(), f"tce run ended {done.returncode} without a result: {done.stderr}"
    return done.returncode, from_json(document.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", STORES)
def test_a_foreign_archive_passes_as_the_receiver(name: str, tmp_path: Path) -> None:
    with STORES[name](tmp_path) as store:
        status, result = judged(tmp_path, store.destination, *CASES)
        kept = tmp_path / "kept"
        kept.mkdir()
        files = store.files(kept)
    assert failures(result) == []
    assert {each.id: each.verdict for each in result.cases} == dict.fromkeys(CASES, Verdict.PASS)
    assert status == 0
    exported = {
        message.sop_instance_uid
        for case in result.cases
        for message in case.messages
        if message.transaction == "RAD-53" and message.status in STORED
    }
    assert len(files) == len(exported) > 0


def test_an_archive_that_refuses_a_sop_class_fails_with_that_class(tmp_path: Path) -> None:
    profile = tmp_path / "storescp.cfg"
    profile.write_text(
        "[[TransferSyntaxes]]\n[Plain]\nTransferSyntax1 = LittleEndianExplicit\n"
        "TransferSyntax2 = LittleEndianImplicit\n[[PresentationContexts]]\n[NoReports]\n"
        "PresentationContext1 = VerificationSOPClass\\Plain\n"
        "PresentationContext2 = CTImageStorage\\Plain\n[[Profiles]]\n[Default]\n"
        "PresentationContexts = NoReports\n",
        encoding="ascii",
    )
    destination = Destination("127.0.0.1", free_port(), TITLE)
    options = ("-xf", profile, "Default", "--ignore")
    with spawned(dcmtk("storescp"), *options, str(destination.port)) as process:
        ready(destination, process)
        status, result = judged(tmp_path, destination, "RCV-010/TCE001")
    assert status == 3
    refused = [each for each in result.repairs if each.requirement == "TCE-RAD53-019"]
    assert [each.finding.kind for each in refused] == ["sop-class-refused"]
    assert refused[0].finding.subject == "1.2.840.10008.5.1.4.1.1.88.59"
