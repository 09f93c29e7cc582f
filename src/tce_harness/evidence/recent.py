"""What was made of instances, held as long as there is room: every rule of every check asks for the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Things by the digest of their instance; the least recently used are dropped. Safe among threads.

    Parameters
    ----------
    most
        Bytes of the files that they were made of, together.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._lock = threading.Lock()
        self._made: OrderedDict[str, tuple[T, int]] = OrderedDict()

    def get(self, digest: str, make: Callable[[], tuple[T, int]]) -> T:
        """Return what was made of an instance, or make it; nobody may change it.

        Parameters
        ----------
        make
            Returns it with the size of its file in bytes.
        """
        with self._lock:
            found = self._made.get(digest)
            if found is not None:
                self._made.move_to_end(digest)
                return found[0]
        made, size = make()
        self.put(digest, made, size)
        return made

    def put(self, digest: str, made: T, size: int) -> None:
        """Remember what was made of an instance whose file has so many bytes."""
        with self._lock:
            self._held += size - self._made.pop(digest, (made, 0))[1]
            self._made[digest] = (made, size)
            while self._held > self._most and len(self._made) > 1:
                _, (_, freed) = self._made.popitem(last=False)
                self._held -= freed
