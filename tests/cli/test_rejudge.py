"""``tce rejudge``: verdicts again, held against those that were recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Kept, Tce


@pytest.fixture
def copy(failed: Kept, tmp_path: Path) -> Path:
    return Path(shutil.copytree(failed.folder, tmp_path / "run"))


def test_it_agrees_with_the_run_and_ends_as_the_run_did(failed: Kept, passed: Kept, tce: Tce) -> None:
    for kept in (failed, passed):
        called = tce("rejudge", kept.folder)
        assert called.status == kept.called.status
        assert called.out.endswith("evidence records, chain whole; as recorded\n")


def test_a_recorded_verdict_that_was_changed_is_told_and_fails(copy: Path, tce: Tce) -> None:
    document = json.loads((copy / "result.json").read_text(encoding="utf-8"))
    rule = next(each for each in document["cases"][0]["rules"] if each["verdict"] == "fail")
    rule["verdict"] = "pass"
    (copy / "result.json").write_text(json.dumps(document), encoding="utf-8")
    called = tce("rejudge", copy)
    assert called.status == 3
    assert f"EM-010/TCE001 {rule['step']} {rule['rule']}: was pass, is fail" in called.out
    assert "1 verdicts differ" in called.out


def test_evidence_that_was_altered_is_told_with_its_file(copy: Path, tce: Tce) -> None:
    instance = next((copy / "evidence" / "instances").iterdir())
    instance.write_bytes(instance.read_bytes() + b"\0")
    called = tce("rejudge", copy)
    assert called.status == 5
    assert called.err == f"{instance}: its bytes are not those that the evidence log names\n"


def test_a_log_that_lost_its_end_is_told(copy: Path, tce: Tce) -> None:
    log = copy / "evidence" / "log.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    called = tce("rejudge", copy)
    assert called.status == 3
    assert "the evidence is not the one that the result was made from" in called.out


def test_with_json_it_prints_the_new_result(failed: Kept, tce: Tce) -> None:
    called = tce("rejudge", failed.folder, "--json")
    assert called.out == (failed.folder / "result.json").read_text(encoding="utf-8")
