"""Many normalised texts looked for at once, counted only where they are no mere part of a word or number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Generic, TypeVar

import ahocorasick

from tce_harness.rules.deidentification.spellings import LONGEST, is_unparted

_LONG_NUMBER = 7  # eight digits and more
_LONG_MATCH = 48

F = TypeVar("F")
Parted = Callable[[str, int, int], bool]


class WordSearch(Generic[F]):
    """Looks for texts.

    Parameters
    ----------
    table
        Text, as `normal` spells it, to what it tells.
        Each of at most `LONGEST` letters.
    parted
        Whether a match from one letter to another counts.

    Raises
    ------
    ValueError
        When a text is longer.
    """

    def __init__(self, table: Mapping[str, Set[F]], parted: Parted | None = None) -> None:
        self._parted = parted or is_parted
        self._automaton = ahocorasick.Automaton()
        for text, told in table.items():
            if len(text) > LONGEST:  # the library dies of words of hundreds of thousands of letters
                raise ValueError(f"a text of {len(text)} letters is searched by pieces")
            self._automaton.add_word(text, (len(text), frozenset(told)))
        self._automaton.make_automaton()
        self._empty = not table

    def find(self, text: str) -> Iterator[frozenset[F]]:
        """Yield what each of the texts tells that stands in another."""
        return (told for _, _, told in self.matches(text))

    def matches(self, text: str) -> Iterator[tuple[int, int, frozenset[F]]]:
        """Yield where each of the texts begins and ends in another, and what it tells."""
        if self._empty or not text:
            return
        for end, (length, told) in self._automaton.iter(text):
            start = end - length + 1
            if self._parted(text, start, end):
                yield start, end + 1, told


def is_parted(text: str, start: int, end: int) -> bool:
    """Return whether a match is no mere part of a longer word or number; none so long is met by chance."""
    if end - start >= _LONG_MATCH:
        return True
    if end - start >= _LONG_NUMBER and text[start : end + 1].replace(" ", "").isdigit():
        return is_parted_from_digits(text, start, end)
    before, after = text[start - 1 : start], text[end + 1 : end + 2]
    left = not before.isalnum() or is_unparted(text[start])
    return left and (not after.isalnum() or is_unparted(text[end]))


def is_parted_from_digits(text: str, start: int, end: int) -> bool:
    """Return whether a match is no mere part of a longer number, whatever letters stand beside it."""
    before, after = text[start - 1 : start], text[end + 1 : end + 2]
    left = not (before.isdigit() and text[start].isdigit()) or _is_padded(text, start)
    return left and not (after.isdigit() and text[end].isdigit())


def _is_padded(text: str, start: int) -> bool:
    """Return whether nothing but leading zeros stands before a number that begins otherwise."""
    if text[start] == "0":
        return False
    before = text[:start].rstrip("0")
    return len(before) < start and not before[-1:].isdigit()


def is_parted_from_letters(text: str, start: int, end: int) -> bool:
    """Return whether a match is no mere part of a longer word, whatever digits stand beside it."""
    left = not text[start - 1 : start].isalpha() or is_unparted(text[start])
    return left and (not text[end + 1 : end + 2].isalpha() or is_unparted(text[end]))


def is_parted_in_bytes(content: bytes, start: int, end: int) -> bool:
    """Return whether some bytes, the end excluded, are no mere part of a longer word or number."""
    around = content[max(start - 1, 0) : end + 1].decode("latin-1")
    first = min(start, 1)
    return is_parted(around, first, first + end - start - 1)
