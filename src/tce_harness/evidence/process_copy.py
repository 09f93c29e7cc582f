"""A copy of this process that works beside it and knows all that it has read."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection

if sys.platform == "linux":
    import fcntl

Send = Callable[[object], None]
_WIDTH = 1 << 20  # bytes
#: Fewer things are done sooner than a copy is made.
WORTH_A_COPY = 64


def can_be_copied() -> bool:
    """Return whether this process can be copied: on Linux, where no other thread of it could hold a lock.

    Whoever asks has another way where it cannot.
    """
    return sys.platform == "linux" and threading.active_count() == 1


@contextmanager
def copy_of_process(work: Callable[[Send], None]) -> Iterator[Connection]:
    """Let a copy work until the block ends; give the end of the pipe at which its results come in.

    ``recv`` raises EOFError where the copy has sent all, or came to an end before its time. Where the block
    ends by an exception, the copy ends too.

    Parameters
    ----------
    work
        Is given what sends a result.
    """
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    _widen(sender)
    copy = fork.Process(target=_work, args=(work, receiver, sender))  # no daemon: it may be copied in turn
    gc.freeze()  # so that no collection touches, and thereby copies, all that both processes share
    copy.start()
    sender.close()
    try:
        yield receiver
    except BaseException:
        copy.terminate()
        raise
    finally:
        receiver.close()
        copy.join()
        gc.unfreeze()


def _widen(sender: Connection) -> None:
    """Let a copy that is ahead go on for some thousand results, as far as the system allows."""
    if sys.platform == "linux":
        with suppress(OSError):
            fcntl.fcntl(sender.fileno(), fcntl.F_SETPIPE_SZ, _WIDTH)


def _work(work: Callable[[Send], None], receiver: Connection, sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells its user, and closes the pipe
    receiver.close()
    try:
        work(sender.send)
    except BrokenPipeError:
        return
    finally:
        sender.close()
