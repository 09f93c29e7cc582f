"""The reference de-identifier over one set of files: nothing lost, nothing found, nothing broken."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pydicom.dataset import FileDataset

from deidentifying import inputs
from deidentifying.claims import Claim
from deidentifying.judging import check, findings_of
from tce_harness.content import Content
from tce_harness.deidentify import Policy, Preview, Pseudonyms, find_policy
from tce_harness.examiners import Dciodvfy
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.objects.instance import encode_instance, read_instance

_KEY = b"the key of the clean sweep"
_SECONDS = 1800
_EXAMPLES = 5
_ENDS = (0, 4)  # everything was written; something was held back
_NOBODY_LOOKS = "a clean sweep over synthetic and public files"
# Where dciodvfy's report names what only this file has: which item, which value.
_OF_THIS_FILE = re.compile(r"\[\d+\]|<[^<>/]*>|= .*$")


def policies() -> list[str]:
    """Return the names of the shipped policies."""
    folder = Content.with_overlays().file("simulators/policies/basic.yaml").parent
    return sorted(path.stem for path in folder.glob("*.yaml"))


def _synthetic(folder: Path) -> None:
    inputs.write_synthetic(folder)


def _declared_free_of_text(folder: Path) -> None:
    """Write pydicom's instances with Burned In Annotation NO: what commonly shows text goes through too."""
    given = folder.parent / "as-they-are"
    inputs.write_pydicom_files(given)
    folder.mkdir(parents=True)
    for path in sorted(given.iterdir()):
        try:
            dataset = read_instance(path)
        except InstanceError:
            continue
        if "PixelData" in dataset and dataset.get("BurnedInAnnotation") != "YES":
            dataset.BurnedInAnnotation = "NO"
            (folder / path.name).write_bytes(encode_instance(dataset))


SETS: dict[str, Callable[[Path], None]] = {
    "synthetic": _synthetic,
    "pydicom": inputs.write_pydicom_files,
    "pydicom-declared-free-of-text": _declared_free_of_text,
}
"""Name of a set to what writes it into a new folder."""


