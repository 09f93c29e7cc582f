"""The options of PS3.15 E.3: their short names, which may stand together, and which wins where two meet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from tce_harness.content import near_match
from tce_harness.model.errors import HarnessError
from tce_harness.standard.codes import deidentification_method
from tce_harness.standard.confidentiality import COLUMN_OF_CODE, OptionColumn

BASIC_PROFILE = "113100"
CLEAN_PIXEL_DATA = "113101"
CLEAN_GRAPHICS = "113103"
CLEAN_STRUCTURED_CONTENT = "113104"
CLEAN_DESCRIPTORS = "113105"
FULL_DATES = "113106"
MODIFIED_DATES = "113107"
PATIENT_CHARACTERISTICS = "113108"
SAFE_PRIVATE = "113111"

#: Short names of the options, as ``tce deidentify --option`` takes them.
SHORT_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "clean-pixel-data": CLEAN_PIXEL_DATA,
        "clean-graphics": CLEAN_GRAPHICS,
        "clean-structured-content": CLEAN_STRUCTURED_CONTENT,
        "clean-descriptors": CLEAN_DESCRIPTORS,
        "full-dates": FULL_DATES,
        "modified-dates": MODIFIED_DATES,
        "patient-characteristics": PATIENT_CHARACTERISTICS,
        "device-identity": "113109",
        "uids": "113110",
        "safe-private": SAFE_PRIVATE,
        "institution-identity": "113112",
    }
)
SUPPORTED = (BASIC_PROFILE, *sorted(SHORT_NAMES.values()))
_COLUMN_ORDER = tuple(OptionColumn)
_DATES = (OptionColumn.RETAIN_LONGITUDINAL_FULL_DATES, OptionColumn.RETAIN_LONGITUDINAL_MODIFIED_DATES)


def option_code(name: str) -> str:
    """Return the code of CID 7050 of an option by its short name or code.

    Raises
    ------
    HarnessError
        When there is no such option, or the reference de-identifier does not have it.
    """
    code = SHORT_NAMES.get(name, name)
    method = deidentification_method(code)
    if method is None:
        hint = near_match(name, list(SHORT_NAMES)) or f"there are {', '.join(SHORT_NAMES)}"
        raise HarnessError(f"{name!r} is no option of de-identification ({hint})")
    if code not in SUPPORTED:
        raise HarnessError(
            f"{code} {method.meaning} is not supported by the reference de-identifier; "
            f"supported are {', '.join(SUPPORTED)}"
        )
    return code


def contradictions(codes: Collection[str]) -> Iterator[str]:
    """Yield why a set of codes cannot be claimed together (PS3.15 E.1.1, E.3.6)."""
    if BASIC_PROFILE not in codes:
        yield f"{BASIC_PROFILE} must be claimed; options only add to it"
    if FULL_DATES in codes and MODIFIED_DATES in codes:
        yield (
            f"{FULL_DATES} keeps the dates that {MODIFIED_DATES} moves: claim one of them "
            "(PS3.15 E.3.6 has them exclude each other)"
        )


def deciding(
    options: Mapping[OptionColumn, str], claimed: Collection[OptionColumn]
) -> tuple[OptionColumn, str] | None:
    """Return the column that decides a row under the claimed options, and its code; None for the profile.

    Where several claimed columns have a code: the dates are moved whoever else would keep them, as one date
    left in place tells the shift of all; otherwise keeping goes before cleaning, as every attribute that an
    option retains shall be retained (PS3.15 E.3).
    """
    found = [(column, options[column]) for column in _COLUMN_ORDER if column in claimed and column in options]
    for wanted in _DATES:
        for column, code in found:
            if column is wanted:
                return column, code
    return next((each for each in found if each[1] == "K"), found[0] if found else None)


def columns_of(codes: Collection[str]) -> tuple[OptionColumn, ...]:
    """Return the option columns of Table E.1-1 that codes claim."""
    return tuple(COLUMN_OF_CODE[code] for code in codes if code in COLUMN_OF_CODE)
