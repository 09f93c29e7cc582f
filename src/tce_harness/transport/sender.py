"""A storage SCU: sends files byte for byte, in the order and over the associations it is told."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path

from pydicom import dcmread
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import evt
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association

from tce_harness.evidence.log import utc_now
from tce_harness.objects.instance import encode_instance
from tce_harness.transport.facts import (
    STORED,
    AssociationFacts,
    Destination,
    NoObserver,
    StoreFacts,
    WireObserver,
    check_ae_title,
)
from tce_harness.transport.stack import (
    CONNECTION_OPENED,
    VERIFICATION,
    application_entity,
    association_number,
    describe,
)
from tce_harness.transport.unreached import Failure, not_associated, not_looked_up

CONTEXTS_PER_ASSOCIATION = 127
PATIENCE_SECONDS = 0.5
NO_ANSWER = "no answer: the association was aborted, or the time ran out"
PLAIN = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)


class Associations(StrEnum):
    """Over how many associations instances travel."""

    ONE = "one"
    EACH = "each"
    PER_INSTANCE = "per-instance"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingInstance:
    """A Part 10 file to send.

    Parameters
    ----------
    group
        Instances of one group share an association under `Associations.EACH`, such as the images on the one
        hand and the manifest on the other.
    """

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOutcome:
    """What became of one instance; ``status`` is None where no answer came."""

    instance: OutgoingInstance
    status: int | None
    detail: str | None = None

    @property
    def stored(self) -> bool:
        """Whether the peer says that it has the instance."""
        return self.status in STORED


Pace = Callable[[OutgoingInstance, int], "Stop | None"]


class Stop:
    """Breaks a transfer off before an instance, by an A-ABORT."""


class StorageSender:
    """A storage SCU.

    Parameters
    ----------
    ae_title
        The calling AE title.
    timeout_seconds
        For the connection, the negotiation and each answer.
    pace
        Called before each instance with it and its number, from 1; may wait, and may break the transfer off.
    """

    def __init__(
        self,
        *,
        ae_title: str,
        observer: WireObserver | None = None,
        timeout_seconds: float = 30.0,
        pace: Pace = lambda instance, number: None,
    ) -> None:
        self.ae_title = check_ae_title(ae_title)
        self._observer: WireObserver = observer or NoObserver()
        self._timeout = timeout_seconds
        self._pace = pace

    def send(
        self,
        instances: Sequence[OutgoingInstance],
        destination: Destination,
        associations: Associations = Associations.ONE,
    ) -> tuple[SendOutcome, ...]:
        """Send instances in the given order and return what became of each, in the same order."""
        outcomes: list[SendOutcome] = []
        for batch in _batches(instances, associations):
            outcomes += self._send_batch(batch, destination, len(outcomes))
        return tuple(outcomes)

    def echo(self, destination: Destination) -> int | None:
        """Send a C-ECHO and return its status; None where there was no association or no answer."""
        entity = self._entity()
        entity.add_requested_context(VERIFICATION)
        association = self._associate(entity, destination, association_number())
        if association is None:
            return None
        status = association.send_c_echo()
        association.release()
        return int(status.Status) if status else None

    def _entity(self) -> ApplicationEntity:
        entity = application_entity(self.ae_title)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = self._timeout
        entity.connection_timeout = self._timeout
        return entity

    def _send_batch(
        self, batch: Sequence[OutgoingInstance], destination: Destination, before: int
    ) -> list[SendOutcome]:
        entity = self._entity()
        for sop_class_uid, syntaxes in _contexts(batch):
            entity.add_requested_context(sop_class_uid, list(syntaxes))
        name = association_number()
        association = self._associate(entity, destination, name)
        if association is None:
            return [
                SendOutcome(instance=each, status=None, detail=f"no association with {destination}")
                for each in batch
            ]
        outcomes: list[SendOutcome] = []
        for number, instance in enumerate(batch, start=before + 1):
            if self._pace(instance, number) is not None:
                association.abort()
            outcome = self._send_one(association, name, instance, destination, number)
            outcomes.append(outcome)
            if outcome.detail == NO_ANSWER:
                _end(association)
        if association.is_established:
            association.release()
        return outcomes

    def _associate(
        self, entity: ApplicationEntity, destination: Destination, name: str
    ) -> Association | None:
        def aborted(event: evt.Event) -> None:
            if event.assoc.accepted_contexts:  # pynetdicom also calls a failed connection aborted
                self._observer.association(describe(event.assoc, name, "aborted"))

        opened: list[evt.Event] = []
        try:
            association: Association = entity.associate(
                destination.host,
                destination.port,
                ae_title=destination.ae_title,
                max_pdu=entity.maximum_pdu_size,
                evt_handlers=[
                    CONNECTION_OPENED,
                    (evt.EVT_CONN_OPEN, opened.append),
                    (evt.EVT_ABORTED, aborted),
                ],
            )
        except (OSError, UnicodeError) as error:  # the name is looked up before a connection is tried
            self._failed(destination, name, not_looked_up(destination, error))
            return None
        if association.is_established:
            self._observer.association(describe(association, name, "accepted"))
            return association
        if association.is_rejected:
            response = association.acceptor.primitive
            detail = getattr(response, "reason_str", None)
            self._observer.association(describe(association, name, "rejected", detail))
        elif association.rejected_contexts:
            # The peer accepted it without any of its contexts, so that pynetdicom ended it at once.
            self._observer.association(describe(association, name, "accepted"))
            self._observer.association(describe(association, name, "aborted", "no context was accepted"))
        else:
            failure = not_associated(destination, opened=bool(opened), timeout_seconds=self._timeout)
            self._failed(destination, name, failure)
        return None

    def _failed(self, destination: Destination, name: str, failure: Failure) -> None:
        self._observer.association(
            AssociationFacts(
                association=name,
                requestor=True,
                outcome="failed",
                calling_ae_title=self.ae_title,
                called_ae_title=destination.ae_title,
                address=f"{destination.host}:{destination.port}",
                detail=failure.detail,
                unreached=failure.kind,
            )
        )

    def _send_one(
        self,
        association: Association,
        name: str,
        instance: OutgoingInstance,
        destination: Destination,
        number: int,
    ) -> SendOutcome:
        started = utc_now()
        content, syntax = instance.path.read_bytes(), instance.transfer_syntax_uid
        status, detail = None, None
        if not association.is_established:
            detail = "the association was gone"
        else:
            try:
                wanted = _other_syntax(association, instance)
                if wanted is not None:
                    content, syntax = _recoded(content, wanted), str(wanted)
                status = _store(association, instance.path if wanted is None else content, number)
                detail = NO_ANSWER if status is None else None
            except (ValueError, RuntimeError, AttributeError) as error:
                detail = _no_context(association, instance) or str(error)
        self._observer.store(
            StoreFacts(
                association=name,
                sent=True,
                calling_ae_title=self.ae_title,
                called_ae_title=destination.ae_title,
                message_id=number,
                sop_class_uid=instance.sop_class_uid,
                sop_instance_uid=instance.sop_instance_uid,
                transfer_syntax_uid=syntax,
                status=status,
                started=started,
                ended=utc_now(),
                content=content,
                size=len(content),
                detail=detail,
            )
        )
        return SendOutcome(instance=instance, status=status, detail=detail)


def _other_syntax(association: Association, instance: OutgoingInstance) -> UID | None:
    """Return the plain syntax to recode an instance to; None where its own was accepted, or none will do."""
    accepted = {
        str(context.transfer_syntax[0])
        for context in association.accepted_contexts
        if context.abstract_syntax == instance.sop_class_uid
    }
    if instance.transfer_syntax_uid in accepted or instance.transfer_syntax_uid not in PLAIN:
        return None
    return next((each for each in PLAIN if each in accepted), None)


def _recoded(content: bytes, syntax: UID) -> bytes:
    dataset = dcmread(BytesIO(content))
    dataset.file_meta.TransferSyntaxUID = syntax
    return encode_instance(dataset)


def _store(association: Association, file: Path | bytes, number: int) -> int | None:
    """Send the data set of a file byte for byte and return the status of the answer; None where none came."""
    message_id = (number - 1) % 65535 + 1
    if isinstance(file, Path):
        response = association.send_c_store(file, msg_id=message_id)
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "recoded.dcm"
            path.write_bytes(file)
            response = association.send_c_store(path, msg_id=message_id)
    status = getattr(response, "Status", None)
    return int(status) if status is not None else None


def _end(association: Association) -> None:
    """End an association that gave no answer: the peer aborted it, or was silent until the time-out.

    pynetdicom's own thread may not have noticed the peer's A-ABORT yet; until it has, the association still
    calls itself established, and a further C-STORE would wait for an answer in vain.
    """
    association.join(PATIENCE_SECONDS)
    if association.is_alive():
        association.abort()


def _no_context(association: Association, instance: OutgoingInstance) -> str | None:
    for context in association.rejected_contexts:
        if context.abstract_syntax == instance.sop_class_uid:
            return f"the peer refused the presentation context for {instance.sop_class_uid}"
    return None


def _contexts(batch: Sequence[OutgoingInstance]) -> list[tuple[str, tuple[UID, ...]]]:
    """Return what to propose: a context for each class and syntax, both plain ones in one context."""
    wanted: dict[tuple[str, tuple[UID, ...]], None] = {}
    for instance in batch:
        syntax = UID(instance.transfer_syntax_uid)
        plain = tuple(sorted(PLAIN, key=lambda each: each != syntax))
        wanted[(instance.sop_class_uid, plain if syntax in PLAIN else (syntax,))] = None
    return list(wanted)


def _batches(
    instances: Sequence[OutgoingInstance], associations: Associations
) -> Iterator[list[OutgoingInstance]]:
    batch: list[OutgoingInstance] = []
    for instance in instances:
        if batch and (
            associations is Associations.PER_INSTANCE
            or (associations is Associations.EACH and instance.group != batch[-1].group)
            or len(_contexts([*batch, instance])) > CONTEXTS_PER_ASSOCIATION
        ):
            yield batch
            batch = []
        batch.append(instance)
    if batch:
        yield batch
