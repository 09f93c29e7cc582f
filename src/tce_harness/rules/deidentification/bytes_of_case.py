"""One search of the bytes of each exported instance for all that any rule looks for in bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing.connection import Connection
from weakref import WeakKeyDictionary

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.process_copy import Send, can_be_copied, copy_of_process
from tce_harness.model.canary import CanaryKind, Fate
from tce_harness.rules.deidentification.byte_search import ByteSearch
from tce_harness.rules.deidentification.original_uids import original_uids
from tce_harness.rules.deidentification.places import places
from tce_harness.rules.deidentification.spellings import byte_forms

Found = tuple[tuple[bytes, int], ...]

_SEARCHES: WeakKeyDictionary[CaseEvidence, ByteSearch] = WeakKeyDictionary()
_FOUND: WeakKeyDictionary[CaseEvidence, dict[str, Found]] = WeakKeyDictionary()
_COMING: WeakKeyDictionary[CaseEvidence, Connection] = WeakKeyDictionary()


@contextmanager
def search_begun(case: CaseEvidence) -> Iterator[None]:
    """Let a copy of this process search the bytes of all instances, and look at their elements meanwhile.

    `found_in_bytes` takes what the copy says, in whatever copy of this process asks first and alone, and
    searches itself where it says nothing.
    """
    original_uids(case)
    pairs, instances = case.pairing.pairs, (*case.subjects, *case.unreadable)

    def search_all(send: Send) -> None:
        for instance in instances:
            send((instance.digest, found_in_bytes(case, instance)))

    with copy_of_process(search_all) if can_be_copied() else nullcontext() as results:
        if results is not None:
            _COMING[case] = results
        for pair in pairs:
            _ = places(pair.original).by_tags, places(pair.subject).by_tags
        try:
            yield
        finally:
            _COMING.pop(case, None)


def found_in_bytes(case: CaseEvidence, instance: EvidenceInstance) -> Found:
    """Return which planted values and original UIDs stand in the bytes of an instance, and where.

    What of that a rule asks for is the rule's own matter.
    """
    known = _FOUND.setdefault(case, {})
    while instance.digest not in known and case in _COMING:
        try:
            digest, found = _COMING[case].recv()
            known[digest] = found
        except EOFError:
            del _COMING[case]
    if instance.digest not in known:
        known[instance.digest] = tuple(search_of(case).find(instance.content))
    return known[instance.digest]


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
