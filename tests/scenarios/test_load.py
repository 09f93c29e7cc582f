from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tce_harness.content import Content
from tce_harness.model.claims import Option, TeachingFileTemplate
from tce_harness.model.errors import HarnessError, ScenarioError
from tce_harness.model.requirement import Actor
from tce_harness.scenarios import (
    AbsenceStep,
    Associations,
    AttestStep,
    CheckStep,
    FolderData,
    ManifestData,
    OperatorStep,
    Order,
    ReceiveStep,
    RecipeData,
    SendStep,
    SpelledIn,
    TeachingFileData,
    Transaction,
    Until,
    Vocabulary,
    load_scenario,
    load_scenarios,
)

Write = Callable[..., Path]


def faults(path: Path, vocabulary: Vocabulary) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, vocabulary)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


@pytest.fixture
def told_of(write: Write, vocabulary: Vocabulary) -> Callable[[str], list[str]]:
    return lambda text: faults(write(text), vocabulary)


def test_a_whole_scenario_becomes_one_case_for_each_axis_value(
    write: Write, whole: str, vocabulary: Vocabulary
) -> None:
    scenario = load_scenario(write(whole), vocabulary, "scenarios/export-manager/x")
    assert [case.id for case in scenario.cases()] == ["EM-010/TCE001", "EM-010/TCE002"]
    assert scenario.matrix == (("title", ("TCE001", "TCE002")),)
    second = scenario.cases()[1]
    assert second.axes == (("title", "TCE002"),)
    assert second.sut is Actor.EXPORT_MANAGER
    assert second.sut_role == "manager"
    assert second.file == "scenarios/export-manager/x"
    assert second.simulated == (("selector", "export-selector"), ("archive", "receiver"))
    assert second.data == (
        RecipeData(name="study", line=9, recipe="ct-chest", instances=5),
        ManifestData(name="manifest", line=10, title="TCE002", references=("study",)),
    )


def test_steps_carry_ids_lines_and_derived_transactions(
    write: Write, whole: str, vocabulary: Vocabulary
) -> None:
    case = load_scenario(write(whole), vocabulary).cases()[0]
    stored, selected, exported, judged = case.steps
    assert stored == SendStep(
        id="stored",
        line=12,
        transactions=(Transaction.STORE_INSTANCES,),
        sender="selector",
        objects=("study",),
    )
    assert isinstance(selected, SendStep)
    assert selected.transactions == (Transaction.STORE_EXPORT_SELECTION,)
    assert exported == ReceiveStep(
        id="exported",
        line=16,
        transaction=Transaction.EXPORT_INSTANCES,
        at="archive",
        until=Until.MANIFEST_COMPLETE,
        within=300.0,
    )
    assert judged == CheckStep(
        id="judged",
        line=18,
        rules=("manifest/references-match-instances", "deid/no-canary-survives"),
        of=("exported",),
        against=("study",),
    )
    assert case.rules == judged.rules


