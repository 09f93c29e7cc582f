"""Other ways to write what identifies: names without their gaps, numbers in groups, days of birth.

Names, identifiers and dates are given folded; a text in which they are looked for is folded here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from tce_harness.deidentify.defined_terms import is_term
from tce_harness.deidentify.pseudonyms import COMMON_WORDS
from tce_harness.deidentify.vocabulary import fold, words_of

_ALNUM = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"[^\W\d_a-z][a-z]+")
#: Han, kana and Hangul are written without gaps, and a name of them is short.
_IDEOGRAPH = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af]")
_HONORIFIC = "(?:様|さま|さん|先生|殿|氏|君|님|씨|先生|女士|小姐)"
#: What parts the groups of a number: 999 000 1234, 999-000-1234.
_GAP = r"[ ./\-\u00a0\u2010-\u2015]?"
_DATE = re.compile(r"(?:1[89]|20)\d{6}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_SHORTEST_JOINED, _SHORTEST_IDEOGRAPHIC = 6, 3
_SHORTEST_FAMILY_NAME = 4
#: A name as long as this does not come about by chance within another word.
_SHORTEST_DISTINCTIVE = 8
_SHORTEST_NUMBER, _FEWEST_DIGITS, _LONGEST_NUMBER = 8, 4, 40


@dataclass(frozen=True, slots=True)
class Spellings:
    """How names, numbers and days of one instance may be written besides.

    Parameters
    ----------
    joined
        Names in one word: all parts of one, or the family name and an initial.
    distinctive
        Those of them that are found within other words too.
    names
        Names of ideographs, found where an honorific follows them.
    numbers
        Identifiers without what parts their groups.
    days
        Dates of identifiers, and those that are looked for in free text alone.
    """

    joined: frozenset[str]
    distinctive: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    days: frozenset[str]
    days_in_text: frozenset[str]

    def is_in_code(self, text: str) -> bool:
        """Return whether a code string, number or coded meaning holds a name, a number or a day."""
        folded = fold(text)
        if self.is_in_number(folded):
            return True
        return any(name in folded for name in self.distinctive) or self._is_addressed(folded)

    def is_in_number(self, text: str) -> bool:
        """Return whether a text of figures, folded, holds a number or a day."""
        if any(_is_day_in(day, text) for day in self.days):
            return True
        squeezed = "".join(_ALNUM.findall(text))
        return any(number in squeezed and _number(number).search(text) for number in self.numbers)

    def is_in_text(self, text: str) -> bool:
        """Return whether free text holds what would be no more than a common word in a code string."""
        return not self.joined.isdisjoint(tokens_of(text)) or self.is_day_in_text(text)

    def is_day_in_text(self, text: str) -> bool:
        """Return whether a text that people wrote holds a day."""
        folded = fold(text)
        return any(_is_day_in(day, folded) for day in self.days_in_text)

    def _is_addressed(self, folded: str) -> bool:
        if not self.names or folded.isascii():
            return False
        return any(re.search(f"{name}{_HONORIFIC}", folded) for name in self.names)


@lru_cache(4096)
def tokens_of(text: str) -> frozenset[str]:
    """Return the words of a text, folded, also of ``JohnSmith`` and ``smith2``."""
    parts = _CAMEL.findall(text) if not (text.islower() or text.isupper()) else []
    return words_of(text).union(_LETTERS.findall(fold(text)), map(fold, parts))


def components_of(person: str) -> Iterator[tuple[str, ...]]:
    """Yield for each group of a person's name its family, given and middle names, without their gaps."""
    for group in person.split("="):
        parts = tuple("".join(_LETTERS.findall(part)) for part in group.split("^")[:3])
        words = tuple(_LETTERS.findall(group))
        found = tuple(part for part in parts if part and part not in COMMON_WORDS)
        yield found if len(found) > 1 or len(words) < 2 or "^" in group else words[:3]


