"""The ``tce`` command: one module per command, stable names, the exit status of the verdicts."""

from tce_harness.cli.main import main

__all__ = ["main"]
