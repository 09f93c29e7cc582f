"""Which manifests belong together, and what each still waits for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom.dataset import Dataset

from tce_harness.objects.instance import encode_instance
from tce_harness.objects.manifest import read_manifest
from tce_harness.simulators.inbox import Inbox
from tce_harness.simulators.selection import ReceivedManifest, Selection, selections
from tce_harness.standard import codes
from tce_harness.transport import IncomingStore

if TYPE_CHECKING:
    from tests.simulators.conftest import Make


class Desk:
    """Takes instances in and looks at the manifests among them."""

    def __init__(self, folder: Path) -> None:
        self.inbox = Inbox(folder)
        self.manifests: list[ReceivedManifest] = []

    def take(self, *datasets: Dataset) -> tuple[Selection, ...]:
        for each in datasets:
            _, held = self.inbox.take(
                IncomingStore(
                    calling_ae_title="S",
                    called_ae_title="M",
                    sop_class_uid=str(each.SOPClassUID),
                    sop_instance_uid=str(each.SOPInstanceUID),
                    transfer_syntax_uid=str(each.file_meta.TransferSyntaxUID),
                    content=encode_instance(each),
                )
            )
            assert held is not None
            if "ContentSequence" in each:
                self.manifests.append(ReceivedManifest(held, read_manifest(held.dataset)))
        return selections(tuple(self.manifests), self.inbox)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "received")


def test_two_manifests_over_the_same_instances_are_two_selections(desk: Desk, make: Make) -> None:
    study = make.study()
    found = desk.take(*study, make.manifest(study), make.manifest(study, number=901))
    assert [len(each.manifests) for each in found] == [1, 1]
    assert all(each.complete and each.exportable and not each.delayed for each in found)


def test_identical_documents_are_one_selection_that_lists_each_instance_once(desk: Desk, make: Make) -> None:
    studies = make.study("mr-two-studies", instances=1)
    first, second = make.manifests(studies)
    (selection,) = desk.take(*studies, second, first)
    assert [each.uid for each in selection.manifests] == [second.SOPInstanceUID, first.SOPInstanceUID]
    assert sorted(selection.listed) == sorted(str(each.SOPInstanceUID) for each in studies)
    assert selection.complete


@pytest.mark.parametrize("arrives_first", [0, 1])
def test_a_copy_that_only_one_side_names_belongs_to_the_selection(
    arrives_first: int, desk: Desk, make: Make
) -> None:
    studies = make.study("mr-two-studies", instances=1)
    documents = list(make.manifests(studies))
    del documents[0].IdenticalDocumentsSequence
    if arrives_first:
        documents.reverse()
    (selection,) = desk.take(*studies, *documents)
    assert len(selection.manifests) == 2


def test_one_delayed_copy_delays_the_selection(desk: Desk, make: Make) -> None:
    study = make.study()
    (selection,) = desk.take(make.manifest(study, delay=codes.DELAY_REASONS[0].dcm))
    assert selection.delayed
    assert not selection.complete
    assert selection.missing == tuple(str(each.SOPInstanceUID) for each in study)


def test_a_manifest_that_lists_nothing_is_never_complete(desk: Desk, make: Make) -> None:
    empty = make.manifest(make.study())
    del empty.CurrentRequestedProcedureEvidenceSequence
    empty.ContentSequence = [item for item in empty.ContentSequence if "ReferencedSOPSequence" not in item]
    (selection,) = desk.take(empty)
    assert selection.listed == ()
    assert not selection.complete


def test_a_selection_without_an_export_title_is_not_exportable(desk: Desk, make: Make) -> None:
    study = make.study()
    (selection,) = desk.take(*study, make.manifest(study, title=codes.XDS_MANIFEST))
    assert selection.complete
    assert not selection.exportable
