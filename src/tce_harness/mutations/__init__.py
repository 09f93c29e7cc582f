"""What a defective or hostile simulator does differently."""

from tce_harness.mutations.events import (
    Action,
    AssociationRequested,
    ContextProposed,
    Event,
    ExportDue,
    Refusal,
    Rejection,
    SendDue,
    SendPlanned,
    StoreReceived,
)
from tce_harness.mutations.kinds import Kind, Numbering, kind_of
from tce_harness.mutations.mutations import MutationEntry, MutationModels, Mutations, parse_mutations
from tce_harness.mutations.primitive import Mutation, OutgoingContext

__all__ = [
    "Action",
    "AssociationRequested",
    "ContextProposed",
    "Event",
    "ExportDue",
    "Kind",
    "Mutation",
    "MutationEntry",
    "MutationModels",
    "Mutations",
    "Numbering",
    "OutgoingContext",
    "Refusal",
    "Rejection",
    "SendDue",
    "SendPlanned",
    "StoreReceived",
    "kind_of",
    "parse_mutations",
]
