"""In what spellings a planted value may have survived."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain, permutations

from tce_harness.model.canary import CanaryKind

_APOSTROPHES = re.compile("['`\\u2019\\u02bc\\u00b4]")
_SEPARATORS = re.compile(r"[\W_]+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OTHER_MONTHS = (
    ("januar", "februar", "marz", "april", "mai", "juni", "juli", "august", "september", "oktober",
     "november", "dezember"),
    ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre",
     "novembre", "decembre"),
    ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
     "noviembre", "diciembre"),
    ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
     "novembre", "dicembre"),
    ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
     "november", "december"),
)  # fmt: skip
_FULL_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_MONTHS_OF_OTHERS_ALONE = re.compile("|".join(frozenset(chain(*_OTHER_MONTHS)) - set(_FULL_MONTHS)))

#: Letters that decompose into no base letter and mark.
_UNMARKED = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)

#: How German and Nordic names are written where the letters are not at hand.
_TRANSLITERATED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae",
     "Ä": "AE", "Ö": "OE", "Ü": "UE", "Å": "AA", "Ø": "OE", "Æ": "AE"}
)  # fmt: skip

SHORTEST_IN_BYTES = 10
_OTHER_ENCODINGS = (
    "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-7", "iso8859-8", "iso2022_jp", "gb18030", "euc_kr",
    "shift_jis", "euc_jp", "big5", "cp1250", "cp1251", "koi8-r",
)  # fmt: skip
_SHORTEST_OF_HIGH_BYTES = 8  # which no text of another language spells
_SHORTEST_ANYWHERE = 8
_SHORTEST_WHOLE = 5
_VARIED = 4
_FEWEST_DIGITS = 4
_FEWEST_IN_ROUND_NUMBERS = 2
_DISTINCTIVE = 8
LONGEST = 200
_WINDOW = 100
_WINDOWS = 16
_UNPARTED = 0x1100  # Hangul syllables' letters and all that follows


class Part(StrEnum):
    """How much of a planted value stands: all, of a name a part, of a time the hour and minute."""

    WHOLE = "whole"
    FAMILY = "family"
    OTHER = "other"
    COARSE = "coarse"


class Reach(StrEnum):
    """Where a form counts when it is met."""

    ANYWHERE = "anywhere"
    WHOLE = "whole"
    PLANTED = "planted"
    NAME_PART = "name-part"


@dataclass(frozen=True, slots=True)
class Form:
    """One normalised spelling.

    Parameters
    ----------
    text
        As `normal` spells it.
    reach
        Anywhere in text; as a whole value; at the element where it was planted only; as a whole component
        of a person's name.
    part
        The whole value; of a person's name also the family name, or another part, by itself.
    """

    text: str
    reach: Reach
    part: Part = Part.WHOLE


@lru_cache(maxsize=1 << 16)
def normal(text: str) -> str:
    """Return a text without case, marks, apostrophes and separators: words parted by single blanks."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    folded = _APOSTROPHES.sub("", text.casefold().translate(_UNMARKED))
    return _SEPARATORS.sub(" ", folded).strip()


@lru_cache(maxsize=1 << 16)
def forms(kind: CanaryKind, value: str) -> frozenset[Form]:
    """Return the spellings in which a planted value counts as readable text.

    A long value is looked for by pieces of it, since the search of all values at once knows no long words.
    """
    made = (form for form in _FORM_MAKERS[kind](value) if form.text)
    return frozenset(short for form in made for short in _short(form))


def _short(form: Form) -> Iterator[Form]:
    if len(form.text) <= LONGEST or form.reach is Reach.PLANTED:
        yield form
    else:
        yield from (Form(each, Reach.ANYWHERE, form.part) for each in pieces(form.text) if each)


def pieces(text: str) -> tuple[str, ...]:
    """Return what stands at some places all over a long text, without repetition; a short one whole."""
    if len(text) <= LONGEST:
        return (text,)
    step = (len(text) - _WINDOW) / (_WINDOWS - 1)
    starts = (int(number * step) for number in range(_WINDOWS))
    return tuple(dict.fromkeys(text[start : start + _WINDOW].strip() for start in starts))


