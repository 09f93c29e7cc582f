"""Numbered requirements and how strong the evidence for them is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tce_harness.model.finding import Severity


class Actor(StrEnum):
    """The actors of the profile, as scenario and system files spell them."""

    EXPORT_SELECTOR = "export-selector"
    EXPORT_MANAGER = "export-manager"
    RECEIVER = "receiver"


class Level(StrEnum):
    """How strongly the text asks."""

    SHALL = "shall"
    SHOULD = "should"
    MAY = "may"


class Grade(StrEnum):
    """How well the text behind a requirement is known."""

    NORMATIVE = "N"
    RESTATED = "C"
    IMPLEMENTED = "I"
    MEMORY = "M"


class Testable(StrEnum):
    """By what a requirement can be tested."""

    __test__ = False  # pytest must not collect it

    WIRE = "wire"
    OBJECT = "object"
    ATTEST = "attest"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One row of a requirement catalogue.

    Parameters
    ----------
    id
        Such as ``TCE-RAD53-004``; never used again for something else.
    document, section, edition
        Where the requirement stands.
    text
        What it asks, in our own words.
    actors
        Who has to meet it.
    option
        The option of the profile it belongs to; None for the base.
    reason
        Why it is not testable; None where it is.
    proven_by
        Requirements whose verdicts this one is the roll-up of.
    """

    id: str
    document: str
    section: str
    edition: str
    text: str
    level: Level
    actors: tuple[Actor, ...]
    grade: Grade
    testable: Testable
    option: str | None = None
    reason: str | None = None
    proven_by: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether its verdict decides the exit status."""
        return self.level is Level.SHALL and self.testable in {Testable.WIRE, Testable.OBJECT}

    @property
    def worst_severity(self) -> Severity:
        """The gravest a finding may be: weak evidence and mere wishes never fail a product."""
        if self.level is Level.SHALL and self.grade in {Grade.NORMATIVE, Grade.RESTATED}:
            return Severity.FAIL
        return Severity.WARNING
