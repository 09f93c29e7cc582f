"""The first law of the house: each check is seen to fail on a planted defect, and on nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tce_harness.engine.events import Consumer, ignore
from tce_harness.engine.library import Library
from tce_harness.engine.run import RunPlan, perform_run
from tce_harness.model.errors import HarnessError
from tce_harness.model.requirement import Testable
from tce_harness.model.result import CaseResult
from tce_harness.model.verdict import Verdict, worst
from tce_harness.scenarios import Case
from tce_harness.simulators import Simulator


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
    """

    defect: str
    title: str
    cases: tuple[str, ...]
    turned: tuple[tuple[str, Verdict], ...]
    uncaught: tuple[tuple[str, Verdict, Verdict], ...]
    unexpected: tuple[tuple[str, Verdict], ...]

    @property
    def proven(self) -> bool:
        """Whether it turns exactly what its file says."""
        return not self.uncaught and not self.unexpected


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The matrix of defects and requirements.

    Parameters
    ----------
    reference
        Case, requirement and verdict where the reference simulators were not passed.
    unproven
        Testable requirements that no defect turns.
    """

    defects: tuple[DefectProof, ...]
    reference: tuple[tuple[str, str, Verdict], ...]
    unproven: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every defect is caught, none turns too much, and no requirement is unproven."""
        return all(each.proven for each in self.defects) and not self.unproven and not self.reference


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
    full
        Every defect in every case of its actor, not only in its own.

    Raises
    ------
    HarnessError
        When a name or a case is unknown.
    """
    defects = _chosen(library, names)
    cases = {case.id: case for scenario in library.scenarios for case in scenario.cases()}
    wanted = {defect.name: _cases_of(defect, cases, full) for defect in defects}
    reference = list(dict.fromkeys(case for shown in wanted.values() for case in shown))
    planted = {
        f"{case}@{defect}": (replace(cases[case], id=f"{case}@{defect}"), defect)
        for defect, shown in wanted.items()
        for case in shown
    }
    plan = RunPlan(
        cases=[*(cases[case] for case in reference), *(case for case, _ in planted.values())],
        folder=folder,
        seed=seed,
        stand_ins={case: defect for case, (_, defect) in planted.items()},
        command="tce prove",
    )
    results = {case.id: case for case in perform_run(plan, library, emit).cases}
    proofs = [
        _proof(
            defect,
            [(results[case], results[f"{case}@{defect.name}"]) for case in wanted[defect.name]],
        )
        for defect in defects
    ]
    return Proof(
        defects=tuple(proofs),
        reference=tuple(
            (case, requirement, verdict)
            for case in reference
            for requirement, verdict in _by_requirement(results[case]).items()
            if verdict not in {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.NOT_RUN}
        ),
        unproven=() if names else _unproven(library, proofs),
    )


def _chosen(library: Library, names: Sequence[str]) -> tuple[Simulator, ...]:
    known = {defect.name: defect for defect in library.defects}
    for name in names:
        if name not in known:
            raise HarnessError(f"{name!r} is no defect; 'tce list defects' names them")
    return tuple(known[name] for name in names) if names else library.defects


def _cases_of(defect: Simulator, cases: Mapping[str, Case], full: bool) -> tuple[str, ...]:
    for case in defect.proven_in:
        if case not in cases:
            raise HarnessError(f"{defect.file}: proven_in names {case}, which is no case")
    if full:
        return tuple(case.id for case in cases.values() if case.sut is defect.actor)
    return defect.proven_in


def _proof(defect: Simulator, shown: Sequence[tuple[CaseResult, CaseResult]]) -> DefectProof:
    turned: dict[str, Verdict] = {}
    said: dict[str, list[Verdict]] = {}
    for reference, planted in shown:
        before = _by_requirement(reference)
        for requirement, verdict in _by_requirement(planted).items():
            said.setdefault(requirement, []).append(verdict)
            if verdict is not before.get(requirement):
                turned[requirement] = worst([verdict, turned.get(requirement, verdict)])
    expected = dict(defect.turns)
    return DefectProof(
        defect=defect.name,
        title=defect.title,
        cases=tuple(reference.id for reference, _ in shown),
        turned=tuple(sorted(turned.items())),
        uncaught=tuple(
            (requirement, verdict, worst(said.get(requirement, [])))
            for requirement, verdict in expected.items()
            if turned.get(requirement) is not verdict
        ),
        unexpected=tuple(
            (requirement, verdict)
            for requirement, verdict in sorted(turned.items())
            if requirement not in expected
        ),
    )


def _by_requirement(case: CaseResult) -> dict[str, Verdict]:
    verdicts: dict[str, list[Verdict]] = {}
    for rule in case.rules:
        verdicts.setdefault(rule.requirement, []).append(rule.verdict)
    return {requirement: worst(each) for requirement, each in verdicts.items()}


def _unproven(library: Library, proofs: Sequence[DefectProof]) -> tuple[str, ...]:
    caught = {requirement for proof in proofs for requirement, _ in proof.turned}
    return tuple(
        requirement.id
        for requirement in library.catalogue
        if requirement.testable in {Testable.WIRE, Testable.OBJECT}
        and not requirement.proven_by
        and requirement.id not in caught
    )
