"""The Export Selection manifest: a key object selection document that says what is to be exported.

Here is what one says (`Manifest`) and how it is read. The reader understands wrong ones too: everything
that a judge needs is kept as it stands, and nothing raises. `manifest_building` makes right ones.

Sources: RAD TF Vol 3 section 4.51 (the manifest as a specialisation of TID 2010, itself not extensible),
PS3.16 TID 2010, PS3.3 sections A.35.4 and C.17.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import KeyObjectSelectionDocumentStorage

from tce_harness.objects.content_items import item_text
from tce_harness.objects.elements import concept, items, numbered_items, numbers, text
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

# A reference macro nests once; what goes deeper is a fault, and not read without end.
_DEEPEST_NESTING = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An instance that a document refers to.

    Parameters
    ----------
    frames, segments
        Frame or segment numbers that are meant, counted from 1; None for the whole instance.
    presentation_states
        Presentation states (or real world value mappings) to show it with, nested in its item (0008,1199).
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    frames: tuple[int, ...] | None = None
    segments: tuple[int, ...] | None = None
    presentation_states: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an Export Selection says.

    Parameters
    ----------
    title
        The document title, one of the export titles of either code set.
    references
        What is to be exported, in order.
    delay_reason
        Why the export has to wait; None to export at once.
    description
        Key Object Description (113012), which in practice carries the destination.
    observer
        Who made the selection, as a DICOM person name.
    language
        Language of the content item and its descendants (121049).
    identical_documents
        The copies of this document in the other studies that it refers to. `build_manifests` makes them; it
        takes no heed of what stands here.
    """

    title: Concept
    references: tuple[Reference, ...]
    delay_reason: Concept | None = None
    description: str | None = None
    observer: str | None = None
    language: Concept | None = None
    identical_documents: tuple[Reference, ...] = ()


def is_key_object_selection(dataset: Dataset) -> bool:
    """Tell whether a data set is a Key Object Selection Document, whatever its title."""
    return text(dataset, "SOPClassUID") == KeyObjectSelectionDocumentStorage


