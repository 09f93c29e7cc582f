"""Programs run to their end: exit status, time, processor time and memory of the whole process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_SECONDS = 1800.0
_LAST = 2000


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process took.

    Parameters
    ----------
    status
        Its exit status; negative for the signal that ended it.
    cpu_seconds, peak_megabytes
        Of the process and the children that it waited for; None where the system does not tell.
    output
        The end of what it printed.
    """

    status: int
    seconds: float
    cpu_seconds: float | None
    peak_megabytes: float | None
    output: str


# Run by an interpreter of its own: a process inherits the peak of the one that starts it, and this is small.
_LAUNCHER = """
import json, os, subprocess, sys, threading, time
limit, told = float(sys.argv[1]), sys.argv[2]
began = time.perf_counter()
process = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL)
timer = threading.Timer(limit, process.kill)
timer.start()
cpu = peak = None
if hasattr(os, "wait4"):
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
else:
    process.wait()
seconds = time.perf_counter() - began
timer.cancel()
with open(told, "w") as file:
    json.dump([process.returncode, seconds, cpu, peak], file)
"""


def measure(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    limit: float = LIMIT_SECONDS,
) -> Measured:
    """Run a program to its end, or end it after its time limit."""
    with tempfile.TemporaryDirectory(prefix="measure-") as folder:
        told = Path(folder) / "told.json"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(limit), str(told), *map(str, command)],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output = done.stdout.decode("utf-8", "replace")[-_LAST:]
        if not told.is_file():
            raise RuntimeError(f"{command[0]} could not be started: {output}")
        status, seconds, cpu, peak = json.loads(told.read_text(encoding="ascii"))
    return Measured(status, seconds, cpu, peak, output)


def last_said(measured: Measured, wanted: str = "") -> str:
    """Return the last line that a process printed and that matches a pattern, without names of folders."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", measured.output) if line.strip()]
    found = [re.sub(r"(/[^/\s]*)+/", "", line) for line in lines if re.search(wanted, line)]
    if not found:
        return f"nothing; it ended with status {measured.status}"
    return found[-1]
