"""Dates and times of an original beside what they became: date and time together where both stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

from tce_harness.evidence.instance import EvidenceInstance
from tce_harness.evidence.pairing import Pair
from tce_harness.rules.deidentification.content_items import Columns, temporal_codes
from tce_harness.rules.deidentification.places import Place, Places, places, text_value, texts
from tce_harness.rules.deidentification.plan import Plan

_TIMEZONE_OFFSET = 0x00080201
_TEMPORAL = frozenset({"DA", "DT", "TM"})
_DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_TIME = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?")
_DATE_TIME = re.compile(r"(\d{8})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?")
_ZONE = re.compile(r"([+-])(\d{2})(\d{2})")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, and what it became.

    Parameters
    ----------
    path
        Of its date; of its time where it has no date.
    before, after
        As they stand, or in UTC where both say their time zone. Without a date, on a day that means nothing.
    exact
        Whether the time of day is known on both sides.
    dated
        Whether the day is known.
    time_kept
        Whether the time of day stands as it was.
    """

    subject: EvidenceInstance
    path: str
    tag: int
    before: datetime
    after: datetime
    exact: bool
    dated: bool
    time_kept: bool

    @property
    def shift(self) -> timedelta:
        """By how much it was moved: whole days where the time of day is not known."""
        if self.exact:
            return self.after - self.before
        return timedelta(days=(self.after.date() - self.before.date()).days)

    @property
    def day_kept(self) -> bool:
        """Whether its date stands as it was."""
        return self.dated and self.before.date() == self.after.date()


def moments(pair: Pair, plan: Plan, columns: Columns) -> Iterator[Moment]:
    """Yield every date and time of a pair whose row asks for it to be modified, and which has a value still.

    A date and the time of the same name in the same item are one moment (PS3.15 section E.3.6); a time that
    has no such date is a moment without a day.
    """
    reader = _Reader(pair, places(pair.original), places(pair.subject))
    for place in modified(pair, plan, columns):
        yield from reader.read(place, place.element.VR)


def modified(pair: Pair, plan: Plan, columns: Columns) -> Iterator[Place]:
    """Yield every date and time of an original whose row asks for it to be modified.

    In a sequence that is replaced as a whole stand dummies; of a content item its concept decides.
    """
    for place in places(pair.original).all:
        if place.element.VR not in _TEMPORAL or place.private:
            continue
        row = plan.row(place.tag)
        codes = temporal_codes(place, columns) or (row.codes if row is not None else frozenset())
        if row is not None and "C" in codes and plan.may_keep(place.tags):
            yield place


def is_moment(place: Place) -> bool:
    """Return whether the first value of an element says a whole date, or a time."""
    text = next(iter(texts(place.element)), "")
    if place.element.VR == "TM":
        return bool(text) and moment_of("20000101", text) is not None
    if place.element.VR == "DT":
        found = _DATE_TIME.fullmatch(text)
        return found is not None and moment_of(found[1], found[2] or "") is not None
    return moment_of(text, "") is not None


