"""All content loaded once, every fault of it told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tce_harness.content import Content
from tce_harness.engine import Library, load_library
from tce_harness.engine.library import unknown_requirements
from tce_harness.model.claims import Option, TeachingFileTemplate
from tce_harness.model.errors import ScenarioError
from tce_harness.model.requirement import Testable


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def told(root: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_library(Content.with_overlays(root))
    return [str(problem).removeprefix(f"{root}/") for problem in caught.value.problems]


def test_rules_and_requirements_agree(library: Library) -> None:
    rules = {name: rule for name, rule in library.rules.items() if not name.startswith("test/")}
    assert unknown_requirements(library.catalogue, rules) == ()


def test_a_rule_without_its_requirement_and_the_reverse_are_told(library: Library) -> None:
    rules = dict(library.rules)
    gone = rules.pop("arrival/export-takes-place")
    rules["test/new"] = replace(gone, name="test/new", judges="TCE-RAD99-001")
    found = unknown_requirements(library.catalogue, rules)
    assert "no requirement TCE-RAD99-001 for its rule" in found
    assert f"{gone.judges} calls itself testable and has no rule" in found


def test_a_requirement_that_has_a_rule_has_to_say_that_it_is_testable(library: Library) -> None:
    untestable = next(each for each in library.catalogue if each.testable is Testable.NO)
    rule = replace(library.rules["arrival/export-takes-place"], judges=untestable.id)
    found = unknown_requirements(library.catalogue, {**library.rules, "test/new": rule})
    assert f"{untestable.id} has a rule and does not call itself testable" in found


def test_simulators_claim_what_their_policy_does(library: Library) -> None:
    claims = library.claims_of(["receiver", "export-manager"])
    assert claims.deidentification_codes == ("113100", "113103", "113104", "113105")
    assert set(claims.options) == {Option.ADDITIONAL_TEACHING_FILE_INFORMATION, Option.DELAY_FOR_REASON}
    assert claims.templates == tuple(TeachingFileTemplate)
    assert library.claims_of(["receiver"]).deidentification_codes == ("113100",)


def test_what_a_defect_names_has_to_exist(tmp_path: Path) -> None:
    write(
        tmp_path,
        "simulators/defects/odd.yaml",
        "simulator: odd\ntitle: Odd\nextends: export-manager\nmutate: [{hold: {}}]\n"
        "turns: {TCE-RAD53-01: fail, RCR-S2.1: fail}\nproven_in: [EM-010/TCE001, EM-010/TCE01]\n",
    )
    problems = told(tmp_path)
    assert len(problems) == 3
    assert problems[0].startswith("simulators/defects/odd.yaml:5:9: turns.TCE-RAD53-01: unknown requirement")
    assert "did you mean TCE-RAD53-0" in problems[0]
    assert "RCR-S2.1 is a roll-up: name the leaves that turn (it comes down to TCE-" in problems[1]
    assert problems[2].startswith(
        "simulators/defects/odd.yaml:6:28: proven_in[1]: there is no case 'EM-010/TCE01'"
    )
    assert "did you mean EM-010/TCE0" in problems[2]


def test_faults_of_simulators_and_requirements_are_told_together(tmp_path: Path) -> None:
    write(tmp_path, "simulators/defects/odd.yaml", "simulator: odd\ntitle: Odd\nextends: recever\n")
    write(tmp_path, "scenarios/requirements/own.yaml", "document: D\nedition: '1'\nrequirments: []\n")
    problems = told(tmp_path)
    assert any("did you mean receiver?" in each for each in problems)
    assert any("unknown key 'requirments' (did you mean requirements?)" in each for each in problems)


def test_faults_of_scenarios_are_told_all_at_once_by_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        "scenarios/export-manager/EM-999-odd.tce.yaml",
        "scenario: EM-999\ntitle: Odd\nsut: export-manager\n"
        "simulated: {selector: export-selectr, archive: receiver}\n"
        "data:\n  study: {recipe: ct-chst}\n"
        "steps:\n  - id: sent\n    send: {from: selector, objects: study}\n"
        "  - id: judged\n    check: [deid/no-canary-survive]\n    of: snt\n    against: study\n",
    )
    problems = told(tmp_path)
    assert [int(each.split(":")[1]) for each in problems] == [4, 6, 11, 12]
    for near in ("export-selector", "ct-chest", "deid/no-canary-survives", "sent"):
        assert any(f"did you mean {near}?" in each for each in problems), near
