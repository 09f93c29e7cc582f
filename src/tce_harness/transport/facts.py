"""What is seen on the wire, before anybody says to which case it belongs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from tce_harness.model.errors import HarnessError
from tce_harness.model.record import PresentationContext
from tce_harness.model.unreached import Unreached

SUCCESS = 0x0000
CANNOT_UNDERSTAND = 0xC000
STORED = frozenset({0x0000, 0xB000, 0xB006, 0xB007})
"""Statuses of C-STORE that mean *stored* (PS3.4 section B.2.3): success and the three warnings."""


def check_ae_title(title: str, what: str = "AE title") -> str:
    """Return an AE title that keeps to PS3.5 section 6.2.

    Raises
    ------
    HarnessError
        When it is empty, longer than 16 characters, or has a backslash or a control character.
    """
    stripped = title.strip(" ")
    if not stripped:
        raise HarnessError(f"{what} is empty; give 1 to 16 characters, such as TCE_ARCHIVE")
    if len(stripped) > 16:
        raise HarnessError(f"{what} {title!r} has {len(stripped)} characters; DICOM allows 16 (PS3.5 6.2)")
    if not stripped.isascii() or not stripped.isprintable() or "\\" in stripped:
        raise HarnessError(f"{what} {title!r} has a character that DICOM does not allow there (PS3.5 6.2)")
    return stripped


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to send.

    Parameters
    ----------
    ae_title
        The AE title that is called.
    """

    host: str
    port: int
    ae_title: str

    @classmethod
    def parse(cls, text: str) -> Destination:
        """Read ``HOST:PORT:AE``; an IPv6 address may contain colons.

        Raises
        ------
        HarnessError
            When it is not of that form.
        """
        parts = text.rsplit(":", 2)
        if len(parts) != 3 or not parts[0]:
            raise HarnessError(f"{text!r} is not HOST:PORT:AE, such as 127.0.0.1:11112:TCE_ARCHIVE")
        host, port, title = parts
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise HarnessError(f"{text!r}: the port {port!r} is not a number from 1 to 65535")
        return cls(host, int(port), check_ae_title(title))

    def __str__(self) -> str:
        return f"{self.ae_title} at {self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationFacts:
    """An association or its end; fields as in `model.record.AssociationRecord`."""

    association: str
    requestor: bool
    outcome: Literal["accepted", "rejected", "aborted", "released", "failed"]
    calling_ae_title: str
    called_ae_title: str
    address: str
    implementation_class_uid: str | None = None
    implementation_version_name: str | None = None
    max_pdu: int | None = None
    user_identity: str | None = None
    contexts: tuple[PresentationContext, ...] = ()
    detail: str | None = None
    unreached: Unreached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """One C-STORE with its answer.

    Parameters
    ----------
    content
        A Part 10 file around the data set, byte for byte as it went over the wire; None where none came.
    status
        None where no answer came.
    """

    association: str
    sent: bool
    calling_ae_title: str
    called_ae_title: str
    message_id: int
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    status: int | None
    started: datetime
    ended: datetime
    content: bytes | None
    size: int
    detail: str | None = None


class WireObserver(Protocol):
    """Whoever records what happens on the wire; called from the threads of the associations."""

    def association(self, facts: AssociationFacts) -> None:
        """Take note of an association or its end."""

    def store(self, facts: StoreFacts) -> None:
        """Take note of a C-STORE and its answer."""


class NoObserver:
    """Records nothing: for the system under test's own side, which nobody can see."""

    def association(self, facts: AssociationFacts) -> None:
        """Ignore it."""

    def store(self, facts: StoreFacts) -> None:
        """Ignore it."""
