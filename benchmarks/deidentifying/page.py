"""The comparison as a page of Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence

from deidentifying.cells import escaped, folded, number, ratio, table
from deidentifying.comparison import PYDICOM, SYNTHETIC, OverSet, Row
from deidentifying.found import counted, found_table
from deidentifying.known_failures import Known, Shown, known_of
from tce_harness.model.finding import Severity

KNOWN_HEAD = (
    "stated", "looked for", "seen", "findings", "against its claim", "instances", "elements",
)  # fmt: skip
_HEAD = """\
# De-identifiers compared

Written by `benchmarks/deidentifiers.py`; do not edit. Each tool ran over the same files with the command
that is shown below, and `tce check` judged what it wrote against the originals.

A finding here is a fact about one output under one requirement. It does not say that a tool is bad: several
do not claim what they are measured by, and each is made for its own purpose. That nothing is found does not
show that data are anonymous.

- **Own claim**: findings that contradict what the tool's makers say of it. A tool that claims a profile of
  PS3.15 is judged by that profile, in the edition nearest to the one that it names (the harness judges by
  2023b and 2026d); what is found at rows that its edition had not does not count. Where an instance records
  its method in codes, an option that it does not name is not claimed for it. A tool that claims no profile
  is judged by its documentation: by what it says is removed or replaced, and by the consistency of UIDs that
  it promises.
- **Basic Profile**: findings against Table E.1-1 of 2026d without any option. For a tool that does not claim
  it, this is a distance, not a fault; for one that claims options too, what an option keeps counts here.
- **Beyond its claim**: what judging by its claim finds besides, and what the claim does not reach: rows that
  its edition had not, options that the instance does not name, what its documentation does not promise.
- Figures are *kinds (single findings)*. A kind is one sort of finding under one requirement, and for rows of
  the table of one code such as X/Z/D.
- **Text in pixels**: what became of the lines of text that were painted into an ultrasound loop, told by
  correlation with the painted glyphs. *withheld*: the instance was not given away.
"""


def page(rows: Sequence[Row], *, timed: int, rounds: int) -> str:
    """Return the page."""
    parts = [
        _HEAD, _runs(rows), _synthetic(rows), _pydicom(rows), _speed(rows, timed, rounds), _known(rows),
        "## What is found\n", *(_found(row) for row in rows if row.over),
    ]  # fmt: skip
    return "\n".join(parts).rstrip() + "\n"


def _runs(rows: Sequence[Row]) -> str:
    head = ["tool", "version", "command", "it claims", "codes of CID 7050", "judged by", "remark"]
    lines = [
        [
            row.name, row.version or f"not run: {escaped(row.unavailable)}", f"`{row.command}`",
            row.claim.says, "none" if row.claim.documented else ", ".join(row.claim.codes),
            _edition(row), row.remark,
        ]
        for row in rows
    ]  # fmt: skip
    return f"## How each was run\n\n{table(head, lines)}"


def _edition(row: Row) -> str:
    claim = row.claim
    if claim.documented is not None:
        return f"its documentation, and {claim.edition}"
    if not claim.names:
        return claim.edition
    return f"{claim.edition}, without {len(claim.rows_since)} rows that {claim.names} had not"


def _synthetic(rows: Sequence[Row]) -> str:
    title = (
        "## The synthetic set\n\nLinked CT, MR, CR and ultrasound images, reports, a key object selection,\n"
        "a presentation state, a segmentation and an encapsulated PDF of six patients, with something\n"
        "planted in every identifying element, in sequences, private blocks, overlays, codestreams and\n"
        "pixels.\n"
    )
    head = [*_COLUMNS, "text in pixels", "what it said of files that it withheld or had doubts about"]
    lines = (
        [*_line(row, over), row.burned_in, escaped(over.reason)]
        for row in rows
        if (over := row.over.get(SYNTHETIC))
    )
    return f"{title}\n{table(head, lines)}"


_COLUMNS = (
    "tool", "written of given", "own claim: failures", "warnings", "Basic Profile: failures", "warnings",
)  # fmt: skip


def _pydicom(rows: Sequence[Row]) -> str:
    title = (
        "## The files of pydicom\n\nFiles of many makers, classes and transfer syntaxes, some damaged on\n"
        "purpose, several with one SOP Instance UID. What is held back with a reason is no fault.\n"
    )
    head = [*_COLUMNS, "what it said of files that it withheld or had doubts about"]
    lines = ([*_line(row, over), escaped(over.reason)] for row in rows if (over := row.over.get(PYDICOM)))
    return f"{title}\n{table(head, lines)}"


def _line(row: Row, over: OverSet) -> list[str]:
    counts = [
        counted(kinds, severity) if over.written else ""
        for kinds in (over.own, over.yardstick)
        for severity in (Severity.FAIL, Severity.WARNING)
    ]
    return [row.name, f"{over.written} of {over.given}", *counts]


_TIME = """\
## Time

