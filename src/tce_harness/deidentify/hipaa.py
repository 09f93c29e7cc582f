"""The 18 identifiers of the HIPAA Privacy Rule, 45 CFR 164.514(b)(2)(i), and what takes each out.

Each is led to rows of Table E.1-1 and to rules of the de-identifier that go beyond the table. The rows are
those that hold the identifier by their meaning; free text may hold any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What the de-identifier does whatever the table says."""

    VALUES = (
        "a name, identifier, institution or address of the same instance is looked for in every value that "
        "would stay"
    )
    TEXT = "free text is cleaned to the words of a vocabulary with 113105, and goes without it"
    URLS = "every attribute of VR UR goes, whether a row names it or not"
    UIDS = "every UID that is no class, syntax or coding resource is replaced, unless 113110 is claimed"
    PRIVATE = "private elements go, save those known to be safe with 113111"
    VOICE = "an instance that holds a recorded voice is held back"
    PIXELS = "an image that may show text is held back; faces are not looked for, which a person must do"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One of the 18.

    Parameters
    ----------
    letter
        Its paragraph, A to R.
    rows
        Keys of rows of Table E.1-1 that hold it.
    """

    letter: str
    title: str
    rows: tuple[str, ...]
    rules: tuple[Rule, ...]


_ANYWHERE = (Rule.VALUES, Rule.TEXT)
IDENTIFIERS = (
    Identifier(
        "A",
        "Names",
        (
            "(0010,0010)", "(0010,1001)", "(0010,1005)", "(0010,1060)", "(0008,0090)", "(0008,009C)",
            "(0008,1048)", "(0008,1050)", "(0008,1070)", "(0040,0006)", "(0040,1010)", "(0040,4037)",
            "(0040,A075)", "(0040,A123)", "(0070,0084)",
        ),
        _ANYWHERE,
    ),
    Identifier(
        "B",
        "Geographic subdivisions smaller than a state",
        (
            "(0010,1040)", "(0010,2152)", "(0038,0300)", "(0038,0400)", "(0008,0080)", "(0008,0081)",
            "(0008,0092)", "(0040,1102)", "(0016,0072)", "(0016,0074)", "(0040,4027)", "(0040,4030)",
        ),
        _ANYWHERE,
    ),
    Identifier(
        "C",
        "Dates more exact than a year, and ages over 89",
        (
            "(0010,0030)", "(0010,0032)", "(0010,1010)", "(0008,0020)", "(0008,0021)", "(0008,0022)",
            "(0008,0023)", "(0008,002A)", "(0038,0020)", "(0038,0030)", "(0040,A120)", "(0040,A121)",
        ),
        _ANYWHERE,
    ),
    Identifier(
        "D", "Telephone numbers", ("(0010,2154)", "(0008,0094)", "(0040,1103)", "(0040,A354)"), _ANYWHERE
    ),
    Identifier("E", "Fax numbers", ("(0010,2155)", "(0040,1104)", "(0040,2011)"), _ANYWHERE),
    Identifier("F", "Electronic mail addresses", ("(0010,2155)", "(0040,1104)", "(0040,2011)"), _ANYWHERE),
    Identifier("G", "Social security numbers", ("(0010,1000)", "(0010,1002)"), _ANYWHERE),
    Identifier(
        "H", "Medical record numbers", ("(0010,0020)", "(0010,1000)", "(0010,1002)", "(0010,1090)"), _ANYWHERE
    ),
    Identifier("I", "Health plan beneficiary numbers", ("(0010,1050)", "(0010,0050)"), _ANYWHERE),
    Identifier(
        "J", "Account numbers", ("(0008,0050)", "(0038,0010)", "(0038,0060)", "(0040,050A)"), _ANYWHERE
    ),
    Identifier(
        "K",
        "Certificate and licence numbers",
        ("(0040,1101)", "(0008,1049)", "(0070,0086)", "(0400,0115)"),
        _ANYWHERE,
    ),
    Identifier("L", "Vehicle identifiers and licence plates", (), (Rule.TEXT,)),
    Identifier(
        "M",
        "Device identifiers and serial numbers",
        (
            "(0018,1000)", "(0018,1002)", "(0018,1008)", "(0018,1009)", "(0018,100A)", "(0018,700A)",
            "(0008,1010)", "(3008,0105)",
        ),
        (*_ANYWHERE, Rule.PRIVATE),
    ),
    Identifier("N", "Web addresses", (), (Rule.URLS, Rule.TEXT)),
    Identifier("O", "Internet protocol addresses", ("(0008,1000)", "(0008,0054)", "(0008,0055)"), _ANYWHERE),
    Identifier("P", "Biometric identifiers, finger and voice prints", (), (Rule.VOICE,)),
    Identifier("Q", "Full face photographs and comparable images", ("(0010,1100)",), (Rule.PIXELS,)),
    Identifier(
        "R",
        "Any other unique identifying number, characteristic or code",
        ("(0008,0018)", "(0020,000D)", "(0020,000E)", "(0020,0052)", "(0020,0010)", "(0040,A124)", "PRIVATE"),
        (Rule.UIDS, Rule.PRIVATE, *_ANYWHERE),
    ),
)  # fmt: skip
