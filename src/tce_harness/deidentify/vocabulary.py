"""Free text reduced to words that are known to be harmless, and measurements."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from tce_harness.model.errors import HarnessError

_UNITS = (
    "mm", "cm", "ml", "cc", "mm2", "cm2", "mm3", "cm3", "hu", "%", "degrees", "deg", "kv", "kvp",
    "mas", "ma", "mgy", "mgycm", "msv", "mbq", "kev", "mev", "ms", "sec", "hz", "khz", "mhz",
    "mmhg", "bpm", "px",
)  # fmt: skip
_NUMBER = r"\d{1,4}(?:\.\d{1,3})?"
# in the other case these letters end the numbers of wards and files
_UNIT = rf"(?:(?i:{'|'.join(map(re.escape, _UNITS))})|[mls])"
_AMOUNT = rf"{_NUMBER}(?:\s?(?:x|\u00d7|-|to|by)\s?{_NUMBER}){{0,2}}\s?{_UNIT}"
_FIELD_STRENGTH = r"\d(?:\.\d{1,2})?\s?T"
_MEASUREMENT = rf"(?<![\w.,/-])(?:{_AMOUNT}|{_FIELD_STRENGTH})(?!\w)"
_NAME_WORD = r"[^\W\d_](?:\.|[\w'\u2019-]*)"
# MR and DR are modalities and MS is a disease: only the spellings of the titles count
_TITLES = r"(?i:drs|mrs|miss|mx|prof|professor|sir|dame|lord|lady|sister|nurse)|[MmDd]r|Ms"
_TITLE = re.compile(
    rf"(?<!\w)(?:{_TITLES})\b(?:\.\s*|\s+)(?P<first>{_NAME_WORD})(?P<second>[ \t]+{_NAME_WORD})?"
)
_SPELLED_WORD = r"\w+(?:[.'\u2019-]\w+)*"
_WORD = re.compile(_SPELLED_WORD)
_PART = re.compile(r"[.'\u2019_-]+")
_TOKEN = re.compile(rf"(?P<measurement>{_MEASUREMENT})|{_SPELLED_WORD}")
_LINE_END = re.compile(r"[\n\r\f]")
_SENTENCE_END = re.compile(r"[.!?][\"')]*\s")
_PUNCTUATION = frozenset(".,;:()/%+-'\"!?<>=& \n\r\t\f")
_REMEMBERED = 4096
#: What makes a sentence of a name before it; any other small word after one speaks for a plain word.
_AFTER_NAMES = frozenset({"and", "or", "who", "has", "had", "is", "was", "will", "would", "may", "can"})


def fold(text: str) -> str:
    """Return a text in the form in which words are compared: compatibility composed, without case."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


# the instances of a series repeat their texts
@lru_cache(_REMEMBERED)
def words_of(text: str) -> frozenset[str]:
    """Return the words of a text, folded: runs of letters and digits, the parts of compounds too."""
    folded = fold(text)
    whole = _WORD.findall(folded)
    return frozenset(part for word in whole for part in (word, *_PART.split(word)) if part)