@lru_cache(64)
def spellings_of(
    persons: frozenset[str], identifiers: frozenset[str], days_in_text: frozenset[str]
) -> Spellings:
    """Return how else these may be written.

    Parameters
    ----------
    persons
        Values of VR PN, folded.
    identifiers
        Whole identifiers, folded.
    days_in_text
        Dates that count in free text alone.
    """
    whole = {name for person in persons for name in _whole_names(person) if not is_term(name)}
    short = {name for person in persons for name in _with_initials(person) if not is_term(name)}
    numbers = {"".join(_ALNUM.findall(text)) for text in identifiers}
    return Spellings(
        joined=frozenset(whole | short),
        distinctive=frozenset(
            name for name in whole if _IDEOGRAPH.search(name) or len(name) >= _SHORTEST_DISTINCTIVE
        ),
        names=frozenset(part for person in persons for part in _ideographic_parts(person)),
        numbers=frozenset(filter(_is_long, numbers)),
        days=frozenset(filter(_is_date, identifiers)),
        days_in_text=frozenset(filter(_is_date, days_in_text)),
    )


def _whole_names(person: str) -> Iterator[str]:
    for family, *others in filter(None, components_of(person)):
        given = "".join(others)
        orders = (family + given, given + family, family + others[0], others[0] + family) if others else ()
        yield from (name for name in orders if len(name) >= _shortest(name))


def _with_initials(person: str) -> Iterator[str]:
    for family, *others in filter(None, components_of(person)):
        if others and len(family) >= _SHORTEST_FAMILY_NAME and not _IDEOGRAPH.search(family):
            yield from (family + others[0][0], others[0][0] + family)


def _ideographic_parts(person: str) -> Iterator[str]:
    for parts in components_of(person):
        yield from (part for part in parts if _IDEOGRAPH.search(part))


def _shortest(name: str) -> int:
    return _SHORTEST_IDEOGRAPHIC if _IDEOGRAPH.search(name) else _SHORTEST_JOINED


def _is_long(number: str) -> bool:
    return _SHORTEST_NUMBER <= len(number) <= _LONGEST_NUMBER and (
        sum(map(str.isdigit, number)) >= _FEWEST_DIGITS
    )


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


@lru_cache(1024)
def _number(number: str) -> re.Pattern[str]:
    """Return a pattern of a number in any groups; letters may be glued to it, other digits may not."""
    before = r"(?<!\d)(?<!\d\.)" if number[0].isdigit() else ""
    after = r"(?!\.?\d)" if number[-1].isdigit() else ""
    return re.compile(before + _GAP.join(map(re.escape, number)) + after)


def _is_day_in(day: str, folded: str) -> bool:
    return day[2:4] in folded and _day(day).search(folded) is not None


@lru_cache(256)
def _day(day: str) -> re.Pattern[str]:
    """Return a pattern of a date as people write it: by numbers in three orders, or with the month's name."""
    year, month, number = day[:4], day[4:6], day[6:]
    month_, number_ = f"0?{int(month)}", f"0?{int(number)}"
    name = f"{_MONTHS[int(month) - 1]}[a-z]*"
    short, gap, gaps = f"(?:{year}|{year[2:]})", r"[-/. ]", r"[-/., ]*"
    th = "(?:st|nd|rd|th)?"
    ways: Iterable[str] = (
        f"{year}[-/. 年]{month_}[-/. 月]{number_}",
        f"(?:{number_}{gap}{month_}|{month_}{gap}{number_}){gap}{year}",
        f"(?:{number_}[-/]{month_}|{month_}[-/]{number_})[-/]{year[2:]}",
        rf"{number}\.{month}\.{year[2:]}",
        f"(?:{number}{month}|{month}{number}){year}",
        f"{number_}{th}{gaps}(?:of )?{name}{gaps}{short}",
        f"{name}{gaps}{number_}{th}{gaps}{short}",
        f"{year}{gaps}{name}{gaps}{number_}",
    )
    return re.compile(rf"(?<!\d)(?<!\d[./-])(?:{'|'.join(ways)})(?!\.?\d)")
