"""A run: its cases one after another, on listeners that are opened once."""

from __future__ import annotations

import platform
import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tce_harness import __version__
from tce_harness.engine.cast import REFERENCE, Cast
from tce_harness.engine.ends import all_hidden
from tce_harness.engine.events import CaseFinished, CaseStarted, Consumer, RunFinished, RunStarted, ignore
from tce_harness.engine.examination import ExaminingRoom
from tce_harness.engine.judging import Judge
from tce_harness.engine.library import Library
from tce_harness.engine.materials import Materials, MaterialsMaker, not_taken, token_of
from tce_harness.engine.operator import NoOperator, Operator
from tce_harness.engine.performance import Performance, check_record
from tce_harness.engine.result import case_result, run_result
from tce_harness.engine.stage import Stage
from tce_harness.evidence.log import EvidenceWriter, make_private
from tce_harness.model.errors import HarnessError, describe_fault
from tce_harness.model.record import (
    CanariesRecord,
    CaseRecord,
    MessageRecord,
    ObjectRecord,
    Role,
    RunRecord,
    TroubleRecord,
)
from tce_harness.model.requirement import Testable
from tce_harness.model.result import CaseResult, RunResult
from tce_harness.scenarios import Case, CheckStep, FolderData, SystemUnderTest


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What to run.

    Parameters
    ----------
    folder
        Gets ``evidence``; made where it does not exist, and refused where it holds anything. With real
        patients its owner alone can look into it.
    system
        The system under test; None where simulators play every role.
    stand_ins
        Case to the simulator that plays the system under test in place of the reference, as defects do.
    whole
        True where the result has to speak of every testable requirement of the actors under test.
    command
        As the user typed it, for the record.
    rerun_options
        What ``tce run CASE`` needs besides the seed to run a case of this run alone.
    drain_seconds
        How long nothing may have come before a case with a real system under test is over.
    """

    cases: Sequence[Case]
    folder: Path
    seed: int
    system: SystemUnderTest | None = None
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    operator: Operator = field(default_factory=NoOperator)
    whole: bool = False
    command: str = "tce run"
    rerun_options: Sequence[str] = ()
    drain_seconds: float = 3.0

    @property
    def real_patients(self) -> bool:
        """Whether any case works with the user's own files."""
        return any(isinstance(data, FolderData) for case in self.cases for data in case.data)


