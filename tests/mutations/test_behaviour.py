from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import TypeVar

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    CTImageStorage,
    EnhancedSRStorage,
    JPEGBaseline8Bit,
    KeyObjectSelectionDocumentStorage,
)

from tce_harness.model.errors import HarnessError
from tce_harness.mutations import (
    Action,
    AssociationRequested,
    ContextProposed,
    ExportDue,
    Mutations,
    Refusal,
    Rejection,
    SendDue,
    SendPlanned,
    StoreReceived,
    parse_mutations,
)
from tce_harness.mutations.events import Event

E = TypeVar("E", bound=Event)

RECEIVED = StoreReceived(sop_class_uid=CTImageStorage, number=3, kind_number=2)
DUE = SendDue(sop_class_uid=CTImageStorage, number=3, kind_number=2)
REQUESTED = AssociationRequested(number=2, calling_ae_title="SENDER")
EXPORT = ExportDue(export_title=True, delayed=False, missing=0, release=True)
PLANNED = SendPlanned(
    sop_class_uids=(
        CTImageStorage,
        CTImageStorage,
        KeyObjectSelectionDocumentStorage,
        EnhancedSRStorage,
        KeyObjectSelectionDocumentStorage,
    ),
    order=(0, 1, 2, 3, 4),
)
EVERY: tuple[Event, ...] = (RECEIVED, DUE, REQUESTED, EXPORT, PLANNED)


def behave(mutation: object, event: E, seed: int = 1) -> E | None:
    mutations = mutation if isinstance(mutation, list) else [mutation]
    return Mutations(parse_mutations(json.dumps(mutations))).behave(event, Random(seed))


@pytest.mark.parametrize(
    ("order", "indices"),
    [
        ("reversed", (4, 3, 2, 1, 0)),
        ("manifest-first", (2, 4, 0, 1, 3)),
        ("manifest-last", (0, 1, 3, 2, 4)),
        ("manifest-between", (0, 1, 2, 4, 3)),
    ],
)
def test_reorder_changes_the_order_alone(order: str, indices: tuple[int, ...]) -> None:
    assert behave({"reorder": order}, PLANNED) == replace(PLANNED, order=indices)


def test_reorder_shuffles_by_the_seed() -> None:
    shuffled = [behave({"reorder": "shuffled"}, PLANNED, seed) for seed in (1, 1, 2, 3)]
    assert shuffled[0] == shuffled[1]
    assert len({each.order for each in shuffled if each is not None}) > 1
    assert all(each is not None and sorted(each.order) == [0, 1, 2, 3, 4] for each in shuffled)


def test_repeat_sends_an_object_several_times() -> None:
    assert behave({"repeat": 3}, DUE) == replace(DUE, times=3)
    assert behave({"repeat": {"in": "image", "number": 1}}, DUE) == DUE
    assert behave({"repeat": {"in": "image", "number": 2}}, DUE) == replace(DUE, times=2)


@pytest.mark.parametrize(
    ("before", "event"),
    [("send", DUE), ("answer", RECEIVED), ("association", REQUESTED), ("export", EXPORT)],
)
def test_delay_makes_one_kind_of_event_late(before: str, event: Event) -> None:
    mutation = {"delay": {"by": "2 s", "before": before}}
    late = behave(mutation, event)
    assert late is not None
    assert getattr(late, "delay", None) == 2.0
    assert all(behave(mutation, other) == other for other in EVERY if other is not event)


