"""Every UID that a data set holds, with what it names; and manifests freed of references that lead nowhere.

One walker serves building and de-identifying. The judge has its own: the rules may not import this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.uid import UID
from pydicom.valuerep import VR

from tce_harness.objects.elements import as_text, concept, spell_tag, text
from tce_harness.standard.codes import Concept


class Role(StrEnum):
    """What a UID names."""

    OWN_INSTANCE = "own-instance"
    OWN_SERIES = "own-series"
    OWN_STUDY = "own-study"
    INSTANCE = "instance"
    SERIES = "series"
    STUDY = "study"
    FRAME_OF_REFERENCE = "frame-of-reference"
    IDENTIFIER = "identifier"
    """Anything else that is somebody's own: a device, a specimen, an irradiation event, a private element."""
    STRUCTURAL = "structural"
    """A class, syntax, coding scheme or well-known instance: the same in everybody's objects."""


class Origin(StrEnum):
    """In what part of a data set a UID stands, by the outermost sequence that says."""

    FILE_META = "file-meta"
    DATA_SET = "data-set"
    EVIDENCE = "evidence"
    OTHER_EVIDENCE = "other-evidence"
    IDENTICAL_DOCUMENTS = "identical-documents"
    PREDECESSOR_DOCUMENTS = "predecessor-documents"
    CONTENT = "content"
    PRESENTATION_STATE = "presentation-state"
    """Nested in an image item of the content, to show the image with."""
    FUNCTIONAL_GROUPS = "functional-groups"
    SOURCE_IMAGE = "source-image"
    REFERENCED_IMAGE = "referenced-image"
    REFERENCED_SERIES = "referenced-series"
    REFERENCED_STUDY = "referenced-study"
    OTHER_SEQUENCE = "other-sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceAt:
    """A UID and where it stands.

    Parameters
    ----------
    element
        Path of the element.
    position
        Of the value in an element of several, counted from 1.
    value
        The UID, without padding, otherwise as it stands.
    sop_class_uid
        For a reference to an instance the class named beside it; empty where none is.
    """

    element: str
    position: int
    value: str
    role: Role
    origin: Origin
    sop_class_uid: str = ""


# Keywords by what they name; whatever is in none of these sets is an IDENTIFIER.
_STRUCTURAL = frozenset(
    {
        "MediaStorageSOPClassUID",
        "TransferSyntaxUID",
        "ImplementationClassUID",
        "RTVCommunicationSOPClassUID",
        "PrivateInformationCreatorUID",
        "ReferencedSOPClassUIDInFile",
        "ReferencedTransferSyntaxUIDInFile",
        "ReferencedRelatedGeneralSOPClassUIDInFile",
        "SOPClassUID",
        "RelatedGeneralSOPClassUID",
        "OriginalSpecializedSOPClassUID",
        "SOPClassesInStudy",
        "SOPClassesSupported",
        "PertinentSOPClassesInStudy",
        "PertinentSOPClassesInSeries",
        "CodingSchemeUID",
        "ContextUID",
        "ContextGroupExtensionCreatorUID",
        "MappingResourceUID",
        "StoredInstanceTransferSyntaxUID",
        "AvailableTransferSyntaxUID",
        "FlowTransferSyntaxUID",
        "MACCalculationTransferSyntaxUID",
        "EncryptedContentTransferSyntaxUID",
        "ReferencedSOPClassUID",
        "TemplateExtensionOrganizationUID",
        "TemplateExtensionCreatorUID",
    }
)
_INSTANCE = frozenset(
    {
        "SOPInstanceUID",
        "ReferencedSOPInstanceUID",
        "ReferencedSOPInstanceUIDInFile",
        "FailedSOPInstanceUIDList",
        "MultiFrameSourceSOPInstanceUID",
        "SOPInstanceUIDOfConcatenationSource",
        "ReferencedColorPaletteInstanceUID",
    }
)
_OWN = {
    "MediaStorageSOPInstanceUID": Role.OWN_INSTANCE,
    "SOPInstanceUID": Role.OWN_INSTANCE,
    "SeriesInstanceUID": Role.OWN_SERIES,
    "StudyInstanceUID": Role.OWN_STUDY,
}
# Items of these sequences say "SOP instance" of what is no composite instance.
_NOT_INSTANCES = {
    "ReferencedStudySequence": Role.STUDY,
    "RTReferencedStudySequence": Role.STUDY,
    "ReferencedPerformedProcedureStepSequence": Role.IDENTIFIER,
    "ReferencedPatientSequence": Role.IDENTIFIER,
    "ReferencedVisitSequence": Role.IDENTIFIER,
    "ReferencedResultsSequence": Role.IDENTIFIER,
}
# What UIDREF items name, by concept (PS3.16 annex D).
_UID_CONCEPTS = {
    Concept("110180", "DCM", "Study Instance UID"): Role.STUDY,
    Concept("112002", "DCM", "Series Instance UID"): Role.SERIES,
    Concept("110181", "DCM", "SOP Class UID"): Role.STRUCTURAL,
    Concept("112227", "DCM", "Frame of Reference UID"): Role.FRAME_OF_REFERENCE,
}
_ORIGINS = {
    "CurrentRequestedProcedureEvidenceSequence": Origin.EVIDENCE,
    "PertinentOtherEvidenceSequence": Origin.OTHER_EVIDENCE,
    "IdenticalDocumentsSequence": Origin.IDENTICAL_DOCUMENTS,
    "PredecessorDocumentsSequence": Origin.PREDECESSOR_DOCUMENTS,
    "ContentSequence": Origin.CONTENT,
    "SharedFunctionalGroupsSequence": Origin.FUNCTIONAL_GROUPS,
    "PerFrameFunctionalGroupsSequence": Origin.FUNCTIONAL_GROUPS,
    "SourceImageSequence": Origin.SOURCE_IMAGE,
    "ReferencedImageSequence": Origin.REFERENCED_IMAGE,
    "ReferencedSeriesSequence": Origin.REFERENCED_SERIES,
    "ReferencedStudySequence": Origin.REFERENCED_STUDY,
}
# Atlas frames of reference and colour palettes (PS3.6 annex A); newer ones than the dictionary's too.
_WELL_KNOWN_ARCS = ("1.2.840.10008.1.4.", "1.2.840.10008.1.5.")
# Identity never becomes structural, even where somebody took a registered value for it.
_ALWAYS_ONES_OWN = frozenset({Role.OWN_INSTANCE, Role.OWN_SERIES, Role.OWN_STUDY})


