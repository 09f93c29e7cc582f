"""The ``tce`` command as a user calls it, in this process; and runs that many tests look at."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from tce_harness.cli import main

LEAKY = """\
simulator: leaky
title: An Export Manager that de-identifies nothing
extends: export-manager
policy: none
"""


@dataclass(frozen=True, slots=True)
class Called:
    """What a command printed, and how it ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that a command wrote."""

    called: Called
    folder: Path


def call(*arguments: str | Path) -> Called:
    out, err = io.StringIO(), io.StringIO()
    argv = ["tce", *map(str, arguments)]
    status = 0
    with patch.object(sys, "argv", argv), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0
    return Called(status, out.getvalue(), err.getvalue())


Tce = Callable[..., Called]


@pytest.fixture(scope="session")
def tce() -> Tce:
    """Return a function that runs the command with some arguments."""
    return call


@pytest.fixture(scope="session")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a content folder with a simulator that leaks everything."""
    root = tmp_path_factory.mktemp("content")
    folder = root / "simulators" / "hostile"
    folder.mkdir(parents=True)
    (folder / "leaky.yaml").write_text(LEAKY, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Return a run in which nothing fails."""
    folder = tmp_path_factory.mktemp("passed") / "run"
    return Kept(call("run", "ES-010/TCE001", "--seed", "4", "--out", folder), folder)


@pytest.fixture(scope="session")
def failed(tmp_path_factory: pytest.TempPathFactory, overlay: Path) -> Kept:
    """Return a run of the leaky simulator."""
    folder = tmp_path_factory.mktemp("failed") / "run"
    called = call(
        "run", "EM-010/TCE001", "--stand-in", "leaky", "--content", overlay, "--seed", "4", "--out", folder
    )
    return Kept(called, folder)
