"""The findings of one tool over one set as a table: by its claim beside by the Basic Profile."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from deidentifying.cells import escaped, folded, table
from deidentifying.comparison import OverSet
from deidentifying.explanations import explained
from deidentifying.judging import Kind
from tce_harness.model.finding import Finding, Severity

HEAD = (
    "requirement", "kind", "code of the row", "severity", "against its claim", "by the Basic Profile",
    "beyond its claim",    "instances", "elements", "it says",
)  # fmt: skip
_VALID = "PS315-D5"
_OF_ONE_FILE = re.compile(r"\[\d+\]|<[^<>/]*>|= .*$")


@dataclass(slots=True)
class Merged:
    """One kind, as both judgements have it."""

    kind: Kind
    own: list[Finding] = field(default_factory=list)
    yardstick: list[Finding] = field(default_factory=list)
    beyond: list[Finding] = field(default_factory=list)

    @property
    def by_claim(self) -> list[Finding]:
        """Return all that judging by the claim finds, whether the claim reaches it or not."""
        return [*self.own, *self.beyond]

    @property
    def elements(self) -> Counter[str]:
        """At which elements, in either judgement."""
        return _elements(self.kind, self.by_claim) | _elements(self.kind, self.yardstick)

    @property
    def instances(self) -> int:
        """In how many instances, in either judgement."""
        return len({each.subject for each in (*self.by_claim, *self.yardstick)})


def _elements(kind: Kind, findings: list[Finding]) -> Counter[str]:
    return Kind(kind.requirement, kind.kind, kind.severity, kind.code, findings).elements


def merged(over: OverSet) -> list[Merged]:
    """Return every kind of either judgement once, graver ones and those against the claim first."""
    found: dict[tuple[Severity, str, str, str], Merged] = {}
    for kind in over.own:
        found.setdefault(kind.key, Merged(kind)).own.extend(kind.findings)
    for kind in over.yardstick:
        found.setdefault(kind.key, Merged(kind)).yardstick.extend(kind.findings)
    for kind in over.beyond:
        found.setdefault(kind.key, Merged(kind)).beyond.extend(kind.findings)
    return sorted(found.values(), key=lambda each: (each.kind.severity, not each.own, each.kind.key))


def counted(kinds: Iterable[Kind], severity: Severity) -> str:
    """Return kinds and, in brackets, single findings of one severity."""
    sizes = [len(kind.findings) for kind in kinds if kind.severity is severity]
    return f"{len(sizes)} ({sum(sizes)})" if sizes else "0"


def found_table(over: OverSet, tool: str) -> str:
    """Return the findings, what dciodvfy said, and what is to be known to understand them."""
    every = merged(over)
    if not every:
        return "Nothing is found.\n"
    parts = [table(HEAD, map(_line, every))]
    parts.extend(f"- {line}\n" for line in explained(tool, [*over.own, *over.beyond], over.yardstick))
    for each in every:
        if each.kind.requirement == _VALID:
            parts.append(_by_dciodvfy(each))
    return "\n".join(parts)


def _line(each: Merged) -> list[str]:
    kind = each.kind
    first = (*each.by_claim, *each.yardstick)[0]
    counts = [len(findings) for findings in (each.own, each.yardstick, each.beyond)]
    return [
        kind.requirement, kind.kind, kind.code, kind.severity.value, *map(str, counts), str(each.instances),
        folded(each.elements), escaped(first.message),
    ]  # fmt: skip


def _by_dciodvfy(each: Merged) -> str:
    said = Counter(
        _OF_ONE_FILE.sub("", finding.observed or finding.message).strip(" -")
        for finding in max(each.by_claim, each.yardstick, key=len)
    )
    lines = "\n".join(f"- {count} of {escaped(text)}" for text, count in said.most_common())
    title = f"What dciodvfy says, {each.kind.severity.value}"
    return f"<details><summary>{title}</summary>\n\n{lines}\n\n</details>\n"
