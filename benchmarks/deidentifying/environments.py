"""Virtual environments for tools from PyPI, one each, made once and kept."""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

INSTALLING_SECONDS = 900


class UnavailableError(Exception):
    """A tool cannot be had here; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Environments:
    """A folder of virtual environments.

    Parameters
    ----------
    folder
        Gets one environment for each package and version.
    """

    folder: Path

    def python(self, package: str) -> Path:
        """Return the interpreter of the environment of a package, such as ``dicognito==0.19.0``.

        Raises
        ------
        UnavailableError
            When it cannot be installed.
        """
        place = (self.folder / package.replace("==", "-")).resolve()
        programs = place / ("Scripts" if sys.platform == "win32" else "bin")
        done = place / "installed.txt"
        if not done.is_file():
            venv.create(place, with_pip=True, clear=True)
            _install(programs / "python", package)
            done.write_text(f"{package}\n", encoding="utf-8")
        return programs / "python"


def _install(python: Path, package: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALLING_SECONDS)
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"pip took more than {INSTALLING_SECONDS} s to install {package}") from None
    except subprocess.CalledProcessError as error:
        lines = [line for line in error.stderr.splitlines() if line.strip()]
        raise UnavailableError(f"pip cannot install {package}: {lines[-1] if lines else ''}") from None
