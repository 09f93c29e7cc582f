"""The comparison as a page of Markdown."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence

from deidentifying.comparison import OverSet, Row
from deidentifying.judging import Kind
from tce_harness.model.finding import Severity

_ELEMENTS_SHOWN = 6
_HEAD = """\
# De-identifiers compared

Written by `benchmarks/deidentifiers.py`; do not edit. Each tool ran as its makers tell, with its standard
settings, over the same files, and `tce check` judged what it wrote against the originals.

A finding here is a fact about one output under one requirement. It does not say that a tool is bad: several
do not claim what they are measured by, and each is made for its own purpose. That nothing is found does not
show that data are anonymous.

- **Own claim**: findings that contradict what the tool's makers say of it. A tool that claims a profile of
  PS3.15 is judged by that profile, in the edition nearest to the one that it names (the harness judges by
  2023b and 2026d). One that claims no profile is judged by its documentation: by what it says is removed or
  replaced, and by the consistency of UIDs that it promises.
- **Basic Profile**: findings against Table E.1-1 of 2026d without any option. For a tool that does not claim
  it, this is a distance, not a fault; for one that claims options too, what an option keeps counts here.
- Figures are *kinds (single findings)*. A kind is one sort of finding under one requirement.
- **Text in pixels**: what became of the lines of text that were painted into an ultrasound loop. *withheld*:
  the instance was not given away.
"""


def page(rows: Sequence[Row], *, timed: int, rounds: int) -> str:
    """Return the page."""
    parts = [_HEAD, _synthetic(rows), _pydicom(rows), _speed(rows, timed, rounds), "## What is found\n"]
    parts.extend(_found(row) for row in rows if row.synthetic is not None)
    return "\n".join(parts).rstrip() + "\n"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    cells = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells) + "\n"


def _synthetic(rows: Sequence[Row]) -> str:
    head = [
        "tool", "version", "it claims", "written of given", "own claim: failures", "warnings",
        "Basic Profile: failures", "warnings", "text in pixels",
    ]  # fmt: skip
    title = (
        "## The synthetic set\n\nLinked CT, MR, CR and ultrasound images, reports, a key object selection,\n"
        "a presentation state, a segmentation and an encapsulated PDF of six patients, with something\n"
        "planted in every identifying element, in sequences, private blocks, overlays, codestreams and\n"
        "pixels.\n"
    )
    return f"{title}\n{_table(head, (_line(row, row.synthetic, row.burned_in) for row in rows))}"


_FOLDERS = re.compile(r"(?<!\S)(?:/+[^/\s]+)+/+(?=[^/\s])")


def _pydicom(rows: Sequence[Row]) -> str:
    head = [
        "tool", "version", "written of given", "own claim: failures", "warnings", "Basic Profile: failures",
        "warnings", "where it wrote fewer, it said last",
    ]  # fmt: skip
    title = (
        "## The files of pydicom\n\nFiles of many makers, classes and transfer syntaxes, some damaged on\n"
        "purpose, several with one SOP Instance UID. What is held back with a reason is no fault.\n"
    )
    lines = []
    for row in rows:
        line = _line(row, row.pydicom, "")
        said = row.pydicom.reason if row.pydicom is not None else ""
        lines.append([*line[:2], *line[3:-1], _escaped(said)])
    return f"{title}\n{_table(head, lines)}"


def _line(row: Row, over: OverSet | None, last: str) -> list[str]:
    if over is None:
        return [row.name, row.version, row.claim.says, f"not run: {row.unavailable}", *[""] * 5]
    counts = [
        _count(kinds, severity)
        for kinds in (over.own, over.yardstick)
        for severity in (Severity.FAIL, Severity.WARNING)
    ]
    if not over.written:
        counts = [""] * len(counts)
    return [row.name, row.version, row.claim.says, f"{over.written} of {over.given}", *counts, last]


def _count(kinds: Iterable[Kind], severity: Severity) -> str:
    counted = [len(kind.findings) for kind in kinds if kind.severity is severity]
    return f"{len(counted)} ({sum(counted)})" if counted else "0"


def _speed(rows: Sequence[Row], timed: int, rounds: int) -> str:
    each = {row.name: row.milliseconds_each for row in rows}
    ours, theirs = each.get("tce-basic"), each.get("gdcmanon")
    lines = [
        [row.name, _number(own), _ratio(own, ours), _ratio(own, theirs), _number(row.peak_megabytes)]
        for row in rows
        if (own := row.milliseconds_each) is not None
    ]
    title = (
        f"## Time\n\n{timed} CT images of 0.5 MB with 250 elements; the whole process from its start to its\n"
        f"end, median of {rounds} rounds in which the tools took turns; {os.cpu_count()} processors, "
        f"{platform.system()}.\nOrthanc was running already: its time is that of sending, de-identifying and "
        "fetching over HTTP.\nSome tools do more than others: dentdeid looks for text in every image.\n"
    )
    head = ["tool", "ms per instance", "of tce-basic", "of gdcmanon", "peak MB"]
    return f"{title}\n{_table(head, lines)}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _ratio(value: float | None, base: float | None) -> str:
    return f"{value / base:.2f}" if value is not None and base else ""


def _found(row: Row) -> str:
    over = row.synthetic
    assert over is not None
    title = f"### {row.name} {row.version}\n"
    if not over.written:
        return f"{title}\nIt wrote nothing: {_escaped(over.reason)}\n"
    own = {(kind.requirement, kind.kind, kind.severity) for kind in over.own}
    merged = {(kind.requirement, kind.kind, kind.severity): kind for kind in (*over.yardstick, *over.own)}
    if not merged:
        return (
            f"{title}\nNothing is found in the {over.written} instances of the synthetic set that it wrote.\n"
        )
    ordered = sorted(merged.items(), key=lambda item: (item[0] not in own, item[0][2], item[0]))
    lines = [
        [
            kind.requirement, kind.kind, kind.severity.value, "yes" if key in own else "no",
            str(len(kind.findings)), str(kind.instances), _elements(kind),
        ]
        for key, kind in ordered
    ]  # fmt: skip
    head = ["requirement", "kind", "severity", "against its claim", "findings", "instances", "elements"]
    return f"{title}\n{_table(head, lines)}"


def _elements(kind: Kind) -> str:
    more = len(kind.elements) - _ELEMENTS_SHOWN
    shown = ", ".join(kind.elements[:_ELEMENTS_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def _escaped(text: str) -> str:
    """Return what a tool said for a cell of the page, without the folders of the machine that it ran on."""
    return _FOLDERS.sub("", text).replace("|", "\\|").replace("<", "&lt;")
