"""Verdicts again from evidence alone, which has to be whole."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tce_harness.engine import Library, differences, rejudge
from tce_harness.evidence.log import LOG_NAME
from tce_harness.model.errors import EvidenceError
from tce_harness.model.finding import Judgement
from tce_harness.model.verdict import Verdict

if TYPE_CHECKING:
    from tests.engine.conftest import Run


@pytest.fixture
def copy(leaky_run: Run, tmp_path: Path) -> Path:
    return Path(shutil.copytree(leaky_run.folder, tmp_path / "run"))


def test_an_altered_instance_is_noticed(copy: Path, library: Library) -> None:
    for path in sorted((copy / "evidence" / "instances").iterdir()):
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(EvidenceError, match=path.name):
            rejudge(copy, library)
        path.write_bytes(content)
    rejudge(copy, library)


def test_a_changed_line_of_the_log_is_noticed(copy: Path, library: Library) -> None:
    log = copy / "evidence" / LOG_NAME
    log.write_bytes(log.read_bytes().replace(b'"status":0', b'"status":1', 1))
    with pytest.raises(EvidenceError, match="the chain is broken"):
        rejudge(copy, library)


def test_a_log_that_lost_its_end_gives_another_head(leaky_run: Run, copy: Path, library: Library) -> None:
    log = copy / "evidence" / LOG_NAME
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    again = rejudge(copy, library)
    assert again.evidence_head != leaky_run.result.evidence_head


def test_a_rule_that_judges_otherwise_now_is_a_difference(leaky_run: Run, library: Library) -> None:
    lenient = replace(library.rules["deid/no-canary-survives"], judge=lambda case: Judgement(examined=1))
    changed = replace(library, rules={**library.rules, lenient.name: lenient})
    again = rejudge(leaky_run.folder, changed)
    told = [str(each) for each in differences(leaky_run.result, again)]
    assert "EM-010/TCE001 judged deid/no-canary-survives: was fail, is pass" in told
    assert again.cases[0].verdict is Verdict.FAIL


def test_a_requirement_that_is_new_is_a_difference(leaky_run: Run) -> None:
    fewer = replace(leaky_run.result, requirements=leaky_run.result.requirements[1:])
    (difference,) = differences(fewer, leaky_run.result)
    assert difference.before == "absent"
    assert difference.what == leaky_run.result.requirements[0].requirement.id


def test_a_folder_without_evidence_is_told(tmp_path: Path, library: Library) -> None:
    with pytest.raises(EvidenceError, match="name the folder that 'tce run' wrote"):
        rejudge(tmp_path, library)
