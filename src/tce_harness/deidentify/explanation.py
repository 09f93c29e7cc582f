"""A policy told for people: what each option does, and what becomes of HIPAA's 18 identifiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tce_harness.deidentify.faces import Faces
from tce_harness.deidentify.hipaa import IDENTIFIERS
from tce_harness.deidentify.marking import temporal_information
from tce_harness.deidentify.options import deciding
from tce_harness.deidentify.policy import Already, Author, Policy, Preview
from tce_harness.standard.codes import deidentification_method
from tce_harness.standard.confidentiality import COLUMN_OF_CODE, OptionColumn, Row, table

_CODE_OF_COLUMN = {column: code for code, column in COLUMN_OF_CODE.items()}
_LETTERS: Mapping[str, str] = MappingProxyType(
    {"X": "removed", "Z": "emptied", "D": "replaced by a dummy", "U": "given a new UID"}
)
#: Patient's Name and Patient ID, which tell the instances of one patient from others.
_PSEUDONYMOUS = frozenset({"(0010,0010)", "(0010,0020)"})
_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "113100": "names, identifiers, dates, UIDs and private elements go, by the rows of Table E.1-1",
        "113101": "text goes from the pixels where ultrasound regions or a device layout tell where it is; "
        "what may show text elsewhere is held back",
        "113103": "annotations of presentation states stay, their texts cleaned; overlays and curves go",
        "113104": "items of reports and manifests stay by their concept names, Table E.3.4-1",
        "113105": "texts keep the words of the vocabulary",
        "113106": "dates and times stay as they are",
        "113107": "dates and times of a patient move by one shift, intervals stay",
        "113108": "sex, age, size, weight and the like stay",
        "113109": "what tells the device stays, AE titles are replaced",
        "113110": "UIDs stay",
        "113111": "private elements that are known to be safe stay",
        "113112": "what tells the institution stays",
    }
)


@dataclass(frozen=True, slots=True)
class OptionView:
    """What one claimed code does.

    Parameters
    ----------
    kept, cleaned
        Of how many rows of Table E.1-1 it decides that they stay, or are cleaned or moved.
    """

    code: str
    meaning: str
    sentence: str
    kept: int
    cleaned: int


@dataclass(frozen=True, slots=True)
class RowView:
    """What becomes of the attributes of one row."""

    key: str
    name: str
    outcome: str
    stays: bool


@dataclass(frozen=True, slots=True)
class IdentifierView:
    """What becomes of one of HIPAA's identifiers."""

    letter: str
    title: str
    rows: tuple[RowView, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy told for people."""

    name: str
    title: str
    edition: str
    options: tuple[OptionView, ...]
    settings: tuple[str, ...]
    identifiers: tuple[IdentifierView, ...]


def explain_policy(policy: Policy) -> PolicyView:
    """Return what a policy does, by its options and by HIPAA's 18 identifiers."""
    rows = {row.key: row for row in table(policy.edition).rows}
    return PolicyView(
        name=policy.name,
        title=policy.title,
        edition=policy.edition,
        options=tuple(_option(code, policy, tuple(rows.values())) for code in policy.codes),
        settings=_settings(policy),
        identifiers=tuple(
            IdentifierView(
                letter=each.letter,
                title=each.title,
                rows=tuple(_row(rows[key], policy) for key in each.rows if key in rows),
                rules=tuple(map(str, each.rules)),
            )
            for each in IDENTIFIERS
        ),
    )


def _option(code: str, policy: Policy, rows: tuple[Row, ...]) -> OptionView:
    method = deidentification_method(code)
    column = COLUMN_OF_CODE.get(code)
    decided = [found for row in rows if (found := deciding(row.options, policy.columns)) is not None]
    of_this = [letter for by, letter in decided if by is column]
    return OptionView(
        code=code,
        meaning=method.meaning if method else "",
        sentence=_SENTENCES[code],
        kept=of_this.count("K"),
        cleaned=of_this.count("C"),
    )


def _row(row: Row, policy: Policy) -> RowView:
    decided = deciding(row.options, policy.columns)
    if decided is None and row.key in _PSEUDONYMOUS:
        return RowView(row.key, row.name, "the patient's pseudonym", stays=False)
    if decided is None:
        letters = row.basic.replace("*", "").split("/")
        done = " or ".join(_LETTERS[letter] for letter in letters)
        by_type = ", by the Type of the attribute" if len(letters) > 1 else ""
        return RowView(row.key, row.name, f"{done}{by_type}", stays=False)
    column, letter = decided
    if letter == "K":
        done = "stays"
    else:
        done = "moved" if column is OptionColumn.RETAIN_LONGITUDINAL_MODIFIED_DATES else "cleaned"
    return RowView(row.key, row.name, f"{done} by {_CODE_OF_COLUMN[column]}", stays=letter == "K")


def _settings(policy: Policy) -> tuple[str, ...]:
    said = [f"(0028,0303) Longitudinal Temporal Information Modified is {temporal_information(policy)}"]
    if policy.claims(OptionColumn.RETAIN_LONGITUDINAL_MODIFIED_DATES):
        said.append(
            f"dates move by {policy.shift_days[0]} to {policy.shift_days[1]} days, times of day as well"
        )
    if policy.claims(OptionColumn.RETAIN_PATIENT_CHARACTERISTICS):
        oldest = policy.oldest_age
        said.append(
            "every age stays"
            if oldest is None
            else f"ages over {oldest} years are told as {oldest + 1} years"
        )
    if policy.claims(OptionColumn.RETAIN_SAFE_PRIVATE):
        own = sum(len(block.elements) for block in policy.safe_private)
        said.append(
            "safe private elements: those that an instance declares, those of Table E.3.10-1, "
            f"and {own} of the policy's own list"
        )
    if policy.author is Author.KEEP:
        said.append("the author of additional teaching file information stays (RCR B4.4)")
    if policy.trial is not None:
        said.append(f"clinical trial attributes are those of protocol {policy.trial.protocol_id}")
    said.extend(_pixel_settings(policy))
    what = {Already.PASS: "passed as they are", Already.AGAIN: "done again", Already.REFUSE: "held back"}
    said.append(f"instances that say they are de-identified are {what[policy.already]}")
    return tuple(said)


def _pixel_settings(policy: Policy) -> Iterator[str]:
    recognised = "photographs, and volumes of the head, by which a person could be recognised,"
    held = policy.faces is Faces.QUARANTINE
    yield f"{recognised} are {'held back' if held else 'written with a note: 113102 is not done'}"
    if policy.preview is Preview.REQUIRED:
        yield "a person has to look at the pixels of each instance before it is written (RCR B5.3)"
