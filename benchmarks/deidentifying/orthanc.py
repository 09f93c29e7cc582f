"""Orthanc's anonymize: instances in over HTTP, each patient de-identified, instances out again."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deidentifying.claims import Claim
from deidentifying.environments import Environments
from deidentifying.processes import Measured
from deidentifying.tools import Ran, program, said

START_SECONDS = 60.0
_BODY = json.dumps({"DicomVersion": "2021b"})
# Debian's build leaves Nagle's algorithm on, which costs 44 ms a message; this switches it off.
_ENVIRONMENT = {"TCP_NODELAY": "1"}


@dataclass(frozen=True, slots=True)
class _Server:
    url: str
    process: subprocess.Popen[bytes]

    def call(self, path: str, content: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.url}{path}", data=content)
        with urllib.request.urlopen(request, timeout=300) as answer:
            body: bytes = answer.read()
            return body

    def listed(self, path: str) -> list[str]:
        names: list[str] = json.loads(self.call(path))
        return names


@dataclass(slots=True)
class OrthancAnonymize:
    """Orthanc, with its own table of 2021b; time is that of upload, anonymize and download."""

    claim: Claim
    name: str = "orthanc"
    command: str = f"POST /patients/ID/anonymize {_BODY}"
    remark: str = (
        "Each file goes in by `POST /instances` and each new one out by `GET /instances/ID/file`; a database "
        "of its own, no plugins, Nagle's algorithm off."
    )

    def prepare(self, environments: Environments) -> str:
        """Find it."""
        return said(program("Orthanc", "orthanc", "/usr/sbin"), "--version")

    def run(self, originals: Path, work: Path) -> Ran:
        """De-identify patient by patient, as it keeps UIDs consistent within one call."""
        out = work / "out"
        out.mkdir()
        refused: list[str] = []
        with _running(work) as server:
            began = time.perf_counter()
            for path in sorted(path for path in originals.rglob("*") if path.is_file()):
                try:
                    server.call("/instances", path.read_bytes())
                except urllib.error.HTTPError as error:
                    refused.append(f"HTTP {error.code}")
            _anonymize(server, out, refused)
            seconds = time.perf_counter() - began
            peak = _peak_megabytes(server.process.pid)
        told = f"{len(refused)} requests refused: {', '.join(sorted(set(refused)))}" if refused else ""
        return Ran(Measured(0, seconds, None, peak, told), out)


def _anonymize(server: _Server, out: Path, refused: list[str]) -> None:
    for patient in server.listed("/patients"):
        try:
            made = json.loads(server.call(f"/patients/{patient}/anonymize", _BODY.encode()))
        except urllib.error.HTTPError as error:
            refused.append(f"HTTP {error.code} of a patient")
            continue
        for instance in json.loads(server.call(f"/patients/{made['PatientID']}/instances")):
            name = instance["ID"]
            (out / f"{name}.dcm").write_bytes(server.call(f"/instances/{name}/file"))


@contextmanager
def _running(work: Path) -> Iterator[_Server]:
    """Run it with a database of its own, listening on this machine alone, until the block ends."""
    storage = Path(tempfile.mkdtemp(prefix="orthanc-", dir=work))
    http, dicom = _free_ports(2)
    configuration = storage / "configuration.json"
    configuration.write_text(
        json.dumps(
            {
                "StorageDirectory": str(storage / "store"),
                "IndexDirectory": str(storage / "store"),
                "Plugins": [],
                "HttpPort": http,
                "DicomPort": dicom,
                "RemoteAccessAllowed": False,
                "AuthenticationEnabled": False,
            }
        ),
        encoding="utf-8",
    )
    with (storage / "printed.txt").open("wb") as printed:
        process = subprocess.Popen(
            [program("Orthanc", "orthanc", "/usr/sbin"), str(configuration)],
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        server = _Server(f"http://127.0.0.1:{http}", process)
        try:
            _wait_until_it_answers(server)
            yield server
        finally:
            process.terminate()
            process.wait(START_SECONDS)
            shutil.rmtree(storage, ignore_errors=True)


def _wait_until_it_answers(server: _Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    pause = threading.Event()
    while True:
        try:
            server.call("/system")
            return
        except OSError:
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Orthanc did not start") from None
            pause.wait(0.05)


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _peak_megabytes(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), None)
