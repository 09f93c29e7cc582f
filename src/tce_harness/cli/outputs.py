"""The reports of a run, written into its folder."""

from __future__ import annotations

from pathlib import Path

from tce_harness.content import Content
from tce_harness.model.errors import HarnessError
from tce_harness.model.result import RunResult
from tce_harness.reports import from_json, to_html, to_json, to_junit

RESULT = "result.json"


def write_reports(result: RunResult, folder: Path, content: Content) -> None:
    """Write ``result.json``, ``report.html`` and ``junit.xml``."""
    (folder / RESULT).write_text(to_json(result), encoding="utf-8")
    (folder / "report.html").write_text(to_html(result, content), encoding="utf-8")
    (folder / "junit.xml").write_text(to_junit(result), encoding="utf-8")


def read_result(folder: Path) -> RunResult:
    """Return the result that a run wrote.

    Raises
    ------
    HarnessError
        When the folder is not that of a run, or its result is of another version.
    """
    try:
        text = (folder / RESULT).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise HarnessError(f"{folder}: no {RESULT} there; name the folder that 'tce run' wrote") from None
    return from_json(text)
