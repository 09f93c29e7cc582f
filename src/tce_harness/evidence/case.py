"""What one check step looks at: the only thing that a rule is given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.log import Evidence
from tce_harness.evidence.pairing import Pairing, pair_by_content
from tce_harness.model.canary import Canary
from tce_harness.model.claims import Claims
from tce_harness.model.painted_text import PaintedText
from tce_harness.model.record import (
    AssociationRecord,
    CanariesRecord,
    CaseRecord,
    CheckRecord,
    Entry,
    ExaminationRecord,
    MessageRecord,
    ObjectRecord,
    OperatorRecord,
    Record,
    RunRecord,
    StepRecord,
    WaitRecord,
)

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[R]):
    """A record with the identifier and time of its entry."""

    id: str
    time: str
    record: R


class CaseEvidence:
    """The evidence of one case, as one of its check steps looks at it.

    Built from the log alone, so that verdicts can be computed again without the system under test.

    Parameters
    ----------
    evidence
        The whole log.
    check
        The check step: which steps are judged, against which data.
    """

    def __init__(self, evidence: Evidence, check: CheckRecord) -> None:
        self._evidence = evidence
        self.check = check

    def _records(self, kind: type[R]) -> tuple[Recorded[R], ...]:
        """Return the case's records of a kind, in the order of the log."""
        found = self._by_kind.get(kind, [])
        return tuple(
            Recorded(each.id, each.time, each.record) for each in found if isinstance(each.record, kind)
        )

    @cached_property
    def _by_kind(self) -> dict[type, list[Entry]]:
        found: dict[type, list[Entry]] = defaultdict(list)
        for entry in self._evidence.entries:
            if getattr(entry.record, "case", None) == self.check.case:
                found[type(entry.record)].append(entry)
        return found

    @property
    def run(self) -> RunRecord:
        """What ran, and the claims of the system under test."""
        return self._evidence.run

    @property
    def claims(self) -> Claims:
        """The claims that decide what is judged."""
        return self.run.claims

    @cached_property
    def case(self) -> CaseRecord:
        """Which case this is and who plays in it."""
        return self._records(CaseRecord)[0].record

    # --- the originals -------------------------------------------------------------------------------

    @cached_property
    def objects(self) -> tuple[EvidenceInstance, ...]:
        """Every instance the case works with, exported or not: study, manifest, teaching-file information."""
        return self._originals(None)

    @cached_property
    def originals(self) -> tuple[EvidenceInstance, ...]:
        """The instances of the data that the check step names under ``against``."""
        return self._originals(set(self.check.against))

    def _originals(self, names: set[str] | None) -> tuple[EvidenceInstance, ...]:
        return tuple(
            instance for each, instance in self._all_originals if names is None or each.record.name in names
        )

    @cached_property
    def _all_originals(self) -> tuple[tuple[Recorded[ObjectRecord], EvidenceInstance], ...]:
        """Each original once, so that what was found out about it is known wherever it is looked at."""
        return tuple(
            (each, self._file(each)) for each in self.object_records if each.record.group == "original"
        )

    @cached_property
    def object_records(self) -> tuple[Recorded[ObjectRecord], ...]:
        """The records of the case's objects, of either group."""
        return self._records(ObjectRecord)

    @cached_property
    def canaries(self) -> tuple[Canary, ...]:
        """What was planted in the originals."""
        return tuple(canary for each in self._records(CanariesRecord) for canary in each.record.canaries)

    @cached_property
    def painted(self) -> tuple[PaintedText, ...]:
        """The text painted into the pixels of the originals."""
        return tuple(text for each in self._records(CanariesRecord) for text in each.record.painted)

    # --- what was judged -----------------------------------------------------------------------------

    @cached_property
    def messages(self) -> tuple[Recorded[MessageRecord], ...]:
        """The messages of the steps under ``of``, in the order they ended."""
        return tuple(each for each in self.all_messages if each.record.step in self.check.of)

    @cached_property
    def all_messages(self) -> tuple[Recorded[MessageRecord], ...]:
        """Every message of the case."""
        return self._records(MessageRecord)

    @cached_property
    def associations(self) -> tuple[Recorded[AssociationRecord], ...]:
        """Every association of the case."""
        return self._records(AssociationRecord)

    @cached_property
    def waits(self) -> tuple[Recorded[WaitRecord], ...]:
        """The waits of the steps under ``of``."""
        return tuple(each for each in self._records(WaitRecord) if each.record.step in self.check.of)

    @cached_property
    def operators(self) -> tuple[Recorded[OperatorRecord], ...]:
        """What a person was asked in this case."""
        return self._records(OperatorRecord)

    @cached_property
    def steps(self) -> tuple[Recorded[StepRecord], ...]:
        """What became of every step of the case, in their order."""
        return self._records(StepRecord)

    @cached_property
    def arrivals(self) -> tuple[EvidenceInstance, ...]:
        """Every instance that came in the steps under ``of``, readable or not, each content once.

        In ``tce check``, the files of the folder.
        """
        found = self._came_by(each for each in self.messages if not each.record.sent)
        for each in self.object_records:
            if each.record.group == "exported":
                found.setdefault(each.record.digest, self._file(each))
        return tuple(found.values())

    @cached_property
    def all_arrivals(self) -> tuple[EvidenceInstance, ...]:
        """Every instance that came to a simulated role in any step of the case, each content once."""
        return tuple(self._came_by(each for each in self.all_messages if not each.record.sent).values())

    def _came_by(self, messages: Iterable[Recorded[MessageRecord]]) -> dict[str, EvidenceInstance]:
        found: dict[str, EvidenceInstance] = {}
        for message in messages:
            if message.record.digest is not None:
                label = message.record.affected_sop_instance_uid
                arrived = EvidenceInstance(
                    self._evidence, digest=message.record.digest, label=label, record=message.id
                )
                found.setdefault(message.record.digest, arrived)
        return found

    @cached_property
    def subjects(self) -> tuple[EvidenceInstance, ...]:
        """The arrivals that can be read, under the label of the original where that is known."""
        return tuple(each for each in self._labelled if each.fault is None)

    @cached_property
    def unreadable(self) -> tuple[EvidenceInstance, ...]:
        """The arrivals that cannot be read as DICOM instances."""
        return tuple(each for each in self._labelled if each.fault is not None)

    @cached_property
    def _labelled(self) -> tuple[EvidenceInstance, ...]:
        """Give each arrival the label of the original that it came from; change nothing else."""
        readable = tuple(each for each in self.arrivals if each.fault is None)
        for pair in pair_by_content(readable, self.objects).pairs:
            pair.subject.label = pair.original.label
        return self.arrivals

    @cached_property
    def pairing(self) -> Pairing:
        """Which subject came from which of the originals under ``against``."""
        return pair_by_content(self.subjects, self.originals)

    @cached_property
    def exports(self) -> tuple[Pairing, ...]:
        """Pair what came in each step under ``of`` apart from the other steps, in their order.

        A step in which nothing came is left out; in ``tce check`` there are none.
        """
        by_digest = {each.digest: each for each in self.subjects}
        came: dict[str, dict[str, EvidenceInstance]] = {step: {} for step in self.check.of}
        for message in self.messages:
            digest, step = message.record.digest, message.record.step
            if not message.record.sent and step is not None and digest in by_digest:
                came[step].setdefault(by_digest[digest].digest, by_digest[digest])
        return tuple(pair_by_content(found.values(), self.originals) for found in came.values() if found)

    def examinations(
        self, examiner: str, instance: EvidenceInstance
    ) -> tuple[Recorded[ExaminationRecord], ...]:
        """Return what an outside judge said of an instance."""
        return self._examined.get((examiner, instance.digest), ())

    @cached_property
    def _examined(self) -> dict[tuple[str, str], tuple[Recorded[ExaminationRecord], ...]]:
        found: dict[tuple[str, str], list[Recorded[ExaminationRecord]]] = defaultdict(list)
        for each in self._records(ExaminationRecord):
            found[each.record.examiner, each.record.digest].append(each)
        return {key: tuple(answers) for key, answers in found.items()}

    def _file(self, recorded: Recorded[ObjectRecord]) -> EvidenceInstance:
        return EvidenceInstance(
            self._evidence,
            digest=recorded.record.digest,
            label=recorded.record.label,
            record=recorded.id,
            name=recorded.record.file_name,
            named_like_dicom=recorded.record.named_like_dicom,
        )
