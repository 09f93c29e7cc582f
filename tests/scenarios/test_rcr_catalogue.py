from __future__ import annotations

import pytest

from tce_harness.content import Content
from tce_harness.model.requirement import Grade, Testable
from tce_harness.scenarios import Catalogue, load_catalogue
from tce_harness.scenarios.catalogue import load_rows

LEAF = """\
document: Leaves
edition: "1"
requirements:
"""


@pytest.fixture(scope="module")
def rcr(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Return the shipped catalogue over bare rows for the requirements of other catalogues."""
    shipped = Content.with_overlays().file("scenarios/requirements/rcr.yaml")
    leaves = {
        identifier
        for row in load_rows(shipped).requirements
        for identifier in row.proven_by
        if not identifier.startswith("RCR-")
    }
    folder = tmp_path_factory.mktemp("content") / "scenarios" / "requirements"
    folder.mkdir(parents=True)
    (folder / "rcr.yaml").write_bytes(shipped.read_bytes())
    (folder / "leaves.yaml").write_text(
        LEAF
        + "".join(
            f"  - {{id: {leaf}, section: '1', text: T, level: shall, actors: [receiver], grade: N,"
            " testable: wire}\n"
            for leaf in sorted(leaves)
        ),
        encoding="utf-8",
    )
    return load_catalogue(Content((folder.parent.parent,)))


def test_every_clause_of_the_guidance_is_there(rcr: Catalogue) -> None:
    begins = [row.id.removeprefix("RCR-")[0] for row in rcr if row.id.startswith("RCR-")]
    assert {letter: begins.count(letter) for letter in "SBA"} == {"S": 7, "B": 59, "A": 43}


def test_what_is_judged_without_a_leaf_is_the_template_alone(rcr: Catalogue) -> None:
    judged = {
        row.id
        for row in rcr
        if row.id.startswith("RCR-")
        and row.testable in {Testable.WIRE, Testable.OBJECT}
        and not row.proven_by
    }
    assert judged == {f"RCR-B4.T{number}" for number in range(1, 12)} | {"RCR-B4.N1", "RCR-B4.N2"}


def test_attested_and_untestable_rows_have_no_leaves(rcr: Catalogue) -> None:
    rows = [row for row in rcr if row.testable in {Testable.ATTEST, Testable.NO}]
    assert rows
    assert all(not row.proven_by for row in rows)
    assert all((row.reason or "").startswith("not yet: ") for row in rows if row.testable is Testable.NO)


def test_what_the_guidance_does_not_say_is_marked_and_cannot_fail(rcr: Catalogue) -> None:
    ours = {row.id for row in rcr if row.grade is not Grade.NORMATIVE}
    assert ours == {"RCR-B5.9a", "RCR-B5.11a"}
    assert not any(rcr[identifier].required for identifier in ours)


def test_author_rolls_up_its_table_row_and_its_arrival(rcr: Catalogue) -> None:
    assert rcr.leaves("RCR-B4.4") == ("RCR-B4.T2", "TCE-RAD53-017")


def test_no_text_names_anybody_elses_wish_as_a_promise_of_anonymity(rcr: Catalogue) -> None:
    assert [row.id for row in rcr if "anonym" in row.text.lower()] == ["RCR-S1.1"]
