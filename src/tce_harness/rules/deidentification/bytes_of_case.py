"""One search of the bytes of each exported instance for all that any rule looks for in bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from weakref import WeakKeyDictionary

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.process_copy import WORTH_A_COPY, Send, can_be_copied, copy_of_process
from tce_harness.model.canary import CanaryKind, Fate
from tce_harness.rules.deidentification.byte_search import ByteSearch
from tce_harness.rules.deidentification.original_uids import original_uids
from tce_harness.rules.deidentification.spellings import byte_forms

Found = tuple[tuple[bytes, int], ...]

_SEARCHES: WeakKeyDictionary[CaseEvidence, ByteSearch] = WeakKeyDictionary()
_FOUND: WeakKeyDictionary[EvidenceInstance, Found] = WeakKeyDictionary()
_COMING: WeakKeyDictionary[CaseEvidence, Iterator[tuple[EvidenceInstance, Found]]] = WeakKeyDictionary()


@contextmanager
def bytes_searched_beside(case: CaseEvidence) -> Iterator[None]:
    """Let a copy of this process search the bytes of many instances, until the block ends.

    `found_in_bytes` takes what the copy says, and searches itself where it says nothing.
    """
    instances = (*case.subjects, *case.unreadable)
    if len(instances) < WORTH_A_COPY or not can_be_copied():
        yield
        return

    def search_all(send: Send) -> None:
        for instance in instances:
            send(found_in_bytes(case, instance))

    with copy_of_process(search_all) as results:
        _COMING[case] = _coming(instances, results)
        try:
            yield
        finally:
            del _COMING[case]


def _coming(
    instances: tuple[EvidenceInstance, ...], results: Connection
) -> Iterator[tuple[EvidenceInstance, Found]]:
    for instance in instances:
        try:
            yield instance, results.recv()
        except EOFError:
            return


def found_in_bytes(case: CaseEvidence, instance: EvidenceInstance) -> Found:
    """Return which planted values and original UIDs stand in the bytes of an instance, and where.

    What of that a rule asks for is the rule's own matter.
    """
    for each, told in _COMING.get(case, ()) if instance not in _FOUND else ():
        _FOUND[each] = told
        if each is instance:
            break
    found = _FOUND.get(instance)
    if found is None:
        found = _FOUND[instance] = tuple(search_of(case).find(instance.content))
    return found


def search_of(case: CaseEvidence) -> ByteSearch:
    """Return the search for all planted values and original UIDs of a case."""
    search = _SEARCHES.get(case)
    if search is None:
        search = _SEARCHES[case] = ByteSearch(_wanted(case))
    return search


def _wanted(case: CaseEvidence) -> set[bytes]:
    wanted = {uid.encode("ascii") for uid in original_uids(case) if uid.isascii()}
    for kind, value in {(each.kind, each.value) for each in case.canaries if each.fate is Fate.MUST_GO}:
        if kind is CanaryKind.UID:
            wanted.add(value.encode("utf-8"))
        else:
            wanted |= byte_forms(kind, value)
    return wanted
