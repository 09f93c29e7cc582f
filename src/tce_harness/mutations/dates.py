"""Mutations of dates: the originals stand again, moved by days, or by days and hours with their times."""

from __future__ import annotations

from datetime import datetime, timedelta
from zlib import crc32

from pydantic import Field
from pydicom.datadict import keyword_for_tag, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from tce_harness.mutations.primitive import ObjectPrimitive, OutgoingContext
from tce_harness.mutations.selectors import SelectorsField, enter

_DATE = "%Y%m%d"
_WIDEST = 997
_ANY_DAY = "20000103"


class ShiftDates(ObjectPrimitive):
    """Dates are put back where the original has them, moved by a number of days.

    Parameters
    ----------
    element
        Elements of VR DA or DT, and with ``hours`` times that have no date; others are left alone. The rest
        of a DT value stays as it is.
    days
        By how much; negative is earlier.
    hours
        Besides: the time that belongs to a date is put back as well, and both are moved together, across
        midnight too. None: times are left alone.
    by_patient
        Each patient's dates are moved by some more days back, as many as the Patient ID tells.
    """

    element: SelectorsField
    days: int
    hours: int | None = None
    by_patient: bool = Field(default=False, alias="by-patient")

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the moved dates."""
        if original is None:
            return dataset
        shift = self._shift(original)
        for selector in self.element:
            for place in selector.places(original):
                source, target = enter(original, place), enter(dataset, place)
                if source is not None and target is not None:
                    self._move(source, target, place[-1][0], shift)
        return dataset

    def _shift(self, original: Dataset) -> timedelta:
        number = str(original.get("PatientID") or "").encode()
        own = crc32(number) % _WIDEST if self.by_patient else 0
        return timedelta(days=self.days - own, hours=self.hours or 0)

    def _move(self, source: Dataset, target: Dataset, tag: BaseTag, shift: timedelta) -> None:
        element = source[tag]
        value = str(element.value or "")
        time = _time_tag(tag) if self.hours is not None and element.VR == "DA" else None
        if time is not None and time in source:
            moved = _moved(value + str(source[time].value or "").ljust(6, "0"), shift)
            if moved is not None:
                target[tag] = DataElement(tag, "DA", moved[:8])
                target[time] = DataElement(time, "TM", moved[8:])
        elif element.VR == "TM" and self.hours is not None:
            moved = _moved(_ANY_DAY + value.ljust(6, "0"), shift)
            if moved is not None:
                target[tag] = DataElement(tag, "TM", moved[8:])
        elif element.VR in {"DA", "DT"}:
            moved = _moved(value, shift if self.hours is not None and len(value) > 8 else _whole_days(shift))
            if moved is not None:
                target[tag] = DataElement(tag, element.VR, moved)


def _whole_days(shift: timedelta) -> timedelta:
    return timedelta(days=shift.days)


def _time_tag(tag: BaseTag) -> int | None:
    before, found, behind = keyword_for_tag(tag).rpartition("Date")
    return tag_for_keyword(f"{before}Time{behind}") if found else None


def _moved(value: str, shift: timedelta) -> str | None:
    """Return a date, or a date and the time behind it, moved; None where it is none."""
    whole = value[:14] if shift % timedelta(days=1) else value[:8]
    try:
        moved = datetime.strptime(whole, _DATE if len(whole) == 8 else f"{_DATE}%H%M%S") + shift
    except (ValueError, OverflowError):
        return None
    return moved.strftime(f"{_DATE}%H%M%S")[: len(whole)] + value[len(whole) :]
