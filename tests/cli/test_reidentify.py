"""``tce reidentify`` by the pseudonym log, as a user calls it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom.data import get_testdata_file

from tce_harness.objects.instance import encode_instance, read_instance

if TYPE_CHECKING:
    from tests.cli.conftest import Tce
    from tests.conftest import Holder

KEY = b"a key of more than sixteen bytes"
WHY = ("--reason", "incidental finding, case 7")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "secret.key"
    file.write_bytes(KEY)
    return file


@pytest.fixture
def log(tmp_path: Path, key: Path, tce: Tce) -> Path:
    """Return the log of a CT and an MR that were de-identified into ``out``."""
    source = tmp_path / "in"
    source.mkdir()
    for name in ("CT_small.dcm", "MR_small.dcm"):
        shutil.copyfile(str(get_testdata_file(name)), source / name)
    called = tce("deidentify", source, tmp_path / "out", "--key", key, "--log", tmp_path / "made.log")
    assert called.status == 0, called.err
    return tmp_path / "made.log"


def written(tmp_path: Path, name: str = "CT") -> Path:
    for path in (tmp_path / "out").rglob("*.dcm"):
        if read_instance(path).Modality == name:
            return path
    raise AssertionError(name)


def audit(log: Path) -> list[tuple[str, str, str, int]]:
    connection = sqlite3.connect(log)
    lines = connection.execute("SELECT action, what, reason, found FROM audit").fetchall()
    connection.close()
    return lines


def test_a_new_uid_leads_to_patient_and_original(log: Path, tmp_path: Path, key: Path, tce: Tce) -> None:
    original = read_instance(Path(str(get_testdata_file("CT_small.dcm"))))
    called = tce("reidentify", log, written(tmp_path).stem, "--key", key, *WHY)
    assert called.status == 0, called.err
    for expected in (
        "CompressedSamples^CT1, 1CT1",
        original.SOPInstanceUID,
        original.StudyInstanceUID,
        "basic 2026d",
    ):
        assert str(expected) in called.out
    assert "This is patient data. The look-up is recorded in the log." in called.out
    assert audit(log) == [("look up", written(tmp_path).stem, "incidental finding, case 7", 1)]


def test_pseudonyms_files_and_folders_lead_back_too(log: Path, tmp_path: Path, key: Path, tce: Tce) -> None:
    file = written(tmp_path, "MR")
    pseudonym = str(read_instance(file).PatientID)
    called = tce("reidentify", log, pseudonym, file, tmp_path / "out", "--key", key, "--json", *WHY)
    assert called.status == 0, called.err
    patient, instance, *folder = json.loads(called.out)["answers"]
    assert patient["found"][0]["patient_id"] == "4MR1"
    assert "original_study" not in patient["found"][0]
    assert instance["found"][0]["level"] == "instance"
    assert (
        instance["found"][0]["original_instance"]
        == read_instance(Path(str(get_testdata_file("MR_small.dcm")))).SOPInstanceUID
    )
    assert len(folder) == 2
    assert len(audit(log)) == 4


def test_the_shift_of_dates_is_told(tmp_path: Path, key: Path, tce: Tce) -> None:
    log, source = tmp_path / "moved.log", get_testdata_file("CT_small.dcm")
    used = ("--key", key, "--log", log, "--option", "modified-dates")
    assert tce("deidentify", source, tmp_path / "out", *used).status == 0
    asked = ("reidentify", log, written(tmp_path).stem, "--key", key, *WHY)
    called = tce(*asked)
    (answer,) = json.loads(tce(*asked, "--json").out)["answers"]
    days = timedelta(seconds=answer["found"][0]["date_shift_seconds"])
    assert days < timedelta(0)
    assert f"dates      moved by {days}\n" in called.out


def test_what_the_log_does_not_know_is_told_and_recorded(
    log: Path, key: Path, tce: Tce, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no instance", encoding="utf-8")
    called = tce(
        "reidentify",
        log,
        "2.25.1",
        tmp_path / "notes.txt",
        get_testdata_file("CT_small.dcm"),
        "--key",
        key,
        *WHY,
    )
    assert called.status == 4
    assert "2.25.1: not found: the log knows no such UID or pseudonym" in called.out
    assert "notes.txt: not found: notes.txt is not a DICOM file" in called.out
    assert "the log knows neither its UIDs nor its patient" in called.out
    assert [found for *_, found in audit(log)] == [0, 0, 0]


def test_nothing_is_told_that_cannot_be_recorded(log: Path, key: Path, tce: Tce, tmp_path: Path) -> None:
    connection = sqlite3.connect(log)
    connection.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END")
    connection.commit()
    connection.close()
    called = tce("reidentify", log, written(tmp_path).stem, "--key", key, *WHY)
    assert (called.status, called.out) == (5, "")
    assert "nothing of this step was recorded" in called.err
    called = tce("reidentify", log, "--export", tmp_path / "list.csv", "--key", key, *WHY)
    assert called.status == 5
    assert not (tmp_path / "list.csv").exists()


def test_the_reason_must_be_told(log: Path, key: Path, tce: Tce) -> None:
    for arguments in ((), ("--reason", "  ")):
        called = tce("reidentify", log, "2.25.1", "--key", key, *arguments)
        assert called.status == 2
        assert "recorded in the log" in called.err
    assert audit(log) == []


@pytest.mark.parametrize("arguments", [(), ("2.25.1", "--export", "list.csv")])
def test_either_something_to_look_up_or_an_export_is_needed(
    log: Path, key: Path, tce: Tce, arguments: tuple[str, ...]
) -> None:
    called = tce("reidentify", log, *arguments, "--key", key, *WHY)
    assert called.status == 2


def test_a_wrong_key_tells_nothing(log: Path, key: Path, tce: Tce, tmp_path: Path) -> None:
    key.write_bytes(KEY + b"!")
    called = tce("reidentify", log, written(tmp_path).stem, "--key", key, *WHY)
    assert (called.status, called.out) == (5, "")
    assert "not the key of the log" in called.err
    called = tce("reidentify", log, written(tmp_path).stem, *WHY)
    assert (called.status, called.out) == (5, "")
    assert "made with a key file" in called.err


def test_the_list_of_studies_is_a_new_file_of_its_owner(
    log: Path, key: Path, tce: Tce, tmp_path: Path
) -> None:
    file = tmp_path / "list.csv"
    called = tce("reidentify", log, "--export", file, "--key", key, *WHY)
    assert called.status == 0, called.err
    assert f"2 lines written to {file}" in called.out
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    listed = {line.split(",")[1] for line in file.read_text(encoding="utf-8").splitlines()[1:]}
    assert listed == {path.name for path in (tmp_path / "out").iterdir()}
    assert audit(log)[0][0] == "export"
    called = tce("reidentify", log, "--export", file, "--key", key, *WHY)
    assert called.status == 5
    assert "exists; name a new file" in called.err


def test_a_log_that_is_not_there_is_told(tmp_path: Path, tce: Tce) -> None:
    called = tce("reidentify", tmp_path / "none.log", "2.25.1", *WHY)
    assert called.status == 5
    assert "there is no pseudonym log" in called.err


@pytest.fixture
def protected(tmp_path: Path, holder: Holder, tce: Tce) -> Path:
    """Return a folder whose instances can be restored, twice among them."""
    source = tmp_path / "originals"
    source.mkdir()
    for name, copy in (("CT_small.dcm", "a.dcm"), ("MR_small.dcm", "b.dcm"), ("CT_small.dcm", "c.dcm")):
        shutil.copyfile(str(get_testdata_file(name)), source / copy)
    certificate = holder.write_certificate(tmp_path / "certificate.pem")
    called = tce("deidentify", source, tmp_path / "clean", "--certificate", certificate)
    assert called.status == 0, called.err
    assert "the holders of 1 private keys can restore them" in called.out
    assert "3 files: 2 written, 1 duplicates" in called.out
    return tmp_path / "clean"


def test_the_holder_of_the_private_key_restores_originals(
    protected: Path, tmp_path: Path, holder: Holder, tce: Tce
) -> None:
    password = tmp_path / "password"
    password.write_bytes(b"secret\r\n")
    key = holder.write_key(tmp_path / "private.pem", b"secret")
    back = tmp_path / "back"
    called = tce(
        "reidentify", protected, "--private-key", key, "--password-file", password, "--out", back, "--json"
    )
    assert called.status == 0, called.err
    assert len(json.loads(called.out)["restored"]) == 2
    if os.name == "posix":
        assert stat.S_IMODE(back.stat().st_mode) == 0o700
    for name in ("CT_small.dcm", "MR_small.dcm"):
        original = read_instance(Path(str(get_testdata_file(name))))
        (file,) = back.rglob(f"{original.SOPInstanceUID}.dcm")
        restored = read_instance(file)
        assert file.parent.parent.name == original.StudyInstanceUID
        assert (restored.PatientName, restored.PatientID) == (original.PatientName, original.PatientID)
        assert restored.PatientIdentityRemoved == "NO"


def test_what_cannot_be_restored_is_told(
    protected: Path, tmp_path: Path, other_holder: Holder, tce: Tce
) -> None:
    key = other_holder.write_key(tmp_path / "private.pem")
    (protected / "notes.txt").write_text("no instance", encoding="utf-8")
    called = tce("reidentify", protected, "--private-key", key, "--out", tmp_path / "back")
    assert called.status == 4
    assert called.out.count("not restored: the private key opens none of the envelopes") == 2
    assert "notes.txt: not restored: notes.txt is not a DICOM file" in called.out
    assert "0 files restored" in called.out


def test_restoring_is_recorded_where_a_log_is_named(
    log: Path, key: Path, protected: Path, tmp_path: Path, holder: Holder, tce: Tce
) -> None:
    private = holder.write_key(tmp_path / "private.pem")
    arguments = ("reidentify", protected, "--private-key", private, "--out", tmp_path / "back", "--log", log)
    assert tce(*arguments, "--key", key).status == 2
    assert not (tmp_path / "back").exists()
    assert tce(*arguments, "--key", key, *WHY).status == 0
    assert audit(log) == [("restore", f"{protected} into {tmp_path / 'back'}", WHY[1], 1)]


def test_mistakes_with_a_private_key_are_told(
    protected: Path, tmp_path: Path, holder: Holder, tce: Tce
) -> None:
    key = holder.write_key(tmp_path / "private.pem", b"secret")
    for arguments, status, told in (
        ((protected,), 2, "--out DIR"),
        ((protected, "--out", tmp_path / "back"), 5, "it needs its password"),
        ((protected, "--out", protected / "back"), 2, "originals would be given away"),
        ((protected, "--out", protected), 2, "not an empty folder"),
        ((tmp_path / "none", "--out", tmp_path / "back"), 2, "does not exist"),
    ):
        called = tce("reidentify", *arguments, "--private-key", key)
        assert called.status == status
        assert told in called.err
    assert tce("reidentify", protected, "2.25.1", "--out", tmp_path / "back", *WHY).status == 2


def test_a_certificate_that_will_not_do_writes_nothing(tmp_path: Path, holder: Holder, tce: Tce) -> None:
    key = holder.write_key(tmp_path / "private.pem")
    called = tce("deidentify", get_testdata_file("CT_small.dcm"), tmp_path / "out", "--certificate", key)
    assert called.status == 5
    assert "this is a private key, which stays with the recipient" in called.err
    assert not (tmp_path / "out").exists()


def test_warnings_about_a_certificate_are_told(tmp_path: Path, other_holder: Holder, tce: Tce) -> None:
    certificate = other_holder.write_certificate(tmp_path / "certificate.pem")
    source = get_testdata_file("CT_small.dcm")
    arguments = ("--certificate", certificate, "--key-transport", "oaep")
    called = tce("deidentify", source, tmp_path / "out", *arguments)
    assert called.status == 0, called.err
    assert "RSA oaep" in called.out
    assert "warning: " in called.out
    assert "the name of the issuer stands readable" in called.out
    (file,) = (tmp_path / "out").rglob("*.dcm")
    key = other_holder.write_key(tmp_path / "private.pem")
    assert tce("reidentify", file, "--private-key", key, "--out", tmp_path / "back").status == 0


def test_what_does_not_travel_is_counted(tmp_path: Path, holder: Holder, tce: Tce) -> None:
    dataset = read_instance(Path(str(get_testdata_file("CT_small.dcm"))))
    dataset.private_block(0x0013, "ACME 1.0", create=True).add_new(1, "OB", bytes((1 << 20) + 2))
    (tmp_path / "long.dcm").write_bytes(encode_instance(dataset))
    certificate = holder.write_certificate(tmp_path / "certificate.pem")
    called = tce("deidentify", tmp_path / "long.dcm", tmp_path / "out", "--certificate", certificate)
    assert called.status == 0, called.err
    assert "1 attributes do not travel with their instances, as they are over 1 MiB" in called.out


def test_a_folder_for_what_is_restored_that_cannot_be_made_is_one_line(
    protected: Path, tmp_path: Path, holder: Holder, tce: Tce
) -> None:
    key = holder.write_key(tmp_path / "private.pem")
    (tmp_path / "file").write_bytes(b"")
    called = tce("reidentify", protected, "--private-key", key, "--out", tmp_path / "file" / "x")
    assert called.status == 5
    assert called.err.strip().endswith("x cannot be made: Not a directory; name another folder")


def test_the_words_that_were_dropped_are_in_the_log_and_nowhere_else(
    tmp_path: Path, key: Path, tce: Tce
) -> None:
    (tmp_path / "texts").mkdir()
    dataset = read_instance(Path(str(get_testdata_file("CT_small.dcm"))))
    dataset.StudyDescription = "lung of Zwiebelfisch, =Zwiebelfisch"
    for number in (1, 2):
        dataset.SOPInstanceUID = f"1.2.3.{number}"
        dataset.save_as(tmp_path / "texts" / str(number))
    log, file = tmp_path / "words.log", tmp_path / "words.csv"
    called = tce("deidentify", tmp_path / "texts", tmp_path / "clean", "--policy", "teaching-file",
                 "--log", log, "--key", key)  # fmt: skip
    assert called.status == 0, called.err
    assert "--level words' tells which ones" in called.out
    assert "Zwiebelfisch" not in called.out + called.err
    for path in (tmp_path / "clean").rglob("*.dcm"):
        assert b"Zwiebelfisch" not in path.read_bytes()
    called = tce("reidentify", log, "--export", file, "--level", "words", "--key", key, *WHY)
    assert called.status == 0, called.err
    listed = file.read_text(encoding="utf-8").splitlines()
    assert listed[0] == "element,word,count"
    assert '"(0008,1030)",Zwiebelfisch,4' in listed or '"(0008,1030)",zwiebelfisch,4' in listed
    assert audit(log)[-1][:2] == ("export", f"words {file}")
    without = tce("deidentify", tmp_path / "texts", tmp_path / "again", "--policy", "teaching-file")
    assert "--log FILE keeps which ones" in without.out


def test_a_log_without_dropped_words_lists_none(log: Path, key: Path, tce: Tce, tmp_path: Path) -> None:
    file = tmp_path / "words.csv"
    assert tce("reidentify", log, "--export", file, "--level", "words", "--key", key, *WHY).status == 0
    assert file.read_text(encoding="utf-8").splitlines() == ["element,word,count"]
