"""The kinds of objects of the profile, told by SOP class."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pydicom.uid import EnhancedSRStorage, KeyObjectSelectionDocumentStorage

_SR = "1.2.840.10008.5.1.4.1.1.88."
_PRESENTATION_STATES = "1.2.840.10008.5.1.4.1.1.11."
_NO_IMAGES = (
    "1.2.840.10008.5.1.4.1.1.9.",  # waveforms
    "1.2.840.10008.5.1.4.1.1.104.",  # encapsulated documents
    "1.2.840.10008.5.1.4.1.1.66",  # raw data, registrations, real world value mappings
    "1.2.840.10008.5.1.4.1.1.481.3",  # radiotherapy structure sets
    "1.2.840.10008.5.1.4.1.1.481.5",  # radiotherapy plans
)
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"


class Kind(StrEnum):
    """What an object is, as far as its SOP class tells.

    Every Key Object Selection counts as a manifest and every Enhanced SR as teaching file information,
    whatever its title.
    """

    MANIFEST = "manifest"
    TEACHING_FILE = "teaching-file"
    SR = "sr"
    PRESENTATION_STATE = "presentation-state"
    IMAGE = "image"
    OTHER = "other"


def kind_of(sop_class_uid: str) -> Kind:
    """Return the kind of an object of some SOP class."""
    if sop_class_uid == KeyObjectSelectionDocumentStorage:
        return Kind.MANIFEST
    if sop_class_uid == EnhancedSRStorage:
        return Kind.TEACHING_FILE
    if sop_class_uid.startswith(_SR):
        return Kind.SR
    if sop_class_uid.startswith(_PRESENTATION_STATES):
        return Kind.PRESENTATION_STATE
    if sop_class_uid.startswith(_NO_IMAGES) and sop_class_uid != _SEGMENTATION:
        return Kind.OTHER
    return Kind.IMAGE if sop_class_uid.startswith(_STORAGE) else Kind.OTHER


@dataclass(slots=True)
class Numbering:
    """Counts the objects that pass, so that a mutation can name the second image or the fifth object."""

    _counts: dict[Kind, int] = field(default_factory=dict)

    def next(self, sop_class_uid: str) -> tuple[int, int]:
        """Return the number of the next object among all and among those of its kind, both from 1."""
        kind = kind_of(sop_class_uid)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return sum(self._counts.values()), self._counts[kind]
