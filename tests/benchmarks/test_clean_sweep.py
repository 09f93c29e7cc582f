"""The clean sweep: it asks as each policy wants to be asked, and one failure does not end it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from deidentifying import sweep
from deidentifying.sweep import Sweep, policies
from tce_harness.content import Content
from tce_harness.deidentify import Policy, Preview, find_policy


@pytest.fixture
def one_uid_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files of one SOP Instance UID, so that there are two rounds."""

    def write(folder: Path) -> None:
        folder.mkdir(parents=True)
        for name in ("one.dcm", "two.dcm"):
            shutil.copyfile(str(get_testdata_file("CT_small.dcm")), folder / name)

    monkeypatch.setitem(sweep.SETS, "tiny", write)


@pytest.mark.parametrize("name", policies())
def test_who_asks_for_a_look_is_told_why_nobody_looks(name: str) -> None:
    policy = find_policy(name, Content.with_overlays())
    command = sweep._command(policy, Path("in"), Path("out"), Path("key"))
    assert ("--waive-preview" in command) is (policy.preview is Preview.REQUIRED)


@pytest.mark.usefixtures("one_uid_twice")
def test_a_policy_that_asks_for_a_look_is_swept(tmp_path: Path) -> None:
    swept = Sweep("rcr", "tiny", tmp_path / "work")
    told = swept.perform()
    assert (swept.files, swept.written) == (2, 2)
    assert swept.is_clean, told


@pytest.mark.usefixtures("one_uid_twice")
def test_a_run_that_fails_is_told_and_the_next_one_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    ask = sweep._command

    def first_wrong(policy: Policy, originals: Path, out: Path, key: Path) -> list[str | Path]:
        asked.append(originals)
        right = ask(policy, originals, out, key)
        return right if len(asked) > 1 else [*right, "--no-such-option"]

    monkeypatch.setattr(sweep, "_command", first_wrong)
    swept = Sweep("basic", "tiny", tmp_path / "work")
    told = swept.perform()
    assert len(asked) == 2
    assert swept.written == 1
    assert not swept.is_clean
    assert "FAILED: round-1 of 1 files: tce deidentify ended 2" in told