def test_every_kind_of_data_and_step_is_read(write: Write, vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    text = """\
        scenario: EM-020
        title: Everything
        sut: export-manager
        tags: [slow]
        option: delay-for-reason
        simulated: {selector: export-selector, archive: receiver}
        data:
          own:  {from: files}
          study: {recipe: ct-chest, instances: 3}
          case: {make: teaching-file, about: study, template: both}
          uk: {make: teaching-file, about: [study], template: rcr-uk, code_set: dcm}
          manifest:
            make: manifest
            title: 128710
            references: [study, case, uk, own]
            delay: TCE012
            description: "For the \\u00e9tude"
            observer: Doe^Jane
            language: eng
            code_set: dcm
            exclude: study/2
        steps:
          - id: all
            send: {from: selector, objects: [own, study, case, uk, manifest], order: manifest-between,
                   associations: per-instance}
          - id: quiet
            receive: {at: archive, nothing: true, for: 500 ms}
          - id: counted
            receive: {at: archive, until: count, count: 3, within: 1 h}
          - id: told
            operator: {do: "Press it", answer: "What is shown?"}
          - id: sworn
            attest: {requirement: RCR-B5.3, question: "Is there a preview?", within: 30 s}
          - id: judged
            check: [export/absent]
            of: [quiet, counted]
    """
    case = load_scenario(write(text, "EM-020-everything.tce.yaml"), vocabulary).cases()[0]
    assert case.tags == ("slow",)
    assert case.option is Option.DELAY_FOR_REASON
    own, _, both, uk, manifest = case.data
    assert isinstance(own, FolderData)
    assert own.folder == tmp_path / "files"
    assert both == TeachingFileData(name="case", line=10, about=("study",), template=None)
    assert isinstance(uk, TeachingFileData)
    assert (uk.template, uk.spelled_in) == (TeachingFileTemplate.RCR_UK, SpelledIn.DCM)
    assert isinstance(manifest, ManifestData)
    assert (manifest.title, manifest.delay, manifest.exclude) == ("128710", "TCE012", ("study/2",))
    assert manifest.description == "For the étude"
    send, quiet, counted, told, sworn, _ = case.steps
    assert isinstance(send, SendStep)
    assert (send.order, send.associations) == (Order.MANIFEST_BETWEEN, Associations.PER_INSTANCE)
    assert [each.value for each in send.transactions] == ["RAD-50", "RAD-52", "RAD-51"]
    assert quiet == AbsenceStep(id="quiet", line=26, transaction=None, at="archive", seconds=0.5)
    assert isinstance(counted, ReceiveStep)
    assert (counted.count, counted.within) == (3, 3600.0)
    assert told == OperatorStep(
        id="told", line=30, instruction="Press it", question="What is shown?", within=600.0
    )
    assert isinstance(sworn, AttestStep)
    assert case.attested == ("RCR-B5.3",)


def test_a_manager_that_sends_to_a_receiver_under_test_exports(write: Write, vocabulary: Vocabulary) -> None:
    text = """\
        scenario: RC-010
        title: Manifest first
        sut: receiver
        simulated: {manager: export-manager}
        data:
          study: {recipe: ct-chest}
          manifest: {make: manifest, title: TCE001, references: study}
        steps:
          - id: sent
            send: {from: manager, objects: [study, manifest], order: manifest-first}
          - id: judged
            check: [export/takes-place]
            of: sent
    """
    sent = load_scenario(write(text, "RC-010-first.tce.yaml"), vocabulary).cases()[0].steps[0]
    assert isinstance(sent, SendStep)
    assert sent.transactions == (Transaction.EXPORT_INSTANCES,)


def test_all_faults_are_told_at_once_sorted_by_line_with_the_near_match(
    write: Write, vocabulary: Vocabulary
) -> None:
    text = """\
        scenario: EM-010
        title: Many faults
        sut: export-manger
        simulated: {selector: export-selecter, archive: receiver}
        data:
          study: {recipe: ct-chst, instances: 5}
          manifest: {make: manifest, titel: TCE001, references: [study, stdy]}
          spare: {recipe: ct-chest}
        steps:
          - id: stored
            send: {from: selctor, objects: [studdy, manifest]}
          - id: exported
            receive: {at: archive, until: manifest-complet, within: 5}
          - id: judged
            check: [manifest/titel]
            of: exportd
            against: [manfest]
          - id: sworn
            attest: {requirement: RCR-B53, question: "?"}
    """
    assert faults(write(text), vocabulary) == [
        "3:1: sut: input should be 'export-selector', 'export-manager' or 'receiver' "
        "(did you mean export-manager?)",
        "4:13: simulated.selector: unknown simulator 'export-selecter' (did you mean export-selector?)",
        "6:11: data.study.recipe: unknown recipe 'ct-chst' (did you mean ct-chest?)",
        "7:3: data.manifest: the key 'title' is missing",
        "7:30: data.manifest.titel: unknown key 'titel' (did you mean title?)",
        "8:3: data.spare: the data 'spare' is not used",
        "11:12: steps[0].send.from: unknown role 'selctor' (did you mean selector?)",
        "11:37: steps[0].send.objects[0]: unknown data 'studdy' (did you mean study?)",
        "13:28: steps[1].receive.until: input should be 'manifest-complete', 'all' or 'count' "
        "(did you mean manifest-complete?)",
        "13:53: steps[1].receive.within: a length of time is a number with ms, s, min or h, such as "
        "'60 s' or '5 min'",
        "15:13: steps[2].check[0]: unknown rule 'manifest/titel' (did you mean manifest/title?)",
        "16:5: steps[2].of: unknown earlier step 'exportd' (did you mean exported?)",
        "17:15: steps[2].against[0]: unknown data 'manfest' (did you mean manifest?)",
        "19:14: steps[3].attest.requirement: unknown requirement 'RCR-B53' (did you mean RCR-B5.3?)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scenario: EM-010", "scenario: EM-011", "1:1: scenario: the file is named 'EM-010-export.tce.yaml'"),
        ("scenario: EM-010", "scenario: em 10", "1:1: scenario: string should match pattern"),
        ("title: Teaching", "titel: Teaching", "2:1: titel: unknown key 'titel' (did you mean title?)"),
        (
            "archive: receiver}",
            "archive: receiver, manager: export-manager}",
            "simulated.manager: the role 'manager' is the system under test",
        ),
        ("[TCE001, TCE002]", "[TCE001, TCE001]", "7:19: matrix.title[1]: the value 'TCE001' stands twice"),
        ("[TCE001, TCE002]", "[TCE001, 'a/b']", "7:19: matrix.title[1]: "),
        ("[TCE001, TCE002]", "[]", "7:3: matrix.title: "),
        ("[TCE001, TCE002]", "TCE001", "7:3: matrix.title: "),
        ("title: $title", "title: $titel", "unknown axis $titel (did you mean title?)"),
        ("title: $title", "title: TCE001", "7:3: matrix.title: the axis 'title' is not used; write $title"),
        ("A plain export.", "$title", "3:1: description: the value of an axis can stand only in"),
        ("references: study", "references: [study, study]", "the data 'study' stands twice"),
        ("references: study", "references: manifest", "'manifest' refers to itself"),
        ("references: study", "references: study, only: study/6", "'study' has 5 instances"),
        ("references: study", "references: study, exclude: [sty/1]", "unknown reference 'sty'"),
        (
            "references: study",
            "references: study, exclude: study/1, only: study/2",
            "'only' and 'exclude' do not stand together",
        ),
        (
            "instances: 5",
            "instances: 0",
            "data.study.instances: input should be greater than or equal to 1",
        ),
        (
            "{recipe: ct-chest, instances: 5}",
            "{from: elsewhere}",
            "data.study.from: there is no folder 'elsewhere'",
        ),
        ("{recipe: ct-chest, instances: 5}", "{make: tea}", "9:3: data.study: data is {recipe: ...}"),
        ("id: selected", "id: stored", "14:5: steps[1].id: the step id 'stored' stands already in line 12"),
        ("RAD-50,", "RAD-51,", "the objects need RAD-50, which is not listed"),
        ("RAD-50,", "[RAD-50, RAD-52],", "none of the objects is sent by RAD-52"),
        ("RAD-50,", "[RAD-50, RAD-53],", "RAD-53 carries every kind of object and stands alone"),
        ("objects: study}", "objects: study, order: manifest-first}", "needs a manifest among the objects"),
        ("at: archive", "at: manager", "'manager' is the system under test: what reaches it is not seen"),
        ("of: exported", "of: stored", "16:5: steps[2]: no check judges the step 'exported'"),
        ("of: exported", "of: judged", "unknown earlier step 'judged'"),
        ("    of: exported\n", "", "'check' needs 'of'"),
        ("deid/no-canary-survives]", "manifest/references-match-instances]", "stands twice"),
        ("within: 5 min", "within: 0 s", "a length of time is longer than nothing"),
        ("within: 5 min", "for: 5 min", "'for' stands only with 'nothing: true'"),
        ("within: 5 min", "nothing: true", "'nothing: true' needs 'for'"),
        (", within: 5 min", "", "a wait needs 'until' and 'within'"),
        ("within: 5 min", "within: 5 min, nothing: true, for: 1 s", "stands with 'at', 'for' and"),
        ("until: manifest-complete", "until: count", "'count' stands with 'until: count'"),
        ("    send: {from: selector, objects: manifest}\n", "", "a step has exactly one of send, receive"),
        (
            "    send: {from: selector, objects: manifest}\n",
            "    send: {from: selector, objects: manifest}\n    operator: {do: that}\n",
            "this one has send and operator",
        ),
        (
            "    send: {from: selector, objects: manifest}\n",
            "    send: {from: selector, objects: manifest}\n    of: stored\n",
            "'of' and 'against' stand only with 'check'",
        ),
    ],
)
def test_a_fault_is_told_where_it_stands(
    old: str, new: str, message: str, whole: str, told_of: Callable[[str], list[str]]
) -> None:
    assert old in whole
    told = told_of(whole.replace(old, new, 1))
    assert any(message in each for each in told), told


