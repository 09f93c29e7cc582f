"""JSON Schemas of the files that a test engineer writes, for editors."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from tce_harness.scenarios.catalogue import CatalogueFile
from tce_harness.scenarios.claims_file import ClaimsFile
from tce_harness.scenarios.scenario_file import ScenarioFile
from tce_harness.scenarios.system import SystemFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_AXIS = {"type": "string", "pattern": r"^\$[a-z][a-z0-9-]*$", "description": "the value of an axis"}
_VARIED = {"simulated", "data", "steps"}
_NOTES = {"default", "description"}
_TELLING = {"make"}
"""Keys that say what a mapping is; an axis does not stand there."""


def json_schemas() -> dict[str, str]:
    """Return the schema of each kind of file, by its name, as JSON text with a line end."""
    scenario = _schema(ScenarioFile)
    scenario["$defs"] = {
        name: _with_axes(schema, scenario["$defs"]) for name, schema in scenario["$defs"].items()
    }
    scenario["properties"] = {
        name: _varied(schema, scenario["$defs"]) if name in _VARIED else schema
        for name, schema in scenario["properties"].items()
    }
    schemas = {
        "scenario": scenario,
        "system": _schema(SystemFile),
        "claims": _schema(ClaimsFile),
        "requirements": _schema(CatalogueFile),
    }
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas.items()}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = _without_titles(model.model_json_schema(by_alias=True, mode="validation"))
    return {"$schema": DIALECT, **schema}


def _without_titles(schema: Any) -> Any:
    """Drop the titles that pydantic makes up from the names: they say nothing that the key does not."""
    if isinstance(schema, list):
        return [_without_titles(each) for each in schema]
    if isinstance(schema, dict):
        return {
            key: _without_titles(value)
            for key, value in schema.items()
            if not (key == "title" and isinstance(value, str))
        }
    return schema


def _with_axes(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Let an axis stand for every value of a mapping."""
    if "properties" not in schema:
        return schema
    properties = {
        name: each if name in _TELLING else _varied(each, definitions)
        for name, each in schema["properties"].items()
    }
    return {**schema, "properties": properties}


def _varied(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Let an axis stand for a value, or for what a list or a mapping holds."""
    reference = str(schema.get("$ref", "")).rpartition("/")[2]
    if reference and "enum" not in definitions[reference]:
        return schema
    if "oneOf" in schema or schema.get("type") == "object":
        return _inside(schema, definitions)
    note = {key: value for key, value in schema.items() if key in _NOTES}
    bare = {key: value for key, value in schema.items() if key not in _NOTES}
    choices = schema.get("anyOf") or [bare]
    return {"anyOf": [*(_inside(each, definitions) for each in choices), _AXIS], **note}


def _inside(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    changed = dict(schema)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            changed[key] = _varied(schema[key], definitions)
    if "patternProperties" in schema:
        changed["patternProperties"] = {
            pattern: _varied(each, definitions) for pattern, each in schema["patternProperties"].items()
        }
    return changed
