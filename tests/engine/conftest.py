"""Runs that many tests look at, each performed once; and systems under test that a simulator emulates."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import Literal

import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tce_harness.content import Content
from tce_harness.deidentify import Deidentifier, Pseudonyms, find_policy
from tce_harness.engine import Library, RunPlan, load_library, perform_run
from tce_harness.engine.events import Event
from tce_harness.engine.operator import OperatorAnswer, Question
from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.log import Evidence, read_evidence
from tce_harness.model.claims import Claims, Option
from tce_harness.model.finding import Judgement
from tce_harness.model.record import CheckRecord
from tce_harness.model.requirement import Actor
from tce_harness.model.result import CaseResult, RuleResult, RunResult
from tce_harness.objects.instance import encode_instance, file_meta, read_instance
from tce_harness.objects.manifest import Manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.rules.registry import Rule
from tce_harness.scenarios import Case, CheckStep, SystemUnderTest
from tce_harness.simulators import Behaviour, ExportManager, ExportSelector, Receiver, Selected
from tce_harness.standard import codes
from tce_harness.transport import Destination

SEED = 11

SIMULATORS = {
    "leaky": """
        simulator: leaky
        title: An Export Manager that de-identifies nothing
        extends: export-manager
        policy: none
        """,
}
SCENARIOS = {
    "EM-900-short": """
        scenario: EM-900
        title: An export that has half a second
        sut: export-manager
        simulated: {selector: export-selector, archive: receiver}
        matrix:
          title: [TCE001, TCE002]
        data:
          study: {recipe: ct-chest, instances: 2}
          manifest: {make: manifest, title: $title, references: [study], description: Teaching file}
        steps:
          - id: sent
            send: {transaction: [RAD-50, RAD-51], from: selector, objects: [study, manifest]}
          - id: exported
            receive: {transaction: RAD-53, at: archive, until: manifest-complete, within: 500 ms}
          - id: accepted
            check: [arrival/instances-accepted]
            of: sent
            against: [study]
          - id: judged
            check:
              - arrival/export-takes-place
              - arrival/manifest-complete
              - manifest/title-kept
              - uid/replaced-consistently
              - deid/no-canary-survives
            of: exported
            against: [study, manifest]
        """,
    "EM-901-operator": """
        scenario: EM-901
        title: A person does something in between
        sut: export-manager
        simulated: {selector: export-selector, archive: receiver}
        data:
          study: {recipe: ct-chest, instances: 1}
          manifest: {make: manifest, title: TCE001, references: [study], description: Teaching file}
        steps:
          - id: sent
            send: {transaction: RAD-50, from: selector, objects: [study]}
          - id: before
            check: [arrival/instances-accepted]
            of: sent
            against: [study]
          - id: told
            operator: {do: Switch the gateway on, within: 2 s}
          - id: selected
            send: {transaction: RAD-51, from: selector, objects: manifest}
          - id: exported
            receive: {transaction: RAD-53, at: archive, until: manifest-complete, within: 20 s}
          - id: judged
            check: [arrival/export-takes-place, deid/no-canary-survives]
            of: exported
            against: [study, manifest]
          - id: sworn
            attest: {requirement: RCR-B5.3, question: Is the log readable}
        """,
    "EM-902-absence": """
        scenario: EM-902
        title: Nothing may come, and then something
        sut: export-manager
        simulated: {selector: export-selector, archive: receiver}
        data:
          study: {recipe: ct-chest, instances: 1}
          delayed: {make: manifest, title: TCE001, references: [study], delay: TCE012}
        steps:
          - id: held
            send: {transaction: [RAD-50, RAD-51], from: selector, objects: [study, delayed]}
          - id: quiet
            receive: {transaction: RAD-53, at: archive, nothing: true, for: 20 s}
          - id: held-back
            check: [absence/delayed-export-held]
            of: quiet
            against: [study, delayed]
        """,
}
REAL = """
    scenario: EM-910
    title: Files of the user's own
    sut: export-manager
    simulated: {{selector: export-selector, archive: receiver}}
    data:
      study: {{from: {folder}}}
      manifest: {{make: manifest, title: TCE001, references: [study], description: Teaching file}}
    steps:
      - id: sent
        send: {{transaction: [RAD-50, RAD-51], from: selector, objects: [study, manifest]}}
      - id: exported
        receive: {{transaction: RAD-53, at: archive, until: manifest-complete, within: 20 s}}
      - id: accepted
        check: [arrival/instances-accepted, arrival/manifest-accepted]
        of: sent
        against: [study]
      - id: judged
        check:
          - arrival/export-takes-place
          - arrival/nothing-unlisted
          - manifest/references-match-export
          - uid/replaced-consistently
          - uid/no-original-left
          - uid/references-resolve-or-point-at-nothing-original
          - deid/marked-as-de-identified
          - deid/no-canary-survives
          - deid/basic-profile-rows
          - deid/private-removed
          - deid/patient-identity-consistent
        of: exported
        against: [study, manifest]
    """


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was performed."""

    folder: Path
    result: RunResult
    events: tuple[Event, ...]

    @property
    def evidence(self) -> Evidence:
        return read_evidence(self.folder / "evidence")

    def case(self, name: str) -> CaseResult:
        return next(case for case in self.result.cases if case.id == name)

    def rule(self, name: str, case: str | None = None) -> RuleResult:
        found = [
            rule
            for each in self.result.cases
            for rule in each.rules
            if rule.rule == name and case in {None, each.id}
        ]
        assert len(found) == 1, found
        return found[0]