@dataclass(frozen=True, slots=True)
class _Reader:
    pair: Pair
    before: Places
    after: Places

    def read(self, place: Place, vr: str) -> Iterator[Moment]:
        new = self.after.by_path.get(place.path)
        if new is None:
            return
        for number, (old_text, new_text) in enumerate(
            zip(texts(place.element), texts(new.element), strict=False)
        ):
            if vr == "DT":
                found = self._date_time(place, old_text, new_text)
            elif vr == "DA":
                found = self._date(place, new, number, old_text, new_text)
            else:
                found = self._time(place, new, old_text, new_text)
            if found is not None:
                yield found

    def _date_time(self, place: Place, old_text: str, new_text: str) -> Moment | None:
        old, new = _DATE_TIME.fullmatch(old_text), _DATE_TIME.fullmatch(new_text)
        if old is None or new is None:
            return None
        before, after = moment_of(old[1], old[2] or ""), moment_of(new[1], new[2] or "")
        exact = bool(old[2] and new[2])
        return self._moment(place, before, after, (exact, old[2] == new[2]), (old[3] or "", new[3] or ""))

    def _date(self, place: Place, new: Place, number: int, old_text: str, new_text: str) -> Moment | None:
        old_time, new_time = _partner(place, number), _partner(new, number)
        exact = bool(old_time and new_time)
        if not exact:
            old_time = new_time = ""
        before, after = moment_of(old_text, old_time), moment_of(new_text, new_time)
        return self._moment(place, before, after, (exact, exact and old_time == new_time), self._zones())

    def _time(self, place: Place, new: Place, old_text: str, new_text: str) -> Moment | None:
        if _date_of(place) is not None and _date_of(new) is not None:
            return None  # it is told with its date
        before, after = moment_of("20000101", old_text), moment_of("20000101", new_text)
        made = self._moment(place, before, after, (True, old_text == new_text), self._zones(), dated=False)
        return made if "" not in (old_text, new_text) else None

    def _zones(self) -> tuple[str, str]:
        return (
            text_value(self.pair.original.dataset, _TIMEZONE_OFFSET),
            text_value(self.pair.subject.dataset, _TIMEZONE_OFFSET),
        )

    def _moment(
        self,
        place: Place,
        before: datetime | None,
        after: datetime | None,
        times: tuple[bool, bool],
        zones: tuple[str, str],
        *,
        dated: bool = True,
    ) -> Moment | None:
        if before is None or after is None:
            return None
        exact, time_kept = times
        offsets = [_offset(zone) for zone in zones]
        if exact and offsets[0] is not None and offsets[1] is not None:
            before, after = _moved(before, -offsets[0]), _moved(after, -offsets[1])
        return Moment(
            self.pair.subject, place.path, place.tag, before, after, exact, dated, exact and time_kept
        )


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def moment_of(date: str, time: str) -> datetime | None:
    """Return a date and a time as VR DA and TM spell them, also the old way; None where they are none.

    An empty time is midnight; hour 24 is the midnight after. Ranges and partial dates are no moments.
    """
    found = _DATE.fullmatch(date)
    if found is None:
        return None
    try:
        day = datetime(int(found[1]), int(found[2]), int(found[3]))
        of_day = _time_of_day(time)
        return day + of_day if of_day is not None else None
    except (ValueError, OverflowError):
        return None


def _time_of_day(time: str) -> timedelta | None:
    if not time:
        return timedelta()
    found = _TIME.fullmatch(time)
    if found is None:
        return None
    hours, minutes, seconds = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    of_day = timedelta(
        hours=hours, minutes=minutes, seconds=seconds, microseconds=int((found[4] or "0").ljust(6, "0"))
    )
    return of_day if minutes < 60 and seconds <= 60 and of_day <= _DAY else None


def _offset(zone: str) -> timedelta | None:
    found = _ZONE.fullmatch(zone)
    if found is None:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -offset if found[1] == "-" else offset


def partner_tag(tag: int) -> int | None:
    """Return the tag of the time that belongs to a date, or of the date that belongs to a time; else None."""
    keyword = keyword_for_tag(tag)
    for word, other, vr in (("Date", "Time", "TM"), ("Time", "Date", "DA")):
        before, found, behind = keyword.rpartition(word)
        partner = tag_for_keyword(f"{before}{other}{behind}") if found else None
        if partner is not None and dictionary_VR(partner) == vr:
            return int(partner)
    return None


def _partner(place: Place, number: int) -> str:
    tag = partner_tag(place.tag)
    values = text_value(place.item, tag).split("\\") if tag is not None else []
    return values[number] if number < len(values) else ""


def _date_of(time: Place) -> datetime | None:
    tag = partner_tag(time.tag)
    return moment_of(text_value(time.item, tag).split("\\")[0], "") if tag is not None else None
