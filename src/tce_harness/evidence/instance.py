"""An instance in evidence: its bytes, and the data set in them."""

from __future__ import annotations

from functools import cached_property

from pydicom.dataset import Dataset

from tce_harness.evidence.keeping import instance_file
from tce_harness.evidence.log import Evidence
from tce_harness.evidence.unread import Unread

Key = tuple[str, str, str]

_PIXEL_DATA = 0x7FE00010


def instance_key(dataset: Dataset) -> Key | None:
    """Return (SOP class, series number, instance number), which no row of Table E.1-1 touches.

    None where one of the three is absent or empty.
    """
    values = tuple(
        str(dataset.get(keyword) or "") for keyword in ("SOPClassUID", "SeriesNumber", "InstanceNumber")
    )
    return (values[0], values[1], values[2]) if all(values) else None


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
    named_like_dicom
        Whether the name of its file ends like those of DICOM files.
    """

    def __init__(
        self,
        evidence: Evidence,
        *,
        digest: str,
        label: str,
        record: str,
        name: str | None = None,
        named_like_dicom: bool = False,
    ) -> None:
        self._evidence = evidence
        self.digest = digest
        self.label = label
        self.record = record
        self.name = name
        self.named_like_dicom = named_like_dicom

    @property
    def file(self) -> str:
        """Path of its file, relative to the run's folder."""
        return f"evidence/{instance_file(self.digest)}"

    @property
    def content(self) -> bytes:
        """The bytes of the Part 10 file; read anew unless they were among the last that were asked for."""
        return self._evidence.instance(self.digest)

    @cached_property
    def fault(self) -> str | None:
        """Why it cannot be read as a DICOM instance; None where it can."""
        return None if self.unread is None else self.unread.text

    @cached_property
    def unread(self) -> Unread | None:
        """What it is where it cannot be read as a DICOM instance; None where it can."""
        return None if isinstance(self._read, Dataset) else self._read

    @cached_property
    def dataset(self) -> Dataset:
        """The data set, also of a DICOMDIR; empty where `fault` says that there is none to read."""
        if isinstance(self._read, Dataset):
            return self._read
        return Dataset() if self._read.directory is None else self._read.directory

    @cached_property
    def _read(self) -> Dataset | Unread:
        return self._evidence.data_set(self.digest)

    @property
    def sop_class_uid(self) -> str:
        """SOP Class UID of the data set; empty where it has none."""
        return str(self.dataset.get("SOPClassUID") or "")

    @property
    def sop_instance_uid(self) -> str:
        """SOP Instance UID of the data set; empty where it has none."""
        return str(self.dataset.get("SOPInstanceUID") or "")

    @cached_property
    def key(self) -> Key | None:
        """(SOP class, series number, instance number); None where one of the three is absent or empty."""
        return instance_key(self.dataset)

    @property
    def pixels(self) -> bytes | None:
        """Pixel Data (7FE0,0010) as stored; None where there is none."""
        element = self.dataset.get_item(_PIXEL_DATA) if _PIXEL_DATA in self.dataset else None
        value = element.value if element is not None else None
        return value if isinstance(value, bytes) and value else None

    def __repr__(self) -> str:
        return f"EvidenceInstance({self.label}, {self.digest[:8]})"