def raises(case: CaseEvidence) -> Judgement:
    """Fail like a rule with a fault, and quote what it looked at."""
    names = ", ".join(str(each.dataset.get("PatientName")) for each in case.originals)
    raise RuntimeError(f"cannot make sense of {names}")


RAISING = Rule("test/raises", "TCE-RAD53-002", raises)


@pytest.fixture(scope="session")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a content folder with the scenarios and simulators of these tests."""
    root = tmp_path_factory.mktemp("overlay")
    folder = root / "files"
    folder.mkdir()
    shutil.copyfile(str(get_testdata_file("CT_small.dcm")), folder / "Doe-John.dcm")
    (folder / "notes.txt").write_text("no instance", encoding="utf-8")
    texts = {**SCENARIOS, "EM-910-real": REAL.format(folder=folder)}
    for name, text in texts.items():
        path = root / "scenarios" / "export-manager" / f"{name}.tce.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip(), encoding="utf-8")
    for name, text in SIMULATORS.items():
        path = root / "simulators" / "hostile" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip(), encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def library(overlay: Path) -> Library:
    found = load_library(Content.with_overlays(overlay))
    return replace(found, rules={**found.rules, RAISING.name: RAISING})


@pytest.fixture(scope="session")
def cases(library: Library) -> Mapping[str, Case]:
    return {case.id: case for scenario in library.scenarios for case in scenario.cases()}


Performed = Callable[..., Run]


@pytest.fixture(scope="session")
def perform(
    library: Library, cases: Mapping[str, Case], tmp_path_factory: pytest.TempPathFactory
) -> Performed:
    """Return a function that performs some cases and gives the run."""

    def _perform(
        *chosen: str | Case, seen: Callable[[Event], None] = lambda event: None, **options: object
    ) -> Run:
        folder = tmp_path_factory.mktemp("runs") / "run"
        events: list[Event] = []

        def emit(event: Event) -> None:
            events.append(event)
            seen(event)

        plan = RunPlan(
            cases=[cases[each] if isinstance(each, str) else each for each in chosen],
            folder=folder,
            **{"seed": SEED, "drain_seconds": 0.1, **options},  # type: ignore[arg-type]
        )
        return Run(folder, perform_run(plan, library, emit), tuple(events))

    return _perform


@pytest.fixture(scope="session")
def reference_run(perform: Performed) -> Run:
    """Return a run with every role simulated as it should be: one case or two of each actor."""
    return perform("EM-010/TCE001", "EM-902", "ES-010/TCE001", "RCV-010/TCE001")


@pytest.fixture(scope="session")
def leaky_run(perform: Performed) -> Run:
    """Return a run of an Export Manager that hands everything on as it came."""
    return perform("EM-010/TCE001", stand_ins={"EM-010/TCE001": "leaky"})


# --- systems under test ------------------------------------------------------------------------------------


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def system_under_test(
    *actors: Actor,
    port: int | None = None,
    calls: Mapping[str, int] | None = None,
    options: Sequence[Option] = tuple(Option),
) -> SystemUnderTest:
    """Return what a system file says of a system on this machine."""
    return SystemUnderTest(
        name="Gateway",
        version="4.2",
        actors=actors,
        claims=Claims(
            options=tuple(options), deidentification_codes=("113100", "113103", "113104", "113105")
        ),
        ae_title="GATEWAY",
        host="127.0.0.1" if port is not None else None,
        port=port,
        calls={role: (f"TCE_{role.upper()}", at) for role, at in (calls or {}).items()},
    )


@dataclass(frozen=True, slots=True)
class Person:
    """A person who does what is asked by calling a function with the question, or answers as told."""

    act: Callable[[Question], None] = lambda question: None
    outcome: Literal["done", "refused", "late", "no-operator"] = "done"

    def ask(self, question: Question) -> OperatorAnswer:
        self.act(question)
        return OperatorAnswer(outcome=self.outcome, who="the operator")


_FOLDER = re.compile(r"Load the \d+ files? in (\S+) into")
_SELECTION = re.compile(r"Make a selection of .*?, titled '(?P<title>[^']*)'.*?description '(?P<text>[^']*)'")
_ADDRESS = re.compile(r"to AE title (?P<title>\S+), host (?P<host>\S+), port (?P<port>\d+)\.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an instruction says, read as a person reads it."""

    folder: Path | None
    title: str | None
    description: str | None
    address: Destination | None

    @classmethod
    def read(cls, instruction: str) -> Asked:
        folder, selection, address = (each.search(instruction) for each in (_FOLDER, _SELECTION, _ADDRESS))
        return cls(
            Path(folder[1]) if folder else None,
            selection["title"] if selection else None,
            selection["text"] if selection else None,
            Destination(address["host"], int(address["port"]), address["title"]) if address else None,
        )