def prepare_folder(folder: Path, *, real_patients: bool) -> None:
    """Make the folder of a run, for its owner alone where it gets evidence of real patients.

    Raises
    ------
    HarnessError
        When it is a file, holds anything, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise HarnessError(f"--out {folder}: the folder is not empty; name a new one")
        if real_patients:
            make_private(folder)
    except OSError as error:
        raise HarnessError(f"--out {folder}: {error.strerror}") from None


def perform_run(plan: RunPlan, library: Library, emit: Consumer = ignore) -> RunResult:
    """Perform a run and return its result; the evidence stays in the plan's folder.

    Raises
    ------
    HarnessError
        When the folder is taken, no case is given, a folder of the user's files does not exist, or the first
        case finds no port to listen on. What a later case lacks is its own trouble, and the others go on.
    """
    if not plan.cases:
        raise HarnessError("no case was chosen")
    for folder in (data.folder for case in plan.cases for data in case.data if isinstance(data, FolderData)):
        if not folder.is_dir():
            raise HarnessError(f"{folder}: there is no such folder; 'from' names one with DICOM files")
    prepare_folder(plan.folder, real_patients=plan.real_patients)
    try:
        return _Run(plan, library, emit).perform()
    except HarnessError:  # no port to listen on: nothing was done, and the folder can be named again
        shutil.rmtree(plan.folder / "evidence")
        raise


class _Run:
    def __init__(self, plan: RunPlan, library: Library, emit: Consumer) -> None:
        self._plan = plan
        self._library = library
        self._emit = emit
        self._judge = Judge(library.rules, library.catalogue)
        self._evidence = EvidenceWriter(plan.folder / "evidence")
        self._stage = Stage(self._evidence, emit)
        self._rooms = ExaminingRoom(self._evidence, library.rules, library.examiners)
        self._maker = MaterialsMaker(library.content, plan.seed)
        self._judged_until: dict[str, int] = {}
        self._numbers = _numbers(plan, library)

    def perform(self) -> RunResult:
        """Perform the cases one after another; each is judged while the next one is performed."""
        try:
            return self._perform()
        finally:
            self._evidence.close()

    def _perform(self) -> RunResult:
        plan = self._plan
        self._evidence.append(_run_record(plan, self._library))
        with (
            tempfile.TemporaryDirectory(prefix="tce-") as work,
            ThreadPoolExecutor(1, thread_name_prefix="judge") as judges,
        ):
            cast = Cast(
                self._stage,
                self._library.content,
                self._library.simulators,
                system=plan.system,
                stand_ins=plan.stand_ins,
                folder=Path(work),
                seed=plan.seed,
            )
            judged: list[Future[CaseResult]] = []
            try:
                self._open_listeners(cast)
                self._emit(RunStarted(cases=len(plan.cases), seed=plan.seed, folder=plan.folder))
                for number, case in enumerate(plan.cases, start=1):
                    self._emit(
                        CaseStarted(case=case.id, title=case.title, number=number, cases=len(plan.cases))
                    )
                    self._perform_case(case, cast)
                    judged.append(judges.submit(self._judge_case, case.id))
            finally:
                cast.stop()
            results = [self._with_late_arrivals(each.result()) for each in judged]
        whole = run_result(
            self._evidence.evidence(), results, self._judge, self._library.defects_by_requirement
        )
        self._emit(RunFinished(result=whole))
        return whole

    def _open_listeners(self, cast: Cast) -> None:
        """Open what a real system sends to, so that a port that is taken is told before anything is done."""
        for case in self._plan.cases if self._plan.system is not None else ():
            roles = cast.roles(case)
            if self._not_applicable(case, roles) is None:
                cast.play(roles)
                return

    def _judge_case(self, case: str) -> CaseResult:
        """Ask the outside judges and then the rules; what fails here is a fault of ours."""
        self._judged_until[case] = len(self._evidence.evidence().entries)
        try:
            self._rooms.examine(case)
        except Exception as error:
            fault = describe_fault(error, quote=not self._plan.real_patients)
            message = f"the examination failed: {fault}"
            self._evidence.append(TroubleRecord(case=case, step=None, message=message))
        result = case_result(self._evidence.evidence(), case, self._judge)
        self._emit(CaseFinished(result=result))
        return result

    def _with_late_arrivals(self, result: CaseResult) -> CaseResult:
        """Judge a case again where something of it came after it had been judged."""
        later = self._evidence.evidence().entries[self._judged_until[result.id] :]
        if any(isinstance(each.record, MessageRecord) and each.record.case == result.id for each in later):
            return self._judge_case(result.id)
        return result

    def _perform_case(self, case: Case, cast: Cast) -> None:
        roles = cast.roles(case)
        not_applicable = self._not_applicable(case, roles)
        self._record_case(case, roles, not_applicable)
        if not_applicable is not None:
            if self._plan.system is not None and case.sut in self._plan.system.actors:
                self._record_checks(case)
            return
        self._stage.begin(case)
        try:
            materials = self._maker.make(case, self._numbers[case.id])
            self._record_materials(case, materials)
            Performance(
                case,
                stage=self._stage,
                cast=cast,
                roles=roles,
                players=cast.play(roles),
                materials=materials,
                operator=self._plan.operator,
                drain_seconds=self._plan.drain_seconds,
                for_operator=self._plan.folder / "for-the-operator",
            ).perform()
        except Exception as error:
            self._stage.trouble(describe_fault(error, quote=not self._stage.real_patients))

    def _record_case(self, case: Case, roles: Sequence[Role], not_applicable: str | None) -> None:
        self._evidence.append(
            CaseRecord(
                case=case.id,
                scenario=case.scenario,
                title=case.title,
                file=case.file,
                line=case.line,
                sut=case.sut,
                roles=tuple(roles),
                token=token_of(self._plan.seed, self._numbers[case.id]),
                command=_rerun(case, self._plan),
                real_patients=any(isinstance(data, FolderData) for data in case.data),
                not_applicable=not_applicable,
            )
        )

    def _record_checks(self, case: Case) -> None:
        """Record what a case that does not apply would have checked, so that its requirements say so."""
        for step in case.steps:
            if isinstance(step, CheckStep):
                self._evidence.append(check_record(case, step))

    def _record_materials(self, case: Case, materials: Materials) -> None:
        for each in materials.objects:
            self._evidence.append(
                ObjectRecord(
                    case=case.id,
                    name=each.name,
                    label=each.label,
                    digest=self._evidence.keep_decoded(each.content, each.dataset),
                    sop_class_uid=str(each.dataset.SOPClassUID),
                    sop_instance_uid=str(each.dataset.SOPInstanceUID),
                )
            )
        self._evidence.append(
            CanariesRecord(case=case.id, canaries=materials.canaries, painted=materials.painted)
        )
        for name, reasons in materials.refused:
            self._evidence.append(not_taken(case.id, name, reasons))
        self._stage.attributor.register(
            case.id, materials.token, [(each.label, each.dataset) for each in materials.objects]
        )

    def _not_applicable(self, case: Case, roles: Sequence[Role]) -> str | None:
        system = self._plan.system
        if system is None:
            return None
        if case.sut not in system.actors:
            return f"the system under test is no {case.sut}"
        if case.option is not None and case.option not in system.claims.options:
            return f"the option {case.option} is not claimed"
        return all_hidden(case, roles)


def _numbers(plan: RunPlan, library: Library) -> dict[str, int]:
    """Return a number for each case, the same whatever else is run: alone, it has the same bytes."""
    known = [case.id for scenario in library.scenarios for case in scenario.cases()]
    names = dict.fromkeys((*known, *(case.id for case in plan.cases)))
    return {name: number for number, name in enumerate(names, start=1)}


def _run_record(plan: RunPlan, library: Library) -> RunRecord:
    system = plan.system
    actors = system.actors if system is not None else tuple(dict.fromkeys(case.sut for case in plan.cases))
    names = list(dict.fromkeys(plan.stand_ins.get(case.id, REFERENCE[case.sut]) for case in plan.cases))
    asked = [
        requirement.id
        for requirement in library.catalogue
        if plan.whole and requirement.testable is not Testable.NO and set(requirement.actors) & set(actors)
    ]
    return RunRecord(
        what="run",
        suite=__version__,
        command=plan.command,
        seed=plan.seed,
        platform=f"Python {platform.python_version()}, {platform.system()}",
        under_test=f"{system.name} {system.version}" if system is not None else _simulators(names),
        simulated=system is None,
        actors=actors,
        address=_address(system) if system is not None else None,
        claims=system.claims if system is not None else library.claims_of(names),
        editions=library.editions,
        asked=tuple(asked),
        real_patients=plan.real_patients,
    )


def _simulators(names: Sequence[str]) -> str:
    strangers = [name for name in names if name not in REFERENCE.values()]
    return f"Simulator {', '.join(strangers)}" if strangers else "The reference simulators"


def _address(system: SystemUnderTest) -> str:
    return f"{system.ae_title} @ {system.host}:{system.port}" if system.host else system.ae_title


def _rerun(case: Case, plan: RunPlan) -> str:
    return shlex.join(["tce", "run", case.id, *plan.rerun_options, "--seed", str(plan.seed)])
