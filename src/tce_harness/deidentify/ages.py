"""Ages above which few people live, told only as being above: 45 CFR 164.514(b)(2)(i)(C)."""

from __future__ import annotations

import re

_YEARS = re.compile(r"(\d{3})Y")


def capped_age(text: str, oldest: int | None) -> str:
    """Return an age (VR AS), an age of more years than ``oldest`` as one more than that.

    Parameters
    ----------
    oldest
        Such as 89, so that 95 becomes ``090Y``, for 90 or older; None leaves every age.
    """
    match = _YEARS.fullmatch(text.strip())
    if oldest is None or match is None or int(match[1]) <= oldest:
        return text
    return f"{oldest + 1:03d}Y"


def capped_number(text: str, unit: str, oldest: int | None) -> str:
    """Return an age as a number of a content item, capped in the same way where its unit is the year.

    Parameters
    ----------
    unit
        UCUM code of the unit, ``a`` for years.
    """
    try:
        above = oldest is not None and unit.strip() == "a" and float(text) >= oldest + 1
    except ValueError:
        return text
    return str((oldest or 0) + 1) if above else text
