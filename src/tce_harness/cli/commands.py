"""The commands by name, imported only when they are wanted: each needs some rooms of the house, none all."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

import typer

#: Module and function, or group, of each command, in the order of ``tce --help``.
COMMANDS = {
    "run": "run:run",
    "check": "check:check",
    "simulate": "simulate:simulate",
    "deidentify": "deidentify:deidentify",
    "reidentify": "reidentify:reidentify",
    "prove": "prove:prove",
    "rejudge": "rejudge:rejudge",
    "report": "report:report",
    "explain": "explain:explain",
    "list": "listing:list_content",
    "schema": "schema:schema",
    "standard": "standard:standard",
}


def register(app: typer.Typer, names: Iterable[str] = COMMANDS) -> None:
    """Import commands and make them known to an application."""
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(f"{__package__}.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name=name)(command)
