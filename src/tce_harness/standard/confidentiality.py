"""Table E.1-1 of PS3.15 and its companions as rows; resolving their codes is left to whoever uses them.

The de-identifier and the judge share these rows and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from tce_harness.model.errors import HarnessError

PRIVATE = "PRIVATE"
CURVE_DATA = "(50xx,xxxx)"


class OptionColumn(StrEnum):
    """The option columns of Tables E.1-1 and E.3.4-1."""

    RETAIN_SAFE_PRIVATE = "retain_safe_private"
    RETAIN_UIDS = "retain_uids"
    RETAIN_DEVICE_IDENTITY = "retain_device_identity"
    RETAIN_INSTITUTION_IDENTITY = "retain_institution_identity"
    RETAIN_PATIENT_CHARACTERISTICS = "retain_patient_characteristics"
    RETAIN_LONGITUDINAL_FULL_DATES = "retain_longitudinal_full_dates"
    RETAIN_LONGITUDINAL_MODIFIED_DATES = "retain_longitudinal_modified_dates"
    CLEAN_DESCRIPTORS = "clean_descriptors"
    CLEAN_STRUCTURED_CONTENT = "clean_structured_content"
    CLEAN_GRAPHICS = "clean_graphics"


#: Which code of CID 7050 claims which column; 113100 to 113102 have none.
COLUMN_OF_CODE: Mapping[str, OptionColumn] = MappingProxyType(
    {
        "113103": OptionColumn.CLEAN_GRAPHICS,
        "113104": OptionColumn.CLEAN_STRUCTURED_CONTENT,
        "113105": OptionColumn.CLEAN_DESCRIPTORS,
        "113106": OptionColumn.RETAIN_LONGITUDINAL_FULL_DATES,
        "113107": OptionColumn.RETAIN_LONGITUDINAL_MODIFIED_DATES,
        "113108": OptionColumn.RETAIN_PATIENT_CHARACTERISTICS,
        "113109": OptionColumn.RETAIN_DEVICE_IDENTITY,
        "113110": OptionColumn.RETAIN_UIDS,
        "113111": OptionColumn.RETAIN_SAFE_PRIVATE,
        "113112": OptionColumn.RETAIN_INSTITUTION_IDENTITY,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of Table E.1-1.

    Parameters
    ----------
    key
        ``(gggg,eeee)`` in upper-case hexadecimal, ``(50xx,xxxx)``, ``(60xx,3000)``, ``(60xx,4000)`` or
        ``PRIVATE``.
    name
        Name of the attribute as the table prints it.
    basic
        Code of the Basic Profile, compound codes as they stand, such as ``X/Z/D``.
    options
        Codes of the option columns that are not empty.
    retired
        Whether the attribute is retired from PS3.6.
    """

    key: str
    name: str
    basic: str
    options: Mapping[OptionColumn, str]
    retired: bool

    @property
    def tag(self) -> int | None:
        """The tag as a number; None for a repeating group and for private attributes."""
        return int(self.key[1:5] + self.key[6:10], 16) if _is_single(self.key) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidentialityTable:
    """Table E.1-1 in one edition.

    Parameters
    ----------
    edition
        Such as ``2026d``.
    source, source_sha256
        Where the rows come from, and the hash of that file.
    """

    edition: str
    rows: tuple[Row, ...]
    source: str
    source_sha256: str
    _by_key: Mapping[str, Row] = field(repr=False)

    def row_for(self, tag: int) -> Row | None:
        """Return the row that a tag falls under, or None where the table does not name it.

        Odd groups are private; even groups 5000 to 50FE are curves; 60xx,3000 and 60xx,4000 are overlays.
        """
        group, element = tag >> 16, tag & 0xFFFF
        if group & 1:
            return self._by_key[PRIVATE]
        if group >> 8 == 0x50:
            return self._by_key[CURVE_DATA]
        if group >> 8 == 0x60:
            return self._by_key.get(f"(60xx,{element:04X})")
        return self._by_key.get(f"({group:04X},{element:04X})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentItemRow:
    """One row of Table E.3.4-1: an SR content item by concept name and value type."""

    code: str
    scheme: str
    meaning: str
    value_type: str
    basic: str
    options: Mapping[OptionColumn, str]
    retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SafePrivateRow:
    """One row of Table E.3.10-1, a list of samples thought to be safe.

    Parameters
    ----------
    group, element
        Group, and the low byte of the element; the block is wherever the creator reserved one.
    """

    creator: str
    group: int
    element: int
    vr: str
    meaning: str


def _is_single(key: str) -> bool:
    return key != PRIVATE and "x" not in key


def build_table(
    rows: Iterable[Row], edition: str, source: str = "", source_sha256: str = ""
) -> ConfidentialityTable:
    """Return a table of given rows.

    Raises
    ------
    HarnessError
        When two rows have the same key: the published text holds a few such, with differing codes, and
        which one counts must have been decided before.
    """
    kept = tuple(rows)
    by_key: dict[str, Row] = {}
    for row in kept:
        if row.key in by_key:
            raise HarnessError(f"Table E.1-1 {edition}: the row {row.key} stands twice")
        by_key[row.key] = row
    return ConfidentialityTable(
        edition=edition,
        rows=kept,
        source=source,
        source_sha256=source_sha256,
        _by_key=MappingProxyType(by_key),
    )


@cache
def editions() -> tuple[str, ...]:
    """Return the editions of Table E.1-1 that are at hand, oldest first."""
    names = (entry.name for entry in files(__package__).joinpath("tables").iterdir())
    prefix = "confidentiality-"
    return tuple(sorted(name.removeprefix(prefix)[:-5] for name in names if name.startswith(prefix)))


@cache
def table(edition: str = "2026d") -> ConfidentialityTable:
    """Return Table E.1-1 of an edition.

    Raises
    ------
    HarnessError
        When that edition is not at hand; the text lists those that are.
    """
    if edition not in editions():
        raise HarnessError(
            f"Table E.1-1 of edition {edition!r} is not at hand; there are {', '.join(editions())}"
        )
    document = _load(f"confidentiality-{edition}.json")
    rows = (
        Row(
            key=row["key"],
            name=row["name"],
            basic=row["basic"],
            options=_options(row["options"]),
            retired=row["retired"],
        )
        for row in document["rows"]
    )
    return build_table(rows, edition, document["source"], document["source_sha256"])


@cache
def content_item_rows() -> tuple[ContentItemRow, ...]:
    """Return Table E.3.4-1 of edition 2026d."""
    return tuple(
        ContentItemRow(
            code=row["code"],
            scheme=row["scheme"],
            meaning=row["meaning"],
            value_type=row["value_type"],
            basic=row["basic"],
            options=_options(row["options"]),
            retired=row["retired"],
        )
        for row in _load("content-items-2026d.json")["rows"]
    )


@cache
def safe_private_rows() -> tuple[SafePrivateRow, ...]:
    """Return Table E.3.10-1 of edition 2023b."""
    return tuple(
        SafePrivateRow(
            creator=row["creator"],
            group=int(row["tag"][:4], 16),
            element=int(row["tag"][-2:], 16),
            vr=row["vr"],
            meaning=row["meaning"],
        )
        for row in _load("safe-private-2023b.json")["rows"]
    )


def _options(codes: dict[str, str]) -> Mapping[OptionColumn, str]:
    return MappingProxyType({OptionColumn(column): code for column, code in codes.items()})


def _load(name: str) -> dict[str, Any]:
    content = files(__package__).joinpath("tables", name).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(content)
    return document
