"""Ages above which few people live, told only as being above: 45 CFR 164.514(b)(2)(i)(C)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import ceil
from types import MappingProxyType

#: As AS spells an age (PS3.5 section 6.2), and as it is met besides: 95Y, 0095Y, 095 Y, 095Y-099Y, 95.
_AGES = re.compile(r"(\d+(?:\.\d+)?)\s*([DWMY]?)", re.IGNORECASE)
#: Units in a year, by letter of AS and by code of UCUM.
_IN_A_YEAR: Mapping[str, float] = MappingProxyType(
    {
        "": 1, "Y": 1, "M": 12, "W": 365.25 / 7, "D": 365.25,
        "a": 1, "a_j": 1, "a_t": 1, "a_g": 1, "mo": 12, "mo_j": 12, "mo_g": 12, "mo_s": 365.25 / 29.53059,
        "wk": 365.25 / 7, "d": 365.25, "h": 365.25 * 24, "min": 365.25 * 24 * 60, "s": 365.25 * 24 * 3600,
    }
)  # fmt: skip


def capped_age(text: str, oldest: int | None) -> str:
    """Return an age (VR AS), an age of more years than ``oldest`` as one more than that.

    Parameters
    ----------
    text
        In whatever spelling; of a range, or a number without a unit, the oldest year counts.
    oldest
        Such as 89, so that 95 becomes ``090Y``, for 90 or older; None leaves every age.
    """
    if oldest is None:
        return text
    ages = (float(match[1]) / _IN_A_YEAR[match[2].upper()] for match in _AGES.finditer(text))
    return f"{oldest + 1:03d}Y" if any(age >= oldest + 1 for age in ages) else text


def capped_number(text: str, unit: str, oldest: int | None) -> str:
    """Return an age as a number of a content item, capped in the same way, in its own unit.

    Parameters
    ----------
    unit
        UCUM code of the unit, ``a`` for years; what is no unit of time is taken for one.
    """
    in_a_year = _IN_A_YEAR.get(unit.strip(), 1)
    try:
        above = oldest is not None and float(text) / in_a_year >= oldest + 1
    except ValueError:
        return text
    return str(ceil(((oldest or 0) + 1) * in_a_year)) if above else text