class Workstation:
    """An Export Selector of somebody else's: a person loads files into it and sends a selection."""

    def __init__(self, folder: Path, destination: Destination | None = None) -> None:
        self._selector = ExportSelector(ae_title="GATEWAY", folder=folder)
        self._destination = destination
        self._loaded: list[Dataset] = []
        self._numbers = count(1)
        self.asked: list[Asked] = []

    def act(self, question: Question) -> None:
        """Do what the instruction says, with nothing but its words."""
        asked = Asked.read(question.instruction)
        self.asked.append(asked)
        new: list[Dataset] = []
        if asked.folder is not None:
            known = {str(each.SOPInstanceUID) for each in self._loaded}
            found = [read_instance(path) for path in sorted(asked.folder.glob("*.dcm"))]
            new = [each for each in found if str(each.SOPInstanceUID) not in known]
            self._loaded += new
        if asked.title is not None:
            new += self._selection(asked)
        destination = asked.address or self._destination
        assert destination is not None
        sent = [Selected(str(n), encode_instance(each), each) for n, each in enumerate(new, start=1)]
        assert all(outcome.stored for outcome in self._selector.send(sent, destination))

    def _selection(self, asked: Asked) -> list[Dataset]:
        (title,) = (
            pair.dcm for pair in codes.EXPORT_TITLES if asked.title in {each.meaning for each in pair}
        )
        manifest = Manifest(
            title=title,
            references=tuple(reference_to(each) for each in self._loaded),
            description=asked.description,
        )
        return list(
            build_manifests(
                manifest,
                self._loaded,
                uids=lambda: f"1.2.826.77.{next(self._numbers)}",
                content_datetime=datetime(2026, 1, 2, 3, 4, 5),
                series_number=77,
            )
        )


def check_of(evidence: Evidence, rule: str) -> CheckRecord:
    """Return the check step of a log that a rule stands in."""
    return next(
        entry.record
        for entry in evidence.entries
        if isinstance(entry.record, CheckRecord) and rule in entry.record.rules
    )


def with_rule(case: Case, rule: str) -> Case:
    """Return a case whose last check asks a rule more."""
    steps = list(case.steps)
    index = max(number for number, step in enumerate(steps) if isinstance(step, CheckStep))
    last = steps[index]
    assert isinstance(last, CheckStep)
    steps[index] = replace(last, rules=(*last.rules, rule))
    return replace(case, steps=tuple(steps))


class Tools:
    """What tests make their worlds of."""

    free_port = staticmethod(free_port)
    system = staticmethod(system_under_test)
    check_of = staticmethod(check_of)
    with_rule = staticmethod(with_rule)
    Person = Person

    def __init__(self, folder: Path, content: Content) -> None:
        self._folder = folder
        self._content = content
        self._stops: list[Callable[[], None]] = []

    def workstation(self, destination: Destination | None = None) -> Workstation:
        return Workstation(self._folder / "workstation", destination)

    def gateway(self, archive: int | None = None, **options: object) -> ExportManager:
        """Start an Export Manager that stands for a system under test and sends to a port."""
        cleaner = Deidentifier(find_policy("teaching-file", self._content), Pseudonyms(b"0123456789abcdef"))
        manager = ExportManager(
            ae_title="GATEWAY",
            folder=self._folder / "gateway",
            destinations=() if archive is None else (Destination("127.0.0.1", archive, "TCE_ARCHIVE"),),
            **{"deidentifier": cleaner, **options},  # type: ignore[arg-type]
        )
        manager.start()
        self._stops.append(manager.stop)
        return manager

    def archive(self, behaviour: Behaviour | None = None) -> Receiver:
        """Start a Receiver that stands for a system under test."""
        receiver = Receiver(ae_title="GATEWAY", folder=self._folder / "archive", behaviour=behaviour)
        receiver.start()
        self._stops.append(receiver.stop)
        return receiver

    def stranger(self, port: int) -> Callable[[], None]:
        """Return a function that sends an instance of no case to a port."""
        dataset = Dataset()
        dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.826.88.1"
        dataset.file_meta = file_meta(CTImageStorage, "1.2.826.88.1", ExplicitVRLittleEndian)
        selector = ExportSelector(ae_title="STRANGER", folder=self._folder / "stranger")

        def send() -> None:
            sent = [Selected("1", encode_instance(dataset), dataset)]
            assert selector.send(sent, Destination("127.0.0.1", port, "TCE_ARCHIVE"))[0].stored

        return send

    def stop(self) -> None:
        for stop in self._stops:
            stop()


@pytest.fixture
def tools(tmp_path: Path, library: Library) -> Iterator[Tools]:
    made = Tools(tmp_path, library.content)
    yield made
    made.stop()
