"""Simulator files: every fault with its place, and what extends what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tce_harness.content import Content
from tce_harness.model.errors import ScenarioError
from tce_harness.model.requirement import Actor
from tce_harness.model.verdict import Verdict
from tce_harness.simulators import Simulator, load_simulators
from tce_harness.transport import Associations

Load = Callable[..., dict[str, Simulator]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function that lays simulator files over the shipped ones and loads all."""

    def _load(**files: str) -> dict[str, Simulator]:
        for name, text in files.items():
            path = tmp_path / "simulators" / "defects" / f"{name.replace('_', '-')}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load_simulators(Content.with_overlays(tmp_path))

    return _load


def told(load: Load, **files: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load(**files)
    return [
        f"{problem.file.name}:{problem.line}: {problem.path}: {problem.message} ({problem.hint})"
        for problem in caught.value.problems
    ]


def test_the_shipped_simulators_have_no_fault() -> None:
    found = load_simulators(Content.with_overlays())
    assert {found[each.value].actor for each in Actor} == set(Actor)
    assert not any(found[each.value].mutations.mutations for each in Actor)


def test_what_it_extends_gives_what_it_does_not_say_itself(load: Load) -> None:
    found = load(
        base="simulator: base\ntitle: Base\nextends: export-manager\nassociations: each\nattempts: 5\n"
        "mutate: [{keep: '(0010,0010)'}]\nturns: {TCE-RAD53-001: fail}\nproven_in: [EM-010/TCE001]\n",
        top="simulator: top\ntitle: Top\nextends: base\npolicy: basic\nmutate: [{hold: {}}]\n",
    )
    top, base = found["top"], found["base"]
    assert (top.actor, top.policy, top.associations, top.attempts) == (
        Actor.EXPORT_MANAGER, "basic", Associations.EACH, 5,
    )  # fmt: skip
    assert [type(each).__name__ for each in top.mutations.mutations] == ["Keep", "Hold"]
    assert top.title == "Top"
    assert base.is_defect
    assert base.turns == (("TCE-RAD53-001", Verdict.FAIL),)
    assert not top.is_defect
    assert top.proven_in == ()


def test_an_unknown_key_and_an_unknown_mutation_are_told_with_their_near_match(load: Load) -> None:
    problems = told(
        load,
        odd="simulator: odd\ntitle: Odd\nextend: receiver\nmutate:\n  - reorder: manifest-frst\n",
    )
    assert "odd.yaml:3: extend: unknown key 'extend' (did you mean extends?)" in problems
    assert any(each.startswith("odd.yaml:5: mutate[0].reorder") for each in problems)
    assert any("did you mean manifest-first?" in each for each in problems)


def test_extending_nobody_is_told_with_the_near_match(load: Load) -> None:
    assert told(load, odd="simulator: odd\ntitle: Odd\nextends: recever\n") == [
        "odd.yaml:3: extends: there is no simulator 'recever' (did you mean receiver?)"
    ]


def test_a_circle_is_told_once_at_each_of_its_members(load: Load) -> None:
    problems = told(
        load,
        one="simulator: one\ntitle: One\nextends: two\n",
        two="simulator: two\ntitle: Two\nextends: one\n",
        outside="simulator: outside\ntitle: Outside\nextends: one\n",
    )
    assert problems == [
        "one.yaml:3: extends: it extends itself, by way of two, one ()",
        "two.yaml:3: extends: it extends itself, by way of one, two ()",
    ]


def test_a_simulator_that_extends_itself_is_told(load: Load) -> None:
    assert told(load, one="simulator: one\ntitle: One\nextends: one\n") == [
        "one.yaml:3: extends: it extends itself, by way of one ()"
    ]


def test_a_fault_of_the_extended_file_is_not_told_again_for_each_that_extends_it(load: Load) -> None:
    problems = told(
        load,
        base="simulator: base\ntitle: Base\nactr: receiver\n",
        top="simulator: top\ntitle: Top\nextends: base\n",
    )
    assert problems == ["base.yaml:3: actr: unknown key 'actr' (did you mean actor?)"]


def test_an_actor_that_nobody_names_is_told(load: Load) -> None:
    assert told(load, odd="simulator: odd\ntitle: Odd\n") == [
        "odd.yaml:1: : the key 'actor' is missing, and nothing that it extends has it ()"
    ]


def test_an_unknown_policy_is_told_with_the_near_match(load: Load) -> None:
    assert told(load, odd="simulator: odd\ntitle: Odd\nextends: export-manager\npolicy: basics\n") == [
        "odd.yaml:4: policy: there is no policy 'basics' (did you mean basic?)"
    ]


def test_a_name_that_is_not_the_file_s_or_is_taken_is_told(load: Load) -> None:
    problems = told(load, other="simulator: receiver\ntitle: Other\nactor: receiver\n")
    assert "other.yaml:1: simulator: the file is named other.yaml: name both the same ()" in problems
    assert any("has that name already" in each for each in problems)


def test_every_fault_of_every_file_is_told_at_once(load: Load) -> None:
    problems = told(
        load,
        a="simulator: a\ntitle: A\nattempts: 0\nextends: receiver\n",
        b="simulator: b\nactor: recever\n",
        c="simulator: [\n",
    )
    assert {each.split(":")[0] for each in problems} == {"a.yaml", "b.yaml", "c.yaml"}
    assert len([each for each in problems if each.startswith("b.yaml")]) == 2
    assert any("did you mean receiver?" in each for each in problems)
