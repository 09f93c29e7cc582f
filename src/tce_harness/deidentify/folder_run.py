"""A folder of instances in, a folder of de-identified ones out, by one process or several."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from tce_harness.deidentify.confirmation import Clearance, Confirmation
from tce_harness.deidentify.deidentifier import Deidentifier
from tce_harness.deidentify.dropped_words import Dropped, keep_words
from tce_harness.deidentify.file_worker import AWAITS, Became, FileOutcome, FileWorker, Look
from tce_harness.deidentify.kinship import Kinship, PatientKey, with_and_without_issuer
from tce_harness.deidentify.log_memory import handed_out, patients_called, patients_of
from tce_harness.deidentify.output_folders import make_folder
from tce_harness.deidentify.pictures import Preview as ShownPreview
from tce_harness.deidentify.policy import Already, Policy, Preview
from tce_harness.deidentify.pseudonym_log import PseudonymLog
from tce_harness.deidentify.pseudonyms import Pseudonyms
from tce_harness.deidentify.recovery import Recovery, same_but_for_envelope
from tce_harness.deidentify.run_scan import clocks_of, passed_by
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.objects.instance import read_instance
from tce_harness.objects.manifest import read_manifest
from tce_harness.objects.pruning import prune

QUARANTINE_LIST, ORIGINALS = "quarantine.json", "originals"
TWO_PATIENTS = (
    "Patient ID with an issuer in one study and without in another, of which nobody can tell that it is "
    "one patient: taken as two"
)
#: Files of one folder stay together, as the instances of a series have most in common.
_BATCH = 32
_WORTH_A_PROCESS = 64


@dataclass(frozen=True, slots=True)
class Held:
    """A file that was not written, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shortened:
    """A manifest that was written without references to instances that were not."""

    file: str
    left_out: int
    listed: int


