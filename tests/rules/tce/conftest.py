"""Cases in evidence, made by hand: what was sent, what came, what was awaited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Literal

import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.log import EvidenceWriter
from tce_harness.model.canary import Canary
from tce_harness.model.claims import Claims, Option
from tce_harness.model.record import (
    AssociationRecord,
    CanariesRecord,
    CaseRecord,
    CheckRecord,
    MessageRecord,
    ObjectRecord,
    OperatorRecord,
    PresentationContext,
    Role,
    RunRecord,
    WaitRecord,
)
from tce_harness.model.requirement import Actor
from tce_harness.objects.instance import encode_instance, file_meta
from tce_harness.objects.manifest import Manifest
from tce_harness.objects.manifest_building import build_manifests, reference_to
from tce_harness.standard import codes
from tce_harness.standard.codes import Concept

TIME = "2026-01-02T03:04:05.000Z"
ALL_OPTIONS = tuple(Option)
Sent = Dataset | tuple[Dataset, int | None]


def _image(
    number: int, *, study: int = 1, series: int = 1, sop_class: str = CTImageStorage, patient: str = "P1"
) -> FileDataset:
    uid = f"1.2.3.{study}.{series}.{number}"
    dataset = FileDataset(
        "", {}, file_meta=file_meta(sop_class, uid, ExplicitVRLittleEndian), preamble=b"\0" * 128
    )
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = uid
    dataset.StudyInstanceUID = f"1.2.3.{study}"
    dataset.SeriesInstanceUID = f"1.2.3.{study}.{series}"
    dataset.SeriesNumber = study * 10 + series
    dataset.InstanceNumber = number
    dataset.PatientName = "Hand^Oona"
    dataset.PatientID = patient
    dataset.Modality = "CT"
    return dataset


@pytest.fixture
def image() -> Callable[..., FileDataset]:
    """Make an instance that has what the rules look at."""
    return _image


@pytest.fixture
def selection() -> Callable[..., list[FileDataset]]:
    """Make the manifest of some instances: one document for each study."""
    numbers = count(1)
    series = count(900)

    def make(
        instances: Iterable[Dataset],
        *,
        title: Concept = codes.TEACHING_FILE_EXPORT.iheradtf,
        delay: Concept | None = None,
        description: str | None = "Chest cases, token 4711",
    ) -> list[FileDataset]:
        instances = list(instances)
        return list(
            build_manifests(
                Manifest(
                    title=title,
                    references=tuple(reference_to(each) for each in instances),
                    delay_reason=delay,
                    description=description,
                    observer="Reader^Rita",
                    language=Concept("en", "RFC5646", "English"),
                ),
                instances,
                uids=lambda: f"1.2.3.900.{next(numbers)}",
                content_datetime=datetime(2026, 1, 2, 3, 4, 5),
                series_number=next(series),
            )
        )

    return make


@pytest.fixture
def export() -> Callable[..., list[Dataset]]:
    """Copy data sets and replace their UIDs, everywhere alike, as an export manager would."""

    def make(datasets: Iterable[Dataset]) -> list[Dataset]:
        copies = [deepcopy(each) for each in datasets]
        for copied in copies:
            for element in copied.iterall():
                if element.VR == "UI" and str(element.value).startswith("1.2.3."):
                    element.value = f"2.25.{str(element.value).replace('.', '7')}"
            copied.PatientIdentityRemoved = "YES"
        return copies

    return make


@pytest.fixture
def wait() -> Callable[..., WaitRecord]:
    """Make the record of a wait."""

    def make(
        step: str = "arrived",
        *,
        met: bool = True,
        until: str = "manifest-complete",
        transaction: str | None = None,
        missing: tuple[str, ...] = (),
    ) -> WaitRecord:
        return WaitRecord(
            case="C",
            step=step,
            transaction=transaction,
            role="archive",
            until=until,
            within_seconds=10,
            elapsed_seconds=1,
            met=met,
            ended_by="condition" if met else "deadline",
            missing=missing,
        )

    return make


@pytest.fixture
def association() -> Callable[..., AssociationRecord]:
    """Make the record of an association; contexts are (abstract syntax, accepted transfer syntax or None)."""

    def make(
        name: str = "a1",
        *,
        requestor: bool = True,
        outcome: str = "released",
        contexts: Iterable[tuple[str, str | None]] = (),
        calling: str = "TCE",
        version: str | None = "V1",
        user: str | None = None,
    ) -> AssociationRecord:
        return AssociationRecord(
            case="C",
            association=name,
            role="selector",
            requestor=requestor,
            outcome=outcome,  # type: ignore[arg-type]
            calling_ae_title=calling,
            called_ae_title="SUT",
            address="127.0.0.1:104",
            implementation_class_uid="1.2.3",
            implementation_version_name=version,
            max_pdu=131072,
            user_identity=user,
            contexts=tuple(
                PresentationContext(
                    abstract_syntax=abstract,
                    transfer_syntaxes=(accepted or ExplicitVRLittleEndian,),
                    result="acceptance" if accepted else "provider-rejection",
                    accepted_syntax=accepted,
                )
                for abstract, accepted in contexts
            ),
        )

    return make


@pytest.fixture
def operator() -> Callable[[str], OperatorRecord]:
    """Make the record of what a person did."""

    def make(outcome: str) -> OperatorRecord:
        return OperatorRecord(
            case="C",
            step="asked",
            requirement=None,
            instruction="Select the study and export it.",
            outcome=outcome,  # type: ignore[arg-type]
            who=None,
            answer=None,
        )

    return make


@pytest.fixture
def case(tmp_path: Path) -> Callable[..., CaseEvidence]:
    """Make a case.

    ``originals`` are data by name, ``sent`` and ``came`` data sets by step, ``files`` what a folder held. A
    sent one may stand with its status. All steps are judged unless ``of`` says otherwise.
    """
    folders = count(1)

    def make(
        *,
        originals: Mapping[str, Iterable[Dataset]] | None = None,
        sent: Mapping[str, Iterable[Sent]] | None = None,
        came: Mapping[str, Iterable[Dataset]] | None = None,
        files: Iterable[Dataset] = (),
        records: Iterable[WaitRecord | AssociationRecord | OperatorRecord] = (),
        canaries: Iterable[Canary] = (),
        claims: Claims | None = None,
        under_test: tuple[Actor, ...] = (Actor.EXPORT_MANAGER,),
        transaction: str | None = None,
        of: tuple[str, ...] | None = None,
        against: tuple[str, ...] | None = None,
    ) -> CaseEvidence:
        writer = EvidenceWriter(tmp_path / f"evidence{next(folders)}")
        originals, sent, came = originals or {}, sent or {}, came or {}
        files = list(files)
        writer.append(_run(claims or Claims(options=ALL_OPTIONS), "check" if files else "run"))
        writer.append(_case(under_test))
        _write_objects(writer, originals, files)
        writer.append(CanariesRecord(case="C", canaries=tuple(canaries)))
        _write_messages(writer, sent, came, transaction)
        steps = [*sent, *came]
        for record in records:
            writer.append(record)
            if isinstance(record, WaitRecord):
                steps.append(record.step)
        check = CheckRecord(
            case="C",
            step="judged",
            line=1,
            rules=(),
            of=tuple(dict.fromkeys(steps)) if of is None else of,
            against=tuple(originals) if against is None else against,
        )
        writer.append(check)
        evidence = writer.evidence()
        writer.close()
        return CaseEvidence(evidence, check)

    return make


def _run(claims: Claims, what: Literal["run", "check"]) -> RunRecord:
    return RunRecord(
        what=what,
        suite="0",
        command="tce run",
        seed=1,
        platform="test",
        under_test="a system",
        simulated=False,
        actors=tuple(Actor),
        address=None,
        claims=claims,
        editions=(),
        asked=(),
        real_patients=False,
    )


def _case(under_test: tuple[Actor, ...]) -> CaseRecord:
    return CaseRecord(
        case="C",
        scenario="S",
        title="A case",
        file="s.tce.yaml",
        line=1,
        sut=under_test[0],
        roles=tuple(
            Role(name=actor.value, actor=actor, simulator=None, under_test=actor in under_test)
            for actor in Actor
        ),
        token="4711",
        command="tce run C",
        real_patients=False,
    )


def _object(writer: EvidenceWriter, dataset: Dataset, name: str, label: str, group: str) -> ObjectRecord:
    return ObjectRecord(
        case="C",
        group=group,  # type: ignore[arg-type]
        name=name,
        label=label,
        digest=writer.keep(encode_instance(dataset)),
        sop_class_uid=dataset.SOPClassUID,
        sop_instance_uid=dataset.SOPInstanceUID,
    )


def _write_objects(
    writer: EvidenceWriter, originals: Mapping[str, Iterable[Dataset]], files: Iterable[Dataset]
) -> None:
    for name, datasets in originals.items():
        for number, dataset in enumerate(datasets, start=1):
            writer.append(_object(writer, dataset, name, f"{name}/{number}", "original"))
    for number, dataset in enumerate(files, start=1):
        writer.append(_object(writer, dataset, "files", f"files/{number}", "exported"))


def _write_messages(
    writer: EvidenceWriter,
    sent: Mapping[str, Iterable[Sent]],
    came: Mapping[str, Iterable[Dataset]],
    transaction: str | None,
) -> None:
    for step, things in sent.items():
        for thing in things:
            dataset, status = thing if isinstance(thing, tuple) else (thing, 0)
            writer.append(_message(writer, dataset, step, status, sent=transaction or "RAD-50"))
    for step, arrivals in came.items():
        for dataset in arrivals:
            writer.append(_message(writer, dataset, step, 0, came=transaction or "RAD-53"))


def _message(
    writer: EvidenceWriter, dataset: Dataset, step: str, status: int | None, *, sent: str = "", came: str = ""
) -> MessageRecord:
    return MessageRecord(
        case="C",
        step=step,
        association="a1",
        role="selector" if sent else "archive",
        peer=None,
        sent=bool(sent),
        transaction=sent or came,
        message_id=1,
        affected_sop_class_uid=dataset.SOPClassUID,
        affected_sop_instance_uid=dataset.SOPInstanceUID,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        status=status,
        started=TIME,
        ended=TIME,
        digest=writer.keep(encode_instance(dataset)),
        size=1,
        attributed_by="sent" if sent else "token",
    )
