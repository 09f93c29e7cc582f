"""Small evidence, written as a run writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tce_harness.evidence.log import EvidenceWriter
from tce_harness.model.claims import Claims
from tce_harness.model.record import (
    CaseRecord,
    CheckRecord,
    MessageRecord,
    ObjectRecord,
    Role,
    RunRecord,
)
from tce_harness.model.requirement import Actor
from tce_harness.objects.instance import digest, encode_instance, file_meta

TIME = "2026-01-02T03:04:05.000Z"


CASE = "EM-000/A"


class Make:
    """Makes records and instances with only what a test cares about said."""

    def run(self) -> RunRecord:
        return RunRecord(
            what="run",
            suite="0",
            command="tce run",
            seed=7,
            platform="test",
            under_test="Gateway 1",
            simulated=False,
            actors=(Actor.EXPORT_MANAGER,),
            address=None,
            claims=Claims(deidentification_codes=("113100", "113107")),
            editions=(("PS3.15", "2026d"),),
            asked=("TCE-RAD53-001",),
            real_patients=False,
        )

    def case_record(self, case: str = CASE) -> CaseRecord:
        return CaseRecord(
            case=case,
            scenario="EM-000",
            title="test",
            file="em-000.tce.yaml",
            line=1,
            sut=Actor.EXPORT_MANAGER,
            roles=(Role(name="manager", actor=Actor.EXPORT_MANAGER, simulator=None, under_test=True),),
            token="amber birch cedar",
            command="tce run EM-000/A",
            real_patients=False,
        )

    def instance(
        self,
        uid: str,
        *,
        key: tuple[int, int] | None = None,
        pixels: bytes | None = None,
        sop_class: str = CTImageStorage,
    ) -> Dataset:
        dataset = Dataset()
        dataset.file_meta = file_meta(sop_class, uid, ExplicitVRLittleEndian)
        dataset.SOPClassUID = sop_class
        dataset.SOPInstanceUID = uid
        if key is not None:
            dataset.SeriesNumber, dataset.InstanceNumber = key
        if pixels is not None:
            dataset.add_new("PixelData", "OW", pixels)
        return dataset

    def object(
        self,
        instance: Dataset | bytes,
        label: str,
        *,
        exported: bool = False,
        file_name: str | None = None,
        case: str = CASE,
    ) -> ObjectRecord:
        dataset = instance if isinstance(instance, Dataset) else Dataset()
        return ObjectRecord(
            case=case,
            group="exported" if exported else "original",
            name=label.split("/", maxsplit=1)[0],
            label=label,
            digest=digest(self.file(instance)),
            sop_class_uid=str(dataset.get("SOPClassUID", "")),
            sop_instance_uid=str(dataset.get("SOPInstanceUID", "")),
            file_name=file_name,
        )

    def message(
        self,
        instance: Dataset | bytes | None,
        *,
        step: str | None = "exported",
        sent: bool = False,
        case: str | None = CASE,
        status: int | None = 0,
    ) -> MessageRecord:
        dataset = instance if isinstance(instance, Dataset) else Dataset()
        return MessageRecord(
            case=case,
            step=step,
            association="a0001",
            role="archive",
            peer="manager",
            sent=sent,
            transaction="RAD-53",
            message_id=1,
            affected_sop_class_uid=str(dataset.get("SOPClassUID", "1.2")),
            affected_sop_instance_uid=str(dataset.get("SOPInstanceUID", "1.2.3")),
            transfer_syntax_uid=ExplicitVRLittleEndian,
            status=status,
            started=TIME,
            ended=TIME,
            digest=digest(self.file(instance)) if instance is not None else None,
            size=0,
            attributed_by="key",
        )

    def check(
        self, of: tuple[str, ...] = ("exported",), against: tuple[str, ...] = ("study",), case: str = CASE
    ) -> CheckRecord:
        return CheckRecord(case=case, step="judged", line=9, rules=(), of=of, against=against)

    def file(self, instance: Dataset | bytes) -> bytes:
        return instance if isinstance(instance, bytes) else encode_instance(instance)


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()


@pytest.fixture
def writer(tmp_path: Path) -> EvidenceWriter:
    return EvidenceWriter(tmp_path / "evidence")


@pytest.fixture
def written(writer: EvidenceWriter, make: Make) -> Path:
    """Return the folder of a small log: a run, a case, an object, a message."""
    original = make.instance("1.2.3.1", key=(1, 1))
    writer.append(make.run())
    writer.append(make.case_record())
    writer.append(make.object(original, "study/1"))
    writer.append(make.message(original))
    writer.append(make.check())
    writer.keep(make.file(original))
    writer.close()
    return writer.folder
