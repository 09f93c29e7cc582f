"""The box of what was examined and what was not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tce_harness.engine.coverage import NEVER_EXAMINED
from tce_harness.model.record import CanariesRecord, MessageRecord

if TYPE_CHECKING:
    from tests.engine.conftest import Run


def test_what_was_examined_is_counted_from_the_evidence(leaky_run: Run) -> None:
    examined = dict(leaky_run.result.coverage.examined)
    messages = [e.record for e in leaky_run.evidence.entries if isinstance(e.record, MessageRecord)]
    received = [each for each in messages if not each.sent]
    expected = f"{len(messages)} on the wire, {len(received)} of them received by the harness"
    assert examined["Cases"] == "1"
    assert examined["Messages"] == expected
    assert examined["Instances judged"] == str(len(received)) == "4"
    assert examined["SOP classes"] == "CT Image Storage (3), Key Object Selection Document Storage (1)"
    assert examined["Edition of PS3.15"] == leaky_run.result.claims.edition
    assert "dciodvfy" in examined["Outside judges"]


def test_planted_values_are_told_apart_by_what_has_to_become_of_them(leaky_run: Run) -> None:
    planted = dict(leaky_run.result.coverage.examined)["Planted values"]
    found = re.fullmatch(r"(\d+) that must go, (\d+) places whose value must stay", planted)
    assert found is not None
    records = [e.record for e in leaky_run.evidence.entries if isinstance(e.record, CanariesRecord)]
    total = sum(len(each.canaries) for each in records)
    assert 0 < int(found[1]) < total
    assert 0 < int(found[2]) < total


def test_what_nobody_examines_is_always_said(reference_run: Run, leaky_run: Run) -> None:
    for run in (reference_run, leaky_run):
        said = run.result.coverage.not_examined
        assert set(NEVER_EXAMINED) <= set(said)
