"""Systems under test that a simulator emulates, and the people who work at them."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Literal

from pydicom.dataset import Dataset

from tce_harness.engine.operator import OperatorAnswer, Question
from tce_harness.model.claims import Claims, Option
from tce_harness.model.requirement import Actor
from tce_harness.objects.instance import encode_instance, read_instance
from tce_harness.objects.manifest import Manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.scenarios import SystemUnderTest
from tce_harness.simulators import ExportSelector, Selected
from tce_harness.standard import codes
from tce_harness.transport import Destination


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
