"""An instance in evidence: its bytes, and the data set in them."""

from __future__ import annotations

from functools import cached_property

from pydicom.dataset import Dataset

from tce_harness.evidence.log import Evidence, instance_file


class EvidenceInstance:
    """One instance that a verdict may rest on. Rules read it and change nothing.

    Parameters
    ----------
    label
        Such as ``study/3`` for an original; for an exported one the label of its original where it is
        known, else its SOP Instance UID.
    record
        Identifier of the evidence record that brought it.
    name
        File stem in ``tce check``; None on the wire.
    """

    def __init__(
        self, evidence: Evidence, *, digest: str, label: str, record: str, name: str | None = None
    ) -> None:
        self._evidence = evidence
        self.digest = digest
        self.label = label
        self.record = record
        self.name = name

    @property
    def file(self) -> str:
        """Path of its file, relative to the run's folder."""
        return f"evidence/{instance_file(self.digest)}"

    @cached_property
    def content(self) -> bytes:
        """The bytes of the Part 10 file."""
        return self._evidence.instance(self.digest)

    @cached_property
    def fault(self) -> str | None:
        """Why it cannot be read as a DICOM instance; None where it can."""
        return None if isinstance(self._read, Dataset) else self._read

    @cached_property
    def dataset(self) -> Dataset:
        """The data set; empty where `fault` says that there is none to read."""
        return self._read if isinstance(self._read, Dataset) else Dataset()

    @cached_property
    def _read(self) -> Dataset | str:
        return self._evidence.data_sets.get(self.digest, lambda: self.content)

    @property
    def sop_class_uid(self) -> str:
        """SOP Class UID of the data set; empty where it has none."""
        return str(self.dataset.get("SOPClassUID") or "")

    @property
    def sop_instance_uid(self) -> str:
        """SOP Instance UID of the data set; empty where it has none."""
        return str(self.dataset.get("SOPInstanceUID") or "")

    def __repr__(self) -> str:
        return f"EvidenceInstance({self.label}, {self.digest[:8]})"
