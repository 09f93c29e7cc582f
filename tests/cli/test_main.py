"""The root of the command line: help, version, and how faults reach the user."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from tce_harness import __version__
from tce_harness.cli.main import application

if TYPE_CHECKING:
    from tests.cli.conftest import Tce

NAMES = (
    "run",
    "check",
    "simulate",
    "deidentify",
    "reidentify",
    "prove",
    "rejudge",
    "report",
    "explain",
    "list",
    "schema",
)
COMMANDS = (*((name,) for name in NAMES), ("standard", "fetch"), ("standard", "list"))


def test_the_commands_are_those_that_scripts_cite() -> None:
    known = set(getattr(get_command(application()), "commands", {}))
    assert {*NAMES, "standard"} <= known


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_each_command_has_an_example(command: tuple[str, ...], tce: Tce) -> None:
    called = tce(*command, "--help")
    assert called.status == 0
    assert f"Example: tce {' '.join(command)}" in " ".join(called.out.split())


def test_the_version_is_told(tce: Tce) -> None:
    assert tce("--version").out == f"tce-harness {__version__}\n"


def test_no_command_shows_what_there_is(tce: Tce) -> None:
    called = tce()
    assert "Usage: tce" in called.out + called.err


@pytest.mark.parametrize(
    "arguments", [["rnu"], ["run", "--sed", "1"], ["run", "--seed", "x"], ["list", "toys"]]
)
def test_what_the_argument_parser_does_not_know_ends_with_2(arguments: list[str], tce: Tce) -> None:
    called = tce(*arguments)
    assert called.status == 2
    assert "Usage" in called.err
    assert "Traceback" not in called.err


def test_a_fault_of_the_harness_ends_with_6_and_what_a_report_of_it_needs(
    tce: Tce, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(overlays: object) -> object:
        raise KeyError("no such thing")

    monkeypatch.setattr("tce_harness.cli.listing.library_of", broken)
    called = tce("list", "rules")
    assert called.status == 6
    assert "Traceback" in called.err
    assert called.err.strip().endswith("KeyError: 'no such thing'; this is a fault of the harness")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["run", "EM-01"],
            "'EM-01' is no scenario, case, path, folder or requirement (did you mean EM-010?)",
        ),
        (["run", "TCE-RAD53-01"], "did you mean TCE-RAD53-0"),
        (["run", "--stand-in", "export-managr"], "there is no such simulator (did you mean export-manager?)"),
        (["run", "--system", "nowhere.yaml"], "nowhere.yaml: cannot be read: No such file or directory"),
        (["run", "--content", "nowhere"], "--content nowhere: there is no such folder"),
        (["check", "nowhere"], "nowhere: there is no such folder"),
        (["explain", "EM-01"], "'EM-01' is no scenario (did you mean EM-0"),
        (["rejudge", "nowhere"], "nowhere: no result.json there"),
        (["report", "nowhere"], "nowhere: no result.json there"),
        (["prove", "leaks"], "'leaks' is no defect"),
        (["simulate", "recever"], "'recever' is no simulator (did you mean receiver?)"),
        (["deidentify", "in", "out", "--policy", "basics"], "did you mean basic?"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_of_the_user_s_ends_with_5_and_one_clear_text(
    arguments: list[str], message: str, tce: Tce, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    called = tce(*arguments)
    assert message in called.err
    assert called.status == 5
    assert "Traceback" not in called.err
    assert called.out == ""
