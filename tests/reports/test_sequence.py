from __future__ import annotations

from dataclasses import replace

from tce_harness.model.result import RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports.sequence import MOST_ARROWS, clock, draw_case, draw_exchange


def test_messages_in_a_row_that_are_alike_become_one_arrow(failing_run: RunResult) -> None:
    drawing = draw_case(failing_run.cases[0])
    assert drawing is not None
    assert [(arrow.above, arrow.below) for arrow in drawing.arrows] == [
        ("5 \u00d7 CT Image Storage", "RAD-50 → 0000"),
        ("1 \u00d7 Key Object Selection Document Storage", "RAD-51 → 0000"),
        ("1 \u00d7 Enhanced SR Storage", "RAD-52 → 0000"),
        ("1 \u00d7 Key Object Selection Document Storage", "RAD-53 → 0000 · ! 1 requirement"),
        ("5 \u00d7 CT Image Storage", "RAD-53 → 0000 · ✕ 1 requirement"),
        ("1 \u00d7 Enhanced SR Storage", "RAD-53 → 0000"),
    ]


def test_only_messages_that_findings_rest_on_are_marked(failing_run: RunResult) -> None:
    drawing = draw_case(failing_run.cases[0])
    assert drawing is not None
    assert [arrow.mark for arrow in drawing.arrows] == [
        None, None, None, Verdict.WARNING, Verdict.FAIL, None,
    ]  # fmt: skip


def test_one_faulty_message_among_good_ones_stands_apart(failing_run: RunResult) -> None:
    case = failing_run.cases[0]
    rules = tuple(
        replace(rule, findings=rule.findings[2:3]) if rule.verdict is Verdict.FAIL else rule
        for rule in case.rules
    )
    drawing = draw_case(replace(case, rules=rules))
    assert drawing is not None
    assert [arrow.above for arrow in drawing.arrows if arrow.mark is Verdict.FAIL] == [
        "1 \u00d7 CT Image Storage"
    ]
    assert [arrow.above[0] for arrow in drawing.arrows[4:7]] == ["2", "1", "2"]


def test_a_refusal_is_told_in_words(failing_run: RunResult) -> None:
    drawing = draw_case(failing_run.cases[2])
    assert drawing is not None
    texts = [arrow.below for arrow in drawing.arrows]
    assert "RAD-53 → A700 · refused" in texts
    assert "RAD-53 → no answer" in texts
    assert any("refused: out of resources" in arrow.title for arrow in drawing.arrows)


def test_lifelines_stand_in_the_order_of_the_exchange(failing_run: RunResult) -> None:
    case = replace(failing_run.cases[0], roles=tuple(reversed(failing_run.cases[0].roles)))
    drawing = draw_case(case)
    assert drawing is not None
    assert [line.name for line in drawing.lifelines] == ["Export Selector", "Export Manager", "Receiver"]
    assert [line.under_test for line in drawing.lifelines] == [False, True, False]


def test_a_peer_that_is_no_role_has_a_lifeline(failing_run: RunResult) -> None:
    case = failing_run.cases[0]
    stranger = replace(case.messages[0], sender="somebody")
    drawing = draw_case(replace(case, messages=(stranger,)))
    assert drawing is not None
    assert drawing.lifelines[-1].part == "no role of this case"


def test_a_case_without_messages_has_no_drawing(failing_run: RunResult) -> None:
    assert draw_case(replace(failing_run.cases[0], messages=())) is None


def test_a_long_sequence_says_how_many_messages_it_leaves_out(failing_run: RunResult) -> None:
    case = failing_run.cases[0]
    first, second = case.messages[0], case.messages[5]
    drawing = draw_case(replace(case, messages=(first, second) * 50))
    assert drawing is not None
    assert (len(drawing.arrows), drawing.left_out) == (MOST_ARROWS, 100 - MOST_ARROWS)


def test_the_exchange_counts_every_message_of_the_run(failing_run: RunResult) -> None:
    drawing = draw_exchange(failing_run.cases)
    assert drawing is not None
    assert [arrow.above for arrow in drawing.arrows] == [
        "161 \u00d7 RAD-50", "6 \u00d7 RAD-51", "1 \u00d7 RAD-52", "162 \u00d7 RAD-53 · ✕ 8 with findings",
    ]  # fmt: skip
    assert sum(len(case.messages) for case in failing_run.cases) == 161 + 6 + 1 + 162


def test_a_check_of_folders_has_no_exchange(failing_run: RunResult) -> None:
    assert draw_exchange(replace(case, messages=()) for case in failing_run.cases) is None


def test_a_time_is_shown_to_a_tenth_of_a_second() -> None:
    assert clock("2026-11-22T14:05:31.234567Z") == "14:05:31.2"
    assert clock("2026-11-22T14:05:31+00:00") == "14:05:31"
    assert clock("soon") == "soon"
