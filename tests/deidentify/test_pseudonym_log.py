"""The log of what was replaced: complete, its owner's alone, safe beside other processes."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tce_harness.deidentify.kinship import PatientKey
from tce_harness.deidentify.links import Link, Replaced
from tce_harness.deidentify.log_file import Journal, PseudonymLogError
from tce_harness.deidentify.log_queries import Level, find, safe_cell, to_csv
from tce_harness.deidentify.policy import Author, Policy
from tce_harness.deidentify.pseudonym_log import PseudonymLog, os_user
from tce_harness.deidentify.pseudonyms import Pseudonyms
from tce_harness.deidentify.subjects import Subjects

KEY = b"a key of more than sixteen bytes"
POLICY = Policy(name="basic", title="", edition="2026d", codes=("113100", "113104"), author=Author.REMOVE)
posix = pytest.mark.skipif(os.name != "posix", reason="no mode bits")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pseudonyms.log"


@pytest.fixture
def log(path: Path) -> Iterator[PseudonymLog]:
    with PseudonymLog.open(path, KEY) as opened:
        yield opened


def link(number: int = 1, pseudonyms: Pseudonyms | None = None, patient: str = "9991") -> Link:
    """Return an instance of a study of three series, and what stands for it."""
    ours = pseudonyms or Pseudonyms(KEY)
    pairs = [
        Replaced(uid, ours.uid(uid))
        for uid in (f"1.2.{patient}", f"1.2.{patient}.{number % 3}", f"1.2.{patient}.{number % 3}.{number}")
    ]
    return Link(
        patient=PatientKey(patient, "TRUST"),
        name="Hand^Peter",
        birth_date="19570312",
        pseudonym=ours.patient(patient, "TRUST"),
        subject_id=None,
        date_shift=None,
        study=pairs[0],
        series=pairs[1],
        instance=pairs[2],
        sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
        file_digest=f"{number:064x}",
    )


def counts(path: Path) -> dict[str, int]:
    connection = sqlite3.connect(path)
    tables = ("patients", "studies", "series", "instances", "exports", "runs", "audit")
    found = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
    connection.close()
    return found


@posix
def test_only_its_owner_may_read_it_from_the_first_moment(path: Path) -> None:
    before = os.umask(0)
    try:
        with PseudonymLog.open(path) as log:
            log.begin_run(POLICY)
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert path.name in modes
    assert set(modes.values()) == {0o600}


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_log_that_others_may_read_or_change_is_refused(path: Path, mode: int) -> None:
    PseudonymLog.open(path).close()
    path.chmod(mode)
    with pytest.raises(PseudonymLogError, match="chmod 600"):
        PseudonymLog.open(path)


def test_every_level_leads_back_to_its_original(log: PseudonymLog) -> None:
    one = link()
    run = log.begin_run(POLICY)
    assert log.record(run, [one, link(2), link(4)]) == (None, None, None)
    (instance,) = find(log, one.instance.new)
    assert instance.level is Level.INSTANCE
    assert (instance.original_instance, instance.file_digests) == (one.instance.original, one.file_digest)
    assert (instance.patient_id, instance.issuer, instance.name) == ("9991", "TRUST", "Hand^Peter")
    assert instance.birth_date == "19570312"
    assert instance.policies == "basic 2026d"
    (series,) = find(log, one.series.new + "\0")
    assert (series.original_series, series.original_instance, series.instances) == ("1.2.9991.1", "", 2)
    (study,) = find(log, one.study.new)
    assert (study.original_study, study.instances) == ("1.2.9991", 3)
    for pseudonym in (one.pseudonym.id, one.pseudonym.name):
        (patient,) = find(log, pseudonym)
        assert (patient.level, patient.patient_id) == (Level.PATIENT, "9991")
    assert find(log, one.instance.original) == ()


def test_recording_again_changes_nothing_and_another_run_adds_its_exports(
    log: PseudonymLog, path: Path
) -> None:
    run = log.begin_run(POLICY)
    log.record(run, [link(), link(2)])
    once = counts(path)
    log.record(run, [link(), link(2)])
    assert counts(path) == once
    second = log.begin_run(POLICY)
    log.record(second, [link()])
    assert counts(path) == once | {"runs": 2, "exports": 3}


def test_two_runs_of_one_patient_agree(path: Path) -> None:
    with PseudonymLog.open(path, KEY) as log:
        first = log.pseudonyms().patient("9991", "TRUST")
        log.record(log.begin_run(POLICY), [link(1, log.pseudonyms())])
    with PseudonymLog.open(path, KEY) as log:
        assert log.pseudonyms().patient("9991", "TRUST") == first
        assert log.record(log.begin_run(POLICY), [link(5, log.pseudonyms())]) == (None,)
        (patient,) = find(log, first.id)
    assert patient.instances == 2


def test_a_log_without_a_key_file_keeps_a_random_key_of_its_own(path: Path, tmp_path: Path) -> None:
    with PseudonymLog.open(path) as log:
        assert log.holds_its_key
        uid = log.pseudonyms().uid("1.2.3")
    with PseudonymLog.open(path) as log:
        assert log.pseudonyms().uid("1.2.3") == uid
    with PseudonymLog.open(tmp_path / "another") as log:
        assert log.pseudonyms().uid("1.2.3") != uid
    with pytest.raises(PseudonymLogError, match="the log holds its own"):
        PseudonymLog.open(path, KEY)


def test_a_wrong_or_missing_key_is_told_and_nothing_mixes(path: Path) -> None:
    with PseudonymLog.open(path, KEY) as log:
        assert not log.holds_its_key
    assert KEY not in path.read_bytes()
    with pytest.raises(PseudonymLogError, match="not the key of the log; give the one it was made with"):
        PseudonymLog.open(path, KEY + b"!")
    with pytest.raises(PseudonymLogError, match="made with a key file"):
        PseudonymLog.open(path)


def test_two_recipients_get_pseudonyms_that_nobody_can_join(log: PseudonymLog) -> None:
    for name in ("North", "South"):
        log.record(log.begin_run(POLICY, name), [link(1, log.pseudonyms(name))])
    north, south = log.pseudonyms("NORTH "), log.pseudonyms("South")
    assert north.uid("1.2.9991") != south.uid("1.2.9991")
    (study,) = find(log, north.uid("1.2.9991"))
    assert (study.recipient, study.original_study) == ("north", "1.2.9991")
    assert log.record(log.begin_run(POLICY, "NORTH"), [link(2, north)]) == (None,)


def test_a_list_of_subjects_that_contradicts_the_log_is_refused(log: PseudonymLog) -> None:
    key = ("9991", "")
    listed = log.pseudonyms(subjects=Subjects({key: "S-01"}))
    log.record(log.begin_run(POLICY), [replace(link(1, listed), subject_id="S-01")])
    for other in (Subjects({key: "S-02"}), None):
        with pytest.raises(PseudonymLogError, match="1 patients are recorded under another subject id"):
            log.pseudonyms(subjects=other)
    more = Subjects({key: "S-01", ("9992", ""): "S-02"})
    assert log.pseudonyms(subjects=more).patient("9992").id == "S-02"
    assert log.pseudonyms("North").patient("9991").id != "S-01"
    assert find(log, "S-01")[0].subject_id == "S-01"


def test_one_pseudonym_for_two_patients_is_a_reason_to_hold_back(log: PseudonymLog, path: Path) -> None:
    one = link()
    run = log.begin_run(POLICY)
    other = replace(link(2), patient=PatientKey("9991", "ELSEWHERE"))
    recorded, refused = log.record(run, [one, other])
    assert recorded is None
    assert refused == "the pseudonym log knows another patient under the same pseudonym"
    renamed = replace(one, pseudonym=Pseudonyms(KEY).patient("x"))
    assert log.record(run, [renamed]) == ("the pseudonym log knows the patient under another pseudonym",)
    assert counts(path)["patients"] == 1


def test_another_date_shift_for_a_patient_is_a_reason_to_hold_back(log: PseudonymLog) -> None:
    run = log.begin_run(POLICY)
    shifted = [replace(link(1), date_shift=shift) for shift in (None, timedelta(days=-12), timedelta(days=3))]
    first, second, third = log.record(run, shifted)
    assert (first, second) == (None, None)
    assert third is not None
    assert "another date shift" in third
    (patient,) = find(log, shifted[0].pseudonym.id)
    assert patient.date_shift_seconds == -12 * 86400


def test_a_patient_spelled_in_two_ways_keeps_both_and_the_list_of_studies_one_line(log: PseudonymLog) -> None:
    married = replace(link(2), name="Foot^Peter")
    assert log.record(log.begin_run(POLICY), [link(), married]) == (None, None)
    assert {origin.name for origin in find(log, married.pseudonym.id)} == {"Hand^Peter", "Foot^Peter"}
    assert len(to_csv(log, Level.STUDY).splitlines()) == 2


def test_the_list_of_studies_holds_each_pair_once_and_no_patient(log: PseudonymLog) -> None:
    links = [link(number, patient=patient) for number in range(6) for patient in ("9991", "9992")]
    log.record(log.begin_run(POLICY), links)
    header, *rows = to_csv(log, Level.STUDY).splitlines()
    assert header.startswith("original_study,new_study,recipient,instances,")
    assert [row.split(",")[:2] for row in rows] == [
        [uid, Pseudonyms(KEY).uid(uid)] for uid in ("1.2.9991", "1.2.9992")
    ]
    assert "Hand" not in "".join(rows)
    assert len(to_csv(log, Level.SERIES).splitlines()) == 7
    assert len(to_csv(log, Level.INSTANCE).splitlines()) == 13
    assert "9991,TRUST,Hand^Peter,19570312," in to_csv(log, Level.PATIENT)


def test_a_look_up_goes_through_no_table_from_end_to_end(log: PseudonymLog) -> None:
    log.record(log.begin_run(POLICY), [link(number) for number in range(50)])
    asked: list[str] = []
    log.connection.set_trace_callback(asked.append)
    assert find(log, link().pseudonym.name)
    log.connection.set_trace_callback(None)
    plans = [row[3] for query in asked for row in log.connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert len(asked) == 4
    assert any(plan.startswith("SEARCH exports USING PRIMARY KEY") for plan in plans)
    assert not [plan for plan in plans if plan.startswith("SCAN")]


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), ("+44", "'+44"), ("-x", "'-x"), ("@SUM", "'@SUM"), (" =1", "' =1"), ("\t=", "'\t="),
     ("O'Neil", "O'Neil"), (-12, "-12"), (None, ""), ("1.2.3", "1.2.3")],
)  # fmt: skip
def test_no_cell_is_a_formula(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


def test_an_audit_line_says_who_when_what_why_and_whether_found_and_stays(
    log: PseudonymLog, path: Path
) -> None:
    log.audit("look up", [("2.25.1", True), ("2.25.2", False)], "the patient withdrew")
    lines = sqlite3.connect(path).execute("SELECT at, who, action, what, reason, found FROM audit").fetchall()
    assert [line[1:] for line in lines] == [
        (os_user(), "look up", "2.25.1", "the patient withdrew", 1),
        (os_user(), "look up", "2.25.2", "the patient withdrew", 0),
    ]
    assert lines[0][0].endswith("+00:00")
    for statement in ("DELETE FROM audit", "UPDATE audit SET reason = 'none'"):
        with pytest.raises(sqlite3.IntegrityError, match="audit lines stay"):
            log.connection.execute(statement)


def test_what_fails_half_way_leaves_nothing(log: PseudonymLog, path: Path) -> None:
    def links() -> Iterator[Link]:
        yield link()
        raise ValueError("broken off")

    run = log.begin_run(POLICY)
    with pytest.raises(ValueError, match="broken off"):
        log.record(run, links())
    assert counts(path)["instances"] == 0
    assert log.record(run, [link()]) == (None,)


def _record_many(path: Path, first: int) -> None:
    with PseudonymLog.open(path, KEY) as log:
        run = log.begin_run(POLICY)
        for number in range(first, first + 40):
            assert log.record(run, [link(number), link(number + 1)]) == (None, None)
        log.end_run(run, written=40, held=0)


#: By the path of this file, as a test module has no name that another process could import it by.
OTHER_PROCESS = """
import pathlib, runpy, sys
here, log, first = sys.argv[1:]
runpy.run_path(here)["_record_many"](pathlib.Path(log), int(first))
"""


@pytest.mark.parametrize("made_before", [True, False])
def test_two_processes_may_make_and_fill_one_log_at_once(path: Path, made_before: bool) -> None:
    if made_before:
        PseudonymLog.open(path, KEY).close()
    processes = [
        subprocess.Popen([sys.executable, "-c", OTHER_PROCESS, __file__, str(path), str(first)])
        for first in (0, 20, 40)
    ]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    assert counts(path) == {"patients": 1, "studies": 1, "series": 3, "instances": 81, "exports": 123,
                            "runs": 3, "audit": 0}  # fmt: skip
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_the_journal_for_network_folders_stays_chosen(path: Path) -> None:
    PseudonymLog.open(path, journal=Journal.DELETE).close()
    with PseudonymLog.open(path) as log:
        assert log.connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert log.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    with PseudonymLog.open(path.with_name("local")) as log:
        assert log.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def _private(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


@pytest.mark.parametrize("content", [b"", b"no database at all, however long it may be" * 99])
def test_a_file_that_is_no_log_is_refused(path: Path, content: bytes) -> None:
    _private(path, content)
    with pytest.raises(PseudonymLogError, match="this is no pseudonym log"):
        PseudonymLog.open(path)
    assert path.read_bytes() == content


def test_another_database_is_refused(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE patients (id)")
    connection.commit()
    connection.close()
    path.chmod(0o600)
    with pytest.raises(PseudonymLogError, match="this is no pseudonym log"):
        PseudonymLog.open(path)


def test_a_log_of_a_later_program_is_refused(path: Path) -> None:
    PseudonymLog.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=2")
    connection.close()
    with pytest.raises(PseudonymLogError, match="of version 2, and this program reads version 1"):
        PseudonymLog.open(path)


def test_a_damaged_log_is_told_without_a_trace_of_sqlite(path: Path) -> None:
    with PseudonymLog.open(path, KEY, journal=Journal.DELETE) as log:
        log.record(log.begin_run(POLICY), [link(number) for number in range(200)])
    content = bytearray(path.read_bytes())
    content[8192 : len(content) // 2] = b"\xa5" * (len(content) // 2 - 8192)
    path.write_bytes(content)
    with pytest.raises(PseudonymLogError, match="damaged; put back a copy"):
        PseudonymLog.open(path, KEY)


def test_a_log_that_is_locked_is_told(path: Path, log: PseudonymLog) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    log.connection.execute("PRAGMA busy_timeout=1")
    with pytest.raises(PseudonymLogError, match="another process kept it locked"):
        log.begin_run(POLICY)
    other.close()


def test_a_log_that_is_not_there_is_not_made_by_who_reads_it(path: Path) -> None:
    with pytest.raises(PseudonymLogError, match="there is no pseudonym log"):
        PseudonymLog.open(path, make=False)
    assert not path.exists()


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(PseudonymLogError, match="cannot be made there: No such file"):
        PseudonymLog.open(tmp_path / "none" / "log")


def test_what_no_text_can_hold_is_a_reason_to_hold_back(log: PseudonymLog) -> None:
    refused, recorded = log.record(log.begin_run(POLICY), [replace(link(), name="\ud800"), link()])
    assert refused is not None
    assert "what is no character" in refused
    assert recorded is None


BROKEN_OFF = OTHER_PROCESS.replace("_record_many", "_record_and_die")


def _record_and_die(path: Path, first: int) -> None:
    log = PseudonymLog.open(path, KEY)
    log.record(log.begin_run(POLICY), [link(first)])
    os._exit(9)


@pytest.mark.parametrize("journal", Journal)
def test_what_was_recorded_outlives_a_killed_process(path: Path, journal: Journal) -> None:
    PseudonymLog.open(path, KEY, journal=journal).close()
    for first in (1, 2):
        assert subprocess.call([sys.executable, "-c", BROKEN_OFF, __file__, str(path), str(first)]) == 9
    with PseudonymLog.open(path, KEY) as log:
        assert len(find(log, link(1).instance.new)) == len(find(log, link(2).instance.new)) == 1
    assert counts(path)["instances"] == 2


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a log of one file that holds its own key."""
    file = tmp_path_factory.mktemp("whole") / "log"
    with PseudonymLog.open(file, journal=Journal.DELETE) as log:
        ours = log.pseudonyms()
        log.record(log.begin_run(POLICY), [link(number, ours) for number in range(30)])
    return file


@settings(max_examples=100)
@given(position=st.integers(0, 1 << 20), junk=st.binary(min_size=1, max_size=40))
def test_a_damaged_log_is_told_or_does_its_work(whole: Path, position: int, junk: bytes) -> None:
    content = bytearray(whole.read_bytes())
    start = position % len(content)
    content[start : start + len(junk)] = junk[: len(content) - start]
    file = whole.with_name("damaged")
    _private(file, bytes(content))
    try:
        with PseudonymLog.open(file) as log:
            new = link(31, Pseudonyms(KEY))
            recorded = log.record(log.begin_run(POLICY), [new])
            known = find(log, new.instance.new)
    except PseudonymLogError as error:
        told = str(error)
        assert told.startswith(str(file))
        assert "sqlite" not in told.lower()
    else:
        assert recorded == (None,) or not known
    finally:
        for each in file.parent.glob("damaged*"):
            each.unlink()


def test_a_run_that_the_log_does_not_know_is_told(log: PseudonymLog) -> None:
    with pytest.raises(PseudonymLogError, match="run 7 was not begun in it, or the log is damaged"):
        log.record(7, [link(1)])
