"""Names in a scenario held against what exists: data, roles, steps, rules, simulators, requirements."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from tce_harness.content import YamlFile, near_match
from tce_harness.content.yaml_file import KeyPath
from tce_harness.model.errors import Problem
from tce_harness.model.requirement import Actor
from tce_harness.scenarios.scenario import SUT_ROLES, Transaction
from tce_harness.scenarios.scenario_file import (
    AttestFile,
    DataFile,
    FolderFile,
    ManifestFile,
    ReceiveFile,
    RecipeFile,
    SendFile,
    StepFile,
    TeachingFileFile,
)
from tce_harness.scenarios.vocabulary import Vocabulary
from tce_harness.simulators.ordering import Order

AnyData = RecipeFile | FolderFile | ManifestFile | TeachingFileFile
_DATA: TypeAdapter[AnyData] = TypeAdapter(DataFile)
_STEP: TypeAdapter[StepFile] = TypeAdapter(StepFile)
_NAMING_KEYS = ("references", "about", "objects", "against", "of")
Parsed = TypeVar("Parsed")


@dataclass(slots=True)
class NameCheck:
    """One pass over a scenario file; what is shaped wrongly is left to the shape's own check.

    Parameters
    ----------
    yaml
        The file with the values of the axes put in.
    """

    yaml: YamlFile
    vocabulary: Vocabulary
    problems: list[Problem] = field(default_factory=list)
    data: dict[str, AnyData | None] = field(default_factory=dict)
    steps: dict[str, tuple[int, StepFile | None]] = field(default_factory=dict)
    simulated: dict[str, Any] = field(default_factory=dict)
    sut_role: str | None = None

    def run(self) -> list[Problem]:
        """Return every fault of a name."""
        value = self.yaml.value
        self.simulated = _mapping(value.get("simulated"))
        self.data = {name: _parsed(_DATA, raw) for name, raw in _mapping(value.get("data")).items()}
        sut = value.get("sut")
        if isinstance(sut, str) and sut in set(Actor):
            self.sut_role = SUT_ROLES[Actor(sut)]
        self._check_simulated()
        for name, data in self.data.items():
            if data is not None:
                self._check_data(name, data, ("data", name))
        self._check_circles()
        raw_steps = value.get("steps")
        for index, raw in enumerate(raw_steps if isinstance(raw_steps, list) else []):
            self._check_step(index, raw)
        self._check_unjudged()
        return self.problems

    def _problem(self, path: KeyPath, message: str, hint: str = "") -> None:
        self.problems.append(self.yaml.problem(path, message, hint))

    def _known(self, path: KeyPath, name: str, names: Collection[str], what: str) -> bool:
        if name in names:
            return True
        listed = sorted(names)
        known = f"known: {', '.join(listed)}" if 0 < len(listed) <= 12 else ""
        self._problem(path, f"unknown {what} {name!r}", near_match(name, names) or known)
        return False

    def _each(self, path: KeyPath, names: tuple[str, ...] | None) -> list[tuple[KeyPath, str]]:
        """Pair each of some names with its place; a single name stands at the key itself."""
        return [
            ((*path, index) if (*path, index) in self.yaml.places else path, name)
            for index, name in enumerate(names or ())
        ]

    def _known_data(self, path: KeyPath, names: tuple[str, ...] | None) -> None:
        seen = set()
        for place, name in self._each(path, names):
            if name in seen:
                self._problem(place, f"the data {name!r} stands twice")
            seen.add(name)
            self._known(place, name, self.data, "data")

    def _check_simulated(self) -> None:
        for role, simulator in self.simulated.items():
            path: KeyPath = ("simulated", role)
            if role == self.sut_role:
                self._problem(path, f"the role {role!r} is the system under test and is not simulated here")
            if isinstance(simulator, str):
                self._known(path, simulator, self.vocabulary.simulators, "simulator")

    def _check_data(self, name: str, data: AnyData, path: KeyPath) -> None:
        if isinstance(data, RecipeFile):
            self._known((*path, "recipe"), data.recipe, self.vocabulary.recipes, "recipe")
        elif isinstance(data, FolderFile):
            if not (self.yaml.path.parent / data.folder).is_dir():
                self._problem((*path, "from"), f"there is no folder {data.folder!r} beside this file")
        elif isinstance(data, TeachingFileFile):
            self._known_data((*path, "about"), data.about)
        else:
            self._check_manifest(data, path)

    def _check_manifest(self, data: ManifestFile, path: KeyPath) -> None:
        self._known_data((*path, "references"), data.references)
        if self.vocabulary.titles:
            self._known((*path, "title"), data.title, self.vocabulary.titles, "title code")
        if self.vocabulary.delays and data.delay is not None:
            self._known((*path, "delay"), data.delay, self.vocabulary.delays, "delay reason")
        for key, labels in (("only", data.only), ("exclude", data.exclude)):
            for place, label in self._each((*path, key), labels):
                name, _, number = label.partition("/")
                if not self._known(place, name, data.references, "reference"):
                    continue
                source = self.data.get(name)
                most = source.instances if isinstance(source, RecipeFile) else None
                if most is not None and int(number) > most:
                    self._problem(place, f"{name!r} has {most} instances")

    def _check_circles(self) -> None:
        for name in self.data:
            trail, ahead = {name}, list(self._sources(name))
            while ahead:
                each = ahead.pop()
                if each == name:
                    self._problem(("data", name), f"{name!r} refers to itself")
                    break
                if each not in trail:
                    trail.add(each)
                    ahead += self._sources(each)

    def _sources(self, name: str) -> tuple[str, ...]:
        data = self.data.get(name)
        if isinstance(data, ManifestFile):
            return data.references
        return data.about if isinstance(data, TeachingFileFile) else ()

    def _check_step(self, index: int, raw: Any) -> None:
        path: KeyPath = ("steps", index)
        step = _parsed(_STEP, raw)
        name = raw.get("id") if isinstance(raw, dict) else None
        if isinstance(name, str) and name in self.steps:
            line, _ = self.yaml.place(("steps", self.steps[name][0]))
            self._problem((*path, "id"), f"the step id {name!r} stands already in line {line}")
        if step is not None:
            self._check_verb(step, path)
        if isinstance(name, str):
            self.steps.setdefault(name, (index, step))

    def _check_verb(self, step: StepFile, path: KeyPath) -> None:
        if step.send is not None:
            self._check_send(step.send, (*path, "send"))
        elif step.receive is not None:
            self._check_receive(step.receive, (*path, "receive"))
        elif step.attest is not None:
            self._check_attest(step.attest, (*path, "attest"))
        elif step.check is not None:
            self._check_check(step, path)

    def _roles(self) -> set[str]:
        return {*self.simulated, *([self.sut_role] if self.sut_role else [])}

    def _check_send(self, send: SendFile, path: KeyPath) -> None:
        self._known((*path, "from"), send.sender, self._roles(), "role")
        self._known_data((*path, "objects"), send.objects)
        kinds = [self.data.get(name) for name in send.objects]
        if None in kinds:
            return
        if send.order in {Order.MANIFEST_FIRST, Order.MANIFEST_BETWEEN} and not any(
            isinstance(kind, ManifestFile | FolderFile) for kind in kinds
        ):
            self._problem((*path, "order"), f"{send.order.value!r} needs a manifest among the objects")
        if send.transaction is not None:
            self._check_transactions(send.transaction, kinds, (*path, "transaction"))

    def _check_transactions(
        self, transactions: tuple[Transaction, ...], kinds: list[AnyData | None], path: KeyPath
    ) -> None:
        if Transaction.EXPORT_INSTANCES in transactions:
            if len(transactions) > 1:
                self._problem(path, "RAD-53 carries every kind of object and stands alone")
            return
        if any(isinstance(kind, FolderFile) for kind in kinds):
            return
        needed = {transaction_of(kind) for kind in kinds if kind is not None}
        for transaction in sorted(needed - set(transactions)):
            self._problem(path, f"the objects need {transaction.value}, which is not listed")
        for transaction in sorted(set(transactions) - needed):
            self._problem(path, f"none of the objects is sent by {transaction.value}")

    def _check_receive(self, receive: ReceiveFile, path: KeyPath) -> None:
        known = self._known((*path, "at"), receive.at, self._roles(), "role")
        # What reaches a Receiver under test is seen at the Manager that sends it, which is ours.
        if known and receive.at == self.sut_role != SUT_ROLES[Actor.RECEIVER]:
            self._problem(
                (*path, "at"),
                f"{receive.at!r} is the system under test: what reaches it is not seen",
                "judge the send step",
            )

    def _check_attest(self, attest: AttestFile, path: KeyPath) -> None:
        self._known((*path, "requirement"), attest.requirement, self.vocabulary.requirements, "requirement")

    def _check_check(self, step: StepFile, path: KeyPath) -> None:
        seen = set()
        for place, rule in self._each((*path, "check"), step.check):
            if rule in seen:
                self._problem(place, f"the rule {rule!r} stands twice")
            seen.add(rule)
            self._known(place, rule, self.vocabulary.rules, "rule")
        for place, name in self._each((*path, "of"), step.of):
            if self._known(place, name, self.steps, "earlier step"):
                judged = self.steps[name][1]
                if judged is not None and judged.send is None and judged.receive is None:
                    self._problem(place, f"the step {name!r} neither sends nor receives")
        self._known_data((*path, "against"), step.against)

    def _check_unjudged(self) -> None:
        """Find waits that no check looks at, and scenarios that look at nothing at all."""
        if any(step is None for _, step in self.steps.values()):
            return
        parsed = [step for _, step in self.steps.values() if step is not None]
        judged = {name for step in parsed for name in step.of or ()}
        for name, (index, step) in self.steps.items():
            if step is not None and step.receive is not None and name not in judged:
                self._problem(("steps", index), f"no check judges the step {name!r}", f"add 'of: {name}'")
        if parsed and not any(step.check or step.attest for step in parsed):
            self._problem(("steps",), "nothing is judged: there is neither a check nor an attest step")


def transaction_of(data: AnyData) -> Transaction:
    """Return the transaction by which a selector sends some data."""
    if isinstance(data, ManifestFile):
        return Transaction.STORE_EXPORT_SELECTION
    if isinstance(data, TeachingFileFile):
        return Transaction.STORE_TEACHING_FILE_INFORMATION
    return Transaction.STORE_INSTANCES


def used_data(value: Any) -> set[str]:
    """Return every name that stands where data or steps are named, also in parts that are shaped wrongly."""
    if isinstance(value, list):
        return {name for each in value for name in used_data(each)}
    if not isinstance(value, dict):
        return set()
    found = set()
    for key, each in value.items():
        if key in _NAMING_KEYS:
            found |= {name for name in (each if isinstance(each, list) else [each]) if isinstance(name, str)}
        found |= used_data(each)
    return found


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _parsed(adapter: TypeAdapter[Parsed], raw: Any) -> Parsed | None:
    try:
        return adapter.validate_json(json.dumps(raw))
    except ValidationError:
        return None
