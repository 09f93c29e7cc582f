"""The kinds of evidence records: everything that a verdict may rest on.

A record says what happened, never what it means. Times are UTC, ISO 8601. Instances lie beside the log once,
named by the SHA-256 of their bytes; records name them by that digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tce_harness.model.canary import Canary
from tce_harness.model.claims import Claims, ClaimsFrom
from tce_harness.model.painted_text import PaintedText
from tce_harness.model.requirement import Actor
from tce_harness.model.unreached import Unreached
from tce_harness.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Who plays a part in a case.

    Parameters
    ----------
    name
        The role as the scenario addresses it, such as ``archive``.
    simulator
        The simulator that plays it; None where the system under test does.
    under_test
        True for the role that is judged, also where a simulator plays it.
    """

    name: str
    actor: Actor
    simulator: str | None
    under_test: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The first record: what ran, with which seed, on whose system.

    Parameters
    ----------
    what
        ``run`` for exchanges on the wire, ``check`` for folders.
    under_test
        Name and version as the system file says it, or the simulators' names.
    simulated
        True where no system under test takes part.
    address
        AE title, host and port of the system under test; None where it has none.
    asked
        Requirements that the result has to speak of, also where no case looks at them.
    claims_from
        Whether a file made the claims, the judged files themselves by the codes that they record, or nobody.
    """

    kind: Literal["run"] = "run"
    what: Literal["run", "check"]
    suite: str
    command: str
    seed: int
    platform: str
    under_test: str
    simulated: bool
    actors: tuple[Actor, ...]
    address: str | None
    claims: Claims
    editions: tuple[tuple[str, str], ...]
    asked: tuple[str, ...]
    real_patients: bool
    claims_from: ClaimsFrom = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A case begins: which, of what scenario, played by whom.

    Parameters
    ----------
    token
        The words in the Key Object Description by which its manifests are known again.
    command
        Reruns this case alone.
    not_applicable
        Why the case was not performed, such as an option that is not claimed; None where it was.
    """

    kind: Literal["case"] = "case"
    case: str
    scenario: str
    title: str
    file: str
    line: int
    sut: Actor
    roles: tuple[Role, ...]
    token: str
    command: str
    real_patients: bool
    not_applicable: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRecord:
    """One instance that the case works with.

    Parameters
    ----------
    group
        ``original`` for what there was before anybody exported it; ``exported`` for the files that
        ``tce check`` judges. What comes by the wire is a message, not an object.
    name
        The data of the scenario that it belongs to, such as ``study``.
    label
        Name and number, such as ``study/3``.
    digest
        SHA-256 of its file beside the log.
    file_name, named_like_dicom
        Stem of the name that its file had, and whether the ending is one of DICOM files.
    path
        Of an exported file, where it lay in the folder that was judged, parted by strokes. It may hold a
        patient's name, so that no result tells it where the evidence is of real patients.
    """

    kind: Literal["object"] = "object"
    case: str
    group: Literal["original", "exported"] = "original"
    name: str
    label: str
    digest: str
    sop_class_uid: str
    sop_instance_uid: str
    file_name: str | None = None
    named_like_dicom: bool = False
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanariesRecord:
    """What was planted in the objects of a case."""

    kind: Literal["canaries"] = "canaries"
    case: str
    canaries: tuple[Canary, ...]
    painted: tuple[PaintedText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationContext:
    """One presentation context of an association and what became of it (PS3.8 section 9.3.3.2)."""

    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]
    result: str
    accepted_syntax: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationRecord:
    """An association, requested by us or by the system under test.

    Parameters
    ----------
    role
        The role on whose side it was recorded.
    requestor
        True where our side opened it.
    outcome
        ``accepted``, ``rejected``, ``aborted``, ``released`` or ``failed`` (no connection).
    user_identity
        The user name that the requestor gave (PS3.7 section D.3.3.7), never a passcode; of a ticket or token
        only what it is; None where the requestor named no user.
    detail
        Reason and source of a rejection or abort, or the error of the connection.
    unreached
        Of what kind that error was; None where there was none.
    """

    kind: Literal["association"] = "association"
    case: str | None
    association: str
    role: str
    requestor: bool
    outcome: Literal["accepted", "rejected", "aborted", "released", "failed"]
    calling_ae_title: str
    called_ae_title: str
    address: str
    implementation_class_uid: str | None
    implementation_version_name: str | None
    max_pdu: int | None
    contexts: tuple[PresentationContext, ...]
    user_identity: str | None = None
    detail: str | None = None
    unreached: Unreached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """One C-STORE, its data set and its answer, as recorded on one side.

    Parameters
    ----------
    role
        The role on whose side it was recorded.
    sent
        True where that role was the SCU.
    peer
        The role at the other end; None where it is not known.
    transaction
        ``RAD-50``, ``RAD-51``, ``RAD-52`` or ``RAD-53``.
    affected_sop_instance_uid
        As the command set says it, (0000,1000).
    status
        The DIMSE status; None where no answer came.
    digest
        SHA-256 of the file beside the log; None where no data set came whole.
    attributed_by
        By what a received instance was given to its case: ``token``, ``key``, ``pixels``, ``uid``,
        ``references``, ``sent`` (we sent it ourselves), ``time`` (it cannot be read, so that nothing but
        its coming tells); None where it was given to none.
    """

    kind: Literal["message"] = "message"
    case: str | None
    step: str | None
    association: str
    role: str
    peer: str | None
    sent: bool
    transaction: str
    message_id: int
    affected_sop_class_uid: str
    affected_sop_instance_uid: str
    transfer_syntax_uid: str
    status: int | None
    started: str
    ended: str
    digest: str | None
    size: int
    attributed_by: Literal["token", "key", "pixels", "uid", "references", "sent", "time"] | None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitRecord:
    """A step that waited for something, or for nothing, to arrive.

    Parameters
    ----------
    until
        ``manifest-complete``, ``all``, ``count`` or ``nothing``.
    met
        Whether what was awaited happened; for ``nothing``, whether nothing came.
    ended_by
        ``condition``, ``idle`` (every simulated system had said that it has nothing left to do) or
        ``deadline``.
    missing
        Labels or UIDs of what was awaited and did not come.
    """

    kind: Literal["wait"] = "wait"
    case: str
    step: str
    transaction: str | None
    role: str
    until: str
    within_seconds: float
    elapsed_seconds: float
    met: bool
    ended_by: Literal["condition", "idle", "deadline"]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminationRecord:
    """The raw answer of an outside judge about one instance.

    Parameters
    ----------
    outcome
        ``answered``; or ``unavailable`` or ``failed`` with the reason in ``output``.
    """

    kind: Literal["examination"] = "examination"
    case: str
    examiner: str
    version: str
    digest: str
    outcome: Literal["answered", "unavailable", "failed"]
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRecord:
    """What a person was asked to do or to attest, and the answer.

    Parameters
    ----------
    outcome
        ``done`` or ``refused``; ``late``; or ``no-operator``.
    """

    kind: Literal["operator"] = "operator"
    case: str
    step: str
    requirement: str | None
    instruction: str
    outcome: Literal["done", "refused", "late", "no-operator"]
    who: str | None
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecord:
    """Which rules judge what of a case.

    Parameters
    ----------
    of
        Steps whose received instances and waits are judged; the names of folders in ``tce check``.
    against
        Names of the data that they are held against.
    """

    kind: Literal["check"] = "check"
    case: str
    step: str
    line: int
    rules: tuple[str, ...]
    of: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What a step did, in words; its verdict speaks of the performance, not of the system under test."""

    kind: Literal["step"] = "step"
    case: str
    step: str
    verb: str
    text: str
    verdict: Verdict
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleRecord:
    """The harness itself failed in a case; the case's verdict is *error*."""

    kind: Literal["trouble"] = "trouble"
    case: str
    step: str | None
    message: str


Record = (
    RunRecord
    | CaseRecord
    | ObjectRecord
    | CanariesRecord
    | AssociationRecord
    | MessageRecord
    | WaitRecord
    | ExaminationRecord
    | OperatorRecord
    | CheckRecord
    | StepRecord
    | TroubleRecord
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the evidence log.

    Parameters
    ----------
    id
        ``e0001`` and up.
    previous
        SHA-256 of the line before, so that no line can be changed, dropped or moved unseen.
    """

    id: str
    time: str
    previous: str
    record: Record
