"""Which file a finding of ``tce check`` speaks of: by name, or by number where a name may tell a patient."""

from __future__ import annotations

from collections.abc import Iterable

from tce_harness.model.record import Entry, ObjectRecord


def file_names(entries: Iterable[Entry], *, real_patients: bool) -> tuple[tuple[str, str], ...]:
    """Return the record of each exported file and how to call that file.

    Parameters
    ----------
    entries
        Those of one case.
    real_patients
        Whether a file is called by its number, such as ``exported/3``, since its name may hold a patient's.
    """
    return tuple(
        (entry.id, entry.record.label if real_patients else entry.record.path or entry.record.label)
        for entry in entries
        if isinstance(entry.record, ObjectRecord) and entry.record.group == "exported"
    )
