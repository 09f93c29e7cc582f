"""Free text reduced to words that are known to be harmless, and measurements."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tce_harness.model.errors import HarnessError

_UNITS = (
    "mm", "cm", "m", "ml", "cc", "l", "mm2", "cm2", "mm3", "cm3", "hu", "%", "degrees", "deg", "kv", "kvp",
    "mas", "ma", "mgy", "mgycm", "msv", "mbq", "kev", "mev", "t", "ms", "s", "sec", "hz", "khz", "mhz",
    "mmhg", "bpm", "px",
)  # fmt: skip
_NUMBER = r"\d{1,4}(?:\.\d{1,3})?"
_ALTERNATIVES = "|".join(re.escape(unit) for unit in _UNITS)
_MEASUREMENT = re.compile(
    rf"(?<![\w.,/-]){_NUMBER}(?:\s?(?:x|\u00d7|-|to|by)\s?{_NUMBER}){{0,2}}\s?(?:{_ALTERNATIVES})(?![\w])",
    re.IGNORECASE,
)
_NAME_WORD = r"[^\W\d_](?:\.|[\w'\u2019-]*)"
# MR and DR are modalities and MS is a disease: only the spellings of the titles count
_TITLES = r"(?i:drs|mrs|miss|mx|prof|professor|sir|dame|lord|lady|sister|nurse)|[MmDd]r|Ms"
_TITLE = re.compile(rf"(?<!\w)(?:{_TITLES})\b\.?(?:[ \t]+{_NAME_WORD})(?P<second>[ \t]+{_NAME_WORD})?")
_WORD = re.compile(r"\w+(?:[.'\u2019-]\w+)*")
_PART = re.compile(r"[.'\u2019_-]+")
_PUNCTUATION = frozenset(".,;:()/%+-'\"!?<>=& \n\r\t\f")


def fold(text: str) -> str:
    """Return a text in the form in which words are compared: compatibility composed, without case."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, folded: runs of letters and digits, the parts of compounds too."""
    folded = fold(text)
    whole = _WORD.findall(folded)
    return frozenset(part for word in whole for part in (word, *_PART.split(word)) if part)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text and what was dropped from it, in order."""

    text: str
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that may stay.

    Parameters
    ----------
    words
        Folded words.
    """

    words: frozenset[str]

    def clean(self, text: str, forbidden: AbstractSet[str]) -> Cleaned:
        """Return a text without every word that is not in the vocabulary, or that is forbidden.

        Measurements such as ``5 mm`` stay, and so does ordinary punctuation. What follows a title such as
        ``Dr`` goes with it. Where no letter or digit is left, the text is empty.

        Parameters
        ----------
        forbidden
            Folded words that identify somebody in this instance, whatever the vocabulary says.
        """
        dropped: list[str] = []

        def drop(found: re.Match[str]) -> str:
            # a second word belongs to the name when it is written like one
            second = found["second"] or ""
            kept = "" if second.strip()[:1].isupper() else second
            dropped.append(found[0].removesuffix(kept))
            return kept

        parts: list[str] = []
        rest = _TITLE.sub(drop, text)
        place = 0
        for measurement in _MEASUREMENT.finditer(rest):
            parts.append(self._words(rest[place : measurement.start()], forbidden, dropped))
            if words_of(measurement[0]) & forbidden:
                dropped.append(measurement[0])
            else:
                parts.append(measurement[0])
            place = measurement.end()
        parts.append(self._words(rest[place:], forbidden, dropped))
        return Cleaned(_tidy("".join(parts)), tuple(dropped))

    def _words(self, text: str, forbidden: AbstractSet[str], dropped: list[str]) -> str:
        def keep(found: re.Match[str]) -> str:
            if self._may_stay(fold(found[0]), forbidden):
                return found[0]
            dropped.append(found[0])
            return ""

        kept = _WORD.sub(keep, text)
        return "".join(c if c in _PUNCTUATION or c.isalnum() else " " for c in kept)

    def _may_stay(self, word: str, forbidden: AbstractSet[str]) -> bool:
        parts = [part for part in _PART.split(word) if part]
        if word in forbidden or not forbidden.isdisjoint(parts):
            return False
        return word in self.words or (len(parts) > 1 and all(part in self.words for part in parts))


def _tidy(text: str) -> str:
    if not any(character.isalnum() for character in text):
        return ""
    text = re.sub(r"[ \t]+([.,;:)!?])", r"\1", text)
    text = re.sub(r"([.,;:])(?:[ \t]*[.,;:])+", r"\1", text)
    return re.sub(r"[ \t]{2,}", " ", text).strip()


@cache
def load_vocabulary(file: Path) -> Vocabulary:
    """Read a vocabulary: UTF-8, one word or several a line, ``#`` begins a comment.

    Raises
    ------
    HarnessError
        When the file cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HarnessError(f"vocabulary {file} cannot be read: {error}") from None
    lines = (line.partition("#")[0] for line in text.splitlines())
    return Vocabulary(frozenset(fold(word) for line in lines for word in line.split()))
