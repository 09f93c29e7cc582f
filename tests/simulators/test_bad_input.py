"""Bad input over a real socket: told by status and sentence, the others unharmed, nothing astray."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_RQ, P_DATA_TF
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
)
from pynetdicom.presentation import build_context

from tce_harness.cli.selection import selection
from tce_harness.content import Content
from tce_harness.deidentify import Deidentifier, Pseudonyms, find_policy
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import read_manifest
from tce_harness.simulators import ExportManager, ExportSelector, Notice, Receiver, Selected
from tce_harness.transport import Destination

ABORTED = None
CONTENT = Content.with_overlays()
UID = "1.2.826.0.1.3680043.9.1.7"


class RawPeer:
    """An SCU that sends whatever bytes it is told to, over its own socket."""

    def __init__(
        self, to: Destination, sop_class: str = CTImageStorage, syntax: str = ExplicitVRLittleEndian
    ) -> None:
        self.socket = socket.create_connection((to.host, to.port), timeout=20)
        context = build_context(sop_class, syntax)
        context.context_id = 1
        request = A_ASSOCIATE()
        request.application_context_name = "1.2.840.10008.3.1.1.1"
        request.calling_ae_title, request.called_ae_title = "RAW", to.ae_title
        longest, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
        longest.maximum_length_received = 16384
        implementation.implementation_class_uid = "1.2.3.4"
        request.user_information = [longest, implementation]
        request.presentation_context_definition_list = [context]
        pdu = A_ASSOCIATE_RQ()
        pdu.from_primitive(request)
        self.socket.sendall(pdu.encode())
        assert self._read_pdu()[0] == 0x02, "the association was not accepted"

    def __enter__(self) -> RawPeer:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def pdus(
        self, data_set: bytes | None, uid: str | None = UID, sop_class: str = CTImageStorage
    ) -> list[bytes]:
        """Return the P-DATA-TF PDUs of a C-STORE request; None is a command that announces no data set."""
        request = C_STORE()
        request.MessageID, request.Priority = 1, 2
        request.AffectedSOPClassUID = sop_class
        if uid is not None:
            request.AffectedSOPInstanceUID = uid
        request.DataSet = BytesIO(data_set) if data_set is not None else None
        message = C_STORE_RQ()
        message.primitive_to_message(request)
        found = []
        for primitive in message.encode_msg(1, 4096):
            pdu = P_DATA_TF()
            pdu.from_primitive(primitive)
            found.append(pdu.encode())
        if data_set == b"":
            found.append(bytes.fromhex("04 00 00000006 00000002 01 02"))  # the last fragment, and empty
        return found

    def store(
        self, data_set: bytes | None, uid: str | None = UID, sop_class: str = CTImageStorage
    ) -> int | None:
        """Send a C-STORE request and return the status; None where the association ended instead."""
        self.socket.sendall(b"".join(self.pdus(data_set, uid, sop_class)))
        return self.answer()[0]

    def answer(self) -> tuple[int | None, str]:
        """Return status and Error Comment of the next answer; None where the association ended instead."""
        kind, body = self._read_pdu()
        if kind != 0x04:
            return ABORTED, ""
        command = read_dataset(BytesIO(body[6:]), is_implicit_VR=True, is_little_endian=True)
        return int(command.Status), str(command.get("ErrorComment", ""))

    def _read_pdu(self) -> tuple[int, bytes]:
        header = self._read(6)
        if len(header) < 6:
            return 0, b""
        return header[0], self._read(struct.unpack(">L", header[2:])[0])

    def _read(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            try:
                part = self.socket.recv(length - len(found))
            except ConnectionError:
                part = b""
            if not part:
                break
            found += part
        return found


def element(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """Return an element in Explicit VR Little Endian, with another length than its own where one is given."""
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr
    length = len(value) if length is None else length
    return (
        head + (struct.pack("<HL", 0, length) if vr in {b"OB", b"UN"} else struct.pack("<H", length)) + value
    )


def padded(text: str) -> bytes:
    return text.encode("ascii") + b"\0" * (len(text) % 2)


def data_set(uid: str | None = UID, name: str = "Hand^Oona", rest: bytes = b"") -> bytes:
    """Return the bytes of a small data set."""
    return b"".join(
        [
            element(0x00080016, b"UI", padded(CTImageStorage)),
            element(0x00080018, b"UI", padded(uid)) if uid is not None else b"",
            element(0x00100010, b"PN", padded(name).replace(b"\0", b" ")),
            element(0x0020000D, b"UI", padded("1.2.3.4.5")),
            rest,
        ]
    )


@dataclass
class Actor:
    """A running simulated actor, and what it told."""

    address: Destination
    folder: Path
    notices: list[Notice] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, notice: Notice) -> None:
        with self.changed:
            self.notices.append(notice)
            self.changed.notify_all()

    def wait_for(self, event: str) -> Notice:
        """Wait for a notice of a kind and return it."""
        with self.changed:
            assert self.changed.wait_for(lambda: any(each.event == event for each in self.notices), 20), event
            return next(each for each in self.notices if each.event == event)

    def stored(self) -> set[str]:
        return {path.name for path in (self.folder / "received").iterdir()}


@pytest.fixture(params=["export-manager", "receiver"])
def actor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Actor]:
    folder = tmp_path / "deep" / "down" / "actor"
    found = Actor(Destination("127.0.0.1", 0, "ACTOR"), folder)
    player: ExportManager | Receiver
    if request.param == "receiver":
        player = Receiver(ae_title="ACTOR", folder=folder, tell=found.tell)
    else:
        player = ExportManager(
            ae_title="ACTOR",
            folder=folder,
            destinations=[],
            deidentifier=Deidentifier(find_policy("basic", CONTENT), Pseudonyms(b"k" * 16)),
            tell=found.tell,
        )
    player.start()
    found.address = player.address
    yield found
    player.stop()
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(folder)]
    assert outside == [], "something was written outside the actor's folder"


def assert_serves(actor: Actor) -> None:
    """Another association is served, and what it stores is kept."""
    other = "1.2.826.0.1.3680043.9.1.99"
    with RawPeer(actor.address) as peer:
        assert peer.store(data_set(other), other) == 0x0000
    assert f"{other}.dcm" in actor.stored()


CUT_SHORT = data_set(rest=element(0x00104000, b"LT", b"no more than this", length=400))
TWO_GIGABYTES = data_set(rest=element(0x7FE00010, b"OB", b"\0" * 64, length=0x7FFFFFF0))
BAD_DATA_SETS: dict[str, tuple[bytes | None, str]] = {
    "not DICOM": (b"GIF89a not a data set at all" * 20, "the data set is"),
    "no data set": (None, "holds no data set"),
    "a data set of no bytes": (b"", "holds no data set"),
    "cut short inside an element": (CUT_SHORT, "cut short"),
    "cut short inside a header": (data_set(rest=b"\x10\x00\x00\x40LT"), "cut short"),
    "a length field of 2 GB": (TWO_GIGABYTES, "cut short"),
    "no SOP Instance UID": (data_set(None), "SOP Instance UID (0008,0018) is missing"),
    "a UID with path characters": (data_set("../../../escaped"), "is not a UID"),
    "a UID that is too long": (data_set("1." + "2" * 80), "64"),
}


@pytest.mark.parametrize("name", BAD_DATA_SETS)
def test_a_bad_data_set_is_refused_with_a_status_and_a_sentence(actor: Actor, name: str) -> None:
    content, says = BAD_DATA_SETS[name]
    with RawPeer(actor.address) as peer:
        peer.socket.sendall(b"".join(peer.pdus(content)))
        status, comment = peer.answer()
        assert status == 0xC000
        assert comment.startswith("the data set")
        assert peer.store(data_set()) == 0x0000, "the same association goes on"
    assert says in actor.wait_for("refused").text
    assert actor.stored() == {f"{UID}.dcm"}
    assert_serves(actor)


@pytest.mark.parametrize(
    "uid",
    ["../../../escaped", "/escaped", "..\\..\\escaped", "1.2/../../escaped", "C:escaped", "1.2.\n3", "."],
)
def test_a_uid_in_the_command_names_no_file(actor: Actor, uid: str) -> None:
    with RawPeer(actor.address) as peer:
        assert peer.store(data_set(uid.replace("\\", "/")), uid) in {0xC000, 0xA900, ABORTED}
    assert actor.stored() == set()
    assert_serves(actor)


def test_a_command_without_a_uid_is_refused(actor: Actor) -> None:
    with RawPeer(actor.address) as peer:
        peer.socket.sendall(b"".join(peer.pdus(data_set(), None)))
        assert peer.answer() == (0xC000, "the C-STORE request lacks AffectedSOPInstanceUID")
        assert peer.store(data_set()) == 0x0000, "the same association goes on"
    assert actor.stored() == {f"{UID}.dcm"}
    assert_serves(actor)


def test_a_uid_that_differs_between_command_and_data_set_is_refused(actor: Actor) -> None:
    with RawPeer(actor.address) as peer:
        assert peer.store(data_set("1.2.3"), UID) == 0xA900
    assert actor.stored() == set()


def test_an_unknown_transfer_syntax_is_refused(actor: Actor) -> None:
    with RawPeer(actor.address, syntax="1.2.826.0.1.3680043.9.1.4711") as peer:
        assert peer.store(data_set()) == 0xC000
    assert "a transfer syntax that PS3.5 does not define" in actor.wait_for("refused").text
    assert actor.stored() == set()
    assert_serves(actor)


def test_a_duplicate_with_other_bytes_is_refused_and_the_first_is_kept(actor: Actor) -> None:
    with RawPeer(actor.address) as peer:
        assert peer.store(data_set()) == 0x0000
        assert peer.store(data_set()) == 0x0000, "the same bytes again"
        assert peer.store(data_set(name="Foot^Oona")) == 0xC0D0
    assert "already stored" in actor.wait_for("refused").text
    kept = read_instance(actor.folder / "received" / f"{UID}.dcm")
    assert kept.PatientName == "Hand^Oona"


@pytest.mark.parametrize("how", ["A-ABORT", "the connection is cut"])
def test_an_association_that_ends_inside_a_data_set_leaves_nothing(actor: Actor, how: str) -> None:
    with RawPeer(actor.address) as peer:
        pdus = peer.pdus(data_set(rest=element(0x7FE00010, b"OB", b"\1" * 40_000)))
        assert len(pdus) > 5
        peer.socket.sendall(b"".join(pdus[:4]) + pdus[4][:100])
        if how == "A-ABORT":
            peer.socket.sendall(pdus[4][100:])
            abort = A_ABORT_RQ()
            abort.source, abort.reason_diagnostic = 0, 0
            peer.socket.sendall(abort.encode())
    assert_serves(actor)
    assert actor.stored() == {"1.2.826.0.1.3680043.9.1.99.dcm"}
    with RawPeer(actor.address) as peer:
        assert peer.store(data_set()) == 0x0000, "what was cut off can be sent again"


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: archive\r\n\r\n",
        b"\x01\x00\x7f\xff\xff\xff\x00\x01",
        b"\x04\x00\x00\x00\x00\x02",
    ],
    ids=["HTTP", "a PDU of 2 GB", "data before an association"],
)
def test_what_is_no_association_harms_nobody(actor: Actor, garbage: bytes) -> None:
    with socket.create_connection((actor.address.host, actor.address.port), timeout=20) as stranger:
        stranger.sendall(garbage)
        assert_serves(actor)
    assert_serves(actor)


def listing_itself(content: bytes) -> tuple[str, bytes]:
    """Return a manifest that lists itself beside its images, in evidence and content alike."""
    manifest = read_instance(content)
    own = Dataset()
    own.ReferencedSOPClassUID, own.ReferencedSOPInstanceUID = manifest.SOPClassUID, manifest.SOPInstanceUID
    series = Dataset()
    series.SeriesInstanceUID = manifest.SeriesInstanceUID
    series.ReferencedSOPSequence = Sequence([own])
    evidence = manifest.CurrentRequestedProcedureEvidenceSequence[0]
    evidence.ReferencedSeriesSequence.append(series)
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "COMPOSITE"
    item.ReferencedSOPSequence = Sequence([own])
    manifest.ContentSequence.append(item)
    return str(manifest.SOPInstanceUID), encode_instance(manifest)


def test_a_manifest_that_lists_itself_is_exported_once_and_nobody_waits_for_it(tmp_path: Path) -> None:
    made = selection("ct-chest", title="TCE001", delay=None, atfi=None, seed=3, content=CONTENT)
    uid, changed = listing_itself(made[-1].content)
    assert uid in read_manifest(read_instance(changed)).listed
    receiver = Receiver(ae_title="RECEIVER", folder=tmp_path / "receiver")
    receiver.start()
    actor = Actor(Destination("127.0.0.1", 0, "MANAGER"), tmp_path / "manager")
    manager = ExportManager(
        ae_title="MANAGER",
        folder=actor.folder,
        destinations=[receiver.address],
        deidentifier=Deidentifier(find_policy("basic", CONTENT), Pseudonyms(b"k" * 16)),
        tell=actor.tell,
    )
    manager.start()
    try:
        selector = ExportSelector(ae_title="SELECTOR", folder=tmp_path / "selector")
        selector.send([Selected("manifest/1", changed, read_instance(changed)), *made[:-1]], manager.address)
        sent = actor.wait_for("sent")
    finally:
        manager.stop()
        receiver.stop()
    assert sent.text.startswith(f"sent {len(made)} of {len(made)} instances")
    (exported,) = receiver.selections()
    assert exported.complete
    assert len(exported.listed) == len(made) - 1
    assert exported.manifests[0].uid != uid
    assert uid not in exported.manifests[0].reading.listed
