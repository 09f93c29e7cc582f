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
    ContextAnswer,
    IncomingStore,
    Negotiation,
    Reaction,
    StorageListener,
)
from tce_harness.transport.sender import Associations, OutgoingInstance, SendOutcome, Stop, StorageSender

__all__ = [
    "HARNESS_FAULT",
    "STORED",
    "Answer",
    "AssociationFacts",
    "Associations",
    "ContextAnswer",
    "Destination",
    "IncomingStore",
    "Negotiation",
    "OutgoingInstance",
    "Reaction",
    "SendOutcome",
    "Stop",
    "StorageListener",
    "StorageSender",
    "StoreFacts",
    "WireObserver",
    "check_ae_title",
]
