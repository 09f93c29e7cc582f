"""Words that stand beside names, in place of names, or are names and ordinary words at once."""

from __future__ import annotations

import unicodedata


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: What stands before a name.
TITLES = _words("mr mrs miss ms dr prof herr frau mme patient pt sr sra")

#: What stands before nothing but a name.
TITLES_OF_NAMES_ALONE = _words("mr mrs miss herr frau")

#: What is said behind a name of a script that parts no words.
HONORIFICS_BEHIND = tuple(
    sorted(unicodedata.normalize("NFKD", each) for each in _words("様 さん 氏 殿 先生 女士 小姐 君 씨 님"))
)

#: What de-identifiers write in place of a name.
NOBODY = _words(
    "anon anonymous anonymised anonymized pseudo pseudonym patient unknown deidentified removed subject test "
    "name none null phantom"
)

#: Family names that are words which reports and codes are full of.
ORDINARY_WORDS = _words(
    """
    hand hands foot head neck back chest heart bone bones body arm leg knee skull spine palm shin temple lung
    long short small large little young old white black brown green gray grey rose red blue may march april
    june july august day week hill field wood stone king cook mark will bill grant dean case page price rice
    church hall house park lake west north south east summer winter snow rain moon star bell ball post best
    good sharp strong swift wise fair free major minor first last left right low high lower upper drop cross
    line point wall view plain ray rays frame love hope joy law power read rest stand walker
    kopf hals fuss bein arm lang kurz klein gross schwarz weiss braun
    """
)
