"""The rules of this package and the catalogue of PS3.15 speak of the same requirements."""

from __future__ import annotations

from tce_harness.content import Content
from tce_harness.model.requirement import Testable
from tce_harness.rules.registry import all_rules
from tce_harness.scenarios.catalogue import load_catalogue

CATALOGUE = load_catalogue(Content.with_overlays())
OURS = {name: rule for name, rule in all_rules().items() if name.startswith(("deid/", "uid/", "object/"))}


def test_every_rule_judges_a_requirement_that_is_testable_on_objects() -> None:
    for rule in OURS.values():
        assert CATALOGUE[rule.judges].testable is Testable.OBJECT, rule.name
        assert not CATALOGUE[rule.judges].proven_by, rule.name


def test_every_testable_requirement_of_ps3_15_has_a_rule_or_is_a_roll_up() -> None:
    judged = {rule.judges for rule in OURS.values()}
    rows = [each for each in CATALOGUE if each.id.startswith("PS315-")]
    assert len(rows) > 40
    for row in rows:
        if row.testable is Testable.OBJECT:
            assert (row.id in judged) != bool(row.proven_by), row.id


def test_no_two_rules_of_this_package_judge_one_requirement() -> None:
    judged = [rule.judges for rule in OURS.values()]
    assert len(judged) == len(set(judged))
