"""Actors on real sockets: started on a free port, stopped at the end, and heard in between."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from pydicom.dataset import Dataset

from tce_harness.content import Content
from tce_harness.deidentify import Deidentifier, Pseudonyms, find_policy
from tce_harness.fixtures import find_recipe, synthesise
from tce_harness.mutations import Mutations, parse_mutations
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import Manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.simulators import Behaviour, ExportManager, ExportSelector, Notice, Receiver, Selected
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept
from tce_harness.transport import (
    Answer,
    AssociationFacts,
    Destination,
    IncomingStore,
    StorageListener,
    StoreFacts,
)

PATIENCE = 20.0
KEY = b"the same key for every test"
_numbers = count(1)
Actor = TypeVar("Actor", ExportManager, Receiver, StorageListener)
Result = TypeVar("Result")


class Heard:
    """Everything that an actor tells, and a way to wait for it."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self._changed = threading.Condition()

    def __call__(self, notice: Notice) -> None:
        with self._changed:
            self.notices.append(notice)
            self._changed.notify_all()

    def until(self, event: str, times: int = 1) -> Notice:
        """Wait until something was told so often, and return its last notice."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.of(event)) >= times, PATIENCE), self.notices
            return self.of(event)[times - 1]

    def of(self, event: str) -> list[Notice]:
        return [each for each in self.notices if each.event == event]

    @property
    def events(self) -> list[str]:
        return [each.event for each in self.notices]


class Wire:
    """What an observer on one side saw."""

    def __init__(self) -> None:
        self.associations: list[AssociationFacts] = []
        self.stores: list[StoreFacts] = []

    def association(self, facts: AssociationFacts) -> None:
        self.associations.append(facts)

    def store(self, facts: StoreFacts) -> None:
        self.stores.append(facts)

    @property
    def accepted(self) -> int:
        return sum(each.outcome == "accepted" for each in self.associations)


class Sink:
    """A peer that keeps what comes, in its order, and answers as it is told."""

    def __init__(self, answer: Callable[[IncomingStore], Answer] = lambda incoming: Answer()) -> None:
        self.came: list[IncomingStore] = []
        self._answer = answer

    def __call__(self, incoming: IncomingStore) -> Answer:
        self.came.append(incoming)
        return self._answer(incoming)

    @property
    def uids(self) -> list[str]:
        return [each.sop_instance_uid for each in self.came]

    @property
    def datasets(self) -> list[Dataset]:
        return [read_instance(each.content) for each in self.came]


class Troupe:
    """Makes actors and stops them at the end, without making the next test wait for it."""

    def __init__(self, folder: Path, content: Content, stops: ThreadPoolExecutor) -> None:
        self.folder = folder
        self._content = content
        self._stops = stops
        self._actors: list[ExportManager | Receiver | StorageListener] = []
        self.stopped: list[Future[None]] = []

    def manager(
        self,
        *destinations: Destination,
        deidentifier: object = None,
        mutate: list[dict[str, object]] | None = None,
        tell: Heard | None = None,
        **options: object,
    ) -> ExportManager:
        cleaner = deidentifier or Deidentifier(find_policy("teaching-file", self._content), Pseudonyms(KEY))
        return self._start(
            ExportManager(
                ae_title="MANAGER",
                folder=self.folder / f"manager-{next(_numbers)}",
                destinations=destinations,
                deidentifier=cleaner,  # type: ignore[arg-type]
                behaviour=behaviour(mutate),
                tell=tell or Heard(),
                **options,  # type: ignore[arg-type]
            )
        )

    def receiver(self, mutate: list[dict[str, object]] | None = None, tell: Heard | None = None) -> Receiver:
        return self._start(
            Receiver(
                ae_title="ARCHIVE",
                folder=self.folder / f"receiver-{next(_numbers)}",
                behaviour=behaviour(mutate),
                tell=tell or Heard(),
            )
        )

    def listener(self, sink: Sink, wire: Wire | None = None) -> Destination:
        started = self._start(StorageListener(ae_title="ARCHIVE", store=sink, observer=wire))
        return Destination(started.host, started.port, started.ae_title)

    def selector(
        self, wire: Wire | None = None, mutate: list[dict[str, object]] | None = None
    ) -> ExportSelector:
        return ExportSelector(
            ae_title="SELECTOR",
            folder=self.folder / f"selector-{next(_numbers)}",
            behaviour=behaviour(mutate),
            outbound=wire,
        )

    def choose(self, *datasets: Dataset) -> list[Selected]:
        return [
            Selected(f"study/{number}", encode_instance(each), each)
            for number, each in enumerate(datasets, start=1)
        ]

    def send(self, destination: Destination, *datasets: Dataset) -> list[int | None]:
        """Send instances and return the statuses of the answers."""
        outcomes = self.selector().send(self.choose(*datasets), destination)
        return [outcome.status for outcome in outcomes]

    def in_background(self, work: Callable[[], Result]) -> Future[Result]:
        return self._stops.submit(work)

    def _start(self, actor: Actor) -> Actor:
        actor.start()
        self._actors.append(actor)
        return actor

    def dismiss(self) -> None:
        self.stopped = [self._stops.submit(actor.stop) for actor in self._actors]


def behaviour(mutate: list[dict[str, object]] | None) -> Behaviour:
    return Behaviour(Mutations(parse_mutations(json.dumps(mutate or []))))


@cache
def _study(recipe: str, block: int, instances: int | None) -> tuple[Dataset, ...]:
    found = find_recipe(recipe, Content.with_overlays())
    made = synthesise(found, seed=7, block=block, name="study", instances=instances)
    return tuple(read_instance(each.content) for each in made.instances)


class Make:
    """Makes studies and the manifests over them."""

    def study(
        self, recipe: str = "ct-chest", block: int = 1, instances: int | None = 2
    ) -> tuple[Dataset, ...]:
        return _study(recipe, block, instances)

    def manifests(
        self,
        datasets: Sequence[Dataset],
        *,
        title: Concept = codes.TEACHING_FILE_EXPORT.iheradtf,
        delay: Concept | None = None,
        number: int = 900,
    ) -> tuple[Dataset, ...]:
        uids = count(1)
        return build_manifests(
            Manifest(
                title=title,
                references=tuple(reference_to(each) for each in datasets),
                delay_reason=delay,
                description="Teaching file",
            ),
            datasets,
            uids=lambda: f"1.2.826.99.{number}.{next(uids)}",
            content_datetime=datetime(2026, 1, 2, 3, 4, 5),
            series_number=number,
        )

    def manifest(
        self,
        datasets: Sequence[Dataset],
        *,
        title: Concept = codes.TEACHING_FILE_EXPORT.iheradtf,
        delay: Concept | None = None,
        number: int = 900,
    ) -> Dataset:
        (document,) = self.manifests(datasets, title=title, delay=delay, number=number)
        return document


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()


@pytest.fixture(scope="session")
def content() -> Content:
    return Content.with_overlays()


@pytest.fixture(scope="session")
def stops() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


@pytest.fixture
def troupe(tmp_path: Path, content: Content, stops: ThreadPoolExecutor) -> Iterator[Troupe]:
    made = Troupe(tmp_path, content, stops)
    yield made
    made.dismiss()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def make_sink() -> type[Sink]:
    return Sink


@pytest.fixture
def make_heard() -> type[Heard]:
    return Heard
