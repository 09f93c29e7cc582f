"""Which manifests an Export Manager may export, and what they wait for."""

from __future__ import annotations

from dataclasses import dataclass

from tce_harness.objects.manifest import ManifestReading
from tce_harness.simulators.inbox import HeldInstance, Inbox


@dataclass(frozen=True, slots=True)
class ReceivedManifest:
    """A manifest in an actor's hands, and what it says."""

    instance: HeldInstance
    reading: ManifestReading

    @property
    def uid(self) -> str:
        """Its SOP Instance UID."""
        return self.instance.sop_instance_uid

    @property
    def identical(self) -> tuple[str, ...]:
        """The copies in other studies that it names, never itself."""
        named = (each.sop_instance_uid for each in self.reading.identical_documents)
        return tuple(dict.fromkeys(uid for uid in named if uid and uid != self.uid))

    @property
    def listed(self) -> tuple[str, ...]:
        """What it lists, in order, each once; a manifest that lists itself does not wait for itself."""
        return tuple(uid for uid in self.reading.listed if uid != self.uid)


@dataclass(frozen=True, slots=True)
class Selection:
    """A manifest with its identical documents and everything that they list.

    Parameters
    ----------
    manifests
        The identical documents that have come, in the order they came.
    listed
        SOP Instance UIDs to export, in content order.
    missing
        What has not come yet: listed instances and identical documents.
    """

    manifests: tuple[ReceivedManifest, ...]
    listed: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def exportable(self) -> bool:
        """Whether every document is titled for export; others start nothing."""
        return all(manifest.reading.is_export_manifest for manifest in self.manifests)

    @property
    def delayed(self) -> bool:
        """Whether the export has to wait for a later manifest."""
        return any(manifest.reading.is_delayed for manifest in self.manifests)

    @property
    def complete(self) -> bool:
        """Whether everything is here; a manifest that lists nothing never is."""
        return not self.missing and bool(self.listed)


def selections(manifests: tuple[ReceivedManifest, ...], inbox: Inbox) -> tuple[Selection, ...]:
    """Group manifests with their identical documents and say what each group still waits for."""
    by_uid = {manifest.uid: manifest for manifest in manifests}
    seen: set[str] = set()
    found: list[Selection] = []
    for manifest in manifests:
        if manifest.uid in seen:
            continue
        group = _group(manifest, by_uid)
        seen.update(each.uid for each in group)
        uids = {each.uid for each in group}
        listed = tuple(dict.fromkeys(uid for each in group for uid in each.listed if uid not in uids))
        identical = tuple(dict.fromkeys(uid for each in group for uid in each.identical))
        found.append(Selection(group, listed, inbox.missing((*listed, *identical))))
    return tuple(found)


def _group(manifest: ReceivedManifest, by_uid: dict[str, ReceivedManifest]) -> tuple[ReceivedManifest, ...]:
    """Return a manifest and the copies reached from it, also where only one side names the other."""
    group = {manifest.uid}
    grown = True
    while grown:
        linked = {
            uid
            for uid, each in by_uid.items()
            if uid not in group and (group & set(each.identical) or uid in _named_by(group, by_uid))
        }
        group |= linked
        grown = bool(linked)
    return tuple(each for uid, each in by_uid.items() if uid in group)


def _named_by(group: set[str], by_uid: dict[str, ReceivedManifest]) -> set[str]:
    return {uid for member in group for uid in by_uid[member].identical}
