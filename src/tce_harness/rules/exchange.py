"""What was exchanged in a case, as the rules of the transactions look at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from pydicom.uid import KeyObjectSelectionDocumentStorage

from tce_harness.evidence.case import CaseEvidence, Recorded
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.model.claims import Option
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.record import MessageRecord, WaitRecord
from tce_harness.model.requirement import Actor
from tce_harness.objects.manifest import ManifestReading, is_export_manifest, read_manifest
from tce_harness.objects.teaching_file import (
    TeachingFileReading,
    is_structured_report,
    is_teaching_file_information,
    read_teaching_file,
)
from tce_harness.standard import codes

SUCCESS = 0x0000
# Stored nevertheless: coercion, elements discarded, data set does not match SOP class (PS3.4 table B.2-1).
STORED_WITH_WARNING = frozenset({0xB000, 0xB006, 0xB007})

_TEACHING_TITLE_VALUES = frozenset(title.value for title in codes.ADDITIONAL_TEACHING_FILE_INFORMATION)
_EXPORT_TITLE_VALUES = frozenset(title.value for pair in codes.EXPORT_TITLES for title in pair)


R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Document(Generic[R]):
    """A document in evidence and what it says."""

    instance: EvidenceInstance
    reading: R

    def finding(
        self,
        kind: str,
        message: str,
        element: str | None,
        *,
        severity: Severity = Severity.FAIL,
        expected: str,
        observed: str,
        quotes: bool = False,
    ) -> Finding:
        """Return a finding about this document."""
        return Finding(
            kind=kind,
            severity=severity,
            message=message,
            subject=self.instance.label,
            element=element,
            expected=expected,
            observed=observed,
            quotes=quotes,
            evidence=(self.instance.record,),
        )


KeyObjectDocument = Document[ManifestReading]
TeachingDocument = Document[TeachingFileReading]

# Dozens of rules look at the same few documents: each is read once for as long as its instance is in use.
_MANIFESTS: WeakKeyDictionary[EvidenceInstance, ManifestReading] = WeakKeyDictionary()
_TEACHING_FILES: WeakKeyDictionary[EvidenceInstance, TeachingFileReading] = WeakKeyDictionary()


def _manifest(instance: EvidenceInstance) -> ManifestReading:
    if instance not in _MANIFESTS:
        _MANIFESTS[instance] = read_manifest(instance.dataset)
    return _MANIFESTS[instance]


def _teaching_file(instance: EvidenceInstance) -> TeachingFileReading:
    if instance not in _TEACHING_FILES:
        _TEACHING_FILES[instance] = read_teaching_file(instance.dataset)
    return _TEACHING_FILES[instance]


def nothing_examined(reason: str, unit: str = "instances") -> Judgement:
    """Return the judgement of a rule that had nothing to look at: inconclusive, with the reason."""
    return Judgement(examined=0, unit=unit, reason=reason)


def not_applicable(reason: str, unit: str = "instances") -> Judgement:
    """Return the judgement of a rule whose requirement does not apply to this case."""
    return Judgement(examined=0, unit=unit, reason=reason, applicable=False)


def stored(message: MessageRecord) -> bool:
    """Tell whether the answer says that the instance was stored, with or without a warning."""
    return message.status is not None and (message.status == SUCCESS or message.status in STORED_WITH_WARNING)


def received(case: CaseEvidence) -> tuple[Recorded[MessageRecord], ...]:
    """Return what came in the judged steps."""
    return tuple(each for each in case.messages if not each.record.sent)


def sent(case: CaseEvidence) -> tuple[Recorded[MessageRecord], ...]:
    """Return what the harness's own roles sent in the judged steps."""
    return tuple(each for each in case.messages if each.record.sent)


def awaited(case: CaseEvidence) -> tuple[Recorded[WaitRecord], ...]:
    """Return the waits of the judged steps that waited for something to come."""
    return tuple(each for each in case.waits if each.record.until != "nothing")


def only_files(case: CaseEvidence) -> bool:
    """Tell whether files were handed over, so that no transaction was observed."""
    return case.run.what == "check"


def unobservable(case: CaseEvidence, sender: Actor, receiver: Actor) -> Judgement | None:
    """Return *not applicable* where one product plays both ends, so that nothing passes between them."""
    grouped = {role.actor for role in case.case.roles if role.under_test}
    if {sender, receiver} <= grouped:
        return not_applicable(
            f"one system is both {sender.value} and {receiver.value}; between them nothing is on the wire"
        )
    return None


def unclaimed(case: CaseEvidence, option: Option) -> Judgement | None:
    """Return *not applicable* where the system under test does not claim an option."""
    if option in case.claims.options:
        return None
    return not_applicable(f"the option {option.value} is not claimed")


def operator_excuse(case: CaseEvidence) -> str | None:
    """Return why an absence is nobody's fault: a person did not do what the case asked for."""
    for each in case.operators:
        if each.record.requirement is None and each.record.outcome != "done":
            return f"the operator step {each.record.step} ended as: {each.record.outcome}"
    return None


