"""The axes of a scenario's matrix put into its values."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tce_harness.content import YamlFile, near_match
from tce_harness.content.yaml_file import KeyPath
from tce_harness.model.errors import Problem

MOST_CASES = 500
_SECTIONS = ("simulated", "data", "steps")


@dataclass(frozen=True, slots=True)
class Variant:
    """The file with one value of each axis put in, and those values as a case id spells them."""

    axes: tuple[tuple[str, str], ...]
    yaml: YamlFile


def axis_values(yaml: YamlFile) -> dict[str, list[Any]]:
    """Return the axes as far as they can be read: those that are lists with something in them."""
    matrix = yaml.value.get("matrix") if isinstance(yaml.value, dict) else None
    if not isinstance(matrix, dict):
        return {}
    return {axis: values for axis, values in matrix.items() if isinstance(values, list) and values}


def spell_value(value: object) -> str:
    """Write the value of an axis as a case id shows it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def variants(yaml: YamlFile) -> list[Variant]:
    """Return the file once for every combination of axis values, in file order."""
    axes = axis_values(yaml)
    found = []
    choices = [list(enumerate(values)) for values in axes.values()]
    for chosen in itertools.islice(itertools.product(*choices), MOST_CASES):
        picked = dict(zip(axes, chosen, strict=True))
        moved: dict[KeyPath, KeyPath] = {}
        value = dict(yaml.value)
        for section in _SECTIONS:
            if section in value:
                value[section] = _put_in(value[section], (section,), picked, moved)
        spelled = tuple((axis, spell_value(each)) for axis, (_, each) in picked.items())
        found.append(Variant(spelled, replace(yaml, value=value, moved=moved)))
    return found


def _put_in(
    value: Any, path: KeyPath, picked: dict[str, tuple[int, Any]], moved: dict[KeyPath, KeyPath]
) -> Any:
    if isinstance(value, dict):
        return {key: _put_in(each, (*path, key), picked, moved) for key, each in value.items()}
    if isinstance(value, list):
        return [_put_in(each, (*path, index), picked, moved) for index, each in enumerate(value)]
    if isinstance(value, str) and value[:1] == "$" and value[1:] in picked:
        index, chosen = picked[value[1:]]
        moved[path] = ("matrix", value[1:], index)
        return chosen
    return value


def _references(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _references(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _references(each, (*path, index))
    elif isinstance(value, str) and value.startswith("$"):
        yield path, value[1:]


def axis_problems(yaml: YamlFile) -> list[Problem]:
    """Return the faults of a matrix: unknown, misplaced and unused axes, repeated values, too many cases."""
    axes = axis_values(yaml)
    raw = yaml.value.get("matrix")
    named = list(raw) if isinstance(raw, dict) else []
    problems = []
    used = set()
    for path, axis in _references(yaml.value, ()):
        if path[0] not in _SECTIONS:
            message = "the value of an axis can stand only in 'simulated', 'data' and 'steps'"
            problems.append(yaml.problem(path, message))
        elif axis not in named:
            known = f"the axes are {', '.join(named)}" if named else "there is no matrix"
            problems.append(yaml.problem(path, f"unknown axis ${axis}", near_match(axis, named) or known))
        used.add(axis)
    problems += [
        yaml.problem(("matrix", axis), f"the axis {axis!r} is not used; write ${axis} where it belongs")
        for axis in axes
        if axis not in used
    ]
    for axis, values in axes.items():
        spelled = [spell_value(value) for value in values]
        for index, value in enumerate(spelled):
            if value in spelled[:index]:
                problems.append(yaml.problem(("matrix", axis, index), f"the value {value!r} stands twice"))
    cases = 1
    for values in axes.values():
        cases *= len(values)
    if cases > MOST_CASES:
        problems.append(yaml.problem(("matrix",), f"{cases} cases are too many; {MOST_CASES} are allowed"))
    return problems
