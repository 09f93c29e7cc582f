"""Folders that results and originals are written into."""

from __future__ import annotations

from pathlib import Path

from tce_harness.model.errors import HarnessError


def make_folder(folder: Path, *, private: bool = False) -> None:
    """Make a folder, and those above it, unless it is there.

    Parameters
    ----------
    private
        Whether it is for its owner alone, as it holds originals. One that is there keeps its permissions.

    Raises
    ------
    HarnessError
        When it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    except OSError as error:
        raise HarnessError(f"{folder} cannot be made: {error.strerror}; name another folder") from None
