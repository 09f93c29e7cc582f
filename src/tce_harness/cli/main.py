"""The root of the command line: which commands there are, and how their faults reach the user."""

from __future__ import annotations

import gc
import logging
import sys
import traceback
import warnings
from collections.abc import Sequence

import typer

from tce_harness import __version__
from tce_harness.cli.commands import COMMANDS, register
from tce_harness.model.errors import HarnessError
from tce_harness.model.verdict import ExitStatus


def application(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the command line, with every command or only the one that the arguments begin with."""
    app = typer.Typer(
        name="tce",
        help="Conformance tests and simulators for the IHE Teaching File and Clinical Trial Export profile.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    register(app, arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tce-harness {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Conformance tests and simulators for the IHE Teaching File and Clinical Trial Export profile."""


def main() -> None:
    """Run the ``tce`` command.

    What the user can put right ends with one clear text and status 5, never with a traceback; what only we
    can ends with status 6 and the traceback that a report of the fault needs.
    """
    # Data sets are many small objects that live to the end: looking for cycles among them costs a tenth.
    gc.set_threshold(200_000, 50, 100)
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="pydicom")
    try:
        application(sys.argv[1:])(prog_name="tce")
    except HarnessError as error:
        _end(str(error), ExitStatus.INVALID)
    except Exception as error:
        text = f"tce-harness {__version__} failed: {type(error).__name__}: {error}"
        _end(f"{traceback.format_exc()}{text}; this is a fault of the harness", ExitStatus.HARNESS_ERROR)


def _end(message: str, status: ExitStatus) -> None:
    typer.echo(message, err=True)
    sys.exit(int(status))
