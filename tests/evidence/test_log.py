"""The evidence log: nothing in it can be changed, dropped or moved unseen, and it holds any record."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tce_harness.evidence.keeping import instance_file
from tce_harness.evidence.log import (
    FIRST_PREVIOUS,
    LOG_NAME,
    EvidenceWriter,
    read_evidence,
    timestamp,
)
from tce_harness.evidence.unread import Unread
from tce_harness.model.errors import EvidenceError
from tce_harness.model.record import Record, TroubleRecord

KINDS = get_args(Record)
st.register_type_strategy(float, st.floats(allow_nan=False))  # a time is a number


def trouble(message: str = "out of paper") -> TroubleRecord:
    return TroubleRecord(case="EM-000/A", step=None, message=message)


def lines_of(folder: Path) -> list[bytes]:
    return (folder / LOG_NAME).read_bytes().splitlines(keepends=True)


def rewrite(folder: Path, lines: list[bytes]) -> None:
    (folder / LOG_NAME).write_bytes(b"".join(lines))


def told(folder: Path) -> str:
    with pytest.raises(EvidenceError) as caught:
        read_evidence(folder)
    return str(caught.value)


def test_what_was_written_is_read_back_in_its_order(written: Path) -> None:
    evidence = read_evidence(written)
    assert [entry.record.kind for entry in evidence.entries] == ["run", "case", "object", "message", "check"]
    assert [entry.id for entry in evidence.entries] == ["e0001", "e0002", "e0003", "e0004", "e0005"]
    assert evidence.entries[0].previous == FIRST_PREVIOUS
    assert evidence.head == hashlib.sha256(lines_of(written)[-1].rstrip(b"\n")).hexdigest()


def test_the_writer_and_the_reader_hold_the_same_evidence(tmp_path: Path) -> None:
    writer = EvidenceWriter(tmp_path / "evidence")
    writer.append(trouble("a"))
    writer.append(trouble("b"))
    writer.close()
    assert read_evidence(writer.folder).entries == writer.evidence().entries
    assert read_evidence(writer.folder).head == writer.evidence().head


@pytest.mark.parametrize("line", [0, 1, 2, 3])
def test_a_changed_line_breaks_the_chain_at_the_next_one(written: Path, line: int) -> None:
    lines = lines_of(written)
    assert b'"time":"2' in lines[line]
    lines[line] = lines[line].replace(b'"time":"2', b'"time":"3', 1)
    rewrite(written, lines)
    assert f"{LOG_NAME}:{line + 2}: the chain is broken" in told(written)


def test_a_changed_last_line_gives_another_head(written: Path) -> None:
    before = read_evidence(written).head
    lines = lines_of(written)
    lines[-1] = lines[-1].replace(b'"line":9', b'"line":8')
    rewrite(written, lines)
    assert read_evidence(written).head != before


@pytest.mark.parametrize("line", [0, 1, 2, 3])
def test_a_dropped_line_is_told(written: Path, line: int) -> None:
    lines = lines_of(written)
    del lines[line]
    rewrite(written, lines)
    assert f"{LOG_NAME}:{line + 1}: the chain is broken" in told(written)


def test_two_lines_that_changed_places_are_told(written: Path) -> None:
    lines = lines_of(written)
    lines[1], lines[2] = lines[2], lines[1]
    rewrite(written, lines)
    assert f"{LOG_NAME}:2: the chain is broken" in told(written)


def test_a_line_that_was_put_in_is_told(written: Path) -> None:
    lines = lines_of(written)
    rewrite(written, [*lines[:3], lines[2], *lines[3:]])
    assert f"{LOG_NAME}:4: the chain is broken" in told(written)


def test_a_last_line_that_is_cut_is_told(written: Path) -> None:
    content = (written / LOG_NAME).read_bytes()
    (written / LOG_NAME).write_bytes(content[:-20])
    assert "the last line is cut short" in told(written)


@given(st.binary(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_line_of_any_bytes_is_told_with_its_number(written: Path, line: bytes) -> None:
    lines = lines_of(written)
    rewrite(written, [lines[0], line.replace(b"\n", b"") + b"\n"])
    assert f"{LOG_NAME}:2: this line is not an evidence record" in told(written)
    rewrite(written, lines)


def test_a_line_that_is_nested_too_deeply_is_told(written: Path) -> None:
    rewrite(written, [b"[" * 100_000 + b"\n"])
    assert f"{LOG_NAME}:1: this line is not an evidence record" in told(written)


def test_a_record_of_an_unknown_kind_is_told(written: Path) -> None:
    lines = lines_of(written)
    rewrite(written, [lines[0].replace(b'"kind":"run"', b'"kind":"rumour"')])
    assert f"{LOG_NAME}:1: this line is not an evidence record" in told(written)


def test_a_folder_without_a_log_is_told_with_what_to_do(tmp_path: Path) -> None:
    assert "name the folder that 'tce run' wrote" in told(tmp_path)


def test_an_instance_is_kept_once_under_the_digest_of_its_bytes(writer: EvidenceWriter) -> None:
    first, second = writer.keep(b"bytes"), writer.keep(b"bytes")
    assert first == second == hashlib.sha256(b"bytes").hexdigest()
    assert [path.name for path in (writer.folder / "instances").iterdir()] == [f"{first}.dcm"]
    assert writer.evidence().instance(first) == b"bytes"


def test_an_altered_instance_is_told_with_its_file(written: Path) -> None:
    evidence = read_evidence(written)
    digest = next(iter((written / "instances").iterdir())).stem
    path = written / instance_file(digest)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(EvidenceError, match=f"{digest}.dcm: its bytes are not those"):
        evidence.instance(digest)
    with pytest.raises(EvidenceError, match=f"{digest}.dcm: its bytes are not those"):
        evidence.verify_instances()


def test_a_missing_instance_is_told_with_its_file(written: Path) -> None:
    evidence = read_evidence(written)
    (instance,) = (written / "instances").iterdir()
    instance.unlink()
    with pytest.raises(EvidenceError, match=f"{instance.name}: the evidence log names this instance"):
        evidence.verify_instances()


def test_whole_evidence_is_found_whole(written: Path) -> None:
    read_evidence(written).verify_instances()


def test_evidence_that_does_not_begin_with_a_run_is_told(tmp_path: Path) -> None:
    writer = EvidenceWriter(tmp_path / "evidence")
    writer.append(trouble())
    with pytest.raises(EvidenceError, match="does not begin with a run"):
        _ = writer.evidence().run


def test_threads_that_append_at_once_make_one_whole_chain(tmp_path: Path) -> None:
    writer = EvidenceWriter(tmp_path / "evidence")
    begin = threading.Barrier(4)

    def write(name: int) -> None:
        begin.wait()
        for number in range(50):
            writer.append(trouble(f"{name}/{number}"))
            writer.keep(f"{number}".encode())

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    evidence = read_evidence(writer.folder)
    said = [entry.record.message for entry in evidence.entries if isinstance(entry.record, TroubleRecord)]
    assert sorted(said) == sorted(f"{name}/{number}" for name in range(4) for number in range(50))
    for name in range(4):
        assert [each for each in said if each.startswith(f"{name}/")] == [f"{name}/{n}" for n in range(50)]
    assert len(list((writer.folder / "instances").iterdir())) == 50


def test_the_folder_is_readable_by_its_owner_alone(writer: EvidenceWriter) -> None:
    assert writer.folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_holds_evidence_already_is_refused(written: Path) -> None:
    before = (written / LOG_NAME).read_bytes()
    with pytest.raises(EvidenceError, match="no evidence can be written there"):
        EvidenceWriter(written)
    assert (written / LOG_NAME).read_bytes() == before


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("")
    with pytest.raises(EvidenceError, match="no evidence can be written there"):
        EvidenceWriter(tmp_path / "evidence")


def test_times_are_utc_with_milliseconds(tmp_path: Path) -> None:
    zone = timezone(timedelta(hours=2))
    writer = EvidenceWriter(tmp_path / "evidence", clock=lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=zone))
    assert writer.append(trouble()).time == "2026-01-02T01:04:05.000Z"
    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, 6789, tzinfo=UTC)) == "2026-01-02T03:04:05.006Z"


def test_half_a_character_of_a_foreign_file_name_can_be_recorded(tmp_path: Path) -> None:
    writer = EvidenceWriter(tmp_path / "evidence")
    writer.append(trouble("caf\udce9"))
    writer.close()
    assert read_evidence(writer.folder).entries == writer.evidence().entries


@given(st.lists(st.one_of(*map(st.from_type, KINDS)), max_size=3))
@settings(max_examples=60, deadline=None)
def test_a_record_of_any_kind_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record]
) -> None:
    writer = EvidenceWriter(tmp_path_factory.mktemp("log") / "evidence")
    for record in records:
        writer.append(record)
    writer.close()
    found = read_evidence(writer.folder).entries
    assert [entry.record for entry in found] == records
    assert [type(entry.record) for entry in found] == [type(record) for record in records]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_record_says_its_kind(kind: type[Record]) -> None:
    found: list[Record] = []

    @given(st.from_type(kind))
    @settings(max_examples=1, database=None, deadline=None)
    def draw(record: Record) -> None:
        found.append(record)

    draw()
    assert asdict(found[0])["kind"] + "record" == kind.__name__.lower()


def test_what_cannot_be_read_is_told_without_the_name_of_its_evidence_file(tmp_path: Path) -> None:
    writer = EvidenceWriter(tmp_path / "evidence")
    for content in (b"no DICOM at all", b"\0" * 128 + b"DICM" + b"\0" * 100_000):
        found = writer.decoded(writer.keep(content))
        assert isinstance(found, Unread)
        assert found.text.startswith("the data set")
    writer.close()
