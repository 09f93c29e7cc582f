"""``tce deidentify --preview``: a person looks, confirms, and only then anything is written."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from tce_harness.cli.deidentify import deidentify
from tce_harness.content import Content
from tce_harness.fixtures import find_recipe, synthesise
from tce_harness.objects.instance import encode_instance, read_instance

app = typer.Typer()
app.command()(deidentify)


def call(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, " ".join(result.output.replace("\u2502", " ").split())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a loop with a banner, two without, and two slices."""
    folder = tmp_path / "in"
    folder.mkdir()
    content = Content.with_overlays()
    for recipe in ("us-burned-in", "cr-hand"):
        study = synthesise(find_recipe(recipe, content), seed=3, block=1, name=recipe, instances=1)
        for number, instance in enumerate(study.instances):
            (folder / f"{recipe}-{number}.dcm").write_bytes(encode_instance(instance.dataset))
    return folder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "pseudonyms.log"


def rcr(source: Path, tmp_path: Path, log: Path, *more: str | Path) -> tuple[int, str]:
    return call(source, tmp_path / "out", "--policy", "rcr", "--log", log, *more)


def test_rcr_writes_nothing_before_anybody_said_something_of_a_look(
    source: Path, tmp_path: Path, log: Path
) -> None:
    status, output = rcr(source, tmp_path, log)
    assert status == 2
    assert "run with --preview DIR, look, then run again with --confirm FILE" in output
    assert "Invalid value" not in output
    assert not (tmp_path / "out").exists()


def test_a_preview_shows_before_and_after_and_holds_everything(
    source: Path, tmp_path: Path, log: Path
) -> None:
    sheets = tmp_path / "look"
    status, output = rcr(source, tmp_path, log, "--preview", sheets)
    assert status == 4, output
    assert not (tmp_path / "out").exists()
    pages = sorted(sheets.glob("*.png"))
    assert len(pages) == 2
    for page in pages:
        with Image.open(page) as picture:
            assert len(picture.convert("L").getcolors(256) or ()) > 20
    index = (sheets / "index.html").read_text()
    assert "Patient data" in index
    assert "text was removed from 3 frames, by the layout of fernhill-meridian-64" in index
    if os.name == "posix":
        assert sheets.stat().st_mode & 0o077 == 0
        assert all(file.stat().st_mode & 0o077 == 0 for file in sheets.iterdir())


def test_what_a_person_confirmed_is_written_and_the_rest_is_held(
    source: Path, tmp_path: Path, log: Path
) -> None:
    sheets = tmp_path / "look"
    rcr(source, tmp_path, log, "--preview", sheets)
    head, first, second = (sheets / "confirm.csv").read_text().split()
    confirmed = tmp_path / "seen.csv"
    confirmed.write_text(
        f"{head}\n{first}Dr Ada Quill,2026-11-22T13:00:00\n{second}\n".replace(",,Dr", ",Dr")
    )
    status, output = rcr(source, tmp_path, log, "--confirm", confirmed, "--json")
    assert status == 4
    told = json.loads(output)
    (written,) = (tmp_path / "out").rglob("*.dcm")
    assert [each["sop_instance_uid"] for each in told["preview"]["confirmed"]] == [written.stem]
    assert first.startswith(written.stem)
    assert told["preview"]["confirmed"][0]["confirmed_by"] == "Dr Ada Quill"
    assert "nobody has confirmed" in told["quarantined"][0]["reason"]
    with sqlite3.connect(log) as connection:
        rows = connection.execute("SELECT action, what, reason FROM audit").fetchall()
    assert rows == [("confirm pixels", written.stem, "looked at by Dr Ada Quill, 2026-11-22T13:00:00")]


def test_one_person_confirms_everything_that_was_shown(source: Path, tmp_path: Path, log: Path) -> None:
    sheets = tmp_path / "look"
    rcr(source, tmp_path, log, "--preview", sheets)
    status, output = rcr(source, tmp_path, log, "--preview", sheets, "--confirm-all", "Dr Ada Quill")
    assert status == 0, output
    written = [read_instance(path) for path in (tmp_path / "out").rglob("*.dcm")]
    assert {instance.BurnedInAnnotation for instance in written} == {"NO"}
    assert {len(instance.DeidentificationMethodCodeSequence) for instance in written} == {8}


def test_a_confirmation_counts_for_the_pixels_that_were_seen_alone(
    source: Path, tmp_path: Path, log: Path
) -> None:
    sheets = tmp_path / "look"
    rcr(source, tmp_path, log, "--preview", sheets)
    devices = tmp_path / "own" / "simulators" / "devices"
    devices.mkdir(parents=True)
    (devices / "fernhill-meridian-64.yaml").write_text(
        "device: fernhill-meridian-64\ntitle: t\nsource: s\nmanufacturer: Fernhill Imaging\nlayouts:\n"
        "  - {sop_class: UltrasoundMultiFrameImageStorage, rows: 96, columns: 192, keep: [[0, 40, 90, 40]]}\n"
    )
    own = ("--content", tmp_path / "own", "--preview", sheets, "--confirm-all", "Dr Ada Quill")
    status, output = rcr(source, tmp_path, log, *own)
    assert status == 4
    assert "its pixels are others than those that were confirmed" in output


def test_a_waiver_is_recorded(source: Path, tmp_path: Path, log: Path) -> None:
    status, output = rcr(source, tmp_path, log, "--waive-preview", "synthetic data")
    assert status == 0, output
    assert "nobody looked at the pixels: synthetic data" in output
    with sqlite3.connect(log) as connection:
        assert connection.execute("SELECT action, reason FROM audit").fetchall() == [
            ("waive preview", "synthetic data")
        ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--confirm-all", "Ada"], "name the folder of the preview that was looked at"),
        (["--waive-preview", "no", "--preview", "look"], "it contradicts --preview"),
        (["--preview", "out/look"], "it lies in OUT"),
        (["--preview", "in/look"], "it lies in IN"),
        (["--preview", "full"], "is not empty"),
        (["--preview", "none", "--confirm-all", "Ada"], "there is no list of an earlier preview"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    options: list[str], message: str, source: Path, tmp_path: Path, log: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("")
    folders = {"look", "out/look", "in/look", "full", "none"}
    placed = [tmp_path / each if each in folders else each for each in options]
    status, output = rcr(source, tmp_path, log, *placed)
    assert status in (2, 5)
    assert message in output


def test_a_preview_with_a_random_key_could_never_be_confirmed(source: Path, tmp_path: Path) -> None:
    status, output = call(source, tmp_path / "out", "--preview", tmp_path / "look")
    assert status == 2
    assert "it needs --key or --log" in output
