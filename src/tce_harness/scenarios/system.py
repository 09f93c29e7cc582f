"""The system file: what is under test, where it is, and what its maker claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from tce_harness.content import FileModel, YamlFile, near_match, read_yaml
from tce_harness.content.yaml_file import KeyPath
from tce_harness.model.claims import Claims, CodeSet, Option, TeachingFileTemplate
from tce_harness.model.errors import Problem, ScenarioError
from tce_harness.model.requirement import Actor
from tce_harness.scenarios.scenario import SUT_ROLES

EDITIONS = ("2023b", "2026d")
"""Editions of PS3.15 that the harness can judge by."""

MOST_TOLERANCE_DAYS = 36525
"""A hundred years: beyond, nothing would be left to judge."""


def check_ae_title(title: str) -> str:
    r"""Return an AE title that keeps to PS3.5 table 6.2-1 (VR AE).

    Raises
    ------
    ValueError
        When it has no character or more than 16, one outside printable ASCII, a backslash, or a space at
        either end, which does not count and only misleads.
    """
    if not 1 <= len(title) <= 16:
        raise ValueError(f"an AE title has 1 to 16 characters; this one has {len(title)}")
    if any(not " " <= character <= "~" or character == "\\" for character in title):
        raise ValueError("an AE title has printable ASCII characters and no backslash")
    if title != title.strip():
        raise ValueError("an AE title has no space at its ends")
    return title


def _quoted_code(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


AeTitle = Annotated[str, AfterValidator(check_ae_title), Field(json_schema_extra={"maxLength": 16})]
Port = Annotated[int, Field(ge=1, le=65535)]
Text = Annotated[str, Field(min_length=1)]
DeidentificationCode = Annotated[
    str,
    Field(pattern=r"^1131(0[0-9]|1[0-2])$"),
    BeforeValidator(_quoted_code, json_schema_input_type=str | int),
]


Templates = Annotated[
    tuple[Annotated[TeachingFileTemplate, Field(strict=False)], ...],
    Field(min_length=1),
    BeforeValidator(
        lambda value: tuple(value) if isinstance(value, list) else (value,),
        json_schema_input_type=TeachingFileTemplate | tuple[TeachingFileTemplate, ...],
    ),
]


class CalledFile(FileModel):
    """``{ae_title: TCE_ARCHIVE, port: 11113}``."""

    ae_title: AeTitle
    port: Port


class DeidentificationFile(FileModel):
    """What the de-identifier claims."""

    codes: Annotated[tuple[DeidentificationCode, ...], Field(min_length=1)] = ("113100",)
    edition: Literal["2023b", "2026d"] = "2026d"
    date_tolerance_days: Annotated[int, Field(ge=0, le=MOST_TOLERANCE_DAYS)] = 0

    @model_validator(mode="after")
    def _one_way_with_dates(self) -> DeidentificationFile:
        if {"113106", "113107"} <= set(self.codes):
            raise ValueError("113106 keeps all dates and 113107 modifies them: one of the two")
        return self


class SystemFile(FileModel):
    """A system file."""

    system: Text
    version: Text
    actors: Annotated[tuple[Actor, ...], Field(min_length=1)]
    options: tuple[Option, ...] = ()
    ae_title: AeTitle
    host: Text | None = None
    port: Port | None = None
    calls: dict[str, CalledFile] = Field(default_factory=dict)
    deidentification: DeidentificationFile = DeidentificationFile()
    template: Templates = (TeachingFileTemplate.RCR_UK,)
    code_set: CodeSet = CodeSet.EITHER


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUnderTest:
    """What is under test.

    Parameters
    ----------
    actors
        One, or several that are grouped: what passes between them is not observable.
    host, port
        Where it listens; None where none of its actors does.
    calls
        Role to the AE title and port that it has been told to send to.
    """

    name: str
    version: str
    actors: tuple[Actor, ...]
    claims: Claims
    ae_title: str
    host: str | None
    port: int | None
    calls: Mapping[str, tuple[str, int]]

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that it plays."""
        return tuple(SUT_ROLES[actor] for actor in self.actors)


def load_system(path: Path) -> SystemUnderTest:
    """Return the system under test of a system file.

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    yaml = read_yaml(path)
    system = yaml.validate(SystemFile)
    problems = [*_twice(system, yaml), *_listening(system, yaml), *_calling(system, yaml)]
    if problems:
        raise ScenarioError(problems)
    return SystemUnderTest(
        name=system.system,
        version=system.version,
        actors=system.actors,
        claims=Claims(
            options=system.options,
            deidentification_codes=system.deidentification.codes,
            edition=system.deidentification.edition,
            date_tolerance_days=system.deidentification.date_tolerance_days,
            templates=system.template,
            code_set=system.code_set,
        ),
        ae_title=system.ae_title,
        host=system.host,
        port=system.port,
        calls=MappingProxyType({role: (each.ae_title, each.port) for role, each in system.calls.items()}),
    )


def _twice(system: SystemFile, yaml: YamlFile) -> list[Problem]:
    lists: list[tuple[KeyPath, tuple[str, ...]]] = [
        (("actors",), system.actors),
        (("options",), system.options),
        (("deidentification", "codes"), system.deidentification.codes),
    ]
    return [
        yaml.problem((*path, index), f"{value} stands twice")
        for path, values in lists
        for index, value in enumerate(values)
        if value in values[:index]
    ]


def _listening(system: SystemFile, yaml: YamlFile) -> list[Problem]:
    """Ask for an address where an actor receives; between grouped selector and manager nothing does."""
    received = {Actor.RECEIVER} if Actor.EXPORT_SELECTOR in system.actors else set(Actor)
    listens = (received - {Actor.EXPORT_SELECTOR}) & set(system.actors)
    missing = [key for key, value in (("host", system.host), ("port", system.port)) if value is None]
    if not listens:
        return []
    named = " and ".join(sorted(actor.value for actor in listens))
    return [yaml.problem((), f"the key {key!r} is missing: where the {named} listens") for key in missing]


def _calling(system: SystemFile, yaml: YamlFile) -> list[Problem]:
    """Ask for every role that the system sends to, and for a port of its own for each."""
    problems = []
    simulated = sorted(role for actor, role in SUT_ROLES.items() if actor not in system.actors)
    needed = {
        simulated_role
        for sender, simulated_role in ((Actor.EXPORT_SELECTOR, "manager"), (Actor.EXPORT_MANAGER, "archive"))
        if sender in system.actors and simulated_role in simulated
    }
    for role in sorted(needed - set(system.calls)):
        example = f"add calls: {{{role}: {{ae_title: TCE_{role.upper()}, port: 11113}}}}"
        problems.append(
            yaml.problem(
                ("calls",), f"where the system has been told to send to the {role} is missing", example
            )
        )
    ports: dict[int, str] = {}
    own = {SUT_ROLES[actor] for actor in system.actors}
    for role, called in system.calls.items():
        if role in own:
            problems.append(yaml.problem(("calls", role), f"{role!r} is the system under test itself"))
        elif (hint := near_match(role, needed)) and role not in needed:
            problems.append(yaml.problem(("calls", role), f"nothing is sent to a role {role!r}", hint))
        if called.port in ports:
            message = f"the port {called.port} is that of {ports[called.port]!r} already"
            problems.append(yaml.problem(("calls", role, "port"), message))
        ports.setdefault(called.port, role)
    return problems
