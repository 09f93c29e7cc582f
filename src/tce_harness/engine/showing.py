"""Each defect beside the simulator without the mistake, in the cases that are to show the difference."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from tce_harness.content import Content
from tce_harness.engine.cast import REFERENCE
from tce_harness.engine.checking import CheckPlan, check_files
from tce_harness.engine.exported_files import export_files
from tce_harness.engine.library import FILES, Library, load_library
from tce_harness.engine.run import RunPlan, perform_run
from tce_harness.model.result import CaseResult

_AT_A_TIME = 12
_MOST_PROCESSES = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """One case twice: by the simulator without the mistake, and by the defect."""

    reference: CaseResult
    planted: CaseResult


@dataclass(frozen=True, slots=True)
class _Batch:
    """Defects that are held against one simulator, each with one of its cases.

    Parameters
    ----------
    base
        The simulator that plays without the mistake; None for the reference of each actor.
    pairs
        Defect and case.
    """

    base: str | None
    pairs: tuple[tuple[str, str], ...]


Pair = tuple[str, str]


def show(
    library: Library, wanted: Mapping[str, Sequence[str]], *, folder: Path, seed: int
) -> dict[str, list[Shown]]:
    """Return what defects did, by name, in the order of their cases.

    Several batches are performed in processes of their own, as many as there are processors.

    Parameters
    ----------
    wanted
        Defect to its cases.
    folder
        Gets a folder for each batch.
    """
    batches = list(_batches(library, wanted))
    folders = [folder / f"{number:03d}" for number in range(1, len(batches) + 1)]
    found: dict[Pair, Shown] = {}
    processes = min(os.cpu_count() or 1, len(batches), _MOST_PROCESSES)
    if processes <= 1:
        for batch, each in zip(batches, folders, strict=True):
            found |= _Stand(library, each, seed).perform(batch)
    else:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
            performed = [
                pool.submit(_perform, library.content, batch, each, seed)
                for batch, each in zip(batches, folders, strict=True)
            ]
            for future in performed:
                found |= future.result()
    return {defect: [found[defect, case] for case in cases] for defect, cases in wanted.items()}


def _batches(library: Library, wanted: Mapping[str, Sequence[str]]) -> Iterator[_Batch]:
    """Yield batches in which defects of the same case stand together, as they share its reference."""
    bases = {name: _base(library, name) for name in wanted}
    pairs = [(defect, case) for defect, cases in wanted.items() for case in cases]
    for base in dict.fromkeys(bases.values()):
        group = sorted(
            (pair for pair in pairs if bases[pair[0]] == base), key=lambda pair: (pair[1], pair[0])
        )
        for start in range(0, len(group), _AT_A_TIME):
            yield _Batch(base, tuple(group[start : start + _AT_A_TIME]))


def _base(library: Library, defect: str) -> str | None:
    """Return the simulator that a defect is held against; None where it is the reference of its actor."""
    base = library.simulators[defect].base
    return None if base in {None, *REFERENCE.values()} else base


@cache
def _library(content: Content) -> Library:
    return load_library(content)


def _perform(content: Content, batch: _Batch, folder: Path, seed: int) -> dict[Pair, Shown]:
    """Perform a batch in a process that has nothing of its parent's but these arguments."""
    return _Stand(_library(content), folder, seed).perform(batch)


class _Stand:
    """Performs one batch."""

    def __init__(self, library: Library, folder: Path, seed: int) -> None:
        self._library = library
        self._folder = folder
        self._seed = seed
        self._cases = {case.id: case for scenario in library.scenarios for case in scenario.cases()}

    def perform(self, batch: _Batch) -> dict[Pair, Shown]:
        """Return what each defect did in its case, and the reference beside it."""
        wire = [pair for pair in batch.pairs if not pair[1].startswith(FILES)]
        found = self._run(batch.base, wire) if wire else {}
        references: dict[str, CaseResult] = {}
        for defect, case in batch.pairs:
            if case.startswith(FILES):
                plain = batch.base or REFERENCE[self._library.simulators[defect].actor]
                if case not in references:
                    references[case] = self._check(plain, plain, case)
                found[defect, case] = Shown(references[case], self._check(defect, plain, case))
        return found

    def _run(self, base: str | None, pairs: Sequence[Pair]) -> dict[Pair, Shown]:
        """Perform cases over the wire, in one run: first the reference's, then the defects'."""
        reference = list(dict.fromkeys(case for _, case in pairs))
        stand_ins = {f"{case}@{defect}": defect for defect, case in pairs}
        if base is not None:
            stand_ins |= dict.fromkeys(reference, base)
        plan = RunPlan(
            cases=[
                *(self._cases[case] for case in reference),
                *(replace(self._cases[case], id=f"{case}@{defect}") for defect, case in pairs),
            ],
            folder=self._folder / "run",
            seed=self._seed,
            stand_ins=stand_ins,
            command="tce prove",
        )
        results = {case.id: case for case in perform_run(plan, self._library).cases}
        return {(defect, case): Shown(results[case], results[f"{case}@{defect}"]) for defect, case in pairs}

    def _check(self, simulator: str, base: str, case: str) -> CaseResult:
        """Judge as files what a simulator makes of what a case works with, under the claims of its base."""
        folder = self._folder / simulator
        files = export_files(
            self._library.simulators[simulator],
            self._cases[case.removeprefix(FILES)],
            self._library.content,
            folder,
            self._seed,
        )
        plan = CheckPlan(
            exported=files.exported,
            originals=files.originals,
            claims=self._library.claims_of((base,)),
            folder=folder / "check",
            under_test=simulator,
            command="tce prove",
            synthetic=True,
        )
        (result,) = check_files(plan, self._library).cases
        return replace(result, id=case)
