"""What a simulated Export Manager exports, as files in a folder: for what no wire can show."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from tce_harness.content import Content
from tce_harness.deidentify import Quarantined
from tce_harness.engine.cast import behaviour_of, deidentifier_of
from tce_harness.engine.materials import MaterialsMaker
from tce_harness.objects.instance import encode_instance
from tce_harness.scenarios import Case
from tce_harness.simulators import Simulator

# Preamble, prefix and group length (0002,0000); the group length counts from behind itself.
_BEFORE_LENGTH, _BEHIND_LENGTH = 140, 144


@dataclass(frozen=True, slots=True)
class FilePair:
    """Two folders: the files that an Export Manager was given, and those that it made of them."""

    originals: Path
    exported: Path


def export_files(simulator: Simulator, case: Case, content: Content, folder: Path, seed: int) -> FilePair:
    """Write what a case works with, and what a simulated Export Manager makes of it.

    What it quarantines is not among the exported files.
    """
    pair = FilePair(folder / "originals", folder / "exported")
    deidentifier = deidentifier_of(simulator, content, seed)
    behaviour = behaviour_of(simulator, seed)
    for each in (pair.originals, pair.exported):
        each.mkdir(parents=True)
    for number, material in enumerate(MaterialsMaker(content, seed).make(case, 1).objects, start=1):
        (pair.originals / f"{number:06d}.dcm").write_bytes(material.content)
        outcome = deidentifier.deidentify(material.dataset)
        if isinstance(outcome, Quarantined):
            continue
        dataset = behaviour.outgoing(outcome.dataset, material.dataset)
        if dataset is not None:
            path = pair.exported / f"{number:06d}.dcm"
            path.write_bytes(_file(dataset, material.dataset, material.content))
    return pair


def _file(dataset: Dataset, original: Dataset, original_file: bytes) -> bytes:
    """Return a data set as a file; where it bears the original's file meta, behind the original's head."""
    file = encode_instance(dataset)
    if dataset.file_meta != original.file_meta:
        return file
    return original_file[: _head(original_file)] + file[_head(file) :]


def _head(file: bytes) -> int:
    """Return where the data set of a Part 10 file begins (PS3.10 section 7.1)."""
    (length,) = struct.unpack_from("<L", file, _BEFORE_LENGTH)
    return _BEHIND_LENGTH + int(length)
