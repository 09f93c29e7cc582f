from __future__ import annotations

from pathlib import Path

import pytest

from tce_harness.content import Content
from tce_harness.model.errors import HarnessError
from tce_harness.model.requirement import Actor, Grade, Level, Requirement, Testable
from tce_harness.scenarios import Catalogue, Scenario, Vocabulary, load_scenarios, select

JUDGES = {
    "manifest/references-match-instances": "TCE-RAD53-004",
    "deid/no-canary-survives": "PS315-B1",
    "export/takes-place": "TCE-RAD53-001",
}


def row(identifier: str, *proven_by: str) -> Requirement:
    return Requirement(
        id=identifier,
        document="D",
        section="1",
        edition="1",
        text="T",
        level=Level.SHALL,
        actors=(Actor.EXPORT_MANAGER,),
        grade=Grade.NORMATIVE,
        testable=Testable.WIRE,
        proven_by=proven_by,
    )


CATALOGUE = Catalogue(
    {
        each.id: each
        for each in (
            row("TCE-RAD53-001"),
            row("TCE-RAD53-004"),
            row("PS315-B1"),
            row("RCR-B2.2", "TCE-RAD53-001"),
            row("RCR-B5.3"),
            row("RCR-A1"),
        )
    }
)


@pytest.fixture
def scenarios(tmp_path: Path, whole: str, vocabulary: Vocabulary) -> tuple[Scenario, ...]:
    folder = tmp_path / "scenarios" / "export-manager"
    folder.mkdir(parents=True)
    (folder / "EM-010-a.tce.yaml").write_text(whole, encoding="utf-8")
    (folder / "EM-011-b.tce.yaml").write_text(
        whole.replace("EM-010", "EM-011").replace("sut:", "tags: [slow]\nsut:"), encoding="utf-8"
    )
    folder = tmp_path / "scenarios" / "receiver"
    folder.mkdir(parents=True)
    (folder / "RC-010-c.tce.yaml").write_text(
        """\
scenario: RC-010
title: A receiver
sut: receiver
simulated: {manager: export-manager}
data: {study: {recipe: ct-chest}}
steps:
  - id: sent
    send: {from: manager, objects: study}
  - id: judged
    check: [export/takes-place]
    of: sent
  - id: sworn
    attest: {requirement: RCR-B5.3, question: "?"}
""",
        encoding="utf-8",
    )
    return load_scenarios(Content((tmp_path,)), vocabulary)


def chosen(scenarios: tuple[Scenario, ...], *names: str) -> list[str]:
    return [case.id for case in select(scenarios, names, JUDGES, CATALOGUE)]


def test_no_name_means_all_that_is_not_slow(scenarios: tuple[Scenario, ...]) -> None:
    assert chosen(scenarios) == ["EM-010/TCE001", "EM-010/TCE002", "RC-010"]


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        ("EM-011", ["EM-011/TCE001", "EM-011/TCE002"]),
        ("EM-010/TCE002", ["EM-010/TCE002"]),
        ("RC-010", ["RC-010"]),
        ("receiver", ["RC-010"]),
        ("scenarios/receiver/RC-010-c.tce.yaml", ["RC-010"]),
        ("TCE-RAD53-004", ["EM-010/TCE001", "EM-010/TCE002", "EM-011/TCE001", "EM-011/TCE002"]),
        ("RCR-B2.2", ["RC-010"]),
        ("RCR-B5.3", ["RC-010"]),
    ],
)
def test_a_name_is_a_scenario_a_case_a_folder_a_file_or_a_requirement(
    name: str, cases: list[str], scenarios: tuple[Scenario, ...]
) -> None:
    assert chosen(scenarios, name) == cases


def test_a_path_on_the_disk_means_what_lies_there(scenarios: tuple[Scenario, ...], tmp_path: Path) -> None:
    assert chosen(scenarios, str(tmp_path / "scenarios" / "receiver")) == ["RC-010"]
    assert chosen(scenarios, str(scenarios[0].path)) == ["EM-010/TCE001", "EM-010/TCE002"]


def test_several_names_give_each_case_once_in_the_order_of_the_scenarios(
    scenarios: tuple[Scenario, ...],
) -> None:
    assert chosen(scenarios, "RC-010", "EM-010", "EM-010/TCE002") == [
        "EM-010/TCE001",
        "EM-010/TCE002",
        "RC-010",
    ]


def test_every_unknown_name_is_told_with_its_near_match(scenarios: tuple[Scenario, ...]) -> None:
    with pytest.raises(HarnessError) as caught:
        chosen(scenarios, "EM-O10", "recever", "RCR-A1", "zzz")
    assert str(caught.value).splitlines() == [
        "'EM-O10' is no scenario, case, path, folder or requirement (did you mean EM-010?)",
        "'recever' is no scenario, case, path, folder or requirement (did you mean receiver?)",
        "no case looks at RCR-A1",
        "'zzz' is no scenario, case, path, folder or requirement",
    ]
