"""The Export Selector: sends instances, manifests and additional teaching file information."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from tce_harness.objects.instance import encode_instance
from tce_harness.objects.manifest import is_export_manifest
from tce_harness.simulators.behaviour import Behaviour
from tce_harness.simulators.ordering import Order, in_order
from tce_harness.transport import (
    Associations,
    Destination,
    OutgoingInstance,
    SendOutcome,
    StorageSender,
    WireObserver,
    check_ae_title,
)


@dataclass(frozen=True, slots=True)
class Selected:
    """An instance that the Selector is to send: its label, its Part 10 file, and the data set in it."""

    label: str
    content: bytes
    dataset: Dataset


class ExportSelector:
    """A simulated Export Selector.

    Parameters
    ----------
    folder
        Where outgoing files are written.
    """

    def __init__(
        self,
        *,
        ae_title: str,
        folder: Path,
        behaviour: Behaviour | None = None,
        outbound: WireObserver | None = None,
    ) -> None:
        self.ae_title = check_ae_title(ae_title)
        self.behaviour = behaviour or Behaviour()
        self._outbound = outbound
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._written = 0

    @property
    def idle(self) -> bool:
        """Always true: it sends only when it is told to."""
        return True

    def start(self) -> None:
        """Do nothing: a Selector does not listen."""

    def stop(self) -> None:
        """Do nothing: a Selector does not listen."""

    def send(
        self,
        selected: Sequence[Selected],
        destination: Destination,
        order: Order = Order.AS_LISTED,
        associations: Associations = Associations.ONE,
    ) -> tuple[SendOutcome, ...]:
        """Send instances and return what became of each."""
        outgoing = [each for one in selected if (each := self._prepare(one)) is not None]
        plan = self.behaviour.plan(in_order(outgoing, order), threading.Event())
        sender = StorageSender(ae_title=self.ae_title, observer=self._outbound, pace=plan.pace)
        return sender.send(plan.instances, destination, associations)

    def _prepare(self, selected: Selected) -> OutgoingInstance | None:
        original = selected.dataset
        dataset = self.behaviour.outgoing(original, original)
        if dataset is None:
            return None
        whole = dataset is original and _describes_itself(original)
        content = selected.content if whole else encode_instance(dataset)
        self._written += 1
        path = self._folder / f"{self._written:06d}.dcm"
        path.write_bytes(content)
        meta = getattr(dataset, "file_meta", None) or FileMetaDataset()
        return OutgoingInstance(
            path=path,
            sop_class_uid=str(dataset.SOPClassUID),
            sop_instance_uid=str(dataset.SOPInstanceUID),
            transfer_syntax_uid=str(meta.get("TransferSyntaxUID") or ExplicitVRLittleEndian),
            label=selected.label,
            group="manifest" if is_export_manifest(original) else "instances",
        )


def _describes_itself(dataset: Dataset) -> bool:
    """Tell whether a file's meta information says what its data set is; real files often lack it or lie."""
    meta = getattr(dataset, "file_meta", None) or FileMetaDataset()
    return bool(meta.get("TransferSyntaxUID")) and (
        meta.get("MediaStorageSOPClassUID"),
        meta.get("MediaStorageSOPInstanceUID"),
    ) == (dataset.SOPClassUID, dataset.SOPInstanceUID)
