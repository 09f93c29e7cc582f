"""The pixel rules over one image at a time."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path
from time import process_time

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.log import EvidenceWriter
from tce_harness.fixtures import SyntheticInstance
from tce_harness.model.claims import Claims
from tce_harness.model.finding import Judgement, Severity
from tce_harness.model.painted_text import PaintedText
from tce_harness.model.record import CanariesRecord, CaseRecord, CheckRecord, ObjectRecord, Record, RunRecord
from tce_harness.model.requirement import Actor
from tce_harness.objects.instance import digest, read_instance
from tce_harness.rules.registry import Rule, all_rules

REQUIREMENT = "PS315-113101"
CLAIMED = ("113100", "113101")
_CASE = "EM-000/PIXELS"
_BY_KIND = ("painted-text-legible", "legibility-reduced", "pixels-not-comparable")


class Verdict(StrEnum):
    """What the judge says of the text of one image."""

    GONE = "gone"
    LEGIBLE = "legible"
    REDUCED = "legibility reduced, not removed"
    UNKNOWN = "could not be told"
    OTHER = "another failure"
    NOTHING = "nothing to judge"


@dataclass(frozen=True, slots=True)
class Judged:
    """One image judged.

    Parameters
    ----------
    fails
        Whether anything is a failure.
    boxes
        Painted texts that were looked for.
    notes
        Kinds of findings that are no failures.
    """

    verdict: Verdict
    fails: bool
    boxes: int
    seconds: float
    notes: tuple[str, ...]


class Judge:
    """Judges an exported image against the original, by the rule of the requirement on burned-in text.

    Parameters
    ----------
    folder
        An empty one for evidence, which is thrown away after each image.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._rule: Rule | None = next(
            (rule for rule in all_rules().values() if rule.judges == REQUIREMENT and rule.examiner is None),
            None,
        )

    @property
    def exists(self) -> bool:
        """Whether there is a rule that judges pixels."""
        return self._rule is not None

    def judge(
        self, original: SyntheticInstance, exported: bytes, painted: tuple[PaintedText, ...] | None = None
    ) -> Judged:
        """Judge one image; ``painted`` stands for what was painted into the original where it is given."""
        if self._rule is None:
            return Judged(Verdict.NOTHING, False, 0, 0.0, ())
        texts = original.burned_in if painted is None else painted
        judgement, seconds = self._judged(self._rule, original, exported, texts)
        return Judged(_verdict(judgement), _fails(judgement), len(texts), seconds, _notes(judgement))

    def judgement(self, original: SyntheticInstance, exported: bytes) -> Judgement:
        """Return what the rule itself says of one image; raises `RuntimeError` where there is no rule."""
        if self._rule is None:
            raise RuntimeError(f"no rule judges {REQUIREMENT}")
        return self._judged(self._rule, original, exported, original.burned_in)[0]

    def _judged(
        self, rule: Rule, original: SyntheticInstance, exported: bytes, texts: tuple[PaintedText, ...]
    ) -> tuple[Judgement, float]:
        folder = self._folder / f"evidence-{next(self._numbers)}"
        case = _case(folder, original, exported, texts)
        begun = process_time()
        judgement = rule.judge(case)
        seconds = process_time() - begun
        shutil.rmtree(folder)
        return judgement, seconds


def _fails(judgement: Judgement) -> bool:
    return any(each.severity is Severity.FAIL for each in judgement.findings)


def _notes(judgement: Judgement) -> tuple[str, ...]:
    kinds = {each.kind for each in judgement.findings if each.severity is not Severity.FAIL}
    return tuple(sorted(kinds - set(_BY_KIND)))


def _verdict(judgement: Judgement) -> Verdict:
    kinds = {each.kind for each in judgement.findings}
    for kind, verdict in zip(_BY_KIND, (Verdict.LEGIBLE, Verdict.REDUCED, Verdict.UNKNOWN), strict=True):
        if kind in kinds:
            return verdict
    if _fails(judgement):
        return Verdict.OTHER
    return Verdict.GONE if judgement.examined else Verdict.NOTHING


def _case(
    folder: Path, original: SyntheticInstance, exported: bytes, painted: tuple[PaintedText, ...]
) -> CaseEvidence:
    check = CheckRecord(case=_CASE, step="judged", line=1, rules=(), of=("exported",), against=("image",))
    records: list[Record] = [
        RunRecord(
            what="check", suite="0", command="benchmark", seed=0, platform="", under_test="pixels",
            simulated=True, actors=(Actor.EXPORT_MANAGER,), address=None, editions=(), asked=(),
            claims=Claims(deidentification_codes=CLAIMED), real_patients=False,
        ),
        CaseRecord(
            case=_CASE, scenario="EM-000", title="pixels", file="none", line=1, sut=Actor.EXPORT_MANAGER,
            roles=(), token="T", command="benchmark", real_patients=False,
        ),
        _object(original.content, original.label, exported=False),
        CanariesRecord(case=_CASE, canaries=(), painted=painted),
        _object(exported, "exported/1", exported=True),
        check,
    ]  # fmt: skip
    writer = EvidenceWriter(folder)
    writer.keep(original.content)
    writer.keep(exported)
    for record in records:
        writer.append(record)
    writer.close()
    return CaseEvidence(writer.evidence(), check)


def _object(content: bytes, label: str, *, exported: bool) -> ObjectRecord:
    dataset = read_instance(content)
    return ObjectRecord(
        case=_CASE,
        group="exported" if exported else "original",
        name="exported" if exported else "image",
        label=label,
        digest=digest(content),
        sop_class_uid=str(dataset.SOPClassUID),
        sop_instance_uid=str(dataset.SOPInstanceUID),
        file_name="IMG1" if exported else None,
    )
