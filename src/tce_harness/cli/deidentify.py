"""``tce deidentify``: a folder of instances in, a folder of de-identified ones out."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from pydicom.dataset import Dataset

from tce_harness.cli.pseudonym_options import (
    JournalOption,
    KeyOption,
    LogOption,
    PseudonymChoice,
    RecipientOption,
    SubjectsOption,
)
from tce_harness.content import Content
from tce_harness.deidentify import (
    Deidentifier,
    Journal,
    Link,
    NoteKind,
    Policy,
    PseudonymLog,
    Quarantined,
    find_policy,
    with_options,
)
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.objects.instance import check_uid, encode_instance, read_instance
from tce_harness.objects.manifest import is_key_object_selection, read_manifest
from tce_harness.objects.pruning import prune

STATEMENT = (
    "This is a reference de-identifier for testing, without medical or legal assurance: a person must check "
    "the pixels of every written instance. It does not prove that the output identifies nobody."
)
QUARANTINE_LIST = "quarantine.json"
SOME_QUARANTINED = 4
INVALID_CONTENT = 5


@dataclass(frozen=True, slots=True)
class Held:
    """A file that was not written, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shortened:
    """A manifest that was written without references to instances that were held back."""

    file: str
    left_out: int
    listed: int


@dataclass(slots=True)
class Run:
    """One run over a list of files.

    Parameters
    ----------
    root
        The folder that the files are named relative to.
    quarantine
        Where originals that are held back are copied; None where they are only reported.
    log, number
        Where what was replaced is recorded, and the number of this run there.
    """

    deidentifier: Deidentifier
    root: Path
    out: Path
    quarantine: Path | None
    log: PseudonymLog | None = None
    number: int = 0
    written: int = 0
    duplicates: int = 0
    words_dropped: int = 0
    held: list[Held] = field(default_factory=list)
    held_uids: set[str] = field(default_factory=set)
    written_uids: set[str] = field(default_factory=set)
    shortened: list[Shortened] = field(default_factory=list)

    def files(self, paths: list[Path]) -> None:
        """De-identify files; manifests come last, as they list what was written and nothing else."""
        manifests = [path for path in paths if not self.file(path)]
        for path in manifests:
            self.file(path, last=True)

    def file(self, path: Path, *, last: bool = False) -> bool:
        """De-identify one file; what cannot be written is held, never dropped.

        Returns
        -------
        bool
            False where it is a manifest or another key object selection whose turn comes at the end.
        """
        try:
            dataset = read_instance(path)
        except InstanceError as error:
            self._hold(path, str(error))
            return True
        if is_key_object_selection(dataset) and not last:
            return False
        try:
            if last:
                self._selection(path, dataset)
            else:
                self._instance(path, dataset, dataset)
        except InstanceError as error:
            self._hold(path, str(error), dataset)
        return True

    def _selection(self, path: Path, dataset: Dataset) -> None:
        """Write a key object selection without its references to what was held back."""
        listed = set(read_manifest(dataset).listed)
        gone = (listed & self.held_uids) - self.written_uids
        pruned = prune(dataset, listed - gone) if gone else dataset
        if pruned is None:
            self._hold(path, f"nothing that it has to list was written: {len(gone)} instances were held back")
            return
        if pruned is not dataset:
            pruned.file_meta = dataset.file_meta
            self.shortened.append(Shortened(self._name(path), len(gone), len(listed)))
        self._instance(path, dataset, pruned)

    def _instance(self, path: Path, original: Dataset, wanted: Dataset) -> None:
        outcome = self.deidentifier.deidentify(wanted)
        if isinstance(outcome, Quarantined):
            self._hold(path, outcome.reason, original)
            return
        dataset = outcome.dataset
        uids = (
            check_uid(str(dataset.get("StudyInstanceUID") or ""), "Study Instance UID (0020,000D)"),
            check_uid(str(dataset.get("SeriesInstanceUID") or ""), "Series Instance UID (0020,000E)"),
            check_uid(str(dataset.SOPInstanceUID), "SOP Instance UID (0008,0018)"),
        )
        self._write(path, original, uids, encode_instance(dataset))
        self.words_dropped += sum(
            len(note.words) for note in outcome.notes if note.kind is NoteKind.WORDS_DROPPED
        )

    def _write(self, path: Path, original: Dataset, uids: tuple[str, str, str], content: bytes) -> None:
        target = self.out.joinpath(uids[0], uids[1], f"{uids[2]}.dcm")
        if target.exists():
            if target.read_bytes() == content:
                self.duplicates += 1
            else:
                self._hold(path, "another file has the same SOP Instance UID and other content")
        elif reason := self._record(path, original, uids):
            self._hold(path, reason, original)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            self.written += 1
            self.written_uids.add(str(original.SOPInstanceUID))

    def _record(self, path: Path, original: Dataset, uids: tuple[str, str, str]) -> str | None:
        """Record what is about to be written; return why it must not be."""
        if self.log is None:
            return None
        link = Link.between(original, uids, self.deidentifier.pseudonyms, content=path.read_bytes())
        (reason,) = self.log.record(self.number, [link])
        return reason

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _hold(self, path: Path, reason: str, original: Dataset | None = None) -> None:
        """Hold a file back; no manifest may list its instance, unless a copy of it was written."""
        if original is not None:
            self.held_uids.add(str(original.SOPInstanceUID))
        relative = path.relative_to(self.root)
        self.held.append(Held(self._name(path), reason))
        if self.quarantine is not None:
            copy = self.quarantine / "originals" / relative
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)

    def finish(self) -> None:
        """Write the list of what was held beside the originals, and the end of the run into the log."""
        if self.log is not None:
            self.log.end_run(self.number, written=self.written, held=len(self.held))
        if self.quarantine is not None:
            listed = [{"file": held.file, "reason": held.reason} for held in self.held]
            text = json.dumps({"quarantined": listed}, indent=2, ensure_ascii=False)
            (self.quarantine / QUARANTINE_LIST).write_text(text + "\n", encoding="utf-8")


