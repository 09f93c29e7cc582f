"""Export Selection manifests made: one key object selection document for each study that is referred to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import KeyObjectSelectionDocumentStorage

from tce_harness.model.errors import HarnessError
from tce_harness.objects.content_items import (
    Relationship,
    ValueType,
    code_content,
    code_item,
    content_item,
    person_content,
    reference_type,
    template_item,
    text_content,
)
from tce_harness.objects.elements import text
from tce_harness.objects.instance import check_uid
from tce_harness.objects.manifest import Manifest, Reference
from tce_harness.objects.patient_and_study import choose_character_set, new_document, one_patient
from tce_harness.standard import codes

UidSource = Callable[[], str]


def reference_to(
    instance: Dataset,
    *,
    frames: Iterable[int] | None = None,
    segments: Iterable[int] | None = None,
    presentation_states: Iterable[Dataset] = (),
) -> Reference:
    """Return the reference to an instance, to its frames or segments, and to the presentation states for it.

    Raises
    ------
    InstanceError
        When it lacks a valid study, series, SOP class or SOP instance UID.
    """
    return Reference(
        study_instance_uid=check_uid(text(instance, "StudyInstanceUID"), "Study Instance UID (0020,000D)"),
        series_instance_uid=check_uid(text(instance, "SeriesInstanceUID"), "Series Instance UID (0020,000E)"),
        sop_class_uid=check_uid(text(instance, "SOPClassUID"), "SOP Class UID (0008,0016)"),
        sop_instance_uid=check_uid(text(instance, "SOPInstanceUID"), "SOP Instance UID (0008,0018)"),
        frames=None if frames is None else tuple(frames),
        segments=None if segments is None else tuple(segments),
        presentation_states=tuple(reference_to(each) for each in presentation_states),
    )


def build_manifests(
    manifest: Manifest,
    instances: Iterable[Dataset],
    *,
    uids: UidSource,
    content_datetime: datetime,
    series_number: int,
    first_instance_number: int = 1,
) -> tuple[FileDataset, ...]:
    """Build the key object selection documents of a selection: one for each study that it refers to.

    All have the same content and evidence and name one another as identical documents (PS3.3 section
    C.17.6.2.1). Each has a series of its own.

    Parameters
    ----------
    instances
        Data sets of one patient, at least one of each referenced study: the documents get their patient,
        study and character set from them.
    uids
        Gives a new UID at each call: two for each study, series first.
    content_datetime
        Becomes Content Date and Content Time.
    first_instance_number
        Of the first study's document; the others count on.

    Raises
    ------
    HarnessError
        When nothing is referenced, an instance is referenced twice in different places, the instances are of
        several patients, or a referenced study is not among them.
    """
    if not manifest.references:
        raise HarnessError("a manifest that refers to no instance cannot be made (PS3.16 TID 2010)")
    evidence = _evidence(manifest.references)
    templates = _study_templates(tuple(evidence), tuple(instances))
    places = {study: (str(check_uid(uids())), str(check_uid(uids()))) for study in evidence}
    documents = []
    for number, (study, template) in enumerate(templates.items(), start=first_instance_number):
        series, sop_instance = places[study]
        document = new_document(template, KeyObjectSelectionDocumentStorage, series, sop_instance)
        document.Modality = "KO"
        document.InstanceNumber = number
        document.SeriesNumber = series_number
        document.ContentDate = content_datetime.strftime("%Y%m%d")
        document.ContentTime = content_datetime.strftime("%H%M%S")
        document.CurrentRequestedProcedureEvidenceSequence = _study_items(evidence)
        others = {
            other: {series: {(str(KeyObjectSelectionDocumentStorage), sop): None}}
            for other, (series, sop) in places.items()
            if other != study
        }
        if others:
            document.IdenticalDocumentsSequence = _study_items(others)
        document.ValueType = ValueType.CONTAINER.value
        document.ConceptNameCodeSequence = [code_item(manifest.title)]
        document.ContinuityOfContent = "SEPARATE"
        document.ContentTemplateSequence = [template_item("2010", "DCMR")]
        document.ContentSequence = list(_content(manifest))
        choose_character_set(document)
        documents.append(document)
    return tuple(documents)


# Study UID to series UID to (SOP class UID, SOP instance UID), in the order of first mention.
_Hierarchy = dict[str, dict[str, dict[tuple[str, str], None]]]


def _evidence(references: Sequence[Reference]) -> _Hierarchy:
    """Group all that the content refers to, presentation states included, and only that (C.17.6.2.1)."""
    grouped: _Hierarchy = {}
    places: dict[str, tuple[str, str, str]] = {}
    for reference in _with_presentation_states(references):
        study, series = reference.study_instance_uid, reference.series_instance_uid
        instance = (reference.sop_class_uid, reference.sop_instance_uid)
        place = (study, series, reference.sop_class_uid)
        if places.setdefault(reference.sop_instance_uid, place) != place:
            raise HarnessError(
                f"instance {reference.sop_instance_uid} is referenced in two studies, series or SOP classes; "
                "a SOP Instance UID names one instance"
            )
        grouped.setdefault(study, {}).setdefault(series, {})[instance] = None
    return grouped


def _with_presentation_states(references: Sequence[Reference]) -> Iterator[Reference]:
    for reference in references:
        yield reference
        yield from _with_presentation_states(reference.presentation_states)


def _study_templates(studies: Sequence[str], instances: Sequence[Dataset]) -> dict[str, Dataset]:
    """Return an instance of each study to copy from, refusing several patients."""
    one_patient(instances)
    templates: dict[str, Dataset] = {}
    for instance in instances:
        templates.setdefault(text(instance, "StudyInstanceUID"), instance)
    for study in studies:
        if study not in templates:
            raise HarnessError(
                f"no instance of study {study} was given; each referenced study needs one to take the "
                "patient and study attributes from"
            )
    return {study: templates[study] for study in studies}


def _study_items(hierarchy: _Hierarchy) -> list[Dataset]:
    """Return the items of the Hierarchical SOP Instance Reference Macro (PS3.3 section C.17.2.1)."""
    studies = []
    for study_uid, series in hierarchy.items():
        study = Dataset()
        study.StudyInstanceUID = study_uid
        study.ReferencedSeriesSequence = []
        for series_uid, instances in series.items():
            item = Dataset()
            item.SeriesInstanceUID = series_uid
            item.ReferencedSOPSequence = [_instance_item(*instance) for instance in instances]
            study.ReferencedSeriesSequence.append(item)
        studies.append(study)
    return studies


def _instance_item(sop_class_uid: str, sop_instance_uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class_uid
    item.ReferencedSOPInstanceUID = sop_instance_uid
    return item


def _content(manifest: Manifest) -> Iterator[Dataset]:
    """Yield the content items in the order of TID 2010's rows, which is significant."""
    modifier, context = Relationship.HAS_CONCEPT_MODIFIER, Relationship.HAS_OBSERVATION_CONTEXT
    if manifest.delay_reason is not None:
        yield code_content(modifier, codes.DOCUMENT_TITLE_MODIFIER, manifest.delay_reason)
    if manifest.language is not None:
        yield code_content(modifier, codes.LANGUAGE, manifest.language)
    if manifest.observer is not None:
        yield code_content(context, codes.OBSERVER_TYPE, codes.PERSON)
        yield person_content(context, codes.PERSON_OBSERVER_NAME, manifest.observer)
    if manifest.description is not None:
        yield text_content(Relationship.CONTAINS, codes.KEY_OBJECT_DESCRIPTION, manifest.description)
    for reference in manifest.references:
        item = content_item(Relationship.CONTAINS, reference_type(reference.sop_class_uid), None)
        item.ReferencedSOPSequence = [_reference_item(reference)]
        yield item


def _reference_item(reference: Reference) -> Dataset:
    """Return the item of an image, waveform or composite reference (PS3.3 sections C.18.3 to C.18.5)."""
    item = _instance_item(reference.sop_class_uid, reference.sop_instance_uid)
    if reference.frames is not None:
        item.ReferencedFrameNumber = list(reference.frames)
    if reference.segments is not None:
        item.ReferencedSegmentNumber = list(reference.segments)
    if reference.presentation_states:
        item.ReferencedSOPSequence = [_reference_item(state) for state in reference.presentation_states]
    return item
