"""The outcome of a run: the one document that every report is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from tce_harness.model.claims import Claims
from tce_harness.model.finding import Finding, PixelRegion
from tce_harness.model.record import Role
from tce_harness.model.requirement import Requirement
from tce_harness.model.verdict import Verdict

RESULT_VERSION: Final = "1"

NOTHING_EXAMINED: Final = "No object was examined."
PASS_MEANS = (
    "This run found no planted identifier in the listed objects under the listed configuration, except where "
    "it says otherwise. It does not show that data are anonymous. DICOM PS3.15 E.1 states that use of the "
    "profile neither guarantees removal nor replaces a re-identification risk assessment."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a case, for the sequence that a report draws.

    Parameters
    ----------
    sender, receiver
        Role names.
    sop_instance_uid
        Empty where the instances may be of real patients: an original's UID is one of their values.
    status
        The DIMSE status; None where no answer came.
    evidence
        Identifier of its record.
    file
        The instance, relative to the run's folder; None where none was stored.
    """

    time: str
    transaction: str
    sender: str
    receiver: str
    sop_class_uid: str
    sop_class: str
    sop_instance_uid: str
    label: str | None
    status: int | None
    evidence: str
    file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What one rule said in one check step of one case.

    Parameters
    ----------
    verdict
        After the requirement's evidence grade has capped it.
    reason
        Why it is inconclusive, not run, not applicable or an error; None otherwise.
    """

    rule: str
    requirement: str
    step: str
    line: int
    verdict: Verdict
    examined: int
    unit: str
    findings: tuple[Finding, ...]
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What a step did, in words for the console and the report."""

    id: str
    verb: str
    text: str
    verdict: Verdict
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Some pixels of a synthetic image as they were and as they were exported, both as PNG in base64.

    Parameters
    ----------
    subject, region
        Those of the findings that it stands beside.
    """

    subject: str
    region: PixelRegion
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What kept cases from being judged at all: to be put right before anything else.

    Parameters
    ----------
    title
        What is in the way, in one line with the address.
    remedy
        What to do about it.
    keys
        Keys of the system file to look at first.
    cases
        Those that it kept from being judged.
    evidence
        Identifiers of the records of what was tried.
    command
        Reruns the first of the cases.
    """

    title: str
    remedy: str
    ae_title: str
    address: str
    keys: tuple[str, ...]
    cases: tuple[str, ...]
    evidence: tuple[str, ...]
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """One case.

    Parameters
    ----------
    file, line
        The scenario file, relative to its content folder, and where the scenario begins.
    files
        Evidence record and instance file, for instances that no message brought.
    names
        Evidence record and name of the file as the user knows it, inside the folder that was judged; its
        number in place of its name where the files may be of real patients.
    command
        Reruns this case alone.
    pictures
        The first few regions of pixels that findings speak of; none where the images may be of real patients.
    obstacle
        What kept it from being judged; None where nothing did.
    """

    id: str
    scenario: str
    title: str
    file: str
    line: int
    sut: str
    roles: tuple[Role, ...]
    verdict: Verdict
    steps: tuple[StepResult, ...]
    rules: tuple[RuleResult, ...]
    messages: tuple[Message, ...]
    trouble: tuple[str, ...]
    command: str
    files: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Picture, ...] = ()
    obstacle: Obstacle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementResult:
    """A requirement over the whole run.

    Parameters
    ----------
    cases
        Case and verdict, in run order.
    examined, unit
        Denominator of the verdict, such as 41 instances.
    findings
        How many warnings and failures there are.
    defects
        Planted defects that its check is known to catch.
    """

    requirement: Requirement
    verdict: Verdict
    required: bool
    cases: tuple[tuple[str, Verdict], ...]
    examined: int
    unit: str
    findings: int
    defects: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was examined and what was not; stands on the first page of every output."""

    examined: tuple[tuple[str, str], ...]
    not_examined: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One thing to repair: findings of one kind under one requirement, over all cases.

    Parameters
    ----------
    title
        What is wrong, in one line.
    instances, cases
        Where it was seen: labels of instances, ids of cases.
    finding
        The first of the findings, as the example.
    file_names
        The files that the findings speak of, as `CaseResult.names` calls them.
    command
        Reruns the first case.
    """

    title: str
    verdict: Verdict
    requirement: str
    rule: str
    finding: Finding
    count: int
    instances: tuple[str, ...]
    cases: tuple[str, ...]
    evidence_files: tuple[str, ...]
    defects: tuple[str, ...]
    command: str
    file_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattributed:
    """An instance that arrived and that no case can be given."""

    time: str
    role: str
    sop_class: str
    sop_instance_uid: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """A run and its verdicts.

    Parameters
    ----------
    kind
        ``run`` for exchanges on the wire, ``check`` for folders.
    under_test
        Name and version as the system file says it, or the simulators' name.
    simulated
        True where no system under test took part.
    editions
        Standard and edition, as judged.
    pass_means
        What a pass means, behind the remark that no object was examined where none was.
    obstacles
        What kept cases from being judged at all.
    notes
        What a reader has to know before the verdicts, such as where the claims come from.
    not_testable_yet
        Requirements of the catalogues that have no rule so far.
    evidence_head
        SHA-256 of the last line of the evidence log.
    """

    schema: Literal["1"] = RESULT_VERSION
    kind: Literal["run", "check"]
    pass_means: str = PASS_MEANS
    suite: str
    under_test: str
    simulated: bool
    actors: tuple[str, ...]
    claims: Claims
    address: str | None
    command: str
    seed: int
    started: str
    ended: str
    editions: tuple[tuple[str, str], ...]
    real_patients: bool
    evidence_head: str
    evidence_records: int
    verdict: Verdict
    exit_status: int
    coverage: Coverage
    repairs: tuple[Repair, ...]
    cases: tuple[CaseResult, ...]
    requirements: tuple[RequirementResult, ...]
    not_testable_yet: int
    unattributed: tuple[Unattributed, ...]
    obstacles: tuple[Obstacle, ...] = ()
    notes: tuple[str, ...] = ()
