"""DIMSE associations, driven and recorded."""

from tce_harness.transport.facts import (
    STORED,
    AssociationFacts,
    Destination,
    StoreFacts,
    WireObserver,
    check_ae_title,
)
from tce_harness.transport.listener import (
    HARNESS_FAULT,
    Answer,
    IncomingStore,
    Reaction,
    Refusal,
    StorageListener,
)
from tce_harness.transport.sender import Associations, OutgoingInstance, SendOutcome, Stop, StorageSender

__all__ = [
    "HARNESS_FAULT",
    "STORED",
    "Answer",
    "AssociationFacts",
    "Associations",
    "Destination",
    "IncomingStore",
    "OutgoingInstance",
    "Reaction",
    "Refusal",
    "SendOutcome",
    "Stop",
    "StorageListener",
    "StorageSender",
    "StoreFacts",
    "WireObserver",
    "check_ae_title",
]
