"""``tce deidentify``: a folder of instances in, a folder of de-identified ones out."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.cli.preview_options import (
    ConfirmAllOption,
    ConfirmOption,
    PreviewChoice,
    PreviewOption,
    WaiveOption,
    looked,
    searched,
)
from tce_harness.cli.pseudonym_options import (
    JournalOption,
    KeyOption,
    LogOption,
    PseudonymChoice,
    RecipientOption,
    SubjectsOption,
)
from tce_harness.cli.recovery_options import CertificateOption, RecoveryChoice, TransportOption
from tce_harness.content import Content
from tce_harness.deidentify import (
    FolderRun,
    Journal,
    KeyTransport,
    Policy,
    files_below,
    find_policy,
    with_options,
)
from tce_harness.model.errors import HarnessError

STATEMENT = (
    "This is a reference de-identifier for testing, without medical or legal assurance: a person must check "
    "the pixels of every written instance. It does not prove that the output identifies nobody."
)
SOME_QUARANTINED = 4
INVALID_CONTENT = 5


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
    certificate: CertificateOption = None,
    key_transport: TransportOption = KeyTransport.PKCS1_V1_5,
    quarantine: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where originals that cannot be made safe are copied, with a list of the reasons. "
            "They are patient data.",
        ),
    ] = None,
    preview: PreviewOption = None,
    confirm: ConfirmOption = None,
    confirm_all: ConfirmAllOption = "",
    waive_preview: WaiveOption = "",
    processes: Annotated[
        int, typer.Option(min=0, help="How many processes work at most; 0 for one on each processor.")
    ] = 0,
    content: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="Own content folders over the shipped ones.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """De-identify instances by PS3.15 Annex E.

    Writes OUT/<study>/<series>/<instance>.dcm, named by the new UIDs. What may show text in its pixels, is of
    a private SOP class or cannot be searched is held back with its reason, and every file of IN is accounted
    for.

    A policy such as rcr asks that a person looks first: run with --preview DIR, look, and run again with
    --confirm or --confirm-all.

    Example: tce deidentify export/ clean/ --policy teaching-file --key secret.key --quarantine held/

    Exit status: 0 all were written; 4 some were held back; 5 the policy is not valid.
    """
    _check_folders(source, out, quarantine)
    choice = PseudonymChoice(key, log, log_journal, recipient, subjects)
    choice.check(source, out)
    looks = PreviewChoice(preview, confirm, confirm_all, waive_preview)
    looks.check(source, out, repeatable=key is not None or log is not None)
    try:
        folders = Content.with_overlays(*(content or []))
        chosen = with_options(find_policy(policy, folders), option or (), folders)
        looks.check_policy(chosen)
        clearance = looks.clearance()
        files = _files(source)
        recovery = RecoveryChoice.of(certificate or [], key_transport)
        opened, pseudonyms = choice.open()
        with opened or nullcontext():
            number = opened.begin_run(chosen, recipient) if opened is not None else 0
            root = source.parent if source.is_file() else source
            run = FolderRun(
                chosen, pseudonyms, root, out, quarantine, opened, number, processes, recovery.recovery,
                clearance, preview_only=looks.is_first_run,
            )  # fmt: skip
            run.perform(files)
            explanations = (*choice.explain(opened), *recovery.lines, *looks.finish(run), *searched(chosen))
    except HarnessError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(INVALID_CONTENT) from None
    typer.echo(
        _as_json(run, chosen, len(files)) if as_json else _as_text(run, chosen, len(files), explanations)
    )
    if run.held:
        raise typer.Exit(SOME_QUARANTINED)


def _files(source: Path) -> list[Path]:
    files = [source] if source.is_file() else files_below(source)
    if not files:
        raise typer.BadParameter(f"{source} holds no file", param_hint="IN")
    return files


def _check_folders(source: Path, out: Path, quarantine: Path | None) -> None:
    for folder, name in ((out, "OUT"), (quarantine, "--quarantine")):
        if folder is None:
            continue
        if not _is_free(folder, name):
            raise typer.BadParameter(
                f"{folder} is not an empty folder: name one that is, or a new one", param_hint=name
            )
        if source.is_dir() and folder.resolve().is_relative_to(source.resolve()):
            raise typer.BadParameter(f"{folder} lies in IN: outputs and originals would mix", param_hint=name)
    if quarantine is not None and quarantine.resolve().is_relative_to(out.resolve()):
        raise typer.BadParameter(
            "it lies in OUT: originals would be given away with it", param_hint="--quarantine"
        )


def _is_free(folder: Path, name: str) -> bool:
    try:
        return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    except OSError as error:
        text = f"{folder} cannot be looked into: {error.strerror}"
        raise typer.BadParameter(text, param_hint=name) from None


def _as_text(run: FolderRun, policy: Policy, files: int, explanations: tuple[str, ...]) -> str:
    lines = [f"policy {policy.name}: PS3.15 {policy.edition}, {', '.join(policy.codes)}"]
    lines.extend(explanations)
    lines.extend(_one_line(f"held back {held.file}: {held.reason}") for held in run.held)
    lines.extend(
        f"manifest {each.file} lists {each.listed - each.left_out} of {each.listed} instances: "
        f"{each.left_out} were not written"
        for each in run.shortened
    )
    lines.append(
        f"{files} files: {run.written} written, {run.duplicates} duplicates of written ones, "
        f"{len(run.held)} held back"
    )
    if run.words_dropped:
        lines.append(
            f"{run.words_dropped} words were dropped from texts: they are not in the policy's vocabulary "
            f"({_where_words_are(run)})"
        )
    lines.extend(f"{count} times: {what}" for what, count in sorted(run.told.items()))
    if run.not_recoverable:
        lines.append(
            f"{run.not_recoverable} attributes do not travel with their instances, as they are over 1 MiB "
            "or have no encoding: they lie only in IN"
        )
    if run.held and run.quarantine is None:
        lines.append("what was held back lies only in IN (--quarantine DIR copies it)")
    return "\n".join([*lines, STATEMENT])


def _one_line(text: str) -> str:
    """Return a line in which a file's name cannot pass for another line."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _where_words_are(run: FolderRun) -> str:
    if run.log is None:
        return "--log FILE keeps which ones"
    return f"'tce reidentify {run.log.path} --export FILE.csv --level words' tells which ones"


def _as_json(run: FolderRun, policy: Policy, files: int) -> str:
    document = {
        "policy": policy.name,
        "edition": policy.edition,
        "codes": list(policy.codes),
        "files": files,
        "written": run.written,
        "duplicates": run.duplicates,
        "words_dropped": run.words_dropped,
        "notes": dict(sorted(run.told.items())),
        "quarantined": [{"file": held.file, "reason": held.reason} for held in run.held],
        "manifests_shortened": [
            {"file": each.file, "left_out": each.left_out, "listed": each.listed} for each in run.shortened
        ],
        "preview": looked(run),
        "recoverable_by": len(run.recovery.certificates) if run.recovery is not None else 0,
        "not_recoverable": run.not_recoverable,
        "statement": STATEMENT,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
