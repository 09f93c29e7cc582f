"""Ages above 89 years, which are told as 90 by whoever follows 45 CFR 164.514(b)(2)(i)(C)."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from tce_harness.rules.deidentification.places import Place, comparable

_YEARS = re.compile(r"(\d{3})Y")
_OLDEST = 89
_CAPPED = frozenset({"090Y", "90Y"})


def is_capped_age(place: Place, observed: AbstractSet[str]) -> bool:
    """Return whether an age above 89 years was told as 90, by which few are told from others.

    An option that retains the age says nothing of it; nobody is misled, and fewer are recognised.
    """
    if place.element.VR != "AS" or not observed or not observed <= _CAPPED:
        return False
    ages = [_YEARS.fullmatch(value) for value in comparable(place.element)]
    return bool(ages) and all(age is not None and int(age[1]) > _OLDEST for age in ages)
