"""The simulated Export Selector: what it sends, in which order, over which associations."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom import dcmread
from pydicom.uid import UID, CTImageStorage, KeyObjectSelectionDocumentStorage

from tce_harness.model.errors import HarnessError
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.simulators import ExportSelector, Order, Selected
from tce_harness.transport import Answer, Associations, Destination, IncomingStore

if TYPE_CHECKING:
    from tests.simulators.conftest import Make, Sink, Troupe, Wire

CT, KOS = CTImageStorage, KeyObjectSelectionDocumentStorage


def choose(make: Make) -> list[Selected]:
    study = make.study(instances=3)
    return [
        Selected(label, encode_instance(each), each)
        for label, each in (
            *((f"study/{n}", each) for n, each in enumerate(study, 1)),
            ("manifest/1", make.manifest(study)),
        )
    ]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.AS_LISTED, ["study/1", "study/2", "study/3", "manifest/1"]),
        (Order.MANIFEST_FIRST, ["manifest/1", "study/1", "study/2", "study/3"]),
        (Order.MANIFEST_BETWEEN, ["study/1", "study/2", "manifest/1", "study/3"]),
        (Order.REVERSED, ["manifest/1", "study/3", "study/2", "study/1"]),
    ],
)
def test_instances_arrive_in_the_order_asked_for(
    order: Order, expected: list[str], troupe: Troupe, make: Make, sink: Sink
) -> None:
    chosen = choose(make)
    uids = {each.label: str(each.dataset.SOPInstanceUID) for each in chosen}
    outcomes = troupe.selector().send(chosen, troupe.listener(sink), order)
    assert [outcome.instance.label for outcome in outcomes] == expected
    assert all(outcome.status == 0 for outcome in outcomes)
    assert sink.uids == [uids[label] for label in expected]


@pytest.mark.parametrize(
    ("associations", "expected"),
    [(Associations.ONE, [4]), (Associations.EACH, [3, 1]), (Associations.PER_INSTANCE, [1, 1, 1, 1])],
)
def test_instances_travel_over_the_associations_asked_for(
    associations: Associations, expected: list[int], troupe: Troupe, make: Make, sink: Sink, wire: Wire
) -> None:
    troupe.selector(wire).send(choose(make), troupe.listener(sink), Order.AS_LISTED, associations)
    names = [facts.association for facts in wire.stores]
    assert [names.count(name) for name in dict.fromkeys(names)] == expected
    assert wire.accepted == len(expected)


def test_a_data_set_arrives_byte_for_byte(troupe: Troupe, make: Make, sink: Sink) -> None:
    (sent, *_) = choose(make)
    troupe.selector().send([sent], troupe.listener(sink))
    assert read_instance(sink.came[0].content) == sent.dataset
    assert sink.came[0].content[-2000:] == sent.content[-2000:]


def test_a_file_without_meta_information_is_sent_with_one_of_our_own(
    troupe: Troupe, make: Make, sink: Sink
) -> None:
    plain = make.study()[0]
    buffer = BytesIO()
    bare = read_instance(encode_instance(plain))
    del bare.file_meta
    bare.preamble = None
    bare.save_as(buffer, enforce_file_format=False, implicit_vr=False, little_endian=True)
    found = read_instance(buffer.getvalue())
    (outcome,) = troupe.selector().send(
        [Selected("study/1", buffer.getvalue(), found)], troupe.listener(sink)
    )
    assert outcome.status == 0
    assert sink.datasets == [plain]


def test_a_file_whose_meta_information_names_another_instance_is_sent_as_what_it_is(
    troupe: Troupe, make: Make, sink: Sink
) -> None:
    lying = dcmread(BytesIO(encode_instance(make.study()[0])))
    lying.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    buffer = BytesIO()
    lying.save_as(buffer)
    content = buffer.getvalue()
    (outcome,) = troupe.selector().send(
        [Selected("study/1", content, read_instance(content))], troupe.listener(sink)
    )
    assert outcome.status == 0
    assert sink.uids == [lying.SOPInstanceUID]


def test_a_refused_instance_is_told_and_the_others_still_go(
    troupe: Troupe, make: Make, make_sink: type[Sink]
) -> None:
    def no_room_for_manifests(incoming: IncomingStore) -> Answer:
        return Answer(status=0xA700 if incoming.sop_class_uid == KOS else 0)

    outcomes = troupe.selector().send(
        choose(make), troupe.listener(make_sink(no_room_for_manifests)), Order.MANIFEST_FIRST
    )
    assert [(outcome.status, outcome.stored) for outcome in outcomes] == [
        (0xA700, False), (0, True), (0, True), (0, True),
    ]  # fmt: skip


def test_nobody_at_the_other_end_is_told_for_each_instance(troupe: Troupe, make: Make, wire: Wire) -> None:
    nowhere = Destination("127.0.0.1", 1, "NOBODY")
    outcomes = troupe.selector(wire).send(choose(make), nowhere)
    assert [outcome.status for outcome in outcomes] == [None] * 4
    assert all(outcome.detail == "no association with NOBODY at 127.0.0.1:1" for outcome in outcomes)
    assert [facts.outcome for facts in wire.associations] == ["failed"]


def test_an_instance_that_a_defect_drops_is_not_sent(troupe: Troupe, make: Make, sink: Sink) -> None:
    selector = troupe.selector(mutate=[{"drop": {"instance": "image", "number": 2}}])
    selector.send(choose(make), troupe.listener(sink))
    assert [each.sop_class_uid for each in sink.came] == [CT, CT, KOS]


def test_it_is_idle_whenever_nobody_tells_it_to_send(tmp_path: Path) -> None:
    selector = ExportSelector(ae_title="SELECTOR", folder=tmp_path)
    selector.start()
    assert selector.idle
    selector.stop()


def test_a_bad_ae_title_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="AE title"):
        ExportSelector(ae_title="SEVENTEEN_LETTERS", folder=tmp_path)
