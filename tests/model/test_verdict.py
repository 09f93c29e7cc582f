"""Verdicts: worst wins, and the exit status keeps to its precedence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tce_harness.model.verdict import ExitStatus, Verdict, exit_status, worst

FROM_WORST = (
    Verdict.ERROR,
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_RUN,
    Verdict.WARNING,
    Verdict.ATTESTED,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)
ANY = st.sampled_from(Verdict)


def test_verdicts_stand_in_the_order_of_how_bad_they_are() -> None:
    assert tuple(sorted(Verdict, key=lambda verdict: verdict.rank, reverse=True)) == FROM_WORST


@given(st.lists(ANY, min_size=1))
def test_the_worst_of_some_verdicts_is_one_of_them_that_none_outranks(verdicts: list[Verdict]) -> None:
    found = worst(verdicts)
    assert found in verdicts
    assert FROM_WORST.index(found) == min(FROM_WORST.index(each) for each in verdicts)


@given(st.lists(ANY, min_size=1))
def test_the_order_of_verdicts_changes_nothing(verdicts: list[Verdict]) -> None:
    assert worst(verdicts) is worst(reversed(verdicts))


def test_where_nothing_was_said_nothing_was_shown() -> None:
    assert worst([]) is Verdict.INCONCLUSIVE


def test_each_verdict_has_a_symbol_of_its_own() -> None:
    assert len({verdict.symbol for verdict in Verdict}) == len(Verdict)


@pytest.mark.parametrize(
    ("required", "everything", "status"),
    [
        ([Verdict.PASS, Verdict.WARNING, Verdict.NOT_APPLICABLE, Verdict.ATTESTED], [], ExitStatus.OK),
        ([Verdict.PASS, Verdict.NOT_RUN], [], ExitStatus.INCOMPLETE),
        ([Verdict.PASS, Verdict.INCONCLUSIVE], [], ExitStatus.INCOMPLETE),
        ([Verdict.NOT_RUN, Verdict.FAIL, Verdict.INCONCLUSIVE], [], ExitStatus.FAILED),
        ([Verdict.FAIL], [Verdict.ERROR], ExitStatus.HARNESS_ERROR),
        ([Verdict.FAIL, Verdict.ERROR], [], ExitStatus.HARNESS_ERROR),
        ([Verdict.PASS], [Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.NOT_RUN], ExitStatus.OK),
        ([], [], ExitStatus.OK),
    ],
)
def test_an_error_comes_before_a_failure_and_a_failure_before_what_is_open(
    required: list[Verdict], everything: list[Verdict], status: ExitStatus
) -> None:
    assert exit_status(required, everything) is status


@given(st.lists(ANY), st.lists(ANY))
def test_a_run_ends_with_0_only_where_no_required_requirement_is_open(
    required: list[Verdict], everything: list[Verdict]
) -> None:
    ended_well = exit_status(required, everything) is ExitStatus.OK
    open_or_bad = {Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.NOT_RUN}
    assert ended_well == (Verdict.ERROR not in {*required, *everything} and not open_or_bad & set(required))


def test_1_and_2_stay_with_python_and_the_argument_parser() -> None:
    assert not {1, 2} & set(ExitStatus)
