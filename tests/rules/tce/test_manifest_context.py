"""Rules about what a manifest says besides its references."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset, FileDataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import Claims, CodeSet, Option
from tce_harness.model.finding import Judgement, Severity
from tce_harness.model.requirement import Actor
from tce_harness.objects.content_items import code_item
from tce_harness.rules import manifest_context as rules
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

Make = Callable[..., CaseEvidence]
Image = Callable[..., FileDataset]
Selection = Callable[..., list[FileDataset]]
SELECTOR = (Actor.EXPORT_SELECTOR,)
REASONS = [concept for pair in codes.DELAY_REASONS for concept in pair]
ALL = (rules.delay_reason, rules.description_as_typed, rules.observer, rules.language, rules.one_patient)


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


def passes(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined > 0 and not judgement.findings


def inconclusive(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined == 0 and bool(judgement.reason)


@pytest.fixture
def document(image: Image, selection: Selection) -> FileDataset:
    return selection([image(1)])[0]


@pytest.fixture
def delayed(image: Image, selection: Selection) -> FileDataset:
    return selection([image(1)], delay=REASONS[0])[0]


def arrived(case: Make, *datasets: Dataset, claims: Claims | None = None) -> CaseEvidence:
    return case(came={"arrived": datasets}, under_test=SELECTOR, claims=claims)


def test_without_a_manifest_nothing_is_said(case: Make, image: Image) -> None:
    for judge in ALL:
        assert inconclusive(judge(arrived(case, image(1))))


def test_between_grouped_actors_nothing_is_seen(case: Make, document: FileDataset) -> None:
    grouped = (Actor.EXPORT_SELECTOR, Actor.EXPORT_MANAGER)
    for judge in ALL:
        assert not judge(case(came={"arrived": [document]}, under_test=grouped)).applicable


# --- delay


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.value)
def test_every_delay_reason_of_either_code_set_passes(
    case: Make, image: Image, selection: Selection, reason: Concept
) -> None:
    assert passes(rules.delay_reason(arrived(case, *selection([image(1)], delay=reason))))


def test_a_manifest_that_says_no_delay_fails(case: Make, document: FileDataset) -> None:
    assert told(rules.delay_reason(arrived(case, document))) == {("delay-absent", Severity.FAIL)}


def test_a_releasing_manifest_beside_the_delayed_one_is_not_judged(
    case: Make, document: FileDataset, delayed: FileDataset
) -> None:
    judgement = rules.delay_reason(arrived(case, delayed, document))
    assert passes(judgement)
    assert judgement.examined == 1


def test_a_delay_that_is_not_first_fails(case: Make, delayed: FileDataset) -> None:
    delayed.ContentSequence = [*delayed.ContentSequence[1:], delayed.ContentSequence[0]]
    assert told(rules.delay_reason(arrived(case, delayed))) == {("delay-not-first", Severity.FAIL)}


@pytest.mark.parametrize("value", [("TCE012", "DCM"), ("TCE019", "IHERADTF"), ("113001", "DCM")])
def test_other_codes_are_no_delay_reasons(case: Make, delayed: FileDataset, value: tuple[str, str]) -> None:
    delayed.ContentSequence[0].ConceptCodeSequence = [code_item(Concept(*value, "x"))]
    assert told(rules.delay_reason(arrived(case, delayed))) == {("delay-reason-unknown", Severity.FAIL)}
    del delayed.ContentSequence[0].ConceptCodeSequence
    assert told(rules.delay_reason(arrived(case, delayed))) == {("delay-reason-unknown", Severity.FAIL)}


def test_another_reason_than_the_one_asked_for_fails(
    case: Make, image: Image, selection: Selection, delayed: FileDataset
) -> None:
    other = selection([image(1)], delay=codes.DELAY_REASONS[2].dcm)
    seen = case(originals={"held": [delayed]}, came={"arrived": other}, under_test=SELECTOR)
    assert told(rules.delay_reason(seen)) == {("delay-reason-other", Severity.FAIL)}


def test_the_asked_reason_in_the_other_code_set_passes(
    case: Make, image: Image, selection: Selection, delayed: FileDataset
) -> None:
    partner = selection([image(1)], delay=codes.DELAY_REASONS[0].dcm)
    seen = case(originals={"held": [delayed]}, came={"arrived": partner}, under_test=SELECTOR)
    assert passes(rules.delay_reason(seen))
    claims = Claims(options=(Option.DELAY_FOR_REASON,), code_set=CodeSet.IHERADTF)
    assert told(rules.delay_reason(arrived(case, *partner, claims=claims))) == {
        ("delay-code-set", Severity.WARNING)
    }


def test_a_delay_is_not_asked_of_who_does_not_claim_it(case: Make, document: FileDataset) -> None:
    assert not rules.delay_reason(arrived(case, document, claims=Claims())).applicable


# --- description


def test_the_typed_description_passes(case: Make, document: FileDataset) -> None:
    seen = case(originals={"manifest": [document]}, came={"arrived": [document]}, under_test=SELECTOR)
    assert passes(rules.description_as_typed(seen))


@pytest.mark.parametrize(
    ("words", "kind", "severity"),
    [
        ("Chest cases", "description-changed", Severity.FAIL),
        ("Chest  cases, token 4711", "description-spacing", Severity.INFO),
        ("", "description-absent", Severity.FAIL),
    ],
)
def test_another_description_than_the_typed_one_is_told(
    case: Make, image: Image, selection: Selection, document: FileDataset, words: str, kind: str,
    severity: Severity,
) -> None:  # fmt: skip
    came = selection([image(1)], description=words)
    seen = case(originals={"manifest": [document]}, came={"arrived": came}, under_test=SELECTOR)
    assert told(rules.description_as_typed(seen)) == {(kind, severity)}


def test_without_a_text_of_the_case_its_token_must_stand_in_the_description(
    case: Make, image: Image, selection: Selection, document: FileDataset
) -> None:
    assert passes(rules.description_as_typed(arrived(case, document)))
    judgement = rules.description_as_typed(arrived(case, *selection([image(1)], description="Chest")))
    assert told(judgement) == {("description-changed", Severity.FAIL)}
    judgement = rules.description_as_typed(arrived(case, *selection([image(1)], description=None)))
    assert told(judgement) == {("description-absent", Severity.FAIL)}


def test_a_case_that_gives_no_description_judges_none(
    case: Make, image: Image, selection: Selection, document: FileDataset
) -> None:
    model = selection([image(1)], description=None)
    seen = case(originals={"manifest": model}, came={"arrived": [document]}, under_test=SELECTOR)
    assert inconclusive(rules.description_as_typed(seen))


# --- observer


def test_a_named_observer_passes_and_none_is_not_judged(case: Make, document: FileDataset) -> None:
    assert passes(rules.observer(arrived(case, document)))
    document.ContentSequence = [
        item for item in document.ContentSequence if item.RelationshipType != "HAS OBS CONTEXT"
    ]
    assert not rules.observer(arrived(case, document)).applicable


def test_a_person_without_name_fails(case: Make, document: FileDataset) -> None:
    document.ContentSequence = [item for item in document.ContentSequence if item.ValueType != "PNAME"]
    assert told(rules.observer(arrived(case, document))) == {("observer-unnamed", Severity.FAIL)}


def test_an_empty_name_fails_and_a_device_needs_none(case: Make, document: FileDataset) -> None:
    person, named = document.ContentSequence[1:3]
    named.PersonName = "^^^"
    assert told(rules.observer(arrived(case, document))) == {("observer-unnamed", Severity.FAIL)}
    person.ConceptCodeSequence = [code_item(codes.DEVICE)]
    assert passes(rules.observer(arrived(case, document)))


# --- language


@pytest.mark.parametrize("code", [("eng", "ISO639_2"), ("en-GB", "RFC5646")])
def test_a_language_of_a_known_scheme_passes(
    case: Make, document: FileDataset, code: tuple[str, str]
) -> None:
    document.ContentSequence[0].ConceptCodeSequence = [code_item(Concept(*code, "English"))]
    assert passes(rules.language(arrived(case, document)))


def test_no_language_and_a_made_up_one_are_warnings(case: Make, document: FileDataset) -> None:
    document.ContentSequence[0].ConceptCodeSequence = [code_item(Concept("en", "99LANG", "English"))]
    assert told(rules.language(arrived(case, document))) == {("language-scheme", Severity.WARNING)}
    del document.ContentSequence[0].ConceptCodeSequence
    assert told(rules.language(arrived(case, document))) == {("language-scheme", Severity.WARNING)}
    del document.ContentSequence[0]
    assert told(rules.language(arrived(case, document))) == {("language-absent", Severity.WARNING)}


# --- one patient


def test_a_selection_of_one_patient_passes(case: Make, image: Image, document: FileDataset) -> None:
    assert passes(rules.one_patient(arrived(case, image(1), document)))


def test_a_selection_of_two_patients_is_told(case: Make, image: Image, document: FileDataset) -> None:
    judgement = rules.one_patient(arrived(case, image(1, patient="P2"), document))
    assert told(judgement) == {("several-patients", Severity.FAIL)}
    assert "P2" not in str(judgement)


def test_unknown_instances_say_nothing_of_their_patient(case: Make, document: FileDataset) -> None:
    assert inconclusive(rules.one_patient(arrived(case, document)))
