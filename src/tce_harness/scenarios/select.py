"""Which cases a run performs: the names on the command line held against the scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tce_harness.content import near_match
from tce_harness.model.errors import HarnessError
from tce_harness.scenarios.catalogue import Catalogue
from tce_harness.scenarios.scenario import Case, Scenario

SLOW = "slow"


def select(
    scenarios: Sequence[Scenario], names: Sequence[str], judges: Mapping[str, str], catalogue: Catalogue
) -> tuple[Case, ...]:
    """Return the cases that some names mean, each once, in the order of the scenarios.

    Parameters
    ----------
    names
        Each a scenario, a case, a path to a scenario file, a folder of scenarios or a requirement; none means
        everything that is not tagged slow.
    judges
        Rule to the requirement that it judges.
    catalogue
        For requirements that are the roll-up of others.

    Raises
    ------
    HarnessError
        For every name that means nothing, with the near match; for a requirement that no case looks at.
    """
    cases = [case for scenario in scenarios for case in scenario.cases()]
    if not names:
        return tuple(case for case in cases if SLOW not in case.tags)
    wanted: set[str] = set()
    faults = []
    for name in names:
        found = [case.id for case in cases if _means(name, case)]
        if not found and name in catalogue:
            leaves = {name, *catalogue.leaves(name)}
            found = [case.id for case in cases if leaves & _looks_at(case, judges)]
            if not found:
                faults.append(f"no case looks at {name}")
                continue
        if not found:
            known = {case.scenario for case in cases} | {case.id for case in cases}
            known |= {case.path.parent.name for case in cases} | catalogue.ids
            hint = near_match(name, known)
            faults.append(
                f"{name!r} is no scenario, case, path, folder or requirement" + (f" ({hint})" if hint else "")
            )
        wanted.update(found)
    if faults:
        raise HarnessError("\n".join(faults))
    return tuple(case for case in cases if case.id in wanted)


def _means(name: str, case: Case) -> bool:
    if name in {case.id, case.scenario, case.path.parent.name, case.file}:
        return True
    path = Path(name)
    return path.exists() and case.path.resolve().is_relative_to(path.resolve())


def _looks_at(case: Case, judges: Mapping[str, str]) -> set[str]:
    return {judges[rule] for rule in case.rules if rule in judges} | set(case.attested)
