"""Who is at the two ends of a step, and whether anything between them can be seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tce_harness.model.record import Role
from tce_harness.model.requirement import Actor
from tce_harness.scenarios import AbsenceStep, Case, ReceiveStep, SendStep, Step


def receiver_of(sender: Actor) -> Actor:
    """Return the actor that gets what another sends (RAD TF Vol 1, section 17.1)."""
    return Actor.EXPORT_MANAGER if sender is Actor.EXPORT_SELECTOR else Actor.RECEIVER


def sender_to(receiver: Actor) -> Actor | None:
    """Return the actor that sends what another gets; None for an Export Selector, which gets nothing."""
    return {Actor.RECEIVER: Actor.EXPORT_MANAGER, Actor.EXPORT_MANAGER: Actor.EXPORT_SELECTOR}.get(receiver)


def hidden(step: Step, roles: Iterable[Role]) -> str | None:
    """Return why nothing of a step can be seen: one real system is at both ends; None where it is not."""
    ends = _ends(step, {role.name: role for role in roles})
    real = {role.actor for role in roles if role.under_test and role.simulator is None}
    if ends is None or not set(ends) <= real:
        return None
    return f"one system is both {ends[0]} and {ends[1]}; between them nothing is on the wire"


def all_hidden(case: Case, roles: Sequence[Role]) -> str | None:
    """Return why nothing of a case can be seen; None where something can."""
    exchanges = [step for step in case.steps if _ends(step, {role.name: role for role in roles})]
    reasons = [hidden(step, roles) for step in exchanges]
    return reasons[0] if reasons and all(reasons) else None


def _ends(step: Step, roles: dict[str, Role]) -> tuple[Actor, Actor] | None:
    """Return the actors that send and receive in a step; None where it is no exchange."""
    if isinstance(step, SendStep):
        sender = roles[step.sender].actor
        return sender, receiver_of(sender)
    if isinstance(step, ReceiveStep | AbsenceStep):
        receiver = roles[step.at].actor
        found = sender_to(receiver)
        return (found, receiver) if found is not None else None
    return None
