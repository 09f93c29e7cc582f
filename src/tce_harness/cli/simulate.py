"""``tce simulate``: one simulated actor on its own."""

from __future__ import annotations

import json
import secrets
import signal
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from random import Random
from types import FrameType
from typing import Annotated

import typer

from tce_harness.cli.options import ContentOption, JsonOption, content_of, seed_of
from tce_harness.cli.sending import objects_to_send
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
    name: Annotated[str, typer.Argument(help="export-selector, export-manager, receiver, or another simulator.")],
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where to listen; 0 takes a free one.")] = 0,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    ae_title: Annotated[str | None, typer.Option("--ae-title", help="Our own AE title.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="HOST:PORT:AE", help="Where to send.")] = None,
    send: Annotated[
        str | None, typer.Option("--send", metavar="DIR|RECIPE", help="What an Export Selector sends.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="Code value of the manifest's title.")] = "TCE001",
    delay: Annotated[str | None, typer.Option("--delay", help="Code value of a delay reason.")] = None,
    atfi: Annotated[
        Path | None, typer.Option("--atfi", help="A structured report to send and list along with the rest.")
    ] = None,
    spool: Annotated[Path | None, typer.Option("--spool", metavar="DIR", help="Where files are kept.")] = None,
    log: Annotated[Path | None, typer.Option("--log", metavar="FILE", help="Append each notice as JSON.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Same seed, same data and same chance.")] = None,
    content: ContentOption = None,
    json_wanted: JsonOption = False,
) -> None:
    """Run one simulated actor until it is stopped by SIGINT or SIGTERM; an Export Selector sends and ends.

    Example: tce simulate export-manager --port 11112 --to 127.0.0.1:11113:TCE_ARCHIVE
    """
    found = content_of(content)
    simulator = _simulator(name, load_simulators(found))
    destinations = (Destination.parse(to),) if to is not None else ()
    tell = Teller(log, json_wanted)
    own = ae_title or _TITLES[simulator.actor]
    behaviour = Behaviour(simulator.mutations, Random(seed_of(seed)))
    with tempfile.TemporaryDirectory(prefix="tce-") as temporary:
        folder = spool or Path(temporary)
        if simulator.actor is Actor.EXPORT_SELECTOR:
            if to is None or send is None:
                raise HarnessError("an Export Selector needs --to HOST:PORT:AE and --send DIR or RECIPE")
            selector = ExportSelector(ae_title=own, folder=folder, behaviour=behaviour)
            objects = objects_to_send(
                send, title=title, delay=delay, atfi=atfi, seed=seed_of(seed), content=found
            )
            _send(selector, objects, destinations[0], tell)
            return
        if simulator.actor is Actor.RECEIVER:
            receiver = Receiver(
                ae_title=own, folder=folder, host=host, port=port, behaviour=behaviour, tell=tell
            )
            _serve(receiver, tell)
            return
        manager = ExportManager(
            ae_title=own,
            folder=folder,
            destinations=destinations,
            deidentifier=_deidentifier(simulator, found),
            host=host,
            port=port,
            behaviour=behaviour,
            associations=simulator.associations,
            attempts=simulator.attempts,
            forwards_unlisted=simulator.forwards_unlisted,
            tell=tell,
        )
        _serve(manager, tell)
