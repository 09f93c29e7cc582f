from __future__ import annotations

from dataclasses import replace

import pytest

from tce_harness.content import Content
from tce_harness.model.result import RunResult
from tce_harness.reports import from_json, repair_lines, to_html, to_json, to_junit
from tce_harness.reports.withhold import WITHHELD, withhold_quotes

QUOTED = "2.25.118733092210055120066437718290604603"


def test_synthetic_evidence_is_quoted(failing_run: RunResult) -> None:
    assert withhold_quotes(failing_run) is failing_run
    assert QUOTED in to_json(failing_run)


@pytest.mark.parametrize("form", ["html", "json", "junit", "text"])
def test_no_report_quotes_a_value_of_a_real_patient(
    real_patients_run: RunResult, content: Content, form: str
) -> None:
    reports = {
        "html": lambda: to_html(real_patients_run, content),
        "json": lambda: to_json(real_patients_run),
        "junit": lambda: to_junit(real_patients_run),
        "text": lambda: "\n".join(repair_lines(real_patients_run)),
    }
    report = reports[form]()
    assert QUOTED not in report
    assert WITHHELD in report


def test_a_finding_that_quotes_nothing_keeps_what_was_expected(real_patients_run: RunResult) -> None:
    assert "one item that names the manifest of the other study" in to_json(real_patients_run)


def test_withholding_twice_changes_nothing(real_patients_run: RunResult) -> None:
    once = withhold_quotes(real_patients_run)
    assert withhold_quotes(once) == once
    assert from_json(to_json(real_patients_run)) == once


def test_what_was_never_there_is_not_said_to_be_withheld(real_patients_run: RunResult) -> None:
    repair = real_patients_run.repairs[0]
    bare = replace(repair, finding=replace(repair.finding, expected=None))
    result = withhold_quotes(replace(real_patients_run, repairs=(bare,)))
    assert result.repairs[0].finding.expected is None
