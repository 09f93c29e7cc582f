"""What the maker of the system under test says of it; it decides what is judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Option(StrEnum):
    """The options of the profile (RAD TF Vol 1, section 17)."""

    ADDITIONAL_TEACHING_FILE_INFORMATION = "additional-teaching-file-information"
    DELAY_FOR_REASON = "delay-for-reason"
    DEIDENTIFY_PIXEL_DATA = "de-identify-pixel-data"
    REMAP_IDENTIFIERS = "remap-identifiers"


class TeachingFileTemplate(StrEnum):
    """Which template the additional teaching file information is held against."""

    BASE = "base"
    RCR_UK = "rcr-uk"


class CodeSet(StrEnum):
    """Which coding scheme the profile's codes may come from."""

    EITHER = "either"
    IHERADTF = "iheradtf"


ClaimsFrom = Literal["file", "recorded", "default"]
"""A file; the judged files, by (0012,0064); or nobody, so that 113100 of the default edition is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The vendor's claims, from the system file.

    Parameters
    ----------
    options
        Options of the profile that are claimed.
    deidentification_codes
        Codes of CID 7050 that the de-identifier claims, such as ``113100``.
    edition
        Edition of PS3.15 that it follows.
    date_tolerance_days
        How far an interval between two dates may be off under modified dates.
    templates
        Templates that the additional teaching file information keeps to, one or both.
    """

    options: tuple[Option, ...] = ()
    deidentification_codes: tuple[str, ...] = ("113100",)
    edition: str = "2026d"
    date_tolerance_days: int = 0
    templates: tuple[TeachingFileTemplate, ...] = (TeachingFileTemplate.RCR_UK,)
    code_set: CodeSet = CodeSet.EITHER
