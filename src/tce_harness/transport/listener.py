"""A storage SCP that takes everything, answers as it is told, and lets an observer see it all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.transport import ThreadedAssociationServer

from tce_harness.evidence.log import utc_now
from tce_harness.model.errors import HarnessError, describe_fault
from tce_harness.objects.instance import wrap_data_set
from tce_harness.transport.facts import (
    CANNOT_UNDERSTAND,
    STORED,
    SUCCESS,
    NoObserver,
    StoreFacts,
    WireObserver,
)
from tce_harness.transport.facts import check_ae_title as checked_ae_title
from tce_harness.transport.stack import (
    CONNECTION_OPENED,
    VERIFICATION,
    application_entity,
    association_number,
    describe,
)

HARNESS_FAULT = "the harness failed"
"""How the detail of an answer begins that a fault of ours made a failure."""

_COMMENT_LENGTH = 64


def _error_comment(detail: str) -> str:
    """Return what an Error Comment (0000,0902), VR LO, can hold of a sentence."""
    return detail.encode("ascii", "replace").decode().replace("\\", "/")[:_COMMENT_LENGTH]


class Reaction(StrEnum):
    """What a storage SCP does when an instance has come."""

    ANSWER = "answer"
    ABORT = "abort"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingStore:
    """An instance that a peer sends.

    Parameters
    ----------
    content
        A Part 10 file around the data set, byte for byte as it came.
    """

    calling_ae_title: str
    called_ae_title: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How the SCP reacts: a DIMSE status, perhaps after a while, or no answer at all."""

    status: int = SUCCESS
    reaction: Reaction = Reaction.ANSWER
    delay_seconds: float = 0.0
    detail: str | None = None


class ContextAnswer(StrEnum):
    """How the SCP answers a proposed presentation context (PS3.8 table 9-18)."""

    ACCEPT = "accept"
    NO_SUCH_CLASS = "abstract syntax not supported"
    NO_SUCH_SYNTAX = "transfer syntaxes not supported"


class Negotiation:
    """How the SCP negotiates; this one takes every association and every context."""

    def rejection(self, calling_ae_title: str) -> tuple[int, int, int] | None:
        """Return result, source and reason of an A-ASSOCIATE-RJ (PS3.8 table 9-21); None admits."""
        return None

    def context(self, sop_class_uid: str, transfer_syntaxes: tuple[str, ...]) -> ContextAnswer:
        """Return the answer to a proposed presentation context."""
        return ContextAnswer.ACCEPT


# pynetdicom takes every storage context. One that is to be refused is negotiated as if it had been proposed
# for a class that pynetdicom refuses: one that nobody supports, or verification in a foreign syntax.
_PATIENT_ROOT_FIND = UID("1.2.840.10008.5.1.4.1.2.1.1")
_NEGOTIATED_AS = {
    ContextAnswer.NO_SUCH_CLASS: _PATIENT_ROOT_FIND,
    ContextAnswer.NO_SUCH_SYNTAX: VERIFICATION,
}

_REASONS = {
    (1, 3): "calling AE title not recognised",
    (1, 7): "called AE title not recognised",
    (3, 1): "temporary congestion",
    (3, 2): "local limit exceeded",
}

StoreHandler = Callable[[IncomingStore], Answer]


