"""What the association of an export tells besides its data sets: no patient, and nobody who selected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tce_harness.evidence.case import CaseEvidence, Recorded
from tce_harness.model.canary import Canary, CanaryKind, Fate
from tce_harness.model.finding import Finding, Judgement, Severity
from tce_harness.model.record import AssociationRecord
from tce_harness.rules.exchange import nothing_examined, received
from tce_harness.rules.registry import rule

#: Shorter numbers are met by chance; a single word of a name may be a hospital's, or a word of the language.
_SHORTEST_IDENTIFIER = 5
_SHORTEST_WORD = 3
_WORDS_OF_A_NAME = 2


def told_places(record: AssociationRecord) -> tuple[tuple[str, str], ...]:
    """Return the fields of an association that its requestor chose, each with its name."""
    return (
        ("calling AE title", record.calling_ae_title),
        ("user identity", record.user_identity or ""),
        ("implementation version name", record.implementation_version_name or ""),
    )


@dataclass(frozen=True, slots=True)
class Planted:
    """Identifiers as letters and digits alone, and the words of each planted name."""

    identifiers: frozenset[str]
    names: frozenset[frozenset[str]]

    def told_by(self, value: str) -> str | None:
        """Return what a field tells; None where it tells nobody."""
        folded = value.casefold()
        plain = re.sub(r"[^0-9a-z]+", "", folded)
        if any(identifier in plain for identifier in self.identifiers):
            return "an identifier"
        if any(sum(word in folded for word in words) >= _WORDS_OF_A_NAME for words in self.names):
            return "a person's name"
        return None


@rule("association/tells-no-person", judges="TCE-RAD53-033")
def association_tells_no_person(case: CaseEvidence) -> Judgement:
    """AE title, user identity and version name hold no planted identifier and no planted person's name."""
    unit = "associations"
    used = {each.record.association for each in received(case)}
    opened = [each for each in case.associations if each.record.association in used]
    planted = planted_people(case.canaries)
    if not opened:
        return nothing_examined("the system under test opened no association in the judged steps", unit)
    if not planted.identifiers and not planted.names:
        return nothing_examined("no name or identifier was planted that an association could carry", unit)
    findings = tuple(finding for each in opened for finding in _told(each, planted))
    return Judgement(examined=len(opened), findings=findings, unit=unit)


def planted_people(canaries: Iterable[Canary]) -> Planted:
    """Return the identifiers and the names of persons among what was planted and had to go."""
    going = [each for each in canaries if each.fate is Fate.MUST_GO]
    numbers = (
        re.sub(r"[^0-9a-z]+", "", each.value.casefold())
        for each in going
        if each.kind is CanaryKind.IDENTIFIER
    )
    names = (
        frozenset(
            word for word in re.split(r"[\^=\s]+", each.value.casefold()) if len(word) >= _SHORTEST_WORD
        )
        for each in going
        if each.kind is CanaryKind.NAME
    )
    return Planted(
        frozenset(number for number in numbers if len(number) >= _SHORTEST_IDENTIFIER),
        frozenset(words for words in names if len(words) >= _WORDS_OF_A_NAME),
    )


def _told(association: Recorded[AssociationRecord], planted: Planted) -> Iterator[Finding]:
    for place, value in told_places(association.record):
        told = planted.told_by(value)
        if told is not None:
            yield Finding(
                kind="association-tells-a-person",
                severity=Severity.FAIL,
                message=f"Choose a {place} that tells nobody; this one holds {told} from the originals.",
                subject=association.record.role,
                expected="nobody's name and no identifier",
                observed=f"{told} in the {place}",
                quotes=False,
                evidence=(association.id,),
            )
