"""The simulated Export Manager: waits for what is listed, holds what is delayed, sends what went in."""

from __future__ import annotations

import threading
from copy import deepcopy
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import KeyObjectSelectionDocumentStorage

from tce_harness.deidentify import Quarantined
from tce_harness.model.errors import HarnessError
from tce_harness.objects.manifest import is_export_manifest, read_manifest
from tce_harness.simulators import ExportManager, Order, Untouched
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept
from tce_harness.transport import Answer, Associations, Destination, IncomingStore, Reaction

if TYPE_CHECKING:
    from tests.simulators.conftest import Heard, Make, Sink, Troupe, Wire

KOS = KeyObjectSelectionDocumentStorage
DELAY = codes.DELAY_REASONS[0].iheradtf
OTHER_TITLES = (*codes.KEY_IMAGE_NOTE_TITLES[:1], *codes.REJECTION_NOTE_TITLES, codes.XDS_MANIFEST)


def manifests_of(sink: Sink) -> list[Dataset]:
    return [each for each in sink.datasets if is_export_manifest(each)]


def instances_of(sink: Sink) -> list[Dataset]:
    return [each for each in sink.datasets if not is_export_manifest(each)]


def uids(datasets: list[Dataset]) -> set[str]:
    return {str(each.SOPInstanceUID) for each in datasets}


