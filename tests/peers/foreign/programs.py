"""Foreign programs as processes of a test: found or failed, awaited, ended by their own handle."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 30.0
# Debian's DCMTK and Orthanc leave Nagle's algorithm on, which costs 44 ms a message; this switches it off.
ENVIRONMENT = {**os.environ, "TCP_NODELAY": "1"}


def find_program(name: str, package: str, *, says: str = "", folder: Path | None = None) -> str:
    """Return the path of a program.

    Parameters
    ----------
    package
        The Debian package to install where it is missing.
    says
        What ``--version`` prints: pynetdicom has scripts of its own that are named like DCMTK's programs.
    folder
        Where else it may lie.
    """
    folders = [*os.get_exec_path(), *([str(folder)] if folder else [])]
    for path in (Path(each) / name for each in folders):
        if path.is_file() and os.access(path, os.X_OK) and (not says or says in _version(path)):
            return str(path)
    raise AssertionError(f"{name} is not installed; this test needs it: apt-get install {package}")


def _version(path: Path) -> str:
    done = subprocess.run(
        [path, "--version"], capture_output=True, text=True, errors="replace", timeout=60, check=False
    )
    return done.stdout + done.stderr


def dcmtk(name: str) -> str:
    """Return the path of one of DCMTK's programs."""
    return find_program(name, "dcmtk", says="$dcmtk:")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody has, for programs that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait until a condition holds that another process brings about; fail after some seconds."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        pause.wait(0.02)


def run(*arguments: str | Path, expect: int | None = 0) -> str:
    """Run a program to its end and return what it printed; fail where its exit status is another."""
    done = subprocess.run(
        list(map(str, arguments)),
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=300,
        check=False,
    )
    assert expect is None or done.returncode == expect, f"{arguments} ended {done.returncode}:\n{done.stdout}"
    return done.stdout


class Spawned:
    """A process that runs beside the test; everything that it prints is kept."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def lines(self) -> tuple[str, ...]:
        """What it has printed so far."""
        with self._changed:
            return tuple(self._lines)

    def wait_for(self, wanted: Callable[[str], bool], what: str, seconds: float = PATIENCE) -> str:
        """Wait for a line and return it; fail after some seconds or when the process ends without it."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                found = next(filter(wanted, self._lines), None)
                if found is not None:
                    return found
                left = deadline - time.monotonic()
                assert left > 0, f"waited {seconds:.0f} s in vain for {what}:\n" + "\n".join(self._lines)
                assert not self._ended, f"ended before {what}:\n" + "\n".join(self._lines)
                self._changed.wait(left)

    def stop(self) -> int:
        """Ask the process to end, and make it where it does not; return its exit status."""
        self.process.terminate()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._reader.join(PATIENCE)
        return status


@contextmanager
def spawned(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Iterator[Spawned]:
    """Run a program beside the test and end it with the block."""
    process = subprocess.Popen(
        list(map(str, arguments)),
        env={**ENVIRONMENT, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    program = Spawned(process)
    try:
        yield program
    finally:
        program.stop()


def python_script(name: str) -> str:
    """Return the path of a console script of this Python's environment."""
    path = Path(sys.executable).parent / name
    assert path.is_file(), f"{path} does not exist: install the project into this environment"
    return str(path)
