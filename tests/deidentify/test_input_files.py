"""Every file of the input is accounted for, and nothing in it is waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tce_harness.deidentify import files_below
from tce_harness.deidentify.input_files import read_file
from tce_harness.model.errors import InstanceError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes are made otherwise")


def names(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in files_below(folder)]


def test_links_to_folders_are_followed(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    for place in ("in/a", "in/sub/b", "elsewhere/c", "elsewhere/deep/d"):
        (tmp_path / place).write_bytes(b"x")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "elsewhere")
    assert names(tmp_path / "in") == ["a", "link/c", "link/deep/d", "sub/b"]


def test_a_link_back_to_a_folder_that_holds_it_is_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "in" / "sub" / "a").write_bytes(b"x")
    (tmp_path / "in" / "sub" / "loop").symlink_to(tmp_path / "in")
    assert names(tmp_path / "in") == ["sub/a", "sub/loop"]
    with pytest.raises(InstanceError, match="a link back to a folder that holds it"):
        read_file(tmp_path / "in" / "sub" / "loop")


def test_links_that_lead_nowhere_and_pipes_are_named_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    os.mkfifo(tmp_path / "pipe")
    assert names(tmp_path) == ["broken", "itself", "pipe"]
    with pytest.raises(InstanceError, match="broken is a link that leads nowhere"):
        read_file(tmp_path / "broken")
    with pytest.raises(InstanceError, match="itself "):
        read_file(tmp_path / "itself")
    with pytest.raises(InstanceError, match="pipe is no file but a pipe, a socket or a device"):
        read_file(tmp_path / "pipe")


def test_a_folder_that_cannot_be_looked_into_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a").write_bytes(b"x")
    scan = os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert names(tmp_path) == ["a", "closed"]
