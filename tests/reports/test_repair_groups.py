from __future__ import annotations

from dataclasses import replace

from tce_harness.content import Content
from tce_harness.model.result import Repair, RunResult
from tce_harness.model.verdict import Verdict
from tce_harness.reports import repair_lines, to_html
from tce_harness.reports.repair_groups import grouped

FRAME = "(0020,0052)"


def leak(uid: Repair, *, element: str = FRAME, instances: tuple[str, ...] | None = None) -> Repair:
    """Return what another requirement says of an element: that what stood there is to be gone."""
    finding = replace(uid.finding, element=element, row=None, expected="gone", message="it can be read")
    return replace(
        uid,
        title="it can be read",
        requirement="PS315-B1",
        rule="deid/no-canary-survives",
        finding=finding,
        instances=instances or uid.instances,
    )


def uid_of(run: RunResult) -> Repair:
    repair = run.repairs[0]
    return replace(repair, finding=replace(repair.finding, element=FRAME, row=FRAME, expected="a new UID"))


def test_what_several_requirements_say_of_one_element_is_one_entry(failing_run: RunResult) -> None:
    uid = uid_of(failing_run)
    other = failing_run.repairs[1]
    groups = grouped((leak(uid), other, uid))
    assert [len(group.others) for group in groups] == [1, 0]


def test_the_outcome_that_the_row_admits_comes_first_so_that_nobody_deletes_a_uid(
    failing_run: RunResult,
) -> None:
    uid = uid_of(failing_run)
    (group,) = grouped((leak(uid), uid))
    assert (group.first.finding.expected, group.others[0].finding.expected) == ("a new UID", "gone")


def test_an_item_of_a_sequence_is_the_same_element_as_the_next(failing_run: RunResult) -> None:
    uid = uid_of(failing_run)
    one, two = (
        replace(leak(uid), finding=replace(uid.finding, element=f"(0008,1115)[{item}]/{FRAME}"))
        for item in (1, 2)
    )
    assert len(grouped((one, two))) == 1


def test_other_elements_other_instances_and_other_verdicts_stand_apart(failing_run: RunResult) -> None:
    uid = uid_of(failing_run)
    for stranger in (
        leak(uid, element="(0008,103E)"),
        leak(uid, instances=("elsewhere/1",)),
        replace(leak(uid), verdict=Verdict.WARNING),
    ):
        assert len(grouped((uid, stranger))) == 2


def test_what_names_no_element_stands_by_itself(failing_run: RunResult) -> None:
    bare = replace(failing_run.repairs[0], finding=replace(failing_run.repairs[0].finding, element=None))
    assert len(grouped((bare, bare))) == 2


def test_page_and_console_tell_one_defect_once(failing_run: RunResult, content: Content) -> None:
    uid = uid_of(failing_run)
    run = replace(failing_run, repairs=(leak(uid), uid))
    lines = repair_lines(run)
    assert "First to repair" in lines
    assert "    Expected:     a new UID" in lines
    assert "    Same element: PS315-B1: it can be read" in lines
    page = to_html(run, content)
    assert page.count('<article class="repair') == 1
    assert "To repair (1)" in page
    assert page.index("a new UID") < page.index("expected gone")
