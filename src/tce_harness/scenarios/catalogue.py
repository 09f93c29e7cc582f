"""The requirement catalogues: YAML files to one catalogue of all requirements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, model_validator

from tce_harness.content import Content, FileModel, YamlFile, load_yaml, near_match, read_yaml
from tce_harness.model.claims import Option
from tce_harness.model.errors import Problem, ScenarioError
from tce_harness.model.requirement import Actor, Grade, Level, Requirement, Testable

RequirementId = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*-[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$")]
Text = Annotated[str, Field(min_length=1)]
DeidentificationCode = Annotated[str, Field(pattern=r"^1131(0[0-9]|1[0-2])$")]


class RequirementFile(FileModel):
    """One row of a catalogue."""

    id: RequirementId
    section: Text
    text: Text
    level: Level
    actors: Annotated[tuple[Actor, ...], Field(min_length=1)]
    grade: Grade
    testable: Testable
    reason: Text | None = None
    option: Option | DeidentificationCode | None = None
    proven_by: tuple[RequirementId, ...] = ()

    @model_validator(mode="after")
    def _reason_where_not_testable(self) -> RequirementFile:
        if (self.testable is Testable.NO) != (self.reason is not None):
            raise ValueError("'reason' stands with 'testable: no', and only there")
        return self


class CatalogueFile(FileModel):
    """A requirement catalogue: one document in one edition."""

    document: Text
    edition: Text
    requirements: Annotated[tuple[RequirementFile, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every requirement by its id, in the order of the files."""

    requirements: Mapping[str, Requirement]

    def __getitem__(self, identifier: str) -> Requirement:
        return self.requirements[identifier]

    def __contains__(self, identifier: object) -> bool:
        return identifier in self.requirements

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.requirements.values())

    def __len__(self) -> int:
        return len(self.requirements)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all requirements."""
        return frozenset(self.requirements)

    def leaves(self, identifier: str) -> tuple[str, ...]:
        """Return the requirements that a roll-up comes down to, itself where nothing proves it."""
        proven_by = self.requirements[identifier].proven_by
        if not proven_by:
            return (identifier,)
        return tuple(dict.fromkeys(leaf for each in proven_by for leaf in self.leaves(each)))


def load_catalogue(content: Content) -> Catalogue:
    """Return the requirements of every file in ``scenarios/requirements``.

    Raises
    ------
    ScenarioError
        With every fault of every file: shape, ids that stand twice, roll-ups over what does not exist or
        over themselves.
    """
    problems: list[Problem] = []
    rows: dict[str, tuple[Requirement, YamlFile, int]] = {}
    for path in content.files("scenarios/requirements", "*.yaml"):
        try:
            yaml = read_yaml(path)
            catalogue = yaml.validate(CatalogueFile)
        except ScenarioError as error:
            problems += error.problems
            continue
        for index, row in enumerate(catalogue.requirements):
            if row.id in rows:
                _, other, at = rows[row.id]
                line = other.place(("requirements", at, "id"))[0]
                message = f"the id {row.id} stands already in {other.path.name}, line {line}"
                problems.append(yaml.problem(("requirements", index, "id"), message))
                continue
            rows[row.id] = (_requirement(catalogue, row), yaml, index)
    requirements = {identifier: row for identifier, (row, _, _) in rows.items()}
    for requirement, yaml, index in rows.values():
        problems += _roll_up_problems(requirement, requirements, yaml, index)
    if problems:
        raise ScenarioError(problems)
    return Catalogue(MappingProxyType(requirements))


def load_rows(path: Path) -> CatalogueFile:
    """Return one catalogue file as it is written; raises `ScenarioError` for any fault of its shape."""
    return load_yaml(path, CatalogueFile)


def _requirement(catalogue: CatalogueFile, row: RequirementFile) -> Requirement:
    return Requirement(
        id=row.id,
        document=catalogue.document,
        section=row.section,
        edition=catalogue.edition,
        text=row.text,
        level=row.level,
        actors=row.actors,
        grade=row.grade,
        testable=row.testable,
        option=None if row.option is None else str(row.option),
        reason=row.reason,
        proven_by=row.proven_by,
    )


def _roll_up_problems(
    row: Requirement, requirements: dict[str, Requirement], yaml: YamlFile, index: int
) -> Iterator[Problem]:
    for number, identifier in enumerate(row.proven_by):
        path = ("requirements", index, "proven_by", number)
        if identifier not in requirements:
            message = f"unknown requirement {identifier!r}"
            yield yaml.problem(path, message, near_match(identifier, requirements))
        elif row.id in _reached(identifier, requirements):
            yield yaml.problem(path, f"{row.id} would be proven by itself, through {identifier}")


def _reached(start: str, requirements: dict[str, Requirement]) -> set[str]:
    """Return everything that a requirement comes down to, itself included."""
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        identifier = ahead.pop()
        if identifier in requirements and identifier not in reached:
            reached.add(identifier)
            ahead += requirements[identifier].proven_by
    return reached