def _no_forms(value: str) -> Iterator[Form]:
    """UIDs and bytes are compared as they stand, so they have no normalised spelling."""
    return iter(())


def _planted_forms(value: str) -> Iterator[Form]:
    yield Form(normal(value), Reach.PLANTED)


def _text_forms(value: str) -> Iterator[Form]:
    text = normal(value)
    yield from _by_length(text)
    yield Form(text, Reach.PLANTED)
    joined = text.replace(" ", "")  # a telephone or insurance number that is written in groups
    if " " in text and _digits_in(joined) >= _FEWEST_DIGITS and _is_number(text):
        yield from (form for form in _by_length(joined) if form.reach is Reach.ANYWHERE)


def _digits_in(text: str) -> int:
    return sum(map(str.isdigit, text))


def _is_number(text: str) -> bool:
    """Return whether a text is digits with no words among them: letters stand in groups of two at most."""
    return all(len(word) <= 2 for word in text.split(" ") if not _digits_in(word))


def is_round(spelled: str) -> bool:
    """Return whether a number is one that is met by chance, as 000000000 and 10000000 are."""
    digits = spelled.replace(" ", "")
    return digits.isdigit() and len(set(digits)) <= _FEWEST_IN_ROUND_NUMBERS


def _by_length(text: str) -> Iterator[Form]:
    if weight(text) >= _SHORTEST_ANYWHERE:
        yield Form(text, Reach.ANYWHERE)
    elif weight(text) >= _SHORTEST_WHOLE:
        yield Form(text, Reach.WHOLE)


def _identifier_forms(value: str) -> Iterator[Form]:
    if is_round(normal(value)):
        yield from _planted_forms(value)
        return
    yield from _text_forms(value)
    joined = normal(value).replace(" ", "")
    if joined.isdigit() and len(joined) == 10:  # NHS numbers are written 3-3-4
        yield Form(f"{joined[:3]} {joined[3:6]} {joined[6:]}", Reach.ANYWHERE)
    if len(joined) >= _SHORTEST_ANYWHERE:
        yield Form(joined, Reach.ANYWHERE)


def _date_forms(value: str) -> Iterator[Form]:
    match = re.match(r"(\d{4})(\d{2})(\d{2})", value)
    yield Form(normal(value), Reach.PLANTED)
    if match is None or not 1 <= int(match[2]) <= 12:
        return
    year, month, day = match.groups()
    short, full = _MONTHS[int(month) - 1], _FULL_MONTHS[int(month) - 1]
    bare = day.lstrip("0")
    for joined in (f"{year}{month}{day}", f"{day}{month}{year}", f"{month}{day}{year}"):
        yield Form(joined, Reach.ANYWHERE)
    for name in {names[int(month) - 1] for names in _OTHER_MONTHS}:
        for number in {day, bare}:
            yield Form(f"{number} {name} {year}", Reach.ANYWHERE)
        yield Form(f"{bare} de {name} de {year}", Reach.ANYWHERE)
    digit = month.lstrip("0")
    ordinal = bare + ("th" if day[0] == "1" else {"1": "st", "2": "nd", "3": "rd"}.get(day[1], "th"))
    for text in (
        f"{year} {month} {day}", f"{day} {month} {year}", f"{month} {day} {year}",
        f"{year} {digit} {bare}", f"{bare} {digit} {year}", f"{digit} {bare} {year}",
        f"{day} {short} {year}", f"{bare} {short} {year}", f"{day}{short}{year}", f"{year} {short} {day}",
        f"{day} {full} {year}", f"{bare} {full} {year}", f"{full} {bare} {year}", f"{short} {bare} {year}",
        f"{ordinal} {full} {year}", f"{ordinal} of {full} {year}", f"{full} {ordinal} {year}",
        f"{ordinal} {short} {year}", f"{year}年{digit}月{bare}日", f"{year}年{month}月{day}日",
        f"{year}년 {digit}월 {bare}일",
    ):  # fmt: skip
        yield Form(normal(text), Reach.ANYWHERE)


