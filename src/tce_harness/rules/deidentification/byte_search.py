"""Many byte strings looked for at once in files of any size: most positions fall out by two bytes each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

_PAIRS = 5
_SHORTEST = 4
_PIECE = 1 << 22


class ByteSearch:
    """Looks for byte strings without regard to the case of ASCII letters.

    A position is looked at closer only where each of the first pairs of bytes stands in some wanted string at
    that offset, told from tables of all 65,536 pairs. In pixels hardly any position is left after two tables.

    Parameters
    ----------
    wanted
        In lower case, of four bytes and more; shorter ones are not looked for.
    """

    def __init__(self, wanted: Iterable[bytes]) -> None:
        forms = {each for each in wanted if len(each) >= _SHORTEST}
        self._longest = max(map(len, forms), default=0)
        self._head = min(min(map(len, forms), default=0), 2 * _PAIRS) // 2 * 2
        self._by_head: dict[bytes, list[bytes]] = defaultdict(list)
        for form in sorted(forms):
            self._by_head[form[: self._head]].append(form)
        self._tables = [_table(forms, offset) for offset in range(0, self._head, 2)]

    def __bool__(self) -> bool:
        return bool(self._by_head)

    def find(self, content: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield each wanted string that occurs, and where."""
        for start in range(0, len(content) if self else 0, _PIECE):
            for position in self._candidates(content[start : start + _PIECE + self._longest]):
                yield from self._at(content, start + position)

    def _at(self, content: bytes, position: int) -> Iterator[tuple[bytes, int]]:
        head = content[position : position + self._head].lower()
        for form in self._by_head.get(head, ()):
            if content[position : position + len(form)].lower() == form:
                yield form, position

    def _candidates(self, piece: bytes) -> list[int]:
        """Return the positions of a piece where a wanted string may begin."""
        found: list[int] = []
        for shift in (0, 1):
            length = (len(piece) - shift) // 2
            pairs: NDArray[np.uint16] = np.frombuffer(piece, dtype="<u2", count=max(length, 0), offset=shift)
            where: NDArray[np.intp] = np.flatnonzero(self._tables[0][pairs])
            for number, table in enumerate(self._tables[1:], start=1):
                where = where[where + number < length]
                where = where[table[pairs[where + number]]]
            found += (where * 2 + shift).tolist()
        return sorted(each for each in found if each < _PIECE)


def _table(forms: Iterable[bytes], offset: int) -> NDArray[np.bool_]:
    table = np.zeros(1 << 16, dtype=np.bool_)
    for first, second in {(form[offset], form[offset + 1]) for form in forms}:
        for low, high in product(_cases(first), _cases(second)):
            table[low | high << 8] = True
    return table


def _cases(byte: int) -> tuple[int, ...]:
    """Return a byte as it stands in either case."""
    return (byte, byte - 32) if ord("a") <= byte <= ord("z") else (byte,)
