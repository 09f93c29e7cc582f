"""The words that cleaning dropped from texts, kept in the pseudonym log alone, as they are the original's.

They tell its holder what a text lost, and which harmless words the vocabulary lacks. Each stands once for the
attribute that it was dropped from, with how often.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from tce_harness.deidentify.log_file import plainly
from tce_harness.deidentify.log_queries import safe_cell
from tce_harness.deidentify.outcome import Note, NoteKind
from tce_harness.deidentify.pseudonym_log import PseudonymLog

#: Element, without the numbers of items, and word.
Dropped = tuple[str, str]

# made when the first word comes, as logs of before have no such table
_TABLE = """
CREATE TABLE IF NOT EXISTS words (
    element TEXT NOT NULL, word TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (element, word)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO words VALUES (?, ?, ?)
ON CONFLICT (element, word) DO UPDATE SET count = count + excluded.count
"""
_ITEM_NUMBER = re.compile(r"\[\d+\]")


def dropped_by(notes: Iterable[Note]) -> Counter[Dropped]:
    """Return what was dropped from one instance."""
    return Counter(
        (_ITEM_NUMBER.sub("", note.element), word)
        for note in notes
        if note.kind is NoteKind.WORDS_DROPPED
        for word in note.words
    )


def keep_words(log: PseudonymLog, words: Mapping[Dropped, int]) -> None:
    """Record words that were dropped."""
    if not words:
        return
    with log.writing() as connection:
        connection.execute(_TABLE)
        connection.executemany(
            _ADD, [(element, _kept(word), count) for (element, word), count in words.items()]
        )


def _kept(word: str) -> str:
    return word.encode("utf-8", "backslashreplace").decode("utf-8")


def words_to_csv(log: PseudonymLog) -> str:
    """Return all words that were dropped, the most frequent first, as cells that are no formulas."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(("element", "word", "count"))
    with plainly(log.path):
        known = log.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchone()
        found = "SELECT element, word, count FROM words ORDER BY count DESC, element, word"
        for row in log.connection.execute(found) if known else ():
            writer.writerow([safe_cell(value) for value in row])
    return buffer.getvalue()