@dataclass(slots=True)
class Sweep:
    """One policy over one set.

    Parameters
    ----------
    policy
        Name of a shipped policy.
    chosen
        Name of a set.
    work
        A new folder.
    """

    policy: str
    chosen: str
    work: Path
    files: int = 0
    written: int = 0
    duplicates: int = 0
    held: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    broken: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether every file is accounted for and nothing was found."""
        accounted = self.written + self.duplicates + self.held.total() == self.files
        return accounted and not self.found and not self.broken and not self.failures

    def perform(self) -> str:
        """De-identify, judge and examine; return what there is to say, failures to do so among it."""
        given = self.work / "given"
        SETS[self.chosen](given)
        key = self.work / "key"
        key.write_bytes(_KEY)
        for number, files in enumerate(_rounds(given), start=1):
            folder = self.work / f"round-{number}"
            try:
                self._round(files, folder, key)
            except (HarnessError, RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
                self.failures.append(f"{folder.name} of {len(files)} files: {error}")
        return self._told()

    def _round(self, files: list[Path], folder: Path, key: Path) -> None:
        originals, out = folder / "originals", folder / "out"
        originals.mkdir(parents=True)
        for path in files:
            (originals / path.name).hardlink_to(path)
        policy = find_policy(self.policy, Content.with_overlays())
        done = subprocess.run(
            [Path(sys.executable).parent / "tce", *_command(policy, originals, out, key)],
            capture_output=True, text=True, encoding="utf-8", timeout=_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode not in _ENDS:
            raise RuntimeError(f"tce deidentify ended {done.returncode}: {done.stderr or done.stdout}")
        told = json.loads(done.stdout)
        self.files += told["files"]
        self.written += told["written"]
        self.duplicates += told["duplicates"]
        self.held.update(_without_names(each["reason"], each["file"]) for each in told["quarantined"])
        if told["written"]:
            pairs = self._pairs(originals, out)
            self._judge(policy, originals, pairs, folder)
            self._examine(pairs)

    def _pairs(self, originals: Path, out: Path) -> dict[Path, Path]:
        """Return original to output, told by the pseudonym of its UID, or by the UID where it is retained."""
        pseudonyms = Pseudonyms(_KEY)
        written = {path.stem: path for path in out.rglob("*.dcm")}
        pairs = {}
        for path in sorted(originals.iterdir()):
            uid = _uid(path)
            made = written.pop(str(pseudonyms.uid(uid)), None) or written.pop(uid, None)
            if made is not None:
                pairs[path] = made
        if written:
            self.broken["written without an original that it could be paired with"] += len(written)
        return pairs

    def _judge(self, policy: Policy, originals: Path, pairs: dict[Path, Path], folder: Path) -> None:
        """Judge the outputs, named like their originals: many of pydicom's files are alike in all else.

        The names are numbers, as those of pydicom's files hold a patient's number, which the judge finds.
        """
        named, given = folder / "named", folder / "numbered"
        named.mkdir()
        given.mkdir()
        for number, path in enumerate(sorted(originals.iterdir()), start=1):
            (given / f"{number}.dcm").hardlink_to(path)
            if path in pairs:
                (named / f"{number}.dcm").hardlink_to(pairs[path])
        claim = Claim(policy.title, policy.codes, policy.edition)
        judged = check(named, given, claim, ("tce deidentify", self.policy), folder / "judged")
        for requirement, finding in findings_of(judged.result):
            kind = f"{finding.severity} {requirement} {finding.kind}"
            self.found[kind] += 1
            at = f"{finding.subject} {finding.element}: {finding.message} | {finding.observed}"
            self.examples.setdefault(kind, []).append(f"{folder.name} {at}")

    def _examine(self, pairs: dict[Path, Path]) -> None:
        """Compare dciodvfy's errors of each output with those of its own original."""
        with ThreadPoolExecutor(2) as pool:
            for path, new in zip(pairs, pool.map(_new_errors, pairs.items()), strict=True):
                for error in new:
                    self.broken[error] += 1
                    self.examples.setdefault(error, []).append(path.name)

    def _told(self) -> str:
        lines = [
            f"== {self.policy}, {self.chosen}: {self.files} files, {self.written} written, {self.duplicates} "
            f"duplicates of written ones, {self.held.total()} held back"
        ]
        lines.extend(f"   FAILED: {each}" for each in self.failures)
        lines.extend(f"   held back {count:3d}: {reason}" for reason, count in self.held.most_common())
        for title, counted in (("finding", self.found), ("new dciodvfy error", self.broken)):
            lines.append(f"   {title}s: {counted.total()}")
            for kind, count in counted.most_common():
                lines.append(f"   {title} {count:3d}: {kind}")
                lines.extend(f"      {each}" for each in self.examples.get(kind, [])[:_EXAMPLES])
        return "\n".join(lines)


def _command(policy: Policy, originals: Path, out: Path, key: Path) -> list[str | Path]:
    """Return the arguments of ``tce``; where the policy asks that a person looks, why nobody has to."""
    waived = ["--waive-preview", _NOBODY_LOOKS] if policy.preview is Preview.REQUIRED else []
    return ["deidentify", originals, out, "--policy", policy.name, "--key", key, "--json", *waived]


def _rounds(folder: Path) -> list[list[Path]]:
    """Part the files so that a SOP Instance UID stands once in each part."""
    parts: list[tuple[set[str], list[Path]]] = []
    for path in sorted(folder.iterdir()):
        uid = _uid(path)
        part = next((each for each in parts if uid not in each[0]), None)
        if part is None:
            parts.append(part := (set(), []))
        part[0].add(uid)
        part[1].append(path)
    return [files for _, files in parts]


def _uid(path: Path) -> str:
    try:
        dataset: FileDataset = read_instance(path)
    except InstanceError:
        return path.name
    return str(dataset.get("SOPInstanceUID") or path.name)


def _without_names(reason: str, file: str) -> str:
    return reason.replace(f"{Path(file).name} ", "it ").replace(f"{Path(file).name}: ", "")


def _new_errors(pair: tuple[Path, Path]) -> list[str]:
    original, made = (Counter(_errors(path)) for path in pair)
    return sorted((made - original).keys())


def _errors(path: Path) -> Iterator[str]:
    answer = Dciodvfy().examine(path.read_bytes())
    if answer.outcome != "answered":
        yield f"dciodvfy {answer.outcome}"
    for line in answer.output.splitlines():
        if line.startswith("Error"):
            yield _OF_THIS_FILE.sub("", line)
