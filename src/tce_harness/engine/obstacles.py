"""What kept cases from being judged at all: a system under test that could not be reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from tce_harness.model.record import AssociationRecord, CaseRecord, Entry, RunRecord
from tce_harness.model.result import CaseResult, Obstacle
from tce_harness.model.unreached import Unreached

_SAYS: Final[dict[Unreached, str]] = {
    "unknown-host": "cannot be found",
    "refused": "refuses connections",
    "timeout": "does not take the connection",
    "unreachable": "cannot be reached",
    "no-answer": "does not answer as a DICOM application entity",
}
_KEYS: Final[dict[Unreached, tuple[str, ...]]] = {
    "unknown-host": ("host",),
    "no-answer": ("port", "ae_title"),
}
_ADDRESS: Final = ("host", "port")
_REMEDIES: Final[dict[Unreached, str]] = {
    "unknown-host": "Correct {keys} in the system file.",
    "no-answer": "Check {keys} in the system file, and that nothing but the system listens there.",
}
_REMEDY: Final = (
    "Check {keys} in the system file, that the system is running, and that no firewall stands between."
)


def obstacle_of(run: RunRecord, entries: Iterable[Entry]) -> Obstacle | None:
    """Return what kept a case from being judged; None where the system under test could be reached.

    Parameters
    ----------
    entries
        Those of one case.
    """
    entries = tuple(entries)
    case = next((each.record for each in entries if isinstance(each.record, CaseRecord)), None)
    tried = [
        (each.id, each.record)
        for each in entries
        if isinstance(each.record, AssociationRecord) and _with_system(each.record, run)
    ]
    if run.simulated or case is None or not tried or any(each.outcome != "failed" for _, each in tried):
        return None
    id, record = tried[0]
    kind: Unreached = record.unreached or "unreachable"
    keys = _KEYS.get(kind, _ADDRESS)
    why = record.detail or "for no known reason"
    return Obstacle(
        title=f"{record.called_ae_title} at {record.address} {_SAYS[kind]}: {why}",
        remedy=_REMEDIES.get(kind, _REMEDY).format(keys=" and ".join(f"'{key}'" for key in keys)),
        ae_title=record.called_ae_title,
        address=record.address,
        keys=keys,
        cases=(case.case,),
        evidence=(id,),
        command=case.command,
    )


def _with_system(record: AssociationRecord, run: RunRecord) -> bool:
    """Tell whether the system under test is at the other end of an association, called or calling."""
    called = f"{record.called_ae_title} @ {record.address}" == run.address
    calling = (run.address or "").startswith(f"{record.calling_ae_title} @ ")
    return called if record.requestor else calling


def obstacles(cases: Sequence[CaseResult]) -> tuple[Obstacle, ...]:
    """Return the obstacles of a run, each once with all cases that it kept from being judged."""
    groups: dict[str, list[Obstacle]] = defaultdict(list)
    for case in cases:
        if case.obstacle is not None:
            groups[case.obstacle.title].append(case.obstacle)
    return tuple(_together(each) for each in groups.values())


def _together(same: Sequence[Obstacle]) -> Obstacle:
    first = same[0]
    return Obstacle(
        title=first.title,
        remedy=first.remedy,
        ae_title=first.ae_title,
        address=first.address,
        keys=first.keys,
        cases=tuple(case for each in same for case in each.cases),
        evidence=tuple(id for each in same for id in each.evidence),
        command=first.command,
    )
