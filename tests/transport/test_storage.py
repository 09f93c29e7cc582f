"""Sender and listener against each other over real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UID, CTImageStorage, EnhancedSRStorage, ExplicitVRLittleEndian, JPEGBaseline8Bit
from pynetdicom import AE
from pynetdicom.pdu_primitives import UserIdentityNegotiation

from tce_harness.model.errors import HarnessError
from tce_harness.objects.instance import encode_instance, file_meta, read_instance
from tce_harness.transport import (
    Answer,
    AssociationFacts,
    Associations,
    ContextAnswer,
    Destination,
    IncomingStore,
    Negotiation,
    OutgoingInstance,
    Reaction,
    StorageListener,
    StorageSender,
    StoreFacts,
)
from tce_harness.transport.listener import StoreHandler


class Notes:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.associations: list[AssociationFacts] = []
        self.stores: list[StoreFacts] = []
        self.ended = threading.Event()

    def association(self, facts: AssociationFacts) -> None:
        self.associations.append(facts)
        if facts.outcome in {"aborted", "released", "rejected"}:
            self.ended.set()

    def store(self, facts: StoreFacts) -> None:
        self.stores.append(facts)


@contextmanager
def listening(
    store: StoreHandler = lambda incoming: Answer(),
    notes: Notes | None = None,
    negotiation: Negotiation | None = None,
) -> Iterator[StorageListener]:
    listener = StorageListener(ae_title="ARCHIVE", store=store, observer=notes, negotiation=negotiation)
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


def outgoing(
    folder: Path, number: int, syntax: str = ExplicitVRLittleEndian, sop_class: str = CTImageStorage
) -> OutgoingInstance:
    dataset = Dataset()
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = f"2.25.{number}"
    dataset.PatientName = "O'Hara^Nuala"
    dataset.file_meta = file_meta(sop_class, f"2.25.{number}", syntax)
    path = folder / f"{number}.dcm"
    path.write_bytes(encode_instance(dataset))
    return OutgoingInstance(
        path=path,
        sop_class_uid=sop_class,
        sop_instance_uid=f"2.25.{number}",
        transfer_syntax_uid=syntax,
        label=f"study/{number}",
    )


def to(listener: StorageListener) -> Destination:
    return Destination(listener.host, listener.port, listener.ae_title)


def test_both_ends_record_the_same_bytes_titles_and_status(tmp_path: Path) -> None:
    theirs, ours = Notes(), Notes()
    with listening(notes=theirs) as listener:
        sender = StorageSender(ae_title="SELECTOR", observer=ours)
        outcomes = sender.send([outgoing(tmp_path, 1), outgoing(tmp_path, 2)], to(listener))
    assert [outcome.status for outcome in outcomes] == [0, 0]
    assert [facts.sop_instance_uid for facts in theirs.stores] == ["2.25.1", "2.25.2"]
    assert read_instance(theirs.stores[0].content or b"").PatientName == "O'Hara^Nuala"
    assert theirs.stores[0].calling_ae_title == "SELECTOR"
    assert theirs.stores[0].called_ae_title == "ARCHIVE"
    accepted = next(facts for facts in ours.associations if facts.outcome == "accepted")
    assert accepted.contexts[0].abstract_syntax == CTImageStorage
    assert accepted.contexts[0].accepted_syntax == ExplicitVRLittleEndian


@pytest.mark.parametrize("status", [0xB000, 0xB006, 0xB007])
def test_a_warning_status_means_stored(tmp_path: Path, status: int) -> None:
    with listening(lambda incoming: Answer(status=status)) as listener:
        (outcome,) = StorageSender(ae_title="S").send([outgoing(tmp_path, 1)], to(listener))
    assert outcome.status == status
    assert outcome.stored


@pytest.mark.parametrize("status", [0xA700, 0xA900, 0xC000, 0x0122, 0x0124])
def test_a_failure_status_is_told_and_the_next_instance_is_still_sent(tmp_path: Path, status: int) -> None:
    def refuse_the_first(incoming: IncomingStore) -> Answer:
        return Answer(status=status if incoming.sop_instance_uid == "2.25.1" else 0)

    with listening(refuse_the_first) as listener:
        outcomes = StorageSender(ae_title="S").send(
            [outgoing(tmp_path, 1), outgoing(tmp_path, 2)], to(listener)
        )
    assert [outcome.status for outcome in outcomes] == [status, 0]
    assert [outcome.stored for outcome in outcomes] == [False, True]


def test_an_abort_by_the_peer_leaves_the_rest_unanswered_and_both_ends_say_so(tmp_path: Path) -> None:
    theirs, ours = Notes(), Notes()
    with listening(lambda incoming: Answer(reaction=Reaction.ABORT), theirs) as listener:
        outcomes = StorageSender(ae_title="S", observer=ours).send(
            [outgoing(tmp_path, 1), outgoing(tmp_path, 2)], to(listener)
        )
    assert [outcome.status for outcome in outcomes] == [None, None]
    assert outcomes[1].detail == "the association was gone"
    assert any(facts.outcome == "aborted" for facts in ours.associations)


def test_instances_travel_over_as_many_associations_as_asked(tmp_path: Path) -> None:
    for associations, expected in ((Associations.ONE, 1), (Associations.PER_INSTANCE, 3)):
        notes = Notes()
        with listening(notes=notes) as listener:
            StorageSender(ae_title="S").send(
                [outgoing(tmp_path, number) for number in (1, 2, 3)], to(listener), associations
            )
        accepted = [facts for facts in notes.associations if facts.outcome == "accepted"]
        assert len(accepted) == expected
        assert len({facts.association for facts in notes.stores}) == expected


def test_an_association_without_any_context_is_recorded_with_what_was_refused(tmp_path: Path) -> None:
    ours = Notes()
    with listening(negotiation=NoCTImages()) as listener:
        (outcome,) = StorageSender(ae_title="S", observer=ours).send([outgoing(tmp_path, 1)], to(listener))
    assert outcome.status is None
    accepted, ended = ours.associations
    assert [(each.abstract_syntax, each.accepted_syntax) for each in accepted.contexts] == [
        (CTImageStorage, None)
    ]
    assert (accepted.outcome, ended.outcome) == ("accepted", "aborted")


class OnlyKnown(Negotiation):
    def rejection(self, calling_ae_title: str) -> tuple[int, int, int] | None:
        return None if calling_ae_title == "KNOWN" else (1, 1, 3)


class NothingCompressed(Negotiation):
    def context(self, sop_class_uid: str, transfer_syntaxes: tuple[str, ...]) -> ContextAnswer:
        compressed = all(UID(each).is_compressed for each in transfer_syntaxes)
        return ContextAnswer.NO_SUCH_SYNTAX if compressed else ContextAnswer.ACCEPT


class NoCTImages(Negotiation):
    def context(self, sop_class_uid: str, transfer_syntaxes: tuple[str, ...]) -> ContextAnswer:
        return ContextAnswer.NO_SUCH_CLASS if sop_class_uid == CTImageStorage else ContextAnswer.ACCEPT


@pytest.mark.parametrize(
    ("negotiation", "result"),
    [
        (NoCTImages(), "abstract syntax not supported"),
        (NothingCompressed(), "transfer syntaxes not supported"),
    ],
)
def test_a_refused_context_is_recorded_on_both_sides_under_its_own_class(
    tmp_path: Path, negotiation: Negotiation, result: str
) -> None:
    theirs, ours = Notes(), Notes()
    with listening(notes=theirs, negotiation=negotiation) as listener:
        sent = [
            outgoing(tmp_path, 1, JPEGBaseline8Bit),
            outgoing(tmp_path, 2, sop_class=EnhancedSRStorage),
        ]
        refused, taken = StorageSender(ae_title="SENDER", observer=ours).send(sent, to(listener))
    assert (refused.status, taken.status) == (None, 0)
    for notes in (theirs, ours):
        accepted = next(facts for facts in notes.associations if facts.outcome == "accepted")
        assert {each.abstract_syntax: each.result for each in accepted.contexts} == {
            CTImageStorage: result,
            EnhancedSRStorage: "accepted",
        }


def test_an_unknown_calling_title_is_rejected_and_recorded(tmp_path: Path) -> None:
    theirs, ours = Notes(), Notes()
    with listening(notes=theirs, negotiation=OnlyKnown()) as listener:
        (outcome,) = StorageSender(ae_title="S", observer=ours).send([outgoing(tmp_path, 1)], to(listener))
    assert outcome.status is None
    assert [facts.outcome for facts in theirs.associations] == ["rejected"]
    assert [facts.outcome for facts in ours.associations] == ["rejected"]
    for facts in (*theirs.associations, *ours.associations):
        assert [each.abstract_syntax for each in facts.contexts] == [CTImageStorage]


def test_nobody_listening_is_recorded_as_a_failed_association(tmp_path: Path) -> None:
    with listening() as listener:
        destination = to(listener)
    ours = Notes()
    (outcome,) = StorageSender(ae_title="S", observer=ours).send([outgoing(tmp_path, 1)], destination)
    assert outcome.status is None
    (facts,) = ours.associations
    assert (facts.outcome, facts.unreached) == ("failed", "refused")
    assert facts.detail == "Connection refused (ECONNREFUSED)"


def test_a_host_that_nobody_knows_is_recorded_and_no_fault_of_ours(tmp_path: Path) -> None:
    ours = Notes()
    destination = Destination("gateway.invalid", 11112, "GATEWAY")  # RFC 6761 keeps .invalid unresolvable
    (outcome,) = StorageSender(ae_title="S", observer=ours).send([outgoing(tmp_path, 1)], destination)
    assert outcome.detail == "no association with GATEWAY at gateway.invalid:11112"
    (facts,) = ours.associations
    assert (facts.outcome, facts.unreached) == ("failed", "unknown-host")
    assert "gateway.invalid leads to no address" in str(facts.detail)


def test_a_name_that_cannot_be_a_host_is_recorded_like_one_that_nobody_knows(tmp_path: Path) -> None:
    ours = Notes()
    StorageSender(ae_title="S", observer=ours).send(
        [outgoing(tmp_path, 1)], Destination("a" * 70 + ".example", 11112, "GATEWAY")
    )
    assert [facts.unreached for facts in ours.associations] == ["unknown-host"]


def test_a_port_that_speaks_no_dicom_is_told_from_one_that_is_closed(tmp_path: Path) -> None:
    ours = Notes()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        destination = Destination("127.0.0.1", mute.getsockname()[1], "GATEWAY")
        StorageSender(ae_title="S", observer=ours, timeout_seconds=0.5).send(
            [outgoing(tmp_path, 1)], destination
        )
    (facts,) = ours.associations
    assert facts.unreached == "no-answer"
    assert facts.detail == "the connection opened, and no answer came to the association request"


def test_a_fault_in_the_handler_reaches_the_peer_as_a_failure(tmp_path: Path) -> None:
    def broken(incoming: IncomingStore) -> Answer:
        raise RuntimeError("no room")

    notes = Notes()
    with listening(broken, notes) as listener:
        (outcome,) = StorageSender(ae_title="S").send([outgoing(tmp_path, 1)], to(listener))
    assert outcome.status == 0xC000
    assert (notes.stores[0].detail or "").startswith("the harness failed: RuntimeError at test_storage.py:")


def test_a_compressed_file_arrives_in_its_own_syntax(tmp_path: Path) -> None:
    notes = Notes()
    with listening(notes=notes) as listener:
        (outcome,) = StorageSender(ae_title="S").send([outgoing(tmp_path, 1, JPEGBaseline8Bit)], to(listener))
    assert outcome.stored
    assert notes.stores[0].transfer_syntax_uid == JPEGBaseline8Bit


def test_an_occupied_port_is_told_with_what_to_do() -> None:
    with listening() as first:
        second = StorageListener(ae_title="B", store=lambda incoming: Answer(), port=first.port)
        with pytest.raises(HarnessError, match=f"cannot listen on 127.0.0.1:{first.port}.*give another one"):
            second.start()


@pytest.mark.parametrize("title", ["", "   ", "SEVENTEEN_LETTERS", "BACK\\SLASH", "TAB\t", "Größe"])
def test_a_bad_ae_title_is_refused(title: str) -> None:
    with pytest.raises(HarnessError, match="AE title"):
        StorageListener(ae_title=title, store=lambda incoming: Answer())


@pytest.mark.parametrize("text", ["host", "host:1", "host:0:A", "host:x:A", ":1:A", "h:70000:A"])
def test_a_malformed_destination_is_refused(text: str) -> None:
    with pytest.raises(HarnessError):
        Destination.parse(text)


def test_echo_answers() -> None:
    with listening() as listener:
        assert StorageSender(ae_title="S").echo(to(listener)) == 0


@pytest.mark.parametrize(
    ("kind", "primary", "secondary", "expected"),
    [
        (1, b"o.hara", b"", "o.hara"),
        (2, b"o.hara", b"the passcode", "o.hara"),
        (4, b"<saml>secret</saml>", b"", "user identity of type 4"),
    ],
)
def test_the_user_of_an_association_is_recorded_and_no_secret(
    kind: int, primary: bytes, secondary: bytes, expected: str
) -> None:
    notes = Notes()
    item = UserIdentityNegotiation()
    item.user_identity_type, item.primary_field = kind, primary
    item.positive_response_requested = False
    if secondary:
        item.secondary_field = secondary
    with listening(notes=notes) as listener:
        entity = AE("SELECTOR")
        entity.add_requested_context(CTImageStorage)
        association = entity.associate(
            listener.host, listener.port, ae_title=listener.ae_title, ext_neg=[item]
        )
        association.release()
        assert notes.ended.wait(10)
    told = {facts.user_identity for facts in notes.associations}
    assert told == {expected}
    assert "passcode" not in str(notes.associations)
