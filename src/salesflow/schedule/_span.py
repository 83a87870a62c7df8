"""Adding spans of time to a moment: by the calendar and the clock of a place, or by its work."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from dateutil.relativedelta import relativedelta

from salesflow import _arguments as arguments
from salesflow.errors import ScheduleError
from salesflow.playbook import Span
from salesflow.schedule._calendar import WorkCalendar, check_calendar
from salesflow.schedule._rests import Rests
from salesflow.schedule._work_time import WorkTime

_AVERAGE_MONTH: Final = timedelta(days=30.436875)
_DAY: Final = timedelta(days=1)


def added(
    moment: datetime, span: Span, times: int, tz: str, calendar: WorkCalendar | None = None
) -> datetime:
    """`times` spans after a moment, or before it where `times` is negative; in UTC.

    Days, weeks, months and years are those of the calendar in `tz`: a month after 31 January is
    the last day of February, three months later counts from the 31st again, and a day later is
    the same time of day also where the clocks change in between. Hours are hours: 24 of them over
    a change of the clocks end at another time of day. A time of day that the clocks skip is moved
    by as much as they are; of one that comes twice, it is the first.

    Workdays are counted after the day of the moment, at the same time of day: three of them after
    a Friday, or after the Saturday that follows, end on Wednesday. Working hours are real hours
    within opening hours: what begins while it is closed counts from when it opens, and what is
    full as it closes ends then.

    Args:
        moment: When it counts from, with its zone.
        span: How long.
        times: How often, counted from `moment` each time, so that nothing drifts.
        tz: The zone whose calendar and clock it is.
        calendar: The work calendar, for workdays and working hours.

    Raises:
        ClockError: `moment` has no zone.
        ArgumentError: An argument is of the wrong kind, or there is no such zone.
        ScheduleError: The result is beyond the years that Python counts; a span of work has no
            calendar, or the calendar fails, ends (then it is a `CalendarEnds`), or has no hours.

    Example:
        >>> start = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
        >>> [str(added(start, Span(months=1), times, "UTC").date()) for times in (1, 2, 3)]
        ['2026-02-28', '2026-03-31', '2026-04-30']
        >>> from zoneinfo import ZoneInfo
        >>> evening = datetime(2026, 3, 7, 20, 0, tzinfo=ZoneInfo("America/New_York"))
        >>> for span in (Span(days=1), Span(hours=24)):
        ...     print(added(evening, span, 1, "America/New_York").astimezone(evening.tzinfo))
        2026-03-08 20:00:00-04:00
        2026-03-08 21:00:00-04:00
        >>> class Office:
        ...     def is_workday(self, day):
        ...         return day.weekday() < 5
        ...
        ...     def hours(self, day):
        ...         return [(time(9), time(12)), (time(13), time(18))]
        >>> friday = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)
        >>> for span in (Span(workdays=1), Span(work_hours=2)):
        ...     print(added(friday, span, 1, "UTC", Office()))
        2026-03-09 16:30:00+00:00
        2026-03-09 09:30:00+00:00
    """
    arguments.whole_number(times, "times")
    arguments.instance(span, Span, "span", "for instance Span(days=7)")
    if calendar is not None:
        check_calendar(calendar)
    clock = Clock(arguments.zone(tz), calendar)
    return clock.shifted(arguments.moment(moment, "moment"), span, times)


class Clock:
    """How spans pass in a zone, by the work calendar that holds there, if any.

    It asks the calendar once for each day, and so is made for one call and then dropped.
    """

    __slots__ = ("_work", "zone")

    def __init__(self, zone: tzinfo, calendar: WorkCalendar | None = None) -> None:
        self.zone = zone
        self._work = None if calendar is None else WorkTime(calendar, zone)

    def day(self, moment: datetime) -> date:
        """The day on which a moment is."""
        return moment.astimezone(self.zone).date()

    def workday(self, day: date, *, forward: bool = True) -> date:
        """The day, or the workday nearest to it on one side; the day where there is no calendar."""
        return day if self._work is None else self._work.nearest(day, forward=forward)

    def shifted(self, moment: datetime, span: Span, times: int) -> datetime:
        """As `added`, for a moment in UTC."""
        try:
            end = self._shifted(moment, span, times)
        except ScheduleError:  # which is a ValueError, too
            raise
        except (OverflowError, ValueError) as error:
            raise _beyond(moment, times) from error
        if not MINYEAR < end.year < MAXYEAR:  # in some zones such a moment has no date
            raise _beyond(moment, times)
        return end

    def _shifted(self, moment: datetime, span: Span, times: int) -> datetime:
        if span.work_hours:
            return self._at_work(span).after(moment, timedelta(hours=span.work_hours * times))
        if span.workdays:
            if not times:
                return moment
            day = self._at_work(span).workday(self.day(moment), span.workdays * times)
            return self._on(day, moment)
        months = (12 * span.years + span.months) * times
        days = (7 * span.weeks + span.days) * times
        end = moment
        if months or days:
            wall = moment.astimezone(self.zone).replace(tzinfo=None)
            wall += _months(months)
            wall += timedelta(days=days)
            # The end of a span does not depend on which of two equal times of day it began at.
            end = wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        return end + timedelta(hours=span.hours * times)

    def times_to_pass(self, start: datetime, span: Span, last: datetime) -> int:
        """How many spans after `start` come to lie after `last`; at least 1."""
        # However long ago the start was, months and clocks never add up to a span too many.
        times = max(self._passed(start, span, last), 1)
        while self.shifted(start, span, times) <= last:
            times += 1
        return times

    def _passed(self, start: datetime, span: Span, last: datetime) -> int:
        """How many spans have passed, or one less; not more than 0 where none can have."""
        if span.work_hours:
            return self._at_work(span).open(start, last) // timedelta(hours=span.work_hours)
        if span.workdays:
            worked = self._at_work(span).workdays(self.day(start), self.day(last))
            return worked // span.workdays
        length = timedelta(days=7 * span.weeks + span.days, hours=span.hours)
        length += (12 * span.years + span.months) * _AVERAGE_MONTH
        return (last - start) // length - 1

    def due(self, start: datetime, span: Span, times: int, rests: Rests) -> datetime:
        """As `shifted`, but time that lies in rests does not count.

        What was left when a rest began is left when it ends: of days and workdays as many, of
        hours as many. Who has the whole of a day has it until that day is over.
        """
        due = self.shifted(start, span, times)
        for began, ended in rests.periods:
            if ended > start:
                due = self._resumed(due, span, max(began, start), ended)
        return due

    def _resumed(self, due: datetime, span: Span, began: datetime, ended: datetime) -> datetime:
        """When it is due after a rest; what fell overdue before the rest stays where it was."""
        if span.work_hours:
            work = self._at_work(span)
            return due if began > due else work.after(ended, work.open(began, due))
        if span.workdays:
            return self._workdays_resumed(due, self._at_work(span), began, ended)
        last, first = self.day(due), self.day(began)
        moved = self.workday(last)
        if not span.hours:
            left = max(last - first, timedelta())
            return due if first > moved else self._on(self.day(ended) + left, due)
        # Where the day was moved, the whole of the other day was left.
        limit = due if moved == last or began <= due else self.midnight(moved + _DAY)
        return due if began > limit else ended + (limit - began)

    def _workdays_resumed(
        self, due: datetime, work: WorkTime, began: datetime, ended: datetime
    ) -> datetime:
        last, first, again = self.day(due), self.day(began), self.day(ended)
        if first > last:
            return due
        left = work.workdays(first, last)
        return self._on(work.workday(again, left) if left else work.nearest(again), due)

    def midnight(self, day: date) -> datetime:
        """When a day begins."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def _on(self, day: date, moment: datetime) -> datetime:
        """Another day at the time of day of a moment."""
        wall = datetime.combine(day, moment.astimezone(self.zone).time(), self.zone)
        return wall.replace(fold=0).astimezone(UTC)

    def _at_work(self, span: Span) -> WorkTime:
        if self._work is not None:
            return self._work
        what = "Working hours" if span.work_hours else "Workdays"
        raise ScheduleError(
            f"{what} are those of a work calendar, and there is none.",
            hint='Pass calendar=, for instance country_calendar("CN", years=…, hours=USUAL_HOURS).',
        )


def to_the_hour(span: Span) -> bool:
    """Whether hours are part of it, so that it ends at a time of day."""
    return bool(span.hours or span.work_hours)


def _beyond(moment: datetime, times: int) -> ScheduleError:
    return ScheduleError(
        f"Such a span from {moment.date()}, counted {times}-fold, is beyond the calendar.",
        hint="Look for a mistake in the span or in the date.",
    )


@lru_cache(maxsize=256)
def _months(count: int) -> relativedelta:
    return relativedelta(months=count)
