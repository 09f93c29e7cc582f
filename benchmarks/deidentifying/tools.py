"""De-identifiers, each run as its makers tell over a folder, with the settings that its command shows."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deidentifying.claims import Claim
from deidentifying.environments import Environments, UnavailableError
from deidentifying.processes import Measured, last_said, measure


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of a tool over a folder.

    Parameters
    ----------
    out
        The folder with what the tool gives away.
    told
        Pattern of the line in which it tells what it did not write.
    reported
        What its own report says of files that it did not simply pass.
    """

    measured: Measured
    out: Path
    told: str = ""
    reported: str = ""

    def reason(self, *, complete: bool) -> str:
        """Return what it said of files that it did not write, or not without reservation."""
        return self.reported or ("" if complete else last_said(self.measured, self.told))


class Tool(Protocol):
    """A de-identifier."""

    @property
    def name(self) -> str:
        """How it is called on the command line of the benchmarks."""

    @property
    def claim(self) -> Claim:
        """What its makers say that it does."""

    @property
    def command(self) -> str:
        """With what it is run, the folders being IN and OUT."""

    @property
    def remark(self) -> str:
        """What is to be known of how it is run; empty where the command says all."""

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
    """``tce deidentify`` with one of the shipped policies.

    Parameters
    ----------
    log
        Whether it keeps a pseudonym log, as a user who wants to find the originals again does.
    """

    policy: str
    claim: Claim
    log: bool = False
    remark: str = ""

    @property
    def name(self) -> str:
        """Its policy belongs to its name."""
        return f"tce-{self.policy}-log" if self.log else f"tce-{self.policy}"

    @property
    def command(self) -> str:
        """With the folders IN and OUT."""
        return _shown("tce", *self._arguments(Path("IN"), Path("OUT"), Path()))

    def _arguments(self, originals: Path, out: Path, work: Path) -> list[str | Path]:
        log: list[str | Path] = ["--log", work / "pseudonyms.log"] if self.log else []
        return ["deidentify", originals, out, "--policy", self.policy, *log]

    def prepare(self, environments: Environments) -> str:
        """Nothing is to be installed: it is what runs this benchmark."""
        from tce_harness import __version__  # noqa: PLC0415 - the other tools need no harness

        return __version__

    def run(self, originals: Path, work: Path) -> Ran:
        """Run it over a folder."""
        script, out = Path(sys.executable).parent / "tce", work / "out"
        return Ran(measure([script, *self._arguments(originals, out, work)]), out, "^[0-9]+ files")


@dataclass(slots=True)
class Gdcmanon:
    """GDCM's gdcmanon; a certificate of its own protects the attributes that it encrypts."""

    claim: Claim
    name: str = "gdcmanon"
    remark: str = (
        "The certificate was made by openssl beforehand; what gdcmanon removes travels encrypted for it."
    )

    @property
    def command(self) -> str:
        """With the folders IN and OUT."""
        return _shown(self.name, *self._arguments(Path("IN"), Path("OUT"), Path()))

    def _arguments(self, originals: Path, out: Path, work: Path) -> list[str | Path]:
        return ["-e", "-c", work / "certificate.pem", "-i", originals, "-o", out, "-r", "--continue"]

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
        return Ran(
            measure([program(self.name, "libgdcm-tools"), *self._arguments(originals, out, work)]), out
        )


Arguments = Callable[[Path, Path], list[str | Path]]


def no_report(out: Path) -> str:
    """Return nothing: a tool without a report."""
    return ""


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
    report
        Reads what its report says; from its output folder.
    """

    package: str
    claim: Claim
    arguments: Arguments
    given_away: str = "."
    told: str = ""
    remark: str = ""
    report: Callable[[Path], str] = no_report
    python: Path | None = None

    @property
    def name(self) -> str:
        """The package's name."""
        return self.package.split("==")[0]

    @property
    def command(self) -> str:
        """With the folders IN and OUT."""
        return _shown("python", *self.arguments(Path("IN"), Path("OUT")))

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
        measured = measure(command)
        return Ran(measured, out / self.given_away, self.told, self.report(out))


def _shown(*command: str | Path) -> str:
    """Return a command as one types it, programs and scripts without their folders."""
    return shlex.join(each.name if isinstance(each, Path) else each for each in command)
