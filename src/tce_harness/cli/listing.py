"""``tce list``: what there is."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from tce_harness.cli.options import ContentOption, JsonOption, library_of
from tce_harness.engine import Library
from tce_harness.fixtures import recipes


class Kind(StrEnum):
    """What can be listed."""

    SCENARIOS = "scenarios"
    REQUIREMENTS = "requirements"
    RULES = "rules"
    SIMULATORS = "simulators"
    RECIPES = "recipes"
    DEFECTS = "defects"


def list_content(
    kind: Annotated[Kind, typer.Argument(help="What to list.")],
    content: ContentOption = None,
    json_wanted: JsonOption = False,
) -> None:
    """List scenarios, requirements, rules, simulators, recipes or defects.

    Example: tce list requirements
    """
    rows = _rows(library_of(content), kind)
    if json_wanted:
        typer.echo(json.dumps([{"name": name, "title": title} for name, title in rows], indent=1))
        return
    width = max((len(name) for name, _ in rows), default=0)
    for name, title in rows:
        typer.echo(f"{name:<{width}}  {title}")


def _rows(library: Library, kind: Kind) -> list[tuple[str, str]]:
    if kind is Kind.SCENARIOS:
        return [
            (each.id, f"{each.sut}: {each.title} ({len(each.cases())} cases)") for each in library.scenarios
        ]
    if kind is Kind.REQUIREMENTS:
        return [
            (each.id, f"[{each.level}, {each.grade}, {each.testable}] {each.text}")
            for each in library.catalogue
        ]
    if kind is Kind.RULES:
        return [(name, f"{rule.judges}: {rule.sentence}") for name, rule in library.rules.items()]
    if kind is Kind.SIMULATORS:
        return [
            (name, f"{each.actor}: {each.title}")
            for name, each in library.simulators.items()
            if not each.is_defect
        ]
    if kind is Kind.RECIPES:
        return [(each.name, each.title) for each in recipes(library.content)]
    return [
        (each.name, f"turns {', '.join(f'{name} {verdict}' for name, verdict in each.turns)}")
        for each in library.defects
    ]
