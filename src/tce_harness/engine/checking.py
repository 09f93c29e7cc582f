"""Files judged without a network: a folder that some tool exported, with or without the originals."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydicom.dataset import Dataset

from tce_harness import __version__
from tce_harness.engine.examination import ExaminingRoom
from tce_harness.engine.file_names import files_record
from tce_harness.engine.judging import Judge
from tce_harness.engine.library import Library
from tce_harness.engine.materials import not_taken
from tce_harness.engine.result import result_of
from tce_harness.engine.run import prepare_folder
from tce_harness.evidence.log import EvidenceWriter
from tce_harness.fixtures import canaries_of_all, read_study_folder
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
    originals = read_study_folder(plan.originals, ORIGINALS) if plan.originals is not None else None
    if originals is not None and not originals.instances:
        raise HarnessError(f"--originals {plan.originals}: no file there is a DICOM instance")
    prepare_folder(plan.folder, real_patients=not plan.synthetic)
    evidence = EvidenceWriter(plan.folder / "evidence")
    evidence.append(_run_record(plan, library))
    evidence.append(_case_record(plan))
    if originals is not None and originals.refused:
        evidence.append(not_taken(CASE, ORIGINALS, [each.reason for each in originals.refused]))
    given = originals.instances if originals is not None else ()
    for each in given:
        evidence.append(
            _object(evidence, "original", each.label, each.file, content=each.content, dataset=each.dataset)
        )
    labelled = [(each.dataset, each.label) for each in given]
    canaries = canaries_of_all(labelled, plan.claims.edition).canaries
    manifests = False
    for number, path in enumerate(files, start=1):
        content = path.read_bytes()
        dataset = _readable(content)
        evidence.append(
            _object(evidence, "exported", f"{EXPORTED}/{number}", path, content=content, dataset=dataset)
        )
        manifests |= dataset is not None and is_export_manifest(dataset)
    evidence.append(files_record(CASE, EXPORTED, plan.exported, files))
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


def _rules(library: Library, manifests: bool) -> tuple[str, ...]:
    wanted = (*_OF_FILES, *_OF_MANIFESTS) if manifests else _OF_FILES
    return tuple(name for name in library.rules if name.startswith(wanted) and name != _OF_PLANTED)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise HarnessError(f"{folder}: there is no such folder; name the one that holds the exported files")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise HarnessError(f"{folder}: it holds no file")
    return files


def _readable(content: bytes) -> Dataset | None:
    try:
        return read_instance(content)
    except InstanceError:
        return None


def _object(
    evidence: EvidenceWriter,
    group: Literal["original", "exported"],
    label: str,
    path: Path,
    *,
    content: bytes,
    dataset: Dataset | None,
) -> ObjectRecord:
    """Return the record of a file, without UIDs where it is no instance."""
    kept = evidence.keep(content) if dataset is None else evidence.keep_decoded(content, dataset)
    named = Dataset() if dataset is None else dataset
    return ObjectRecord(
        case=CASE,
        group=group,
        name=label.split("/", maxsplit=1)[0],
        label=label,
        digest=kept,
        sop_class_uid=str(named.get("SOPClassUID") or ""),
        sop_instance_uid=str(named.get("SOPInstanceUID") or ""),
        file_name=path.stem,
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
