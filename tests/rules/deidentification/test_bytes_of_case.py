"""The byte search of a copy of the process is taken at its word, and done here where it says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.rules.deidentification import bytes_of_case
from tce_harness.rules.deidentification.bytes_of_case import found_in_bytes, search_begun

if TYPE_CHECKING:
    from tests.rules.conftest import CaseMaker
    from tests.rules.deidentification.conftest import Study

NAME = Canary(value="Szczepanska^Maria", kind=CanaryKind.NAME, element="(0010,0010)", subject="study/1")


class Copy:
    """A copy of the process that says so many things, and then comes to an end."""

    def __init__(self, work: Callable[[Callable[[object], None]], None], says: int) -> None:
        self._said: list[object] = []
        work(self._said.append)
        self._left = iter(self._said[:says])

    def recv(self) -> object:
        try:
            return next(self._left)
        except StopIteration:
            raise EOFError from None


@pytest.fixture
def leaking(make_case: CaseMaker, study: Study) -> CaseEvidence:
    for number, each in enumerate(study.exported):
        each.StudyDescription = f"scan {number} of SZCZEPANSKA"
    return make_case(study.originals, study.exported, canaries=[NAME])


def found(case: CaseEvidence) -> list[set[bytes]]:
    return [{form for form, _ in found_in_bytes(case, each)} for each in case.subjects]


@pytest.mark.parametrize("says", [0, 1, 3])
@pytest.mark.parametrize("backwards", [False, True])
def test_what_the_copy_did_not_say_is_searched_here(
    says: int, backwards: bool, leaking: CaseEvidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[str] = []

    @contextmanager
    def copied(work: Callable[[Callable[[object], None]], None]) -> Iterator[Copy]:
        copy = Copy(work, says)
        bytes_of_case._FOUND.clear()  # what the copy knows this process does not
        yield copy

    def search(case: CaseEvidence) -> object:
        searched.append(case.case.case)
        return search_of(case)

    search_of = bytes_of_case.search_of
    monkeypatch.setattr(bytes_of_case, "can_be_copied", lambda: True)
    monkeypatch.setattr(bytes_of_case, "copy_of_process", copied)
    with search_begun(leaking):
        monkeypatch.setattr(bytes_of_case, "search_of", search)
        subjects = leaking.subjects[::-1] if backwards else leaking.subjects
        told = [{form for form, _ in found_in_bytes(leaking, each)} for each in subjects]
    assert all(b"szczepanska" in forms for forms in told)
    assert len(told) == 3
    assert len(searched) == 3 - says
    assert found(leaking) == (told[::-1] if backwards else told)


def test_without_a_copy_this_process_searches(leaking: CaseEvidence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytes_of_case, "can_be_copied", lambda: False)
    with search_begun(leaking):
        assert all(b"szczepanska" in forms for forms in found(leaking))
