"""What can be seen of a step where one system plays several actors."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tce_harness.engine.ends import all_hidden, hidden, receiver_of, sender_to
from tce_harness.model.record import Role
from tce_harness.model.requirement import Actor
from tce_harness.scenarios import Case

SELECTOR, MANAGER, RECEIVER = Actor.EXPORT_SELECTOR, Actor.EXPORT_MANAGER, Actor.RECEIVER
NAMES = {SELECTOR: "selector", MANAGER: "manager", RECEIVER: "archive"}


def roles(*real: Actor, present: tuple[Actor, ...] = tuple(Actor)) -> tuple[Role, ...]:
    return tuple(
        Role(
            name=NAMES[actor], actor=actor, simulator=None if actor in real else "x", under_test=actor in real
        )
        for actor in present
    )


def test_the_ends_of_the_transactions_are_those_of_the_profile() -> None:
    assert [receiver_of(actor) for actor in (SELECTOR, MANAGER)] == [MANAGER, RECEIVER]
    assert [sender_to(actor) for actor in (SELECTOR, MANAGER, RECEIVER)] == [None, SELECTOR, MANAGER]


@pytest.mark.parametrize(
    ("real", "seen"),
    [
        ((MANAGER,), {"stored", "selected", "exported"}),
        ((SELECTOR, MANAGER), {"exported"}),
        ((MANAGER, RECEIVER), {"stored", "selected"}),
        ((SELECTOR, MANAGER, RECEIVER), set()),
    ],
)
def test_a_step_is_hidden_where_one_system_is_at_both_ends(
    real: tuple[Actor, ...], seen: set[str], cases: Mapping[str, Case]
) -> None:
    case = cases["EM-010/TCE001"]
    found = {step.id for step in case.steps if hidden(step, roles(*real)) is None}
    assert found == seen | {"accepted", "judged"}
    assert (all_hidden(case, roles(*real)) is not None) == (not seen)


def test_a_selector_grouped_with_its_manager_cannot_be_seen_at_all(cases: Mapping[str, Case]) -> None:
    grouped = roles(SELECTOR, MANAGER, present=(SELECTOR, MANAGER))
    assert all_hidden(cases["ES-010/TCE001"], grouped) == (
        "one system is both export-selector and export-manager; between them nothing is on the wire"
    )


def test_simulators_hide_nothing(cases: Mapping[str, Case]) -> None:
    simulated = tuple(
        Role(name=NAMES[actor], actor=actor, simulator="x", under_test=actor is not RECEIVER)
        for actor in Actor
    )
    assert all_hidden(cases["EM-010/TCE001"], simulated) is None
