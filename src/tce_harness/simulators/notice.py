"""What a simulated actor tells of its work, for a person's log or a program's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that an actor did or found.

    Parameters
    ----------
    event
        A stable word, such as ``stored``, ``refused``, ``held``, ``waiting``, ``quarantined``, ``sent``,
        ``complete``.
    text
        One sentence; it quotes UIDs and counts, never values of a patient.
    sop_instance_uid
        The instance it is about; None where it is about several.
    missing
        UIDs that an incomplete manifest waits for.
    """

    event: str
    text: str
    sop_instance_uid: str | None = None
    missing: tuple[str, ...] = ()


Listener = Callable[[Notice], None]


def refusal(status: int, detail: str | None) -> Notice:
    """Return the notice of an instance that is not stored, because of what it is or for want of room."""
    return Notice(event="refused", text=f"refused an instance with status {status:04X}: {detail}")


def ignore(notice: Notice) -> None:
    """Tell nobody."""