def _is_in_another_language(date: str) -> bool:
    return _MONTHS_OF_OTHERS_ALONE.search(date) is not None


def weight(text: str) -> int:
    """Return how much a text says: an ideograph or a syllable says more than a letter."""
    return sum(3 if ord(letter) >= _UNPARTED else 1 for letter in text)


def is_unparted(letter: str) -> bool:
    """Return whether a letter belongs to a script that does not part its words."""
    return ord(letter) >= _UNPARTED


def name_parts(value: str) -> tuple[tuple[str, ...], ...]:
    """Return the family, given and middle parts of each component group of a name, normalised.

    Also as they are spelled where letters such as ü are not at hand.
    """
    groups = []
    for spelled in (value,) if value.isascii() else (value, value.translate(_TRANSLITERATED)):
        for group in spelled.split("="):
            parts = tuple(part for raw in group.split("^")[:3] if (part := normal(raw)))
            if parts and parts not in groups:
                groups.append(parts)
    return tuple(groups)


def numbers_beside_name(value: str) -> tuple[str, ...]:
    """Return the numbers in the prefix and suffix of a name, such as that of a register of doctors."""
    beside = (part for group in value.split("=") for part in group.split("^")[3:])
    words = (normal(word).replace(" ", "") for part in beside for word in part.split())
    return tuple(word for word in words if _digits_in(word) >= _FEWEST_DIGITS)


def name_orders(parts: tuple[str, ...]) -> frozenset[str]:
    """Return the parts of a name in every order, as words and as one word; nothing that says too little."""
    found = set()
    for chosen in ([parts] if len(parts) < 3 else [parts, parts[:2]]) if len(parts) > 1 else ():
        for order in permutations(chosen):
            found |= {" ".join(order), "".join(order)}
    return frozenset(each for each in found if weight(each.replace(" ", "")) >= _SHORTEST_WHOLE)


def short_dates(value: str) -> frozenset[str]:
    """Return a date with a year of two digits, as text has it: with strokes, hyphens, or the German way."""
    match = re.match(r"\d\d(\d\d)(\d\d)(\d\d)", value)
    if match is None:
        return frozenset()
    year, month, day = match.groups()
    orders = ((day, month, year), (month, day, year), (year, month, day))
    bare = tuple(tuple(each.lstrip("0") if each != year else each for each in order) for order in orders)
    spelled = {joint.join(order) for order in (*orders, *bare) for joint in "/-"}
    return frozenset(spelled | {f"{day}.{month}.{year}"})


def _name_forms(value: str) -> Iterator[Form]:
    yield Form(normal(value), Reach.PLANTED)
    for beside in numbers_beside_name(value):
        yield from _by_length(beside)
    for parts in {*name_parts(value), *_lossy_parts(value)}:
        for chosen in [parts] if len(parts) < 3 else [parts, parts[:2]]:
            for order in permutations(chosen) if len(chosen) > 1 else ():
                text = " ".join(order)
                long = weight(text) >= _SHORTEST_ANYWHERE
                yield Form(text, Reach.ANYWHERE if long else Reach.NAME_PART)
                joined = text.replace(" ", "")  # as names of ideographs are written
                if all(map(is_unparted, joined)) and weight(joined) >= _SHORTEST_ANYWHERE:
                    yield Form(joined, Reach.ANYWHERE)
        for number, part in enumerate(parts):
            reach = Reach.ANYWHERE if _is_distinctive(part) else Reach.NAME_PART
            yield Form(part, reach, Part.OTHER if number else Part.FAMILY)


def _lossy_parts(value: str) -> Iterator[tuple[str, ...]]:
    """Return the parts of a name after a system that knew ASCII alone: letters question marks, or gone."""
    for group in value.split("=") if not value.isascii() else ():
        parts = [part for part in group.split("^")[:3] if part]
        if sum(letter.isascii() and letter.isalpha() for letter in group) < _SHORTEST_ANYWHERE:
            continue
        for instead in "?", "":
            lost = ("".join(letter if letter.isascii() else instead for letter in part) for part in parts)
            yield tuple(text for part in lost if (text := normal(part)))


