"""Work is shared with a copy of the process; tests run in a process of one thread."""

from __future__ import annotations

import subprocess
import sys
import threading

from tce_harness.engine.side_by_side import side_by_side

_IN_ONE_THREAD = """
import os, sys
from tce_harness.engine.side_by_side import side_by_side

first = os.getpid()


def work(number):
    if sys.argv[1] == "dies" and os.getpid() != first:
        os._exit(9)
    return number, os.getpid() == first


print(side_by_side(work, [1, 2], [3, 4]))
"""


def shared(how: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _IN_ONE_THREAD, how], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_each_share_is_done_where_it_belongs_and_keeps_its_order() -> None:
    there = sys.platform != "linux"
    assert shared("lives") == str(([(1, True), (2, True)], [(3, there), (4, there)]))


def test_what_the_copy_did_not_do_is_done_here() -> None:
    assert shared("dies") == str(([(1, True), (2, True)], [(3, True), (4, True)]))


def test_a_process_with_other_threads_does_all_itself() -> None:
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()
    try:
        seen = side_by_side(lambda _: threading.get_ident(), [1], [2])
    finally:
        end.set()
        other.join()
    assert seen == ([threading.get_ident()], [threading.get_ident()])
