"""Which file a finding of ``tce check`` speaks of: by name, or by number where a name may tell a patient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tce_harness.model.record import Entry, FilesRecord, ObjectRecord


def files_record(case: str, group: str, folder: Path, files: Sequence[Path]) -> FilesRecord:
    """Return the record of the names of files, numbered from 1 in their order."""
    return FilesRecord(
        case=case,
        names=tuple(
            (f"{group}/{number}", path.relative_to(folder).as_posix())
            for number, path in enumerate(files, start=1)
        ),
    )


def file_names(entries: Iterable[Entry], *, real_patients: bool) -> tuple[tuple[str, str], ...]:
    """Return the record of each exported file and how to call that file.

    Parameters
    ----------
    entries
        Those of one case.
    real_patients
        Whether a file is called by its number, such as ``exported/3``, since its name may hold a patient's.
    """
    entries = tuple(entries)
    names: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry.record, FilesRecord) and not real_patients:
            names |= dict(entry.record.names)
    return tuple(
        (entry.id, names.get(entry.record.label, entry.record.label))
        for entry in entries
        if isinstance(entry.record, ObjectRecord) and entry.record.group == "exported"
    )