def _is_distinctive(part: str) -> bool:
    """Return whether a single part of a name is too long to be a common word."""
    return weight(part) >= _DISTINCTIVE


@lru_cache(maxsize=1 << 16)
def byte_forms(kind: CanaryKind, value: str) -> frozenset[bytes]:
    """Return the encodings in which a value may stand in raw bytes; lower case, ten bytes and more.

    Not those of fewer than four different bytes, which plain areas of pixels spell by chance.
    """
    found: set[bytes] = set()
    for text in _spelled_in_bytes(kind, value):
        for piece in (text,) if len(text) <= LONGEST or kind is CanaryKind.BYTES else pieces(text):
            for encoding in _encodings(piece, kind):
                encoded = encoding.lower()
                if len(set(encoded)) >= _VARIED and _is_long_enough(encoded):
                    found.add(encoded)
    return frozenset(found)


def _spelled_in_bytes(kind: CanaryKind, value: str) -> set[str]:
    if kind in (CanaryKind.DATE, CanaryKind.TIME):
        parted = (form.text for form in forms(kind, value) if " " in form.text)
        kept = (text for text in parted if not _is_in_another_language(text))
        return {text.replace(" ", joint) for text in kept for joint in "-/ ."}
    spelled = {value}
    if kind is CanaryKind.NAME:
        spelled |= {
            each for text in {value, value.translate(_TRANSLITERATED)} for each in _names_in_bytes(text)
        }
        spelled |= set(numbers_beside_name(value))
        spelled |= {each.upper() for each in spelled if not each.isascii()}
        spelled |= {_unmarked(each) for each in spelled}
    if kind is CanaryKind.IDENTIFIER and re.fullmatch(r"\d{10}", value):
        spelled |= {f"{value[:3]}{joint}{value[3:6]}{joint}{value[6:]}" for joint in " -"}
    return spelled


def _is_long_enough(encoded: bytes) -> bool:
    if len(encoded) >= SHORTEST_IN_BYTES:
        return True
    high = not encoded.isascii() and all(each >= 0x40 or each == 0x20 for each in encoded)
    return high and len(encoded) >= _SHORTEST_OF_HIGH_BYTES


def _names_in_bytes(value: str) -> Iterator[str]:
    """Yield a name in every order and joint, and a family name that is no common word by itself."""
    for group in value.split("="):
        parts = [part for part in group.split("^")[:3] if part]
        for chosen in (parts, parts[:2]):
            for order in permutations(chosen) if len(chosen) > 1 else ():
                for joint in (" ", "^", ", ", "_", ""):
                    yield joint.join(order)
        if parts and _is_distinctive(parts[0]):
            yield parts[0]


def _unmarked(text: str) -> str:
    """Return a text in lower case without marks, its separators as they are."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_UNMARKED))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _encodings(text: str, kind: CanaryKind) -> list[bytes]:
    if kind is CanaryKind.BYTES:
        return [text.encode("latin-1", "ignore")]
    found = [text.encode("utf-8")]
    if kind not in (CanaryKind.DATE, CanaryKind.TIME) and len(text) >= SHORTEST_IN_BYTES // 2:
        found += (text.encode("utf-16-le"), text.encode("utf-16-be"))
    for encoding in () if text.isascii() else _OTHER_ENCODINGS:
        try:
            found.append(text.encode(encoding))
        except UnicodeEncodeError:
            continue
    return found


_FORM_MAKERS: dict[CanaryKind, Callable[[str], Iterator[Form]]] = {
    CanaryKind.NAME: _name_forms,
    CanaryKind.IDENTIFIER: _identifier_forms,
    CanaryKind.DATE: _date_forms,
    CanaryKind.TIME: _planted_forms,
    CanaryKind.UID: _no_forms,
    CanaryKind.TEXT: _text_forms,
    CanaryKind.BYTES: _no_forms,
}
