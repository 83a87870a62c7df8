"""Time in which people work: workdays and opening hours of a calendar, in a zone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Final, Literal

from salesflow.schedule import _calendar as calendars
from salesflow.schedule._rests import Period

_DAY: Final = timedelta(days=1)
_NONE: Final = timedelta()


class WorkTime:
    """When people work in a zone, by a calendar that is asked once for each day.

    Opening hours begin and end at the first moment of their day at which the clock shows that time
    or a later one: what clocks skip is no time, and of a time that comes twice it is the first.
    """

    __slots__ = ("_calendar", "_hours", "_workdays", "_zone")

    def __init__(self, calendar: calendars.WorkCalendar, zone: tzinfo) -> None:
        self._calendar = calendar
        self._zone = zone
        self._workdays: dict[date, bool] = {}
        self._hours: dict[date, tuple[Period, ...]] = {}

    def is_workday(self, day: date) -> bool:
        """Whether people work on a day; raises ScheduleError where the calendar does not say."""
        found = self._workdays.get(day)
        if found is None:
            found = self._workdays[day] = calendars.asked(self._calendar, day)
        return found

    def nearest(self, day: date, *, forward: bool = True) -> date:
        """The day itself, or the nearest workday after it; before it, when not `forward`."""
        if self.is_workday(day):
            return day
        return self.workday(day, 1 if forward else -1)

    def workday(self, day: date, count: int) -> date:
        """The workday that is so many after a day; where `count` is negative, before it; not 0."""
        ahead = self._walk(day, _DAY if count > 0 else -_DAY, "workday")
        return next(islice(filter(self.is_workday, ahead), abs(count) - 1, None))

    def workdays(self, first: date, last: date) -> int:
        """How many workdays come after the first day, up to the last."""
        return sum(self.is_workday(first + n * _DAY) for n in range(1, (last - first).days + 1))

    def after(self, moment: datetime, length: timedelta) -> datetime:
        """When so much opening time has passed after a moment, or before it for a negative length.

        What ends as it closes ends then, and not when it opens again.
        """
        left, forward = abs(length), length > _NONE
        step = _DAY if forward else -_DAY
        for day in self._walk(self._day(moment) - step, step, "hours") if left else ():
            for opens, closes in self.hours(day)[:: 1 if forward else -1]:
                began = max(opens, moment) if forward else opens
                ended = closes if forward else min(closes, moment)
                if ended - began >= left:
                    return began + left if forward else ended - left
                left -= max(ended - began, _NONE)
        return moment

    def open(self, began: datetime, ended: datetime) -> timedelta:
        """How much opening time lies between two moments."""
        day, last = self._day(began), self._day(ended)
        total = _NONE
        while day <= last:
            for opens, closes in self.hours(day):
                total += max(min(closes, ended) - max(opens, began), _NONE)
            day += _DAY
        return total

    def hours(self, day: date) -> tuple[Period, ...]:
        """The opening hours of a day, as moments; none on a day on which nobody works.

        A part that clocks skip ends as it begins.
        """
        found = self._hours.get(day)
        if found is None:
            parts = calendars.hours_of(self._calendar, day) if self.is_workday(day) else ()
            found = self._hours[day] = tuple(
                (self._at(day, opens), self._at(day, closes, ends=True)) for opens, closes in parts
            )
        return found

    def _walk(
        self, start: date, step: timedelta, what: Literal["workday", "hours"]
    ) -> Iterator[date]:
        """The days after a day, or before it, as long as what is looked for comes at all."""
        day = near = start
        while (day - near) // step < calendars.LONGEST_REST - 1:
            try:
                day += step
            except OverflowError:
                break
            yield day
            found = self.is_workday(day) if what == "workday" else self.hours(day)
            near = day if found else near
        raise calendars.never(near, what)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()

    def _at(self, day: date, clock: time, *, ends: bool = False) -> datetime:
        if ends and clock == time():
            day += _DAY
        wall = datetime.combine(day, clock, self._zone)
        moment = wall.astimezone(UTC)
        skipped = (wall.replace(fold=1).utcoffset() or _NONE) - (wall.utcoffset() or _NONE)
        return moment if skipped <= _NONE else self._first_after_gap(moment - skipped, skipped)

    def _first_after_gap(self, before: datetime, gap: timedelta) -> datetime:
        """When clocks that skip a time go on: so much later than a moment, or sooner."""
        old = before.astimezone(self._zone).utcoffset()

        def has_changed(seconds: int) -> bool:
            later = before + timedelta(seconds=seconds)
            return later.astimezone(self._zone).utcoffset() != old

        seconds = range(int(gap.total_seconds()))
        return before + timedelta(seconds=bisect_left(seconds, True, key=has_changed))


def on_workday(day: date, calendar: calendars.WorkCalendar | None, *, forward: bool = True) -> date:
    """The day itself, or the nearest workday after it (before it, when not `forward`).

    Args:
        day: A day; no moment.
        calendar: Which days are workdays; None for every day.
        forward: Where to look when the day is none.

    Returns:
        A workday, at most 59 days away.

    Raises:
        ArgumentError: `day` is not a date, or `calendar` has no `is_workday`.
        ScheduleError: The calendar has no workday for 60 days, fails, or answers with anything but
            True and False; a `CalendarEnds` where it ends before a workday is found.

    Example:
        >>> class Weekdays:
        ...     def is_workday(self, day):
        ...         return day.weekday() < 5
        >>> str(on_workday(date(2026, 1, 31), Weekdays()))
        '2026-02-02'
        >>> str(on_workday(date(2026, 1, 31), Weekdays(), forward=False))
        '2026-01-30'
    """
    day = calendars.calendar_day(day)
    if calendar is None:
        return day
    calendars.check_calendar(calendar)
    return WorkTime(calendar, UTC).nearest(day, forward=forward)
