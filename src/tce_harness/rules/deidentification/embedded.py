"""Short names and numbers of an instance's own patient inside other values of the same instance."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.rules.deidentification.hits import Found, Value
from tce_harness.rules.deidentification.name_words import (
    HONORIFICS_BEHIND,
    NOBODY,
    ORDINARY_WORDS,
    TITLES,
    TITLES_OF_NAMES_ALONE,
)
from tce_harness.rules.deidentification.places import Place, tags_of
from tce_harness.rules.deidentification.spellings import (
    LONGEST,
    Part,
    is_round,
    name_orders,
    name_parts,
    normal,
    numbers_beside_name,
    short_dates,
    weight,
)
from tce_harness.rules.deidentification.word_search import (
    WordSearch,
    is_parted_from_digits,
    is_parted_from_letters,
)

_TEXTS = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UN", "UR", "UT"})
_PATIENT = 0x0010
_NUMBERS_OF_A_PATIENT = frozenset(
    {0x00080050, 0x00120040, 0x00120042, 0x00380010, 0x00401001, 0x00402016, 0x00402017}
)
_IDENTIFIERS = _NUMBERS_OF_A_PATIENT | {0x00100020, 0x00100021, 0x00101000, 0x00101090, 0x00200010}
_CODES = frozenset({0x00080100, 0x00080102, 0x00080104})
_SHORTEST_TEXT = 2
_LONGEST = LONGEST // 2  # as a name may be twice as long when its letters are spelled out
_SHORTEST_NUMBER = 5
_FEWEST_DIGITS = 4
_SHORTEST_NAME, _SHORTEST_IN_NUMBER, _SHORTEST_IN_CODE = 3, 4, 5
_DIGITS = re.compile(r"\d+")
_SHORT_DATE = re.compile(r"(?<![\d/.-])\d{1,2}([/.-])\d{1,2}\1\d\d(?![\d/-]|\.\d)")


class EmbeddedSearch:
    """Finds what may be told of an instance only where the value was planted in that same instance.

    Numbers of five characters and more count at the element where they were planted, those of the patient
    in every text; a whole name in every text; a family name in names, identifiers and codes, in running text
    with a title, an initial or the given name. Alone in running text it is a part of a name, and nothing
    where it is an ordinary word, as Hand and Long are.

    Parameters
    ----------
    planted
        What was planted, by kind and value.
    stays
        Whether a normalised text is part of what must stay.
    """

    def __init__(self, planted: Mapping[Value, Sequence[Canary]], stays: Callable[[str], bool]) -> None:
        self._stays = stays
        self._tags: dict[Value, frozenset[tuple[int, ...]]] = {}
        self._everywhere: set[Value] = set()
        self._givens: dict[Value, frozenset[str]] = {}
        self._numbers: dict[str, set[Value]] = defaultdict(set)
        self._dates: dict[str, set[Value]] = defaultdict(set)
        codes: dict[str, set[Value]] = defaultdict(set)
        names: dict[str, set[tuple[Value, bool]]] = defaultdict(set)
        short = {value: group for value, group in planted.items() if len(normal(value[1])) <= _LONGEST}
        for value, group in short.items():
            self._tags[value] = frozenset(tags for each in group if (tags := tags_of(each.element)))
            if value[0] is CanaryKind.IDENTIFIER:
                self._add_number(value, value[1], codes)
            elif value[0] is CanaryKind.NAME:
                self._add_name(value, names)
                for number in numbers_beside_name(value[1]):
                    self._add_number(value, number, codes)
            elif value[0] is CanaryKind.DATE:
                for spelled in short_dates(value[1]):
                    self._dates[spelled].add(value)
        self._codes = WordSearch(codes, is_parted_from_digits)
        self._names = WordSearch(names, is_parted_from_letters)

    def _add_number(self, value: Value, number: str, codes: dict[str, set[Value]]) -> None:
        if any(_numbers_a_patient(tags[-1]) for tags in self._tags[value]):
            self._everywhere.add(value)
        spelled = normal(number)
        joined = spelled.replace(" ", "")
        if len(joined.lstrip("0")) < _SHORTEST_NUMBER or sum(map(str.isdigit, joined)) < _FEWEST_DIGITS:
            return
        if is_round(joined):
            return
        if joined.isdigit():
            self._numbers[joined.lstrip("0")].add(value)
        else:
            for text in {spelled, joined}:
                codes[text].add(value)

    def _add_name(self, value: Value, names: dict[str, set[tuple[Value, bool]]]) -> None:
        groups = name_parts(value[1])
        self._givens[value] = frozenset(part for parts in groups for part in parts[1:])
        for parts in groups:
            for text in name_orders(parts):
                if not self._stays(text):
                    names[text].add((value, True))
            family = parts[0]
            if any(map(str.isalpha, family)) and family not in NOBODY and not self._stays(family):
                names[family].add((value, False))

    def find(self, text: str, spelled: str, place: Place) -> frozenset[Found]:
        """Return what stands in a text if the instance is that in which it was planted.

        Parameters
        ----------
        text, spelled
            As it stands, and as `normal` spells it.
        """
        if place.element.VR not in _TEXTS or len(spelled) < _SHORTEST_TEXT:
            return frozenset()
        found = {(value, Part.WHOLE) for value in self._found_numbers(spelled) if self._counts(value, place)}
        found |= {
            (value, Part.WHOLE)
            for match in (_SHORT_DATE.finditer(text) if self._dates else ())
            for value in self._dates.get(match[0], ())
        }
        return frozenset(found | set(self._found_names(spelled, place)))

    def _found_numbers(self, spelled: str) -> Iterator[Value]:
        for digits in _DIGITS.findall(spelled) if self._numbers else ():
            yield from self._numbers.get(digits.lstrip("0"), ())
        for values in self._codes.find(spelled):
            yield from values

    def _counts(self, value: Value, place: Place) -> bool:
        return value in self._everywhere or place.tags in self._tags[value]

    def _found_names(self, spelled: str, place: Place) -> Iterator[Found]:
        for start, end, told in self._names.matches(spelled):
            for value, whole in told:
                part = Part.WHOLE if whole else self._of_family(value, spelled, (start, end), place)
                if part is not None:
                    yield value, part

    def _of_family(self, value: Value, spelled: str, where: tuple[int, int], place: Place) -> Part | None:
        """Return what a family name tells where it stands; None where nothing."""
        family, vr = spelled[slice(*where)], place.element.VR
        ordinary = family in ORDINARY_WORDS
        if vr == "PN":
            return self._of_name(value, family, place) if _is_word(spelled, where) else None
        if place.tag in _IDENTIFIERS:
            return _family_of_length(family, _SHORTEST_IN_NUMBER)
        if vr == "CS" or place.tag in _CODES:
            told = vr == "CS" and not ordinary and weight(family) >= _SHORTEST_IN_CODE
            return Part.FAMILY if told else None
        if self._is_accompanied(value, spelled, where, ordinary):
            return Part.FAMILY
        told = not ordinary and _is_word(spelled, where) and weight(family) >= _SHORTEST_NAME
        return Part.OTHER if told else None

    def _of_name(self, value: Value, family: str, place: Place) -> Part | None:
        if weight(family) < 2:
            return None
        if place.tags in self._tags[value]:
            return Part.FAMILY
        return Part.OTHER if family not in ORDINARY_WORDS else None

    def _is_accompanied(self, value: Value, spelled: str, where: tuple[int, int], ordinary: bool) -> bool:
        if spelled[where[1] :].strip().startswith(HONORIFICS_BEHIND):
            return True
        before = spelled[: where[0]].rsplit(maxsplit=1)[-1:] if spelled[: where[0]].endswith(" ") else []
        if not before or before[0] in TITLES_OF_NAMES_ALONE:
            return bool(before)
        initials = {given[0] for given in self._givens[value]}
        return not ordinary and (before[0] in TITLES or before[0] in initials)


def _numbers_a_patient(tag: int) -> bool:
    return tag >> 16 == _PATIENT or tag in _NUMBERS_OF_A_PATIENT


def _family_of_length(family: str, fail: int) -> Part | None:
    if weight(family) < _SHORTEST_NAME:
        return None
    return Part.FAMILY if weight(family) >= fail else Part.OTHER


def _is_word(spelled: str, where: tuple[int, int]) -> bool:
    """Return whether a match stands between blanks, but for what is said behind a name to honour it."""
    before, behind = spelled[: where[0]][-1:], spelled[where[1] :]
    return before in ("", " ") and (behind[:1] in ("", " ") or behind.startswith(HONORIFICS_BEHIND))
