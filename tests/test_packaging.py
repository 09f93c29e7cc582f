"""The distribution holds what it needs: installed into an empty environment it runs away from the checkout.

It builds with hatchling from this environment, and installs the dependencies through pip.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tce_harness.content.folders import FOLDERS

ROOT = Path(__file__).resolve().parent.parent
MARKERS = {
    "simulators": "reference/export-manager.yaml",
    "scenarios": "export-manager/EM-010-one-study.tce.yaml",
    "fixtures": "recipes/ct-chest.yaml",
    "reports": "README.md",
}


def run(*arguments: str | Path, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        list(map(str, arguments)),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"{arguments} ended {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder, folder=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


def tracked(folder: str) -> Iterator[str]:
    """Yield the files of a content folder."""
    for path in (ROOT / folder).rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_wheel_holds_every_file_of_the_content_folders(folder: str, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    files = set(tracked(folder))
    assert f"{folder}/{MARKERS[folder]}" in files
    assert {f"tce_harness/_content/{each}" for each in files} <= names
    assert "tce_harness/py.typed" in names


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_source_distribution_holds_them_too(folder: str, built: Path) -> None:
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert set(tracked(folder)) <= names
    assert {"tox.ini", "LICENSE", "NOTICE", "README.md", "CHANGELOG.md"} <= names


def test_the_wheel_carries_no_tests_and_nothing_of_the_workplace(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert len(tops) == 2
    assert "tce_harness" in tops


@pytest.mark.slow
def test_it_runs_from_the_wheel_in_an_empty_environment_away_from_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    """Installing takes about a minute."""
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    programs = environment / ("Scripts" if sys.platform == "win32" else "bin")
    away = tmp_path / "away"
    away.mkdir()
    run(programs / "python", "-m", "pip", "install", "--quiet", wheel, folder=away)
    told = run(programs / "tce", "run", "EM-010", "--seed", "1", "--out", "result", folder=away)
    assert "EM-010/TCE001" in told
    written = {path.name for path in (away / "result").iterdir()}
    assert {"report.html", "result.json", "junit.xml", "evidence"} <= written
    assert "EM-010/TCE001" in (away / "result" / "report.html").read_text(encoding="utf-8")
    place = run(programs / "python", "-c", "import tce_harness; print(tce_harness.__file__)", folder=away)
    assert Path(place.strip()).is_relative_to(environment)
