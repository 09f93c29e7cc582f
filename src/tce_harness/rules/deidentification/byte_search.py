"""Many byte strings looked for at once in files of any size: most positions fall out by two bytes each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

_LONGEST_HEAD = 10
_SHORTEST = 4
_PIECE = 1 << 22


class ByteSearch:
    """Looks for byte strings without regard to the case of ASCII letters.

    Only every fourth position is looked at (every second where a wanted string has less than eight bytes):
    a string that begins at it or just before it has known pairs of bytes there. Tables of all 65,536 pairs
    tell; in pixels hardly any position is left after two of them.

    Parameters
    ----------
    wanted
        In lower case, of four bytes and more; shorter ones are not looked for.
    """

    def __init__(self, wanted: Iterable[bytes]) -> None:
        forms = {each for each in wanted if len(each) >= _SHORTEST}
        shortest = min(map(len, forms), default=0)
        self._longest = max(map(len, forms), default=0)
        self._head = min(shortest, _LONGEST_HEAD)
        self._stride = 4 if self._head >= 8 else 2
        self._by_head: dict[bytes, list[bytes]] = defaultdict(list)
        for form in sorted(forms):
            self._by_head[form[: self._head]].append(form)
        heads = tuple(self._by_head)
        self._tables = [
            _table(heads, range(offset, offset + self._stride))
            for offset in range(0, self._head - self._stride, 2)
        ]

    def __bool__(self) -> bool:
        return bool(self._by_head)

    def find(self, content: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield each wanted string that occurs, and where."""
        for start in range(0, len(content) if self else 0, _PIECE):
            piece = content[max(start - self._stride, 0) : start + _PIECE + self._longest]
            for position in self._candidates(piece):
                yield from self._at(content, max(start - self._stride, 0) + position, start)

    def _at(self, content: bytes, around: int, start: int) -> Iterator[tuple[bytes, int]]:
        """Yield what begins at a position or just before it, within a piece."""
        for position in range(max(around - self._stride + 1, start), around + 1):
            if position >= start + _PIECE:
                return
            head = content[position : position + self._head].lower()
            for form in self._by_head.get(head, ()):
                if content[position : position + len(form)].lower() == form:
                    yield form, position

    def _candidates(self, piece: bytes) -> list[int]:
        """Return the positions of a piece at or just before which a wanted string may begin."""
        pairs: NDArray[np.uint16] = np.frombuffer(piece, dtype="<u2", count=len(piece) // 2)
        step = self._stride // 2
        where: NDArray[np.intp] = np.flatnonzero(np.take(self._tables[0], pairs[::step])) * step
        for number, table in enumerate(self._tables[1:], start=1):
            where = where[where + number < len(pairs)]
            where = where[np.take(table, pairs[where + number])]
        found: list[int] = (where * 2).tolist()
        return found


def _table(heads: Iterable[bytes], offsets: Sequence[int]) -> NDArray[np.bool_]:
    """Return which pairs of bytes stand at one of some offsets, in either case of their letters."""
    table = np.zeros(1 << 16, dtype=np.bool_)
    for first, second in {(head[offset], head[offset + 1]) for head in heads for offset in offsets}:
        for low, high in product(_cases(first), _cases(second)):
            table[low | high << 8] = True
    return table


def _cases(byte: int) -> tuple[int, ...]:
    """Return a byte as it stands in either case."""
    return (byte, byte - 32) if ord("a") <= byte <= ord("z") else (byte,)
