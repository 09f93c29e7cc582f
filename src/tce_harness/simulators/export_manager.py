"""The Export Manager: takes in instances and manifests, de-identifies what is selected, sends it on."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from pydicom.dataset import Dataset

from tce_harness.deidentify import Deidentifier, Quarantined
from tce_harness.model.errors import describe_fault
from tce_harness.mutations import ExportDue
from tce_harness.objects.instance import encode_instance
from tce_harness.objects.manifest import is_export_manifest, is_key_object_selection, read_manifest
from tce_harness.objects.pruning import prune
from tce_harness.simulators.behaviour import Behaviour
from tce_harness.simulators.inbox import HeldInstance, Inbox
from tce_harness.simulators.notice import Listener, Notice, ignore, refusal
from tce_harness.simulators.selection import ReceivedManifest, Selection, selections
from tce_harness.simulators.untouched import Untouched
from tce_harness.transport import (
    STORED,
    Answer,
    Associations,
    Destination,
    IncomingStore,
    OutgoingInstance,
    SendOutcome,
    StorageListener,
    StorageSender,
    WireObserver,
)


class ExportManager:
    """A simulated Export Manager.

    It accepts any order, waits for what a manifest lists and for its identical documents, holds a delayed
    manifest until a later one releases the instances, and forwards nothing that no manifest lists. Key image
    notes, rejection notes and other key object selections without an export title start nothing.

    Parameters
    ----------
    folder
        Where received and outgoing files go.
    attempts
        How often an instance is sent before the Manager gives up.
    forwards_unlisted
        A defect: everything that it holds goes with the next export.
    """

    def __init__(
        self,
        *,
        ae_title: str,
        folder: Path,
        destinations: Sequence[Destination],
        deidentifier: Deidentifier | Untouched,
        host: str = "127.0.0.1",
        port: int = 0,
        behaviour: Behaviour | None = None,
        associations: Associations = Associations.ONE,
        attempts: int = 2,
        forwards_unlisted: bool = False,
        inbound: WireObserver | None = None,
        outbound: WireObserver | None = None,
        tell: Listener = ignore,
    ) -> None:
        self.destinations = tuple(destinations)
        self.behaviour = behaviour or Behaviour()
        self.deidentifier = deidentifier
        self.associations = associations
        self.attempts = attempts
        self.forwards_unlisted = forwards_unlisted
        self._tell = tell
        self._outbound = outbound
        self._inbox = Inbox(folder / "received")
        self._outbox = folder / "outgoing"
        self._outbox.mkdir(parents=True, exist_ok=True)
        self._documents: list[ReceivedManifest] = []
        self._done: set[str] = set()
        self._told_waiting: set[tuple[str, int]] = set()
        self._wake = threading.Condition()
        self._work_due = False
        self._working = False
        self._stopping = threading.Event()
        self._worker = threading.Thread(target=self._work, name=f"export manager {ae_title}", daemon=True)
        self._listener = StorageListener(
            ae_title=ae_title,
            store=self._receive,
            host=host,
            port=port,
            observer=inbound,
            negotiation=self.behaviour,
        )

    @property
    def address(self) -> Destination:
        """Where it listens."""
        return Destination(self._listener.host, self._listener.port, self._listener.ae_title)

    def start(self) -> None:
        """Listen and begin to export; raises `HarnessError` where the port cannot be had."""
        self._listener.start()
        self._worker.start()

    def stop(self) -> None:
        """Stop listening, finish the export that is under way, and end; tell what was never exported."""
        self.behaviour.stopping.set()
        self._stopping.set()
        self._listener.stop()
        with self._wake:
            self._wake.notify_all()
        if self._worker.is_alive():
            self._worker.join()
        for selection in self._unfinished():
            text = f"stopped before an export of {len(selection.listed)} instances"
            first = selection.manifests[0].uid
            self._tell(
                Notice(event="unfinished", text=text, sop_instance_uid=first, missing=selection.missing)
            )

    @property
    def idle(self) -> bool:
        """Whether it has nothing left to do until something new arrives."""
        with self._wake:
            return not self._work_due and not self._working

    def _unfinished(self) -> tuple[Selection, ...]:
        """Return the selections that were not exported: delayed ones, and those that wait for something."""
        return tuple(each for each in self._selections() if each.exportable)

    # --- receiving -----------------------------------------------------------------------------------

    def _receive(self, incoming: IncomingStore) -> Answer:
        answer, instance = self._inbox.take(incoming)
        if answer.status not in STORED:
            self._tell(refusal(answer.status, answer.detail))
        answer, kept = self.behaviour.react(incoming, answer)
        if instance is not None and kept:
            self._consider(instance)
        elif instance is not None:
            self._inbox.forget(instance)
        return answer

    def _consider(self, instance: HeldInstance) -> None:
        self._tell(
            Notice(
                event="stored",
                text=f"stored an instance of {instance.sop_class_uid}",
                sop_instance_uid=instance.sop_instance_uid,
            )
        )
        with self._wake:
            if is_key_object_selection(instance.dataset):
                document = ReceivedManifest(instance, read_manifest(instance.dataset))
                self._documents.append(document)
                if document.reading.is_export_manifest and document.reading.is_delayed:
                    self._tell(
                        Notice(
                            event="held",
                            text="the manifest delays its export until a later one releases it",
                            sop_instance_uid=document.uid,
                        )
                    )
            self._work_due = True
            self._wake.notify_all()

    # --- exporting -----------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._work_due and not self._stopping.is_set():
                    self._wake.wait()
                if self._stopping.is_set():
                    return
                self._work_due, self._working = False, True
            try:
                self._export_what_is_ready()
            except Exception as error:
                fault = describe_fault(error, quote=False)
                self._tell(Notice(event="error", text=f"the export failed: {fault}"))
            finally:
                with self._wake:
                    self._working = False
                    self._wake.notify_all()

    def _selections(self) -> tuple[Selection, ...]:
        with self._wake:
            active = tuple(each for each in self._documents if each.uid not in self._done)
        return selections(active, self._inbox)

    def _export_what_is_ready(self) -> None:
        for selection in self._selections():
            due = ExportDue(
                export_title=selection.exportable,
                delayed=selection.delayed,
                missing=len(selection.missing),
                release=selection.exportable and not selection.delayed and selection.complete,
            )
            if self.behaviour.releases(due, self._stopping):
                self._finish(selection)
                self._export(selection)
            elif due.export_title and not due.delayed:
                self._tell_waiting(selection)

    def _finish(self, selection: Selection) -> None:
        """Take note that a selection is being exported, and with it what its manifests release."""
        with self._wake:
            released = (
                document
                for document in self._documents
                if document.reading.is_delayed and set(selection.listed).issuperset(document.listed)
            )
            self._done.update(document.uid for document in (*selection.manifests, *released))

    def _tell_waiting(self, selection: Selection) -> None:
        first = selection.manifests[0].uid
        if (first, len(selection.missing)) in self._told_waiting:
            return
        self._told_waiting.add((first, len(selection.missing)))
        text = f"the manifest waits for {len(selection.missing)} of {len(selection.listed)} instances"
        self._tell(Notice(event="waiting", text=text, sop_instance_uid=first, missing=selection.missing))

    def _export(self, selection: Selection) -> None:
        if not self.destinations:
            self._tell(Notice(event="unsent", text=f"{len(selection.listed)} instances have no destination"))
            return
        members = [held for uid in selection.listed if (held := self._inbox.get(uid)) is not None]
        if self.forwards_unlisted:
            members = [each for each in self._inbox.all() if not is_key_object_selection(each.dataset)]
        cleaned: list[tuple[Dataset, Dataset]] = []
        for member in members:
            outcome = self.deidentifier.deidentify(member.dataset)
            if isinstance(outcome, Quarantined):
                self._tell(
                    Notice(event="quarantined", text=outcome.reason, sop_instance_uid=member.sop_instance_uid)
                )
            else:
                cleaned.append((outcome.dataset, member.dataset))
        kept = {str(original.SOPInstanceUID) for _, original in cleaned}
        if not kept:
            self._tell(Notice(event="nothing-left", text="every listed instance is in quarantine"))
            return
        manifests = self._cleaned_manifests(selection, kept)
        outgoing = [each for pair in (*cleaned, *manifests) if (each := self._prepare(*pair)) is not None]
        self._send(outgoing)

    def _cleaned_manifests(self, selection: Selection, kept: set[str]) -> list[tuple[Dataset, Dataset]]:
        """Return the updated manifests, which list exactly what goes, each with the one it came from."""
        cleaned = []
        whole = kept | {manifest.uid for manifest in selection.manifests}
        for manifest in selection.manifests:
            original = manifest.instance.dataset
            pruned = original if whole.issuperset(manifest.reading.listed) else prune(original, kept)
            if pruned is None:
                continue
            outcome = self.deidentifier.deidentify(pruned)
            if isinstance(outcome, Quarantined):
                self._tell(Notice(event="quarantined", text=outcome.reason, sop_instance_uid=manifest.uid))
            else:
                cleaned.append((outcome.dataset, original))
        return cleaned

    def _prepare(self, cleaned: Dataset, original: Dataset) -> OutgoingInstance | None:
        """Write an outgoing file, as a defect may want it; None where the defect drops it."""
        dataset = self.behaviour.outgoing(cleaned, original)
        if dataset is None:
            return None
        content = encode_instance(dataset)
        number = len(list(self._outbox.iterdir())) + 1
        path = self._outbox / f"{number:06d}.dcm"
        path.write_bytes(content)
        return OutgoingInstance(
            path=path,
            sop_class_uid=str(dataset.SOPClassUID),
            sop_instance_uid=str(dataset.SOPInstanceUID),
            transfer_syntax_uid=str(dataset.file_meta.TransferSyntaxUID),
            label=str(original.SOPInstanceUID),
            group="manifest" if is_export_manifest(original) else "instances",
        )

    def _send(self, outgoing: Sequence[OutgoingInstance]) -> None:
        for destination in self.destinations:
            left = tuple(outgoing)
            failed: tuple[SendOutcome, ...] = ()
            for _ in range(self.attempts):
                plan = self.behaviour.plan(left, self._stopping)
                sender = StorageSender(
                    ae_title=self._listener.ae_title, observer=self._outbound, pace=plan.pace
                )
                outcomes = sender.send(plan.instances, destination, self.associations)
                failed = tuple(outcome for outcome in outcomes if not outcome.stored)
                left = tuple(dict.fromkeys(outcome.instance for outcome in failed))
                if not left or self._stopping.is_set():
                    break
            text = f"sent {len(outgoing) - len(left)} of {len(outgoing)} instances to {destination}"
            self._tell(Notice(event="unsent" if failed else "sent", text=text))
