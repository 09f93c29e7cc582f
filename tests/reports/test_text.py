from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tce_harness.model.result import NOTHING_EXAMINED, PASS_MEANS, RunResult
from tce_harness.reports.text import repair_lines


def test_the_counts_have_denominators(failing_run: RunResult) -> None:
    lines = repair_lines(failing_run)
    assert lines[0] == "✕ fail: a required requirement failed (exit status 3)"
    assert lines[1].startswith("Of 13 requirements in 5 cases: 3 ✕ fail (1 roll-up), 1 ? inconclusive, ")
    assert lines[1].endswith("58 more are not testable yet.")


def test_the_first_repair_says_all_that_is_needed(failing_run: RunResult) -> None:
    text = "\n".join(repair_lines(failing_run))
    for part in (
        "First to repair (1 of 3; all in report.html)",
        "TCE-RAD53-013: Every UID is replaced",
        "4.53; PS3.15 Table E.1-1, code U",
        "grade C: restated by the profile's authors or testers",
        "(0020,0052) Frame of Reference UID; study/1,",
        "Expected:     a new UID",
        "Observed:     2.25.1187",
        "e0047, evidence/instances/",
        "keeps-frame-of-reference-uid",
        "tce run EM-010/TCE001 --system gateway.yaml --seed 7341",
    ):
        assert part in text


def test_what_is_undecided_is_told_with_the_reason(failing_run: RunResult) -> None:
    text = "\n".join(repair_lines(failing_run))
    assert "? inconclusive TCE-RAD53-010: no manifest was exported" in text
    assert "RCR-B5.3" not in text, "an attestation is not required"


def test_the_last_line_is_what_a_pass_means(failing_run: RunResult, passing_run: RunResult) -> None:
    assert repair_lines(failing_run)[-1] == PASS_MEANS
    assert repair_lines(passing_run)[-1] == PASS_MEANS


def test_a_pass_has_nothing_to_repair_and_says_what_was_not_examined(passing_run: RunResult) -> None:
    lines = repair_lines(passing_run)
    assert "Nothing to repair: no check of this run found anything against a requirement." in lines
    assert "  TLS, audit messages, DICOM media" in lines


def test_a_system_that_could_not_be_reached_is_told_before_all_that_it_left_open(
    unreached_run: RunResult,
) -> None:
    lines = repair_lines(unreached_run)
    assert lines[3:7] == [
        "First to put right",
        "  ? EXPGW at gateway.example:11112 refuses connections: Connection refused (ECONNREFUSED)",
        "    To do:        Check 'host' and 'port' in the system file.",
        "    Why:          it kept 2 of 2 cases from being judged",
    ]
    text = "\n".join(lines)
    assert "Nothing to repair" not in text
    assert "Undecided: 11 required requirements, 11 of them for what is first to put right" in lines
    assert "inconclusive TCE-RAD53-013" not in text
    assert lines[-1] == f"{NOTHING_EXAMINED} {PASS_MEANS}"


def test_where_nothing_was_examined_nobody_says_that_nothing_is_to_repair(unreached_run: RunResult) -> None:
    text = "\n".join(repair_lines(replace(unreached_run, obstacles=())))
    assert "Nothing to repair" not in text
    assert "No check of this run examined anything, so that nobody knows what is to repair." in text


def test_evidence_of_real_patients_is_told_first(real_patients_run: RunResult) -> None:
    assert repair_lines(real_patients_run)[0] == "! Evidence of real patients: patient data"


@given(text=st.text())
def test_no_foreign_value_breaks_a_line_or_moves_the_cursor(failing_run: RunResult, text: str) -> None:
    repair = failing_run.repairs[0]
    hostile = replace(repair, finding=replace(repair.finding, observed=text, subject=text), title=text)
    lines = repair_lines(replace(failing_run, repairs=(hostile,), under_test=text))
    assert not any(ord(character) < 0x20 or character == "\x7f" for line in lines for character in line)
