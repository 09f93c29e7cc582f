"""What a simulator is about to do, asked of its mutations before it is done and recorded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydicom.dataset import Dataset

from tce_harness.mutations.kinds import Kind, kind_of


class Action(StrEnum):
    """What becomes of an event: it takes its course, the association is aborted, or nothing is answered."""

    PROCEED = "proceed"
    ABORT = "abort"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Result, source and reason of an A-ASSOCIATE-RJ (PS3.8 table 9-21)."""

    result: int
    source: int
    reason: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a simulator is about to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEvent(Event):
    """An event about one object.

    Parameters
    ----------
    number, kind_number
        Of the object among all that passed here, and among those of its kind; from 1.
    delay
        Seconds to wait before.
    """

    sop_class_uid: str
    number: int
    kind_number: int
    delay: float = 0.0
    action: Action = Action.PROCEED

    @property
    def kind(self) -> Kind:
        """The kind of the object."""
        return kind_of(self.sop_class_uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreReceived(ObjectEvent):
    """A C-STORE request arrived and is about to be answered.

    None in its place means that it is answered, but the instance is not kept.

    Parameters
    ----------
    status
        DIMSE status of the answer.
    """

    status: int = 0x0000


class Change(Protocol):
    """A difference made in a data set."""

    def apply(self, dataset: Dataset) -> None:
        """Make the difference in place."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDue(ObjectEvent):
    """An object is about to be sent; None in its place means that it is not.

    Parameters
    ----------
    times
        How often it is sent.
    later
        What is different in the object from the second time on; None where nothing is.
    """

    times: int = 1
    later: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPlanned(Event):
    """Several objects are about to be sent; None in its place means that none is.

    Parameters
    ----------
    sop_class_uids
        Of the objects, in the order in which the simulator has them.
    order
        Indices of these objects, in the order in which they shall go.
    """

    sop_class_uids: tuple[str, ...]
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationRequested(Event):
    """An association was requested and is about to be answered; None in its place means never.

    Parameters
    ----------
    number
        Of the association among all that were requested here; from 1.
    rejection
        How to reject it; None accepts.
    """

    number: int
    calling_ae_title: str
    delay: float = 0.0
    rejection: Rejection | None = None


class Refusal(StrEnum):
    """Why a presentation context is refused (PS3.8 table 9-18)."""

    SOP_CLASS = "sop-class"
    TRANSFER_SYNTAXES = "transfer-syntaxes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextProposed(Event):
    """A presentation context was proposed and is about to be answered; None in its place refuses its class.

    Parameters
    ----------
    refusal
        Why it is refused; None accepts.
    """

    sop_class_uid: str
    transfer_syntaxes: tuple[str, ...]
    refusal: Refusal | None = None

    @property
    def kind(self) -> Kind:
        """The kind of the objects that it is for."""
        return kind_of(self.sop_class_uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDue(Event):
    """An Export Manager looks at a key object selection document and decides whether to export by it.

    None in its place means that the document is forgotten.

    Parameters
    ----------
    export_title
        Whether its title is one of the profile's.
    delayed
        Whether it carries a delay reason.
    missing
        How many of the listed instances have not arrived.
    release
        Whether the export goes out now.
    delay
        Seconds to wait before.
    """

    export_title: bool
    delayed: bool
    missing: int
    release: bool
    delay: float = 0.0
