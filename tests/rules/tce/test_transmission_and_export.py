"""Rules of transmission, and of the exported manifest against the one that asked for the export."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset, FileDataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.canary import Canary, CanaryKind, Fate
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.model.record import AssociationRecord
from tce_harness.objects.content_items import Relationship, code_content, code_item
from tce_harness.rules import association as on_association
from tce_harness.rules import manifest_export, transmission
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

Make = Callable[..., CaseEvidence]
Image = Callable[..., FileDataset]
Selection = Callable[..., list[FileDataset]]
Export = Callable[..., list[Dataset]]
Association = Callable[..., AssociationRecord]


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


def passes(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined > 0 and not judgement.findings


def inconclusive(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined == 0 and bool(judgement.reason)


# --- same UID, same bytes


def test_a_repeat_of_the_same_bytes_in_another_step_passes(case: Make, image: Image) -> None:
    assert passes(transmission.same_uid_same_bytes(case(came={"a": [image(1)], "b": [image(1)]})))


def test_other_bytes_under_one_uid_fail(case: Make, image: Image) -> None:
    other = image(1)
    other.PatientID = "P2"
    judgement = transmission.same_uid_same_bytes(case(came={"a": [image(1)], "b": [other]}))
    assert told(judgement) == {("same-uid-other-bytes", Severity.FAIL)}


def test_sending_again_what_was_stored_is_a_warning(case: Make, image: Image) -> None:
    judgement = transmission.same_uid_same_bytes(case(came={"a": [image(1), image(1)]}))
    assert told(judgement) == {("sent-again-after-success", Severity.WARNING)}


def test_without_arrivals_no_bytes_are_compared(case: Make) -> None:
    assert inconclusive(transmission.same_uid_same_bytes(case()))


# --- structure


@pytest.fixture
def study(image: Image) -> list[FileDataset]:
    return [image(1), image(2), image(1, series=2), image(1, study=2)]


def judged(case: Make, study: list[FileDataset], exported: list[Dataset], selection: Selection) -> Judgement:
    documents = selection(study)
    seen = case(originals={"study": study, "manifest": documents}, came={"arrived": exported})
    return transmission.structure_kept(seen)


def test_a_like_structure_passes(
    case: Make, study: list[FileDataset], export: Export, selection: Selection
) -> None:
    assert passes(judged(case, study, export([*study, *selection(study)]), selection))


@pytest.mark.parametrize(
    ("index", "keyword", "value", "kind"),
    [
        (1, "SeriesInstanceUID", "2.25.9", "series-split"),
        (2, "SeriesInstanceUID", "2.25.1727371771", "series-merged"),
        (1, "StudyInstanceUID", "2.25.9", "study-split"),
        (3, "StudyInstanceUID", "2.25.172737171", "study-merged"),
    ],
)
def test_parted_and_merged_parents_fail(
    case: Make, study: list[FileDataset], export: Export, selection: Selection, index: int, keyword: str,
    value: str, kind: str,
) -> None:  # fmt: skip
    exported = export(study)
    merged = {"series-merged": exported[0].SeriesInstanceUID, "study-merged": exported[0].StudyInstanceUID}
    setattr(exported[index], keyword, merged.get(kind, value))
    assert told(judged(case, study, exported, selection)) == {(kind, Severity.FAIL)}


def test_fewer_instances_fail_unless_the_manifest_agrees(
    case: Make, study: list[FileDataset], export: Export, selection: Selection
) -> None:
    judgement = judged(case, study, export([*study[:3], *selection(study)]), selection)
    assert told(judgement) == {("fewer-instances", Severity.FAIL)}
    judgement = judged(case, study, export([*study[:3], *selection(study[:3])]), selection)
    assert told(judgement) == {("fewer-instances", Severity.WARNING)}


def test_more_instances_fail(
    case: Make, study: list[FileDataset], export: Export, selection: Selection, image: Image
) -> None:
    judgement = judged(case, study, export([*study, image(3)]), selection)
    assert told(judgement) == {("more-instances", Severity.FAIL)}


def test_another_shape_fails_where_instances_cannot_be_told_apart(
    case: Make, study: list[FileDataset], export: Export, selection: Selection
) -> None:
    for each in study:
        each.InstanceNumber = None
    exported = export(study)
    exported[2].SeriesInstanceUID = exported[0].SeriesInstanceUID
    assert told(judged(case, study, exported, selection)) == {("shape-differs", Severity.FAIL)}


def test_without_originals_or_export_no_structure_is_compared(case: Make, study: list[FileDataset]) -> None:
    assert inconclusive(transmission.structure_kept(case(came={"arrived": study})))
    assert inconclusive(transmission.structure_kept(case(originals={"study": study})))


# --- what the association tells

HAND = Canary(value="Hand^Oona", kind=CanaryKind.NAME, element="(0010,0010)", subject="study/1")


def test_an_association_that_names_nobody_passes(case: Make, image: Image, association: Association) -> None:
    seen = case(came={"a": [image(1)]}, records=[association(requestor=False)], canaries=[HAND])
    assert passes(transmission.association_names_nobody(seen))


@pytest.mark.parametrize("place", ["calling", "user", "version"])
def test_a_planted_value_in_the_association_is_a_warning_without_quoting_it(
    case: Make, image: Image, association: Association, place: str
) -> None:
    record = association(requestor=False, **{place: "WS_OONA_1"})
    judgement = transmission.association_names_nobody(
        case(came={"a": [image(1)]}, records=[record], canaries=[HAND])
    )
    assert told(judgement) == {("association-names-somebody", Severity.WARNING)}
    assert "oona" not in str(judgement).casefold()


def test_what_may_stay_and_what_is_short_is_no_name(
    case: Make, image: Image, association: Association
) -> None:
    planted = [
        Canary(value="WS", kind=CanaryKind.NAME, element="x", subject="s"),
        Canary(value="WS_OONA_1", kind=CanaryKind.TEXT, element="x", subject="s", fate=Fate.MUST_STAY),
    ]
    record = association(requestor=False, calling="WS_OONA_1")
    seen = case(came={"a": [image(1)]}, records=[record], canaries=[*planted, HAND])
    assert told(transmission.association_names_nobody(seen))
    seen = case(came={"a": [image(1)]}, records=[record], canaries=planted)
    assert inconclusive(transmission.association_names_nobody(seen))


def test_without_an_association_nothing_was_told(case: Make, image: Image) -> None:
    assert inconclusive(transmission.association_names_nobody(case(came={"a": [image(1)]}, canaries=[HAND])))


NUMBER = Canary(value="999 461 0238", kind=CanaryKind.IDENTIFIER, element="(0010,0020)", subject="study/1")


@pytest.mark.parametrize(
    ("place", "value", "fails"),
    [
        ("user", "oona.hand", True),
        ("calling", "HANDOONA", True),
        ("version", "GW 9994610238", True),
        ("calling", "HAND_XRAY_1", False),
        ("user", "svc-export", False),
    ],
)
def test_a_whole_name_or_an_identifier_fails_and_a_word_does_not(
    case: Make, image: Image, association: Association, place: str, value: str, fails: bool
) -> None:
    record = association(requestor=False, **{place: value})
    seen = case(came={"a": [image(1)]}, records=[record], canaries=[HAND, NUMBER])
    judgement = on_association.association_tells_no_person(seen)
    assert judgement.examined == 1
    assert told(judgement) == ({("association-tells-a-person", Severity.FAIL)} if fails else set())
    assert value not in str(judgement)


def test_without_an_association_or_a_person_nothing_is_told(
    case: Make, image: Image, association: Association
) -> None:
    rule = on_association.association_tells_no_person
    assert inconclusive(rule(case(came={"a": [image(1)]}, canaries=[HAND])))
    record = association(requestor=False)
    assert inconclusive(rule(case(came={"a": [image(1)]}, records=[record])))


# --- the exported manifest


@pytest.fixture
def asked(image: Image, selection: Selection) -> dict[str, list[FileDataset]]:
    study = [image(1), image(2)]
    return {"study": study, "manifest": selection(study)}


def against(
    case: Make, asked: dict[str, list[FileDataset]], came: list[Dataset], claims: Claims | None = None
) -> CaseEvidence:
    given = {"given": [each for datasets in asked.values() for each in datasets]}
    return case(originals=asked, sent=given, came={"arrived": came}, claims=claims)


def test_a_manifest_that_says_the_same_passes(
    case: Make, asked: dict[str, list[FileDataset]], export: Export
) -> None:
    seen = against(case, asked, export(asked["manifest"]))
    assert passes(manifest_export.title_kept(seen))
    assert passes(manifest_export.description_kept(seen))
    assert passes(manifest_export.no_delay_in_export(seen))


def test_without_an_export_or_a_request_nothing_is_compared(
    case: Make, asked: dict[str, list[FileDataset]], export: Export
) -> None:
    nothing = against(case, asked, [])
    for judge in (
        manifest_export.title_kept,
        manifest_export.description_kept,
        manifest_export.no_delay_in_export,
    ):
        assert inconclusive(judge(nothing))
    unasked = case(came={"arrived": export(asked["manifest"])})
    assert inconclusive(manifest_export.title_kept(unasked))
    assert inconclusive(manifest_export.description_kept(unasked))


@pytest.mark.parametrize(
    ("title", "kind", "severity"),
    [
        (codes.TEACHING_FILE_EXPORT.dcm, "title-recoded", Severity.WARNING),
        (codes.CLINICAL_TRIAL_EXPORT.iheradtf, "title-changed", Severity.FAIL),
        (Concept("TCE001", "DCM", "For Teaching File Export"), "title-changed", Severity.FAIL),
    ],
)
def test_another_title_is_told(
    case: Make, asked: dict[str, list[FileDataset]], export: Export, title: Concept, kind: str,
    severity: Severity,
) -> None:  # fmt: skip
    came = export(asked["manifest"])
    came[0].ConceptNameCodeSequence = [code_item(title)]
    assert told(manifest_export.title_kept(against(case, asked, came))) == {(kind, severity)}


def test_a_lost_description_fails_only_where_clean_descriptors_is_claimed(
    case: Make, asked: dict[str, list[FileDataset]], export: Export
) -> None:
    came = export(asked["manifest"])
    came[0].ContentSequence = [item for item in came[0].ContentSequence if item.ValueType != "TEXT"]
    judgement = manifest_export.description_kept(against(case, asked, came))
    assert told(judgement) == {("description-removed", Severity.WARNING)}
    claims = Claims(deidentification_codes=("113100", "113104", "113105"))
    judgement = manifest_export.description_kept(against(case, asked, came, claims))
    assert told(judgement) == {("description-removed", Severity.FAIL)}


def test_a_cleaned_description_counts_as_kept(
    case: Make, asked: dict[str, list[FileDataset]], export: Export
) -> None:
    came = export(asked["manifest"])
    for item in came[0].ContentSequence:
        if item.ValueType == "TEXT":
            item.TextValue = "Chest cases"
    judgement = manifest_export.description_kept(against(case, asked, came))
    assert told(judgement) == {("description-reworded", Severity.INFO)}


def test_a_selection_without_description_has_none_to_keep(
    case: Make, image: Image, selection: Selection, export: Export
) -> None:
    asked = {"study": [image(1)], "manifest": selection([image(1)], description=None)}
    seen = against(case, asked, export(asked["manifest"]))
    assert inconclusive(manifest_export.description_kept(seen))


def test_a_delay_in_an_exported_manifest_fails(
    case: Make, asked: dict[str, list[FileDataset]], export: Export
) -> None:
    came = export(asked["manifest"])
    came[0].ContentSequence.insert(
        0,
        code_content(
            Relationship.HAS_CONCEPT_MODIFIER, codes.DOCUMENT_TITLE_MODIFIER, codes.DELAY_REASONS[3].dcm
        ),
    )
    judgement = manifest_export.no_delay_in_export(against(case, asked, came))
    assert told(judgement) == {("delay-exported", Severity.FAIL)}


@pytest.fixture
def delayed(image: Image, selection: Selection) -> dict[str, list[FileDataset]]:
    study = [image(1)]
    return {
        "study": study,
        "held": selection(study, delay=codes.DELAY_REASONS[1].iheradtf),
        "manifest": selection(study),
    }


def test_only_the_releasing_manifest_is_exported(
    case: Make, delayed: dict[str, list[FileDataset]], export: Export
) -> None:
    seen = against(case, delayed, export(delayed["manifest"]))
    assert passes(manifest_export.delayed_not_exported(seen))


def test_an_exported_delayed_manifest_fails_even_without_its_delay_reason(
    case: Make, delayed: dict[str, list[FileDataset]], export: Export
) -> None:
    held = export(delayed["held"])[0]
    held.ContentSequence = held.ContentSequence[1:]
    for came in ([held], [*export(delayed["manifest"]), held]):
        judgement = manifest_export.delayed_not_exported(against(case, delayed, came))
        assert told(judgement) == {("delayed-manifest-exported", Severity.FAIL)}


def test_one_manifest_too_many_fails(
    case: Make, delayed: dict[str, list[FileDataset]], export: Export, selection: Selection
) -> None:
    extra = selection(delayed["study"])
    judgement = manifest_export.delayed_not_exported(
        against(case, delayed, export([*delayed["manifest"], *extra]))
    )
    assert told(judgement) == {("delayed-manifest-exported", Severity.FAIL)}


def test_where_nothing_was_delayed_no_delayed_manifest_can_be_exported(
    case: Make, asked: dict[str, list[FileDataset]], delayed: dict[str, list[FileDataset]], export: Export
) -> None:
    assert not manifest_export.delayed_not_exported(
        against(case, asked, export(asked["manifest"]))
    ).applicable
    assert inconclusive(manifest_export.delayed_not_exported(against(case, delayed, [])))
    unclaimed = against(case, delayed, export(delayed["manifest"]), Claims())
    assert not manifest_export.delayed_not_exported(unclaimed).applicable
