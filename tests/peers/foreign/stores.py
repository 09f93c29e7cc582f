"""Foreign storage SCPs: storescp, dcmqrscp, Orthanc; each hands back what it was sent."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from foreign.programs import Spawned, dcmtk, find_program, free_port, spawned, until
from tce_harness.transport import Destination, StorageSender

TITLE = "ARCHIVE"


class Store(Protocol):
    """A foreign storage SCP that is running."""

    @property
    def destination(self) -> Destination:
        """Where it listens."""

    def files(self, folder: Path) -> list[Path]:
        """Write everything that it holds into a folder, one file for each instance."""


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A storage SCP that keeps files in a folder."""

    destination: Destination
    kept: Path

    def files(self, folder: Path) -> list[Path]:
        """Copy what it holds, without its index."""
        held = [path for path in sorted(self.kept.rglob("*")) if path.is_file() and _is_part10(path)]
        return [Path(shutil.copy(path, folder / f"{number}.dcm")) for number, path in enumerate(held, 1)]


@dataclass(frozen=True, slots=True)
class Orthanc:
    """A running Orthanc."""

    destination: Destination
    url: str

    def get(self, path: str) -> bytes:
        """Return what its REST API answers."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=30) as answer:
            content: bytes = answer.read()
            return content

    def count(self, level: str) -> int:
        """Return how many ``patients``, ``studies``, ``series`` or ``instances`` it holds."""
        return len(json.loads(self.get(f"/{level}")))

    def files(self, folder: Path) -> list[Path]:
        """Read every instance back."""
        written = []
        for name in json.loads(self.get("/instances")):
            path = folder / f"{name}.dcm"
            path.write_bytes(self.get(f"/instances/{name}/file"))
            written.append(path)
        return written


def _is_part10(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132).endswith(b"DICM")


def ready(destination: Destination, process: Spawned) -> None:
    """Wait until a storage SCP answers; fail where its process ends first."""
    sender = StorageSender(ae_title="PROBE", timeout_seconds=5)

    def answers() -> bool:
        assert process.process.poll() is None, "it ended:\n" + "\n".join(process.lines)
        return sender.echo(destination) == 0

    until(answers, f"an answer to C-ECHO of {destination}")


@contextmanager
def storescp(folder: Path) -> Iterator[FolderStore]:
    """Run DCMTK's storescp; it writes data sets as they come."""
    kept = folder / "storescp"
    kept.mkdir()
    destination = Destination("127.0.0.1", free_port(), TITLE)
    options = ("--aetitle", TITLE, "+B", "+xa", "-od", kept)
    with spawned(dcmtk("storescp"), *options, str(destination.port)) as process:
        ready(destination, process)
        yield FolderStore(destination, kept)


@contextmanager
def dcmqrscp(folder: Path) -> Iterator[FolderStore]:
    """Run DCMTK's image archive with one storage area."""
    kept = folder / "dcmqrscp"
    kept.mkdir()
    destination = Destination("127.0.0.1", free_port(), TITLE)
    configuration = folder / "dcmqrscp.cfg"
    configuration.write_text(
        f"NetworkTCPPort = {destination.port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
        "HostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\n{TITLE} {kept} RW (500, 1024mb) ANY\nAETable END\n",
        encoding="ascii",
    )
    with spawned(dcmtk("dcmqrscp"), "-c", configuration) as process:
        ready(destination, process)
        yield FolderStore(destination, kept)


@contextmanager
def orthanc(folder: Path) -> Iterator[Orthanc]:
    """Run Orthanc with a database of its own."""
    destination = Destination("127.0.0.1", free_port(), TITLE)
    http = free_port()
    configuration = folder / "orthanc.json"
    configuration.write_text(
        json.dumps(
            {
                "Name": "Receiver under test",
                "StorageDirectory": str(folder / "orthanc"),
                "IndexDirectory": str(folder / "orthanc"),
                "Plugins": [],
                "HttpPort": http,
                "RemoteAccessAllowed": False,
                "AuthenticationEnabled": False,
                "DicomAet": TITLE,
                "DicomPort": destination.port,
                "DicomAlwaysAllowStore": True,
                "DicomCheckCalledAet": False,
                "UnknownSopClassAccepted": True,
            }
        ),
        encoding="utf-8",
    )
    program = find_program("Orthanc", "orthanc", folder=Path("/usr/sbin"))
    with spawned(program, configuration) as process:
        process.wait_for(lambda line: "Orthanc has started" in line, "Orthanc's start")
        ready(destination, process)
        yield Orthanc(destination, f"http://127.0.0.1:{http}")


STORES: dict[str, Callable[[Path], AbstractContextManager[Store]]] = {
    "storescp": storescp,
    "dcmqrscp": dcmqrscp,
    "orthanc": orthanc,
}