def test_delays_add_up_and_vary_by_the_seed() -> None:
    assert behave([{"delay": "1 s"}, {"delay": "500 ms"}], DUE) == replace(DUE, delay=1.5)
    jitter = {"delay": {"by": "1 ms", "most": "5 s"}}
    drawn = [behave(jitter, DUE, seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(each is not None and 0.001 <= each.delay <= 5.0 for each in drawn)


def test_delay_speaks_of_the_named_object_alone() -> None:
    mutation = {"delay": {"by": "1 s", "in": "manifest"}}
    assert behave(mutation, DUE) == DUE
    manifest = replace(DUE, sop_class_uid=KeyObjectSelectionDocumentStorage)
    assert behave(mutation, manifest) == replace(manifest, delay=1.0)


@pytest.mark.parametrize("code", ["A700", "a700", 0xA700])
def test_status_is_answered(code: str | int) -> None:
    assert behave({"status": code}, RECEIVED) == replace(RECEIVED, status=0xA700)


def test_status_is_answered_to_the_named_object_alone() -> None:
    assert behave({"status": {"code": "A700", "number": 2}}, RECEIVED) == RECEIVED
    assert behave({"status": {"code": "B000", "number": 3}}, RECEIVED) == replace(RECEIVED, status=0xB000)
    assert behave({"status": {"code": "A700", "in": "manifest"}}, RECEIVED) == RECEIVED
    assert behave({"status": "A700"}, DUE) == DUE


def test_abort_happens_at_the_named_object_while_receiving_or_sending() -> None:
    assert behave({"abort": 3}, RECEIVED) == replace(RECEIVED, action=Action.ABORT)
    assert behave({"abort": 2}, RECEIVED) == RECEIVED
    assert behave({"abort": 3}, DUE) == DUE
    sending = {"abort": {"in": "image", "number": 2, "when": "sending"}}
    assert behave(sending, DUE) == replace(DUE, action=Action.ABORT)
    assert behave(sending, RECEIVED) == RECEIVED


def test_silent_leaves_a_request_without_an_answer() -> None:
    assert behave({"silent": {}}, RECEIVED) == replace(RECEIVED, action=Action.SILENT)
    assert behave({"silent": {"in": "manifest"}}, RECEIVED) == RECEIVED
    assert behave({"silent": {}}, DUE) == DUE


def test_lose_forgets_what_it_answered_and_ends_the_matter() -> None:
    assert behave([{"lose": {"number": 3}}, {"status": "A700"}], RECEIVED) is None
    assert behave({"lose": {"number": 1}}, RECEIVED) == RECEIVED
    assert behave({"lose": {}}, DUE) == DUE


def test_reject_refuses_all_associations_or_one() -> None:
    assert behave({"reject": {}}, REQUESTED) == replace(
        REQUESTED, rejection=Rejection(result=1, source=1, reason=1)
    )
    temporary = {"reject": {"result": 2, "source": 3, "reason": 2, "association": 1}}
    assert behave(temporary, REQUESTED) == REQUESTED
    first = replace(REQUESTED, number=1)
    assert behave(temporary, first) == replace(first, rejection=Rejection(result=2, source=3, reason=2))


@pytest.mark.parametrize(
    ("when", "event"),
    [
        ("delayed", ExportDue(export_title=True, delayed=True, missing=0, release=False)),
        ("incomplete", ExportDue(export_title=True, delayed=False, missing=2, release=False)),
        ("other-title", ExportDue(export_title=False, delayed=False, missing=0, release=False)),
    ],
)
def test_release_exports_in_the_named_situation_alone(when: str, event: ExportDue) -> None:
    assert behave({"release": when}, event) == replace(event, release=True)
    others = {"delayed", "incomplete", "other-title"} - {when}
    assert all(behave({"release": other}, event) == event for other in others)


def test_hold_never_exports() -> None:
    assert behave({"hold": {}}, EXPORT) == replace(EXPORT, release=False)


@pytest.mark.parametrize(
    "mutation",
    [{"reorder": "reversed"}, {"reject": {}}, {"release": "delayed"}, {"hold": {}}, {"keep": "(0010,0010)"}],
)
def test_an_event_that_is_not_spoken_of_takes_its_course(mutation: dict[str, object]) -> None:
    spoken_of = {"reorder": PLANNED, "reject": REQUESTED, "hold": EXPORT}.get(next(iter(mutation)))
    assert all(behave(mutation, event) is event for event in EVERY if event is not spoken_of)


PLAIN = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")


@pytest.mark.parametrize(
    ("mutation", "sop_class", "syntaxes", "refusal"),
    [
        ({"refuse": "image"}, CTImageStorage, PLAIN, Refusal.SOP_CLASS),
        ({"refuse": "image"}, EnhancedSRStorage, PLAIN, None),
        ({"refuse": {"in": "image", "compressed": True}}, CTImageStorage, PLAIN, None),
        (
            {"refuse": {"in": "image", "compressed": True}},
            CTImageStorage,
            (JPEGBaseline8Bit,),
            Refusal.TRANSFER_SYNTAXES,
        ),
    ],
)
def test_refuse_takes_the_contexts_of_one_kind_or_its_compressed_ones(
    mutation: object, sop_class: str, syntaxes: tuple[str, ...], refusal: Refusal | None
) -> None:
    proposed = ContextProposed(sop_class_uid=sop_class, transfer_syntaxes=syntaxes)
    answered = behave(mutation, proposed)
    assert answered is not None
    assert answered.refusal is refusal


def test_what_is_sent_again_may_differ_from_the_second_time_on() -> None:
    event = behave({"repeat": {"times": 2, "later": "(0008,0013)=101500"}}, DUE)
    assert event is not None
    assert event.later is not None
    dataset = Dataset()
    event.later.apply(dataset)
    assert dataset.InstanceCreationTime == "101500"
    assert event.times == 2


@pytest.mark.parametrize(
    ("mutation", "message"),
    [
        ({"refuse": "picture"}, "Input should be 'manifest'"),
        ({"reorder": "sorted"}, "Input should be 'reversed', 'shuffled'"),
        ({"repeat": 1}, "greater than or equal to 2"),
        ({"delay": "soon"}, "a length of time is a number"),
        ({"delay": {"by": "2 s", "most": "1 s"}}, "'most' is not less than 'by'"),
        ({"delay": {"by": "2 s", "before": "export", "in": "image"}}, "do not stand with 'before: export'"),
        ({"status": "success"}, "is not a DIMSE status such as 'A700'"),
        ({"status": 70000}, "less than or equal to 65535"),
        ({"abort": 0}, "greater than or equal to 1"),
        ({"reject": {"in": "image"}}, "Extra inputs are not permitted"),
        ({"reject": {"result": 3}}, "Input should be 1 or 2"),
        ({"release": "always"}, "Input should be 'delayed', 'incomplete' or 'other-title'"),
    ],
)
def test_a_behaviour_that_cannot_be_meant_is_refused(mutation: object, message: str) -> None:
    with pytest.raises(HarnessError) as caught:
        parse_mutations(json.dumps([mutation]))
    assert message in str(caught.value)
