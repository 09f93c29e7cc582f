"""``tce report``: the same result told in another format."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Kept, Tce


@pytest.mark.parametrize(
    ("wanted", "file"), [("html", "report.html"), ("json", "result.json"), ("junit", "junit.xml")]
)
def test_each_format_is_what_the_run_wrote(wanted: str, file: str, failed: Kept, tce: Tce) -> None:
    called = tce("report", failed.folder, "--format", wanted)
    assert called.status == 0
    assert called.out == (failed.folder / file).read_text(encoding="utf-8")


def test_html_is_the_format_where_none_is_named(failed: Kept, tce: Tce) -> None:
    assert tce("report", failed.folder).out.lower().startswith("<!doctype html>")


def test_an_unknown_format_is_one_for_the_argument_parser(failed: Kept, tce: Tce) -> None:
    assert tce("report", failed.folder, "--format", "pdf").status == 2


def test_a_result_of_another_version_is_told_with_what_to_do(failed: Kept, tce: Tce, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(failed.folder, tmp_path / "run"))
    document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    (folder / "result.json").write_text(json.dumps({**document, "schema": "0"}), encoding="utf-8")
    called = tce("report", folder)
    assert called.status == 5
    assert "is of version '0'" in called.err