def test_a_fault_of_one_axis_value_is_told_at_that_value(
    write: Write, whole: str, vocabulary: Vocabulary
) -> None:
    text = whole.replace("[TCE001, TCE002]", "[TCE001, no such code at all]")
    text = text.replace("archive: receiver", "archive: $archive")
    text = text.replace("matrix:", "matrix:\n  archive: [receiver, recever]")
    told = faults(write(text), vocabulary)
    assert told[0].startswith("7:23: matrix.archive[1]: unknown simulator 'recever' (did you mean receiver?)")
    assert {each[:5] for each in told[1:]} == {"8:19:"}


def test_codes_are_checked_where_the_vocabulary_knows_them(
    write: Write, whole: str, vocabulary: Vocabulary
) -> None:
    knowing = Vocabulary(
        simulators=vocabulary.simulators,
        recipes=vocabulary.recipes,
        rules=vocabulary.rules,
        requirements=vocabulary.requirements,
        titles=frozenset({"TCE001"}),
        delays=frozenset({"TCE012"}),
    )
    text = whole.replace("references: study", "references: study, delay: TCE002")
    told = faults(write(text), knowing)
    assert "unknown title code 'TCE002' (did you mean TCE001?)" in told[0]
    assert "unknown delay reason 'TCE002' (did you mean TCE012?)" in told[1]


