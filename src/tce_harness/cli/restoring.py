"""The part of ``tce reidentify`` that restores originals which travelled encrypted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import typer

from tce_harness.deidentify import RecoveryError, load_private_key, make_folder, restore
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.objects.instance import check_uid, encode_instance, read_instance

STATEMENT = "What was restored is patient data: Patient Identity Removed (0012,0062) is NO."


@dataclass(slots=True)
class Restoring:
    """Originals put back into de-identified files.

    Parameters
    ----------
    files
        What was done with each file: its new place, or the reason why there is none.
    """

    source: Path
    out: Path
    private_key: Path
    password_file: Path | None = None
    restored: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def perform(self) -> None:
        """Restore every file.

        Raises
        ------
        HarnessError
            When the private key cannot be used, or a folder or file cannot be made.
        """
        password = self.password_file.read_bytes().rstrip(b"\r\n") if self.password_file else None
        key = load_private_key(self.private_key, password)
        single = self.source.is_file()
        files = [self.source] if single else sorted(each for each in self.source.rglob("*") if each.is_file())
        if not files:
            raise HarnessError(f"{self.source} holds no file")
        make_folder(self.out, private=True)
        for file in files:
            name = file.name if single else file.relative_to(self.source).as_posix()
            try:
                dataset = restore(read_instance(file), key)
                target = self.out.joinpath(
                    check_uid(str(dataset.get("StudyInstanceUID") or ""), "Study Instance UID (0020,000D)"),
                    check_uid(str(dataset.get("SeriesInstanceUID") or ""), "Series Instance UID (0020,000E)"),
                    check_uid(str(dataset.SOPInstanceUID), "SOP Instance UID (0008,0018)") + ".dcm",
                )
                self._write(name, target, encode_instance(dataset))
            except (RecoveryError, InstanceError) as error:
                self.failed[name] = str(error)

    def _write(self, name: str, target: Path, content: bytes) -> None:
        if target.exists() and target.read_bytes() != content:
            self.failed[name] = "another file has the same original SOP Instance UID and other content"
            return
        make_folder(target.parent, private=True)
        try:
            target.write_bytes(content)
        except OSError as error:
            raise HarnessError(f"{target} cannot be written: {error.strerror}") from None
        self.restored[name] = target

    def check(self) -> None:
        """Refuse folders where originals and outputs would mix."""
        if not self.source.exists():
            raise typer.BadParameter(f"{self.source} does not exist", param_hint="FILE|DIR")
        if self.out.exists() and (not self.out.is_dir() or any(self.out.iterdir())):
            text = f"{self.out} is not an empty folder: name one that is, or a new one"
            raise typer.BadParameter(text, param_hint="--out")
        if self.source.is_dir() and self.out.resolve().is_relative_to(self.source.resolve()):
            text = f"{self.out} lies in {self.source}: originals would be given away with it"
            raise typer.BadParameter(text, param_hint="--out")

    def as_text(self) -> str:
        """Return what was done, for people."""
        lines = [f"{name}: not restored: {reason}" for name, reason in self.failed.items()]
        lines.append(f"{len(self.restored)} files restored into {self.out}, {len(self.failed)} not")
        return "\n".join([*lines, STATEMENT])

    def as_json(self) -> str:
        """Return what was done, for programs."""
        document = {
            "restored": [{"file": name, "original": str(path)} for name, path in self.restored.items()],
            "failed": [{"file": name, "reason": reason} for name, reason in self.failed.items()],
            "statement": STATEMENT,
        }
        return json.dumps(document, indent=2, ensure_ascii=False)