class StorageListener:
    """A storage and verification SCP on one port.

    Parameters
    ----------
    ae_title
        Its own AE title; peers that call another one are served too, as the record shows what they called.
    port
        0 lets the system choose.
    store
        Decides the answer to each instance; called from the association's thread.
    negotiation
        Decides which associations and presentation contexts are accepted.
    """

    def __init__(
        self,
        *,
        ae_title: str,
        store: StoreHandler,
        host: str = "127.0.0.1",
        port: int = 0,
        observer: WireObserver | None = None,
        negotiation: Negotiation | None = None,
    ) -> None:
        self.ae_title = checked_ae_title(ae_title)
        self.host = host
        self.port = port
        self._store = store
        self._observer: WireObserver = observer or NoObserver()
        self._negotiation = negotiation or Negotiation()
        self._server: ThreadedAssociationServer | None = None
        self._names: dict[int, str] = {}
        self._refused: dict[tuple[int, int | None], UID | None] = {}
        self._stopping = threading.Event()

    def start(self) -> None:
        """Listen.

        Raises
        ------
        HarnessError
            When the address cannot be had, such as a port that another process listens on.
        """
        entity = application_entity(self.ae_title)
        entity.add_supported_context(VERIFICATION)
        handlers: list[EventHandlerType] = [
            CONNECTION_OPENED,
            (evt.EVT_REQUESTED, self._requested),
            (evt.EVT_ACCEPTED, self._accepted),
            (evt.EVT_RELEASED, self._released),
            (evt.EVT_ABORTED, self._aborted),
            (evt.EVT_DIMSE_RECV, self._message_received),
            (evt.EVT_C_STORE, self._c_store),
            (evt.EVT_C_ECHO, lambda event: SUCCESS),
        ]
        try:
            server = entity.start_server((self.host, self.port), block=False, evt_handlers=handlers)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise HarnessError(
                f"cannot listen on {self.host}:{self.port}: {reason}; end the process that has the port, "
                "or give another one"
            ) from None
        self._server = cast(ThreadedAssociationServer, server)  # None only where block is true
        self.port = self._server.server_address[1]

    def stop(self) -> None:
        """End every association and give the port back."""
        self._stopping.set()
        if self._server is not None:
            ending = threading.Thread(target=self._server.shutdown)
            ending.start()
            self._wake()
            ending.join()
            self._server = None

    def _wake(self) -> None:
        """Connect to ourselves: the server looks for the end only every half second or at a connection."""
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host
        with suppress(OSError):  # it had ended before it was woken
            socket.create_connection((host, self.port), 1).close()

    def _name(self, event: Event) -> str:
        return self._names.get(id(event.assoc), "a0000")

    def _requested(self, event: Event) -> None:
        self._names[id(event.assoc)] = association_number()
        rejection = self._negotiation.rejection(event.assoc.requestor.ae_title)
        if rejection is not None:
            detail = _REASONS.get(rejection[1:], "rejected")
            self._observer.association(describe(event.assoc, self._name(event), "rejected", detail))
            self._names.pop(id(event.assoc), None)
            event.assoc.acse.send_reject(*rejection)
            event.assoc.kill()
            return
        request = event.assoc.requestor.primitive
        for context in request.presentation_context_definition_list if request is not None else ():
            answer = self._negotiation.context(
                str(context.abstract_syntax), tuple(map(str, context.transfer_syntax))
            )
            if answer is not ContextAnswer.ACCEPT:
                self._refused[id(event.assoc), context.context_id] = context.abstract_syntax
                context.abstract_syntax = _NEGOTIATED_AS[answer]

    def _accepted(self, event: Event) -> None:
        for context in event.assoc.rejected_contexts:
            proposed = self._refused.pop((id(event.assoc), context.context_id), None)
            context.abstract_syntax = proposed or context.abstract_syntax
        self._observer.association(describe(event.assoc, self._name(event), "accepted"))

    def _released(self, event: Event) -> None:
        self._observer.association(describe(event.assoc, self._name(event), "released"))
        self._names.pop(id(event.assoc), None)

    def _aborted(self, event: Event) -> None:
        if id(event.assoc) in self._names:
            self._observer.association(describe(event.assoc, self._name(event), "aborted"))
            self._names.pop(id(event.assoc), None)

    def _message_received(self, event: Event) -> None:
        """Refuse a C-STORE request that lacks what it must have; pynetdicom would never answer it."""
        message = event.message
        if not isinstance(message, C_STORE_RQ):
            return
        request = message.message_to_primitive()
        if not isinstance(request, C_STORE) or request.is_valid_request:
            return
        command = message.command_set
        lacking = [each for each in C_STORE.REQUEST_KEYWORDS if getattr(request, each) is None]
        detail = f"the C-STORE request lacks {', '.join(lacking)}"
        now = utc_now()
        self._observer.store(
            StoreFacts(
                association=self._name(event),
                sent=False,
                calling_ae_title=event.assoc.requestor.ae_title,
                called_ae_title=event.assoc.acceptor.ae_title,
                message_id=command.get("MessageID") or 0,
                sop_class_uid=str(command.get("AffectedSOPClassUID") or ""),
                sop_instance_uid=str(command.get("AffectedSOPInstanceUID") or ""),
                transfer_syntax_uid="",
                status=CANNOT_UNDERSTAND,
                started=now,
                ended=now,
                content=None,
                size=0,
                detail=detail,
            )
        )
        refusal: Any = C_STORE()  # pynetdicom declares some of its attributes as None alone
        refusal.MessageIDBeingRespondedTo = command.get("MessageID") or 0
        refusal.Status = CANNOT_UNDERSTAND
        refusal.ErrorComment = _error_comment(detail)
        event.assoc.dimse.send_msg(refusal, cast(int, message.context_id))

    def _c_store(self, event: Event) -> Dataset:
        started = utc_now()
        request = event.request
        assert isinstance(request, C_STORE)  # pynetdicom calls this handler for nothing else
        data_set = request.DataSet.getvalue() if request.DataSet is not None else b""
        sop_class_uid = str(request.AffectedSOPClassUID)
        sop_instance_uid = str(request.AffectedSOPInstanceUID)
        syntax = str(event.context.transfer_syntax)
        content = wrap_data_set(data_set, sop_class_uid, sop_instance_uid, syntax)
        incoming = IncomingStore(
            calling_ae_title=event.assoc.requestor.ae_title,
            called_ae_title=event.assoc.acceptor.ae_title,
            sop_class_uid=sop_class_uid,
            sop_instance_uid=sop_instance_uid,
            transfer_syntax_uid=syntax,
            content=content,
        )
        answer = self._answer(incoming)
        if answer.delay_seconds:
            self._stopping.wait(answer.delay_seconds)
        self._observer.store(
            StoreFacts(
                association=self._name(event),
                sent=False,
                calling_ae_title=incoming.calling_ae_title,
                called_ae_title=incoming.called_ae_title,
                message_id=request.MessageID or 0,
                sop_class_uid=sop_class_uid,
                sop_instance_uid=sop_instance_uid,
                transfer_syntax_uid=syntax,
                status=answer.status if answer.reaction is Reaction.ANSWER else None,
                started=started,
                ended=utc_now(),
                content=content if data_set else None,
                size=len(data_set),
                detail=answer.detail,
            )
        )
        if answer.reaction is Reaction.SILENT:
            self._stopping.wait()
        if answer.reaction is not Reaction.ANSWER:
            event.assoc.abort()
        response = Dataset()
        response.Status = answer.status
        if answer.detail is not None and answer.status not in STORED:
            response.ErrorComment = _error_comment(answer.detail)
        return response

    def _answer(self, incoming: IncomingStore) -> Answer:
        """Ask the handler; a fault of ours must reach the peer as a failure, not end its association."""
        try:
            return self._store(incoming)
        except Exception as error:
            fault = describe_fault(error, quote=False)
            return Answer(status=CANNOT_UNDERSTAND, detail=f"{HARNESS_FAULT}: {fault}")