@lru_cache(_REMEMBERED)
def titled_names(text: str) -> frozenset[str]:
    """Return the words, folded, that follow a title such as ``Dr`` in a text."""
    found: set[str] = set()
    for match in _TITLE.finditer(text):
        found |= words_of(match["first"])
        if (match["second"] or "").strip()[:1].isupper():
            found |= words_of(match["second"])
    return frozenset(found)


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
    capitals
        Spellings with a capital that nobody is called by, and that may therefore stand inside a sentence.
    """

    words: frozenset[str]
    capitals: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, spelled: Iterable[str]) -> Vocabulary:
        """Return a vocabulary of words as a file spells them, which may give some their capitals."""
        words = frozenset(spelled)
        capitals = {word for word in words if word != word.lower()}
        capitals |= {word.upper() for word in capitals if word.istitle()}
        return cls(frozenset(map(fold, words)), frozenset(capitals))

    def clean(self, text: str, forbidden: AbstractSet[str]) -> Cleaned:
        """Return a text without every word that is not in the vocabulary, is forbidden, or reads as a name.

        Measurements such as ``5 mm`` stay, and so does ordinary punctuation. What follows a title such as
        ``Dr`` goes with it. A word with a capital goes inside a sentence unless the vocabulary spells it so;
        at the beginning of one it stays before a small word only. Where no letter or digit is left, the text
        is empty.

        Parameters
        ----------
        forbidden
            Folded words that identify somebody in this instance, whatever the vocabulary says.
        """
        dropped: list[str] = []
        while True:
            cleaned = _tidy(self._without_names(text, forbidden, dropped))
            if cleaned == text:
                return Cleaned(cleaned, tuple(dropped))
            text = cleaned

    def _without_names(self, text: str, forbidden: AbstractSet[str], dropped: list[str]) -> str:
        def drop(found: re.Match[str]) -> str:
            # a second word belongs to the name when it is written like one
            second = found["second"] or ""
            kept = "" if second.strip()[:1].isupper() else second
            dropped.append(found[0].removesuffix(kept))
            return kept

        text = _TITLE.sub(drop, text)
        tokens = list(_TOKEN.finditer(text))
        parts: list[str] = []
        place, before_stays = 0, True
        for number, token in enumerate(tokens):
            gap = text[place : token.start()]
            begins = not number or _begins_sentence(gap, before_stays)
            following = tokens[number + 1] if number + 1 < len(tokens) else None
            plain = begins and self._is_followed(text, token, following, forbidden)
            before_stays = self._may_stay(token, forbidden, may_begin=plain)
            if not before_stays:
                dropped.append(token[0])
            parts += (_plain(gap), token[0] if before_stays else "")
            place = token.end()
        return "".join((*parts, _plain(text[place:])))

    def _is_followed(
        self, text: str, token: re.Match[str], following: re.Match[str] | None, forbidden: AbstractSet[str]
    ) -> bool:
        """Tell whether a plain word comes next, so that a capital before it only begins a sentence."""
        if following is None or text[token.end() : following.start()].strip(" \t"):
            return False
        word = following[0]
        if following["measurement"]:
            return True
        return word == word.lower() and self._is_known(word, forbidden) and word not in _AFTER_NAMES

    def _may_stay(self, token: re.Match[str], forbidden: AbstractSet[str], *, may_begin: bool) -> bool:
        word = token[0]
        if token["measurement"]:
            return words_of(word).isdisjoint(forbidden)
        if not self._is_known(word, forbidden):
            return False
        if word in self.capitals:
            return True
        first, *others = (part for part in _PART.split(unicodedata.normalize("NFKC", word)) if part)
        if not self._is_plain(first) and not (may_begin and first[1:] == first[1:].lower()):
            return False
        return all(self._is_plain(part) for part in others)

    def _is_known(self, word: str, forbidden: AbstractSet[str]) -> bool:
        folded = fold(word)
        parts = [part for part in _PART.split(folded) if part]
        if folded in forbidden or not forbidden.isdisjoint(parts):
            return False
        return folded in self.words or (len(parts) > 1 and all(part in self.words for part in parts))

    def _is_plain(self, part: str) -> bool:
        return part == part.lower() or part in self.capitals


def _begins_sentence(gap: str, before_stays: bool) -> bool:
    """Tell whether a sentence begins after a gap; the full stop of an initial or a name ends none."""
    if _LINE_END.search(gap):
        return True
    return before_stays and _SENTENCE_END.search(gap) is not None


def _plain(gap: str) -> str:
    return "".join(character if character in _PUNCTUATION else " " for character in gap)


def _tidy(text: str) -> str:
    if not any(character.isalnum() for character in text):
        return ""
    text = re.sub(r"[(\[]\s*[\])]|(?<!\S)[-+=<>&/%'\"]+(?![\w(])", "", text)
    text = re.sub(r"[ \t]+([.,;:)!?])", r"\1", text)
    text = re.sub(r"([.,;:])(?:[ \t]*[.,;:])+", r"\1", text)
    text = re.sub(r"[ \t]{2,}", " ", text)
    return re.sub(r"^[.,;:)!?\s]+", "", text).rstrip()


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
    return Vocabulary.of(word for line in lines for word in line.split())
