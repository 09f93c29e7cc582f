from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from textwrap import dedent
from typing import Annotated, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from tce_harness.content import FileModel, load_yaml, near_match, read_yaml, spell_path
from tce_harness.content.yaml_file import YamlFile
from tce_harness.model.errors import ScenarioError


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Inner(FileModel):
    source: Annotated[str, Field(alias="from")]
    kind: Literal["image", "manifest"] = "image"


class Outer(FileModel):
    name: str
    count: int = 1
    colours: Annotated[tuple[Colour, ...], Field(min_length=1)] = (Colour.RED,)
    inner: Inner | None = None
    named: dict[str, Inner] = Field(default_factory=dict)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "file.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def told(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_yaml(path, Outer)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


def test_a_whole_file_becomes_a_model(tmp_path: Path) -> None:
    text = """\
        name: yes
        colours: [green, red]
        inner: {from: here}
        named: {one: {from: there, kind: manifest}}
    """
    model = load_yaml(written(tmp_path, text), Outer)
    assert (model.name, model.colours) == ("yes", (Colour.GREEN, Colour.RED))
    assert model.inner == Inner.model_validate({"from": "here"})
    assert model.named["one"].kind == "manifest"


def test_yes_and_no_are_words_and_numbers_are_read_as_yaml_1_2_has_them(tmp_path: Path) -> None:
    value = read_yaml(written(tmp_path, "a: YES\nb: no\nc: 010\nd: 0o10\ne: 0xA700\nf: 1.5\n")).value
    assert value == {"a": "YES", "b": "no", "c": 10, "d": 8, "e": 0xA700, "f": 1.5}
    assert {type(each) for each in value.values()} == {str, int, float}


def test_all_faults_are_told_sorted_by_line_with_their_hint(tmp_path: Path) -> None:
    text = """\
        nmae: a
        count: "3"
        colours: [gren, red]
        inner:
          form: here
          kind: manifst
        named:
          one: {from: 3}
    """
    assert told(written(tmp_path, text)) == [
        "1:1: the key 'name' is missing",
        "1:1: nmae: unknown key 'nmae' (did you mean name?)",
        "2:1: count: input should be a valid integer",
        "3:11: colours[0]: input should be 'red' or 'green' (did you mean green?)",
        "4:1: inner: the key 'from' is missing",
        "5:3: inner.form: unknown key 'form' (did you mean from?)",
        "6:3: inner.kind: input should be 'image' or 'manifest' (did you mean manifest?)",
        '8:9: named.one.from: input should be text (quote it: "3")',
    ]


def test_a_list_is_called_too_short_only_where_it_is(tmp_path: Path) -> None:
    assert told(written(tmp_path, "name: a\ncolours: [blue]\n")) == [
        "2:11: colours[0]: input should be 'red' or 'green'"
    ]
    (short,) = told(written(tmp_path, "name: a\ncolours: []\n"))
    assert short.startswith("2:1: colours: ")


def test_an_unknown_key_without_a_near_match_is_told_with_the_known_ones(tmp_path: Path) -> None:
    assert told(written(tmp_path, "name: a\ninner: {from: b, zzz: 1}\n")) == [
        "2:18: inner.zzz: unknown key 'zzz' (known are from, kind)"
    ]


def test_a_fault_of_a_value_put_in_from_elsewhere_is_told_where_it_stands(tmp_path: Path) -> None:
    read = read_yaml(written(tmp_path, "name: $x\nvalues: [a, 5]\n"))
    file = YamlFile(read.path, {"name": 5}, read.places, {("name",): ("values", 1)})
    with pytest.raises(ScenarioError) as caught:
        file.validate(Outer)
    problem = caught.value.problems[0]
    assert (problem.line, problem.column, problem.path) == (2, 13, "values[1]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nname: b\n", ":2:1: is not valid YAML: found duplicate key"),
        ("name: [a\n", "is not valid YAML"),
        ("name: a\n\tb: c\n", "is not valid YAML"),
        ("1: a\n", "the key 1 is not text; quote it"),
        ("name: 2020-01-01\n", ":1:1: name: a value of type date is not allowed; quote it"),
        ("a: " + "[" * 1000 + "\n", "is nested too deeply"),
        (
            "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
            + "".join(
                f"{key}: &{key} [{', '.join(['*' + held] * 10)}]\n"
                for held, key in zip("abcde", "bcdef", strict=True)
            ),
            "holds more than 100000 keys and items",
        ),
        ("", "input should be an object"),
        ("- a\n", "input should be an object"),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_yaml(written(tmp_path, text), Inner)
    assert message in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_yaml(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9\n")
    with pytest.raises(ScenarioError, match="it is not UTF-8 text"):
        read_yaml(tmp_path / "latin.yaml")


def test_keys_that_are_merged_in_stand_where_the_mapping_does(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """\
        name: merged
        named:
          first: &first {from: here}
          second: {<<: *first, kind: manifest}
          third: {<<: *first, kinds: manifest}
        """,
    )
    with pytest.raises(ScenarioError, match=r"file.yaml:5:.*kinds"):
        load_yaml(path, Outer)
    path.write_text(path.read_text(encoding="utf-8").replace("kinds", "kind"), encoding="utf-8")
    assert load_yaml(path, Outer).named["second"] == Inner.model_validate(
        {"from": "here", "kind": "manifest"}
    )


def test_paths_are_spelled_as_yaml_tools_do() -> None:
    assert spell_path(("steps", 2, "send", "objects")) == "steps[2].send.objects"
    assert spell_path(()) == ""


def test_a_near_match_is_one_that_is_near() -> None:
    assert near_match("ct-chst", {"ct-chest", "mr-brain"}) == "did you mean ct-chest?"
    assert near_match("zzz", ["ct-chest"]) == ""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="ab:-[]{}$&*!|>'\"#%@, \n\t01.", max_size=40))
def test_any_text_is_read_or_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "any.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        said = str(load_yaml(path, Outer))
    except ScenarioError as error:
        said = str(error)
    assert said
