"""Additional teaching file information made: a report after Table H-1, the RCR's Table 1, or both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import BasicTextSRStorage, ComprehensiveSRStorage, EnhancedSRStorage

from tce_harness.model.claims import TeachingFileTemplate
from tce_harness.model.errors import HarnessError
from tce_harness.objects.content_items import (
    Relationship,
    ValueType,
    code_content,
    code_item,
    text_content,
)
from tce_harness.objects.instance import check_uid
from tce_harness.objects.manifest_building import UidSource
from tce_harness.objects.patient_and_study import choose_character_set, new_document
from tce_harness.objects.teaching_file import REPEATED, Entry, TeachingFileInformation
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept, Pair

BOTH_TEMPLATES = (TeachingFileTemplate.BASE, TeachingFileTemplate.RCR_UK)


class Coding(StrEnum):
    """Which of the two equal code sets a document is written in."""

    IHERADTF = "IHERADTF"
    DCM = "DCM"

    def side(self, pair: Pair) -> Concept:
        """Return this set's side of a pair."""
        return pair.iheradtf if self is Coding.IHERADTF else pair.dcm

    def spell(self, concept: Concept) -> Concept:
        """Return the concept in this set, or itself where the set has no equal."""
        other = codes.partner(concept)
        return other if other is not None and other.scheme == self.value else concept


def missing(information: TeachingFileInformation, template: TeachingFileTemplate) -> tuple[str, ...]:
    """Return what a template demands and the information lacks, in the words of the template."""
    demands = {"Author": bool(information.author.family), "Abstract": bool(information.abstract)}
    if template is TeachingFileTemplate.RCR_UK:
        demands["the author's identifier as fifth name component"] = bool(information.author.identifier)
    else:
        demands["Keywords"] = bool(information.keywords)
        demands["Category"] = information.category is not None
    return tuple(demand for demand, met in demands.items() if not met)


def build_teaching_file(
    information: TeachingFileInformation,
    study: Dataset,
    *,
    uids: UidSource,
    content_datetime: datetime,
    series_number: int,
    instance_number: int = 1,
    templates: Collection[TeachingFileTemplate] = BOTH_TEMPLATES,
    coding: Coding = Coding.IHERADTF,
    sop_class_uid: str = EnhancedSRStorage,
) -> FileDataset:
    """Build the structured report of a teaching case, in a series of its own.

    Parameters
    ----------
    study
        An instance of the case, from which patient, study and character set are taken.
    uids
        Gives a new UID at each call: two are taken, series first.
    templates
        Those that it must satisfy.
    coding
        The code set of title, category and level; what has no equal in DICOM stays IHERADTF.
    sop_class_uid
        Enhanced SR, or for tests of tolerance Basic Text or Comprehensive SR, which are met in the field.

    Raises
    ------
    HarnessError
        When a template's mandatory item is missing, or the SOP class is none of the three.
    """
    for template in templates:
        lacking = missing(information, template)
        if lacking:
            raise HarnessError(
                f"the teaching file information lacks {', '.join(lacking)}, which template "
                f"{template.value} demands"
            )
    if sop_class_uid not in (EnhancedSRStorage, BasicTextSRStorage, ComprehensiveSRStorage):
        raise HarnessError(f"SOP class {sop_class_uid} cannot carry additional teaching file information")
    series, sop_instance = check_uid(uids()), check_uid(uids())
    document = new_document(study, sop_class_uid, series, sop_instance)
    document.Modality = "SR"
    document.SeriesNumber = series_number
    document.InstanceNumber = instance_number
    document.ContentDate = content_datetime.strftime("%Y%m%d")
    document.ContentTime = content_datetime.strftime("%H%M%S")
    document.CompletionFlag = "COMPLETE"
    document.VerificationFlag = "UNVERIFIED"
    document.PerformedProcedureCodeSequence = []
    document.ValueType = ValueType.CONTAINER.value
    document.ConceptNameCodeSequence = [code_item(coding.side(codes.ADDITIONAL_TEACHING_FILE_INFORMATION))]
    document.ContinuityOfContent = "SEPARATE"
    document.ContentSequence = list(_content(information, coding))
    choose_character_set(document)
    return document


def _content(information: TeachingFileInformation, coding: Coding) -> Iterator[Dataset]:
    """Yield the items in the order of Table H-1, which the RCR's Table 1 shares."""
    yield text_content(
        Relationship.CONTAINS, codes.AUTHOR, information.author.name, _author_properties(information)
    )
    yield text_content(Relationship.CONTAINS, codes.ABSTRACT, information.abstract)
    for field, name in REPEATED.items():
        yield from _entries(name, getattr(information, field))
    stated = (
        (coding.side(codes.CATEGORY), information.category),
        (coding.side(codes.LEVEL), information.level),
        (codes.DIAGNOSIS_CONFIRMED, information.diagnosis_confirmed),
    )
    for name, value in stated:
        if value is not None:
            yield code_content(Relationship.CONTAINS, name, coding.spell(value))


def _author_properties(information: TeachingFileInformation) -> Iterator[Dataset]:
    for name, value in (
        (codes.AFFILIATION, information.affiliation),
        (codes.CONTACT, information.contact),
    ):
        if value is not None:
            yield text_content(Relationship.HAS_PROPERTIES, name, value)


def _entries(name: Concept, entries: Iterable[Entry]) -> Iterator[Dataset]:
    """Yield text before code, as the rows of Table H-1 stand."""
    ordered = sorted(entries, key=lambda entry: isinstance(entry, Concept))
    for entry in ordered:
        if isinstance(entry, Concept):
            yield code_content(Relationship.CONTAINS, name, entry)
        else:
            yield text_content(Relationship.CONTAINS, name, entry)