def deidentify(
    source: Annotated[
        Path, typer.Argument(metavar="IN", exists=True, help="An instance, or a folder of instances.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A folder that is empty or does not exist.")],
    *,
    policy: Annotated[
        str, typer.Option(help="A policy's name, or a YAML file; see simulators/policies.")
    ] = "basic",
    option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="An option to claim besides the policy's, by code or name, such as modified-dates or "
            "device-identity; may be repeated.",
        ),
    ] = None,
    key: KeyOption = None,
    log: LogOption = None,
    log_journal: JournalOption = Journal.WAL,
    recipient: RecipientOption = "",
    subjects: SubjectsOption = None,
    quarantine: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where originals that cannot be made safe are copied, with a list of the reasons. "
            "They are patient data.",
        ),
    ] = None,
    content: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="Own content folders over the shipped ones.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """De-identify instances by PS3.15 Annex E.

    Writes OUT/<study>/<series>/<instance>.dcm, named by the new UIDs. What may show text in its pixels, is of
    a private SOP class or cannot be searched is held back with its reason, and every file of IN is accounted
    for.

    Example: tce deidentify export/ clean/ --policy teaching-file --key secret.key --quarantine held/

    Exit status: 0 all were written; 4 some were held back; 5 the policy is not valid.
    """
    _check_folders(source, out, quarantine)
    choice = PseudonymChoice(key, log, log_journal, recipient, subjects)
    choice.check(source, out)
    try:
        folders = Content.with_overlays(*(content or []))
        chosen = with_options(find_policy(policy, folders), option or (), folders)
        files = _files(source)
        opened, pseudonyms = choice.open()
        with opened or nullcontext():
            number = opened.begin_run(chosen, recipient) if opened is not None else 0
            root = source.parent if source.is_file() else source
            run = Run(Deidentifier(chosen, pseudonyms), root, out, quarantine, opened, number)
            _perform(run, files)
            explanation = choice.explain(opened)
    except HarnessError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(INVALID_CONTENT) from None
    typer.echo(
        _as_json(run, chosen, len(files)) if as_json else _as_text(run, chosen, len(files), explanation)
    )
    if run.held:
        raise typer.Exit(SOME_QUARANTINED)


def _files(source: Path) -> list[Path]:
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    if not files:
        raise typer.BadParameter(f"{source} holds no file", param_hint="IN")
    return files


def _perform(run: Run, files: list[Path]) -> None:
    run.out.mkdir(parents=True, exist_ok=True)
    if run.quarantine is not None:
        run.quarantine.mkdir(parents=True, exist_ok=True)
    run.files(files)
    run.finish()


def _check_folders(source: Path, out: Path, quarantine: Path | None) -> None:
    for folder, name in ((out, "OUT"), (quarantine, "--quarantine")):
        if folder is None:
            continue
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise typer.BadParameter(
                f"{folder} is not an empty folder: name one that is, or a new one", param_hint=name
            )
        if source.is_dir() and folder.resolve().is_relative_to(source.resolve()):
            raise typer.BadParameter(f"{folder} lies in IN: outputs and originals would mix", param_hint=name)
    if quarantine is not None and quarantine.resolve().is_relative_to(out.resolve()):
        raise typer.BadParameter(
            "it lies in OUT: originals would be given away with it", param_hint="--quarantine"
        )


def _as_text(run: Run, policy: Policy, files: int, explanation: str) -> str:
    lines = [f"policy {policy.name}: PS3.15 {policy.edition}, {', '.join(policy.codes)}"]
    lines.extend([explanation] if explanation else [])
    lines.extend(f"held back {held.file}: {held.reason}" for held in run.held)
    lines.extend(
        f"manifest {each.file} lists {each.listed - each.left_out} of {each.listed} instances: "
        f"{each.left_out} were held back"
        for each in run.shortened
    )
    lines.append(
        f"{files} files: {run.written} written, {run.duplicates} duplicates of written ones, "
        f"{len(run.held)} held back"
    )
    if run.words_dropped:
        lines.append(
            f"{run.words_dropped} words were dropped from texts: they are not in the policy's vocabulary"
        )
    if run.held and run.quarantine is None:
        lines.append("what was held back lies only in IN (--quarantine DIR copies it)")
    return "\n".join([*lines, STATEMENT])


def _as_json(run: Run, policy: Policy, files: int) -> str:
    document = {
        "policy": policy.name,
        "edition": policy.edition,
        "codes": list(policy.codes),
        "files": files,
        "written": run.written,
        "duplicates": run.duplicates,
        "words_dropped": run.words_dropped,
        "quarantined": [{"file": held.file, "reason": held.reason} for held in run.held],
        "manifests_shortened": [
            {"file": each.file, "left_out": each.left_out, "listed": each.listed} for each in run.shortened
        ],
        "statement": STATEMENT,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
