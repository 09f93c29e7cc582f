from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tce_harness.content import Content
from tce_harness.model.errors import ScenarioError
from tce_harness.model.requirement import Actor, Grade, Level, Requirement, Testable
from tce_harness.scenarios import load_catalogue

PROFILE = """\
    document: IHE RAD TF
    edition: Rev 23.0
    requirements:
      - {id: TCE-RAD53-001, section: 3/4.53, text: An export takes place., level: shall,
         actors: [export-manager], grade: N, testable: wire}
      - {id: TCE-RAD53-002, section: 3/4.53, text: All instances arrive., level: shall,
         actors: [export-manager], grade: N, testable: wire, option: delay-for-reason}
"""
CLAUSES = """\
    document: RCR guidance
    edition: "2018"
    requirements:
      - {id: RCR-B2.2, section: Appendix B, text: Images are sent., level: shall,
         actors: [export-manager], grade: N, testable: object, proven_by: [TCE-RAD53-001, TCE-RAD53-002]}
      - {id: RCR-B2, section: Appendix B, text: All of it., level: shall,
         actors: [export-manager], grade: N, testable: object, proven_by: [RCR-B2.2, TCE-RAD53-001]}
      - {id: RCR-B9, section: Appendix B, text: Something., level: should,
         actors: [export-manager, receiver], grade: N, testable: "no", reason: "not yet: no rule"}
"""


def content_of(tmp_path: Path, **files: str) -> Content:
    folder = tmp_path / "scenarios" / "requirements"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
    return Content((tmp_path,))


def faults(content: Content) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_catalogue(content)
    return [str(problem).rpartition("requirements/")[2] for problem in caught.value.problems]


def test_the_rows_of_all_files_become_one_catalogue(tmp_path: Path) -> None:
    catalogue = load_catalogue(content_of(tmp_path, profile=PROFILE, clauses=CLAUSES))
    assert len(catalogue) == 5
    assert "RCR-B9" in catalogue
    assert catalogue.ids == {row.id for row in catalogue}
    assert catalogue["TCE-RAD53-002"] == Requirement(
        id="TCE-RAD53-002",
        document="IHE RAD TF",
        section="3/4.53",
        edition="Rev 23.0",
        text="All instances arrive.",
        level=Level.SHALL,
        actors=(Actor.EXPORT_MANAGER,),
        grade=Grade.NORMATIVE,
        testable=Testable.WIRE,
        option="delay-for-reason",
    )
    assert catalogue["RCR-B9"].reason == "not yet: no rule"


def test_no_is_a_word_and_no_truth_value(tmp_path: Path) -> None:
    catalogue = load_catalogue(content_of(tmp_path, profile=PROFILE, clauses=CLAUSES.replace('"no"', "no")))
    assert catalogue["RCR-B9"].testable is Testable.NO


def test_a_roll_up_comes_down_to_its_leaves_each_once(tmp_path: Path) -> None:
    catalogue = load_catalogue(content_of(tmp_path, profile=PROFILE, clauses=CLAUSES))
    assert catalogue.leaves("RCR-B2") == ("TCE-RAD53-001", "TCE-RAD53-002")
    assert catalogue.leaves("RCR-B9") == ("RCR-B9",)


def test_faults_of_several_files_are_told_together(tmp_path: Path) -> None:
    content = content_of(
        tmp_path,
        clauses=CLAUSES.replace("[RCR-B2.2, ", "[RCR-B2, ").replace("TCE-RAD53-002]", "TCE-RAD53-003]"),
        profile=PROFILE,
        twin=PROFILE,
        wrong=PROFILE.replace("wire}", "wires}").replace("edition", "editoin"),
    )
    assert faults(content) == [
        "clauses.yaml:5:87: requirements[0].proven_by[1]: unknown requirement 'TCE-RAD53-003' "
        "(did you mean TCE-RAD53-002?)",
        "clauses.yaml:7:72: requirements[1].proven_by[0]: RCR-B2 would be proven by itself, through RCR-B2",
        "twin.yaml:4:6: requirements[0].id: the id TCE-RAD53-001 stands already in profile.yaml, line 4",
        "twin.yaml:6:6: requirements[1].id: the id TCE-RAD53-002 stands already in profile.yaml, line 6",
        "wrong.yaml:1:1: the key 'edition' is missing",
        "wrong.yaml:2:1: editoin: unknown key 'editoin' (did you mean edition?)",
        "wrong.yaml:5:42: requirements[0].testable: input should be 'wire', 'object', 'attest' or 'no' "
        "(did you mean wire?)",
    ]


def test_a_circle_of_roll_ups_is_refused(tmp_path: Path) -> None:
    text = CLAUSES.replace("proven_by: [TCE-RAD53-001, TCE-RAD53-002]", "proven_by: [RCR-B2]")
    told = faults(content_of(tmp_path, profile=PROFILE, clauses=text))
    assert any("RCR-B2.2 would be proven by itself, through RCR-B2" in each for each in told)


@pytest.mark.parametrize(
    ("old", "new"), [(', reason: "not yet: no rule"', ""), ('testable: "no"', "testable: attest")]
)
def test_a_reason_stands_with_what_is_not_testable_and_only_there(old: str, new: str, tmp_path: Path) -> None:
    assert old in CLAUSES
    told = faults(content_of(tmp_path, profile=PROFILE, clauses=CLAUSES.replace(old, new)))
    assert told == ["clauses.yaml:8:5: requirements[2]: 'reason' stands with 'testable: no', and only there"]


@pytest.mark.parametrize("identifier", ["tce-1", "TCE", "TCE-", "TCE-A B", "TCE-A..1"])
def test_an_id_that_cannot_be_cited_is_refused(identifier: str, tmp_path: Path) -> None:
    told = faults(content_of(tmp_path, profile=PROFILE.replace("TCE-RAD53-001", f'"{identifier}"')))
    assert "requirements[0].id" in told[0]
