"""What became of text that was painted into pixels, told by every pixel that was painted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from deidentifying.inputs import BurnedIn
from pixel_figures.judging import Judge
from tce_harness.fixtures import read_study_folder
from tce_harness.model.canary import Fate

WITHHELD, REMOVED, UNKNOWN = "withheld", "removed", "could not be told"
_SIZE = ("Rows", "Columns", "NumberOfFrames")
_WORDS = {
    "painted-text-legible": "left",
    "legibility-reduced": "harder to read, not removed",
    "pixels-not-comparable": UNKNOWN,
}


def burned_in_text(out: Path, planted: BurnedIn) -> str:
    """Return what became of the painted text in the instance that a tool made of the painted one."""
    exported = next(_made_of(out, planted), None) if out.is_dir() else None
    return WITHHELD if exported is None else legibility(exported, planted)


def _made_of(out: Path, planted: BurnedIn) -> Iterator[bytes]:
    """Yield what was made of the painted instance: of its class, and of its series or its size."""
    original = planted.instance.dataset
    for each in read_study_folder(out, "out").instances:
        made = each.dataset
        is_image = made.get("SOPClassUID") == original.SOPClassUID and "PixelData" in made
        same_series = made.get("SeriesNumber") == original.SeriesNumber
        if is_image and (same_series or all(made.get(name) == original.get(name) for name in _SIZE)):
            yield each.content


def legibility(exported: bytes, planted: BurnedIn) -> str:
    """Return how many of the painted lines are left in an exported instance, and how legible.

    Told by the rule of ``tce check`` on known pixels, by correlation with the painted glyphs: a slight change
    of every value does not deceive it.
    """
    lines = sum(text.fate is Fate.MUST_GO for text in planted.instance.burned_in)
    with TemporaryDirectory(prefix="painted-") as folder:
        judgement = Judge(Path(folder)).judgement(planted.instance, exported)
    counted = Counter(each.kind for each in judgement.findings if each.region is not None)
    told = [f"{word}, {counted[kind]} of {lines}" for kind, word in _WORDS.items() if counted[kind]]
    return "; ".join(told) or (REMOVED if judgement.examined else UNKNOWN)