def nothing_accepted(case: CaseEvidence) -> str | None:
    """Return why an absence of exports shows nothing: the export manager took none of what was sent to it."""
    offered = [each.record for each in case.all_messages if each.record.sent]
    if offered and not any(stored(each) for each in offered):
        return "nothing that was sent to the system under test was stored by it"
    documents = [each for each in offered if each.affected_sop_class_uid == KeyObjectSelectionDocumentStorage]
    if documents and not any(stored(each) for each in documents):
        return "the system under test stored no key object selection that was sent to it"
    opened = [each.record for each in case.associations if each.record.requestor]
    if not offered and opened:
        return "no association to the system under test carried an instance"
    return None


def key_objects(instances: Iterable[EvidenceInstance]) -> tuple[KeyObjectDocument, ...]:
    """Return the key object selection documents among some instances, whatever their titles."""
    return tuple(
        Document(each, _manifest(each))
        for each in instances
        if each.fault is None and each.sop_class_uid == KeyObjectSelectionDocumentStorage
    )


def manifests(case: CaseEvidence) -> tuple[KeyObjectDocument, ...]:
    """Return the documents that came as manifests.

    Those whose title code is one for export, be its scheme right or wrong. Where there is none, every key
    object selection that is not one of the case's own key image notes: a manifest under a wrong title.
    """
    documents = key_objects(case.subjects)
    meant = tuple(each for each in documents if meant_for_export(each.reading))
    if meant:
        return meant
    notes = {each.instance.label for each in key_objects(case.objects) if not meant_for_export(each.reading)}
    return tuple(each for each in documents if each.instance.label not in notes)


def meant_for_export(reading: ManifestReading) -> bool:
    """Tell whether the title's code value is one for export, under whatever coding scheme."""
    return reading.title is not None and reading.title.value in _EXPORT_TITLE_VALUES


def requested_manifests(case: CaseEvidence) -> tuple[KeyObjectDocument, ...]:
    """Return the manifests that the case had given to the system under test when the judged steps ended."""
    documents = [each for each in key_objects(case.objects) if each.reading.is_export_manifest]
    ends = [each.id for each in case.waits] + [each.id for each in received(case)]
    end = max(map(_number, ends), default=0)
    given = {
        each.record.affected_sop_instance_uid
        for each in case.all_messages
        if each.record.sent and (_number(each.id) < end or not end)
    }
    if not any(each.record.sent for each in case.all_messages):
        return tuple(documents)
    return tuple(each for each in documents if each.instance.sop_instance_uid in given)


def released_manifests(case: CaseEvidence) -> tuple[KeyObjectDocument, ...]:
    """Return the manifests that ask for an export now."""
    return tuple(each for each in requested_manifests(case) if not each.reading.is_delayed)


def delayed_manifests(case: CaseEvidence) -> tuple[KeyObjectDocument, ...]:
    """Return the manifests that ask for the export to wait."""
    return tuple(each for each in requested_manifests(case) if each.reading.is_delayed)


def selected_originals(case: CaseEvidence) -> tuple[EvidenceInstance, ...]:
    """Return the originals that an export has to carry, manifests left out.

    What the released manifests list; where the case holds none, the data that the check step names.
    """
    listed = {uid for each in released_manifests(case) for uid in each.reading.listed}
    pool = case.objects if listed else case.originals
    found: dict[str, EvidenceInstance] = {}
    for each in pool:
        uid = each.sop_instance_uid
        if (not listed or uid in listed) and not is_export_manifest(each.dataset):
            found.setdefault(uid, each)
    return tuple(found.values())


def teaching_documents(case: CaseEvidence) -> tuple[TeachingDocument, ...]:
    """Return what came as additional teaching file information.

    The documents whose title code says so, be its scheme and their SOP class right or wrong. Where there is
    none, the reports that name an author and an abstract as its templates do: one under a wrong title.
    """
    found = [
        Document(each, _teaching_file(each))
        for each in case.subjects
        if "ConceptNameCodeSequence" in each.dataset
    ]
    titled = tuple(
        each
        for each in found
        if each.reading.title is not None and each.reading.title.value in _TEACHING_TITLE_VALUES
    )
    return titled or tuple(
        each
        for each in found
        if is_structured_report(each.instance.dataset)
        and each.reading.items_of(codes.AUTHOR)
        and each.reading.items_of(codes.ABSTRACT)
    )


def original_teaching_documents(case: CaseEvidence) -> tuple[TeachingDocument, ...]:
    """Return the additional teaching file information that the case works with, right title or none."""
    return tuple(
        Document(each, _teaching_file(each))
        for each in case.objects
        if is_teaching_file_information(each.dataset)
    )


def _number(entry: str) -> int:
    """Return the place of an entry in the log, from its identifier such as ``e0012``."""
    digits = entry.lstrip("e")
    return int(digits) if digits.isdigit() else 0
