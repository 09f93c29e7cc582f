"""What lies in a folder of input: every file, and whatever else would have to be told if it was left out."""

from __future__ import annotations

import os
from pathlib import Path

from tce_harness.model.errors import InstanceError


def files_below(folder: Path) -> list[Path]:
    """Return all that a folder holds at any depth and that is no folder, sorted.

    Links to folders are followed. What cannot be looked into, a folder without permission or a link that
    leads back to a folder that holds it, is returned itself, so that it is accounted for like a file.
    """
    found: list[Path] = []
    _look_into(folder, frozenset(), found)
    return sorted(found)


def _look_into(folder: Path, within: frozenset[str], found: list[Path]) -> None:
    place = os.path.realpath(folder)
    try:
        entries = None if place in within else tuple(os.scandir(folder))
    except OSError:
        entries = None
    if entries is None:
        found.append(folder)
        return
    for entry in entries:
        path = folder / entry.name
        if _is_folder(entry):
            _look_into(path, within | {place}, found)
        else:
            found.append(path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def read_file(path: Path) -> bytes:
    """Return the content of a file.

    Raises
    ------
    InstanceError
        When it cannot be read or is no file: a pipe would be waited for without end.
    """
    try:
        if not path.is_file():
            raise InstanceError(f"{path.name} {_kind(path)}")
        return path.read_bytes()
    except OSError as error:
        raise InstanceError(f"{path.name} cannot be read: {error.strerror}") from None


def _kind(path: Path) -> str:
    if path.is_dir():
        return "is a folder that cannot be looked into, or a link back to a folder that holds it"
    if path.is_symlink() and not path.exists():
        return "is a link that leads nowhere"
    return "is no file but a pipe, a socket or a device"
