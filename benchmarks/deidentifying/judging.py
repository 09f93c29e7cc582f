"""``tce check`` over what a tool wrote, and whether the text in the pixels is still there."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from deidentifying.claims import Claim
from deidentifying.inputs import BurnedIn
from tce_harness.fixtures import read_study_folder
from tce_harness.model.finding import Finding, Severity
from tce_harness.model.result import RunResult
from tce_harness.reports import from_json

_JUDGING_SECONDS = 1800


@dataclass(slots=True)
class Kind:
    """Findings of one kind under one requirement."""

    requirement: str
    kind: str
    severity: Severity
    findings: list[Finding] = field(default_factory=list)

    @property
    def elements(self) -> list[str]:
        """The elements that it was found at, most frequent first; items are not told apart."""
        counted: dict[str, int] = defaultdict(int)
        for finding in self.findings:
            counted[without_numbers(finding.element or "no element")] += 1
        return sorted(counted, key=lambda element: (-counted[element], element))

    @property
    def instances(self) -> int:
        """In how many instances."""
        return len({finding.subject for finding in self.findings})


def without_numbers(path: str) -> str:
    """Return the path of an element without the numbers of items."""
    return "/".join(part.split("[")[0] for part in path.split("/"))


def check(exported: Path, originals: Path, claim: Claim, system: tuple[str, str], work: Path) -> RunResult:
    """Judge exported files by ``tce check``.

    Parameters
    ----------
    system
        Name and version of the tool.
    work
        A new folder; it gets the claims and the run.
    """
    work.mkdir(parents=True)
    claims = claim.write(work / "claims.yaml", *system)
    done = subprocess.run(
        [Path(sys.executable).parent / "tce", "check", exported, "--originals", originals, "--claims", claims,
         "--synthetic", "--out", work / "run"],
        capture_output=True, text=True, encoding="utf-8", timeout=_JUDGING_SECONDS, check=False,
    )  # fmt: skip
    document = work / "run" / "result.json"
    if not document.is_file():
        raise RuntimeError(f"tce check of {system[0]} ended {done.returncode}: {done.stderr or done.stdout}")
    return from_json(document.read_text(encoding="utf-8"))


def findings_of(result: RunResult) -> Iterator[tuple[str, Finding]]:
    """Yield requirement and finding, failures and warnings only."""
    for case in result.cases:
        for rule in case.rules:
            for finding in rule.findings:
                if finding.severity is not Severity.INFO:
                    yield rule.requirement, finding


def kinds_of(result: RunResult, claim: Claim) -> list[Kind]:
    """Return the findings that contradict a claim, by requirement and kind."""
    kinds: dict[tuple[str, str, Severity], Kind] = {}
    for requirement, finding in findings_of(result):
        if claim.covers(requirement, finding):
            key = (requirement, finding.kind, finding.severity)
            kinds.setdefault(key, Kind(*key)).findings.append(finding)
    return sorted(kinds.values(), key=lambda kind: (kind.severity, kind.requirement, kind.kind))


def burned_in_text(out: Path, planted: BurnedIn) -> str:
    """Return what became of the text that was painted into pixels, told from the pixels themselves."""
    if not out.is_dir():
        return "withheld"
    for each in read_study_folder(out, "out").instances:
        pixels = each.dataset.get("PixelData", b"")
        is_it = each.dataset.get("SeriesNumber") == planted.series_number or len(pixels) == len(
            planted.pixels
        )
        if is_it and str(each.dataset.get("SOPClassUID")) == planted.sop_class_uid:
            return _legible(pixels, planted)
    return "withheld"


def _legible(pixels: bytes, planted: BurnedIn) -> str:
    if len(pixels) != len(planted.pixels):
        return "re-encoded"
    frames = _frames(pixels, planted)
    originals = _frames(planted.pixels, planted)
    left = 0
    for text in planted.texts:
        x, y, width, height = text.box
        box = (text.frame - 1, slice(y, y + height), slice(x, x + width))
        left += bool(np.array_equal(frames[box], originals[box]))
    return f"left, {left} of {len(planted.texts)}" if left else "removed"


def _frames(pixels: bytes, planted: BurnedIn) -> np.ndarray:
    return np.frombuffer(pixels, dtype=np.uint8).reshape(-1, *planted.frame_shape)
