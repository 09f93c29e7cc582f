"""Many byte strings looked for at once in files of any size: most positions fall out by four bytes each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

SHORTEST = 4
_PIECE = 1 << 22
_FACTOR = 2654435761  # spreads the bits of a lane over its upper ones (Knuth, volume 3, section 6.4)
_BITS = 20
_FOLD = 0x20


class ByteSearch:
    """Looks for byte strings without regard to the case of ASCII letters.

    Parameters
    ----------
    wanted
        In lower case, of four bytes and more; shorter ones are not looked for.
    """

    def __init__(self, wanted: Iterable[bytes]) -> None:
        by_length: dict[int, set[bytes]] = defaultdict(set)
        for form in wanted:
            by_length[len(form)].add(form)
        by_width: dict[int, list[frozenset[bytes]]] = defaultdict(list)
        for length in sorted(each for each in by_length if each >= SHORTEST):
            width = next(width for width in _Lanes.WIDTHS if length >= 2 * width - 1)
            by_width[width].append(frozenset(by_length[length]))
        self._longest = max(by_length, default=0)
        self._lanes = tuple(_Lanes(width, found) for width, found in by_width.items())

    def __bool__(self) -> bool:
        return bool(self._lanes)

    def find(self, content: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield each wanted string that occurs, and where."""
        for start in range(0, len(content) if self else 0, _PIECE):
            piece = content[start : start + _PIECE + self._longest]
            for lanes in self._lanes:
                for form, position in lanes.find(piece):
                    if position < _PIECE:
                        yield form, start + position


class _Lanes:
    """Looks for strings that fill a lane of so many bytes wherever they begin.

    Content is looked at in lanes, one beside the other: a string of at least twice their width, less one
    byte, fills one of them. A table tells which lanes a wanted string may fill, and a second one what then
    stands in the next, if the string is long enough to fill that too; in pixels hardly any lane is left.

    Parameters
    ----------
    width
        One of `WIDTHS`, in bytes.
    groups
        Strings of one length each, of twice the width, less one, and more.
    """

    WIDTHS = (4, 2)

    def __init__(self, width: int, groups: Iterable[frozenset[bytes]]) -> None:
        self._width = width
        self._type = np.dtype(f"<u{width}")
        self._head = 2 * width - 1
        self._groups = {len(next(iter(group))): group for group in groups}
        self._heads = frozenset(form[: self._head] for group in self._groups.values() for form in group)
        self._here, self._alone, self._after = (np.zeros(1 << _BITS, dtype=np.bool_) for _ in range(3))
        for length, group in self._groups.items():
            forms = np.frombuffer(b"".join(group), dtype=np.uint8).reshape(len(group), length)
            for offset in range(width):
                lanes = self._hashed(forms[:, offset : offset + width].tobytes())
                self._here[lanes] = True
                if offset + 2 * width <= length:
                    following = forms[:, offset + width : offset + 2 * width].tobytes()
                    self._after[self._hashed(following)] = True
                else:
                    self._alone[lanes] = True

    @cached_property
    def _lengths(self) -> dict[bytes, list[int]]:
        """The lengths of the strings by their first bytes, which many may share, such as the root of UIDs."""
        found: dict[bytes, list[int]] = defaultdict(list)
        for length, group in self._groups.items():
            for head in {form[: self._head] for form in group}:
                found[head].append(length)
        return found

    def _hashed(self, content: bytes) -> NDArray[np.uint32]:
        """Return a number of `_BITS` bits for each lane, the same for letters of either case."""
        lanes = np.frombuffer(content, dtype=self._type, count=len(content) // self._width)
        folded = lanes.astype(np.uint32) | np.uint32(int.from_bytes(bytes([_FOLD] * self._width), "little"))
        folded *= np.uint32(_FACTOR)
        folded >>= np.uint32(32 - _BITS)
        return folded

    def find(self, piece: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield each wanted string that occurs, and where."""
        for around in self._candidates(piece):
            for position in range(max(around - self._width + 1, 0), around + 1):
                head = piece[position : position + self._head].lower()
                for length in self._lengths[head] if head in self._heads else ():
                    form = piece[position : position + length].lower()
                    if form in self._groups[length]:
                        yield form, position

    def _candidates(self, piece: bytes) -> list[int]:
        """Return where the lanes begin that a wanted string may fill."""
        hashed = self._hashed(piece)
        where: NDArray[np.intp] = np.flatnonzero(np.take(self._here, hashed))
        kept = self._alone[hashed[where]]
        followed = where < len(hashed) - 1
        kept[followed] |= self._after[hashed[where[followed] + 1]]
        found: list[int] = (where[kept] * self._width).tolist()
        return found