@dataclass(slots=True)
class FolderRun:
    """One run over a list of files.

    Parameters
    ----------
    root
        The folder that the files are named relative to.
    quarantine
        Where originals that are held back are copied; None where they are only reported.
    log, number
        Where what was replaced is recorded, and the number of this run there.
    processes
        How many work at most; 0 for as many as there are processors.
    recovery
        Lets the originals travel encrypted; None where they do not.
    clearance
        Who looked at the pixels, or why nobody has to; None where nobody was asked.
    preview_only
        Whether pictures are made for a person and nothing is written.
    """

    policy: Policy
    pseudonyms: Pseudonyms
    root: Path
    out: Path
    quarantine: Path | None = None
    log: PseudonymLog | None = None
    number: int = 0
    processes: int = 0
    recovery: Recovery | None = None
    clearance: Clearance | None = None
    preview_only: bool = False
    written: int = 0
    duplicates: int = 0
    words_dropped: int = 0
    not_recoverable: int = 0
    told: Counter[str] = field(default_factory=Counter)
    held: list[Held] = field(default_factory=list)
    shortened: list[Shortened] = field(default_factory=list)
    previews: list[ShownPreview] = field(default_factory=list)
    confirmed: list[Confirmation] = field(default_factory=list)
    _held_uids: set[str] = field(default_factory=set)
    _written_uids: set[str] = field(default_factory=set)

    def perform(self, paths: list[Path]) -> None:
        """De-identify files; manifests come last, as they list what was written and nothing else.

        Raises
        ------
        HarnessError
            When OUT cannot be written, a worker process was ended, or the policy asks for a look at the
            pixels that nobody took or waived.
        """
        if self.policy.preview is Preview.REQUIRED and self.clearance is None and not self.preview_only:
            raise HarnessError(
                f"policy {self.policy.name} asks that a person looks at the pixels before anything is written"
            )
        if not self.preview_only:
            make_folder(self.out)
        if self.quarantine is not None:
            make_folder(self.quarantine, private=True)
            make_folder(self.quarantine / ORIGINALS, private=True)
        self._settle_kinship(paths)
        worker = self._worker()
        selections: list[FileOutcome] = []
        for outcomes in self._batches(worker, paths):
            selections.extend(each for each in outcomes if each.became is Became.SELECTION)
            self._take([each for each in outcomes if each.became is not Became.SELECTION])
        for each in selections:
            if self.preview_only:
                self._hold(each, AWAITS)
            else:
                self._take([self._selection(worker, each.path, selections)])
        self._finish()

    def _settle_kinship(self, paths: list[Path]) -> None:
        """Find out whose the instances are that do not say so, and tell where it stays open."""
        clocks = clocks_of(paths)
        told = {each.told for each in clocks}
        known: Mapping[str, frozenset[PatientKey]] = {}
        keys: set[PatientKey] = set()
        if self.log is not None:
            known = patients_of(self.log, self.number, {each.study for each in told}, self.pseudonyms)
            keys |= patients_called(self.log, self.number, {each.patient_id for each in told})
        kinship = Kinship.of(told, known).with_clocks(clocks)
        if self.policy.already is Already.PASS:
            kinship = kinship.with_passed(passed_by(paths))
        self.pseudonyms = self.pseudonyms.within(kinship)
        settled = {kinship.key_of(each) for each in told}
        if doubtful := with_and_without_issuer(keys | {key for key in settled if key is not None}):
            self.told[TWO_PATIENTS] += doubtful

    def _worker(self) -> FileWorker:
        deidentifier = Deidentifier(self.policy, self.pseudonyms, self.recovery)
        return FileWorker(deidentifier, self.out, with_links=self.log is not None, look=self._look)

    @property
    def _look(self) -> Look:
        if self.preview_only:
            return Look.PREVIEW
        asked = self.clearance is not None and not self.clearance.waiver
        return Look.CONFIRMED if asked else Look.NONE

    def _batches(self, worker: FileWorker, paths: list[Path]) -> Iterator[list[FileOutcome]]:
        batches = [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]
        processes = min(self.processes or _processors(), len(paths) // _WORTH_A_PROCESS)
        if processes < 2:
            yield from ([worker.file(path) for path in batch] for batch in batches)
            return
        setting = (self.policy, self.pseudonyms, self.recovery, self.out, self.log is not None, self._look)
        pool = ProcessPoolExecutor(processes, initializer=_begin, initargs=setting)
        try:
            yield from pool.map(_work, batches)
        except BrokenProcessPool:
            raise HarnessError(
                "a worker process was ended, perhaps for want of memory; try --processes 1"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)

    def _selection(self, worker: FileWorker, path: Path, selections: Sequence[FileOutcome]) -> FileOutcome:
        """Write a key object selection without its references to what was not written.

        What an earlier run of the same log handed out to the same recipient counts as written. So does
        another selection, of which it is not known yet what becomes of it, as long as it was not held.
        """
        uid = ""
        try:
            dataset = read_instance(path)
            uid = str(dataset.SOPInstanceUID)
            listed = set(read_manifest(dataset).listed)
            gone = listed - self._written_uids - self._handed_out(listed)
            gone -= {each.sop_instance_uid for each in selections} - self._held_uids
            pruned = prune(dataset, listed - gone) if gone else dataset
            if pruned is None:
                text = f"{len(gone)} of {len(listed)} instances that it lists were not written"
                reason = f"{text}, all those of its own study among them"
                return FileOutcome(path, Became.HELD, uid, reason=reason)
            if pruned is not dataset:
                pruned.file_meta = dataset.file_meta
                self.shortened.append(Shortened(self._name(path), len(gone), len(listed)))
            return worker.instance(path, pruned)
        except InstanceError as error:
            return FileOutcome(path, Became.HELD, uid, reason=str(error))

    def _handed_out(self, originals: set[str]) -> frozenset[str]:
        if self.log is None:
            return frozenset()
        return handed_out(self.log, self.number, originals, self.pseudonyms)

    def _take(self, outcomes: list[FileOutcome]) -> None:
        """Record what was replaced, and give each file its name, as long as no other one has it."""
        copies: list[FileOutcome] = []
        fresh: dict[Path, FileOutcome] = {}
        for outcome in outcomes:
            if outcome.target is None:
                self._hold(outcome, outcome.reason)
                self.previews.extend([outcome.preview] if outcome.preview is not None else [])
            elif (refusal := self._not_cleared(outcome)) is not None:
                _unfinished(outcome).unlink()
                self._hold(outcome, refusal)
            elif outcome.target in fresh or outcome.target.exists():
                copies.append(outcome)
            else:
                fresh[outcome.target] = outcome
        refusals = self._record(list(fresh.values()))
        words: Counter[Dropped] = Counter()
        for (target, outcome), refusal in zip(fresh.items(), refusals, strict=True):
            if refusal is None:
                _unfinished(outcome).replace(target)
                self.written += 1
                self._confirm(target.stem, outcome)
                words.update(outcome.words_dropped)
                self.not_recoverable += outcome.not_recoverable
                self.told.update(outcome.told)
                self._written_uids.add(outcome.sop_instance_uid)
            else:
                _unfinished(outcome).unlink()
                self._hold(outcome, refusal)
        self.words_dropped += words.total()
        if self.log is not None:
            keep_words(self.log, words)
        for outcome in copies:
            self._compare(outcome)

    def _not_cleared(self, outcome: FileOutcome) -> str | None:
        if self.clearance is None or outcome.target is None:
            return None
        return self.clearance.refusal(outcome.target.stem, outcome.pixels)

    def _confirm(self, sop_instance_uid: str, outcome: FileOutcome) -> None:
        """Remember whose look let an instance be written."""
        if outcome.pixels and self.clearance is not None:
            self.confirmed.append(self.clearance.confirmations[sop_instance_uid])

    def _audit(self, log: PseudonymLog) -> None:
        """Record in the log whose looks, or which waiver, let instances be written."""
        if self.clearance is not None and self.clearance.waiver:
            log.audit("waive preview", [(f"run {self.number}", True)], self.clearance.waiver)
        by_person: dict[tuple[str, str], list[tuple[str, bool]]] = {}
        for each in self.confirmed:
            by_person.setdefault((each.by, each.at), []).append((each.sop_instance_uid, True))
        for (by, at), whats in by_person.items():
            log.audit("confirm pixels", whats, f"looked at by {by}, {at}")

    def _record(self, outcomes: list[FileOutcome]) -> tuple[str | None, ...]:
        """Return for each outcome why it must not be written; None where nothing speaks against it."""
        links = {outcome.path: outcome.link for outcome in outcomes if outcome.link is not None}
        if self.log is None or not links:
            return (None,) * len(outcomes)
        # an instance that is passed on as it is has no link
        refusals = dict(zip(links, self.log.record(self.number, links.values()), strict=True))
        return tuple(refusals.get(outcome.path) for outcome in outcomes)

    def _compare(self, outcome: FileOutcome) -> None:
        """Tell a copy of what was written from another file of the same name."""
        written, unfinished = outcome.target, _unfinished(outcome)
        same = written is not None and written.exists() and self._are_alike(written, unfinished)
        unfinished.unlink()
        if same:
            self.duplicates += 1
        else:
            self._hold(outcome, "another file has the same SOP Instance UID and other content")

    def _are_alike(self, one: Path, other: Path) -> bool:
        if self.recovery is not None:
            return same_but_for_envelope(one.read_bytes(), other.read_bytes())
        return filecmp.cmp(one, other, shallow=False)

    def _name(self, path: Path) -> str:
        return _printable(path.relative_to(self.root).as_posix())

    def _hold(self, outcome: FileOutcome, reason: str) -> None:
        """Hold a file back; no manifest may list its instance, unless a copy of it was written."""
        if outcome.sop_instance_uid:
            self._held_uids.add(outcome.sop_instance_uid)
        if self.quarantine is not None:
            reason += self._copy(outcome.path, self.quarantine / ORIGINALS)
        self.held.append(Held(self._name(outcome.path), _printable(reason)))

    def _copy(self, path: Path, folder: Path) -> str:
        """Copy an original into the quarantine; return what is to be told where it cannot be."""
        copy = folder / path.relative_to(self.root)
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        except OSError as error:
            return f" (and no copy could be made: {error.strerror or 'it is no file'})"
        return ""

    def _finish(self) -> None:
        """Write the list of what was held beside the originals, and the end of the run into the log."""
        if self.log is not None:
            self._audit(self.log)
            self.log.end_run(self.number, written=self.written, held=len(self.held))
        if self.quarantine is not None:
            listed = [{"file": held.file, "reason": held.reason} for held in self.held]
            text = json.dumps({"quarantined": listed}, indent=2, ensure_ascii=False)
            _write_list(self.quarantine / QUARANTINE_LIST, text + "\n")


def _write_list(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HarnessError(f"{path} cannot be written: {error.strerror}") from None


def _printable(text: str) -> str:
    """Return a text that may hold a file's name, with bytes that are no UTF-8 spelled by a backslash."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _unfinished(outcome: FileOutcome) -> Path:
    if outcome.unfinished is None:
        raise ValueError(f"{outcome.path} was not written")
    return outcome.unfinished


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# A worker process has one worker, which remembers the elements of the series that it works on.
_workers: list[FileWorker] = []


def _begin(  # noqa: PLR0917 - a process pool hands over positional arguments alone
    policy: Policy,
    pseudonyms: Pseudonyms,
    recovery: Recovery | None,
    out: Path,
    with_links: bool,
    look: Look,
) -> None:
    deidentifier = Deidentifier(policy, pseudonyms, recovery)
    _workers.append(FileWorker(deidentifier, out, with_links=with_links, look=look))


def _work(paths: Iterable[Path]) -> list[FileOutcome]:
    return [_workers[0].file(path) for path in paths]
