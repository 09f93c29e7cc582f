"""Tables of Markdown, and what stands in their cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_SHOWN = 4
_FOLDERS = re.compile(r"(?<!\S)(?:/+[^/\s]+)+/+(?=[^/\s])")


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table with one header line."""
    cells = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells) + "\n"


def escaped(text: str) -> str:
    """Return what a tool said for a cell, without the folders of the machine that it ran on."""
    return _FOLDERS.sub("", text).replace("|", "\\|").replace("<", "&lt;")


def number(value: float | None) -> str:
    """Return a figure with as many digits as it deserves."""
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def ratio(value: float | None, base: float | None) -> str:
    """Return a ratio; nothing where either is unknown."""
    return f"{value / base:.2f}" if value is not None and base else ""


def folded(counted: Counter[str]) -> str:
    """Return all names with how often they were counted, most frequent first; a long list folds."""
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    told = [f"{escaped(name)} ({count})" if count > 1 else escaped(name) for name, count in ordered]
    if len(told) <= _SHOWN + 1:
        return ", ".join(told)
    head, rest = ", ".join(told[:_SHOWN]), ", ".join(told[_SHOWN:])
    return f"{head} <details><summary>and {len(told) - _SHOWN} more</summary>{rest}</details>"
