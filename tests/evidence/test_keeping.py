"""Files are kept by a copy of the process where there are many; tests run in a process of one thread."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from tce_harness.evidence.keeping import INSTANCES, KeptFile, instance_file, keep, keep_files

_IN_ONE_THREAD = """
import os, sys
from pathlib import Path
from tce_harness.evidence import keeping

first, folder = os.getpid(), Path(sys.argv[1])
paths = [folder / f"{number}.dcm" for number in range(100)]
workers = set()
found = keeping._keep_file


def noted(kept_in, path):
    workers.add(os.getpid())
    if os.getpid() != first and path.name == sys.argv[2]:
        os._exit(1)
    return found(kept_in, path)


keeping._keep_file = noted
for kept in keeping.keep_files(folder / "evidence", paths):
    print(kept.digest or kept.fault)
print(sorted("here" for each in workers if each == first))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "evidence" / INSTANCES).mkdir(parents=True)
    for number in range(100):
        (tmp_path / f"{number}.dcm").write_bytes(b"%d" % number)
    (tmp_path / "7.dcm").unlink()
    return tmp_path


def kept_in_one_thread(folder: Path, dies_at: str = "") -> tuple[list[str], str]:
    done = subprocess.run(
        [sys.executable, "-c", _IN_ONE_THREAD, folder, dies_at], capture_output=True, text=True, check=True
    )
    *kept, worked_here = done.stdout.splitlines()
    return kept, worked_here


def expected() -> list[str]:
    digests = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(100)]
    return [*digests[:7], "No such file or directory", *digests[8:]]


def assert_all_stand(folder: Path) -> None:
    for number in range(100):
        if number != 7:
            digest = hashlib.sha256(b"%d" % number).hexdigest()
            assert (folder / "evidence" / instance_file(digest)).read_bytes() == b"%d" % number


def test_a_copy_of_the_process_keeps_many_files_in_their_order(folder: Path) -> None:
    assert kept_in_one_thread(folder) == (expected(), "[]" if sys.platform == "linux" else "['here']")
    assert_all_stand(folder)


def test_nothing_is_lost_where_the_copy_comes_to_an_end(folder: Path) -> None:
    kept, worked_here = kept_in_one_thread(folder, dies_at="50.dcm")
    assert (kept, worked_here) == (expected(), "['here']")
    assert_all_stand(folder)


def test_few_files_are_kept_here(folder: Path) -> None:
    paths = [folder / "3.dcm", folder / "7.dcm"]
    assert list(keep_files(folder / "evidence", paths)) == [
        KeptFile(hashlib.sha256(b"3").hexdigest()),
        KeptFile(None, "No such file or directory"),
    ]


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    (tmp_path / INSTANCES).mkdir()
    assert keep(tmp_path, b"same") == keep(tmp_path, b"same")
    assert len(list((tmp_path / INSTANCES).iterdir())) == 1
