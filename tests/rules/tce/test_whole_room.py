"""What holds for every rule: it has its requirement, and nothing that a system sends makes it raise."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence

from tce_harness.content import Content, read_yaml
from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import Claims, Option, TeachingFileTemplate
from tce_harness.model.record import AssociationRecord, WaitRecord
from tce_harness.model.requirement import Actor, Grade, Level, Testable
from tce_harness.objects.teaching_file import Author, TeachingFileInformation
from tce_harness.objects.teaching_file_building import build_teaching_file
from tce_harness.rules.registry import Rule, all_rules
from tce_harness.standard import codes

# Judged in the room of de-identification.
JUDGED_ELSEWHERE = {"TCE-RAD53-012", "TCE-RAD53-013", "TCE-RAD53-014", "TCE-RAD53-016"}
OURS = [each for each in all_rules().values() if "deidentification" not in each.judge.__module__]
IDENTITY = {"SOPClassUID", "SOPInstanceUID"}


def rows() -> dict[str, dict[str, object]]:
    file = read_yaml(Content.with_overlays().file("scenarios/requirements/rad-tf.yaml"))
    return {row["id"]: row for row in file.value["requirements"]}


def test_every_rule_of_the_profile_judges_a_row_of_the_catalogue() -> None:
    judged = {each.judges for each in OURS if each.judges.startswith("TCE-")}
    assert judged <= set(rows())
    assert len(judged) == sum(each.judges.startswith("TCE-") for each in OURS)


def test_every_testable_row_has_a_rule_and_every_other_one_a_reason() -> None:
    judged = {each.judges for each in OURS}
    for identifier, row in rows().items():
        testable = Testable(str(row["testable"]))
        assert (testable is Testable.NO) == ("reason" in row), identifier
        if testable is not Testable.NO:
            assert identifier in judged | JUDGED_ELSEWHERE, identifier
        else:
            assert identifier not in judged, identifier


def test_every_row_is_spelled_as_the_model_spells_it() -> None:
    for row in rows().values():
        Level(str(row["level"]))
        Grade(str(row["grade"]))
        assert row["actors"]
        for actor in row["actors"]:  # type: ignore[attr-defined]
            Actor(actor)
        if "option" in row:
            Option(str(row["option"]))


def test_every_rule_says_in_one_sentence_what_must_hold() -> None:
    for each in OURS:
        assert each.sentence.endswith("."), each.name


# --- nothing raises

JUNK = st.sampled_from(["", "x", "1.2.3", "TCE001", "\\", "^^^^^^", "é", "9" * 70])


def places(dataset: Dataset) -> list[tuple[Dataset, DataElement]]:
    found = []
    waiting = [dataset]
    while waiting:
        here = waiting.pop()
        for element in here:
            if here is dataset and element.keyword in IDENTITY:
                continue
            found.append((here, element))
            if isinstance(element.value, Sequence):
                waiting.extend(element.value)
    return found


def mutilate(dataset: Dataset, number: int, how: int, junk: str) -> None:
    """Delete, empty, overwrite, retype or double one element at any depth."""
    found = places(dataset)
    parent, element = found[number % len(found)]
    is_sequence = isinstance(element.value, Sequence)
    match how:
        case 0:
            del parent[element.tag]
        case 1:
            parent[element.tag] = DataElement(element.tag, element.VR, [] if is_sequence else None)
        case 2 if is_sequence:
            parent[element.tag] = DataElement(element.tag, "LO", junk)
        case 2:
            parent[element.tag] = DataElement(element.tag, "UT", junk)
        case 3:
            parent[element.tag] = DataElement(element.tag, "OB", junk.encode())
        case 4 if is_sequence:
            element.value = [*element.value, *deepcopy(list(element.value)), Dataset()]
        case _:
            parent[element.tag] = DataElement(element.tag, "SQ", [deepcopy(parent), Dataset()])


def teaching_file(study: FileDataset) -> FileDataset:
    numbers = count(1)
    return build_teaching_file(
        TeachingFileInformation(
            author=Author(family="Reader", given="Rita", identifier="GMC1234567"),
            affiliation="St Elsewhere",
            abstract="A case",
            keywords=("chest",),
            category=codes.CATEGORIES[0].dcm,
        ),
        study,
        uids=lambda: f"1.2.3.800.{next(numbers)}",
        content_datetime=datetime(2026, 1, 2),
        series_number=800,
    )


def judge_all(seen: CaseEvidence, rules: list[Rule]) -> None:
    for each in rules:
        judgement = each.judge(seen)
        assert judgement.examined >= 0
        assert judgement.examined or judgement.reason, each.name
        for finding in judgement.findings:
            assert finding.message.endswith("."), (each.name, finding.kind)
            assert judgement.examined, (each.name, finding.kind)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 500), st.integers(0, 5), JUNK), min_size=1, max_size=6
    ),
    template=st.sampled_from(TeachingFileTemplate),
)
def test_no_rule_raises_on_mutilated_documents(
    case: Callable[..., CaseEvidence],
    image: Callable[..., FileDataset],
    selection: Callable[..., list[FileDataset]],
    wait: Callable[..., WaitRecord],
    association: Callable[..., AssociationRecord],
    cuts: list[tuple[int, int, int, str]],
    template: TeachingFileTemplate,
) -> None:
    study = [image(1, study=1), image(1, study=2)]
    originals = {
        "study": study,
        "atfi": [teaching_file(study[0])],
        "manifest": selection([*study, teaching_file(study[0])], delay=codes.DELAY_REASONS[0].dcm),
        "released": selection([*study, teaching_file(study[0])]),
    }
    came: list[Dataset] = [deepcopy(each) for datasets in originals.values() for each in datasets]
    documents = [each for each in came if "ContentSequence" in each]
    for which, number, how, junk in cuts:
        mutilate(documents[which % len(documents)], number, how, junk)
    seen = case(
        originals=originals,
        sent={"given": [each for datasets in originals.values() for each in datasets]},
        came={"arrived": came},
        records=[wait(), association(requestor=False), wait(until="nothing", step="quiet")],
        claims=Claims(options=tuple(Option), template=template),
    )
    judge_all(seen, OURS)


def test_no_rule_raises_on_an_empty_case(case: Callable[..., CaseEvidence]) -> None:
    judge_all(case(), OURS)
