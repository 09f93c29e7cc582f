"""Simulated systems as YAML files: who plays, how, and with which defects."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tce_harness.content import Content, FileModel, YamlFile, near_match, read_yaml
from tce_harness.model.errors import Problem, ScenarioError
from tce_harness.model.requirement import Actor
from tce_harness.model.verdict import Verdict
from tce_harness.mutations import MutationModels, Mutations
from tce_harness.transport import Associations

NO_POLICY = "none"
POLICIES = "policies"
DEVICES = "devices"


class SimulatorFile(FileModel):
    """A simulator as its file says it; every key but the name may be left to what it extends."""

    simulator: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    extends: str | None = None
    actor: Actor | None = None
    policy: str | None = None
    associations: Associations | None = None
    attempts: Annotated[int, Field(ge=1, le=10)] | None = None
    forwards_unlisted: bool | None = None
    ae_title: Annotated[str, Field(pattern=r"^[A-Z0-9_]{1,16}$")] | None = None
    claims: tuple[Annotated[str, Field(pattern=r"^1131[0-9]{2}$")], ...] | None = None
    mutate: MutationModels = ()
    turns: dict[str, Verdict] | None = None
    proven_in: tuple[str, ...] | None = None
    seen_in: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """A simulated system.

    Parameters
    ----------
    file
        The file that it was read from.
    policy
        De-identification policy of an Export Manager; ``none`` sends everything as it came.
    ae_title
        Its AE title where it is under test; None leaves that to the run.
    claims
        Codes of CID 7050 that it claims besides those of its policy.
    mutations
        What it does differently, those of what it extends first.
    base
        Of a defect: the simulator without the mistake, which it extends by way of however many; None for
        one that extends nothing.
    turns
        Of a defect: the leaf requirements that it turns, and to what.
    proven_in
        Of a defect: the cases that show it.
    seen_in
        Of a defect: why anyone would make this mistake.
    """

    name: str
    title: str
    file: Path
    actor: Actor
    policy: str = "teaching-file"
    associations: Associations = Associations.ONE
    attempts: int = 2
    forwards_unlisted: bool = False
    ae_title: str | None = None
    claims: tuple[str, ...] = ()
    mutations: Mutations = field(default_factory=Mutations)
    base: str | None = None
    turns: tuple[tuple[str, Verdict], ...] = ()
    proven_in: tuple[str, ...] = ()
    seen_in: str | None = None

    @property
    def is_defect(self) -> bool:
        """Whether it is there to be caught."""
        return bool(self.turns)


def load_simulators(content: Content) -> dict[str, Simulator]:
    """Return every simulator of the content by name.

    Raises
    ------
    ScenarioError
        With every fault of every file: unknown keys, names taken twice, an ``extends`` that leads nowhere or
        in a circle, an actor that nobody names, a policy that does not exist.
    """
    problems: list[Problem] = []
    broken: set[str] = set()
    files: dict[str, tuple[YamlFile, SimulatorFile]] = {}
    for path in content.files("simulators", "*/*.yaml"):
        if path.parent.name in {POLICIES, DEVICES}:
            continue
        try:
            yaml = read_yaml(path)
            model = yaml.validate(SimulatorFile)
        except ScenarioError as error:
            problems += error.problems
            broken.add(path.stem)
            continue
        problems += [*_misnamed(yaml, model, files), *_without_policy(yaml, model, content)]
        files[model.simulator] = (yaml, model)
    found: dict[str, Simulator] = {}
    for name in files:
        problems += [each for each in _resolve(name, files, found, ()) if each not in problems]
    if problems:
        # Whoever extends a faulty file would only say again that it is faulty.
        raise ScenarioError([each for each in problems if each.message not in map(_no_such, broken)])
    return found


def _misnamed(
    yaml: YamlFile, model: SimulatorFile, files: dict[str, tuple[YamlFile, SimulatorFile]]
) -> list[Problem]:
    problems = []
    if yaml.path.stem != model.simulator:
        problems.append(
            yaml.problem(("simulator",), f"the file is named {yaml.path.name}: name both the same")
        )
    if model.simulator in files:
        problems.append(
            yaml.problem(("simulator",), f"{files[model.simulator][0].path} has that name already")
        )
    return problems


def _without_policy(yaml: YamlFile, model: SimulatorFile, content: Content) -> list[Problem]:
    known = {path.stem for path in content.files("simulators", f"{POLICIES}/*.yaml")} | {NO_POLICY}
    if model.policy is None or model.policy in known:
        return []
    hint = near_match(model.policy, known) or f"known are {', '.join(sorted(known))}"
    return [yaml.problem(("policy",), f"there is no policy {model.policy!r}", hint)]


def _no_such(name: str) -> str:
    return f"there is no simulator {name!r}"


def _resolve(
    name: str,
    files: dict[str, tuple[YamlFile, SimulatorFile]],
    found: dict[str, Simulator],
    through: tuple[str, ...],
) -> list[Problem]:
    """Put a simulator together with what it extends; return what is wrong."""
    if name in found:
        return []
    yaml, model = files[name]
    base: Simulator | None = None
    if model.extends is not None:
        if model.extends not in files:
            hint = near_match(model.extends, list(files))
            return [yaml.problem(("extends",), _no_such(model.extends), hint)]
        chain = (*through, name)
        if model.extends in chain:
            circle = chain[chain.index(model.extends) :]
            return [yaml.problem(("extends",), "it extends itself, by way of " + ", ".join(circle))]
        problems = _resolve(model.extends, files, found, chain)
        base = found.get(model.extends)
        if base is None:
            return problems
    actor = model.actor or (base.actor if base is not None else None)
    if actor is None:
        return [yaml.problem((), "the key 'actor' is missing, and nothing that it extends has it")]
    found[name] = _merged(
        yaml.path, model, base or Simulator(name=name, title="", file=yaml.path, actor=actor)
    )
    return []


def _merged(path: Path, model: SimulatorFile, base: Simulator) -> Simulator:
    given = {
        key: value
        for key in ("actor", "policy", "associations", "attempts", "forwards_unlisted", "ae_title", "claims")
        if (value := getattr(model, key)) is not None
    }
    return replace(
        base,
        **given,
        name=model.simulator,
        title=model.title,
        file=path,
        base=base.base if base.is_defect else base.name if model.extends is not None else None,
        mutations=Mutations((*base.mutations.mutations, *Mutations.of(model.mutate).mutations)),
        turns=tuple((model.turns or {}).items()),
        proven_in=model.proven_in or (),
        seen_in=model.seen_in,
    )
