from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydicom.dataset import Dataset

from tce_harness.content import FileModel, load_yaml
from tce_harness.model.errors import HarnessError, ScenarioError
from tce_harness.mutations import MutationModels, Mutations, OutgoingContext, kind_of, parse_mutations
from tce_harness.mutations.selectors import parse_selector


class SimulatorFile(FileModel):
    """As a simulator file holds its mutations."""

    mutate: MutationModels = ()


def test_no_mutation_hands_on_the_very_same_data_set(image: Dataset) -> None:
    context = OutgoingContext(kind=kind_of(image.SOPClassUID), number=1, kind_number=1, random=Random(1))
    assert Mutations().outgoing(image, None, context) is image


def test_each_mutation_sees_what_the_one_before_left(apply: Callable[..., Dataset], image: Dataset) -> None:
    sent = apply(
        [{"set": "(0010,0010)=A"}, {"leak": {"element": "(0010,0010)", "into": "(0010,0010)"}}], image
    )
    assert str(sent.PatientName) == "A"
    sent = apply([{"set": "(0010,0010)=A"}, {"empty": "(0010,0010)"}], image)
    assert sent["PatientName"].is_empty


def test_mutations_stand_in_a_simulator_file(tmp_path: Path) -> None:
    path = tmp_path / "defect.yaml"
    path.write_text('mutate:\n  - keep: "(0020,0052)"\n  - abort: {number: 2}\n', encoding="utf-8")
    mutations = Mutations.of(load_yaml(path, SimulatorFile).mutate)
    assert [type(each).__name__ for each in mutations.mutations] == ["Keep", "Abort"]


def test_faults_of_mutations_are_told_where_they_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "defect.yaml"
    path.write_text(
        dedent("""\
            mutate:
              - kep: "(0020,0052)"
              - keep: "(0020,52)"
              - keep: "(0020,0052)"
                drop: "(0020,0052)"
              - delay: {by: 5 s, befor: send}
              - drop: {instance: imagee}
            """),
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError) as caught:
        load_yaml(path, SimulatorFile)
    assert [str(each).removeprefix(f"{path}:") for each in caught.value.problems] == [
        "2:5: mutate[0].kep: unknown key 'kep' (did you mean keep?)",
        "3:5: mutate[1].keep: '(0020,52)' is not '(gggg,eeee)', '(ggxx,eeee)', 'private' or '**'",
        "4:5: mutate[2]: a mutation is a mapping with one key, its name; this one has drop and keep",
        "6:22: mutate[3].delay.befor: unknown key 'befor' (did you mean before?)",
        "7:12: mutate[4].drop.instance: input should be 'manifest', 'teaching-file', 'sr', "
        "'presentation-state', 'image' or 'other' (did you mean image?)",
    ]


def test_the_schema_offers_the_short_and_the_long_spelling() -> None:
    schema = TypeAdapter(MutationModels).json_schema()
    short, long = schema["$defs"]["Keep"]["anyOf"]
    assert {"type": "string"}.items() <= short["anyOf"][0].items()
    assert set(long["properties"]) == {"in", "number", "element"}


@given(st.text(alphabet="(0189aAxX,)[]*/private", max_size=20))
def test_any_text_is_a_selector_or_is_refused(text: str) -> None:
    try:
        said = parse_selector(text).text
    except ValueError as error:
        said = str(error)
    assert said


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["keep", "drop", "in", "element", "abort", "set"]), inner, max_size=2
            )
        ),
        max_leaves=8,
    )
)
def test_any_value_is_mutations_or_is_refused(value: object) -> None:
    try:
        said = str(parse_mutations(json.dumps(value)))
    except HarnessError as error:
        said = str(error)
    assert said
