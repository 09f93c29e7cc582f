"""What files say of their own de-identification, in De-identification Method Code Sequence (0012,0064)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset

from tce_harness.engine.instructions import counted
from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.log import Evidence
from tce_harness.model.claims import Claims
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.model.record import CheckRecord
from tce_harness.objects.elements import DECODING_ERRORS
from tce_harness.objects.instance import read_instance
from tce_harness.scenarios import spell_deidentification

_METHOD_CODES: Final = 0x00120064
_CID_7050: Final = re.compile(r"1131(0[0-9]|1[0-2])")
_DATES: Final = {"113106", "113107"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """The codes of CID 7050 that some files record.

    Parameters
    ----------
    common
        What all files record that record any.
    some
        What only some of them record.
    files, silent
        How many files record any, and how many none.
    """

    common: tuple[str, ...]
    some: tuple[str, ...]
    files: int
    silent: int

    @property
    def claims(self) -> Claims:
        """What they claim together, by the default edition."""
        return Claims(deidentification_codes=self.common)


def codes_of(dataset: Dataset) -> frozenset[str]:
    """Return the codes of CID 7050 that an instance records; none where the sequence cannot be read."""
    try:
        items = list(dataset.get(_METHOD_CODES).value) if _METHOD_CODES in dataset else []
        found = {
            str(item.get("CodeValue", "")) for item in items if item.get("CodingSchemeDesignator") == "DCM"
        }
    except DECODING_ERRORS:  # a foreign file may hold anything in place of a sequence of codes
        return frozenset()
    return frozenset(code for code in found if _CID_7050.fullmatch(code))


def recorded(each_codes: Iterable[frozenset[str]]) -> Recorded:
    """Return what files record, given the codes of each."""
    counts: Counter[str] = Counter()
    files = silent = 0
    for codes in each_codes:
        counts.update(codes)
        files, silent = files + bool(codes), silent + (not codes)
    return Recorded(
        common=tuple(sorted(code for code, count in counts.items() if count == files)),
        some=tuple(sorted(code for code, count in counts.items() if count < files)),
        files=files,
        silent=silent,
    )


def claims_recorded_in(folder: Path) -> Claims:
    """Return what the files of a folder claim by the codes that they record.

    Raises
    ------
    HarnessError
        When no code is recorded by all files that record any, or the codes contradict each other.
    """
    found = recorded(_codes_in(folder))
    if not found.files:
        raise HarnessError(
            f"--claims recorded: no file of {folder} records a code of CID 7050 in (0012,0064); name a file "
            "of claims"
        )
    if not found.common:
        raise HarnessError(
            f"--claims recorded: the files of {folder} have no code in common in (0012,0064), only "
            f"{', '.join(found.some)} in some; name a file of claims, or judge them apart"
        )
    if set(found.common) >= _DATES:
        raise HarnessError(
            f"--claims recorded: the files of {folder} record 113106, which keeps all dates, and 113107, "
            "which modifies them; name a file of claims with one of the two"
        )
    return found.claims


def _codes_in(folder: Path) -> Iterator[frozenset[str]]:
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        try:
            yield codes_of(read_instance(path.read_bytes()))
        except (InstanceError, OSError):
            continue  # what is no instance is judged as such, and claims nothing


def notes(evidence: Evidence) -> tuple[str, ...]:
    """Return what the reader of a check has to know of where its claims come from."""
    run = evidence.run
    if run.what != "check" or run.claims_from == "file":
        return ()
    checks = [each.record for each in evidence.entries if isinstance(each.record, CheckRecord)]
    files = [each for check in checks for each in CaseEvidence(evidence, check).arrivals]
    found = recorded(codes_of(each.dataset) for each in files if each.fault is None)
    if run.claims_from == "recorded":
        return (_taken(found),)
    told = sorted({*found.common, *found.some})
    if set(told) <= set(run.claims.deidentification_codes):
        return ()
    judged_by = ", ".join(run.claims.deidentification_codes)
    yaml = spell_deidentification(Claims(deidentification_codes=found.common or tuple(told)))
    return (
        f"The files record {_listed(found)} in (0012,0064) and were judged by {judged_by} alone, since "
        "nothing was claimed. To judge by what they record: --claims recorded, or --claims FILE with the line"
        f" deidentification: {yaml}",
    )


def _taken(found: Recorded) -> str:
    by = counted(found.files, "file")
    text = f"The claims are those recorded in (0012,0064) by {by}: {', '.join(found.common)}."
    if found.some:
        text += f" Only some record {', '.join(found.some)}, which was left out."
    return text + (f" In {counted(found.silent, 'file')} none is recorded." if found.silent else "")


def _listed(found: Recorded) -> str:
    some = f"some {', '.join(found.some)}" if found.some else ""
    return ", and ".join(filter(None, (", ".join(found.common), some)))
