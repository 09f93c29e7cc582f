"""YAML 1.2 files read into pydantic models, every fault with its line, column, path and near match."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from tce_harness.model.errors import Problem, ScenarioError

Key = str | int
KeyPath = tuple[Key, ...]
Model = TypeVar("Model", bound=BaseModel)

MOST_PLACES = 100_000
"""A content file with more keys and items than this is refused."""


class FileModel(BaseModel):
    """Base of every model that a file is read into: strict types, no unknown keys, not changed afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=False)


def spell_path(path: KeyPath) -> str:
    """Write a key path as ``steps[2].send.objects``, counting items from 0 as YAML tools do."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else (f".{key}" if text else key)
    return text


def near_match(word: str, candidates: Iterable[str]) -> str:
    """Return ``did you mean x?``, or an empty string where nothing is near."""
    close = get_close_matches(word, sorted(candidates), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A parsed file with the place of every key and item.

    Parameters
    ----------
    path
        As the user named it.
    value
        Plain dicts, lists, strings, numbers and booleans.
    places
        Key path to (line, column), counted from 1.
    moved
        Key paths whose value was put in from elsewhere in the file, and where that stands: a fault of the
        value is told there.
    """

    path: Path
    value: Any
    places: dict[KeyPath, tuple[int, int]]
    moved: dict[KeyPath, KeyPath] = field(default_factory=dict)

    def place(self, path: KeyPath) -> tuple[int, int]:
        """Return where a key path stands, or where its nearest parent does."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def problem(self, path: KeyPath, message: str, hint: str = "") -> Problem:
        """Return a fault at a key path of this file, or where the value there came from."""
        path = self.moved.get(path, path)
        line, column = self.place(path)
        return Problem(self.path, line, column, spell_path(path), message, hint)

    def validate(self, model: type[Model]) -> Model:
        """Return the file's value as a model.

        Raises
        ------
        ScenarioError
            With one problem for every fault.
        """
        try:
            return model.model_validate_json(json.dumps(self.value))
        except ValidationError as error:
            details = [each for each in error.errors(include_url=False) if not _only_follows(each)]
            raise ScenarioError([self._problem_of(model, each) for each in details]) from None

    def _problem_of(self, model: type[BaseModel], error: ErrorDetails) -> Problem:
        path = self._existing(tuple(error["loc"]))
        if error["type"] == "extra_forbidden":
            known = _known_keys(model, path[:-1])
            key = str(path[-1])
            hint = near_match(key, known) or (f"known are {', '.join(known)}" if known else "")
            return self.problem(path, f"unknown key {key!r}", hint)
        if error["type"] == "missing":
            return self.problem(path, f"the key {error['loc'][-1]!r} is missing")
        message = error["msg"].removeprefix("Value error, ")
        if error["type"] == "string_type" and isinstance(error["input"], int | float):
            return self.problem(path, "input should be text", f'quote it: "{error["input"]}"')
        hint = ""
        expected = (error.get("ctx") or {}).get("expected")
        if isinstance(expected, str) and isinstance(error["input"], str):
            hint = near_match(
                error["input"], [word.strip("' ") for word in expected.replace(" or ", ",").split(",")]
            )
        return self.problem(path, message[:1].lower() + message[1:], hint)

    def _existing(self, location: KeyPath) -> KeyPath:
        """Drop from a location what pydantic added, such as the tag of a union's member."""
        path: KeyPath = ()
        for key in location:
            if (*path, key) in self.places:
                path = (*path, key)
        return path


def _only_follows(error: ErrorDetails) -> bool:
    """Tell whether a list is called too short only because its items are faulty, each of them told."""
    wanted = (error.get("ctx") or {}).get("min_length", 0)
    return error["type"] == "too_short" and len(error["input"]) >= wanted


def _known_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Return the keys that a model knows at a path; of a union, the keys of all its members."""
    models = [model]
    for key in path:
        if isinstance(key, int):
            continue
        infos = [
            info for each in models for name, info in each.model_fields.items() if key == (info.alias or name)
        ]
        models = [member for info in infos for member in _models_in(info.annotation)] or models
    return sorted({info.alias or name for each in models for name, info in each.model_fields.items()})


def _models_in(annotation: object, seen: tuple[object, ...] = ()) -> list[type[BaseModel]]:
    """Return the models of an annotation; in place of a root model, which has no keys, those of its root."""
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        if annotation in seen:
            return []
        return _models_in(annotation.model_fields["root"].annotation, (*seen, annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument, seen)]


def read_yaml(path: Path) -> YamlFile:
    """Read a YAML 1.2 file; duplicate keys are refused.

    Raises
    ------
    ScenarioError
        When the file cannot be read or is not YAML, with line and column.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ScenarioError([Problem(path, 0, 0, "", f"cannot be read: {reason}")]) from None
    return _parsed(path, text)


@lru_cache(maxsize=512)
def _parsed(path: Path, text: str) -> YamlFile:
    """Parse a text once, however often a run comes back to the same file; nobody changes the value."""
    try:
        node = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = " ".join(str(error.problem or error.context or "is not YAML").split())
        raise ScenarioError([Problem(path, line, column, "", f"is not valid YAML: {message}")]) from None
    except RecursionError:
        raise ScenarioError([Problem(path, 0, 0, "", "is nested too deeply")]) from None
    except (YAMLError, ValueError) as error:
        raise ScenarioError([Problem(path, 0, 0, "", f"is not valid YAML: {error}")]) from None
    places: dict[KeyPath, tuple[int, int]] = {(): (1, 1)}
    return YamlFile(path, _plain(node, (), places, path), places)


def load_yaml(path: Path, model: type[Model]) -> Model:
    """Read a file and validate it in one go; raises `ScenarioError` for any fault."""
    return read_yaml(path).validate(model)


def _where(node: CommentedMap, key: object) -> tuple[int, int]:
    """Return where a key stands; one that was merged in by ``<<`` stands where the mapping does."""
    try:
        line, column = node.lc.key(key)
    except KeyError:
        return int(node.lc.line), int(node.lc.col)
    return int(line), int(column)


def _plain(node: Any, path: KeyPath, places: dict[KeyPath, tuple[int, int]], file: Path) -> Any:
    if len(places) > MOST_PLACES:  # aliases of aliases grow without bound
        message = f"holds more than {MOST_PLACES} keys and items, aliases counted each time"
        raise ScenarioError([Problem(file, 0, 0, "", message)])
    if isinstance(node, CommentedMap):
        plain = {}
        for key, value in node.items():
            line, column = _where(node, key)
            if not isinstance(key, str):
                fault = Problem(
                    file, line + 1, column + 1, spell_path(path), f"the key {key!r} is not text; quote it"
                )
                raise ScenarioError([fault])
            places[(*path, key)] = (line + 1, column + 1)
            plain[str(key)] = _plain(value, (*path, key), places, file)
        return plain
    if isinstance(node, CommentedSeq):
        items = []
        for index, item in enumerate(node):
            line, column = node.lc.item(index)
            places[(*path, index)] = (line + 1, column + 1)
            items.append(_plain(item, (*path, index), places, file))
        return items
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    line, column = places.get(path, (1, 1))
    fault = Problem(
        file,
        line,
        column,
        spell_path(path),
        f"a value of type {type(node).__name__} is not allowed; quote it",
    )
    raise ScenarioError([fault])
