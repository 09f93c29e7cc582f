"""The options of ``tce deidentify`` by which a person looks at pixels before they are written (RCR B5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tce_harness.deidentify import (
    INDEX,
    INSTALL,
    LIST,
    Clearance,
    FolderRun,
    Policy,
    Preview,
    TextSearch,
    confirm_all,
    read_confirmations,
    read_shown,
    text_search_is_installed,
    write_sheets,
)

PreviewOption = Annotated[
    Path | None,
    typer.Option(
        "--preview",
        metavar="DIR",
        file_okay=False,
        help="Write contact sheets, before and after, for a person to look at, and hold everything back. "
        "They are patient data. Needs --key or --log, so that the next run gives the same UIDs.",
    ),
]
ConfirmOption = Annotated[
    Path | None,
    typer.Option(
        "--confirm",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="CSV or JSON of sop_instance_uid (the new one), confirmed_by and confirmed_at: what a person "
        "has looked at and is written. The preview begins such a list, confirm.csv.",
    ),
]
ConfirmAllOption = Annotated[
    str,
    typer.Option(
        "--confirm-all",
        metavar="NAME",
        help="This person has looked at everything that the earlier preview in --preview DIR shows.",
    ),
]
WaiveOption = Annotated[
    str,
    typer.Option(
        "--waive-preview",
        metavar="REASON",
        help="Why nobody has to look at the pixels although the policy asks for it; it is recorded.",
    ),
]


class _LookFirst(typer.BadParameter):
    """A step is missing: no value is wrong, so that the text stands by itself."""

    def format_message(self) -> str:
        """Return the text as it is."""
        return self.message


@dataclass(frozen=True, slots=True)
class PreviewChoice:
    """What the user said about looking at pixels."""

    folder: Path | None = None
    confirm: Path | None = None
    everything_by: str = ""
    waiver: str = ""

    @property
    def is_first_run(self) -> bool:
        """Whether sheets are to be written, and nothing else."""
        return self.folder is not None and not self.everything_by

    def check(self, source: Path, out: Path, *, repeatable: bool) -> None:
        """Refuse options that contradict each other, and a folder that would be given away."""
        given = {
            "--preview": self.is_first_run,
            "--confirm": self.confirm is not None,
            "--confirm-all": bool(self.everything_by),
            "--waive-preview": bool(self.waiver),
        }
        named = [name for name, is_given in given.items() if is_given]
        if len(named) > 1:
            raise typer.BadParameter(f"it contradicts {named[0]}: give one of them", param_hint=named[1])
        if self.everything_by and self.folder is None:
            hint = "name the folder of the preview that was looked at, --preview DIR"
            raise typer.BadParameter(hint, param_hint="--confirm-all")
        if self.folder is not None:
            self._check_folder(self.folder, source, out)
        if named and not self.waiver and not repeatable:
            raise typer.BadParameter(
                "it needs --key or --log: with a random key another run gives other UIDs", param_hint=named[0]
            )

    def _check_folder(self, folder: Path, source: Path, out: Path) -> None:
        place = folder.resolve()
        if place.is_relative_to(out.resolve()):
            raise typer.BadParameter("it lies in OUT: originals would be given away", param_hint="--preview")
        if source.is_dir() and place.is_relative_to(source.resolve()):
            raise typer.BadParameter("it lies in IN: name a place of its own", param_hint="--preview")
        if self.is_first_run and folder.exists() and any(folder.iterdir()):
            raise typer.BadParameter(
                f"{folder} is not empty: name a new folder, or --confirm-all NAME when all was looked at",
                param_hint="--preview",
            )

    def check_policy(self, policy: Policy) -> None:
        """Refuse to go on where a policy asks for a look and nobody said anything about it."""
        said = self.folder or self.confirm or self.waiver
        if policy.preview is Preview.REQUIRED and not said:
            raise _LookFirst(
                f"policy {policy.name} asks that a person looks at the pixels first: run with --preview DIR, "
                "look, then run again with --confirm FILE or --confirm-all NAME; or --waive-preview REASON"
            )

    def clearance(self) -> Clearance | None:
        """Return who looked, or why nobody has to; None in a first run, and where nothing was said.

        Raises
        ------
        HarnessError
            When a list cannot be read.
        """
        if self.waiver:
            return Clearance(waiver=self.waiver)
        if self.confirm is not None:
            return Clearance(read_confirmations(self.confirm))
        if self.everything_by and self.folder is not None:
            shown = read_shown(self.folder / LIST)
            return Clearance(confirm_all(shown, self.everything_by, datetime.now(UTC)))
        return None

    def finish(self, run: FolderRun) -> tuple[str, ...]:
        """Write the sheets of a first run, and return what is to be told, a line each.

        Raises
        ------
        HarnessError
            When the sheets cannot be written.
        """
        if self.is_first_run and self.folder is not None:
            sheets = write_sheets(run.previews, self.folder)
            unseen = sum(not each.pictures for each in run.previews)
            lines = [
                f"nothing was written: {sheets} contact sheets of {len(run.previews)} instances are in "
                f"{self.folder / INDEX}, which is patient data; look, and run again with "
                f"--confirm {self.folder / LIST} or --preview {self.folder} --confirm-all NAME"
            ]
            if unseen:
                lines.append(f"{unseen} instances cannot be shown here, and are not in the list")
            return tuple(lines)
        if self.waiver:
            return (f"nobody looked at the pixels: {self.waiver}",)
        names = sorted({each.by for each in run.confirmed})
        return (f"{len(run.confirmed)} instances were looked at by {', '.join(names)}",) if names else ()


def searched(policy: Policy) -> tuple[str, ...]:
    """Return what is to be told of the search for text in pixels, a line each."""
    if policy.ocr is TextSearch.WHERE_INSTALLED and not text_search_is_installed():
        return (f"character recognition is not installed: no text was looked for in the pixels ({INSTALL})",)
    return ()


def looked(run: FolderRun) -> dict[str, object]:
    """Return what the JSON document says of previews and confirmations."""
    return {
        "required": run.policy.preview is Preview.REQUIRED,
        "shown": len(run.previews),
        "waived": run.clearance.waiver if run.clearance is not None else "",
        "confirmed": [
            {"sop_instance_uid": each.sop_instance_uid, "confirmed_by": each.by, "confirmed_at": each.at}
            for each in run.confirmed
        ],
    }
