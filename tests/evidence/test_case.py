"""The view of a case that a rule is given: only its own records, only the steps that are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.log import EvidenceWriter, read_evidence
from tce_harness.model.canary import Canary, CanaryKind
from tce_harness.model.record import (
    CanariesRecord,
    ExaminationRecord,
    OperatorRecord,
    Record,
    WaitRecord,
)

if TYPE_CHECKING:
    from tests.evidence.conftest import Make

CASE, OTHER = "EM-000/A", "EM-000/B"


def view(writer: EvidenceWriter, make: Make, *records: Record) -> CaseEvidence:
    for record in (make.run(), make.case_record(), make.case_record(OTHER), *records):
        writer.append(record)
    return CaseEvidence(writer.evidence(), make.check())


def wait(step: str, case: str = CASE) -> WaitRecord:
    return WaitRecord(
        case=case,
        step=step,
        transaction="RAD-53",
        role="archive",
        until="manifest-complete",
        within_seconds=1.0,
        elapsed_seconds=0.1,
        met=True,
        ended_by="condition",
        missing=(),
    )


def test_run_case_and_claims_are_those_of_the_log(writer: EvidenceWriter, make: Make) -> None:
    case = view(writer, make)
    assert case.run == make.run()
    assert case.claims.deidentification_codes == ("113100", "113107")
    assert case.case == make.case_record()


def test_records_of_another_case_are_not_seen(writer: EvidenceWriter, make: Make) -> None:
    mine, theirs = make.instance("1.2.1"), make.instance("1.2.2")
    for each in (mine, theirs):
        writer.keep(make.file(each))
    planted = Canary(value="Hand^Oona", kind=CanaryKind.NAME, element="(0010,0010)", subject="study/1")
    operator = OperatorRecord(
        case=OTHER, step="told", requirement=None, instruction="", outcome="late", who=None, answer=None
    )
    case = view(
        writer,
        make,
        make.object(mine, "study/1"),
        make.object(theirs, "study/1", case=OTHER),
        make.message(mine),
        make.message(theirs, case=OTHER),
        make.message(theirs, case=None),
        wait("exported", OTHER),
        operator,
        CanariesRecord(case=OTHER, canaries=(planted,)),
    )
    assert [each.sop_instance_uid for each in case.objects] == ["1.2.1"]
    assert [each.record.affected_sop_instance_uid for each in case.all_messages] == ["1.2.1"]
    assert case.waits == ()
    assert case.operators == ()
    assert case.canaries == ()


def test_messages_and_waits_are_those_of_the_judged_steps(writer: EvidenceWriter, make: Make) -> None:
    one, two = make.instance("1.2.1"), make.instance("1.2.2")
    case = view(
        writer,
        make,
        make.message(one, step="early"),
        make.message(two, step="exported"),
        wait("early"),
        wait("exported"),
    )
    assert [each.record.affected_sop_instance_uid for each in case.messages] == ["1.2.2"]
    assert [each.record.affected_sop_instance_uid for each in case.all_messages] == ["1.2.1", "1.2.2"]
    assert [each.record.step for each in case.waits] == ["exported"]


def test_originals_are_those_of_the_data_named_against(writer: EvidenceWriter, make: Make) -> None:
    study, manifest = make.instance("1.2.1"), make.instance("1.2.2")
    case = view(writer, make, make.object(study, "study/1"), make.object(manifest, "manifest/1"))
    assert [each.label for each in case.originals] == ["study/1"]
    assert [each.label for each in case.objects] == ["study/1", "manifest/1"]


def test_what_came_twice_is_one_arrival_and_what_we_sent_is_none(writer: EvidenceWriter, make: Make) -> None:
    came, sent = make.instance("2.25.1"), make.instance("1.2.1")
    for each in (came, sent):
        writer.keep(make.file(each))
    case = view(
        writer,
        make,
        make.message(sent, sent=True),
        make.message(came),
        make.message(came),
        make.message(None),
    )
    assert [each.sop_instance_uid for each in case.arrivals] == ["2.25.1"]
    assert case.arrivals[0].record == case.messages[1].id


def test_arrivals_of_other_steps_are_seen_only_where_all_are_asked_for(
    writer: EvidenceWriter, make: Make
) -> None:
    early, late = make.instance("2.25.1"), make.instance("2.25.2")
    for each in (early, late):
        writer.keep(make.file(each))
    case = view(writer, make, make.message(early, step="quiet"), make.message(late, step=None))
    assert case.arrivals == ()
    assert [each.sop_instance_uid for each in case.all_arrivals] == ["2.25.1", "2.25.2"]


def test_the_files_of_a_checked_folder_are_its_arrivals(writer: EvidenceWriter, make: Make) -> None:
    exported = make.instance("2.25.1")
    writer.keep(make.file(exported))
    case = view(writer, make, make.object(exported, "exported/1", exported=True, file_name="IMG1"))
    assert [(each.label, each.name) for each in case.arrivals] == [("exported/1", "IMG1")]
    assert case.objects == ()


def test_an_arrival_has_the_label_of_its_original(writer: EvidenceWriter, make: Make) -> None:
    original, manifest = make.instance("1.2.1", key=(1, 4)), make.instance("1.2.2", key=(2, 1))
    came, stranger = (
        make.instance("2.25.1", key=(1, 4)),
        make.instance("2.25.2", sop_class="1.2.840.10008.5.1.4.1.1.4"),
    )
    for each in (original, manifest, came, stranger):
        writer.keep(make.file(each))
    case = view(
        writer,
        make,
        make.object(manifest, "manifest/1"),
        make.object(original, "study/1"),
        make.message(came),
        make.message(stranger),
    )
    assert [each.label for each in case.subjects] == ["study/1", "2.25.2"]
    assert [(pair.subject.label, pair.original.label) for pair in case.pairing.pairs] == [
        ("study/1", "study/1")
    ]


def test_what_cannot_be_read_is_no_subject_and_is_not_lost(writer: EvidenceWriter, make: Make) -> None:
    broken = b"not DICOM at all"
    writer.keep(broken)
    case = view(writer, make, make.message(broken))
    assert case.subjects == ()
    (unreadable,) = case.unreadable
    assert unreadable.fault is not None
    assert "not a DICOM file" in unreadable.fault
    assert len(unreadable.dataset) == 0
    assert (unreadable.sop_class_uid, unreadable.sop_instance_uid) == ("", "")


def test_the_answers_of_an_outside_judge_are_those_about_the_instance(
    writer: EvidenceWriter, make: Make
) -> None:
    one, two = make.instance("2.25.1"), make.instance("2.25.2")
    answers = [
        ExaminationRecord(
            case=CASE,
            examiner=examiner,
            version="1",
            digest=writer.keep(make.file(each)),
            outcome="answered",
            output=output,
        )
        for examiner, each, output in (("a", one, "fine"), ("b", one, "bad"), ("a", two, "odd"))
    ]
    case = view(writer, make, make.message(one), make.message(two), *answers)
    first, second = case.subjects
    assert [each.record.output for each in case.examinations("a", first)] == ["fine"]
    assert [each.record.output for each in case.examinations("a", second)] == ["odd"]
    assert case.examinations("b", second) == ()


def test_the_view_is_the_same_from_the_log_on_disk(writer: EvidenceWriter, make: Make) -> None:
    original, came = make.instance("1.2.1", key=(1, 1)), make.instance("2.25.1", key=(1, 1))
    for each in (original, came):
        writer.keep(make.file(each))
    live = view(writer, make, make.object(original, "study/1"), make.message(came), wait("exported"))
    writer.close()
    again = CaseEvidence(read_evidence(writer.folder), make.check())
    assert again.messages == live.messages
    assert again.waits == live.waits
    assert [each.label for each in again.subjects] == [each.label for each in live.subjects] == ["study/1"]
    assert again.subjects[0].content == live.subjects[0].content
    assert again.subjects[0].file == f"evidence/instances/{again.subjects[0].digest}.dcm"