def uid(dataset: Dataset) -> str:
    return str(dataset.SOPInstanceUID)


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("associations", [Associations.ONE, Associations.PER_INSTANCE])
def test_any_order_of_arrival_ends_in_the_same_export(
    order: Order, associations: Associations, troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    study = make.study(instances=3)
    manager = troupe.manager(troupe.listener(sink), tell=heard)
    chosen = troupe.choose(*study, make.manifest(study))
    outcomes = troupe.selector().send(chosen, manager.address, order, associations)
    assert {outcome.status for outcome in outcomes} == {0}
    heard.until("sent")
    (manifest,) = manifests_of(sink)
    exported = instances_of(sink)
    assert len(exported) == 3
    assert set(read_manifest(manifest).listed) == uids(exported)
    assert not uids(sink.datasets) & uids([*study])
    assert {each.PatientIdentityRemoved for each in sink.datasets} == {"YES"}


def test_it_waits_for_what_the_manifest_lists_and_says_for_what(
    troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    one, two, three = make.study(instances=3)
    manager = troupe.manager(troupe.listener(sink), tell=heard)
    troupe.send(manager.address, make.manifest([one, two, three]))
    assert set(heard.until("waiting").missing) == {uid(one), uid(two), uid(three)}
    troupe.send(manager.address, three, one)
    while heard.of("waiting")[-1].missing != (uid(two),):
        heard.until("waiting", len(heard.of("waiting")) + 1)
    assert sink.came == []
    troupe.send(manager.address, two)
    heard.until("sent")
    assert len(sink.came) == 4


def test_it_waits_for_the_identical_documents_of_the_other_studies(
    troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    studies = make.study("mr-two-studies", instances=1)
    first, second = make.manifests(studies)
    manager = troupe.manager(troupe.listener(sink), tell=heard)
    troupe.send(manager.address, *studies, second)
    assert heard.until("waiting").missing == (uid(first),)
    assert sink.came == []
    troupe.send(manager.address, first)
    heard.until("sent")
    documents = manifests_of(sink)
    assert len(documents) == 2
    assert len({str(each.StudyInstanceUID) for each in documents}) == 2
    for document in documents:
        (other,) = (each for each in documents if each is not document)
        assert [each.sop_instance_uid for each in read_manifest(document).identical_documents] == [uid(other)]
    assert uids(instances_of(sink)) == set(read_manifest(documents[0]).listed)


def test_a_delayed_manifest_is_held_until_a_later_one_releases_it(
    troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    study, other = make.study(), make.study(block=2)
    delayed = make.manifest(study, delay=DELAY)
    manager = troupe.manager(troupe.listener(sink), tell=heard)
    troupe.send(manager.address, *study, delayed)
    heard.until("held")
    # An export of something else in between shows that the delayed one was looked at and left.
    troupe.send(manager.address, *other, make.manifest(other, number=901))
    heard.until("sent")
    assert len(sink.came) == 3
    troupe.send(manager.address, make.manifest(study, number=902))
    heard.until("sent", 2)
    assert len(sink.came) == 6
    assert not any(read_manifest(each).is_delayed for each in manifests_of(sink))
    manager.stop()
    assert "unfinished" not in heard.events


@pytest.mark.parametrize("title", OTHER_TITLES, ids=lambda title: title.meaning.replace(" ", "-"))
def test_another_key_object_selection_never_starts_an_export(
    title: Concept, troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    study, other = make.study(), make.study(block=2)
    manager = troupe.manager(troupe.listener(sink), tell=heard)
    assert troupe.send(manager.address, *study, make.manifest(study, title=title)) == [0, 0, 0]
    troupe.send(manager.address, *other, make.manifest(other, number=901))
    heard.until("sent")
    assert len(sink.came) == 3
    assert [read_manifest(each).is_export_manifest for each in manifests_of(sink)] == [True]
    assert "waiting" not in [each.event for each in heard.notices[:3]]


def test_what_no_manifest_lists_is_never_forwarded(
    troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    one, two, three = make.study(instances=3)
    manager = troupe.manager(troupe.listener(sink), tell=heard, deidentifier=Untouched())
    troupe.send(manager.address, one, two, three, make.manifest([one, three]))
    heard.until("sent")
    assert uids(instances_of(sink)) == {uid(one), uid(three)}


def test_a_manager_that_forwards_everything_is_a_defect_that_shows(
    troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    one, two = make.study()
    manager = troupe.manager(
        troupe.listener(sink), tell=heard, deidentifier=Untouched(), forwards_unlisted=True
    )
    troupe.send(manager.address, one, two, make.manifest([one]))
    heard.until("sent")
    assert uids(instances_of(sink)) == {uid(one), uid(two)}


class Refuses:
    """A de-identifier that quarantines some instances and hands the others on."""

    def __init__(self, *refused: Dataset) -> None:
        self._refused = uids([*refused])

    def deidentify(self, dataset: Dataset) -> object:
        if uid(dataset) in self._refused:
            return Quarantined("its pixels may show text")
        return Untouched().deidentify(dataset)


def test_a_quarantined_instance_stays_and_the_manifest_lists_exactly_what_went(
    troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    one, two, three = make.study(instances=3)
    manager = troupe.manager(troupe.listener(sink), tell=heard, deidentifier=Refuses(two))
    troupe.send(manager.address, one, two, three, make.manifest([one, two, three]))
    heard.until("sent")
    assert heard.until("quarantined").sop_instance_uid == uid(two)
    (manifest,) = manifests_of(sink)
    assert uids(instances_of(sink)) == {uid(one), uid(three)} == set(read_manifest(manifest).listed)
    evidence = {each.sop_instance_uid for each in read_manifest(manifest).evidence}
    assert evidence == {uid(one), uid(three)}


def test_where_everything_is_quarantined_nothing_goes_and_it_is_told(
    troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    study = make.study()
    manager = troupe.manager(troupe.listener(sink), tell=heard, deidentifier=Refuses(*study))
    troupe.send(manager.address, *study, make.manifest(study))
    heard.until("nothing-left")
    assert sink.came == []


def test_a_resent_instance_succeeds_and_is_exported_once(
    troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    study = make.study()
    manager = troupe.manager(troupe.listener(sink), tell=heard)
    assert troupe.send(manager.address, *study, *study) == [0, 0, 0, 0]
    manifest = make.manifest(study)
    troupe.send(manager.address, manifest)
    heard.until("sent")
    assert troupe.send(manager.address, manifest, *study) == [0, 0, 0]
    other = make.study(block=2)
    troupe.send(manager.address, *other, make.manifest(other, number=901))
    heard.until("sent", 2)
    assert len(sink.came) == 6


def test_a_duplicate_with_other_bytes_is_refused_and_the_first_stays(
    troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    study = make.study()
    changed = deepcopy(study[0])
    changed.SeriesDescription = "another one"
    manager = troupe.manager(troupe.listener(sink), tell=heard, deidentifier=Untouched())
    assert troupe.send(manager.address, *study) == [0, 0]
    assert troupe.send(manager.address, changed) == [0xC0D0]
    troupe.send(manager.address, make.manifest(study))
    heard.until("sent")
    sent = {uid(each): each.get("SeriesDescription") for each in instances_of(sink)}
    assert sent[uid(study[0])] == study[0].get("SeriesDescription")


def test_what_failed_is_sent_again_with_the_same_uid_and_bytes_and_what_was_stored_is_not(
    troupe: Troupe, make: Make, make_sink: type[Sink], heard: Heard
) -> None:
    refused: list[str] = []

    def refuse_the_second_once(incoming: IncomingStore) -> Answer:
        if len(sink.came) == 2 and not refused:
            refused.append(incoming.sop_instance_uid)
            return Answer(status=0xA700)
        return Answer()

    sink = make_sink(refuse_the_second_once)
    study = make.study(instances=3)
    manager = troupe.manager(troupe.listener(sink), tell=heard)
    troupe.send(manager.address, *study, make.manifest(study))
    heard.until("sent")
    assert sorted(sink.uids.count(each) for each in set(sink.uids)) == [1, 1, 1, 2]
    again = [each for each in sink.came if each.sop_instance_uid == refused[0]]
    assert len(again) == 2
    assert again[0].content == again[1].content


def test_after_an_abort_only_what_was_not_answered_is_sent_again(
    troupe: Troupe, make: Make, make_sink: type[Sink], heard: Heard
) -> None:
    def abort_at_the_second(incoming: IncomingStore) -> Answer:
        return Answer(reaction=Reaction.ABORT) if len(sink.came) == 2 else Answer()

    sink = make_sink(abort_at_the_second)
    study = make.study(instances=3)
    manager = troupe.manager(troupe.listener(sink), tell=heard)
    troupe.send(manager.address, *study, make.manifest(study))
    heard.until("sent")
    first, second, *rest = sink.uids
    assert rest == [second, *(each for each in rest if each not in {first, second})]
    assert len(set(sink.uids)) == 4
    assert sink.came[1].content == sink.came[2].content


def test_a_warning_means_stored_and_nothing_is_sent_again(
    troupe: Troupe, make: Make, make_sink: type[Sink], heard: Heard
) -> None:
    sink = make_sink(lambda incoming: Answer(status=0xB000))
    study = make.study()
    manager = troupe.manager(troupe.listener(sink), tell=heard)
    troupe.send(manager.address, *study, make.manifest(study))
    heard.until("sent")
    assert len(sink.came) == 3


def test_it_gives_up_after_its_attempts_and_says_how_much_is_left(
    troupe: Troupe, make: Make, make_sink: type[Sink], heard: Heard
) -> None:
    sink = make_sink(lambda incoming: Answer(status=0xA700))
    study = make.study()
    manager = troupe.manager(troupe.listener(sink), tell=heard, attempts=3)
    troupe.send(manager.address, *study, make.manifest(study))
    assert heard.until("unsent").text.startswith("sent 0 of 3 instances to ARCHIVE")
    assert sorted(sink.uids.count(each) for each in set(sink.uids)) == [3, 3, 3]


def test_every_destination_gets_everything(
    troupe: Troupe, make: Make, make_sink: type[Sink], heard: Heard
) -> None:
    one, two = make_sink(), make_sink()
    study = make.study()
    manager = troupe.manager(troupe.listener(one), troupe.listener(two), tell=heard)
    troupe.send(manager.address, *study, make.manifest(study))
    heard.until("sent", 2)
    assert one.uids == two.uids
    assert [each.content for each in one.came] == [each.content for each in two.came]


def test_without_a_destination_the_export_is_told_as_unsent(troupe: Troupe, make: Make, heard: Heard) -> None:
    study = make.study()
    manager = troupe.manager(tell=heard)
    troupe.send(manager.address, *study, make.manifest(study))
    assert heard.until("unsent").text == f"{len(study)} instances have no destination"


def test_a_fault_in_one_export_is_told_and_the_next_one_goes(
    troupe: Troupe, make: Make, sink: Sink, heard: Heard
) -> None:
    study, other = make.study(), make.study(block=2)

    class Breaks:
        def deidentify(self, dataset: Dataset) -> object:
            if uid(dataset) == uid(study[0]):
                raise RuntimeError("out of ink")
            return Untouched().deidentify(dataset)

    manager = troupe.manager(troupe.listener(sink), tell=heard, deidentifier=Breaks())
    troupe.send(manager.address, *study, make.manifest(study))
    told = heard.until("error").text
    assert told.startswith("the export failed: RuntimeError at test_export_manager.py:")
    assert "out of ink" not in told  # an error may quote a patient's value
    troupe.send(manager.address, *other, make.manifest(other, number=901))
    heard.until("sent")
    assert uids(instances_of(sink)) == uids([*other])


def test_stopping_lets_the_export_under_way_come_to_its_end(
    troupe: Troupe, make: Make, make_sink: type[Sink], heard: Heard
) -> None:
    first_is_here, go_on = threading.Event(), threading.Event()

    def hold_the_first(incoming: IncomingStore) -> Answer:
        first_is_here.set()
        assert go_on.wait(20)
        return Answer()

    sink = make_sink(hold_the_first)
    study = make.study(instances=3)
    manager = troupe.manager(troupe.listener(sink), tell=heard)
    address = manager.address
    troupe.send(address, *study, make.manifest(study))
    assert first_is_here.wait(20)
    assert not manager.idle
    stopping = threading.Thread(target=manager.stop)
    stopping.start()
    go_on.set()
    stopping.join(20)
    assert not stopping.is_alive()
    assert manager.idle
    assert heard.events[-1] == "sent"
    assert len(sink.came) == 4
    assert troupe.send(address, study[0]) == [None]


def test_stopping_tells_what_was_never_exported(troupe: Troupe, make: Make, heard: Heard) -> None:
    one, two = make.study()
    manager = troupe.manager(tell=heard)
    troupe.send(manager.address, one, make.manifest([one, two]))
    heard.until("waiting")
    manager.stop()
    (told,) = heard.of("unfinished")
    assert told.missing == (uid(two),)


def test_an_association_is_rejected_where_a_mutation_says_so(troupe: Troupe, make: Make, wire: Wire) -> None:
    manager = troupe.manager(mutate=[{"reject": {"source": 1, "reason": 7, "association": 1}}])
    selector = troupe.selector(wire)
    chosen = troupe.choose(*make.study())
    assert [outcome.status for outcome in selector.send(chosen, manager.address)] == [None, None]
    assert [outcome.status for outcome in selector.send(chosen, manager.address)] == [0, 0]
    assert [facts.outcome for facts in wire.associations] == ["rejected", "accepted"]
    assert wire.associations[0].detail == "Called AE title not recognised"


def test_an_occupied_port_is_told_and_the_manager_can_still_be_stopped(troupe: Troupe, sink: Sink) -> None:
    taken: Destination = troupe.listener(sink)
    with pytest.raises(HarnessError, match=f"cannot listen on 127.0.0.1:{taken.port}"):
        troupe.manager(port=taken.port)


def test_a_bad_ae_title_is_refused_before_anything_is_opened(troupe: Troupe) -> None:
    with pytest.raises(HarnessError, match="17 characters"):
        ExportManager(
            ae_title="SEVENTEEN_LETTERS", folder=troupe.folder, destinations=(), deidentifier=Untouched()
        )
