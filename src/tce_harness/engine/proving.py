"""The first law of the house: each check is seen to fail on a planted defect, and on nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tce_harness.engine.library import FILES, Library
from tce_harness.engine.run import prepare_folder
from tce_harness.engine.showing import Shown, show
from tce_harness.model.errors import HarnessError
from tce_harness.model.finding import Severity
from tce_harness.model.requirement import Requirement, Testable
from tce_harness.model.result import CaseResult
from tce_harness.model.verdict import Verdict, worst
from tce_harness.simulators import Simulator

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
    repeated
        Whether it did not come out at first, and this is the second attempt.
    """

    defect: str
    title: str
    cases: tuple[str, ...]
    turned: tuple[tuple[str, Verdict], ...]
    uncaught: tuple[tuple[str, Verdict, Verdict], ...]
    unexpected: tuple[tuple[str, Verdict], ...]
    unexamined: tuple[tuple[str, str], ...] = ()
    repeated: bool = False

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


def prove(library: Library, names: Sequence[str], *, folder: Path, seed: int, full: bool = False) -> Proof:
    """Run defects in the cases that are to show them, beside the reference in the same cases.

    Parameters
    ----------
    names
        Defects; none means all.
    folder
        Gets the runs and checks, a dozen defects in each.
    full
        Every defect in every case of its actor, not only in its own.

    Raises
    ------
    HarnessError
        When a name or a case is unknown.
    """
    prepare_folder(folder, real_patients=False)
    defects = _chosen(library, names)
    wanted = {defect.name: _cases_of(defect, library, full) for defect in defects}
    shown = show(library, wanted, folder=folder, seed=seed)
    # on a busy machine an association may run out of time; a defect that is not caught fails twice
    again = {name: wanted[name] for name in _not_as_expected(defects, shown)}
    if again:
        shown |= show(library, again, folder=folder / "again", seed=seed)
    proofs = [
        replace(_proof(defect, shown[defect.name]), repeated=defect.name in again) for defect in defects
    ]
    unproven, unexamined = ((), ()) if names else _unproven(library, proofs)
    return Proof(
        defects=tuple(proofs),
        reference=tuple(_not_passed(each.reference for group in shown.values() for each in group)),
        unproven=unproven,
        unexamined=unexamined,
    )


def _not_as_expected(defects: Iterable[Simulator], shown: Mapping[str, Sequence[Shown]]) -> list[str]:
    return [
        defect.name
        for defect in defects
        if not _proof(defect, shown[defect.name]).proven
        or _not_passed(each.reference for each in shown[defect.name])
    ]


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


def _proof(defect: Simulator, shown: Sequence[Shown]) -> DefectProof:
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


def _without_judge(expected: Iterable[str], shown: Sequence[Shown]) -> dict[str, str]:
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
