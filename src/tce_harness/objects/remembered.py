"""What was found out about things that come again, within bounds."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by key; what was not asked for of late is forgotten, and never all at once.

    Parameters
    ----------
    most
        How many are held at least; twice as many at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.recent: dict[K, V] = {}
        self._older: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """Return a value; None where it is not held."""
        found = self.recent.get(key)
        if found is None:
            found = self._older.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: K, value: V) -> V:
        """Remember a value, and return it."""
        if len(self.recent) >= self._most:
            self._older, self.recent = self.recent, {}
        self.recent[key] = value
        return value
