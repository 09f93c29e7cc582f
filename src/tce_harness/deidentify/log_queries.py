"""The way back: what a pseudonym log tells of a new UID or pseudonym, and its lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from tce_harness.deidentify.log_file import plainly
from tce_harness.deidentify.pseudonym_log import PseudonymLog


class Level(StrEnum):
    """What a new identifier names."""

    PATIENT = "patient"
    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Origin:
    """What stands behind a new identifier: patient data.

    Parameters
    ----------
    level
        What was found.
    name, birth_date
        As the instances had them; a patient whose name was spelled in two ways has two origins.
    date_shift_seconds
        By which dates were moved; None where they were not.
    original_study, new_study, original_series, new_series, original_instance, new_instance
        UIDs; empty below the level.
    instances
        How many of them the log knows.
    first_recorded, last_recorded
        UTC. When they were handed out for the first and the last time.
    policies
        Names and editions that they were handed out under.
    """

    level: Level
    recipient: str
    patient_id: str
    issuer: str
    name: str
    birth_date: str
    pseudonym_id: str
    pseudonym_name: str
    subject_id: str | None
    date_shift_seconds: int | None
    original_study: str
    new_study: str
    original_series: str
    new_series: str
    original_instance: str
    new_instance: str
    sop_class: str
    file_digests: str
    instances: int
    first_recorded: str
    last_recorded: str
    policies: str


_JOINED = """
FROM exports
JOIN instances ON instances.id = exports.instance
JOIN series ON series.id = instances.series
JOIN studies ON studies.id = series.study
JOIN patients ON patients.id = studies.patient
JOIN runs ON runs.id = exports.run
"""
_OF_PATIENT = """
patients.recipient, patients.patient_id, patients.issuer, patients.name, patients.birth_date,
patients.pseudonym_id, patients.pseudonym_name, patients.subject_id, patients.date_shift_seconds
"""
_OF_EXPORTS = """
count(DISTINCT instances.id), min(exports.recorded), max(exports.recorded),
group_concat(DISTINCT runs.policy || ' ' || runs.edition)
"""
_TABLE = {
    Level.PATIENT: "patients",
    Level.STUDY: "studies",
    Level.SERIES: "series",
    Level.INSTANCE: "instances",
}
_LEVELS = tuple(Level)
# two conditions joined by OR would have SQLite go through every export
_BY_PSEUDONYM = """patients.id IN (
SELECT id FROM patients WHERE pseudonym_id = ? UNION SELECT id FROM patients WHERE pseudonym_name = ?)"""


def _select(level: Level, where: str = "", group: str = "") -> str:
    depth = _LEVELS.index(level)
    pairs = [
        f"{_TABLE[each]}.{column}" if number <= depth else "''"
        for number, each in enumerate(_LEVELS[1:], start=1)
        for column in ("original", "new")
    ]
    of_instance = (
        "instances.sop_class, group_concat(DISTINCT exports.file_digest)"
        if level is Level.INSTANCE
        else "'', ''"
    )
    # the condition first, then the grouping: SQLite goes in by the index of the new identifier
    return (
        f"SELECT {_OF_PATIENT}, {', '.join(pairs)}, {of_instance}, {_OF_EXPORTS} {_JOINED} {where} "
        f"GROUP BY {group or f'{_TABLE[level]}.id'} ORDER BY {_TABLE[level]}.id"
    )


def find(log: PseudonymLog, identifier: str) -> tuple[Origin, ...]:
    """Return what stands behind a new UID, Patient ID, name or subject id; nothing where it is unknown.

    Several, where it was handed out under several patients or recipients.
    """
    wanted = identifier.strip("\x00 ")
    found: list[Origin] = []
    with plainly(log.path):
        for level in reversed(_LEVELS):
            condition = f"{_TABLE[level]}.new IN (?, ?)" if level is not Level.PATIENT else _BY_PSEUDONYM
            where, values = f"WHERE {condition}", (wanted, wanted)
            found.extend(Origin(level, *row) for row in log.connection.execute(_select(level, where), values))
    return tuple(found)


def _pairs(log: PseudonymLog, level: Level) -> Iterator[Origin]:
    """Yield each pair of one level once, also where its patient was spelled in two ways."""
    table = _TABLE[level]
    group = "" if level is Level.PATIENT else f"patients.recipient, {table}.original, {table}.new"
    with plainly(log.path):
        for row in log.connection.execute(_select(level, group=group)):
            yield Origin(level, *row)


_COLUMNS = {
    Level.PATIENT: ("patient_id", "issuer", "name", "birth_date", "pseudonym_id", "pseudonym_name",
                    "subject_id", "date_shift_seconds"),
    Level.STUDY: ("original_study", "new_study"),
    Level.SERIES: ("original_study", "new_study", "original_series", "new_series"),
    Level.INSTANCE: ("original_study", "new_study", "original_series", "new_series", "original_instance",
                     "new_instance", "sop_class", "file_digests"),
}  # fmt: skip
_IN_ALL = ("recipient", "instances", "first_recorded", "last_recorded", "policies")


def to_csv(log: PseudonymLog, level: Level) -> str:
    """Return a list of the log.

    On the level of studies it holds what RCR guidance appendix B, item 5 asks a log to keep, each original
    study UID and the identifier given to it, and no patient. A cell that a spreadsheet would take for a
    formula begins with an apostrophe.
    """
    columns = (*_COLUMNS[level], *_IN_ALL)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for origin in _pairs(log, level):
        values = asdict(origin)
        writer.writerow([safe_cell(values[column]) for column in columns])
    return buffer.getvalue()


def safe_cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = str(value)
    formula = isinstance(value, str) and text.lstrip(" \n").startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{text}" if formula else text


def as_json(origin: Origin) -> dict[str, str | int | None]:
    """Return an origin by the names of its parts, without those below its level."""
    values = {field.name: getattr(origin, field.name) for field in fields(origin)}
    return {name: value for name, value in values.items() if value != ""}
