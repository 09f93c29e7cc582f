"""The Receiver: stores everything in any order, and knows which manifests are complete."""

from __future__ import annotations

import threading
from pathlib import Path

from tce_harness.objects.manifest import is_export_manifest, read_manifest
from tce_harness.simulators.behaviour import Behaviour
from tce_harness.simulators.inbox import HeldInstance, Inbox
from tce_harness.simulators.notice import Listener, Notice, ignore, refusal
from tce_harness.simulators.selection import ReceivedManifest, Selection, selections
from tce_harness.transport import STORED, Answer, Destination, IncomingStore, StorageListener, WireObserver


class Receiver:
    """A simulated Receiver.

    Parameters
    ----------
    folder
        Where received files go, named by their SOP Instance UIDs.
    """

    def __init__(
        self,
        *,
        ae_title: str,
        folder: Path,
        host: str = "127.0.0.1",
        port: int = 0,
        behaviour: Behaviour | None = None,
        inbound: WireObserver | None = None,
        tell: Listener = ignore,
    ) -> None:
        self.behaviour = behaviour or Behaviour()
        self._tell = tell
        self._inbox = Inbox(folder / "received")
        self._lock = threading.Lock()
        self._manifests: list[ReceivedManifest] = []
        self._complete: set[str] = set()
        self._told_waiting: set[str] = set()
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

    @property
    def idle(self) -> bool:
        """Always true: it does nothing of its own accord."""
        return True

    def start(self) -> None:
        """Listen; raises `HarnessError` where the port cannot be had."""
        self._listener.start()

    def stop(self) -> None:
        """Stop listening."""
        self.behaviour.stopping.set()
        self._listener.stop()

    def selections(self) -> tuple[Selection, ...]:
        """Return each manifest with its identical documents and what it still misses."""
        with self._lock:
            return selections(tuple(self._manifests), self._inbox)

    def _receive(self, incoming: IncomingStore) -> Answer:
        answer, instance = self._inbox.take(incoming)
        if answer.status not in STORED:
            self._tell(refusal(answer.status, answer.detail))
        answer, kept = self.behaviour.react(incoming, answer)
        if instance is not None and kept:
            self._note(instance)
        elif instance is not None:
            self._inbox.forget(instance)
        return answer

    def _note(self, instance: HeldInstance) -> None:
        with self._lock:
            if is_export_manifest(instance.dataset):
                self._manifests.append(ReceivedManifest(instance, read_manifest(instance.dataset)))
        self._tell(
            Notice(
                event="stored",
                text=f"stored an instance of {instance.sop_class_uid}",
                sop_instance_uid=instance.sop_instance_uid,
            )
        )
        for notice in self._progress():
            self._tell(notice)

    def _progress(self) -> list[Notice]:
        """Return which manifests have become complete, and which have come and are not, each told once."""
        notices = []
        with self._lock:
            for selection in selections(tuple(self._manifests), self._inbox):
                first = selection.manifests[0].uid
                if selection.complete and first not in self._complete:
                    self._complete.add(first)
                    text = (
                        f"the manifest is complete: all {len(selection.listed)} instances it lists are here"
                    )
                    notices.append(Notice(event="complete", text=text, sop_instance_uid=first))
                elif not selection.complete and first not in self._told_waiting:
                    missing = selection.missing
                    text = f"the manifest waits for {len(missing)} of {len(selection.listed)} instances"
                    notices.append(
                        Notice(event="waiting", text=text, sop_instance_uid=first, missing=missing)
                    )
                self._told_waiting.add(first)
        return notices
