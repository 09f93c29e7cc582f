"""The system file: what is under test, where it is, and what its maker claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from tce_harness.content import YamlFile, near_match, read_yaml
from tce_harness.model.claims import Claims
from tce_harness.model.errors import Problem, ScenarioError
from tce_harness.model.requirement import Actor
from tce_harness.scenarios.claims_file import AeTitle, ClaimsFile, Text, stands_twice
from tce_harness.scenarios.scenario import SUT_ROLES


class SystemFile(ClaimsFile):
    """A system file."""

    system: Text
    version: Text
    actors: Annotated[tuple[Actor, ...], Field(min_length=1)]
    ae_title: AeTitle


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
    problems = [*stands_twice(system, yaml), *_listening(system, yaml), *_calling(system, yaml)]
    if problems:
        raise ScenarioError(problems)
    return SystemUnderTest(
        name=system.system,
        version=system.version,
        actors=system.actors,
        claims=system.claims,
        ae_title=system.ae_title,
        host=system.host,
        port=system.port,
        calls=MappingProxyType({role: (each.ae_title, each.port) for role, each in system.calls.items()}),
    )


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
