"""``tce deidentify`` as a user calls it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest
import typer
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from typer.testing import CliRunner

from tce_harness.cli.deidentify import STATEMENT, deidentify
from tce_harness.deidentify import Pseudonyms
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import Manifest, read_manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.objects.pruning import prune
from tce_harness.standard import codes

app = typer.Typer()
app.command()(deidentify)
KEY = b"a key of more than sixteen bytes"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    shutil.copyfile(str(get_testdata_file("CT_small.dcm")), folder / "a.dcm")
    shutil.copyfile(str(get_testdata_file("MR_small.dcm")), folder / "deep" / "b.dcm")
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "secret.key"
    file.write_bytes(KEY)
    return file


def call(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def plain(output: str) -> str:
    """Undo the frame and the line breaks that typer draws errors with."""
    return " ".join(output.replace("\u2502", " ").split())


def test_every_instance_is_written_under_its_new_uids(source: Path, tmp_path: Path) -> None:
    status, output = call(source, tmp_path / "out")
    assert status == 0, output
    written = sorted((tmp_path / "out").rglob("*.dcm"))
    assert len(written) == 2
    for path in written:
        dataset = read_instance(path)
        assert path.stem == dataset.SOPInstanceUID
        assert path.parent.name == dataset.SeriesInstanceUID
        assert path.parent.parent.name == dataset.StudyInstanceUID
        assert dataset.PatientIdentityRemoved == "YES"
    assert output.endswith(f"{STATEMENT}\n")


def test_a_single_file_will_do(source: Path, tmp_path: Path) -> None:
    status, output = call(source / "a.dcm", tmp_path / "out")
    assert status == 0, output
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 1


def test_the_same_key_gives_the_same_files(source: Path, tmp_path: Path, key: Path) -> None:
    for name in ("one", "two"):
        assert call(source, tmp_path / name, "--key", key)[0] == 0
    assert call(source, tmp_path / "three")[0] == 0
    one, two, three = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.dcm")}
        for name in ("one", "two", "three")
    )
    assert one == two
    assert not set(one) & set(three)


def test_what_is_held_back_is_listed_and_copied_beside_its_reason(source: Path, tmp_path: Path) -> None:
    shutil.copyfile(str(get_testdata_file("SC_rgb_small_odd.dcm")), source / "screen.dcm")
    (source / "notes.txt").write_text("no instance", encoding="utf-8")
    status, output = call(source, tmp_path / "out", "--quarantine", tmp_path / "held", "--json")
    assert status == 4
    document = json.loads(output)
    assert (document["files"], document["written"]) == (4, 2)
    assert [held["file"] for held in document["quarantined"]] == ["notes.txt", "screen.dcm"]
    assert "not a DICOM file" in document["quarantined"][0]["reason"]
    assert "commonly shows text" in document["quarantined"][1]["reason"]
    listed = json.loads((tmp_path / "held" / "quarantine.json").read_text(encoding="utf-8"))
    assert listed["quarantined"] == document["quarantined"]
    copied = tmp_path / "held" / "originals" / "screen.dcm"
    assert copied.read_bytes() == (source / "screen.dcm").read_bytes()


def test_without_a_quarantine_folder_originals_are_only_reported(source: Path, tmp_path: Path) -> None:
    shutil.copyfile(str(get_testdata_file("SC_rgb_small_odd.dcm")), source / "screen.dcm")
    status, output = call(source, tmp_path / "out")
    assert status == 4
    assert "held back screen.dcm: Multi-frame" in output or "held back screen.dcm: Secondary" in output
    assert "3 files: 2 written, 0 duplicates of written ones, 1 held back" in output
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 2


def test_a_copy_of_an_instance_is_a_duplicate_and_a_changed_one_is_held_back(
    source: Path, tmp_path: Path
) -> None:
    shutil.copyfile(source / "a.dcm", source / "copy.dcm")
    changed = read_instance(source / "a.dcm")
    changed.SeriesNumber = 77
    changed.save_as(source / "z.dcm")
    status, output = call(source, tmp_path / "out")
    assert status == 4
    assert "4 files: 2 written, 1 duplicates of written ones, 1 held back" in output
    assert "held back z.dcm: another file has the same SOP Instance UID and other content" in output


def test_a_folder_that_is_not_empty_is_refused(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "something").write_text("here", encoding="utf-8")
    status, output = call(source, out)
    assert status == 2
    assert "not an empty folder" in plain(output)
    assert not list(out.rglob("*.dcm"))


@pytest.mark.parametrize("place", ["in/out", "out/held"])
def test_folders_that_would_mix_originals_and_outputs_are_refused(
    source: Path, tmp_path: Path, place: str
) -> None:
    out = tmp_path / place if place.startswith("in/") else tmp_path / "out"
    status, output = call(source, out, "--quarantine", tmp_path / place)
    assert status == 2
    assert "lies in" in plain(output)


def test_a_policy_that_does_not_exist_is_refused_with_the_near_match(source: Path, tmp_path: Path) -> None:
    status, output = call(source, tmp_path / "out", "--policy", "basics")
    assert status == 5
    assert "did you mean basic?" in output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o600, False)])
def test_a_key_that_others_may_read_is_a_warning(
    source: Path, tmp_path: Path, key: Path, mode: int, warned: bool
) -> None:
    key.chmod(mode)
    output = plain(call(source, tmp_path / "out", "--key", key)[1])
    assert ("warning: others may read the key" in output) is warned


def test_a_key_that_is_too_short_is_refused(source: Path, tmp_path: Path, key: Path) -> None:
    key.write_bytes(b"short")
    status, output = call(source, tmp_path / "out", "--key", key)
    assert status == 5
    assert "at least 16" in output


def test_the_log_of_an_output_is_complete_and_a_second_run_agrees(
    source: Path, tmp_path: Path, key: Path
) -> None:
    log = tmp_path / "made.log"
    for name in ("one", "two"):
        status, output = call(source, tmp_path / name, "--log", log, "--key", key)
        assert status == 0, output
    assert f"what was replaced is kept in {log}, which is personal data" in plain(output)
    connection = sqlite3.connect(log)
    new = {row[0] for row in connection.execute("SELECT new FROM instances")}
    runs = connection.execute("SELECT policy, finished IS NOT NULL, written, held FROM runs").fetchall()
    digests = {row[0] for row in connection.execute("SELECT file_digest FROM exports")}
    connection.close()
    assert new == {path.stem for path in (tmp_path / "two").rglob("*.dcm")}
    assert runs == [("basic", 1, 2, 0)] * 2
    assert digests == {Pseudonyms(KEY).file_digest(path.read_bytes()) for path in source.rglob("*.dcm")}


def test_a_log_without_key_file_says_that_it_is_the_key(source: Path, tmp_path: Path) -> None:
    log = tmp_path / "made.log"
    outputs = [call(source, tmp_path / name, "--log", log) for name in ("one", "two")]
    assert [status for status, _ in outputs] == [0, 0]
    assert "whoever has the file can repeat every pseudonym" in plain(outputs[0][1])
    one, two = (sorted(path.name for path in (tmp_path / name).rglob("*.dcm")) for name in ("one", "two"))
    assert one == two


def test_a_key_that_is_not_the_logs_writes_nothing(source: Path, tmp_path: Path, key: Path) -> None:
    call(source, tmp_path / "one", "--log", tmp_path / "made.log")
    status, output = call(source, tmp_path / "two", "--log", tmp_path / "made.log", "--key", key)
    assert status == 5
    assert "not the key of the log" in plain(output)
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize("place", ["in/made.log", "out/made.log"])
def test_a_log_among_instances_is_refused(source: Path, tmp_path: Path, place: str) -> None:
    status, output = call(source, tmp_path / "out", "--log", tmp_path / place)
    assert status == 2
    assert "it lies in" in plain(output)


def test_recipients_get_outputs_that_cannot_be_joined(source: Path, tmp_path: Path, key: Path) -> None:
    for name in ("north", "south"):
        assert call(source, tmp_path / name, "--key", key, "--recipient", name)[0] == 0
    north, south = ({path.stem for path in (tmp_path / name).rglob("*.dcm")} for name in ("north", "south"))
    assert not north & south
    status, output = call(source, tmp_path / "other", "--recipient", "north")
    assert status == 2
    assert "needs --key or --log" in plain(output)


def test_listed_patients_get_their_subject_ids_and_others_are_held_back(source: Path, tmp_path: Path) -> None:
    subjects = tmp_path / "subjects.csv"
    subjects.write_text("patient_id,subject_id\n1CT1,S-01\n", encoding="utf-8")
    status, output = call(source, tmp_path / "out", "--subjects", subjects)
    assert status == 4
    assert "held back deep/b.dcm: the patient is not in the list of subjects" in output
    (written,) = (tmp_path / "out").rglob("*.dcm")
    dataset = read_instance(written)
    assert (dataset.PatientID, dataset.PatientName) == ("S-01", "S-01")
    subjects.write_text("patient,subject_id\n1CT1,S-01\n", encoding="utf-8")
    status, output = call(source, tmp_path / "two", "--subjects", subjects)
    assert status == 5
    assert f"{subjects}:1:1: column 1 is unknown" in output


def manifest_of(listed: list[FileDataset]) -> Dataset:
    numbers = count(1)
    (manifest,) = build_manifests(
        Manifest(title=codes.TEACHING_FILE_EXPORT.iheradtf, references=tuple(map(reference_to, listed))),
        listed,
        uids=lambda: f"1.2.3.{next(numbers)}",
        content_datetime=datetime(2024, 3, 1),
        series_number=8,
    )
    return manifest


@pytest.fixture
def pair(source: Path) -> list[FileDataset]:
    """Two images of one study, and a manifest that lists both."""
    listed = [read_instance(source / name) for name in ("a.dcm", "deep/b.dcm")]
    for keyword in ("StudyInstanceUID", "PatientID", "PatientName"):
        listed[1][keyword] = listed[0][keyword]
    listed[1].save_as(source / "deep" / "b.dcm")
    (source / "0-manifest.dcm").write_bytes(encode_instance(manifest_of(listed)))
    return listed


def listed_in(out: Path) -> tuple[str, ...]:
    selections = (read_instance(path) for path in out.rglob("*.dcm"))
    (selection,) = (each for each in selections if each.Modality == "KO")
    return read_manifest(selection).listed


@pytest.mark.parametrize("fault", ["cut short", "missing", "not decodable"])
def test_a_manifest_does_not_list_what_could_not_be_read_or_was_never_there(
    source: Path, tmp_path: Path, pair: list[FileDataset], fault: str
) -> None:
    second = source / "deep" / "b.dcm"
    content = second.read_bytes()
    if fault == "missing":
        second.unlink()
    else:
        second.write_bytes(content[:-40] if fault == "cut short" else content[:400] + b"\xff" * 400)
    status, output = call(source, tmp_path / "out")
    assert status == (0 if fault == "missing" else 4), output
    assert "manifest 0-manifest.dcm lists 1 of 2 instances: 1 were not written" in output
    (reference,) = listed_in(tmp_path / "out")
    assert len(list((tmp_path / "out").rglob(f"{reference}.dcm"))) == 1
    (source / "a.dcm").unlink()
    second.unlink(missing_ok=True)
    status, output = call(source, tmp_path / "none")
    assert status == 4
    assert "held back 0-manifest.dcm: 2 of 2 instances that it lists were not written" in output


def test_what_an_earlier_run_of_the_log_handed_out_may_be_listed_to_the_same_recipient(
    source: Path, tmp_path: Path, pair: list[FileDataset]
) -> None:
    log = ("--log", tmp_path / "log")
    later = tmp_path / "later"
    later.mkdir()
    (source / "0-manifest.dcm").rename(later / "0-manifest.dcm")
    assert call(source, tmp_path / "one", *log)[0] == 0
    assert call(later, tmp_path / "two", *log)[0] == 0
    assert set(listed_in(tmp_path / "two")) == {path.stem for path in (tmp_path / "one").rglob("*.dcm")}
    assert call(later, tmp_path / "three", *log, "--recipient", "another")[0] == 4


def test_a_manifest_lists_exactly_what_was_written(source: Path, tmp_path: Path) -> None:
    screen = source / "screen.dcm"
    shutil.copyfile(str(get_testdata_file("SC_rgb_small_odd.dcm")), screen)
    listed = [read_instance(source / name) for name in ("a.dcm", "screen.dcm")]
    for keyword in ("StudyInstanceUID", "PatientID", "PatientName"):
        listed[1][keyword] = listed[0][keyword]
    listed[1].save_as(screen)
    manifest = manifest_of(listed)
    (source / "0-manifest.dcm").write_bytes(encode_instance(manifest))
    status, output = call(source, tmp_path / "out")
    assert status == 4
    assert "manifest 0-manifest.dcm lists 1 of 2 instances: 1 were not written" in output
    written = {path.stem: read_instance(path) for path in (tmp_path / "out").rglob("*.dcm")}
    (selection,) = (each for each in written.values() if each.Modality == "KO")
    (reference,) = read_manifest(selection).listed
    assert written[reference].Modality == "CT"
    (source / "a.dcm").unlink()
    (source / "deep" / "b.dcm").unlink()
    screen_only = prune(manifest, {str(listed[1].SOPInstanceUID)})
    assert screen_only is not None
    (source / "0-manifest.dcm").write_bytes(encode_instance(screen_only))
    status, output = call(source, tmp_path / "none")
    assert status == 4
    assert "held back 0-manifest.dcm: 1 of 1 instances that it lists were not written, all" in output
    assert not list((tmp_path / "none").rglob("*.dcm"))


def test_help_shows_an_example() -> None:
    assert "tce deidentify export/ clean/" in plain(call("--help")[1])


def test_options_are_added_and_what_was_done_is_told(source: Path, tmp_path: Path, key: Path) -> None:
    dataset = read_instance(source / "a.dcm")
    dataset.StudyDate, dataset.PatientIdentityRemoved = "about 1985", "YES"
    dataset.save_as(source / "a.dcm")
    status, output = call(
        source, tmp_path / "out", "--key", key, "--option", "modified-dates", "--option", "113109"
    )
    assert status == 0, output
    assert "113100, 113104, 113107, 113109" in output
    assert "1 times: date or time that cannot be moved, handled as the profile says" in output
    assert "1 times: instance that says it is de-identified already, de-identified again" in output
    assert "about 1985" not in output
    written = [read_instance(path) for path in (tmp_path / "out").rglob("*.dcm")]
    assert {dataset.LongitudinalTemporalInformationModified for dataset in written} == {"MODIFIED"}


def test_options_that_contradict_each_other_are_refused(source: Path, tmp_path: Path) -> None:
    status, output = call(source, tmp_path / "out", "--option", "full-dates", "--option", "modified-dates")
    assert status == 5
    assert "claim one of them" in output
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="names are bytes there")
@pytest.mark.parametrize("as_json", [True, False])
def test_a_held_file_with_a_name_that_is_no_utf_8_is_listed(
    source: Path, tmp_path: Path, as_json: bool
) -> None:
    Path(os.fsdecode(os.fsencode(source) + b"/b\xffname.dcm")).write_bytes(b"junk")
    options = ["--json"] if as_json else []
    status, output = call(source, tmp_path / "out", "--quarantine", tmp_path / "held", *options)
    assert status == 4, output
    listed = json.loads((tmp_path / "held" / "quarantine.json").read_text(encoding="utf-8"))
    assert [each["file"] for each in listed["quarantined"]] == ["b\\xffname.dcm"]
    assert "name.dcm" in output
    assert (tmp_path / "held" / "originals" / os.fsdecode(b"b\xffname.dcm")).read_bytes() == b"junk"


@pytest.mark.skipif(os.name != "posix", reason="no such names there")
def test_a_name_of_two_lines_is_told_in_one(source: Path, tmp_path: Path) -> None:
    (source / "x\nheld back y").write_bytes(b"junk")
    assert "held back x\\nheld back y: x\\nheld back y is not" in call(source, tmp_path / "out")[1]


@pytest.mark.skipif(os.name != "posix", reason="links and pipes are made otherwise")
def test_every_entry_of_the_input_is_accounted_for(source: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (source / "a.dcm").rename(tmp_path / "other" / "a.dcm")
    (source / "link").symlink_to(tmp_path / "other")
    (source / "broken").symlink_to(tmp_path / "nowhere")
    os.mkfifo(source / "pipe")
    (source / "loop").symlink_to(source)
    status, output = call(source, tmp_path / "out", "--quarantine", tmp_path / "held", "--json")
    told = json.loads(output)
    assert (status, told["files"], told["written"]) == (4, 5, 2)
    assert sorted(each["file"] for each in told["quarantined"]) == ["broken", "loop", "pipe"]


@pytest.mark.parametrize("options", [("OUT",), ("out", "--quarantine", "OUT")])
def test_a_folder_that_cannot_be_made_is_one_line(
    source: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    given = [
        tmp_path / "file" / "x" if each == "OUT" else each if each[0] == "-" else tmp_path / each
        for each in options
    ]
    status, output = call(source, *given)
    assert status == 5
    assert output.strip() == f"{tmp_path / 'file' / 'x'} cannot be made: Not a directory; name another folder"


@pytest.mark.skipif(os.name != "posix", reason="there are no mode bits")
def test_what_is_held_is_for_its_owner_alone(source: Path, tmp_path: Path) -> None:
    (source / "junk").write_bytes(b"junk")
    assert call(source, tmp_path / "out", "--quarantine", tmp_path / "held")[0] == 4
    for folder in (tmp_path / "held", tmp_path / "held" / "originals"):
        assert folder.stat().st_mode & 0o077 == 0
