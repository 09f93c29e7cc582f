"""The simulated Receiver: stores everything in any order, and knows what is complete and what is missing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tce_harness.simulators import Order
from tce_harness.standard import codes
from tce_harness.transport import Answer, IncomingStore

if TYPE_CHECKING:
    from tests.simulators.conftest import Heard, Make, Troupe


@pytest.mark.parametrize("order", list(Order))
def test_a_manifest_is_complete_in_any_order_of_arrival(
    order: Order, troupe: Troupe, make: Make, heard: Heard
) -> None:
    study = make.study(instances=3)
    manifest = make.manifest(study)
    receiver = troupe.receiver(tell=heard)
    troupe.selector().send(troupe.choose(*study, manifest), receiver.address, order)
    told = heard.until("complete")
    assert told.sop_instance_uid == manifest.SOPInstanceUID
    assert told.text == "the manifest is complete: all 3 instances it lists are here"
    (selection,) = receiver.selections()
    assert selection.complete
    assert heard.events.count("complete") == 1
    assert heard.events.count("stored") == 4


def test_what_is_missing_is_known(troupe: Troupe, make: Make, heard: Heard) -> None:
    one, two, three = make.study(instances=3)
    receiver = troupe.receiver(tell=heard)
    troupe.send(receiver.address, two, make.manifest([one, two, three]))
    missing = (str(one.SOPInstanceUID), str(three.SOPInstanceUID))
    assert heard.until("waiting").missing == missing
    assert heard.of("waiting")[0].text == "the manifest waits for 2 of 3 instances"
    (selection,) = receiver.selections()
    assert selection.missing == missing
    assert not selection.complete


def test_a_manifest_misses_its_identical_documents_too(troupe: Troupe, make: Make, heard: Heard) -> None:
    studies = make.study("mr-two-studies", instances=1)
    first, second = make.manifests(studies)
    receiver = troupe.receiver(tell=heard)
    troupe.send(receiver.address, *studies, first)
    assert heard.until("waiting").missing == (str(second.SOPInstanceUID),)
    troupe.send(receiver.address, second)
    heard.until("complete")
    (selection,) = receiver.selections()
    assert len(selection.manifests) == 2


def test_a_key_image_note_is_stored_and_is_no_manifest(troupe: Troupe, make: Make, heard: Heard) -> None:
    study = make.study()
    note = make.manifest(study, title=codes.KEY_IMAGE_NOTE_TITLES[0])
    receiver = troupe.receiver(tell=heard)
    assert troupe.send(receiver.address, *study, note) == [0, 0, 0]
    assert receiver.selections() == ()
    assert heard.events == ["stored", "stored", "stored"]


def test_it_answers_the_status_it_is_told_and_does_not_keep_what_it_refused(
    troupe: Troupe, make: Make, heard: Heard
) -> None:
    study = make.study(instances=3)
    receiver = troupe.receiver([{"status": {"code": "A700", "number": 2}}], heard)
    assert troupe.send(receiver.address, *study, make.manifest(study)) == [0, 0xA700, 0, 0]
    assert heard.until("waiting").missing == (str(study[1].SOPInstanceUID),)
    assert troupe.send(receiver.address, study[1]) == [0]
    heard.until("complete")


def test_a_warning_keeps_the_instance(troupe: Troupe, make: Make, heard: Heard) -> None:
    study = make.study()
    receiver = troupe.receiver([{"status": "B007"}], heard)
    assert troupe.send(receiver.address, *study, make.manifest(study)) == [0xB007] * 3
    heard.until("complete")


def test_one_that_loses_an_instance_answers_with_success_and_misses_it(
    troupe: Troupe, make: Make, heard: Heard
) -> None:
    study = make.study()
    receiver = troupe.receiver([{"lose": {"number": 1}}], heard)
    assert troupe.send(receiver.address, *study, make.manifest(study)) == [0, 0, 0]
    assert heard.until("waiting").missing == (str(study[0].SOPInstanceUID),)


def test_a_silent_one_can_be_stopped(troupe: Troupe, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()
    receiver = troupe.receiver([{"silent": {}}])
    react = receiver.behaviour.react

    def noticed(incoming: IncomingStore, answer: Answer) -> tuple[Answer, bool]:
        asked.set()
        return react(incoming, answer)

    monkeypatch.setattr(receiver.behaviour, "react", noticed)
    sending = troupe.in_background(lambda: troupe.send(receiver.address, *make.study()))
    assert asked.wait(20)
    receiver.stop()
    assert sending.result(20) == [None, None]


def test_it_is_always_idle(troupe: Troupe) -> None:
    assert troupe.receiver().idle