{timed} CT images of 0.5 MB with 250 elements, a body with a scanner's noise in their pixels; the whole
process from its start to its end, median of {rounds} rounds in which the tools took turns; {machine}.
Orthanc was running already: its time is that of sending, de-identifying and fetching over HTTP. A process
that starts slowly, as ours does, spends most of this time on it: `benchmarks/deidentify_speed.py` times 1,000
images. Some tools do more than others: dentdeid looks for text in every image.

*Peak MB* is the most memory that a single process of the tool held at a time, in any round: of several
processes the largest, not their sum; of Orthanc, its server.
"""


def _speed(rows: Sequence[Row], timed: int, rounds: int) -> str:
    machine = f"{os.cpu_count()} processors, {platform.system()}"
    title = _TIME.format(timed=timed, rounds=rounds, machine=machine)
    each = {row.name: row.milliseconds_each for row in rows}
    ours, theirs = each.get("tce-basic"), each.get("gdcmanon")
    head = ["tool", "written of given", "ms per instance", "of tce-basic", "of gdcmanon", "peak MB"]
    lines = []
    for row in rows:
        if row.timed:
            own, worst = row.milliseconds_each, min(row.timed, key=lambda run: run.written)
            told = (
                number(own) if own is not None else f"no figure, as it wrote fewer: {escaped(worst.reason)}"
            )
            lines.append(
                [row.name, f"{worst.written} of {worst.given}", told, ratio(own, ours), ratio(own, theirs),
                 number(row.peak_megabytes)]
            )  # fmt: skip
    return f"{title}\n{table(head, lines)}"


_KNOWN = """\
## Known failures

What other measurements, by other means, say that the tools do, and whether the findings over the synthetic
set show it in this version. That it is not seen can mean that it was mended, or that nothing in the set shows
it. Seen is what the Basic Profile finds; how much of it is against the tool's own claim stands beside it.
"""


def _known(rows: Sequence[Row]) -> str:
    parts = [_KNOWN]
    for row in rows:
        if (over := row.over.get(SYNTHETIC)) and (known := known_of(row.name)):
            lines = (_shown(each, over, row.version) for each in known)
            parts.append(f"### {row.name} {row.version}: known failures\n\n{table(KNOWN_HEAD, lines)}")
    return "\n".join(parts)


def _shown(known: Known, over: OverSet, version: str) -> list[str]:
    shown, claimed = known.among(over.yardstick), known.among(over.own)
    return [
        known.stated, escaped(known.looked_for), _told(shown, version),
        str(shown.findings), str(claimed.findings), str(shown.instances), folded(shown.elements),
    ]  # fmt: skip


def _told(shown: Shown, version: str) -> str:
    if shown.known.is_praise:
        return "it is so" if shown.holds else f"not so in {version}"
    return "seen" if shown.holds else f"not seen in {version}"


def _found(row: Row) -> str:
    parts = [f"### {row.name} {row.version}\n"]
    for name, title in ((SYNTHETIC, "the synthetic set"), (PYDICOM, "the files of pydicom")):
        if (over := row.over.get(name)) is None:
            continue
        told = found_table(over, row.name)
        if not over.written:
            told = f"It wrote nothing: {escaped(over.reason)}\n"
        parts.append(f"#### {row.name}, {title}: {over.written} of {over.given} written\n\n{told}")
    return "\n".join(parts)
