"""Rules of arrival: what came passes, what is awaited and absent fails, what nobody could see is neither."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import KeyObjectSelectionDocumentStorage, SecondaryCaptureImageStorage

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.finding import Judgement, Severity
from tce_harness.model.record import OperatorRecord, WaitRecord
from tce_harness.model.requirement import Actor
from tce_harness.rules import arrival

Make = Callable[..., CaseEvidence]
Image = Callable[..., FileDataset]
Selection = Callable[..., list[FileDataset]]
Export = Callable[..., list[Dataset]]
Wait = Callable[..., WaitRecord]
Operator = Callable[[str], OperatorRecord]

SELECTOR = (Actor.EXPORT_SELECTOR,)
GROUPED = (Actor.EXPORT_SELECTOR, Actor.EXPORT_MANAGER)


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


def passes(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined > 0 and not judgement.findings


# --- the manifest is sent


def test_a_manifest_that_came_was_sent(case: Make, image: Image, selection: Selection, wait: Wait) -> None:
    documents = selection([image(1)])
    seen = case(came={"arrived": documents}, records=[wait()], under_test=SELECTOR)
    assert passes(arrival.manifest_sent(seen))


def test_an_awaited_manifest_that_never_came_fails(case: Make, image: Image, wait: Wait) -> None:
    seen = case(came={"arrived": [image(1)]}, records=[wait(met=False)], under_test=SELECTOR)
    assert told(arrival.manifest_sent(seen)) == {("manifest-absent", Severity.FAIL)}


def test_a_missing_manifest_is_not_the_products_fault_when_the_operator_was_late(
    case: Make, wait: Wait, operator: Operator
) -> None:
    seen = case(records=[operator("late"), wait(met=False)], under_test=SELECTOR)
    judgement = arrival.manifest_sent(seen)
    assert (judgement.examined, judgement.applicable) == (0, True)
    assert judgement.reason == "the operator step asked ended as: late"


def test_between_grouped_actors_no_manifest_can_be_seen(case: Make, wait: Wait) -> None:
    seen = case(records=[wait(met=False)], under_test=GROUPED)
    assert not arrival.manifest_sent(seen).applicable
    assert not arrival.listed_instances_stored(seen).applicable


def test_without_a_wait_an_absence_shows_nothing(case: Make, image: Image) -> None:
    seen = case(came={"arrived": [image(1)]}, under_test=SELECTOR)
    assert arrival.manifest_sent(seen).examined == 0


# --- what it lists is stored


def test_instances_may_come_in_another_step_than_their_manifest(
    case: Make, image: Image, selection: Selection
) -> None:
    images = [image(1), image(2)]
    seen = case(came={"first": images, "then": selection(images)}, of=("then",), under_test=SELECTOR)
    judgement = arrival.listed_instances_stored(seen)
    assert passes(judgement)
    assert judgement.examined == 2


def test_a_listed_instance_that_never_came_fails_under_its_label(
    case: Make, image: Image, selection: Selection
) -> None:
    images = [image(1), image(2)]
    seen = case(
        originals={"study": images},
        came={"arrived": [images[0], *selection(images)]},
        under_test=SELECTOR,
    )
    judgement = arrival.listed_instances_stored(seen)
    assert told(judgement) == {("listed-instance-absent", Severity.FAIL)}
    assert [each.subject for each in judgement.findings] == ["study/2"]


def test_without_a_manifest_nothing_was_listed(case: Make, image: Image) -> None:
    seen = case(came={"arrived": [image(1)]}, under_test=SELECTOR)
    assert arrival.listed_instances_stored(seen).examined == 0


# --- the export takes place


def test_an_export_that_came_in_time_takes_place(case: Make, image: Image, wait: Wait) -> None:
    assert passes(arrival.export_takes_place(case(came={"arrived": [image(1)]}, records=[wait()])))


def test_an_export_that_never_came_fails_and_names_what_is_missing(
    case: Make, image: Image, wait: Wait
) -> None:
    sent = {"given": [image(1)]}
    seen = case(
        sent=sent, records=[wait(met=False, missing=("study/1", "manifest/1"))], of=("given", "arrived")
    )
    judgement = arrival.export_takes_place(seen)
    assert told(judgement) == {("export-absent", Severity.FAIL)}
    assert [each.subject for each in judgement.findings] == ["study/1", "manifest/1"]


def test_half_an_export_fails(case: Make, image: Image, wait: Wait) -> None:
    seen = case(came={"arrived": [image(1)]}, records=[wait(met=False, missing=("study/2",))])
    assert told(arrival.export_takes_place(seen)) == {("export-incomplete", Severity.FAIL)}


def test_no_export_can_be_expected_of_a_manager_that_stored_nothing(
    case: Make, image: Image, wait: Wait
) -> None:
    seen = case(sent={"given": [(image(1), 0xA700)]}, records=[wait(met=False)])
    judgement = arrival.export_takes_place(seen)
    assert (judgement.examined, judgement.applicable) == (0, True)


def test_files_show_no_transaction(case: Make, image: Image) -> None:
    seen = case(files=[image(1)])
    assert not arrival.export_takes_place(seen).applicable
    assert not arrival.manifest_sent(seen).applicable


# --- the exported set is complete, and no more


@pytest.fixture
def originals(image: Image, selection: Selection) -> dict[str, list[FileDataset]]:
    study = [image(1), image(2), image(3)]
    return {"study": study, "manifest": selection(study)}


def test_a_whole_export_is_complete_and_holds_nothing_else(
    case: Make, originals: dict[str, list[FileDataset]], export: Export
) -> None:
    everything = [*originals["study"], *originals["manifest"]]
    seen = case(originals=originals, sent={"given": everything}, came={"arrived": export(everything)})
    assert passes(arrival.manifest_complete(seen))
    assert passes(arrival.nothing_unlisted(seen))


def test_a_listed_instance_that_was_not_exported_fails_once(
    case: Make, originals: dict[str, list[FileDataset]], export: Export
) -> None:
    everything = [*originals["study"], *originals["manifest"]]
    seen = case(originals=originals, sent={"given": everything}, came={"arrived": export(everything)[1:]})
    judgement = arrival.manifest_complete(seen)
    assert told(judgement) == {("listed-instance-not-exported", Severity.FAIL)}
    assert len(judgement.findings) == 1


def test_a_member_left_out_of_export_and_manifest_is_a_warning(
    case: Make, originals: dict[str, list[FileDataset]], selection: Selection, export: Export
) -> None:
    everything = [*originals["study"], *originals["manifest"]]
    pruned = [*originals["study"][:2], *selection(originals["study"][:2])]
    seen = case(originals=originals, sent={"given": everything}, came={"arrived": export(pruned)})
    judgement = arrival.manifest_complete(seen)
    assert told(judgement) == {("member-left-out", Severity.WARNING)}
    assert [each.subject for each in judgement.findings] == ["study/3"]


def test_instances_that_cannot_be_told_apart_are_counted_not_missed(
    case: Make, image: Image, selection: Selection, export: Export
) -> None:
    study = [image(1), image(2)]
    for each in study:
        each.InstanceNumber = None
    everything = [*study, *selection(study)]
    seen = case(originals={"study": study, "manifest": everything[2:]}, came={"arrived": export(everything)})
    assert passes(arrival.manifest_complete(seen))


def test_an_export_without_manifest_lists_nothing(case: Make, image: Image) -> None:
    seen = case(came={"arrived": [image(1)]})
    assert arrival.manifest_complete(seen).examined == 0
    assert arrival.nothing_unlisted(seen).examined == 0


def test_an_exported_instance_that_no_manifest_lists_is_told(
    case: Make, originals: dict[str, list[FileDataset]], image: Image, export: Export
) -> None:
    everything = [*originals["study"], *originals["manifest"]]
    stray = image(9, series=2, sop_class=SecondaryCaptureImageStorage)
    seen = case(originals=originals, came={"arrived": export([*everything, stray])})
    judgement = arrival.nothing_unlisted(seen)
    assert told(judgement) == {("unlisted-instance-exported", Severity.FAIL)}
    assert len(judgement.findings) == 1


def test_only_key_object_selections_are_taken_for_manifests(
    case: Make, image: Image, selection: Selection
) -> None:
    document = selection([image(1)])[0]
    document.SOPClassUID = SecondaryCaptureImageStorage
    assert document.SOPClassUID != KeyObjectSelectionDocumentStorage
    assert arrival.manifest_complete(case(came={"arrived": [document]})).examined == 0
