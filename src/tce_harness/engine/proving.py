"""The first law of the house: each check is seen to fail on a planted defect, and on nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tce_harness.engine.cast import REFERENCE
from tce_harness.engine.checking import CASE, CheckPlan, check_files
from tce_harness.engine.events import Consumer, ignore
from tce_harness.engine.exported_files import export_files
from tce_harness.engine.library import Library
from tce_harness.engine.run import RunPlan, perform_run, prepare_folder
from tce_harness.model.errors import HarnessError
from tce_harness.model.finding import Severity
from tce_harness.model.requirement import Requirement, Testable
from tce_harness.model.result import CaseResult
from tce_harness.model.verdict import Verdict, worst
from tce_harness.simulators import Simulator

FILES = f"{CASE}/"
"""``proven_in: [CHECK/EM-060]``: what that case works with is exported as files, and the files are judged."""

_UNDECIDED = {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.NOT_RUN}
_TROUBLE = "(the harness)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectProof:
    """What one defect did in the cases that are to show it.

    Parameters
    ----------
    turned
        Leaf requirements whose verdict is not the reference's, and their verdict.
    uncaught
        Requirements that it should have turned to some verdict, and what they said.
    unexpected
        Requirements that its file does not say it turns.
    unexamined
        Requirements that it should turn and whose outside judge is not at hand, with the reason.
    """

    defect: str
    title: str
    cases: tuple[str, ...]
    turned: tuple[tuple[str, Verdict], ...]
    uncaught: tuple[tuple[str, Verdict, Verdict], ...]
    unexpected: tuple[tuple[str, Verdict], ...]
    unexamined: tuple[tuple[str, str], ...] = ()

    @property
    def proven(self) -> bool:
        """Whether it turns exactly what its file says, as far as there is somebody to judge it."""
        return not self.uncaught and not self.unexpected


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The matrix of defects and requirements.

    Parameters
    ----------
    reference
        Case, requirement and verdict where the reference simulators were not passed.
    unproven
        Testable requirements that no defect brings to the worst verdict that they allow.
    unexamined
        Those of them that a defect is there for, but no outside judge, with the reason.
    """

    defects: tuple[DefectProof, ...]
    reference: tuple[tuple[str, str, Verdict], ...]
    unproven: tuple[str, ...]
    unexamined: tuple[tuple[str, str], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every defect is caught, none turns too much, and no requirement is unproven."""
        return all(each.proven for each in self.defects) and not self.unproven and not self.reference


@dataclass(frozen=True, slots=True)
class _Shown:
    """One case twice: by the simulator without the mistake, and by the defect."""

    reference: CaseResult
    planted: CaseResult


def prove(
    library: Library,
    names: Sequence[str],
    *,
    folder: Path,
    seed: int,
    full: bool = False,
    emit: Consumer = ignore,
) -> Proof:
    """Run defects in the cases that are to show them, beside the reference in the same cases.

    Parameters
    ----------
    names
        Defects; none means all.
    folder
        Gets a run for the defects of each reference simulator, and a check for each that only files show.
    full
        Every defect in every case of its actor, not only in its own.

    Raises
    ------
    HarnessError
        When a name or a case is unknown.
    """
    prepare_folder(folder)
    defects = _chosen(library, names)
    proving = _Proving(library, folder, seed, emit)
    shown: dict[str, list[_Shown]] = {}
    for base in dict.fromkeys(map(_base, defects)):
        group = [defect for defect in defects if _base(defect) == base]
        shown |= proving.perform(base, {each.name: _cases_of(each, library, full) for each in group})
    proofs = [_proof(defect, shown[defect.name]) for defect in defects]
    unproven, unexamined = ((), ()) if names else _unproven(library, proofs)
    return Proof(
        defects=tuple(proofs),
        reference=tuple(_not_passed(each.reference for group in shown.values() for each in group)),
        unproven=unproven,
        unexamined=unexamined,
    )


class _Proving:
    """Performs the cases of a proof."""

    def __init__(self, library: Library, folder: Path, seed: int, emit: Consumer) -> None:
        self._library = library
        self._folder = folder
        self._seed = seed
        self._emit = emit
        self._cases = {case.id: case for scenario in library.scenarios for case in scenario.cases()}

    def perform(self, base: str | None, wanted: Mapping[str, Sequence[str]]) -> dict[str, list[_Shown]]:
        """Return what defects of one base did, by name, in the order of their cases.

        Parameters
        ----------
        base
            The simulator that plays without the mistake; None for the reference of each actor.
        wanted
            Defect to its cases.
        """
        pairs = [(defect, case) for defect, cases in wanted.items() for case in cases]
        reference, planted = self._run(base, [pair for pair in pairs if not pair[1].startswith(FILES)])
        for defect, case in pairs:
            if case.startswith(FILES):
                plain = base or REFERENCE[self._library.simulators[defect].actor]
                reference[case] = reference.get(case) or self._check(plain, plain, case)
                planted[defect, case] = self._check(defect, plain, case)
        return {
            defect: [_Shown(reference[case], planted[defect, case]) for case in cases]
            for defect, cases in wanted.items()
        }

    def _run(
        self, base: str | None, pairs: Sequence[tuple[str, str]]
    ) -> tuple[dict[str, CaseResult], dict[tuple[str, str], CaseResult]]:
        """Perform cases over the wire, in one run: first the reference's, then the defects'."""
        if not pairs:
            return {}, {}
        reference = list(dict.fromkeys(case for _, case in pairs))
        stand_ins = {f"{case}@{defect}": defect for defect, case in pairs}
        if base is not None:
            stand_ins |= dict.fromkeys(reference, base)
        plan = RunPlan(
            cases=[
                *(self._cases[case] for case in reference),
                *(replace(self._cases[case], id=f"{case}@{defect}") for defect, case in pairs),
            ],
            folder=self._folder / (base or "reference"),
            seed=self._seed,
            stand_ins=stand_ins,
            command="tce prove",
        )
        results = {case.id: case for case in perform_run(plan, self._library, self._emit).cases}
        return (
            {case: results[case] for case in reference},
            {(defect, case): results[f"{case}@{defect}"] for defect, case in pairs},
        )

    def _check(self, simulator: str, base: str, case: str) -> CaseResult:
        """Judge as files what a simulator makes of what a case works with, under the claims of its base."""
        folder = self._folder / "files" / simulator
        files = export_files(
            self._library.simulators[simulator],
            self._cases[case.removeprefix(FILES)],
            self._library.content,
            folder,
            self._seed,
        )
        plan = CheckPlan(
            exported=files.exported,
            originals=files.originals,
            claims=self._library.claims_of((base,)),
            folder=folder / "check",
            under_test=simulator,
            command="tce prove",
        )
        (result,) = check_files(plan, self._library).cases
        return replace(result, id=case)


def _base(defect: Simulator) -> str | None:
    """Return the simulator that a defect is held against; None where it is the reference of its actor."""
    return None if defect.base in {None, *REFERENCE.values()} else defect.base


def _chosen(library: Library, names: Sequence[str]) -> tuple[Simulator, ...]:
    known = {defect.name: defect for defect in library.defects}
    for name in names:
        if name not in known:
            raise HarnessError(f"{name!r} is no defect; 'tce list defects' names them")
    return tuple(known[name] for name in names) if names else library.defects


def _cases_of(defect: Simulator, library: Library, full: bool) -> tuple[str, ...]:
    cases = {case.id: case for scenario in library.scenarios for case in scenario.cases()}
    for case in defect.proven_in:
        if case.removeprefix(FILES) not in cases:
            raise HarnessError(f"{defect.file}: proven_in names {case}, which is no case")
    if not full:
        return defect.proven_in
    files = (case for case in defect.proven_in if case.startswith(FILES))
    return (*(case.id for case in cases.values() if case.sut is defect.actor), *files)


def _proof(defect: Simulator, shown: Sequence[_Shown]) -> DefectProof:
    turned: dict[str, Verdict] = {}
    said: dict[str, list[Verdict]] = {}
    for each in shown:
        before = _by_requirement(each.reference)
        for requirement, verdict in _by_requirement(each.planted).items():
            said.setdefault(requirement, []).append(verdict)
            if verdict is not before.get(requirement):
                turned[requirement] = worst([verdict, turned.get(requirement, verdict)])
        if each.planted.trouble:
            turned[_TROUBLE] = Verdict.ERROR
    expected = dict(defect.turns)
    unexamined = _without_judge(expected, shown)
    return DefectProof(
        defect=defect.name,
        title=defect.title,
        cases=tuple(each.reference.id for each in shown),
        turned=tuple(sorted(turned.items())),
        uncaught=tuple(
            (requirement, verdict, worst(said.get(requirement, [])))
            for requirement, verdict in expected.items()
            if turned.get(requirement) is not verdict and requirement not in unexamined
        ),
        unexpected=tuple(
            (requirement, verdict)
            for requirement, verdict in sorted(turned.items())
            if requirement not in expected
        ),
        unexamined=tuple(unexamined.items()),
    )


def _without_judge(expected: Iterable[str], shown: Sequence[_Shown]) -> dict[str, str]:
    """Return the requirements that nobody could judge, as neither the defect nor the reference was."""
    rules = [rule for each in shown for rule in (*each.reference.rules, *each.planted.rules)]
    found = {}
    for requirement in expected:
        own = [rule for rule in rules if rule.requirement == requirement]
        if own and all(rule.verdict is Verdict.NOT_RUN for rule in own):
            found[requirement] = own[0].reason or "not run"
    return found


def _by_requirement(case: CaseResult) -> dict[str, Verdict]:
    verdicts: dict[str, list[Verdict]] = {}
    for rule in case.rules:
        verdicts.setdefault(rule.requirement, []).append(rule.verdict)
    return {requirement: worst(each) for requirement, each in verdicts.items()}


def _not_passed(references: Iterable[CaseResult]) -> list[tuple[str, str, Verdict]]:
    """Return where a simulator without any mistake is not passed, each once."""
    found = {
        (case.id, requirement, verdict): None
        for case in references
        for requirement, verdict in _by_requirement(case).items()
        if verdict not in _UNDECIDED
    }
    return list(found)


def worst_allowed(requirement: Requirement) -> Verdict:
    """Return the worst verdict that level and grade of a requirement allow."""
    return Verdict.FAIL if requirement.worst_severity is Severity.FAIL else Verdict.WARNING


def _unproven(
    library: Library, proofs: Sequence[DefectProof]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the requirements that nothing proves, and those of them that lack a judge alone."""
    caught = {turn for proof in proofs for turn in proof.turned}
    without_judge = dict(each for proof in proofs for each in proof.unexamined)
    unproven = [
        requirement.id
        for requirement in library.catalogue
        if requirement.testable in {Testable.WIRE, Testable.OBJECT}
        and not requirement.proven_by
        and (requirement.id, worst_allowed(requirement)) not in caught
    ]
    return (
        tuple(each for each in unproven if each not in without_judge),
        tuple((each, without_judge[each]) for each in unproven if each in without_judge),
    )
