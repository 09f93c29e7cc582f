"""What dciodvfy printed, read line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: dciodvfy knows no codes of the profile's own scheme; that says nothing of the instance.
_TOLERATED = re.compile(r"unrecognized defined term.*<(IHERADTF|TCE\d{3})>", re.IGNORECASE)
_ELEMENT = re.compile(r"\(([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\)(?:\[(\d+)\])?")
_PLACE = re.compile(r"^(Error|Warning) - (?:<(/[^>]*)> - )?(.*)$")
_QUOTED = re.compile(r"<[^>]*>|'[^']*'")
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error that dciodvfy printed.

    Parameters
    ----------
    line
        As printed; it may quote values.
    element
        Path of the element it speaks of; None where it names none.
    what
        The line without values and item numbers, by which two complaints are told to be the same.
    """

    line: str
    element: str | None
    what: str


def errors(output: str) -> tuple[Complaint, ...]:
    """Return the errors in the output of ``dciodvfy -new``, each once, without the tolerated ones."""
    found: dict[str, Complaint] = {}
    for line in output.splitlines():
        match = _PLACE.match(line.strip())
        if match is None or match[1] != "Error" or _TOLERATED.search(line):
            continue
        what = f"{_INDEX.sub('', match[2] or '')} {_QUOTED.sub('<>', match[3])}"
        found.setdefault(what, Complaint(line.strip(), _path(match[2] or ""), what))
    return tuple(found.values())


def _path(place: str) -> str | None:
    parts = []
    for group, element, number in _ELEMENT.findall(place):
        parts.append((f"({group.upper()},{element.upper()})", number))
    spelled = "/".join(f"{tag}[{number}]" if number else tag for tag, number in parts[:-1])
    if not parts:
        return None
    return f"{spelled}/{parts[-1][0]}" if spelled else parts[-1][0]
