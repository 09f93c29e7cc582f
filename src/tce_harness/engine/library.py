"""Everything a run draws on: content loaded once, all its faults told at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tce_harness.content import Content, near_match, read_yaml
from tce_harness.deidentify import find_policy
from tce_harness.examiners import Examiner, examiners
from tce_harness.fixtures import recipes
from tce_harness.model.claims import Claims, Option, TeachingFileTemplate
from tce_harness.model.errors import Problem, ScenarioError
from tce_harness.model.requirement import Actor, Testable
from tce_harness.model.verdict import Verdict
from tce_harness.rules.registry import Rule, all_rules
from tce_harness.scenarios import Catalogue, Scenario, Vocabulary, load_catalogue, load_scenarios
from tce_harness.simulators import NO_POLICY, Simulator, load_simulators
from tce_harness.standard import codes

FILES = "CHECK/"
"""``proven_in: [CHECK/EM-060]``: what that case works with is exported as files, and the files are judged."""

SIMULATED_OPTIONS = (Option.ADDITIONAL_TEACHING_FILE_INFORMATION, Option.DELAY_FOR_REASON)
"""Options of the profile that the simulators support, and therefore claim where they are under test."""


@dataclass(frozen=True, slots=True)
class Library:
    """The content of the four folders and the rules and examiners of the engine.

    Parameters
    ----------
    simulators, rules, examiners
        By name.
    """

    content: Content
    catalogue: Catalogue
    rules: Mapping[str, Rule]
    examiners: Mapping[str, Examiner]
    simulators: Mapping[str, Simulator]
    vocabulary: Vocabulary
    scenarios: tuple[Scenario, ...]

    @property
    def defects(self) -> tuple[Simulator, ...]:
        """The simulators that are there to be caught, by name."""
        return tuple(each for _, each in sorted(self.simulators.items()) if each.is_defect)

    @property
    def defects_by_requirement(self) -> dict[str, tuple[str, ...]]:
        """Requirement to the planted defects that are seen to break it, not only to leave it undecided."""
        found: dict[str, list[str]] = defaultdict(list)
        for defect in sorted(self.defects, key=lambda each: len(each.turns)):
            for requirement, verdict in defect.turns:
                if verdict in {Verdict.FAIL, Verdict.WARNING}:
                    found[requirement].append(defect.name)
        return {requirement: tuple(names) for requirement, names in found.items()}

    @property
    def editions(self) -> tuple[tuple[str, str], ...]:
        """Document and edition of every requirement catalogue."""
        return tuple(dict.fromkeys((each.document, each.edition) for each in self.catalogue))

    def reading_pixels(self) -> Library:
        """Return the same with OCR asked for, which is slow and left out otherwise."""
        return replace(self, examiners=examiners(ocr=True))

    def claims_of(self, simulators: Sequence[str]) -> Claims:
        """Return the claims of simulators under test: those of the first Export Manager and its policy."""
        for name in simulators:
            simulator = self.simulators[name]
            if simulator.actor is Actor.EXPORT_MANAGER and simulator.policy != NO_POLICY:
                policy = find_policy(simulator.policy, self.content)
                return Claims(
                    options=SIMULATED_OPTIONS,
                    templates=tuple(TeachingFileTemplate),
                    deidentification_codes=tuple(sorted({*policy.codes, *simulator.claims})),
                    edition=policy.edition,
                )
        return Claims(options=SIMULATED_OPTIONS, templates=tuple(TeachingFileTemplate))


def load_library(content: Content) -> Library:
    """Load all content.

    Raises
    ------
    ScenarioError
        With every fault of every simulator and requirement file; where these have none, with every fault of
        every scenario; where these have none either, with what defects name that does not exist.
    """
    problems: list[Problem] = []
    catalogue = simulators = None
    try:
        catalogue = load_catalogue(content)
    except ScenarioError as error:
        problems += error.problems
    try:
        simulators = load_simulators(content)
    except ScenarioError as error:
        problems += error.problems
    if catalogue is None or simulators is None:
        raise ScenarioError(problems)
    rules = all_rules()
    vocabulary = Vocabulary(
        simulators=frozenset(simulators),
        recipes=frozenset(recipe.name for recipe in recipes(content)),
        rules=frozenset(rules),
        requirements=catalogue.ids,
        titles=frozenset(each.value for pair in codes.EXPORT_TITLES for each in pair),
        delays=frozenset(each.value for pair in codes.DELAY_REASONS for each in pair),
    )
    scenarios = load_scenarios(content, vocabulary)
    problems = [
        each
        for _, simulator in sorted(simulators.items())
        for each in _names(simulator, catalogue, scenarios)
    ]
    if problems:
        raise ScenarioError(problems)
    return Library(content, catalogue, rules, examiners(), simulators, vocabulary, scenarios)


def _names(simulator: Simulator, catalogue: Catalogue, scenarios: Sequence[Scenario]) -> Iterator[Problem]:
    """Tell the requirements that a defect turns and the cases that are to show it where there are none."""
    cases = {case.id for scenario in scenarios for case in scenario.cases()}
    for requirement, _ in simulator.turns:
        path = ("turns", requirement)
        if requirement not in catalogue:
            hint = near_match(requirement, catalogue.ids)
            yield read_yaml(simulator.file).problem(path, f"unknown requirement {requirement!r}", hint)
        elif catalogue[requirement].proven_by:
            leaves = ", ".join(catalogue.leaves(requirement))
            message = f"{requirement} is a roll-up: name the leaves that turn"
            yield read_yaml(simulator.file).problem(path, message, f"it comes down to {leaves}")
    for number, case in enumerate(simulator.proven_in):
        if case.removeprefix(FILES) not in cases:
            problem = f"there is no case {case!r}"
            yield read_yaml(simulator.file).problem(("proven_in", number), problem, near_match(case, cases))


def unknown_requirements(catalogue: Catalogue, rules: Mapping[str, Rule]) -> tuple[str, ...]:
    """Return what rules and catalogue do not agree on: a rule without its requirement, or the reverse."""
    judged = {rule.judges for rule in rules.values()}
    lacking = [f"no requirement {each} for its rule" for each in sorted(judged - catalogue.ids)]
    for requirement in catalogue:
        testable = requirement.testable in {Testable.WIRE, Testable.OBJECT} and not requirement.proven_by
        if testable and requirement.id not in judged:
            lacking.append(f"{requirement.id} calls itself testable and has no rule")
        if not testable and requirement.id in judged:
            lacking.append(f"{requirement.id} has a rule and does not call itself testable")
    return tuple(lacking)
