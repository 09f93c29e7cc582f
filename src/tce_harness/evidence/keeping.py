"""Files stored as evidence; where there are many, by a copy of this process while this one decodes them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tce_harness.evidence.process_copy import WORTH_A_COPY, Send, can_be_copied, copy_of_process

INSTANCES = "instances"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was asked to be kept.

    Parameters
    ----------
    digest
        SHA-256 of its bytes; None where it could not be read.
    fault
        Why it could not be read; None where it could.
    """

    digest: str | None
    fault: str | None = None


def instance_file(digest: str) -> str:
    """Return the path of an instance, relative to the evidence folder."""
    return f"{INSTANCES}/{digest}.dcm"


def keep(folder: Path, content: bytes) -> str:
    """Store the bytes of an instance in an evidence folder and return their SHA-256."""
    digest = hashlib.sha256(content).hexdigest()
    path = folder / instance_file(digest)
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_bytes(content)
        os.replace(part, path)
    return digest


def keep_files(folder: Path, paths: Sequence[Path]) -> Iterator[KeptFile]:
    """Store files in an evidence folder and yield what became of each, in their order.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    done = 0
    if len(paths) >= WORTH_A_COPY and can_be_copied():

        def keep_all(send: Send) -> None:
            for path in paths:
                send(_keep_file(folder, path))

        with copy_of_process(keep_all) as kept:
            for _ in paths:
                try:
                    found = kept.recv()
                except EOFError:  # the copy met what this process is to meet itself
                    break
                done += 1
                yield found
    for path in paths[done:]:
        yield _keep_file(folder, path)


def _keep_file(folder: Path, path: Path) -> KeptFile:
    try:
        content = path.read_bytes()
    except OSError as error:
        return KeptFile(None, error.strerror or type(error).__name__)
    return KeptFile(keep(folder, content))
