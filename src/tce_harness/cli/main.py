"""The root of the command line: which commands there are, and how their faults reach the user."""

from __future__ import annotations

import gc
import logging
import sys
import traceback
import warnings

import typer

from tce_harness import __version__
from tce_harness.cli.check import check
from tce_harness.cli.deidentify import deidentify
from tce_harness.cli.explain import explain
from tce_harness.cli.listing import list_content
from tce_harness.cli.prove import prove
from tce_harness.cli.reidentify import reidentify
from tce_harness.cli.rejudge import rejudge
from tce_harness.cli.report import report
from tce_harness.cli.run import run
from tce_harness.cli.schema import schema
from tce_harness.cli.simulate import simulate
from tce_harness.cli.standard import standard
from tce_harness.model.errors import HarnessError
from tce_harness.model.verdict import ExitStatus

app = typer.Typer(
    name="tce",
    help="Conformance tests and simulators for the IHE Teaching File and Clinical Trial Export profile.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(run)
app.command()(check)
app.command()(simulate)
app.command()(deidentify)
app.command()(reidentify)
app.command()(prove)
app.command()(rejudge)
app.command()(report)
app.command()(explain)
app.command(name="list")(list_content)
app.command()(schema)
app.add_typer(standard, name="standard")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tce-harness {__version__}")
        raise typer.Exit


@app.callback()
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
        app(prog_name="tce")
    except HarnessError as error:
        _end(str(error), ExitStatus.INVALID)
    except Exception as error:
        text = f"tce-harness {__version__} failed: {type(error).__name__}: {error}"
        _end(f"{traceback.format_exc()}{text}; this is a fault of the harness", ExitStatus.HARNESS_ERROR)


def _end(message: str, status: ExitStatus) -> None:
    typer.echo(message, err=True)
    sys.exit(int(status))
