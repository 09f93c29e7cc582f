"""The rules by name, and the requirement that each one judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import walk_packages
from types import MappingProxyType

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.finding import Judgement

RuleFunction = Callable[[CaseEvidence], Judgement]
Preparation = Callable[[CaseEvidence], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One check.

    Parameters
    ----------
    name
        As scenarios name it, such as ``manifest/references-match-instances``.
    judges
        The one requirement that it judges.
    judge
        Pure: from evidence to a judgement; never raises for what a system did.
    examiner
        The outside judge whose raw answers it reads; None where it needs none.
    beside
        For a rule that is work enough for a copy of the process: finds out what others need too, and begins
        what can be done meanwhile, until it is left.
    """

    name: str
    judges: str
    judge: RuleFunction
    examiner: str | None = None
    beside: Preparation | None = None

    @property
    def sentence(self) -> str:
        """What it holds the evidence against: the first line of the function's docstring."""
        return (self.judge.__doc__ or "").strip().split("\n")[0]


_RULES: dict[str, Rule] = {}


def rule(
    name: str, *, judges: str, examiner: str | None = None, beside: Preparation | None = None
) -> Callable[[RuleFunction], RuleFunction]:
    """Register a function as the rule of that name.

    Raises
    ------
    ValueError
        When the name is taken or the function has no docstring to explain it.
    """

    def register(function: RuleFunction) -> RuleFunction:
        if name in _RULES:
            raise ValueError(f"two rules are named {name}")
        if not function.__doc__:
            raise ValueError(f"the rule {name} has no docstring")
        _RULES[name] = Rule(name, judges, function, examiner, beside)
        return function

    return register


def all_rules() -> Mapping[str, Rule]:
    """Return every rule of this package, by name, in alphabetical order."""
    package = import_module("tce_harness.rules")
    for module in walk_packages(package.__path__, package.__name__ + "."):
        import_module(module.name)
    return MappingProxyType(dict(sorted(_RULES.items())))
