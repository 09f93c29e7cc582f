"""``tce simulate``: one simulated actor on its own."""

from __future__ import annotations

import json
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from random import Random
from types import FrameType
from typing import Annotated, TextIO

import typer

from tce_harness.cli.options import ContentOption, JsonOption, content_of, seed_of
from tce_harness.cli.selection import selection
from tce_harness.content import Content, near_match
from tce_harness.deidentify import Deidentifier, Pseudonyms, find_policy
from tce_harness.model.errors import HarnessError
from tce_harness.model.requirement import Actor
from tce_harness.model.verdict import ExitStatus
from tce_harness.simulators import (
    NO_POLICY,
    Behaviour,
    ExportManager,
    ExportSelector,
    Notice,
    Receiver,
    Selected,
    Simulator,
    Untouched,
    load_simulators,
)
from tce_harness.transport import Destination

_TITLES = {
    Actor.EXPORT_SELECTOR: "TCE_SELECTOR",
    Actor.EXPORT_MANAGER: "TCE_MANAGER",
    Actor.RECEIVER: "TCE_ARCHIVE",
}


def simulate(
    name: Annotated[
        str, typer.Argument(help="export-selector, export-manager, receiver, or another simulator.")
    ],
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Where to listen; 0 takes a free one.")
    ] = 0,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    ae_title: Annotated[str | None, typer.Option("--ae-title", help="Our own AE title.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="HOST:PORT:AE", help="Where to send.")] = None,
    send: Annotated[
        str | None, typer.Option("--send", metavar="DIR|RECIPE", help="What an Export Selector sends.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="Code value of the manifest's title.")] = "TCE001",
    delay: Annotated[str | None, typer.Option("--delay", help="Code value of a delay reason.")] = None,
    atfi: Annotated[
        Path | None,
        typer.Option(
            "--atfi", metavar="FILE", help="A structured report to send and list along with the rest."
        ),
    ] = None,
    spool: Annotated[
        Path | None, typer.Option("--spool", metavar="DIR", help="Where files are kept.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE", help="Append each notice as JSON.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Same seed, same data and same chance.")] = None,
    content: ContentOption = None,
    json_wanted: JsonOption = False,
) -> None:
    """Run one simulated actor until it is stopped by SIGINT or SIGTERM; an Export Selector sends and ends.

    Example: tce simulate export-manager --port 11112 --to 127.0.0.1:11113:TCE_ARCHIVE
    """
    found = content_of(content)
    simulator = _simulator(name, load_simulators(found))
    destination = Destination.parse(to) if to is not None else None
    seed = seed_of(seed)
    behaviour = Behaviour(simulator.mutations, Random(seed))
    own = ae_title if ae_title is not None else _TITLES[simulator.actor]
    with tempfile.TemporaryDirectory(prefix="tce-") as temporary, _teller(log, json_wanted) as tell:
        folder = _spool(spool) if spool is not None else Path(temporary)
        if simulator.actor is Actor.EXPORT_SELECTOR:
            if destination is None or send is None:
                raise HarnessError("an Export Selector needs --to HOST:PORT:AE and --send DIR or RECIPE")
            selected = selection(send, title=title, delay=delay, atfi=atfi, seed=seed, content=found)
            selector = ExportSelector(ae_title=own, folder=folder, behaviour=behaviour)
            _send(selector, selected, destination, tell)
        elif simulator.actor is Actor.RECEIVER:
            _serve(
                Receiver(ae_title=own, folder=folder, host=host, port=port, behaviour=behaviour, tell=tell),
                tell,
            )
        else:
            _serve(
                ExportManager(
                    ae_title=own,
                    folder=folder,
                    destinations=(destination,) if destination is not None else (),
                    deidentifier=_deidentifier(simulator, found),
                    host=host,
                    port=port,
                    behaviour=behaviour,
                    associations=simulator.associations,
                    attempts=simulator.attempts,
                    forwards_unlisted=simulator.forwards_unlisted,
                    tell=tell,
                ),
                tell,
            )


class Teller:
    """Prints notices, as sentences or as JSON lines, and appends them to a log.

    Parameters
    ----------
    log
        Gets each notice as a JSON line; None where nothing is kept.
    """

    def __init__(self, log: TextIO | None, as_json: bool) -> None:
        self._log = log
        self._as_json = as_json
        self._lock = threading.RLock()

    def __call__(self, notice: Notice) -> None:
        """Tell a notice."""
        line = json.dumps({key: value for key, value in asdict(notice).items() if value})
        named = f" ({notice.sop_instance_uid})" if notice.sop_instance_uid else ""
        self._write(line, f"{notice.event}: {notice.text}{named}")

    def listening(self, start: Callable[[], Destination]) -> None:
        """Start a listener and tell where it listens, before anything that it does is told."""
        with self._lock:
            address = start()
            facts = {"host": address.host, "port": address.port, "ae_title": address.ae_title}
            self._write(json.dumps({"event": "listening", **facts}), f"listening: {address}")

    def _write(self, line: str, sentence: str) -> None:
        with self._lock:
            typer.echo(line if self._as_json else sentence)
            if self._log is not None:
                self._log.write(line + "\n")
                self._log.flush()


@contextmanager
def _teller(log: Path | None, as_json: bool) -> Iterator[Teller]:
    if log is None:
        yield Teller(None, as_json)
        return
    try:
        file = log.open("a", encoding="utf-8")
    except OSError as error:
        raise HarnessError(f"--log {log}: {error.strerror}") from None
    with file:
        yield Teller(file, as_json)


def _spool(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is kept there is patient data
    except OSError as error:
        raise HarnessError(f"--spool {folder}: {error.strerror}") from None
    return folder


def _simulator(name: str, known: dict[str, Simulator]) -> Simulator:
    if name not in known:
        hint = near_match(name, list(known))
        raise HarnessError(
            f"{name!r} is no simulator" + (f" ({hint})" if hint else "; see 'tce list simulators'")
        )
    return known[name]


def _deidentifier(simulator: Simulator, content: Content) -> Deidentifier | Untouched:
    if simulator.policy == NO_POLICY:
        return Untouched()
    return Deidentifier(find_policy(simulator.policy, content), Pseudonyms.with_random_key())


def _send(
    selector: ExportSelector, selected: tuple[Selected, ...], destination: Destination, tell: Teller
) -> None:
    outcomes = selector.send(selected, destination)
    failed = [outcome for outcome in outcomes if not outcome.stored]
    for outcome in failed:
        status = "no answer" if outcome.status is None else f"status {outcome.status:04X}"
        tell(Notice(event="unsent", text=f"{outcome.instance.label}: {outcome.detail or status}"))
    text = f"sent {len(outcomes) - len(failed)} of {len(outcomes)} instances to {destination}"
    tell(Notice(event="unsent" if failed else "sent", text=text))
    if failed:
        raise typer.Exit(int(ExitStatus.FAILED))


def _serve(player: Receiver | ExportManager, tell: Teller) -> None:
    """Listen until SIGINT or SIGTERM, then stop cleanly."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)

    def start() -> Destination:
        player.start()
        return player.address

    tell.listening(start)
    while not stopped.wait(0.5):
        pass
    player.stop()
    tell(Notice(event="stopped", text="stopped"))
