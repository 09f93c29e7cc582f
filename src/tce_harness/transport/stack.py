"""How pynetdicom is driven: the settings that both ends share, and facts read off its associations."""

from __future__ import annotations

import itertools
import socket
from typing import Literal

from pydicom.uid import UID
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.events import Event

from tce_harness.model.record import PresentationContext
from tce_harness.objects.instance import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from tce_harness.transport.facts import AssociationFacts

MAX_PDU = 131_072
VERIFICATION = UID("1.2.840.10008.1.1")

# A recorder takes whatever storage class and transfer syntax a peer proposes; files are sent byte for byte.
_config.UNRESTRICTED_STORAGE_SERVICE = True
_config.STORE_SEND_CHUNKED_DATASET = True
_config.LOG_HANDLER_LEVEL = "none"

_RESULTS = {
    0: "accepted",
    1: "user rejection",
    2: "provider rejection",
    3: "abstract syntax not supported",
    4: "transfer syntaxes not supported",
}
# User identity types whose primary field is a user name (PS3.7 section D.3.3.7.1).
_USER_NAMES = frozenset({1, 2})
_numbers = itertools.count(1)


def application_entity(ae_title: str) -> AE:
    """Return a pynetdicom AE with the harness's implementation identity and PDU length."""
    entity = AE(ae_title)
    entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    entity.maximum_pdu_size = MAX_PDU
    entity.maximum_associations = 100
    return entity


def association_number() -> str:
    """Return a name for an association, unique in this process."""
    return f"a{next(_numbers):04d}"


def send_without_delay(event: Event) -> None:
    """Switch Nagle's algorithm off: with a peer's delayed acknowledgement it costs 44 ms a message."""
    wrapper = event.assoc.dul.socket
    if wrapper is not None and wrapper.socket is not None:
        wrapper.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


CONNECTION_OPENED = (evt.EVT_CONN_OPEN, send_without_delay)


def describe(
    association: Association,
    name: str,
    outcome: Literal["accepted", "rejected", "aborted", "released", "failed"],
    detail: str | None = None,
) -> AssociationFacts:
    """Return the facts of an association as one of our ends sees them; the peer's identity, not ours."""
    ours_requested = association.is_requestor
    peer = association.acceptor if ours_requested else association.requestor
    contexts = tuple(
        PresentationContext(
            abstract_syntax=str(context.abstract_syntax),
            transfer_syntaxes=tuple(map(str, context.transfer_syntax)),
            result=_RESULTS.get(context.result or 0, str(context.result)),
            accepted_syntax=str(context.transfer_syntax[0]) if not context.result else None,
        )
        for context in (*association.accepted_contexts, *association.rejected_contexts)
    )
    return AssociationFacts(
        association=name,
        requestor=ours_requested,
        outcome=outcome,
        calling_ae_title=association.requestor.ae_title,
        called_ae_title=association.acceptor.ae_title,
        address=f"{peer.address}:{peer.port}",
        implementation_class_uid=str(peer.implementation_class_uid or "") or None,
        implementation_version_name=peer.implementation_version_name or None,
        max_pdu=peer.maximum_length,
        user_identity=_user_identity(association),
        contexts={"accepted": contexts, "rejected": _proposed(association)}.get(outcome, ()),
        detail=detail,
    )


def _user_identity(association: Association) -> str | None:
    """Return whom the requestor says it works for; passcodes, tickets and tokens are secrets and stay out."""
    item = association.requestor.user_identity
    if item is None:
        return None
    if item.user_identity_type not in _USER_NAMES:
        return f"user identity of type {item.user_identity_type}"
    return (item.primary_field or b"").decode("utf-8", "replace")


def _proposed(association: Association) -> tuple[PresentationContext, ...]:
    """Return the contexts that a rejected association proposed, which nobody answered."""
    return tuple(
        PresentationContext(
            abstract_syntax=str(context.abstract_syntax),
            transfer_syntaxes=tuple(map(str, context.transfer_syntax)),
            result="association rejected",
            accepted_syntax=None,
        )
        for context in association.requestor.requested_contexts
    )
