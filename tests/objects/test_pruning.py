"""Manifests cut down to what is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import FileDataset
from pydicom.uid import GrayscaleSoftcopyPresentationStateStorage

from tce_harness.objects.manifest import Manifest, read_manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.objects.pruning import prune
from tce_harness.standard import codes

Maker = Callable[..., FileDataset]
Uids = Callable[[], Callable[[], str]]
Examiner = Callable[[FileDataset], list[str]]

IMAGES = ["1.2.3.1.1.1", "1.2.3.1.1.2", "1.2.3.1.2.1", "1.2.3.2.1.1"]
STATE = "1.2.3.1.9.1"


def selection(instance: Maker, uids: Uids) -> tuple[FileDataset, ...]:
    """Return the manifests of four images in two studies; two images share a presentation state."""
    images = [instance(1), instance(2), instance(1, series=2), instance(1, study=2)]
    state = instance(1, series=9, sop_class=GrayscaleSoftcopyPresentationStateStorage)
    assert [each.SOPInstanceUID for each in (*images, state)] == [*IMAGES, STATE]
    shown = [reference_to(each, presentation_states=[state]) for each in images[:2]]
    manifest = Manifest(
        title=codes.TEACHING_FILE_EXPORT.iheradtf,
        references=(*shown, *map(reference_to, images[2:])),
        description="for the archive",
    )
    return build_manifests(
        manifest, images, uids=uids(), content_datetime=datetime(2024, 3, 6), series_number=1
    )


@settings(max_examples=32, deadline=None)
@given(kept=st.sets(st.sampled_from([*IMAGES, STATE])))
def test_a_pruned_manifest_lists_exactly_what_is_kept(
    kept: set[str], instance: Maker, uid_source: Uids
) -> None:
    sent = [each for each in (prune(document, kept) for document in selection(instance, uid_source)) if each]
    studies = {uid.split(".")[3] for uid in kept}
    assert len(sent) == len(studies)
    for document in sent:
        reading = read_manifest(document)
        assert {each.sop_instance_uid for each in reading.evidence} == kept
        assert {each.sop_instance_uid for each in reading.content_references} == kept
        assert reading.descriptions == ("for the archive",)
        assert {each.sop_instance_uid for each in reading.identical_documents} == {
            each.SOPInstanceUID for each in sent if each is not document
        }


def test_nothing_kept_leaves_no_manifest(instance: Maker, uid_source: Uids) -> None:
    assert [prune(each, []) for each in selection(instance, uid_source)] == [None, None]


def test_the_manifest_that_was_given_is_not_changed(instance: Maker, uid_source: Uids) -> None:
    document = selection(instance, uid_source)[0]
    before = document.to_json()
    assert prune(document, IMAGES[:1]) is not None
    assert document.to_json() == before


def test_everything_kept_changes_nothing(instance: Maker, uid_source: Uids) -> None:
    for document in selection(instance, uid_source):
        assert prune(document, [*IMAGES, STATE]) == document


def test_a_presentation_state_whose_images_are_gone_stands_alone_and_once(
    instance: Maker, uid_source: Uids
) -> None:
    pruned = prune(selection(instance, uid_source)[0], [STATE, *IMAGES[2:]])
    assert pruned is not None
    items = [each for each in read_manifest(pruned).items if each.references]
    assert [each.value_type for each in items] == ["COMPOSITE", "IMAGE", "IMAGE"]
    assert items[0].references[0].sop_instance_uid == STATE


def test_a_presentation_state_that_another_image_has_is_not_named_again(
    instance: Maker, uid_source: Uids
) -> None:
    pruned = prune(selection(instance, uid_source)[0], [STATE, *IMAGES[1:]])
    assert pruned is not None
    names = [each.sop_instance_uid for each in read_manifest(pruned).content_references]
    assert names.count(STATE) == 1


@pytest.mark.parametrize("kept", [[IMAGES[0]], [STATE, IMAGES[3]], IMAGES])
def test_dciodvfy_finds_no_error_in_what_remains(
    kept: list[str], instance: Maker, uid_source: Uids, dciodvfy_errors: Examiner
) -> None:
    pruned = prune(selection(instance, uid_source)[0], kept)
    assert isinstance(pruned, FileDataset)
    assert dciodvfy_errors(pruned) == []


def test_a_foreign_manifest_outside_its_references_studies_is_kept(instance: Maker, uid_source: Uids) -> None:
    (document, _) = selection(instance, uid_source)
    document.StudyInstanceUID = "1.2.3.77"
    assert prune(document, [IMAGES[3]]) is not None
