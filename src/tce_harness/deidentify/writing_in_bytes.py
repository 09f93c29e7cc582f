"""What can be read in a value of bytes, whatever else it holds."""

from __future__ import annotations

import re
from functools import lru_cache

#: Runs shorter than this come about by chance.
_SHORTEST_RUN = 4
_CONTROLS = r"\x00-\x1f\x7f-\x9f\ufffd"
_RUN = re.compile(rf"[^{_CONTROLS}]{{{_SHORTEST_RUN},}}")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\x00){%d,}|(?:\x00[\x20-\x7e]){%d,}" % (_SHORTEST_RUN, _SHORTEST_RUN))
_DATE = re.compile(
    r"(?<![\d.])(?:19|20)\d\d([-/.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])"
    r"(?:[T ]?\d\d(?::?\d\d){1,2}(?:\.\d+)?)?(?!\d|\.\d)"
)


# a series repeats its profiles and tables
@lru_cache(16)
def writing_in(content: bytes) -> str:
    """Return the runs of characters in bytes, parted by spaces: of one byte, of UTF-8 and of UTF-16."""
    found = _RUN.findall(content.decode("latin-1"))
    if not content.isascii():
        found += [run for run in _RUN.findall(content.decode("utf-8", "replace")) if not run.isascii()]
    found += [run.replace(b"\x00", b"").decode("ascii") for run in _WIDE.findall(content)]
    return " ".join(found)


def dates_in(text: str) -> tuple[str, ...]:
    """Return what reads as a day of this century or the last: year, month, day, perhaps a time."""
    return tuple(match[0] for match in _DATE.finditer(text))
