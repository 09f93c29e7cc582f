"""Who looked at the pixels of which instance before it was written (RCR guidance, appendix B, item B5.3)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tce_harness.model.errors import HarnessError

UID, PIXELS, BY, AT = "sop_instance_uid", "pixels", "confirmed_by", "confirmed_at"
COLUMNS = (UID, PIXELS, BY, AT)
_NEEDED = (UID, BY, AT)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a person looked at one instance.

    Parameters
    ----------
    sop_instance_uid
        The new one.
    pixels
        Digest of the pixels that were looked at; empty where it was not kept.
    by, at
        Who, and when (ISO 8601).
    """

    sop_instance_uid: str
    pixels: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Clearance:
    """What lets instances with pixels be written under a policy that asks for a preview.

    Parameters
    ----------
    confirmations
        By new SOP Instance UID.
    waiver
        Why nobody has to look; empty where somebody has to.
    """

    confirmations: Mapping[str, Confirmation] = field(default_factory=dict)
    waiver: str = ""

    def refusal(self, sop_instance_uid: str, pixels: str) -> str | None:
        """Return why an instance must not be written, None where it may.

        Parameters
        ----------
        pixels
            Digest of what would be written; empty where the instance has no pixels.
        """
        if self.waiver or not pixels:
            return None
        found = self.confirmations.get(sop_instance_uid)
        if found is None:
            return "nobody has confirmed that its pixels were looked at"
        if found.pixels and found.pixels != pixels:
            return "its pixels are others than those that were confirmed"
        return None


def read_confirmations(file: Path) -> dict[str, Confirmation]:
    """Read a list in CSV or JSON with `sop_instance_uid`, `confirmed_by`, `confirmed_at`, perhaps `pixels`.

    An instance beside which no name stands is not confirmed.

    Raises
    ------
    HarnessError
        When it cannot be read, lacks a column, or a line of it makes no sense.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise HarnessError(f"{file}: the list of confirmations cannot be read: {reason}") from None
    rows = _json_rows(file, text) if file.suffix.lower() == ".json" else _csv_rows(file, text)
    found: dict[str, Confirmation] = {}
    for place, row in rows:
        each = _confirmation(f"{file}: {place}", row)
        if each is not None and each.sop_instance_uid in found:
            raise HarnessError(f"{file}: {place}: the same instance stands twice")
        if each is not None:
            found[each.sop_instance_uid] = each
    return found


def confirm_all(rows: Iterable[Confirmation], by: str, at: datetime) -> dict[str, Confirmation]:
    """Return that one person confirms every instance that a preview showed."""
    when = at.isoformat(timespec="seconds")
    return {
        each.sop_instance_uid: Confirmation(each.sop_instance_uid, each.pixels, by, when) for each in rows
    }


def read_shown(file: Path) -> tuple[Confirmation, ...]:
    """Read which instances a preview showed, confirmed or not; raises `HarnessError` as the other reader."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise HarnessError(
            f"{file}: there is no list of an earlier preview; make one with --preview"
        ) from None
    return tuple(Confirmation(row[UID], row.get(PIXELS, ""), "", "") for _, row in _csv_rows(file, text))


def _csv_rows(file: Path, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv.DictReader(text.splitlines())
    columns = [name.strip() for name in reader.fieldnames or ()]
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise HarnessError(
            f"{file}: line 1: the column {missing[0]!r} is missing; there are {', '.join(columns)}"
        )
    for row in reader:
        cells = {name.strip(): (value or "").strip() for name, value in row.items() if isinstance(name, str)}
        yield f"line {reader.line_num}", cells


def _json_rows(file: Path, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise HarnessError(
            f"{file}:{error.lineno}:{error.colno}: it is not valid JSON: {error.msg}"
        ) from None
    entries = value.get("confirmations") if isinstance(value, dict) else value
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise HarnessError(f'{file}: a list of objects is expected, or {{"confirmations": [...]}}')
    for index, entry in enumerate(entries, start=1):
        yield (
            f"entry {index}",
            {str(key): str(each).strip() for key, each in entry.items() if each is not None},
        )


def _confirmation(place: str, row: Mapping[str, str]) -> Confirmation | None:
    uid, by, at = (row.get(name, "") for name in _NEEDED)
    if not uid:
        raise HarnessError(f"{place}: {UID} is empty")
    if not by and not at:
        return None
    if not by or not at:
        raise HarnessError(f"{place}: {BY} and {AT} belong together, and one of them is empty")
    try:
        datetime.fromisoformat(at)
    except ValueError:
        raise HarnessError(f"{place}: {AT} is no date and time such as 2026-11-22T13:05:00") from None
    return Confirmation(uid, row.get(PIXELS, ""), by, at)
