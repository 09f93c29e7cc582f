"""Lengths of time as people write them: ``60 s``, ``5 min``, ``500 ms``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_PATTERN = r"^[0-9]+(\.[0-9]+)? ?(ms|s|min|h)$"


def parse_duration(text: object) -> float:
    """Return a length of time in seconds.

    Raises
    ------
    ValueError
        When it is not a number with one of the units ms, s, min, h, or when it is nothing.
    """
    if not isinstance(text, str) or not re.fullmatch(_PATTERN, text):
        raise ValueError("a length of time is a number with ms, s, min or h, such as '60 s' or '5 min'")
    number = text.rstrip("mshin ")
    seconds = float(number) * _SECONDS[text[len(number) :].strip()]
    if not seconds:
        raise ValueError("a length of time is longer than nothing")
    return seconds


def spell_duration(seconds: float) -> str:
    """Return seconds as they would be written in a file, in the largest unit that needs no fraction."""
    for unit in ("h", "min", "s"):
        if seconds >= _SECONDS[unit] and seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:.0f} {unit}"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.3f}".rstrip("0") + " s"


Duration = Annotated[
    float,
    BeforeValidator(parse_duration, json_schema_input_type=Annotated[str, Field(pattern=_PATTERN)]),
]
