"""Content items of structured reports and key object selections, as data sets (PS3.3 section C.17.3)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydicom.dataset import Dataset
from pydicom.uid import UID

from tce_harness.objects.elements import text
from tce_harness.standard.codes import Concept


class ValueType(StrEnum):
    """Value Type (0040,A040), those that the profile's documents have."""

    CONTAINER = "CONTAINER"
    CODE = "CODE"
    TEXT = "TEXT"
    PNAME = "PNAME"
    IMAGE = "IMAGE"
    WAVEFORM = "WAVEFORM"
    COMPOSITE = "COMPOSITE"


class Relationship(StrEnum):
    """Relationship Type (0040,A010), those that the profile's documents have."""

    CONTAINS = "CONTAINS"
    HAS_CONCEPT_MODIFIER = "HAS CONCEPT MOD"
    HAS_OBSERVATION_CONTEXT = "HAS OBS CONTEXT"
    HAS_PROPERTIES = "HAS PROPERTIES"


REFERENCE_TYPES = frozenset({ValueType.IMAGE, ValueType.WAVEFORM, ValueType.COMPOSITE})

_WAVEFORMS = "1.2.840.10008.5.1.4.1.1.9."
# Storage SOP classes with frames of pixels that have no "Image" in their name.
_IMAGES_BY_ANOTHER_NAME = frozenset(
    {
        "EnhancedUSVolumeStorage",
        "ParametricMapStorage",
        "SegmentationStorage",
        "LabelMapSegmentationStorage",
        "HeightMapSegmentationStorage",
        "OphthalmicOpticalCoherenceTomographyBscanVolumeAnalysisStorage",
        "OphthalmicThicknessMapStorage",
        "CornealTopographyMapStorage",
        "RTDoseStorage",
    }
)


def reference_type(sop_class_uid: str) -> ValueType:
    """Return the value type of an item that references an instance of a SOP class (TID 2010 rows 8 to 10).

    A private or unknown SOP class is COMPOSITE, the type that promises nothing.
    """
    if sop_class_uid.startswith(_WAVEFORMS):
        return ValueType.WAVEFORM
    keyword = UID(sop_class_uid).keyword
    if "Image" in keyword or keyword in _IMAGES_BY_ANOTHER_NAME:
        return ValueType.IMAGE
    return ValueType.COMPOSITE


# Where the value of an item stands that is text, by value type (PS3.3 table C.17.3-1).
_TEXT_VALUES = ("TextValue", "PersonName", "Date", "Time", "DateTime", "UID")


def item_text(item: Dataset) -> str:
    """Return the text, name, date, time or UID of a content item as it stands; empty where it has none."""
    return next(filter(None, (text(item, keyword) for keyword in _TEXT_VALUES)), "")


def code_item(concept: Concept) -> Dataset:
    """Return the single item of a code sequence."""
    item = Dataset()
    item.CodeValue = concept.value
    item.CodingSchemeDesignator = concept.scheme
    item.CodeMeaning = concept.meaning
    return item


def content_item(relationship: Relationship, value_type: ValueType, name: Concept | None) -> Dataset:
    """Return a content item without its value."""
    item = Dataset()
    item.RelationshipType = relationship.value
    item.ValueType = value_type.value
    if name is not None:
        item.ConceptNameCodeSequence = [code_item(name)]
    return item


def code_content(relationship: Relationship, name: Concept, value: Concept) -> Dataset:
    """Return a CODE item."""
    item = content_item(relationship, ValueType.CODE, name)
    item.ConceptCodeSequence = [code_item(value)]
    return item


def text_content(
    relationship: Relationship, name: Concept, value: str, children: Iterable[Dataset] = ()
) -> Dataset:
    """Return a TEXT item with its children, if it has any."""
    item = content_item(relationship, ValueType.TEXT, name)
    item.TextValue = value
    nested = list(children)
    if nested:
        item.ContentSequence = nested
    return item


def person_content(relationship: Relationship, name: Concept, value: str) -> Dataset:
    """Return a PNAME item."""
    item = content_item(relationship, ValueType.PNAME, name)
    item.PersonName = value
    return item


def template_item(identifier: str, mapping_resource: str) -> Dataset:
    """Return the item of a Content Template Sequence (PS3.3 section C.18.8)."""
    item = Dataset()
    item.MappingResource = mapping_resource
    item.TemplateIdentifier = identifier
    return item
