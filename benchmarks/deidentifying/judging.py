"""``tce check`` over what a tool wrote, and its findings by kind."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deidentifying.claims import Claim
from tce_harness.evidence.log import read_evidence
from tce_harness.model.errors import InstanceError
from tce_harness.model.finding import Finding, Severity
from tce_harness.model.record import ObjectRecord
from tce_harness.model.result import RunResult
from tce_harness.objects.instance import read_instance
from tce_harness.reports import from_json
from tce_harness.standard.confidentiality import table

_JUDGING_SECONDS = 1800
Counts = Callable[[str, Finding, frozenset[str]], bool]
"""Whether a finding counts, by its requirement and the codes that its instance records."""


def _always(requirement: str, finding: Finding, recorded: frozenset[str]) -> bool:
    return True


@dataclass(slots=True)
class Kind:
    """Findings of one kind under one requirement, and of one code where a row of Table E.1-1 is meant.

    Parameters
    ----------
    code
        Of the Basic Profile, such as ``X/Z/D``; empty where no row is meant.
    """

    requirement: str
    kind: str
    severity: Severity
    code: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def key(self) -> tuple[Severity, str, str, str]:
        """By what it is told from others, in the order in which they are shown."""
        return self.severity, self.requirement, self.kind, self.code

    @property
    def elements(self) -> Counter[str]:
        """How often it was found at each element; items are not told apart."""
        return Counter(without_numbers(finding.element or "no element") for finding in self.findings)

    @property
    def instances(self) -> int:
        """In how many instances."""
        return len({finding.subject for finding in self.findings})


@dataclass(frozen=True, slots=True)
class Judged:
    """What ``tce check`` says of what a tool wrote.

    Parameters
    ----------
    recorded
        Codes of CID 7050 in each exported instance, by its record in the evidence.
    """

    result: RunResult
    recorded: Mapping[str, frozenset[str]]

    def recorded_by(self, finding: Finding) -> frozenset[str]:
        """Return the codes that the instance of a finding has."""
        return frozenset().union(*(self.recorded.get(record, frozenset()) for record in finding.evidence))


def without_numbers(path: str) -> str:
    """Return the path of an element without the numbers of items."""
    return "/".join(part.split("[")[0] for part in path.split("/"))


def check(exported: Path, originals: Path, claim: Claim, system: tuple[str, str], work: Path) -> Judged:
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
    result = from_json(document.read_text(encoding="utf-8"))
    return Judged(result, dict(_recorded(work / "run" / "evidence")))


def _recorded(evidence: Path) -> Iterator[tuple[str, frozenset[str]]]:
    for entry in read_evidence(evidence).entries:
        record = entry.record
        if isinstance(record, ObjectRecord) and record.group == "exported":
            try:
                dataset = read_instance(evidence / "instances" / f"{record.digest}.dcm")
            except InstanceError:
                continue
            items = dataset.get("DeidentificationMethodCodeSequence") or ()
            yield entry.id, frozenset(str(item.get("CodeValue", "")) for item in items)


def findings_of(result: RunResult) -> Iterator[tuple[str, Finding]]:
    """Yield requirement and finding, failures and warnings only."""
    for case in result.cases:
        for rule in case.rules:
            for finding in rule.findings:
                if finding.severity is not Severity.INFO:
                    yield rule.requirement, finding


def kinds_of(judged: Judged, edition: str, counts: Counts = _always) -> list[Kind]:
    """Return the findings that count, by requirement, kind and code of an edition's row."""
    basic = {row.key: row.basic for row in table(edition).rows}
    kinds: dict[tuple[Severity, str, str, str], Kind] = {}
    for requirement, finding in findings_of(judged.result):
        if counts(requirement, finding, judged.recorded_by(finding)):
            kind = Kind(requirement, finding.kind, finding.severity, basic.get(finding.row or "", ""))
            kinds.setdefault(kind.key, kind).findings.append(finding)
    return sorted(kinds.values(), key=lambda kind: kind.key)