def references(dataset: Dataset) -> Iterator[ReferenceAt]:
    """Yield each value of each UI element, file meta first, in the order of the elements.

    Parameters
    ----------
    dataset
        Any data set, right or wrong, that `read_instance` gave or the harness built.
    """
    meta = getattr(dataset, "file_meta", None)
    if meta is not None:
        for element in meta:
            yield from _values(element, meta, "", ("FileMeta",))
    yield from _walk(dataset, "", ())


def _walk(dataset: Dataset, parent: str, enclosing: tuple[str, ...]) -> Iterator[ReferenceAt]:
    for element in dataset:
        if isinstance(element.value, Sequence):
            path = f"{parent}{spell_tag(element.tag)}"
            for number, item in enumerate(element.value, start=1):
                yield from _walk(item, f"{path}[{number}]/", (*enclosing, element.keyword))
        else:
            yield from _values(element, dataset, parent, enclosing)


def _values(
    element: DataElement, holder: Dataset, parent: str, enclosing: tuple[str, ...]
) -> Iterator[ReferenceAt]:
    if element.VR != VR.UI or not element.value:
        return
    values = element.value if isinstance(element.value, MultiValue | list) else [element.value]
    named = _role(element.keyword, holder, enclosing)
    for position, each in enumerate(values, start=1):
        value = as_text(each)
        if not value:
            continue
        role = Role.STRUCTURAL if named not in _ALWAYS_ONES_OWN and _is_well_known(value) else named
        yield ReferenceAt(
            element=f"{parent}{spell_tag(element.tag)}",
            position=position,
            value=value,
            role=role,
            origin=_origin(enclosing),
            sop_class_uid=_class_beside(holder) if role is Role.INSTANCE else "",
        )


def _role(keyword: str, holder: Dataset, enclosing: tuple[str, ...]) -> Role:
    if keyword in _STRUCTURAL:
        return Role.STRUCTURAL
    if keyword in _OWN and enclosing in ((), ("FileMeta",)):
        return _OWN[keyword]
    if keyword == "UID":
        name = concept(holder, "ConceptNameCodeSequence")
        return Role.IDENTIFIER if name is None else _UID_CONCEPTS.get(name, Role.IDENTIFIER)
    if keyword in _INSTANCE:
        return _NOT_INSTANCES.get(enclosing[-1], Role.INSTANCE) if enclosing else Role.INSTANCE
    if keyword.endswith("FrameOfReferenceUID"):
        return Role.FRAME_OF_REFERENCE
    return {"StudyInstanceUID": Role.STUDY, "SeriesInstanceUID": Role.SERIES}.get(keyword, Role.IDENTIFIER)


def _is_well_known(value: str) -> bool:
    return UID(value).name != value or value.startswith(_WELL_KNOWN_ARCS)


def _class_beside(holder: Dataset) -> str:
    return text(holder, "ReferencedSOPClassUID") or text(holder, "ReferencedSOPClassUIDInFile")


def _origin(enclosing: tuple[str, ...]) -> Origin:
    if not enclosing:
        return Origin.DATA_SET
    if enclosing == ("FileMeta",):
        return Origin.FILE_META
    if enclosing[0] == "ContentSequence" and enclosing[-2:] == ("ReferencedSOPSequence",) * 2:
        return Origin.PRESENTATION_STATE
    return next((_ORIGINS[each] for each in enclosing if each in _ORIGINS), Origin.OTHER_SEQUENCE)
