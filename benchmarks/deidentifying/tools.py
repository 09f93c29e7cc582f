"""De-identifiers, each run as its makers tell: over a folder, by its own standard settings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deidentifying.claims import Claim
from deidentifying.environments import Environments, UnavailableError
from deidentifying.processes import Measured, measure


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of a tool over a folder.

    Parameters
    ----------
    out
        The folder with what the tool gives away.
    told
        Pattern of the line in which it tells what it did not write.
    """

    measured: Measured
    out: Path
    told: str = ""


class Tool(Protocol):
    """A de-identifier."""

    @property
    def name(self) -> str:
        """How it is called on the command line of the benchmarks."""

    @property
    def claim(self) -> Claim:
        """What its makers say that it does."""

    def prepare(self, environments: Environments) -> str:
        """Install it where that is needed and return its version; raises `UnavailableError`."""

    def run(self, originals: Path, work: Path) -> Ran:
        """De-identify a folder; ``work`` is a new folder for it."""


def program(name: str, package: str, *folders: str) -> str:
    """Return the path of an installed program; raises `UnavailableError` with the package to install."""
    found = shutil.which(name) or next(
        (each for folder in folders if (each := shutil.which(name, path=folder))), None
    )
    if found is None:
        raise UnavailableError(f"{name} is not installed: apt-get install {package}")
    return found


def said(*command: str | Path) -> str:
    """Return what a program prints when asked for its version."""
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, timeout=60, check=False
    )
    numbers = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return numbers.group() if numbers else "unknown"


@dataclass(slots=True)
class Reference:
    """``tce deidentify`` with one of the shipped policies."""

    policy: str
    claim: Claim

    @property
    def name(self) -> str:
        """Its policy belongs to its name."""
        return f"tce-{self.policy}"

    def prepare(self, environments: Environments) -> str:
        """Nothing is to be installed: it is what runs this benchmark."""
        from tce_harness import __version__  # noqa: PLC0415 - the other tools need no harness

        return __version__

    def run(self, originals: Path, work: Path) -> Ran:
        """Run it over a folder."""
        script = Path(sys.executable).parent / "tce"
        out = work / "out"
        return Ran(
            measure([script, "deidentify", originals, out, "--policy", self.policy]), out, "^[0-9]+ files"
        )


@dataclass(slots=True)
class Gdcmanon:
    """GDCM's gdcmanon; a certificate of its own protects the attributes that it encrypts."""

    claim: Claim
    name: str = "gdcmanon"

    def prepare(self, environments: Environments) -> str:
        """Find it, and openssl for the certificate."""
        program("openssl", "openssl")
        return said(program(self.name, "libgdcm-tools"), "--version")

    def run(self, originals: Path, work: Path) -> Ran:
        """Run it over a folder."""
        out, key, certificate = work / "out", work / "key.pem", work / "certificate.pem"
        made = measure(
            [program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-subj", "/CN=benchmark", "-keyout", key, "-out", certificate]
        )  # fmt: skip
        if made.status:
            return Ran(made, out)
        called = program(self.name, "libgdcm-tools")
        return Ran(
            measure([called, "-e", "-c", certificate, "-i", originals, "-o", out, "-r", "--continue"]), out
        )


Arguments = Callable[[Path, Path], list[str | Path]]


@dataclass(slots=True)
class FromPyPI:
    """A tool of an environment of its own.

    Parameters
    ----------
    package
        With its version, such as ``dicognito==0.19.0``.
    arguments
        What its interpreter is called with, from originals and output.
    given_away
        The folder inside its output that it means to be given away.
    """

    package: str
    claim: Claim
    arguments: Arguments
    given_away: str = "."
    told: str = ""
    python: Path | None = None

    @property
    def name(self) -> str:
        """The package's name."""
        return self.package.split("==")[0]

    def prepare(self, environments: Environments) -> str:
        """Install it."""
        self.python = environments.python(self.package)
        return self.package.split("==")[1]

    def run(self, originals: Path, work: Path) -> Ran:
        """Run it over a folder."""
        if self.python is None:
            raise UnavailableError(f"{self.package} was not installed")
        out = work / "out"
        if self.name == "dicom-anonymizer":  # it wants its output folder to exist
            out.mkdir()
        command: list[str | Path] = [self.python, *self.arguments(originals, out)]
        return Ran(measure(command), out / self.given_away, self.told)