def is_export_manifest(dataset: Dataset) -> bool:
    """Tell whether a data set is a manifest: a key object selection *and* titled for export.

    Either code set will do. The title alone says nothing, as CID 7014 offers the same titles to structured
    reports.
    """
    title = concept(dataset, "ConceptNameCodeSequence")
    return (
        is_key_object_selection(dataset)
        and title is not None
        and codes.is_export_title(title.value, title.scheme)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceReading:
    """A reference as it stands, UIDs unchecked and empty where they are missing.

    Parameters
    ----------
    element
        Path of the item that makes the reference.
    study_instance_uid, series_instance_uid
        Of the enclosing items in evidence and identical documents; empty in the content, whose items name
        neither.
    presentation_states
        References nested in this one.
    """

    element: str
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    frames: tuple[int, ...] | None = None
    segments: tuple[int, ...] | None = None
    presentation_states: tuple[ReferenceReading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentItemReading:
    """An item directly below the root.

    Parameters
    ----------
    position
        In the content sequence, counted from 1.
    value
        The code of a CODE item.
    text
        The text, name, number, date or UID of an item that has one.
    references
        Instances that an IMAGE, WAVEFORM or COMPOSITE item refers to; a right one has exactly one.
    nested
        How many items stand below it, at all depths.
    """

    element: str
    position: int
    relationship: str
    value_type: str
    concept: Concept | None
    value: Concept | None
    text: str
    references: tuple[ReferenceReading, ...]
    nested: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestReading:
    """A key object selection document as read.

    Parameters
    ----------
    title
        The root's concept name; None where it has none.
    continuity
        Continuity Of Content, of which TID 2010 asks SEPARATE.
    template, mapping_resource
        Of the first item of the Content Template Sequence; empty where it has none.
    evidence
        Every instance of every series of every study in (0040,A375).
    identical_documents
        The same of (0040,A525).
    is_export_manifest
        SOP class and title say that it is one.
    """

    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    modality: str
    patient_id: str
    title: Concept | None
    value_type: str
    continuity: str
    template: str
    mapping_resource: str
    items: tuple[ContentItemReading, ...]
    evidence: tuple[ReferenceReading, ...]
    identical_documents: tuple[ReferenceReading, ...]
    is_key_object_selection: bool
    is_export_manifest: bool

    @property
    def content_references(self) -> tuple[ReferenceReading, ...]:
        """What the content refers to, in order, presentation states after the image that they belong to."""
        return tuple(flat for item in self.items for flat in with_nested(item.references))

    @property
    def title_modifiers(self) -> tuple[ContentItemReading, ...]:
        """Every Document Title Modifier (113011), whatever its value and relationship."""
        return self.items_of(codes.DOCUMENT_TITLE_MODIFIER)

    @property
    def delay_modifiers(self) -> tuple[ContentItemReading, ...]:
        """The title modifiers whose value is a delay reason of either code set."""
        return tuple(
            item
            for item in self.title_modifiers
            if item.value is not None and codes.is_delay_reason(item.value.value, item.value.scheme)
        )

    @property
    def is_delayed(self) -> bool:
        """Whether the export has to wait for a later manifest."""
        return bool(self.delay_modifiers)

    @property
    def descriptions(self) -> tuple[str, ...]:
        """The texts of Key Object Description (113012), of which there should be at most one."""
        return tuple(item.text for item in self.items_of(codes.KEY_OBJECT_DESCRIPTION))

    @property
    def observers(self) -> tuple[str, ...]:
        """The person observer names (121008)."""
        return tuple(item.text for item in self.items_of(codes.PERSON_OBSERVER_NAME))

    @property
    def languages(self) -> tuple[Concept, ...]:
        """The languages (121049) that are coded."""
        return tuple(item.value for item in self.items_of(codes.LANGUAGE) if item.value is not None)

    @property
    def listed(self) -> tuple[str, ...]:
        """SOP Instance UIDs of what is to be exported: in the content or the evidence, each once."""
        found = (*self.content_references, *self.evidence)
        return tuple(dict.fromkeys(each.sop_instance_uid for each in found if each.sop_instance_uid))

    def items_of(self, name: Concept) -> tuple[ContentItemReading, ...]:
        """Return the items with a concept name, compared by value and scheme."""
        return tuple(item for item in self.items if item.concept == name)

    def manifest(self) -> Manifest | None:
        """Return what it says as a `Manifest`, or None where it has no title.

        References get their study and series from the evidence, and empty ones where it lacks them. Of a
        thing that should stand once the first is taken.
        """
        if self.title is None:
            return None
        places = {
            each.sop_instance_uid: (each.study_instance_uid, each.series_instance_uid)
            for each in reversed(self.evidence)
        }
        return Manifest(
            title=self.title,
            references=tuple(_reference(each, places) for item in self.items for each in item.references),
            delay_reason=next((item.value for item in self.delay_modifiers), None),
            description=next(iter(self.descriptions), None),
            observer=next(iter(self.observers), None),
            language=next(iter(self.languages), None),
            identical_documents=tuple(_reference(each, {}) for each in self.identical_documents),
        )


def read_manifest(dataset: Dataset) -> ManifestReading:
    """Read a key object selection, or what claims to be one, without judging it; never raises."""
    template = next(iter(items(dataset, "ContentTemplateSequence")), Dataset())
    return ManifestReading(
        sop_class_uid=text(dataset, "SOPClassUID"),
        sop_instance_uid=text(dataset, "SOPInstanceUID"),
        study_instance_uid=text(dataset, "StudyInstanceUID"),
        series_instance_uid=text(dataset, "SeriesInstanceUID"),
        modality=text(dataset, "Modality"),
        patient_id=text(dataset, "PatientID"),
        title=concept(dataset, "ConceptNameCodeSequence"),
        value_type=text(dataset, "ValueType"),
        continuity=text(dataset, "ContinuityOfContent"),
        template=text(template, "TemplateIdentifier"),
        mapping_resource=text(template, "MappingResource"),
        items=tuple(_content(dataset)),
        evidence=tuple(_hierarchy(dataset, "CurrentRequestedProcedureEvidenceSequence")),
        identical_documents=tuple(_hierarchy(dataset, "IdenticalDocumentsSequence")),
        is_key_object_selection=is_key_object_selection(dataset),
        is_export_manifest=is_export_manifest(dataset),
    )


def with_nested(references: tuple[ReferenceReading, ...]) -> Iterator[ReferenceReading]:
    """Yield references and, after each, the ones nested in it."""
    for reference in references:
        yield reference
        yield from with_nested(reference.presentation_states)


def _content(dataset: Dataset) -> Iterator[ContentItemReading]:
    for position, (path, item) in enumerate(numbered_items(dataset, "ContentSequence"), start=1):
        value_type = text(item, "ValueType")
        yield ContentItemReading(
            element=path,
            position=position,
            relationship=text(item, "RelationshipType"),
            value_type=value_type,
            concept=concept(item, "ConceptNameCodeSequence"),
            value=concept(item, "ConceptCodeSequence"),
            text=item_text(item),
            references=tuple(_references(item, path, _DEEPEST_NESTING)),
            nested=_count_nested(item),
        )


def _references(item: Dataset, path: str, depth: int) -> Iterator[ReferenceReading]:
    if depth == 0:
        return
    for element, reference in numbered_items(item, "ReferencedSOPSequence", path):
        yield ReferenceReading(
            element=element,
            sop_class_uid=text(reference, "ReferencedSOPClassUID"),
            sop_instance_uid=text(reference, "ReferencedSOPInstanceUID"),
            frames=numbers(reference, "ReferencedFrameNumber"),
            segments=numbers(reference, "ReferencedSegmentNumber"),
            presentation_states=tuple(_references(reference, element, depth - 1)),
        )


def _hierarchy(dataset: Dataset, keyword: str) -> Iterator[ReferenceReading]:
    """Yield each instance below a Hierarchical SOP Instance Reference Macro (PS3.3 section C.17.2.1)."""
    for study_path, study in numbered_items(dataset, keyword):
        for series_path, series in numbered_items(study, "ReferencedSeriesSequence", study_path):
            for path, instance in numbered_items(series, "ReferencedSOPSequence", series_path):
                yield ReferenceReading(
                    element=path,
                    sop_class_uid=text(instance, "ReferencedSOPClassUID"),
                    sop_instance_uid=text(instance, "ReferencedSOPInstanceUID"),
                    study_instance_uid=text(study, "StudyInstanceUID"),
                    series_instance_uid=text(series, "SeriesInstanceUID"),
                )


def _count_nested(item: Dataset) -> int:
    count = 0
    waiting = [item]
    while waiting:
        nested = items(waiting.pop(), "ContentSequence")
        count += len(nested)
        waiting.extend(nested)
    return count


def _reference(reading: ReferenceReading, places: dict[str, tuple[str, str]]) -> Reference:
    study, series = places.get(
        reading.sop_instance_uid, (reading.study_instance_uid, reading.series_instance_uid)
    )
    return Reference(
        study_instance_uid=study,
        series_instance_uid=series,
        sop_class_uid=reading.sop_class_uid,
        sop_instance_uid=reading.sop_instance_uid,
        frames=reading.frames,
        segments=reading.segments,
        presentation_states=tuple(_reference(each, places) for each in reading.presentation_states),
    )
