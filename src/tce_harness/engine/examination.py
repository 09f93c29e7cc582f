"""Outside judges are asked about what arrived; their raw answers become evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from tce_harness.evidence.case import CaseEvidence
from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.log import EvidenceWriter
from tce_harness.examiners import ExaminationResult, Examiner
from tce_harness.model.record import CheckRecord, ExaminationRecord
from tce_harness.rules.registry import Rule

WORKERS = 2


class ExaminingRoom:
    """Asks each outside judge about each instance once, however many cases it belongs to.

    Parameters
    ----------
    examiners
        By name.
    """

    def __init__(
        self, evidence: EvidenceWriter, rules: Mapping[str, Rule], examiners: Mapping[str, Examiner]
    ) -> None:
        self._evidence = evidence
        self._rules = rules
        self._examiners = examiners
        self._known: dict[tuple[str, str], ExaminationResult] = {}
        self._recorded: set[tuple[str, str, str]] = set()

    def examine(self, case: str) -> None:
        """Record the answers that the checks of a case need, about what arrived and what it came from.

        Called again for a case, it records what has come since.
        """
        wanted: dict[tuple[str, str], EvidenceInstance] = {}
        log = self._evidence.evidence()
        for entry in log.entries:
            if isinstance(entry.record, CheckRecord) and entry.record.case == case:
                needed = self._needed(entry.record)
                if not needed:
                    continue
                view = CaseEvidence(log, entry.record)
                for examiner in needed:
                    for instance in (*view.subjects, *view.originals):
                        if (case, examiner, instance.digest) not in self._recorded:
                            wanted[examiner, instance.digest] = instance
        with ThreadPoolExecutor(WORKERS) as pool:
            answers = list(pool.map(self._ask, wanted.items()))
        for (examiner, digest), answer in zip(wanted, answers, strict=True):
            self._recorded.add((case, examiner, digest))
            self._evidence.append(
                ExaminationRecord(
                    case=case,
                    examiner=examiner,
                    version=self._examiners[examiner].version(),
                    digest=digest,
                    outcome=answer.outcome,
                    output=answer.output,
                )
            )

    def _needed(self, check: CheckRecord) -> Sequence[str]:
        names = (self._rules[rule].examiner for rule in check.rules)
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def _ask(self, wanted: tuple[tuple[str, str], EvidenceInstance]) -> ExaminationResult:
        key, instance = wanted
        if key not in self._known:
            self._known[key] = self._examiners[key[0]].examine(instance.content)
        return self._known[key]
