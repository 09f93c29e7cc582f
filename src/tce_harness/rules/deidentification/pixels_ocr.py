"""What OCR read in exported pixels: a second opinion, and the only one on files of unknown origin."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.canary import CanaryKind, Fate
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.rules.deidentification.findings import NOTHING_EXPORTED, finding
from tce_harness.rules.deidentification.pixels_stored import stored_pixels
from tce_harness.rules.registry import rule

_EXAMINER = "ocr"
_SHORTEST = 4
_LIKE = 0.8
_MOST = 10
_KINDS = frozenset({CanaryKind.NAME, CanaryKind.IDENTIFIER, CanaryKind.DATE, CanaryKind.TEXT})
_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class ReadText:
    """One line of text that OCR read."""

    frame: int
    text: str
    score: float


@rule("deid/no-text-read-in-pixels", judges="PS315-113101V", examiner=_EXAMINER)
def no_text_read_in_pixels(case: CaseEvidence) -> Judgement:
    """Hold what OCR reads in exported pixels against what identified the originals."""
    known = _known(case)
    findings: list[Finding] = []
    examined = 0
    images = [each for each in case.subjects if stored_pixels(each) is not None]
    for subject in images:
        answer = _answer(case, subject)
        if answer is not None:
            examined += 1
            findings += _told(subject, answer, known)
    return Judgement(
        examined=examined, findings=tuple(findings), unit="images", reason=_reason(case, images, examined)
    )


def _reason(case: CaseEvidence, images: list[EvidenceInstance], examined: int) -> str | None:
    if not case.subjects:
        return NOTHING_EXPORTED
    if not images:
        return "no image was exported"
    failed = [
        each.record.output
        for subject in images
        for each in case.examinations(_EXAMINER, subject)
        if each.record.outcome != "answered"
    ]
    if failed:
        return f"OCR gave no answer about {len(images) - examined} of {len(images)} images: {failed[0]}"
    return None if examined else "OCR was not asked"


def _answer(case: CaseEvidence, subject: EvidenceInstance) -> tuple[ReadText, ...] | None:
    for each in case.examinations(_EXAMINER, subject):
        if each.record.outcome == "answered":
            return read_texts(each.record.output)
    return None


def read_texts(output: str) -> tuple[ReadText, ...]:
    """Return the texts in the JSON lines that the OCR examiner writes."""
    found = []
    for line in output.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, Mapping) and isinstance(entry.get("text"), str):
            found.append(ReadText(int(entry.get("frame", 1)), entry["text"], float(entry.get("score", 0))))
    return tuple(found)


def _plain(text: str) -> str:
    """Return letters and digits alone, without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in parts if each.isalnum())


def _known(case: CaseEvidence) -> frozenset[str]:
    """Return what identified somebody in the originals, whole and word by word."""
    values = [each.value for each in case.canaries if each.fate is Fate.MUST_GO and each.kind in _KINDS]
    values += [each.text for each in case.painted if each.fate is Fate.MUST_GO]
    short = (each for each in values if len(each) <= 64)
    found = {_plain(part) for each in short for part in (each, *_WORD.findall(each))}
    return frozenset(each for each in found if len(each) >= _SHORTEST)


def _told(subject: EvidenceInstance, texts: tuple[ReadText, ...], known: frozenset[str]) -> Iterator[Finding]:
    for each in texts[:_MOST]:
        plain = _plain(each.text)
        if len(plain) < _SHORTEST:
            continue
        if any(_alike(plain, value) for value in known):
            message = f"OCR reads something in frame {each.frame} that identified somebody in the originals"
            yield _finding(subject, each, "identifying-text-read", message, Severity.WARNING)
        elif known:
            message = f"OCR reads text in frame {each.frame} that is none of the known identifiers"
            yield _finding(subject, each, "text-read", message, Severity.INFO)
        else:
            message = (
                f"OCR reads text in frame {each.frame}; whether it identifies anybody, a person has to say"
            )
            yield _finding(subject, each, "text-read", message, Severity.WARNING)


def _alike(read: str, value: str) -> bool:
    """Tell whether a known value stands in what was read, a misread character in five allowed."""
    if value in read:
        return True
    if not 0.6 <= len(read) / len(value) <= 1.7:
        return False
    return SequenceMatcher(None, read, value, autojunk=False).ratio() >= _LIKE


def _finding(
    subject: EvidenceInstance, read: ReadText, kind: str, message: str, severity: Severity
) -> Finding:
    return finding(
        kind,
        subject,
        message,
        element="(7FE0,0010)",
        expected="no text that identifies",
        observed=f"{read.text} (score {read.score:.2f})",
        severity=severity,
    )
