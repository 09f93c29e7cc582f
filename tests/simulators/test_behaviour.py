"""Where mutations take hold of an actor."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from pydicom.uid import CTImageStorage, KeyObjectSelectionDocumentStorage

from tce_harness.mutations import ExportDue, Mutations, parse_mutations
from tce_harness.simulators import Behaviour
from tce_harness.transport import Answer, ContextAnswer, IncomingStore, OutgoingInstance, Reaction

if TYPE_CHECKING:
    from tests.simulators.conftest import Make

CT, KOS = CTImageStorage, KeyObjectSelectionDocumentStorage


def behaviour(*mutate: dict[str, object]) -> Behaviour:
    return Behaviour(Mutations(parse_mutations(json.dumps(list(mutate)))), Random(1))


def incoming(sop_class: str = CT) -> IncomingStore:
    return IncomingStore(
        calling_ae_title="S",
        called_ae_title="M",
        sop_class_uid=sop_class,
        sop_instance_uid="1.2.3",
        transfer_syntax_uid="1.2",
        content=b"",
    )


def outgoing(*labels: str) -> list[OutgoingInstance]:
    return [
        OutgoingInstance(
            path=Path(label),
            sop_class_uid=KOS if label.startswith("m") else CT,
            sop_instance_uid="1.2.3",
            transfer_syntax_uid="1.2",
            label=label,
        )
        for label in labels
    ]


def due(
    *, export_title: bool = True, delayed: bool = False, missing: int = 0, release: bool = True
) -> ExportDue:
    return ExportDue(export_title=export_title, delayed=delayed, missing=missing, release=release)


def test_without_a_mutation_nothing_is_changed(make: Make) -> None:
    plain = Behaviour()
    assert plain.conforming
    assert plain.react(incoming(), Answer(status=0xA900)) == (Answer(status=0xA900), False)
    assert plain.react(incoming(), Answer()) == (Answer(), True)
    assert plain.rejection("S") is None
    assert plain.context(CT, ("1.2",)) is ContextAnswer.ACCEPT
    dataset = make.study()[0]
    assert plain.outgoing(dataset, dataset) is dataset
    chosen = outgoing("a", "m")
    plan = plain.plan(chosen, threading.Event())
    assert plan.instances == tuple(chosen)
    assert [plan.pace(each, number) for number, each in enumerate(chosen, start=1)] == [None, None]
    for release in (True, False):
        assert plain.releases(due(release=release), threading.Event()) is release


@pytest.mark.parametrize(
    ("mutation", "answer", "kept"),
    [
        ({"status": "A700"}, Answer(status=0xA700), False),
        ({"status": "B000"}, Answer(status=0xB000), True),
        ({"abort": 1}, Answer(reaction=Reaction.ABORT), True),
        ({"silent": {}}, Answer(reaction=Reaction.SILENT), True),
        ({"lose": {}}, Answer(), False),
        ({"delay": {"by": "2 s", "before": "answer"}}, Answer(delay_seconds=2.0), True),
    ],
    ids=["failure", "warning", "abort", "silent", "lose", "delay"],
)
def test_the_answer_is_what_the_mutation_makes_of_it(
    mutation: dict[str, object], answer: Answer, kept: bool
) -> None:
    assert behaviour(mutation).react(incoming(), Answer()) == (answer, kept)


def test_instances_are_counted_among_all_and_among_their_kind() -> None:
    second = behaviour({"status": {"code": "A700", "in": "image", "number": 2}})
    statuses = [second.react(incoming(sop), Answer())[0].status for sop in (CT, KOS, CT, CT)]
    assert statuses == [0, 0, 0xA700, 0]


def test_a_plan_repeats_and_breaks_off() -> None:
    plan = behaviour({"repeat": {"times": 2, "number": 1}}).plan(outgoing("a", "b"), threading.Event())
    assert [each.label for each in plan.instances] == ["a", "a", "b"]
    stopping = threading.Event()
    stopping.set()  # nobody waits where the actor is being stopped
    breaks_off = behaviour({"abort": {"number": 2, "when": "sending"}}, {"delay": "1 h"})
    plan = breaks_off.plan(outgoing("a", "b"), stopping)
    assert [plan.pace(each, n) is not None for n, each in enumerate(plan.instances, start=1)] == [False, True]


def test_an_association_is_refused_by_its_number() -> None:
    second = behaviour({"reject": {"result": 2, "source": 3, "reason": 2, "association": 2}})
    assert [second.rejection("S") for _ in range(3)] == [None, (2, 3, 2), None]


def test_nobody_waits_before_an_association_where_the_actor_stops() -> None:
    slow = behaviour({"delay": {"by": "1 h", "before": "association"}})
    slow.stopping.set()
    assert slow.rejection("S") is None


def test_a_context_is_refused_by_the_kind_of_its_objects() -> None:
    picky = behaviour({"refuse": "manifest"})
    assert picky.context(KOS, ("1.2.840.10008.1.2",)) is ContextAnswer.NO_SUCH_CLASS
    assert picky.context(CT, ("1.2.840.10008.1.2",)) is ContextAnswer.ACCEPT


@pytest.mark.parametrize(
    ("mutation", "event", "releases"),
    [
        ({"hold": {}}, due(), False),
        ({"release": "delayed"}, due(delayed=True, release=False), True),
        ({"release": "delayed"}, due(export_title=False, release=False), False),
        ({"release": "incomplete"}, due(missing=2, release=False), True),
        ({"release": "other-title"}, due(export_title=False, release=False), True),
    ],
)
def test_an_export_goes_when_the_mutation_says_so(
    mutation: dict[str, object], event: ExportDue, releases: bool
) -> None:
    assert behaviour(mutation).releases(event, threading.Event()) is releases
