"""Dates and times moved by one shift for a patient: PS3.15 E.3.6, Modified Dates.

A date and its time are one point in time: where the moved time passes midnight its date moves on. All values
of a patient move alike, so that order and intervals stay, within an instance, within a study and between
studies. The offset that a DT may end with is left, as it says how to read the value and not when it was;
`time_zones` makes all of them one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from types import MappingProxyType

from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import dictionary_VR, tag_for_keyword

TEMPORAL_VRS = frozenset({"DA", "TM", "DT"})
#: Timezone Offset From UTC, which is no date and yet says how to read them all, and its value for UTC.
TIME_ZONE, UNIVERSAL_TIME = 0x00080201, "+0000"
_DAY = timedelta(days=1)
_SECONDS_OF_DAY = 24 * 60 * 60

# the points and colons are those of ACR-NEMA 2.0, which PS3.5 section 6.2 wants readers to accept
_DATE = re.compile(r"(\d{4})(?P<point>\.?)(\d\d)(?P=point)(\d\d)")
_TIME = re.compile(r"(\d\d)(?:(?P<colon>:?)(\d\d)(?:(?P=colon)(\d\d)(\.\d{1,6})?)?)?")
_DATETIME = re.compile(
    r"(\d{4})(\d\d)?(\d\d)?(?:(\d\d(?:\d\d(?:\d\d(?:\.\d{1,6})?)?)?))?"
    r"([+-](?:0\d|1[0-4])[0-5]\d)?"
)

_DATETIME_RANGE = re.compile(
    rf"(?P<first>{_DATETIME.pattern})?\s*-\s*(?P<last>{_DATETIME.pattern})?", re.ASCII
)

#: Pairs whose keywords do not differ in the one word alone.
_NAMED_OTHERWISE = {
    "DateOfDocumentOrVerbalTransactionTrial": "TimeOfDocumentCreationOrVerbalTransactionTrial"
}


class NotATime(ValueError):
    """A value that is no date or time of its VR, or that would leave the years 1 to 9999."""


@cache
def time_of_dates() -> Mapping[int, int]:
    """Return the time (TM) that belongs to each date (DA), by their keywords in the dictionary of PS3.6."""
    found = {}
    for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
        if vr != "DA":
            continue
        partner = tag_for_keyword(_NAMED_OTHERWISE.get(keyword) or keyword.replace("Date", "Time"))
        if partner is not None and dictionary_VR(partner) == "TM":
            found[tag] = partner
    return MappingProxyType(found)


def shifted(vr: str, text: str, shift: timedelta, time: str = "") -> str:
    """Return a value moved, in its own form and precision.

    Parameters
    ----------
    vr
        DA, TM or DT (PS3.5 section 6.2). Ranges, as queries have them, move at both ends.
    shift
        Whole minutes.
    time
        The time that belongs to a date; without it, or with one that is none, the date moves by the whole
        days of the shift.

    Raises
    ------
    NotATime
        When the text is no value of its VR.
    """
    one = _BY_VR[vr]
    parts = parts_of_range(vr, text)
    if not any(parts):
        raise NotATime
    return "-".join(one(part, shift, time) if part else "" for part in parts)


def parts_of_range(vr: str, text: str) -> tuple[str, ...]:
    """Return both ends of a range of dates or times, one of which may be empty, or the one value."""
    text = text.strip()
    if vr != "DT":
        return tuple(part.strip() for part in text.split("-", 1))
    if _DATETIME.fullmatch(text) or (match := _DATETIME_RANGE.fullmatch(text)) is None:
        return (text,)
    return match["first"] or "", match["last"] or ""


def is_time(text: str) -> bool:
    """Return whether a text is a time of the day, as TM has it."""
    try:
        _seconds(text)
    except NotATime:
        return False
    return True


def _date(text: str, shift: timedelta, time: str) -> str:
    match = _DATE.fullmatch(text)
    if match is None:
        raise NotATime
    point = match["point"]
    start = _moment(int(match[1]), int(match[3]), int(match[4]))
    moved = _moved(start, shift, _seconds(time) if is_time(time) else None)
    return f"{moved.year:04d}{point}{moved.month:02d}{point}{moved.day:02d}"


def _time(text: str, shift: timedelta, _: str = "") -> str:
    match = _TIME.fullmatch(text)
    if match is None:
        raise NotATime
    seconds = (_seconds(text) + shift.seconds) % _SECONDS_OF_DAY
    colon = match["colon"] or ""
    hours, minutes = f"{seconds // 3600:02d}", f"{seconds // 60 % 60:02d}"
    if match[3] is None or match[4] is None:
        return f"{hours}{colon}{minutes}"
    return f"{hours}{colon}{minutes}{colon}{seconds % 60:02d}{match[5] or ''}"


def _datetime(text: str, shift: timedelta, _: str = "") -> str:
    match = _DATETIME.fullmatch(text)
    if match is None:
        raise NotATime
    year, month, day, time, offset = match.groups()
    start = _moment(int(year), int(month or 1), int(day or 1))
    moved = _moved(start, shift, _seconds(time) if time else None)
    spelled = f"{moved.year:04d}{moved.month:02d}{moved.day:02d}"
    kept = spelled[: 4 + 2 * (month is not None) + 2 * (day is not None)]
    return f"{kept}{_time(time, shift) if time else ''}{offset or ''}"


def _seconds(text: str) -> int:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise NotATime
    hours, minutes, seconds = int(match[1]), int(match[3] or 0), int(match[4] or 0)
    # 24 is midnight at the end of the day, and 60 a leap second
    if hours > 24 or minutes > 59 or seconds > 60 or (hours == 24 and (minutes or seconds)):
        raise NotATime
    return 3600 * hours + 60 * minutes + seconds


def _moment(year: int, month: int, day: int) -> datetime:
    try:
        return datetime(year, month, day)
    except ValueError:
        raise NotATime from None


def _moved(start: datetime, shift: timedelta, seconds: int | None) -> date:
    """Return the day of a moved point in time; a day without a time moves by whole days."""
    try:
        if seconds is None:
            return (start + shift.days * _DAY).date()
        return (start + timedelta(seconds=seconds) + shift).date()
    except OverflowError:
        raise NotATime from None


_BY_VR: Mapping[str, Callable[[str, timedelta, str], str]] = MappingProxyType(
    {"DA": _date, "TM": _time, "DT": _datetime}
)
