"""What the tests of the engine make their worlds of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from engine_systems import Person, Workstation, free_port, system_under_test
from tce_harness.content import Content
from tce_harness.deidentify import Deidentifier, Pseudonyms, find_policy
from tce_harness.evidence.log import Evidence
from tce_harness.model.record import CheckRecord
from tce_harness.objects.instance import encode_instance, file_meta
from tce_harness.scenarios import Case, CheckStep
from tce_harness.simulators import Behaviour, ExportManager, ExportSelector, Receiver, Selected
from tce_harness.transport import Destination


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
