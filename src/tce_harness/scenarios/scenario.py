"""Scenarios, cases and steps, as the engine performs them: values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tce_harness.model.claims import Option, TeachingFileTemplate
from tce_harness.model.requirement import Actor
from tce_harness.simulators.ordering import Order
from tce_harness.transport import Associations

SUT_ROLES = {
    Actor.EXPORT_SELECTOR: "selector",
    Actor.EXPORT_MANAGER: "manager",
    Actor.RECEIVER: "archive",
}
"""The role that the system under test plays, by its actor."""


class Transaction(StrEnum):
    """The transactions of the profile (RAD TF Vol 3, sections 4.50 to 4.53)."""

    STORE_INSTANCES = "RAD-50"
    STORE_EXPORT_SELECTION = "RAD-51"
    STORE_TEACHING_FILE_INFORMATION = "RAD-52"
    EXPORT_INSTANCES = "RAD-53"


class Until(StrEnum):
    """What a receive step waits for."""

    MANIFEST_COMPLETE = "manifest-complete"
    ALL = "all"
    COUNT = "count"


class SpelledIn(StrEnum):
    """Coding scheme in which the codes of a made object are written."""

    IHERADTF = "iheradtf"
    DCM = "dcm"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeData:
    """A synthetic study.

    Parameters
    ----------
    instances
        How many; None leaves it to the recipe.
    """

    name: str
    line: int
    recipe: str
    instances: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderData:
    """The user's own files, at any depth below a folder."""

    name: str
    line: int
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestData:
    """A manifest over other data of the case.

    Parameters
    ----------
    title
        Code value of its title, such as ``TCE001``.
    references
        Names of the data whose instances it lists.
    only, exclude
        Labels such as ``study/2``: list these alone, or all but these.
    delay
        Code value of the delay reason; None means export now.
    names_patient
        Whether the description names the patient, as free text will.
    spelled_in
        Scheme to write title and delay in; None keeps to the one that the code value belongs to.
    """

    name: str
    line: int
    title: str
    references: tuple[str, ...]
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    delay: str | None = None
    description: str | None = None
    names_patient: bool = False
    observer: str | None = None
    language: str | None = None
    spelled_in: SpelledIn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingFileData:
    """Additional teaching file information about other data of the case.

    Parameters
    ----------
    template
        Template it keeps to; None for a document that keeps to both.
    """

    name: str
    line: int
    about: tuple[str, ...]
    template: TeachingFileTemplate | None
    spelled_in: SpelledIn | None = None


Data = RecipeData | FolderData | ManifestData | TeachingFileData


@dataclass(frozen=True, slots=True, kw_only=True)
class SendStep:
    """A role sends objects; where it is the role under test, its operator is asked to.

    Parameters
    ----------
    transactions
        Of the objects, without repetition, in the order of the objects.
    sender
        Role that sends.
    objects
        Names of data, in the order they are listed.
    """

    id: str
    line: int
    transactions: tuple[Transaction, ...]
    sender: str
    objects: tuple[str, ...]
    order: Order = Order.AS_LISTED
    associations: Associations = Associations.ONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveStep:
    """A simulated role waits for what the system under test must send.

    Parameters
    ----------
    transaction
        The one awaited; None for any.
    count
        How many instances; None unless ``until`` is ``count``.
    within
        Seconds.
    """

    id: str
    line: int
    transaction: Transaction | None
    at: str
    until: Until
    within: float
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceStep:
    """Nothing may arrive at a simulated role for a number of seconds."""

    id: str
    line: int
    transaction: Transaction | None
    at: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorStep:
    """A person is asked to do something, and perhaps to answer a question, within some seconds."""

    id: str
    line: int
    instruction: str
    question: str | None
    within: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestStep:
    """A person is asked to attest a requirement within some seconds."""

    id: str
    line: int
    requirement: str
    question: str
    within: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStep:
    """Rules judge what was sent or received in steps, against data."""

    id: str
    line: int
    rules: tuple[str, ...]
    of: tuple[str, ...]
    against: tuple[str, ...]


Step = SendStep | ReceiveStep | AbsenceStep | OperatorStep | AttestStep | CheckStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One scenario with one value of each axis put in.

    Parameters
    ----------
    id
        Scenario and axis values in file order, such as ``EM-010/TCE001``.
    path, file
        The scenario file, and how reports name it.
    axes
        Axis and value, in file order.
    simulated
        Role and simulator, in file order; the role under test is not among them.
    """

    id: str
    scenario: str
    title: str
    path: Path
    file: str
    line: int
    sut: Actor
    tags: tuple[str, ...]
    option: Option | None
    axes: tuple[tuple[str, str], ...]
    simulated: tuple[tuple[str, str], ...]
    data: tuple[Data, ...]
    steps: tuple[Step, ...]

    @property
    def sut_role(self) -> str:
        """Name of the role under test."""
        return SUT_ROLES[self.sut]

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that its checks name, once, in file order."""
        named = [rule for step in self.steps if isinstance(step, CheckStep) for rule in step.rules]
        return tuple(dict.fromkeys(named))

    @property
    def attested(self) -> tuple[str, ...]:
        """Every requirement that a person is asked to attest, in file order."""
        return tuple(step.requirement for step in self.steps if isinstance(step, AttestStep))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario file.

    Parameters
    ----------
    path, file
        The scenario file, and how reports name it.
    matrix
        Axis and its values, in file order.
    expanded
        Its cases, in the order of the axes' values.
    """

    id: str
    title: str
    description: str | None
    path: Path
    file: str
    line: int
    sut: Actor
    tags: tuple[str, ...]
    option: Option | None
    matrix: tuple[tuple[str, tuple[str, ...]], ...]
    expanded: tuple[Case, ...]

    def cases(self) -> tuple[Case, ...]:
        """Return one case for every combination of axis values; a scenario without a matrix has one."""
        return self.expanded
