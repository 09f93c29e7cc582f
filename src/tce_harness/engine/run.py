"""A run: its cases one after another, on listeners that are opened once."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tce_harness import __version__
from tce_harness.engine.cast import REFERENCE, Cast
from tce_harness.engine.events import CaseFinished, CaseStarted, Consumer, RunFinished, RunStarted, ignore
from tce_harness.engine.examination import ExaminingRoom
from tce_harness.engine.judging import Judge
from tce_harness.engine.library import Library
from tce_harness.engine.materials import Materials, MaterialsMaker
from tce_harness.engine.operator import NoOperator, Operator
from tce_harness.engine.performance import Performance
from tce_harness.engine.result import case_result, run_result
from tce_harness.engine.stage import Stage
from tce_harness.evidence.log import EvidenceWriter
from tce_harness.model.errors import HarnessError
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
from tce_harness.scenarios import Case, FolderData, SystemUnderTest


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What to run.

    Parameters
    ----------
    folder
        Gets ``evidence``; made where it does not exist, and refused where it holds anything.
    system
        The system under test; None where simulators play every role.
    stand_ins
        Case to the simulator that plays the system under test in place of the reference, as defects do.
    whole
        True where the result has to speak of every testable requirement of the actors under test.
    command
        As the user typed it, for the record.
    """

    cases: Sequence[Case]
    folder: Path
    seed: int
    system: SystemUnderTest | None = None
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    operator: Operator = field(default_factory=NoOperator)
    whole: bool = False
    command: str = "tce run"
    system_file: str | None = None
    drain_seconds: float = 3.0


def prepare_folder(folder: Path) -> None:
    """Make the folder of a run.

    Raises
    ------
    HarnessError
        When it is a file, holds anything, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise HarnessError(f"--out {folder}: {error.strerror}") from None
    if occupied:
        raise HarnessError(f"--out {folder}: the folder is not empty; name a new one")


def perform_run(plan: RunPlan, library: Library, emit: Consumer = ignore) -> RunResult:
    """Perform a run and return its result; the evidence stays in the plan's folder.

    Raises
    ------
    HarnessError
        When the folder is taken, a port cannot be had, or no case is given.
    """
    if not plan.cases:
        raise HarnessError("no case was chosen")
    prepare_folder(plan.folder)
    return _Run(plan, library, emit).perform()


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

    def perform(self) -> RunResult:
        """Perform the cases one after another; each is judged while the next one is performed."""
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
            self._emit(RunStarted(cases=len(plan.cases), seed=plan.seed, folder=plan.folder))
            judged: list[Future[CaseResult]] = []
            try:
                for number, case in enumerate(plan.cases, start=1):
                    self._emit(
                        CaseStarted(case=case.id, title=case.title, number=number, cases=len(plan.cases))
                    )
                    self._perform_case(case, number, cast)
                    judged.append(judges.submit(self._judge_case, case.id))
            finally:
                cast.stop()
            results = [self._with_late_arrivals(each.result()) for each in judged]
        whole = run_result(
            self._evidence.evidence(), results, self._judge, self._library.defects_by_requirement
        )
        self._evidence.close()
        self._emit(RunFinished(result=whole))
        return whole

    def _judge_case(self, case: str) -> CaseResult:
        """Ask the outside judges and then the rules; what fails here is a fault of ours."""
        try:
            self._rooms.examine(case)
        except Exception as error:
            message = f"the examination failed: {type(error).__name__}: {error}"
            self._evidence.append(TroubleRecord(case=case, step=None, message=message))
        evidence = self._evidence.evidence()
        self._judged_until[case] = len(evidence.entries)
        result = case_result(evidence, case, self._judge)
        self._emit(CaseFinished(result=result))
        return result

    def _with_late_arrivals(self, result: CaseResult) -> CaseResult:
        """Judge a case again where something of it came after it had been judged."""
        later = self._evidence.evidence().entries[self._judged_until[result.id] :]
        if any(isinstance(each.record, MessageRecord) and each.record.case == result.id for each in later):
            return self._judge_case(result.id)
        return result

    def _perform_case(self, case: Case, number: int, cast: Cast) -> None:
        roles = cast.roles(case)
        materials: Materials | None = None
        try:
            materials = self._maker.make(case, number)
        finally:
            self._record_case(case, roles, materials)
        if self._not_applicable(case) is not None:
            return
        self._stage.begin(case)
        self._record_materials(case, materials)
        try:
            players = cast.play(roles)
            Performance(
                case,
                stage=self._stage,
                cast=cast,
                roles=roles,
                players=players,
                materials=materials,
                operator=self._plan.operator,
                drain_seconds=self._plan.drain_seconds,
                for_operator=self._plan.folder / "for-the-operator",
            ).perform()
        except HarnessError:
            raise
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            self._evidence.append(TroubleRecord(case=case.id, step=None, message=message))

    def _record_case(self, case: Case, roles: Sequence[Role], materials: Materials | None) -> None:
        self._evidence.append(
            CaseRecord(
                case=case.id,
                scenario=case.scenario,
                title=case.title,
                file=case.file,
                line=case.line,
                sut=case.sut,
                roles=tuple(roles),
                token=materials.token if materials is not None else "",
                command=_rerun(case, self._plan),
                real_patients=materials is not None and materials.real_patients,
                not_applicable=self._not_applicable(case),
            )
        )

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
        self._evidence.append(CanariesRecord(case=case.id, canaries=materials.canaries))
        self._stage.attributor.register(
            case.id, materials.token, [(each.label, each.dataset) for each in materials.objects]
        )

    def _not_applicable(self, case: Case) -> str | None:
        system = self._plan.system
        if system is None:
            return None
        if case.sut not in system.actors:
            return f"the system under test is no {case.sut}"
        if case.option is not None and case.option not in system.claims.options:
            return f"the option {case.option} is not claimed"
        return None


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
        real_patients=any(isinstance(data, FolderData) for case in plan.cases for data in case.data),
    )


def _simulators(names: Sequence[str]) -> str:
    strangers = [name for name in names if name not in REFERENCE.values()]
    return f"Simulator {', '.join(strangers)}" if strangers else "The reference simulators"


def _address(system: SystemUnderTest) -> str:
    return f"{system.ae_title} @ {system.host}:{system.port}" if system.host else system.ae_title


def _rerun(case: Case, plan: RunPlan) -> str:
    system = f" --system {plan.system_file}" if plan.system_file is not None else ""
    stand_in = f" --stand-in {plan.stand_ins[case.id]}" if case.id in plan.stand_ins else ""
    return f"tce run {case.id}{system}{stand_in} --seed {plan.seed}"
