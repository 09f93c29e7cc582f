"""The names that a scenario may use, from the other rooms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Names known outside the scenario files.

    Parameters
    ----------
    simulators, recipes, rules, requirements
        What exists; anything else in a scenario is an error.
    titles, delays
        Code values of manifest titles and delay reasons; none given means that they are not checked here.
    """

    simulators: frozenset[str]
    recipes: frozenset[str]
    rules: frozenset[str]
    requirements: frozenset[str]
    titles: frozenset[str] = frozenset()
    delays: frozenset[str] = frozenset()
