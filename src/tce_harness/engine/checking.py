"""Files judged without a network: a folder that some tool exported, with or without the originals."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydicom.dataset import Dataset

from tce_harness import __version__
from tce_harness.engine.examination import ExaminingRoom
from tce_harness.engine.judging import Judge
from tce_harness.engine.library import Library
from tce_harness.engine.materials import not_taken
from tce_harness.engine.result import result_of
from tce_harness.engine.run import prepare_folder
from tce_harness.evidence.log import EvidenceWriter
from tce_harness.evidence.unread import Unread
from tce_harness.fixtures import RefusedFile, canaries_of_all, each_instance, files_below, study_files
from tce_harness.model.claims import Claims, ClaimsFrom
from tce_harness.model.errors import HarnessError, InstanceError
from tce_harness.model.record import (
    CanariesRecord,
    CaseRecord,
    CheckRecord,
    ObjectRecord,
    Role,
    RunRecord,
)
from tce_harness.model.requirement import Actor
from tce_harness.model.result import RunResult
from tce_harness.objects.instance import read_instance
from tce_harness.objects.manifest import is_export_manifest

CASE = "CHECK"
EXPORTED, ORIGINALS = "exported", "originals"

# What files can show: everything but arrival, waits, associations and the operator's own words.
# What must stay is known only where it was planted.
_OF_FILES = ("deid/", "uid/", "object/")
_OF_MANIFESTS = ("manifest/exported-", "manifest/references-match-export")
_OF_PLANTED = "deid/nothing-over-cleaned"
_DICOM_ENDINGS = frozenset({".dcm", ".dicom", ".dic", ".ima"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPlan:
    """What to judge.

    Parameters
    ----------
    exported
        Folder with what a tool wrote, at any depth.
    originals
        Folder with what it was given; None where that is not at hand.
    folder
        Gets the evidence.
    under_test
        Name of the tool or system, for the report.
    synthetic
        Whether the user says that no file is of a real patient, so that values may be shown.
    claims_from
        Who made the claims.
    """

    exported: Path
    originals: Path | None
    claims: Claims
    folder: Path
    under_test: str
    command: str
    synthetic: bool = False
    claims_from: ClaimsFrom = "file"


def check_files(plan: CheckPlan, library: Library) -> RunResult:
    """Judge a folder and return the result; the evidence stays in the plan's folder.

    Raises
    ------
    HarnessError
        When a folder is missing or holds nothing to judge.
    """
    files = _files(plan.exported)
    given = _given(plan.originals) if plan.originals is not None else []
    prepare_folder(plan.folder, real_patients=not plan.synthetic)
    evidence = EvidenceWriter(plan.folder / "evidence")
    evidence.append(_run_record(plan, library))
    evidence.append(_case_record(plan))
    kept = _Kept(evidence, (*(path for path in given if path.is_file()), *files))
    labelled = _originals(kept, plan.originals, given) if plan.originals is not None else ()
    canaries = canaries_of_all(labelled, plan.claims.edition).canaries
    manifests = any(
        [_exported(kept, plan.exported, path, number) for number, path in enumerate(files, start=1)]
    )
    evidence.discard(kept.refused)
    evidence.append(CanariesRecord(case=CASE, canaries=canaries))
    evidence.append(
        CheckRecord(
            case=CASE,
            step="judged",
            line=1,
            rules=_rules(library, manifests),
            of=(EXPORTED,),
            against=(ORIGINALS,),
        )
    )
    ExaminingRoom(evidence, library.rules, library.examiners).examine(CASE)
    result = result_of(
        evidence.evidence(), Judge(library.rules, library.catalogue), library.defects_by_requirement
    )
    evidence.close()
    return result


class _Kept:
    """The files of a check, stored as evidence before anything looks at them, and read from there.

    Parameters
    ----------
    paths
        In the order in which they are asked for.
    """

    def __init__(self, evidence: EvidenceWriter, paths: Sequence[Path]) -> None:
        self.evidence = evidence
        self.refused: set[str] = set()
        self._kept = evidence.keep_files(paths)

    def next(self) -> tuple[str, Dataset | Unread]:
        """Return the digest of the next file, and its data set or why it has none.

        Raises
        ------
        InstanceError
            When the file cannot be read.
        """
        kept = next(self._kept)
        if kept.digest is None:
            raise InstanceError(f"it cannot be read: {kept.fault}")
        return kept.digest, self.evidence.decoded(kept.digest)


def _given(folder: Path) -> list[Path]:
    """Return the files of the originals; raises `HarnessError` where none is an instance."""
    given = study_files(folder)
    if not any(_is_instance(path) for path in given):
        raise HarnessError(f"--originals {folder}: no file there is a DICOM instance")
    return given


def _is_instance(path: Path) -> bool:
    try:
        read_instance(path)
    except InstanceError:
        return False
    return True


def _originals(kept: _Kept, folder: Path, paths: Sequence[Path]) -> Iterator[tuple[Dataset, str]]:
    """Record the originals, and yield the data set and label of each."""
    digests: dict[Path, str] = {}

    def read(path: Path) -> tuple[str, Dataset]:
        digest, dataset = kept.next()
        digests[path] = digest
        if isinstance(dataset, Unread):
            raise InstanceError(dataset.text)
        return digest, dataset

    reasons: list[str] = []
    for each in each_instance(folder, paths, ORIGINALS, read):
        path = folder / each.file
        if isinstance(each, RefusedFile):
            reasons.append(each.reason)
            kept.refused |= {digests[path]} if path in digests else set()
        else:
            kept.evidence.append(_object("original", each.label, path, digests[path], each.dataset))
            yield each.dataset, each.label
    if reasons:
        kept.evidence.append(not_taken(CASE, ORIGINALS, reasons))


def _exported(kept: _Kept, folder: Path, path: Path, number: int) -> bool:
    """Record an exported file, readable or not, and return whether it is a manifest."""
    try:
        digest, dataset = kept.next()
    except InstanceError as error:
        raise HarnessError(f"{path}: {error}") from None
    read = None if isinstance(dataset, Unread) else dataset
    record = _object("exported", f"{EXPORTED}/{number}", path, digest, read)
    kept.evidence.append(replace(record, path=path.relative_to(folder).as_posix()))
    return read is not None and is_export_manifest(read)


def _rules(library: Library, manifests: bool) -> tuple[str, ...]:
    wanted = (*_OF_FILES, *_OF_MANIFESTS) if manifests else _OF_FILES
    return tuple(name for name in library.rules if name.startswith(wanted) and name != _OF_PLANTED)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise HarnessError(f"{folder}: there is no such folder; name the one that holds the exported files")
    files = [path for path in files_below(folder) if path.is_file()]
    if not files:
        raise HarnessError(f"{folder}: it holds no file")
    return files


def _object(
    group: Literal["original", "exported"], label: str, path: Path, digest: str, dataset: Dataset | None
) -> ObjectRecord:
    """Return the record of a file, without UIDs where it is no instance."""
    named = Dataset() if dataset is None else dataset
    return ObjectRecord(
        case=CASE,
        group=group,
        name=label.split("/", maxsplit=1)[0],
        label=label,
        digest=digest,
        sop_class_uid=str(named.get("SOPClassUID") or ""),
        sop_instance_uid=str(named.get("SOPInstanceUID") or ""),
        file_name=path.stem,
        named_like_dicom=path.suffix.lower() in _DICOM_ENDINGS,
    )


def _run_record(plan: CheckPlan, library: Library) -> RunRecord:
    return RunRecord(
        what="check",
        suite=__version__,
        command=plan.command,
        seed=0,
        platform=f"Python {platform.python_version()}, {platform.system()}",
        under_test=plan.under_test,
        simulated=False,
        actors=(Actor.EXPORT_MANAGER,),
        address=None,
        claims=plan.claims,
        editions=library.editions,
        asked=(),
        real_patients=not plan.synthetic,
        claims_from=plan.claims_from,
    )


def _case_record(plan: CheckPlan) -> CaseRecord:
    role = Role(name="manager", actor=Actor.EXPORT_MANAGER, simulator=None, under_test=True)
    return CaseRecord(
        case=CASE,
        scenario=CASE,
        title="Files judged against the originals" if plan.originals is not None else "Files judged alone",
        file="",
        line=1,
        sut=Actor.EXPORT_MANAGER,
        roles=(role,),
        token="",
        command=plan.command,
        real_patients=not plan.synthetic,
    )
