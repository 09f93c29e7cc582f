"""What Table E.1-1 asks of each tag under a set of claimed options: the judge's own resolution."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from tce_harness.evidence.case import CaseEvidence
from tce_harness.model.claims import Claims
from tce_harness.standard.confidentiality import COLUMN_OF_CODE, Row, editions, table

BASIC_PROFILE = "113100"
CLEAN_PIXEL_DATA = "113101"
CLEAN_GRAPHICS = "113103"
CLEAN_STRUCTURED_CONTENT = "113104"
CLEAN_DESCRIPTORS = "113105"
RETAIN_FULL_DATES = "113106"
RETAIN_MODIFIED_DATES = "113107"
RETAIN_PATIENT_CHARACTERISTICS = "113108"
RETAIN_DEVICE_IDENTITY = "113109"
RETAIN_UIDS = "113110"
RETAIN_SAFE_PRIVATE = "113111"
RETAIN_INSTITUTION_IDENTITY = "113112"

_SOP_INSTANCE_UID = 0x00080018


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What one row asks.

    Parameters
    ----------
    key
        The row, ``(gggg,eeee)`` or a repeating group such as ``(50xx,xxxx)``.
    name
        The attribute's name as the table prints it.
    codes
        The codes that apply: those of the claimed options, or that of the Basic Profile where no claimed
        option has one. Where two claimed options disagree either outcome is admissible.
    basic
        The code of the Basic Profile.
    """

    key: str
    name: str
    codes: frozenset[str]
    basic: str

    @property
    def keeps(self) -> bool:
        """Whether the original value must stay."""
        return self.codes == {"K"}

    @property
    def may_keep(self) -> bool:
        """Whether the original value, or what remains of it after cleaning, may stay."""
        return bool(self.codes & {"K", "C"})


@dataclass(frozen=True)
class Plan:
    """The rows of an edition under claimed options.

    Parameters
    ----------
    single
        Rows of one tag each.
    groups
        Rows of repeating groups: mask, value, row.
    """

    edition: str
    single: dict[int, RowPlan]
    groups: tuple[tuple[int, int, RowPlan], ...]

    def row(self, tag: int) -> RowPlan | None:
        """Return what the table asks of a tag; None where no row names it. Private tags are not answered."""
        found = self.single.get(tag)
        if found is not None or tag >> 28 not in (5, 6):
            return found
        for mask, value, row in self.groups:
            if tag & mask == value and not tag >> 16 & 1:
                return row
        return None

    def may_keep(self, tags: tuple[int, ...]) -> bool:
        """Return whether a value at a path may stay: its own row admits it, and no sequence above forbids."""
        own = self.row(tags[-1])
        if own is not None and not own.may_keep:
            return False
        above = [row for tag in tags[:-1] if (row := self.row(tag)) is not None]
        return all(row.may_keep or "U*" in row.basic for row in above)

    @property
    def retains_uids(self) -> bool:
        """Whether UIDs are claimed to be retained, told by the row of SOP Instance UID."""
        return self.single[_SOP_INSTANCE_UID].keeps

    def may_stand(self, tags: tuple[int, ...]) -> bool:
        """Return whether a value may stay, also in a sequence that a dummy replaces.

        Section E.1.1 has the action on a sequence cover its contents, and a claimed option may retain just
        one of them, such as Verification DateTime (0040,A030), which stands nowhere else: either is right.
        """
        own = self.row(tags[-1])
        above = [row for tag in tags[:-1] if (row := self.row(tag)) is not None]
        kept = own is not None and "K" in own.codes
        return self.may_keep(tags) or (
            kept and all(row.may_keep or {"D", "U*"} & set(row.basic.split("/")) for row in above)
        )

    def kept_with_sequence(self, tags: tuple[int, ...]) -> bool:
        """Return whether the nearest sequence above a path that has a row is retained, and with it this."""
        nearest = next((row for tag in reversed(tags[:-1]) if (row := self.row(tag)) is not None), None)
        return nearest is not None and "K" in nearest.codes


def plan_for(claims: Claims) -> Plan:
    """Return the plan of the claims; where their edition is not at hand, that of the newest edition."""
    return plan_of(claims.edition, claims.deidentification_codes)


def plan_of(edition: str, codes: Iterable[str]) -> Plan:
    """Return the plan of codes of CID 7050; where the edition is not at hand, that of the newest one."""
    return _plan(_at_hand(edition), tuple(sorted(set(codes))))


def rows_of_option(claims: Claims, code: str) -> Plan:
    """Return only the rows that one option names, each with that option's code alone."""
    return _rows_of_option(_at_hand(claims.edition), code)


def _at_hand(edition: str) -> str:
    return edition if edition in editions() else editions()[-1]


@cache
def _rows_of_option(edition: str, code: str) -> Plan:
    column = COLUMN_OF_CODE[code]
    return _built(edition, ((row, (code,)) for row in table(edition).rows if column in row.options))


def claims_code(case: CaseEvidence, code: str) -> bool:
    """Return whether the maker claims an option of the confidentiality profiles."""
    return code in case.claims.deidentification_codes


@cache
def _plan(edition: str, codes: tuple[str, ...]) -> Plan:
    return _built(edition, ((row, codes) for row in table(edition).rows))


def _built(edition: str, rows: Iterable[tuple[Row, tuple[str, ...]]]) -> Plan:
    single: dict[int, RowPlan] = {}
    groups: list[tuple[int, int, RowPlan]] = []
    for row, codes in rows:
        planned = _planned(row, codes)
        digits = row.key[1:5] + row.key[6:10] if row.key.startswith("(") else ""
        if digits and "x" not in digits:
            single[int(digits, 16)] = planned
        elif digits:
            mask = int("".join("0" if digit == "x" else "F" for digit in digits), 16)
            groups.append((mask, int(digits.replace("x", "0"), 16), planned))
    return Plan(edition, single, tuple(groups))


def _planned(row: Row, codes: tuple[str, ...]) -> RowPlan:
    columns = (COLUMN_OF_CODE.get(code) for code in codes)
    options = frozenset(
        row.options[column] for column in columns if column is not None and column in row.options
    )
    return RowPlan(row.key, row.name, options or frozenset({row.basic}), row.basic)