def test_whole_numbers_and_truth_values_can_be_axis_values(
    write: Write, whole: str, vocabulary: Vocabulary
) -> None:
    text = whole.replace("instances: 5", "instances: $size").replace("matrix:", "matrix:\n  size: [1, 2]")
    cases = load_scenario(write(text), vocabulary).cases()
    assert [case.id for case in cases] == [
        "EM-010/1/TCE001",
        "EM-010/1/TCE002",
        "EM-010/2/TCE001",
        "EM-010/2/TCE002",
    ]
    study = cases[2].data[0]
    assert isinstance(study, RecipeData)
    assert study.instances == 2


def test_too_many_cases_are_refused(write: Write, whole: str, vocabulary: Vocabulary) -> None:
    many = ", ".join(f"T{number}" for number in range(501))
    told = faults(write(whole.replace("TCE001, TCE002", many)), vocabulary)
    assert "6:1: matrix: 501 cases are too many; 500 are allowed" in told


def test_a_scenario_that_judges_nothing_is_refused(write: Write, vocabulary: Vocabulary) -> None:
    text = """\
        scenario: EM-010
        title: Nothing
        sut: export-manager
        simulated: {selector: export-selector}
        data: {study: {recipe: ct-chest}}
        steps:
          - id: stored
            send: {from: selector, objects: study}
    """
    assert faults(write(text), vocabulary) == [
        "6:1: steps: nothing is judged: there is neither a check nor an attest step"
    ]


def test_a_file_that_is_no_mapping_is_refused(write: Write, vocabulary: Vocabulary) -> None:
    assert len(faults(write("- a\n- b\n"), vocabulary)) == 1


def content_with(tmp_path: Path, **files: str) -> Content:
    for name, text in files.items():
        path = tmp_path / "scenarios" / name.replace("__", "/").replace("_", "-")
        path = path.with_name(path.name + ".tce.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Content((tmp_path,))


def test_every_scenario_of_the_content_is_loaded_in_order_of_its_file(
    tmp_path: Path, whole: str, vocabulary: Vocabulary
) -> None:
    content = content_with(
        tmp_path,
        export_manager__EM_011_b=whole.replace("EM-010", "EM-011"),
        export_manager__EM_010_a=whole,
    )
    scenarios = load_scenarios(content, vocabulary)
    assert [each.id for each in scenarios] == ["EM-010", "EM-011"]
    assert scenarios[0].file == "scenarios/export-manager/EM-010-a.tce.yaml"


def test_faults_of_several_files_twin_ids_and_wrong_folders_are_told_together(
    tmp_path: Path, whole: str, vocabulary: Vocabulary
) -> None:
    content = content_with(
        tmp_path,
        export_manager__EM_010_a=whole,
        export_manager__EM_010_b=whole,
        export_manager__EM_012_c=whole.replace("EM-010", "EM-012").replace("ct-chest", "ct"),
        receiver__EM_013_d=whole.replace("EM-010", "EM-013"),
    )
    with pytest.raises(ScenarioError) as caught:
        load_scenarios(content, vocabulary)
    twin, recipe, folder = (str(problem) for problem in caught.value.problems)
    assert "the id EM-010 is that of scenarios/export-manager/EM-010-a.tce.yaml already" in twin
    assert "unknown recipe 'ct'" in recipe
    assert "sut: the system under test is export-manager: the file belongs in that folder" in folder


def test_a_mapping_in_place_of_the_actor_under_test_is_told(
    tmp_path: Path, whole: str, vocabulary: Vocabulary
) -> None:
    path = tmp_path / "EM-010-damaged.tce.yaml"
    path.write_text(whole.replace("sut: export-manager", "sut: {export-manager: yes}"), encoding="utf-8")
    with pytest.raises(ScenarioError, match="sut"):
        load_scenario(path, vocabulary)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_to_a_file_gives_a_scenario_or_a_told_fault(
    data: st.DataObject, tmp_path: Path, whole: str, vocabulary: Vocabulary
) -> None:
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    put_in = data.draw(st.text(alphabet="ab:-[]{}$\n 1'\"&*", max_size=6))
    path = tmp_path / "EM-010-damaged.tce.yaml"
    path.write_text(whole[:start] + put_in + whole[end:], encoding="utf-8")
    try:
        said = str(load_scenario(path, vocabulary).cases())
    except HarnessError as error:
        said = str(error)
    assert said
