"""Rules of acceptance, of silence and of transmission."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import (
    CTImageStorage,
    EnhancedSRStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    KeyObjectSelectionDocumentStorage,
    MRImageStorage,
)

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.model.record import AssociationRecord, WaitRecord
from tce_harness.model.requirement import Actor
from tce_harness.rules import absence, acceptance
from tce_harness.standard import codes

Make = Callable[..., CaseEvidence]
Image = Callable[..., FileDataset]
Selection = Callable[..., list[FileDataset]]
Association = Callable[..., AssociationRecord]
Wait = Callable[..., WaitRecord]

OFFERS = [
    (acceptance.instances_accepted, "RAD-50", CTImageStorage),
    (acceptance.manifest_accepted, "RAD-51", KeyObjectSelectionDocumentStorage),
    (acceptance.teaching_file_accepted, "RAD-52", EnhancedSRStorage),
    (acceptance.receiver_accepts_everything, "RAD-53", CTImageStorage),
]
SILENCES = [
    (absence.delayed_export_held, "delayed-export-not-held"),
    (absence.other_selections_ignored, "export-not-asked-for"),
    (absence.incomplete_export_held, "incomplete-export-not-held"),
]
Judge = Callable[[CaseEvidence], Judgement]


def told(judgement: Judgement) -> set[tuple[str, Severity]]:
    return {(each.kind, each.severity) for each in judgement.findings}


def passes(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined > 0 and not judgement.findings


def inconclusive(judgement: Judgement) -> bool:
    return judgement.applicable and judgement.examined == 0 and bool(judgement.reason)


@pytest.mark.parametrize(("judge", "transaction", "sop_class"), OFFERS)
def test_success_passes(case: Make, image: Image, judge: Judge, transaction: str, sop_class: str) -> None:
    seen = case(sent={"given": [image(1, sop_class=sop_class)]}, transaction=transaction)
    assert passes(judge(seen))


@pytest.mark.parametrize(("judge", "transaction", "sop_class"), OFFERS)
@pytest.mark.parametrize(
    ("status", "kind"), [(0xA700, "refused"), (0x0122, "refused"), (None, "not-answered")]
)
def test_a_refusal_or_no_answer_fails(
    case: Make, image: Image, judge: Judge, transaction: str, sop_class: str, status: int | None, kind: str
) -> None:
    things = [(image(1, sop_class=sop_class), status), (image(2, sop_class=sop_class), 0)]
    judgement = judge(case(sent={"given": things}, transaction=transaction))
    assert told(judgement) == {(kind, Severity.FAIL)}
    assert judgement.examined == 2


@pytest.mark.parametrize(("judge", "transaction", "sop_class"), OFFERS)
def test_another_transaction_shows_nothing(
    case: Make, image: Image, judge: Judge, transaction: str, sop_class: str
) -> None:
    other = "RAD-50" if transaction != "RAD-50" else "RAD-53"
    assert inconclusive(judge(case(sent={"given": [image(1, sop_class=sop_class)]}, transaction=other)))


@pytest.mark.parametrize("status", [0xB000, 0xB006, 0xB007])
def test_stored_with_warning_is_stored(case: Make, image: Image, status: int) -> None:
    things = {"given": [(image(1), status)]}
    kept = acceptance.instances_accepted(case(sent=things, transaction="RAD-50"))
    assert told(kept) == {("stored-with-warning", Severity.INFO)}
    taken = acceptance.receiver_accepts_everything(case(sent=things, transaction="RAD-53"))
    assert told(taken) == {("stored-with-warning", Severity.WARNING)}


def test_between_grouped_actors_acceptance_is_not_observable(case: Make, image: Image) -> None:
    grouped = (Actor.EXPORT_SELECTOR, Actor.EXPORT_MANAGER)
    seen = case(sent={"given": [image(1)]}, under_test=grouped)
    assert not acceptance.instances_accepted(seen).applicable
    assert not acceptance.manifest_accepted(seen).applicable
    assert not acceptance.teaching_file_accepted(seen).applicable


def test_teaching_files_need_not_be_taken_where_the_option_is_not_claimed(case: Make, image: Image) -> None:
    seen = case(sent={"given": [(image(1), 0xA700)]}, transaction="RAD-52", claims=Claims())
    assert not acceptance.teaching_file_accepted(seen).applicable


# --- associations and presentation contexts


def test_a_rejected_association_fails(case: Make, association: Association) -> None:
    record = association(outcome="rejected", contexts=[(CTImageStorage, None)])
    judgement = acceptance.instances_accepted(case(records=[record]))
    assert told(judgement) == {("association-rejected", Severity.FAIL)}


def test_a_rejected_association_for_images_says_nothing_of_manifests(
    case: Make, association: Association
) -> None:
    record = association(outcome="rejected", contexts=[(CTImageStorage, None)])
    assert inconclusive(acceptance.manifest_accepted(case(records=[record])))


def test_no_connection_is_inconclusive(case: Make, association: Association) -> None:
    record = association(outcome="failed", contexts=[(CTImageStorage, None)])
    judgement = acceptance.instances_accepted(case(records=[record]))
    assert inconclusive(judgement)
    assert judgement.reason == (
        "no connection to the system under test came about: SUT at 127.0.0.1:104, for no known reason"
    )


def test_a_refused_sop_class_fails(case: Make, image: Image, association: Association) -> None:
    record = association(contexts=[(CTImageStorage, ExplicitVRLittleEndian), (MRImageStorage, None)])
    sent = {"given": [image(1)]}
    seen = case(sent=sent, records=[record], transaction="RAD-50")
    assert told(acceptance.instances_accepted(seen)) == {("sop-class-refused", Severity.FAIL)}
    seen = case(sent=sent, records=[record], transaction="RAD-53")
    assert told(acceptance.receiver_negotiates_sop_classes(seen)) == {("sop-class-refused", Severity.FAIL)}


def test_a_sop_class_taken_in_one_of_its_contexts_is_taken(
    case: Make, image: Image, association: Association
) -> None:
    record = association(contexts=[(CTImageStorage, ExplicitVRLittleEndian), (CTImageStorage, None)])
    seen = case(sent={"given": [image(1)]}, records=[record], transaction="RAD-53")
    assert passes(acceptance.receiver_negotiates_sop_classes(seen))
    assert told(acceptance.receiver_negotiates_transfer_syntaxes(seen)) == {
        ("transfer-syntax-refused", Severity.WARNING)
    }


def test_all_contexts_taken_pass(case: Make, image: Image, association: Association) -> None:
    record = association(contexts=[(CTImageStorage, JPEG2000Lossless), (MRImageStorage, JPEG2000Lossless)])
    seen = case(sent={"given": [image(1)]}, records=[record], transaction="RAD-53")
    assert passes(acceptance.receiver_negotiates_sop_classes(seen))
    assert passes(acceptance.receiver_negotiates_transfer_syntaxes(seen))


def test_without_an_association_nothing_was_negotiated(case: Make) -> None:
    assert inconclusive(acceptance.receiver_negotiates_sop_classes(case()))
    assert inconclusive(acceptance.receiver_negotiates_transfer_syntaxes(case()))


# --- silence


@pytest.mark.parametrize(("judge", "kind"), SILENCES)
def test_silence_after_something_was_taken_in_passes(
    case: Make, image: Image, wait: Wait, judge: Judge, kind: str
) -> None:
    assert kind
    assert passes(judge(case(sent={"given": [image(1)]}, records=[wait(until="nothing")])))


@pytest.mark.parametrize(("judge", "kind"), SILENCES)
def test_a_broken_silence_fails_for_each_instance(
    case: Make, image: Image, wait: Wait, judge: Judge, kind: str
) -> None:
    seen = case(
        sent={"given": [image(1)]},
        came={"arrived": [image(2), image(3)]},
        records=[wait(until="nothing", met=False)],
    )
    judgement = judge(seen)
    assert told(judgement) == {(kind, Severity.FAIL)}
    assert len(judgement.findings) == 2


@pytest.mark.parametrize(("judge", "kind"), SILENCES)
def test_a_broken_silence_of_which_nothing_was_kept_fails_all_the_same(
    case: Make, image: Image, wait: Wait, judge: Judge, kind: str
) -> None:
    seen = case(sent={"given": [image(1)]}, records=[wait(until="nothing", met=False)])
    assert told(judge(seen)) == {(kind, Severity.FAIL)}


@pytest.mark.parametrize(("judge", "kind"), SILENCES)
def test_silence_without_a_wait_or_after_a_refusal_shows_nothing(
    case: Make, image: Image, wait: Wait, selection: Selection, judge: Judge, kind: str
) -> None:
    assert kind
    assert inconclusive(judge(case(sent={"given": [image(1)]}, records=[wait()])))
    refused = {"given": [(image(1), 0xA700)]}
    assert inconclusive(judge(case(sent=refused, records=[wait(until="nothing")])))
    documents = selection([image(1)], delay=codes.DELAY_REASONS[0].dcm)
    unread = {"given": [image(1), *[(each, 0xC000) for each in documents]]}
    assert inconclusive(judge(case(sent=unread, records=[wait(until="nothing")])))


def test_a_delay_is_judged_only_where_the_option_is_claimed(case: Make, image: Image, wait: Wait) -> None:
    seen = case(sent={"given": [image(1)]}, records=[wait(until="nothing")], claims=Claims())
    assert not absence.delayed_export_held(seen).applicable


def test_no_connection_makes_silence_meaningless(case: Make, association: Association, wait: Wait) -> None:
    seen = case(records=[association(outcome="failed"), wait(until="nothing")])
    assert inconclusive(absence.other_selections_ignored(seen))


def test_what_was_sent_is_no_arrival(case: Make, image: Image, wait: Wait) -> None:
    things: list[Dataset] = [image(1)]
    seen = case(sent={"arrived": things}, records=[wait(until="nothing")])
    assert seen.subjects == ()
    assert passes(absence.other_selections_ignored(seen))


def test_what_a_simulated_manager_exports_between_the_steps_counts_for_the_receiver(
    case: Make, image: Image, wait: Wait
) -> None:
    sent = {"between": [(image(1), 0xC000), image(2)]}
    seen = case(sent=sent, records=[wait()], transaction="RAD-53", of=("arrived",))
    judgement = acceptance.receiver_accepts_everything(seen)
    assert told(judgement) == {("refused", Severity.FAIL)}
    assert judgement.examined == 2
