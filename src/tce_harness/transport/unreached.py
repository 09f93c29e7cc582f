"""Why no association with a peer came about, as far as this end can know."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass

from tce_harness.model.unreached import Unreached
from tce_harness.transport.facts import Destination

_PROBE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Failure:
    """What kind of failure it was, and what the network said."""

    kind: Unreached
    detail: str


def not_looked_up(destination: Destination, error: OSError | UnicodeError) -> Failure:
    """Return the failure of a name that leads to no address."""
    said = getattr(error, "strerror", None) or str(error)
    return Failure("unknown-host", f"the name {destination.host} leads to no address: {said}")


def not_associated(destination: Destination, *, opened: bool, timeout_seconds: float) -> Failure:
    """Return the failure of an association that was neither accepted nor rejected.

    pynetdicom does not hand on why a connection failed, so that one more is tried.

    Parameters
    ----------
    opened
        Whether the connection itself had come about.
    timeout_seconds
        How long the peer had been waited for.
    """
    if opened:
        return Failure("no-answer", "the connection opened, and no answer came to the association request")
    try:
        patience = min(timeout_seconds, _PROBE_SECONDS)
        with socket.create_connection((destination.host, destination.port), timeout=patience):
            return Failure("no-answer", "no connection came about; one that was tried after it did")
    except ConnectionRefusedError as error:
        return Failure("refused", _spelled(error))
    except TimeoutError:
        return Failure("timeout", f"no connection in {timeout_seconds:g} s")
    except OSError as error:
        return Failure("unreachable", _spelled(error))


def _spelled(error: OSError) -> str:
    number = error.errno or 0
    name = errno.errorcode.get(number, f"errno {number}")
    return f"{os.strerror(number) if number else error} ({name})"
