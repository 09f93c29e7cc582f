"""Mutations of dates: the originals stand again, moved by a number of days."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from tce_harness.mutations.primitive import ObjectPrimitive, OutgoingContext
from tce_harness.mutations.selectors import SelectorsField, enter

_DATE = "%Y%m%d"


class ShiftDates(ObjectPrimitive):
    """Dates are put back where the original has them, moved by a number of days.

    Parameters
    ----------
    element
        Elements of VR DA or DT; others are left alone. The rest of a DT value stays as it is.
    days
        By how much; negative is earlier.
    """

    element: SelectorsField
    days: int

    def change(self, dataset: Dataset, original: Dataset | None, context: OutgoingContext) -> Dataset | None:
        """Return the data set with the moved dates."""
        for selector in self.element if original is not None else ():
            for place in selector.places(original or Dataset()):
                source, target = enter(original or Dataset(), place), enter(dataset, place)
                element = source[place[-1][0]] if source is not None else None
                if target is not None and element is not None and element.VR in {"DA", "DT"}:
                    moved = _moved(str(element.value or ""), self.days)
                    if moved is not None:
                        target[element.tag] = DataElement(element.tag, element.VR, moved)
        return dataset


def _moved(value: str, days: int) -> str | None:
    """Return a date or the date of a date and time moved; None where it is none."""
    try:
        moved = datetime.strptime(value[:8], _DATE) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return moved.strftime(_DATE) + value[8:]
