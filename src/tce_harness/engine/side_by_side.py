"""Work shared with a copy of this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tce_harness.evidence.process_copy import Send, can_be_copied, copy_of_process

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(work: Callable[[T], R], here: Sequence[T], there: Sequence[T]) -> tuple[list[R], list[R]]:
    """Return the results of some work, done in this process and meanwhile in a copy of it.

    Where the process cannot be copied, or the copy comes to an end before its time, this one does it all.

    Parameters
    ----------
    work
        Pure; what it returns can be pickled.
    """
    if not (here and there and can_be_copied()):
        return [work(each) for each in here], [work(each) for each in there]

    def all_there(send: Send) -> None:
        send([work(each) for each in there])

    with copy_of_process(all_there) as results:
        done = [work(each) for each in here]
        try:
            return done, results.recv()
        except EOFError:
            return done, [work(each) for each in there]
