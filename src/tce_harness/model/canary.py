"""Values planted in synthetic studies so that a leak, or a loss, can be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CanaryKind(StrEnum):
    """What a planted value looks like, which decides in what spellings it is searched."""

    NAME = "name"
    IDENTIFIER = "identifier"
    DATE = "date"
    TIME = "time"
    UID = "uid"
    TEXT = "text"
    BYTES = "bytes"


class Fate(StrEnum):
    """What a de-identifier must do with a planted value."""

    MUST_GO = "must-go"
    MUST_STAY = "must-stay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One planted value.

    Parameters
    ----------
    value
        As text; for bytes that are no text, in Latin-1.
    element
        Path where it was planted, such as ``(0040,0275)[1]/(0032,1060)``, or a word for a place that is no
        element (``codestream comment``, ``trailing bytes``, ``preamble``).
    subject
        Label of the instance that carries it.
    fate
        Whether it must be gone from every exported instance, or must still stand at its element.
    """

    value: str
    kind: CanaryKind
    element: str
    subject: str
    fate: Fate = Fate.MUST_GO
