"""What an actor takes in: stored under its UID, or refused with the status of PS3.4 section B.2.3."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import MRImageStorage

from tce_harness.objects.instance import encode_instance
from tce_harness.simulators.inbox import Inbox
from tce_harness.transport import IncomingStore

if TYPE_CHECKING:
    from tests.simulators.conftest import Make


def incoming(dataset: Dataset, **changed: str | bytes) -> IncomingStore:
    facts: dict[str, object] = {
        "calling_ae_title": "SELECTOR",
        "called_ae_title": "MANAGER",
        "sop_class_uid": str(dataset.SOPClassUID),
        "sop_instance_uid": str(dataset.SOPInstanceUID),
        "transfer_syntax_uid": str(dataset.file_meta.TransferSyntaxUID),
        "content": encode_instance(dataset),
        **changed,
    }
    return IncomingStore(**facts)  # type: ignore[arg-type]


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "received")


def test_an_instance_lies_under_its_uid_with_its_own_bytes(inbox: Inbox, make: Make) -> None:
    dataset = make.study()[0]
    answer, held = inbox.take(incoming(dataset))
    assert answer.status == 0
    assert held is not None
    assert held.path == inbox.folder / f"{dataset.SOPInstanceUID}.dcm"
    assert held.path.read_bytes() == encode_instance(dataset)
    assert inbox.get(str(dataset.SOPInstanceUID)) is held
    assert inbox.all() == (held,)
    assert inbox.missing((str(dataset.SOPInstanceUID), "1.2.3")) == ("1.2.3",)


def test_the_same_bytes_again_succeed_and_change_nothing(inbox: Inbox, make: Make) -> None:
    dataset = make.study()[0]
    _, held = inbox.take(incoming(dataset))
    answer, again = inbox.take(incoming(dataset))
    assert (answer.status, answer.detail) == (0, "already stored, same bytes")
    assert again is None
    assert inbox.all() == (held,)


def test_other_bytes_of_a_known_uid_are_refused_and_the_first_stays(inbox: Inbox, make: Make) -> None:
    dataset = make.study()[0]
    other = deepcopy(dataset)
    other.SeriesDescription = "another one"
    inbox.take(incoming(dataset))
    answer, again = inbox.take(incoming(other))
    assert answer.status == 0xC0D0
    assert again is None
    (held,) = inbox.all()
    assert held.path.read_bytes() == encode_instance(dataset)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"content": b"not DICOM"}, 0xC000),
        ({"sop_instance_uid": "../../etc/passwd"}, 0xC000),
        ({"sop_instance_uid": ""}, 0xC000),
        ({"sop_instance_uid": "1.2.3"}, 0xA900),
        ({"sop_class_uid": str(MRImageStorage)}, 0xA900),
    ],
)
def test_what_is_not_what_its_command_says_is_refused(
    changed: dict[str, str | bytes], status: int, inbox: Inbox, make: Make
) -> None:
    answer, held = inbox.take(incoming(make.study()[0], **changed))
    assert answer.status == status
    assert answer.detail
    assert held is None
    assert list(inbox.folder.iterdir()) == []


def test_what_cannot_be_written_is_out_of_resources(inbox: Inbox, make: Make) -> None:
    dataset = make.study()[0]
    (inbox.folder / f"{dataset.SOPInstanceUID}.dcm").mkdir()
    answer, held = inbox.take(incoming(dataset))
    assert answer.status == 0xA700
    assert held is None
    assert inbox.all() == ()
    assert [path.suffix for path in inbox.folder.iterdir()] == [".dcm"]


def test_what_is_forgotten_can_come_again(inbox: Inbox, make: Make) -> None:
    dataset = make.study()[0]
    _, held = inbox.take(incoming(dataset))
    assert held is not None
    inbox.forget(held)
    assert inbox.all() == ()
    assert list(inbox.folder.iterdir()) == []
    answer, again = inbox.take(incoming(dataset))
    assert answer.status == 0
    assert again is not None
