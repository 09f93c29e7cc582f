"""``tce deidentify``: a folder of instances in, a folder of de-identified ones out."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.content import Content
from tce_harness.deidentify import (
    Deidentifier,
    NoteKind,
    Policy,
    Pseudonyms,
    Quarantined,
    find_policy,
    with_options,
)
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.objects.instance import check_uid, encode_instance, read_instance

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


@dataclass(slots=True)
class Run:
    """One run over a list of files.

    Parameters
    ----------
    root
        The folder that the files are named relative to.
    quarantine
        Where originals that are held back are copied; None where they are only reported.
    """

    deidentifier: Deidentifier
    root: Path
    out: Path
    quarantine: Path | None
    written: int = 0
    duplicates: int = 0
    words_dropped: int = 0
    held: list[Held] = field(default_factory=list)

    def file(self, path: Path) -> None:
        """De-identify one file; what cannot be written is held, never dropped."""
        try:
            outcome = self.deidentifier.deidentify(read_instance(path))
            if isinstance(outcome, Quarantined):
                self._hold(path, outcome.reason)
                return
            dataset = outcome.dataset
            target = self.out.joinpath(
                check_uid(str(dataset.get("StudyInstanceUID") or ""), "Study Instance UID (0020,000D)"),
                check_uid(str(dataset.get("SeriesInstanceUID") or ""), "Series Instance UID (0020,000E)"),
                check_uid(str(dataset.SOPInstanceUID), "SOP Instance UID (0008,0018)") + ".dcm",
            )
        except InstanceError as error:
            self._hold(path, str(error))
            return
        self._write(path, target, encode_instance(dataset))
        self.words_dropped += sum(
            len(note.words) for note in outcome.notes if note.kind is NoteKind.WORDS_DROPPED
        )

    def _write(self, path: Path, target: Path, content: bytes) -> None:
        if target.exists():
            if target.read_bytes() == content:
                self.duplicates += 1
            else:
                self._hold(path, "another file has the same SOP Instance UID and other content")
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.written += 1

    def _hold(self, path: Path, reason: str) -> None:
        relative = path.relative_to(self.root)
        self.held.append(Held(relative.as_posix(), reason))
        if self.quarantine is not None:
            copy = self.quarantine / "originals" / relative
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)

    def finish(self) -> None:
        """Write the list of what was held beside the originals."""
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
    key: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A secret file of 16 bytes or more: the same key gives the same pseudonyms. "
            "Without it they cannot be repeated.",
        ),
    ] = None,
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
    try:
        folders = Content.with_overlays(*(content or []))
        chosen = with_options(find_policy(policy, folders), option or (), folders)
        pseudonyms = Pseudonyms(key.read_bytes()) if key else Pseudonyms.with_random_key()
    except HarnessError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(INVALID_CONTENT) from None
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    if not files:
        raise typer.BadParameter(f"{source} holds no file", param_hint="IN")
    root = source.parent if source.is_file() else source
    out.mkdir(parents=True, exist_ok=True)
    if quarantine is not None:
        quarantine.mkdir(parents=True, exist_ok=True)
    run = Run(Deidentifier(chosen, pseudonyms), root, out, quarantine)
    for path in files:
        run.file(path)
    run.finish()
    typer.echo(_as_json(run, chosen, len(files)) if as_json else _as_text(run, chosen, len(files), key))
    if run.held:
        raise typer.Exit(SOME_QUARANTINED)


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


def _as_text(run: Run, policy: Policy, files: int, key: Path | None) -> str:
    lines = [f"policy {policy.name}: PS3.15 {policy.edition}, {', '.join(policy.codes)}"]
    if key is None:
        lines.append("pseudonyms by a random key: another run gives others (--key FILE keeps them)")
    lines.extend(f"held back {held.file}: {held.reason}" for held in run.held)
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
        "statement": STATEMENT,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
