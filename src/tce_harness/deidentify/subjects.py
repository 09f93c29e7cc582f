"""Subject identifiers that a trial gave to its patients, read from a CSV file."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tce_harness.content import near_match
from tce_harness.model.errors import HarnessError, Problem, ScenarioError

PATIENT, ISSUER, SUBJECT = "patient_id", "issuer", "subject_id"
COLUMNS = (PATIENT, ISSUER, SUBJECT)
_LONGEST = 64
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Subjects:
    """Which patient is which subject.

    Parameters
    ----------
    ids
        Subject identifiers by Patient ID and issuer; the issuer is empty where `by_issuer` is False.
    by_issuer
        Whether the issuer of a Patient ID must agree. Without a column of issuers the list says that its
        Patient IDs tell its patients apart by themselves.
    """

    ids: Mapping[tuple[str, str], str]
    by_issuer: bool = False

    def of(self, patient_id: str, issuer: str = "") -> str | None:
        """Return the subject identifier of a patient; None where the list does not name the patient."""
        return self.ids.get((patient_id.strip(), issuer.strip() if self.by_issuer else ""))


def load_subjects(file: Path) -> Subjects:
    """Read a list of subjects: CSV with the columns ``patient_id``, ``subject_id`` and perhaps ``issuer``.

    UTF-8, with or without byte order mark, or UTF-16 with one. A subject identifier becomes Patient ID and
    Patient's Name, so that it must fit both (PS3.5 section 6.2: LO and PN).

    Raises
    ------
    ScenarioError
        For every fault of the file at once, each with its line: columns that are missing or unknown, empty or
        unfit values, a patient named twice, one subject for two patients, a Patient ID as subject.
    HarnessError
        When the file cannot be read.
    """
    reading = _Reading(file)
    reading.rows(_text_of(file))
    if reading.problems:
        raise ScenarioError(reading.problems)
    if not reading.patients:
        raise ScenarioError([reading.problem(1, "no patient is listed", "a line for each is needed")])
    return Subjects({key: subject for key, (subject, _) in reading.patients.items()}, reading.by_issuer)


def _text_of(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise HarnessError(f"{file}: the list of subjects cannot be read: {error.strerror}") from None
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        spelled = "UTF-16" if encoding == "utf-16" else "UTF-8"
        problem = Problem(file, line, 1, "", f"the text is not {spelled}", "save it as CSV UTF-8")
        raise ScenarioError([problem]) from None


@dataclass(slots=True)
class _Reading:
    """A list of subjects while it is read, with every fault so far."""

    file: Path
    columns: tuple[str, ...] = ()
    patients: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def by_issuer(self) -> bool:
        return ISSUER in self.columns

    def problem(self, line: int, message: str, hint: str = "", path: str = "") -> Problem:
        return Problem(self.file, line, 1, path, message, hint)

    def add(self, line: int, message: str, hint: str = "", path: str = "") -> None:
        self.problems.append(self.problem(line, message, hint, path))

    def rows(self, text: str) -> None:
        rows = self._numbered(text)
        self._header(*next(rows, (1, [])))
        if self.problems:
            return
        for line, row in rows:
            if any(cell.strip() for cell in row):
                self._row(line, row)
        for patient_id, _ in self.patients:
            if named := self.subjects.get(patient_id.casefold()):
                message = "it is the Patient ID of somebody in the list"
                self.add(named, message, "it would say who it is", SUBJECT)

    def _numbered(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with the line on which it begins, as a quoted cell may span several."""
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        line = 1
        try:
            for row in reader:
                yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            self.add(line, f"this is not CSV: {error}")

    def _header(self, line: int, row: list[str]) -> None:
        self.columns = tuple(cell.strip().lower() for cell in row)
        wanted = "the first line names the columns: patient_id,subject_id or patient_id,issuer,subject_id"
        if len(self.columns) == 1 and any(mark in self.columns[0] for mark in ";\t"):
            self.add(line, "the columns are not parted by commas", wanted)
            return
        for number, name in enumerate(self.columns, start=1):
            # without a first line of names this would be a patient's, so that it is not quoted
            if name not in COLUMNS:
                self.add(line, f"column {number} is unknown", near_match(name, COLUMNS) or wanted)
            elif name in self.columns[: number - 1]:
                self.add(line, f"the column {name} stands twice")
        for name in (PATIENT, SUBJECT):
            if name not in self.columns and not self.problems:
                self.add(line, f"the column {name} is missing", wanted)

    def _row(self, line: int, row: list[str]) -> None:
        if len(row) != len(self.columns):
            self.add(line, f"{len(row)} values for {len(self.columns)} columns")
            return
        cells = dict(zip(self.columns, (cell.strip() for cell in row), strict=True))
        for name in (PATIENT, SUBJECT):
            if not cells[name]:
                self.add(line, "the value is empty", path=name)
        if not cells[PATIENT] or not cells[SUBJECT]:
            return
        if fault := _fault_of(cells[SUBJECT]):
            self.add(line, fault, path=SUBJECT)
        self._take((cells[PATIENT], cells.get(ISSUER, "")), cells[SUBJECT], line)

    def _take(self, key: tuple[str, str], subject: str, line: int) -> None:
        if key in self.patients:
            self.add(line, f"the patient stands on line {self.patients[key][1]} already", path=PATIENT)
        elif subject.casefold() in self.subjects:
            earlier = self.subjects[subject.casefold()]
            self.add(line, f"it is that of another patient, on line {earlier}", path=SUBJECT)
        else:
            self.patients[key] = (subject, line)
            self.subjects[subject.casefold()] = line


def _fault_of(subject: str) -> str | None:
    if len(subject) > _LONGEST:
        return f"a subject id has at most {_LONGEST} characters, this has {len(subject)}"
    if any(mark in subject for mark in "\\^=") or any(
        unicodedata.category(each)[0] == "C" for each in subject
    ):
        return "a subject id holds no backslash, ^, = or control character, nor any that cannot be seen"
    if not any(each.isalnum() for each in subject):
        return "a subject id holds a letter or a digit"
    return None
