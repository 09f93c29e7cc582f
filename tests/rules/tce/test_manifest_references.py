"""Rules about what a manifest refers to."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime

import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import CTImageStorage, GrayscaleSoftcopyPresentationStateStorage, MRImageStorage

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.finding import Judgement, Severity
from tce_harness.model.requirement import Actor
from tce_harness.objects.manifest import Manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.rules import manifest_references as rules
from tce_harness.standard import codes

Make = Callable[..., CaseEvidence]
Image = Callable[..., FileDataset]
Selection = Callable[..., list[FileDataset]]
SELECTOR = (Actor.EXPORT_SELECTOR,)
EVIDENCE = "CurrentRequestedProcedureEvidenceSequence"


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


def passes(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined > 0 and not judgement.findings


def entries(document: Dataset) -> list[Dataset]:
    """Return the instance entries of the first series of the first study in evidence."""
    found: list[Dataset] = document[EVIDENCE].value[0].ReferencedSeriesSequence[0].ReferencedSOPSequence
    return found


def references(document: Dataset) -> list[Dataset]:
    return [item for item in document.ContentSequence if item.ValueType == "IMAGE"]


# --- evidence and content


def test_equal_content_and_evidence_pass(case: Make, image: Image, selection: Selection) -> None:
    seen = case(came={"arrived": selection([image(1), image(2)])}, under_test=SELECTOR)
    judgement = rules.evidence_equals_content(seen)
    assert passes(judgement)
    assert judgement.examined == 4
    assert passes(rules.exported_evidence_equals_content(seen))


def test_a_presentation_state_inside_an_image_item_belongs_into_the_evidence(
    case: Make, image: Image
) -> None:
    shown, state = image(1), image(2, series=2, sop_class=GrayscaleSoftcopyPresentationStateStorage)
    numbers = iter(range(10))
    document = build_manifests(
        Manifest(
            title=codes.TEACHING_FILE_EXPORT.dcm,
            references=(reference_to(shown, presentation_states=[state]),),
        ),
        [shown, state],
        uids=lambda: f"1.2.3.900.{next(numbers)}",
        content_datetime=datetime(2026, 1, 2),
        series_number=900,
    )[0]
    assert passes(rules.evidence_equals_content(case(came={"arrived": [document]}, under_test=SELECTOR)))
    del document[EVIDENCE].value[0].ReferencedSeriesSequence[1]
    judgement = rules.evidence_equals_content(case(came={"arrived": [document]}, under_test=SELECTOR))
    assert told(judgement) == {("not-in-evidence", Severity.FAIL)}
    assert [each.element for each in judgement.findings] == ["(0040,A730)[1]/(0008,1199)[1]/(0008,1199)[1]"]


def test_content_that_the_evidence_lacks_fails_with_its_path(
    case: Make, image: Image, selection: Selection
) -> None:
    document = selection([image(1), image(2)])[0]
    del entries(document)[1]
    judgement = rules.evidence_equals_content(case(came={"arrived": [document]}, under_test=SELECTOR))
    assert told(judgement) == {("not-in-evidence", Severity.FAIL)}
    assert [each.element for each in judgement.findings] == ["(0040,A730)[6]/(0008,1199)[1]"]


def test_evidence_that_the_content_lacks_is_a_warning(case: Make, image: Image, selection: Selection) -> None:
    document = selection([image(1), image(2)])[0]
    del document.ContentSequence[-1]
    judgement = rules.evidence_equals_content(case(came={"arrived": [document]}, under_test=SELECTOR))
    assert told(judgement) == {("only-in-evidence", Severity.WARNING)}


def test_an_entry_that_stands_twice_is_a_warning(case: Make, image: Image, selection: Selection) -> None:
    document = selection([image(1)])[0]
    entries(document).append(deepcopy(entries(document)[0]))
    judgement = rules.evidence_equals_content(case(came={"arrived": [document]}, under_test=SELECTOR))
    assert told(judgement) == {("twice-in-evidence", Severity.WARNING)}


def test_two_classes_for_one_instance_fail(case: Make, image: Image, selection: Selection) -> None:
    document = selection([image(1)])[0]
    entries(document)[0].ReferencedSOPClassUID = MRImageStorage
    judgement = rules.evidence_equals_content(case(came={"arrived": [document]}, under_test=SELECTOR))
    assert told(judgement) == {("class-differs-from-evidence", Severity.FAIL)}


def test_a_manifest_that_refers_to_nothing_leaves_nothing_to_compare(
    case: Make, image: Image, selection: Selection
) -> None:
    document = selection([image(1)])[0]
    document.ContentSequence = []
    del document[EVIDENCE]
    judgement = rules.evidence_equals_content(case(came={"arrived": [document]}, under_test=SELECTOR))
    assert (judgement.examined, judgement.applicable) == (0, True)


def test_without_a_manifest_every_rule_is_inconclusive(case: Make, image: Image) -> None:
    seen = case(came={"arrived": [image(1)]}, under_test=SELECTOR)
    for judge in (
        rules.evidence_equals_content,
        rules.exported_evidence_equals_content,
        rules.references_match_instances,
        rules.references_match_export,
        rules.identical_documents,
        rules.exported_identical_documents,
    ):
        judgement = judge(seen)
        assert (judgement.examined, judgement.applicable) == (0, True)
        assert judgement.reason


# --- references and instances


def test_references_to_what_came_pass(case: Make, image: Image, selection: Selection) -> None:
    images = [image(1), image(2)]
    seen = case(came={"first": images, "then": selection(images)}, of=("then",), under_test=SELECTOR)
    assert passes(rules.references_match_instances(seen))
    assert passes(rules.references_match_export(case(came={"all": [*images, *selection(images)]})))


def test_a_reference_that_leads_nowhere_fails_once(case: Make, image: Image, selection: Selection) -> None:
    images = [image(1), image(2)]
    seen = case(came={"all": [images[0], *selection(images)]}, under_test=SELECTOR)
    for judge in (rules.references_match_instances, rules.references_match_export):
        judgement = judge(seen)
        assert told(judgement) == {("reference-dangling", Severity.FAIL)}
        assert len(judgement.findings) == 1


def test_an_export_manifest_that_keeps_original_uids_fails(
    case: Make, image: Image, selection: Selection, export: Callable[..., list[Dataset]]
) -> None:
    images = [image(1)]
    documents = selection(images)
    seen = case(originals={"study": images}, came={"arrived": [*export(images), *documents]})
    assert told(rules.references_match_export(seen)) == {("reference-dangling", Severity.FAIL)}


@pytest.mark.parametrize(
    ("place", "kind"),
    [("class", "reference-class"), ("study", "reference-study"), ("series", "reference-series")],
)
def test_a_reference_under_a_wrong_class_study_or_series_fails(
    case: Make, image: Image, selection: Selection, place: str, kind: str
) -> None:
    images = [image(1)]
    document = selection(images)[0]
    study = document[EVIDENCE].value[0]
    if place == "class":
        entries(document)[0].ReferencedSOPClassUID = MRImageStorage
        references(document)[0].ReferencedSOPSequence[0].ReferencedSOPClassUID = MRImageStorage
    elif place == "study":
        study.StudyInstanceUID = "1.2.3.77"
    else:
        study.ReferencedSeriesSequence[0].SeriesInstanceUID = "1.2.3.78"
    seen = case(came={"all": [*images, document]}, under_test=SELECTOR)
    for judge in (rules.references_match_instances, rules.references_match_export):
        assert told(judge(seen)) == {(kind, Severity.FAIL)}


def test_a_reference_without_uid_fails(case: Make, image: Image, selection: Selection) -> None:
    document = selection([image(1)])[0]
    del references(document)[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    seen = case(came={"all": [image(1), document]}, under_test=SELECTOR)
    assert ("reference-without-uid", Severity.FAIL) in told(rules.references_match_instances(seen))


# --- copies


@pytest.fixture
def copies(image: Image, selection: Selection) -> list[FileDataset]:
    return selection([image(1, study=1), image(1, study=2), image(1, study=3)])


def judged(case: Make, documents: list[FileDataset]) -> set[tuple[str, Severity]]:
    seen = case(came={"arrived": documents}, under_test=SELECTOR)
    findings = told(rules.identical_documents(seen))
    assert findings == told(rules.exported_identical_documents(seen))
    return findings


def test_mutual_copies_in_each_study_pass(case: Make, copies: list[FileDataset]) -> None:
    seen = case(came={"arrived": copies}, under_test=SELECTOR)
    judgement = rules.identical_documents(seen)
    assert passes(judgement)
    assert judgement.examined == 3


def test_a_manifest_over_one_study_needs_no_copy(case: Make, image: Image, selection: Selection) -> None:
    seen = case(came={"arrived": selection([image(1), image(2)])}, under_test=SELECTOR)
    assert not rules.identical_documents(seen).applicable


def test_a_missing_copy_fails(case: Make, copies: list[FileDataset]) -> None:
    assert judged(case, copies[:2]) == {("copy-absent", Severity.FAIL)}


def test_copies_that_name_no_other_fail(case: Make, copies: list[FileDataset]) -> None:
    for each in copies:
        del each.IdenticalDocumentsSequence
    assert judged(case, copies) == {("copy-not-named", Severity.FAIL)}


def test_a_copy_that_does_not_name_back_fails(case: Make, copies: list[FileDataset]) -> None:
    del copies[0].IdenticalDocumentsSequence[0]
    assert ("copy-not-mutual", Severity.FAIL) in judged(case, copies)


def test_a_copy_that_names_itself_fails(case: Make, copies: list[FileDataset]) -> None:
    own = deepcopy(copies[0].IdenticalDocumentsSequence[0])
    own.StudyInstanceUID = copies[0].StudyInstanceUID
    own.ReferencedSeriesSequence[0].SeriesInstanceUID = copies[0].SeriesInstanceUID
    entry = own.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    entry.ReferencedSOPInstanceUID = copies[0].SOPInstanceUID
    copies[0].IdenticalDocumentsSequence.append(own)
    assert judged(case, copies) == {("names-itself", Severity.FAIL)}


def test_copies_that_differ_fail(case: Make, copies: list[FileDataset]) -> None:
    copies[0].ContentSequence = copies[0].ContentSequence[:-1]
    assert judged(case, copies) == {("copy-differs", Severity.FAIL)}


def test_a_copy_named_in_a_wrong_series_fails(case: Make, copies: list[FileDataset]) -> None:
    series = copies[0].IdenticalDocumentsSequence[0].ReferencedSeriesSequence[0]
    series.SeriesInstanceUID = "1.2.3.77"
    assert judged(case, copies) == {("copy-misplaced", Severity.FAIL)}


def test_identical_documents_over_one_study_are_a_warning(
    case: Make, image: Image, selection: Selection, copies: list[FileDataset]
) -> None:
    document = selection([image(1)])[0]
    document.IdenticalDocumentsSequence = copies[0].IdenticalDocumentsSequence
    assert judged(case, [document]) == {("identical-documents-needless", Severity.WARNING)}


def test_studies_are_told_from_the_instances_where_the_evidence_is_cut(
    case: Make, image: Image, selection: Selection
) -> None:
    images = [image(1, study=1), image(1, study=2)]
    document = selection(images)[0]
    del document.IdenticalDocumentsSequence
    del document[EVIDENCE].value[1]
    seen = case(came={"arrived": [*images, document]}, under_test=SELECTOR)
    assert told(rules.identical_documents(seen)) == {("copy-not-named", Severity.FAIL)}


def test_the_class_of_a_reference_is_compared_not_guessed(
    case: Make, image: Image, selection: Selection
) -> None:
    images = [image(1, sop_class=MRImageStorage)]
    assert images[0].SOPClassUID != CTImageStorage
    seen = case(came={"all": [*images, *selection(images)]}, under_test=SELECTOR)
    assert passes(rules.references_match_instances(seen))


def test_a_copy_lost_on_export_fails_although_the_rest_refers_to_one_study(
    case: Make, image: Image, selection: Selection, export: Callable[..., list[Dataset]]
) -> None:
    study = [image(1, study=1), image(1, study=2)]
    documents = selection(study)
    originals = {"study": study, "manifest": documents}
    whole = case(originals=originals, came={"arrived": export([*study, *documents])})
    assert passes(rules.exported_identical_documents(whole))
    single = selection(study[:1])
    pruned = case(originals=originals, came={"arrived": export([study[0], *single])})
    assert told(rules.exported_identical_documents(pruned)) == {("copy-count", Severity.FAIL)}
