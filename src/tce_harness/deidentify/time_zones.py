"""Time zones under Modified Dates: all that is told in a zone moves as Universal Time.

The zone of an instance, Timezone Offset From UTC (0008,0201), tells a country and a season, and yet without
it the order of two studies can turn round. So what an instance tells in its zone is moved by the patient's
shift less the zone, and the zone becomes +0000: points in time keep their order and intervals, and where the
clock hung is no longer told. A DT with an offset of its own is brought into the zone of its instance first.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from pydicom.dataset import Dataset

from tce_harness.deidentify.dates import UNIVERSAL_TIME, parts_of_range
from tce_harness.deidentify.identity import texts_of
from tce_harness.deidentify.kinship import Kinship
from tce_harness.deidentify.working_copy import elements_of
from tce_harness.objects.elements import text

NO_OFFSET = timedelta(0)
_OFFSET = re.compile(r"([+-])(0\d|1[0-4])([0-5]\d)")
_WITH_OFFSET = re.compile(r"(\d{4,8}?|\d{8}(\d\d)(\d\d)?(\d\d(?:\.\d{1,6})?)?)([+-]\d{4})")
_DAY_LENGTH = 8


def offset_of(told: str) -> timedelta | None:
    """Return what a time zone is ahead of Universal Time (PS3.3 C.12.1.1.1); None where it is none."""
    match = _OFFSET.fullmatch(told.strip())
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


def zone_of(dataset: Dataset, kinship: Kinship) -> timedelta | None:
    """Return the zone that an instance is told in: its own, or the one that the rest of its run tells."""
    told = text(dataset, "TimezoneOffsetFromUTC")
    return offset_of(told or kinship.zones.get(text(dataset, "StudyInstanceUID"), ""))


def says_zone_badly(dataset: Dataset) -> bool:
    """Return whether a zone is there that is none."""
    return "TimezoneOffsetFromUTC" in dataset and offset_of(text(dataset, "TimezoneOffsetFromUTC")) is None


def bring_into(dataset: Dataset, zone: timedelta | None) -> None:
    """Bring each DT with an offset of its own into one zone, at every depth and in place.

    Parameters
    ----------
    zone
        Of the instance, in which values without an offset are told. Where it is not known, Universal Time is
        written with its offset, as it says how to read that one value.
    """
    for element in elements_of(dataset):
        if element.VR == "SQ":
            for item in element.value or ():
                bring_into(item, zone)
        elif element.VR == "DT" and any("+" in each or "-" in each for each in texts_of(element)):
            brought = [_brought(each, zone) for each in texts_of(element)]
            element.value = brought if len(brought) > 1 else brought[0]


def _brought(value: str, zone: timedelta | None) -> str:
    return "-".join(_one(part.strip(), zone) for part in parts_of_range("DT", value))


def _one(value: str, zone: timedelta | None) -> str:
    match = _WITH_OFFSET.fullmatch(value)
    offset = offset_of(match[5]) if match is not None else None
    if match is None or offset is None:
        return value
    suffix = UNIVERSAL_TIME if zone is None else ""
    if match[2] is None:
        return f"{match[1]}{suffix}"
    minutes = match[3] or "00"
    try:
        start = datetime.strptime(match[1][:_DAY_LENGTH] + match[2] + minutes, "%Y%m%d%H%M")
        moved = start - offset + (zone or NO_OFFSET)
    except (ValueError, OverflowError):
        return value
    whole = match[3] is None and moved.minute == 0
    return f"{moved:%Y%m%d%H}{'' if whole else f'{moved:%M}'}{match[4] or ''}{suffix}"
