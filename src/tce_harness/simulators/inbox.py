"""What an actor has received: checked, stored under its UID, and remembered."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from tce_harness.model.errors import InstanceError
from tce_harness.objects.instance import check_uid, digest, read_instance
from tce_harness.transport import Answer, IncomingStore

DATA_SET_DOES_NOT_MATCH = 0xA900
CANNOT_UNDERSTAND = 0xC000
DUPLICATE_WITH_OTHER_BYTES = 0xC0D0


@dataclass(frozen=True, slots=True)
class HeldInstance:
    """An instance in an actor's hands.

    Parameters
    ----------
    path
        Its file, named by its validated SOP Instance UID.
    digest
        SHA-256 of the data set as it came.
    """

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    digest: str
    dataset: Dataset


class Inbox:
    """Takes in what peers send; safe to use from the threads of several associations.

    Parameters
    ----------
    folder
        Where the files go; nothing is written outside it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = threading.Lock()
        self._held: dict[str, HeldInstance] = {}

    def take(self, incoming: IncomingStore) -> tuple[Answer, HeldInstance | None]:
        """Store an instance and return the answer to it, with the instance where it is new.

        A resend of the same bytes succeeds and changes nothing. What is not a readable instance, does not
        match its command set, or has the UID of another instance is refused with the status of PS3.4
        section B.2.3, and what was held stays as it was.
        """
        try:
            check_uid(incoming.sop_instance_uid, "Affected SOP Instance UID (0000,1000)")
            dataset = read_instance(incoming.content)
            check_uid(str(dataset.SOPInstanceUID), "SOP Instance UID (0008,0018)")
        except InstanceError as error:
            return Answer(status=CANNOT_UNDERSTAND, detail=str(error)), None
        if (dataset.SOPClassUID, dataset.SOPInstanceUID) != (
            incoming.sop_class_uid,
            incoming.sop_instance_uid,
        ):
            detail = "SOP Class or SOP Instance UID of the data set is not that of the C-STORE command"
            return Answer(status=DATA_SET_DOES_NOT_MATCH, detail=detail), None
        return self._hold(incoming, dataset)

    def _hold(self, incoming: IncomingStore, dataset: Dataset) -> tuple[Answer, HeldInstance | None]:
        instance = HeldInstance(
            path=self.folder / f"{incoming.sop_instance_uid}.dcm",
            sop_class_uid=incoming.sop_class_uid,
            sop_instance_uid=incoming.sop_instance_uid,
            transfer_syntax_uid=incoming.transfer_syntax_uid,
            digest=digest(incoming.content),
            dataset=dataset,
        )
        with self._lock:
            known = self._held.get(instance.sop_instance_uid)
            if known is not None and known.digest == instance.digest:
                return Answer(detail="already stored, same bytes"), None
            if known is not None:
                detail = "another instance with this SOP Instance UID is already stored"
                return Answer(status=DUPLICATE_WITH_OTHER_BYTES, detail=detail), None
            part = instance.path.with_suffix(".part")
            try:
                part.write_bytes(incoming.content)
                part.replace(instance.path)
            except OSError as error:
                part.unlink(missing_ok=True)
                return Answer(status=0xA700, detail=f"cannot be stored: {error.strerror}"), None
            self._held[instance.sop_instance_uid] = instance
        return Answer(), instance

    def forget(self, instance: HeldInstance) -> None:
        """Drop an instance, as an actor does that answers with a failure or loses what it was sent."""
        with self._lock:
            self._held.pop(instance.sop_instance_uid, None)
            instance.path.unlink(missing_ok=True)

    def get(self, sop_instance_uid: str) -> HeldInstance | None:
        """Return an instance by its UID; None where it has not come."""
        with self._lock:
            return self._held.get(sop_instance_uid)

    def all(self) -> tuple[HeldInstance, ...]:
        """Return every instance, in the order they came."""
        with self._lock:
            return tuple(self._held.values())

    def missing(self, sop_instance_uids: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of some UIDs that have not come."""
        with self._lock:
            return tuple(uid for uid in sop_instance_uids if uid not in self._held)
