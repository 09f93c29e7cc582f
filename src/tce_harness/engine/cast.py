"""Who plays which role: simulators started once, and a system under test where there is one."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tce_harness.content import Content
from tce_harness.deidentify import Deidentifier, Pseudonyms, find_policy
from tce_harness.engine.ends import sender_to
from tce_harness.engine.stage import RoleObserver, Stage
from tce_harness.model.errors import HarnessError
from tce_harness.model.record import Role
from tce_harness.model.requirement import Actor
from tce_harness.scenarios import SUT_ROLES, Case, SystemUnderTest
from tce_harness.simulators import (
    NO_POLICY,
    Behaviour,
    ExportManager,
    ExportSelector,
    Notice,
    Receiver,
    Simulator,
    Untouched,
)
from tce_harness.transport import Destination

Player = ExportSelector | ExportManager | Receiver
Key = tuple[str, str, Actor]

REFERENCE = {
    Actor.EXPORT_SELECTOR: "export-selector",
    Actor.EXPORT_MANAGER: "export-manager",
    Actor.RECEIVER: "receiver",
}
"""The simulator that plays the system under test where there is none."""


class Cast:
    """The players of a run. A simulator is started when a case first needs it and stopped with the run.

    Parameters
    ----------
    simulators
        By name.
    system
        The system under test; None where simulators play every role.
    stand_ins
        Case to the simulator that plays the system under test in place of the reference, as defects do.
    folder
        Where the players keep their files.
    """

    def __init__(
        self,
        stage: Stage,
        content: Content,
        simulators: Mapping[str, Simulator],
        *,
        system: SystemUnderTest | None,
        stand_ins: Mapping[str, str],
        folder: Path,
        seed: int,
    ) -> None:
        self._stage = stage
        self._content = content
        self._simulators = simulators
        self._system = system
        self._stand_ins = stand_ins
        self._folder = folder
        self._seed = seed
        self._players: dict[Key, Player] = {}

    def roles(self, case: Case) -> tuple[Role, ...]:
        """Return who plays what in a case, the role under test among them."""
        names = dict(case.simulated)
        roles = []
        for name, simulator in (*names.items(), (case.sut_role, None)):
            actor = case.sut if simulator is None else self._simulators[simulator].actor
            under_test = simulator is None or (self._system is not None and actor in self._system.actors)
            roles.append(
                Role(
                    name=name,
                    actor=actor,
                    simulator=simulator if not under_test else self._stand_in(case, actor),
                    under_test=under_test,
                )
            )
        order = list(SUT_ROLES.values())
        return tuple(sorted(roles, key=lambda role: order.index(SUT_ROLES[role.actor])))

    def _stand_in(self, case: Case, actor: Actor) -> str | None:
        """Return the simulator that plays an actor under test; None where the real system does."""
        if self._system is not None:
            return None
        return self._stand_ins.get(case.id, REFERENCE[actor])

    def play(self, roles: Sequence[Role]) -> dict[str, Player]:
        """Return the simulated players of a case by role, started and knowing whom to send to.

        Raises
        ------
        HarnessError
            When a port cannot be had, or the system file does not say where the system sends.
        """
        players = {role.name: self._player(role, roles) for role in roles if role.simulator is not None}
        for role in roles:
            player = players.get(role.name)
            if isinstance(player, ExportManager):
                player.destinations = tuple(
                    self.destination(other, players) for other in roles if other.actor is Actor.RECEIVER
                )
        return players

    def destination(self, role: Role, players: Mapping[str, Player]) -> Destination:
        """Return where a role listens."""
        player = players.get(role.name)
        if player is not None and not isinstance(player, ExportSelector):
            return player.address
        if self._system is None or self._system.host is None or self._system.port is None:
            raise HarnessError(f"the system file does not say where the {role.actor} listens: host and port")
        return Destination(self._system.host, self._system.port, self._system.ae_title)

    def stop(self) -> None:
        """Stop every player, all at once: each takes half a second to give its port back."""
        with ThreadPoolExecutor(max(len(self._players), 1)) as pool:
            for stopped in [pool.submit(player.stop) for player in self._players.values()]:
                stopped.result()

    def _player(self, role: Role, roles: Sequence[Role]) -> Player:
        assert role.simulator is not None
        key = (role.name, role.simulator, _under_test(roles).actor)
        if key not in self._players:
            self._give_way(role)
            player = self._make(self._simulators[role.simulator], role, roles)
            player.start()
            self._players[key] = player
        return self._players[key]

    def _give_way(self, role: Role) -> None:
        """Stop who played a role before: a real system sends to one port, whoever listens there."""
        if self._system is not None:
            for key in [key for key in self._players if key[0] == role.name]:
                self._players.pop(key).stop()

    def _make(self, simulator: Simulator, role: Role, roles: Sequence[Role]) -> Player:
        folder = self._folder / f"{len(self._players):03d}-{role.name}"
        behaviour = behaviour_of(simulator, self._seed)
        observer = None if role.under_test else RoleObserver(self._stage, role, self._titles(roles), roles)
        host, title, port = self._listens(role)
        if role.under_test and simulator.ae_title:
            title = simulator.ae_title
        if simulator.actor is Actor.EXPORT_SELECTOR:
            return ExportSelector(ae_title=title, folder=folder, behaviour=behaviour, outbound=observer)
        if simulator.actor is Actor.RECEIVER:
            return Receiver(
                ae_title=title,
                folder=folder,
                host=host,
                port=port,
                behaviour=behaviour,
                inbound=observer,
                tell=self._listen,
            )
        return ExportManager(
            ae_title=title,
            folder=folder,
            destinations=(),
            deidentifier=deidentifier_of(simulator, self._content, self._seed),
            host=host,
            port=port,
            behaviour=behaviour,
            associations=simulator.associations,
            attempts=simulator.attempts,
            forwards_unlisted=simulator.forwards_unlisted,
            inbound=observer,
            outbound=observer,
            tell=self._listen,
        )

    def _listen(self, notice: Notice) -> None:
        """Record a fault in one of our simulators as ours, whichever part it plays."""
        if notice.event == "error":
            self._stage.trouble(notice.text)

    def _listens(self, role: Role) -> tuple[str, str, int]:
        """Return host, AE title and port of one of our actors, as the system was told where it sends.

        What only our own actors send to listens wherever there is room.
        """
        title = ae_title(role)
        if self._system is None or sender_to(role.actor) not in self._system.actors:
            return "127.0.0.1", title, 0
        if role.name not in self._system.calls:
            raise HarnessError(
                f"the system file does not say under 'calls' which AE title and port the system sends to for "
                f"the role {role.name!r}"
            )
        local = self._system.host in {"127.0.0.1", "localhost", "::1"}
        title, port = self._system.calls[role.name]
        return ("127.0.0.1" if local else "0.0.0.0"), title, port

    def _titles(self, roles: Sequence[Role]) -> dict[str, Role]:
        """Return AE title to role for the players of ours that may be at the other end."""
        return {self._listens(role)[1]: role for role in roles if not role.under_test}


def behaviour_of(simulator: Simulator, seed: int) -> Behaviour:
    """Return a simulator's behaviour, its chances the same for the same seed."""
    return Behaviour(simulator.mutations, random.Random(f"{seed}/{simulator.name}"))


def deidentifier_of(simulator: Simulator, content: Content, seed: int) -> Deidentifier | Untouched:
    """Return what a simulated Export Manager de-identifies with; the same pseudonyms for the same seed."""
    if simulator.policy == NO_POLICY:
        return Untouched()
    key = hashlib.sha256(f"tce-harness run {seed}".encode()).digest()
    return Deidentifier(find_policy(simulator.policy, content), Pseudonyms(key))


def ae_title(role: Role) -> str:
    """Return the AE title of a simulated role."""
    return f"{'SUT' if role.under_test else 'TCE'}_{role.name.upper()}"[:16]


def _under_test(roles: Sequence[Role]) -> Role:
    return next(role for role in roles if role.under_test)
