"""Folders: several processes write what one writes, and nothing is lost between them."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from tce_harness.deidentify import FolderRun, Policy, PseudonymLog, Pseudonyms
from tce_harness.deidentify.file_worker import UNFINISHED
from tce_harness.model.errors import HarnessError
from tce_harness.objects.instance import encode_instance

KEY = b"a key of more than sixteen bytes"
SERIES, MEMBERS = 4, 40


@pytest.fixture
def source(ct: Dataset, cr: Dataset, tmp_path: Path) -> Path:
    """Four series, one of images that may not be written, two files that are no instances, and a copy."""
    folder = tmp_path / "in"
    for series in range(SERIES):
        dataset = cr if series == 1 else ct
        dataset.SeriesInstanceUID = f"1.2.826.0.1.{series + 1}"
        dataset.BurnedInAnnotation = "YES" if series == 2 else "NO"
        for member in range(MEMBERS):
            dataset.SOPInstanceUID, dataset.InstanceNumber = f"1.2.826.0.1.{series + 1}.{member + 1}", member
            path = folder / str(series) / f"{member:03d}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_instance(dataset))
    (folder / "notes.txt").write_text("not DICOM", encoding="utf-8")
    (folder / "0" / "cut").write_bytes((folder / "0" / "000").read_bytes()[:-100])
    (folder / "copy").write_bytes((folder / "3" / "007").read_bytes())
    return folder


def perform(
    source: Path, out: Path, policy: Policy, processes: int, log: PseudonymLog | None = None
) -> FolderRun:
    number = log.begin_run(policy) if log is not None else 0
    run = FolderRun(
        policy, Pseudonyms(KEY), source, out, out.with_name(f"{out.name}-held"), log, number, processes
    )
    run.perform(sorted(path for path in source.rglob("*") if path.is_file()))
    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("with_log", [False, True])
def test_two_processes_write_what_one_writes(
    source: Path, basic: Policy, tmp_path: Path, with_log: bool
) -> None:
    runs = []
    for processes in (1, 2):
        out = tmp_path / f"out{processes}"
        if with_log:
            with PseudonymLog.open(tmp_path / f"{processes}.log", KEY) as log:
                runs.append(perform(source, out, basic, processes, log))
        else:
            runs.append(perform(source, out, basic, processes))
    one, two = runs
    assert contents(one.out) == contents(two.out)
    assert one.held == two.held
    assert (one.written, one.duplicates, len(one.held)) == (SERIES * MEMBERS - MEMBERS, 1, MEMBERS + 2)
    assert (two.written, two.duplicates) == (one.written, one.duplicates)
    assert not [name for name in contents(two.out) if name.endswith(UNFINISHED)]
    held = contents(tmp_path / "out2-held")
    assert len(held) == MEMBERS + 2 + 1
    assert held["originals/notes.txt"] == b"not DICOM"


class EndedPool(ProcessPoolExecutor):
    """A pool of which one process ends as if it had been killed."""

    def map(self, *arguments: Any, **options: Any) -> Iterator[Any]:
        self.submit(os._exit, 9)
        return super().map(*arguments, **options)


def test_a_worker_process_that_is_ended_is_told(
    source: Path, basic: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tce_harness.deidentify.folder_run.ProcessPoolExecutor", EndedPool)
    with pytest.raises(HarnessError, match=r"a worker process was ended.*--processes 1"):
        perform(source, tmp_path / "out", basic, 2)


def test_another_instance_of_the_same_uid_is_held_and_the_first_stays(
    source: Path, ct: Dataset, basic: Policy, tmp_path: Path
) -> None:
    ct.SeriesInstanceUID, ct.SOPInstanceUID = "1.2.826.0.1.1", "1.2.826.0.1.1.1"
    ct.SliceThickness = "77"
    (source / "0" / "000-again").write_bytes(encode_instance(ct))
    run = perform(source, tmp_path / "out", basic, 1)
    reasons = {held.file: held.reason for held in run.held}
    assert "another file has the same SOP Instance UID" in reasons["0/000-again"]
    assert run.written == SERIES * MEMBERS - MEMBERS


def nested(depth: int, *, undefined: bool) -> bytes:
    """Return Referenced Image Sequence (0008,1140), within itself as often as asked."""
    content = b""
    for _ in range(depth):
        length = 0xFFFFFFFF if undefined else len(content)
        item = struct.pack("<HHL", 0xFFFE, 0xE000, length) + content
        item += struct.pack("<HHL", 0xFFFE, 0xE00D, 0) if undefined else b""
        length = 0xFFFFFFFF if undefined else len(item)
        content = struct.pack("<HH2sHL", 0x0008, 0x1140, b"SQ", 0, length) + item
        content += struct.pack("<HHL", 0xFFFE, 0xE0DD, 0) if undefined else b""
    return content


@pytest.mark.parametrize(("depth", "undefined"), [(300, True), (1000, True), (1000, False)])
def test_a_file_nested_too_deeply_is_held_and_the_others_are_written(
    ct: Dataset, mr: Dataset, basic: Policy, tmp_path: Path, depth: int, undefined: bool
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a").write_bytes(encode_instance(ct))
    plain = encode_instance(mr)
    place = plain.index(b"\x10\x00\x10\x00PN")
    (source / "deep").write_bytes(plain[:place] + nested(depth, undefined=undefined) + plain[place:])
    with PseudonymLog.open(tmp_path / "log", KEY) as log:
        run = perform(source, tmp_path / "out", basic, 1, log)
    assert run.written == 1
    assert [(held.file, held.reason) for held in run.held] == [
        ("deep", "deep is nested too deeply to be read")
    ]
    assert (tmp_path / "out-held" / "originals" / "deep").is_file()
