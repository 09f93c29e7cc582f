"""A compact maker of the evidence that a rule is given: originals and what was exported of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
from pydicom.dataset import Dataset

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.log import EvidenceWriter
from tce_harness.model.canary import Canary
from tce_harness.model.claims import Claims
from tce_harness.model.painted_text import PaintedText
from tce_harness.model.record import (
    CanariesRecord,
    CaseRecord,
    CheckRecord,
    ExaminationRecord,
    MessageRecord,
    ObjectRecord,
    Record,
    RunRecord,
)
from tce_harness.model.requirement import Actor
from tce_harness.objects.instance import digest, encode_instance

CASE = "EM-000/TEST"
Exported = Dataset | bytes


def as_bytes(instance: Exported) -> bytes:
    if isinstance(instance, bytes):
        return instance
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return encode_instance(instance)


def _uid(instance: Exported, keyword: str) -> str:
    return str(instance.get(keyword, "1.2.3")) if isinstance(instance, Dataset) else "1.2.3"


def message(instance: Exported, number: int = 1, step: str = "exported") -> MessageRecord:
    content = as_bytes(instance)
    return MessageRecord(
        case=CASE,
        step=step,
        association="a1",
        role="archive",
        peer="manager",
        sent=False,
        transaction="RAD-53",
        message_id=number,
        affected_sop_class_uid=_uid(instance, "SOPClassUID"),
        affected_sop_instance_uid=_uid(instance, "SOPInstanceUID"),
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        status=0,
        started="2026-01-01T00:00:00.000Z",
        ended="2026-01-01T00:00:01.000Z",
        digest=digest(content),
        size=len(content),
        attributed_by="key",
    )


def stored(instance: Exported, number: int, *, exported: bool = False, name: str = "study") -> ObjectRecord:
    return ObjectRecord(
        case=CASE,
        group="exported" if exported else "original",
        name="out" if exported else name,
        label=f"{'out' if exported else name}/{number}",
        digest=digest(as_bytes(instance)),
        sop_class_uid=_uid(instance, "SOPClassUID"),
        sop_instance_uid=_uid(instance, "SOPInstanceUID"),
        file_name=f"IMG{number}" if exported else None,
    )


def examination(instance: Exported, output: str, examiner: str = "dciodvfy") -> ExaminationRecord:
    return ExaminationRecord(
        case=CASE,
        examiner=examiner,
        version="1",
        digest=digest(as_bytes(instance)),
        outcome="answered",
        output=output,
    )


class CaseMaker:
    """Writes evidence and returns it as one check step sees it."""

    examination = staticmethod(examination)
    message = staticmethod(message)
    stored = staticmethod(stored)
    as_bytes = staticmethod(as_bytes)

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def __call__(
        self,
        originals: Sequence[Exported] = (),
        exported: Sequence[Exported] = (),
        *,
        claims: Claims | None = None,
        canaries: Iterable[Canary] = (),
        painted: Iterable[PaintedText] = (),
        on_wire: bool = True,
        what: Literal["run", "check"] = "run",
        more: Iterable[Record] = (),
    ) -> CaseEvidence:
        """Return a case; originals are labelled study/1 and so on, ``more`` are further records."""
        writer = EvidenceWriter(self._folder / f"evidence-{next(self._numbers)}")
        check = CheckRecord(case=CASE, step="judged", line=1, rules=(), of=("exported",), against=("study",))
        records: list[Record] = [run(claims or Claims(), what), case_record()]
        records += [stored(each, number) for number, each in enumerate(originals, start=1)]
        records.append(CanariesRecord(case=CASE, canaries=tuple(canaries), painted=tuple(painted)))
        for number, each in enumerate(exported, start=1):
            records.append(message(each, number) if on_wire else stored(each, number, exported=True))
        for each in (*originals, *exported):
            writer.keep(as_bytes(each))
        for record in (*records, *more, check):
            writer.append(record)
        writer.close()
        return CaseEvidence(writer.evidence(), check)


def run(claims: Claims, what: Literal["run", "check"] = "run") -> RunRecord:
    return RunRecord(
        what=what,
        suite="0",
        command="tce run",
        seed=1,
        platform="test",
        under_test="test",
        simulated=True,
        actors=(Actor.EXPORT_MANAGER,),
        address=None,
        editions=(),
        asked=(),
        claims=claims,
        real_patients=False,
    )


def case_record() -> CaseRecord:
    return CaseRecord(
        case=CASE,
        scenario="EM-000",
        title="test",
        file="em-000.tce.yaml",
        line=1,
        sut=Actor.EXPORT_MANAGER,
        roles=(),
        token="T1",
        command="tce run EM-000",
        real_patients=False,
    )


@pytest.fixture
def make_case(tmp_path: Path) -> CaseMaker:
    return CaseMaker(tmp_path)
