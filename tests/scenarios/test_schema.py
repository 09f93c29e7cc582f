from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from tce_harness.content import Content
from tce_harness.scenarios import json_schemas

SYSTEM = """\
system: Gateway
version: "4.2"
actors: [export-manager]
ae_title: EXPGW
host: gateway.example
port: 11112
calls: {archive: {ae_title: TCE_ARCHIVE, port: 11113}}
deidentification: {codes: [113100, "113107"]}
"""


def faults(name: str, text: str) -> list[str]:
    schema: dict[str, Any] = json.loads(json_schemas()[name])
    Draft202012Validator.check_schema(schema)
    value = YAML(typ="safe", pure=True).load(text)
    return [error.message for error in Draft202012Validator(schema).iter_errors(value)]


def test_the_committed_schemas_are_those_of_the_models() -> None:
    content = Content.with_overlays()
    committed = {
        path.stem: path.read_text(encoding="utf-8") for path in content.files("scenarios/schema", "*.json")
    }
    current = json_schemas()
    assert {name: committed[name] for name in current} == current


def test_a_whole_scenario_keeps_to_the_schema_with_axes_wherever_a_value_may_stand(whole: str) -> None:
    assert faults("scenario", whole) == []
    text = whole.replace("instances: 5", "instances: $size").replace("objects: study", "objects: [$size]")
    text = text.replace("archive: receiver", "archive: $size").replace("5 min", "$size")
    text = text.replace("until: manifest-complete", "until: $size").replace("of: exported", "of: $size")
    assert text.count("$size") == 6
    assert faults("scenario", text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sut: export-manager", "sut: $title"),
        ("recipe: ct-chest", "recpie: ct-chest"),
        ("make: manifest", "make: $title"),
        ("within: 5 min", "within: 5"),
        ("RAD-50", "RAD-5"),
        ("instances: 5", "instances: many"),
        ("title: [TCE001, TCE002]", "title: TCE001"),
    ],
)
def test_a_faulty_scenario_does_not_keep_to_the_schema(old: str, new: str, whole: str) -> None:
    assert old in whole
    assert faults("scenario", whole.replace(old, new, 1))


def test_a_system_file_keeps_to_its_schema() -> None:
    assert faults("system", SYSTEM) == []
    assert faults("system", SYSTEM.replace("port: 11112", "port: 111120"))
    assert faults("system", SYSTEM.replace("EXPGW", "THIS_TITLE_IS_TOO_LONG"))


def test_the_shipped_requirements_and_scenarios_keep_to_their_schemas() -> None:
    content = Content.with_overlays()
    requirements = content.files("scenarios/requirements", "*.yaml")
    assert requirements
    for path in requirements:
        assert faults("requirements", path.read_text(encoding="utf-8")) == [], path
    scenarios = content.files("scenarios", "**/*.tce.yaml")
    assert scenarios
    for path in scenarios:
        assert faults("scenario", path.read_text(encoding="utf-8")) == [], path


def test_a_requirement_without_a_level_does_not_keep_to_the_schema(write: Callable[..., Path]) -> None:
    text = 'document: D\nedition: "1"\nrequirements: [{id: OWN-1, section: "1", text: T}]\n'
    assert any("'level' is a required property" in each for each in faults("requirements", text))
