"""A manifest cut down to what is really sent, as when an export manager puts a member in quarantine."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import deepcopy

from pydicom.dataset import Dataset

from tce_harness.objects.content_items import Relationship, content_item, reference_type
from tce_harness.objects.elements import items, text


def prune(dataset: Dataset, kept: Collection[str]) -> Dataset | None:
    """Return a manifest without the references to instances that are not kept.

    They go from evidence, content and presentation states nested in image items, with the items, series and
    studies that are left empty. A kept presentation state whose image goes becomes a COMPOSITE item of its
    own, so that the manifest still lists exactly what is sent. Identical documents go with the study that
    they stood for.

    Parameters
    ----------
    dataset
        A key object selection document; it is not changed.
    kept
        SOP Instance UIDs, in the same identity (original or replaced) as the manifest's.

    Returns
    -------
    Dataset or None
        None where the document itself must not be sent: nothing is left to refer to, or its own study is left
        without an instance and an identical document in another study carries the manifest on.
    """
    pruned = deepcopy(dataset)
    before = _studies(pruned)
    _prune_evidence(pruned, kept)
    _prune_content(pruned, kept)
    gone = before - _studies(pruned)
    if not _refers_to_anything(pruned):
        return None
    _replace(
        pruned,
        "IdenticalDocumentsSequence",
        [
            study
            for study in items(pruned, "IdenticalDocumentsSequence")
            if text(study, "StudyInstanceUID") not in gone
        ],
    )
    carried_on = bool(items(pruned, "IdenticalDocumentsSequence"))
    return None if carried_on and text(pruned, "StudyInstanceUID") in gone else pruned


def _studies(dataset: Dataset) -> set[str]:
    evidence = items(dataset, "CurrentRequestedProcedureEvidenceSequence")
    return {text(study, "StudyInstanceUID") for study in evidence}


def _refers_to_anything(dataset: Dataset) -> bool:
    if _studies(dataset):
        return True
    return any(items(item, "ReferencedSOPSequence") for item in items(dataset, "ContentSequence"))


def _replace(dataset: Dataset, keyword: str, remaining: list[Dataset]) -> None:
    """Put a sequence in place of another, or take it away when nothing remains of it."""
    if remaining:
        setattr(dataset, keyword, remaining)
    elif items(dataset, keyword):
        delattr(dataset, keyword)


def _prune_evidence(dataset: Dataset, kept: Collection[str]) -> None:
    studies = items(dataset, "CurrentRequestedProcedureEvidenceSequence")
    for study in studies:
        for series in items(study, "ReferencedSeriesSequence"):
            _replace(
                series,
                "ReferencedSOPSequence",
                [each for each in items(series, "ReferencedSOPSequence") if _is_kept(each, kept)],
            )
        _replace(
            study,
            "ReferencedSeriesSequence",
            [
                each
                for each in items(study, "ReferencedSeriesSequence")
                if items(each, "ReferencedSOPSequence")
            ],
        )
    _replace(
        dataset,
        "CurrentRequestedProcedureEvidenceSequence",
        [each for each in studies if items(each, "ReferencedSeriesSequence")],
    )


def _prune_content(dataset: Dataset, kept: Collection[str]) -> None:
    remaining: list[Dataset] = []
    orphans: list[tuple[int, Dataset]] = []
    for item in items(dataset, "ContentSequence"):
        found = items(item, "ReferencedSOPSequence")
        staying = [each for each in found if _is_kept(each, kept)]
        for reference in found:
            nested = [each for each in items(reference, "ReferencedSOPSequence") if _is_kept(each, kept)]
            _replace(reference, "ReferencedSOPSequence", nested)
            if not _is_kept(reference, kept):
                orphans.extend((len(remaining), each) for each in nested)
        if staying or not found:
            _replace(item, "ReferencedSOPSequence", staying)
            remaining.append(item)
    _adopt(remaining, orphans)
    _replace(dataset, "ContentSequence", remaining)


def _adopt(content: list[Dataset], orphans: list[tuple[int, Dataset]]) -> None:
    """Give presentation states that are mentioned nowhere else an item where their image stood."""
    mentioned = set(_mentioned(content))
    adopted = 0
    for place, orphan in orphans:
        uid = text(orphan, "ReferencedSOPInstanceUID")
        if uid in mentioned:
            continue
        mentioned.add(uid)
        value_type = reference_type(text(orphan, "ReferencedSOPClassUID"))
        item = content_item(Relationship.CONTAINS, value_type, None)
        item.ReferencedSOPSequence = [orphan]
        content.insert(place + adopted, item)
        adopted += 1


def _mentioned(content: list[Dataset]) -> Iterator[str]:
    for item in content:
        for reference in items(item, "ReferencedSOPSequence"):
            yield text(reference, "ReferencedSOPInstanceUID")
            for nested in items(reference, "ReferencedSOPSequence"):
                yield text(nested, "ReferencedSOPInstanceUID")


def _is_kept(reference: Dataset, kept: Collection[str]) -> bool:
    return text(reference, "ReferencedSOPInstanceUID") in kept
