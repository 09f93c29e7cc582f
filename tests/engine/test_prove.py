"""The first law of the house, held: every defect is caught, and turns nothing that its file does not list."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.uid import ComputedRadiographyImageStorage

from tce_harness.content import Content
from tce_harness.engine import Library, Proof, load_library, prove
from tce_harness.engine.library import FILES
from tce_harness.engine.proving import DefectProof, worst_allowed
from tce_harness.examiners import DicomValidator
from tce_harness.model.errors import HarnessError
from tce_harness.model.requirement import Actor, Grade, Level, Testable
from tce_harness.model.verdict import Verdict
from tce_harness.rules.registry import all_rules
from tce_harness.simulators import Simulator

SEED = 20260
LIBRARY = load_library(Content.with_overlays())
DEFECTS = [pytest.param(each, id=each.name) for each in LIBRARY.defects]
SECOND_OPINION = "PS315-D5V"
#: What an outside judge says that is not at hand in every environment.
SECOND_OPINIONS = {SECOND_OPINION, "PS315-113101V"}


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    """Return the whole proof: every defect in its cases, the reference beside it."""
    return prove(LIBRARY, [], folder=tmp_path_factory.mktemp("proof"), seed=SEED)


def told(each: DefectProof) -> tuple[object, ...]:
    return each.defect, each.uncaught, each.unexpected


def test_every_defect_turns_exactly_what_its_file_says(proof: Proof) -> None:
    assert [told(each) for each in proof.defects if not each.proven] == []
    assert len(proof.defects) == len(LIBRARY.defects) >= 60


def test_the_reference_simulators_are_passed_wherever_a_defect_is_shown(proof: Proof) -> None:
    assert proof.reference == ()


def test_every_testable_requirement_is_brought_to_its_worst_verdict(proof: Proof) -> None:
    assert proof.unproven == ()
    assert {requirement for requirement, _ in proof.unexamined} <= SECOND_OPINIONS
    assert proof.complete


def test_every_rule_is_seen_to_fail(proof: Proof) -> None:
    broken = {
        requirement
        for each in proof.defects
        for requirement, verdict in each.turned
        if verdict in {Verdict.FAIL, Verdict.WARNING}
    }
    without_judge = {requirement for requirement, _ in proof.unexamined}
    assert {rule.judges for rule in all_rules().values()} - broken == without_judge


def test_each_actor_has_defects_of_its_own() -> None:
    for actor in Actor:
        assert sum(each.actor is actor for each in LIBRARY.defects) >= 5


@pytest.mark.parametrize("known", DEFECTS)
def test_a_defect_says_who_it_is_what_it_turns_and_where(known: Simulator) -> None:
    cases = {case.id: case for scenario in LIBRARY.scenarios for case in scenario.cases()}
    assert known.title
    assert known.seen_in
    assert known.base is not None
    assert not LIBRARY.simulators[known.base].is_defect
    assert 1 <= len(known.proven_in) <= 2
    assert all(cases[case.removeprefix(FILES)].sut is known.actor for case in known.proven_in)
    assert all(requirement in LIBRARY.catalogue.ids for requirement, _ in known.turns)
    assert all(verdict is not Verdict.PASS for _, verdict in known.turns)
    assert {verdict for _, verdict in known.turns} & {Verdict.FAIL, Verdict.WARNING}


def test_the_negative_control_fails_every_kind_of_de_identification() -> None:
    turned = dict(LIBRARY.simulators["sends-everything-as-it-came"].turns)
    for requirement in ("PS315-B1", "PS315-D2", "PS315-D14", "PS315-D21", "TCE-RAD53-012", "TCE-RAD53-013"):
        assert turned[requirement] is Verdict.FAIL


def with_turns(library: Library, defect: str, *turns: tuple[str, Verdict]) -> Library:
    changed = replace(library.simulators[defect], turns=turns)
    return replace(library, simulators={**library.simulators, defect: changed})


def test_a_turn_that_is_not_listed_and_one_that_does_not_happen_are_told(tmp_path: Path) -> None:
    library = with_turns(LIBRARY, "no-language", ("TCE-RAD51-002", Verdict.FAIL))
    proof = prove(library, ["no-language"], folder=tmp_path / "proof", seed=SEED)
    assert not proof.complete
    assert proof.defects[0].uncaught == (("TCE-RAD51-002", Verdict.FAIL, Verdict.PASS),)
    assert proof.defects[0].unexpected == (("TCE-RAD51-015", Verdict.WARNING),)


def test_a_requirement_that_only_becomes_inconclusive_is_not_proven(tmp_path: Path) -> None:
    kept = {"never-exports"}
    simulators = {
        name: each for name, each in LIBRARY.simulators.items() if not each.is_defect or name in kept
    }
    proof = prove(replace(LIBRARY, simulators=simulators), [], folder=tmp_path / "proof", seed=SEED)
    assert proof.defects[0].proven
    assert dict(proof.defects[0].turned)["TCE-RAD53-002"] is Verdict.INCONCLUSIVE
    assert "TCE-RAD53-002" in proof.unproven
    assert "TCE-RAD53-001" not in proof.unproven


@pytest.fixture
def edition(tmp_path: Path) -> DicomValidator:
    """Return a validator whose edition has one IOD: Rows, and what a de-identifier adds to record itself."""
    rows = {"(0028,0010)": {"name": "Rows", "type": "1"}}
    added = {
        element: {"name": element, "type": "3"}
        for element in ("(0012,0062)", "(0012,0063)", "(0012,0064)", "(0028,0303)")
    }
    iod = {
        "title": "Computed Radiography Image IOD",
        "modules": {"Image Pixel": {"ref": "C.7.6.3", "use": "M"}},
        "group_macros": {},
    }
    contents = {
        "dict_info": {"(0028,0010)": {"name": "Rows", "vr": "US", "vm": "1"}},
        "iod_info": {str(ComputedRadiographyImageStorage): iod},
        "module_info": {"C.7.6.3": rows | added},
    }
    folder = tmp_path / "cache" / "2026d" / "json"
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return DicomValidator(tmp_path / "cache", "2026d")


def test_the_second_opinion_catches_its_defect_where_its_edition_is_at_hand(
    tmp_path: Path, edition: DicomValidator
) -> None:
    library = replace(LIBRARY, examiners={**LIBRARY.examiners, edition.name: edition})
    proof = prove(library, ["image-without-rows"], folder=tmp_path / "proof", seed=SEED)
    assert proof.defects[0].unexamined == ()
    assert dict(proof.defects[0].turned)[SECOND_OPINION] is Verdict.WARNING
    assert proof.complete


def test_a_name_that_is_no_defect_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="'export-manager' is no defect"):
        prove(LIBRARY, ["export-manager"], folder=tmp_path / "proof", seed=SEED)


def test_a_case_that_is_none_is_refused(tmp_path: Path) -> None:
    changed = replace(LIBRARY.simulators["no-language"], proven_in=("ES-999",))
    library = replace(LIBRARY, simulators={**LIBRARY.simulators, "no-language": changed})
    with pytest.raises(HarnessError, match="proven_in names ES-999, which is no case"):
        prove(library, ["no-language"], folder=tmp_path / "proof", seed=SEED)


def test_weak_evidence_and_mere_wishes_allow_a_warning_at_worst() -> None:
    for requirement in LIBRARY.catalogue:
        if requirement.testable in {Testable.WIRE, Testable.OBJECT}:
            strong = requirement.level is Level.SHALL and requirement.grade in {
                Grade.NORMATIVE,
                Grade.RESTATED,
            }
            assert worst_allowed(requirement) is (Verdict.FAIL if strong else Verdict.WARNING)
