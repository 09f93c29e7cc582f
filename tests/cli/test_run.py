"""``tce run``: what it writes, what it prints, how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tce_harness.evidence.log import read_evidence
from tce_harness.model.record import RunRecord

if TYPE_CHECKING:
    from tests.cli.conftest import Kept, Tce


def test_it_writes_result_report_junit_and_evidence(passed: Kept) -> None:
    assert sorted(path.name for path in passed.folder.iterdir()) == [
        "evidence",
        "junit.xml",
        "report.html",
        "result.json",
    ]
    result = json.loads((passed.folder / "result.json").read_text(encoding="utf-8"))
    assert [case["id"] for case in result["cases"]] == ["ES-010/TCE001"]
    assert result["seed"] == 4
    assert result["evidence_head"] == read_evidence(passed.folder / "evidence").head
    suites = ElementTree.parse(passed.folder / "junit.xml").getroot()
    assert suites[0].get("name") == "ES-010/TCE001"
    assert "ES-010/TCE001" in (passed.folder / "report.html").read_text(encoding="utf-8")


def test_it_ends_with_the_status_that_its_result_tells(passed: Kept, failed: Kept) -> None:
    for kept, status in ((passed, 0), (failed, 3)):
        result = json.loads((kept.folder / "result.json").read_text(encoding="utf-8"))
        assert kept.called.status == result["exit_status"] == status
        assert kept.called.err == ""


def test_it_ends_by_telling_what_to_repair_first_and_where_the_report_is(failed: Kept) -> None:
    lines = failed.called.out.splitlines()
    assert lines[0] == f"1 case, seed 4, results in {failed.folder}"
    assert any(line.startswith("First to repair") for line in lines)
    assert lines[-1] == f"Report: {failed.folder / 'report.html'}"
    assert "It does not show that data are anonymous" in failed.called.out


def test_it_says_the_command_that_runs_a_case_again(failed: Kept, overlay: Path) -> None:
    result = json.loads((failed.folder / "result.json").read_text(encoding="utf-8"))
    command = f"tce run EM-010/TCE001 --stand-in leaky --content {overlay} --seed 4"
    assert [case["command"] for case in result["cases"]] == [command]


def test_that_command_gives_the_same_originals_again(failed: Kept, tce: Tce, tmp_path: Path) -> None:
    result = json.loads((failed.folder / "result.json").read_text(encoding="utf-8"))
    command = result["cases"][0]["command"].split()[1:]
    tce(*command, "--out", tmp_path / "again")
    before, again = (
        {path.name for path in (folder / "evidence" / "instances").iterdir()}
        for folder in (failed.folder, tmp_path / "again")
    )
    assert before == again  # it leaks, so what came is what there was


def test_it_records_the_command_as_it_was_typed(passed: Kept) -> None:
    run = read_evidence(passed.folder / "evidence").entries[0].record
    assert isinstance(run, RunRecord)
    assert run.command == f"tce run ES-010/TCE001 --seed 4 --out {passed.folder}"


def test_a_folder_that_holds_anything_is_refused_and_left_alone(passed: Kept, tce: Tce) -> None:
    before = (passed.folder / "result.json").read_bytes()
    called = tce("run", "ES-010/TCE001", "--out", passed.folder)
    assert called.status == 5
    assert called.err == f"--out {passed.folder}: the folder is not empty; name a new one\n"
    assert (passed.folder / "result.json").read_bytes() == before


def test_a_file_in_place_of_the_folder_is_told(tce: Tce, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    called = tce("run", "ES-010/TCE001", "--out", tmp_path / "out")
    assert (called.status, called.err) == (5, f"--out {tmp_path / 'out'}: File exists\n")


def test_without_a_folder_it_makes_one_named_by_the_time(
    tce: Tce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert tce("run", "RCV-010/TCE001").status == 0
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("tce-run-20")
    assert folder.name.endswith("Z")


def test_with_json_it_prints_the_result_document_and_nothing_else(tce: Tce, tmp_path: Path) -> None:
    called = tce("run", "RCV-010/TCE001", "--json", "--out", tmp_path / "run")
    assert called.out == (tmp_path / "run" / "result.json").read_text(encoding="utf-8")
    assert json.loads(called.out)["verdict"] == "pass"


def test_every_fault_of_a_scenario_is_told_with_line_and_near_match(tce: Tce, tmp_path: Path) -> None:
    path = tmp_path / "scenarios" / "receiver" / "RCV-999-odd.tce.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "scenario: RCV-999\ntitle: Odd\nsut: recever\nsimulated: {selector: export-selector}\nstep: []\n",
        encoding="utf-8",
    )
    called = tce("run", "--content", tmp_path, "--out", tmp_path / "out")
    assert called.status == 5
    lines = called.err.splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    assert any(":3:" in line and "did you mean receiver?" in line for line in lines)
    assert any(":5:" in line and "did you mean steps?" in line for line in lines)
    assert not (tmp_path / "out").exists()


def test_every_fault_of_a_system_file_is_told(tce: Tce, tmp_path: Path) -> None:
    path = tmp_path / "system.yaml"
    path.write_text(
        "system: Gateway\nversion: '4'\nactors: [export-manger]\nae_title: SEVENTEEN_LETTERS\n",
        encoding="utf-8",
    )
    called = tce("run", "EM-010/TCE001", "--system", path, "--out", tmp_path / "out")
    assert called.status == 5
    assert f"{path}:3:" in called.err
    assert "did you mean export-manager?" in called.err
    assert f"{path}:4:" in called.err


def test_a_host_that_nobody_knows_is_told_once_with_the_key_to_correct(tce: Tce, tmp_path: Path) -> None:
    system = tmp_path / "gateway.yaml"
    system.write_text(
        "{system: Archive, version: '4', actors: [receiver], ae_title: SUT, host: gateway.invalid, port: 1}",
        encoding="utf-8",
    )
    called = tce("run", "RCV-020", "--system", system, "--out", tmp_path / "run")
    assert called.status == 4, called.out
    while_running, at_its_end = called.out.split("First to put right")
    assert while_running.count("SUT at gateway.invalid:1 cannot be found") == 1
    assert "SUT at gateway.invalid:1 cannot be found" in at_its_end
    assert "Correct 'host' in the system file." in at_its_end
    assert "kept 3 of 3 cases" in at_its_end
    assert "Nothing to repair" not in called.out


def test_a_simulator_and_a_real_system_do_not_stand_together(tce: Tce, tmp_path: Path) -> None:
    path = tmp_path / "system.yaml"
    path.write_text(
        "system: Archive\nversion: '4'\nactors: [receiver]\nae_title: ARCHIVE\nhost: 127.0.0.1\nport: 104\n",
        encoding="utf-8",
    )
    called = tce("run", "RCV-010/TCE001", "--system", path, "--stand-in", "warns")
    assert (called.status, "give one" in called.err) == (5, True)


SHORT = """\
scenario: RCV-998
title: Short
sut: receiver
simulated: {selector: export-selector, manager: export-manager}
data:
  study: {recipe: ct-chest, instances: 1}
  manifest: {make: manifest, title: TCE001, references: [study], description: Teaching file}
steps:
  - id: sent
    send: {transaction: [RAD-50, RAD-51], from: selector, objects: [study, manifest]}
  - id: exported
    receive: {transaction: RAD-53, at: archive, until: manifest-complete, within: 1 s}
  - id: judged
    check: [receiver/accepts-everything]
    of: exported
    against: [study, manifest]
"""


def test_a_receiver_that_nobody_reaches_leaves_the_case_open_and_is_no_error(
    tce: Tce, tmp_path: Path
) -> None:
    path = tmp_path / "system.yaml"
    path.write_text(
        "system: Archive\nversion: '4'\nactors: [receiver]\nae_title: ARCHIVE\nhost: 127.0.0.1\nport: 1\n",
        encoding="utf-8",
    )
    short = tmp_path / "scenarios" / "receiver" / "RCV-998-short.tce.yaml"
    short.parent.mkdir(parents=True)
    short.write_text(SHORT, encoding="utf-8")
    called = tce("run", "RCV-998", "--system", path, "--content", tmp_path, "--out", tmp_path / "out")
    assert called.status == 4, called
    assert called.err == ""
