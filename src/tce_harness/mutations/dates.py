"""Mutations of dates: the originals stand again, moved by a number of days."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tce_harness.mutations.elements import derived_uid
from tce_harness.mutations.primitive import ObjectPrimitive, OutgoingContext
from tce_harness.mutations.selectors import SelectorsField, enter

_DATE = "%Y%m%d"
_SPREAD_DAYS = 300


class ShiftDates(ObjectPrimitive):
    """Dates are put back where the original has them, moved by a number of days.

    Parameters
    ----------
    element
        Elements of VR DA or DT; others are left alone. The rest of a DT value stays as it is.
    days
        By how much; negative is earlier.
    per_object
        Each object is moved by a number of days of its own besides.
    """

    element: SelectorsField
    days: int
    per_object: bool = False

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the moved dates."""
        days = self.days + (_own_days(dataset) if self.per_object else 0)
        for selector in self.element if original is not None else ():
            for place in selector.places(original or Dataset()):
                source, target = enter(original or Dataset(), place), enter(dataset, place)
                element = source[place[-1][0]] if source is not None else None
                if target is not None and element is not None and element.VR in {"DA", "DT"}:
                    moved = _moved(str(element.value or ""), days)
                    if moved is not None:
                        target[element.tag] = DataElement(element.tag, element.VR, moved)
        return dataset


def _own_days(dataset: Dataset) -> int:
    return int(str(derived_uid("days", str(dataset.get("SOPInstanceUID", ""))))[-9:]) % _SPREAD_DAYS


def _moved(value: str, days: int) -> str | None:
    """Return a date or the date of a date and time moved; None where it is none."""
    try:
        moved = datetime.strptime(value[:8], _DATE) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return moved.strftime(_DATE) + value[8:]
