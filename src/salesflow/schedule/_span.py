"""Adding spans of time to a moment, by the calendar and the clock of a place."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from dateutil.relativedelta import relativedelta

from salesflow import _arguments as arguments
from salesflow.errors import ScheduleError
from salesflow.playbook import Span

_AVERAGE_MONTH: Final = timedelta(days=30.436875)


def added(moment: datetime, span: Span, times: int, tz: str) -> datetime:
    """`times` spans after a moment, or before it where `times` is negative; in UTC.

    Days, weeks, months and years are those of the calendar in `tz`: a month after 31 January is
    the last day of February, three months later counts from the 31st again, and a day later is
    the same time of day also where the clocks change in between. Hours are hours: 24 of them over
    a change of the clocks end at another time of day. A time of day that the clocks skip is moved
    by as much as they are; of one that comes twice, it is the first.

    Args:
        moment: When it counts from, with its zone.
        span: How long.
        times: How often, counted from `moment` each time, so that nothing drifts.
        tz: The zone whose calendar and clock it is.

    Raises:
        ClockError: `moment` has no zone.
        ArgumentError: An argument is of the wrong kind, or there is no such zone.
        ScheduleError: The result is beyond the years that Python counts.

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
    """
    arguments.whole_number(times, "times")
    arguments.instance(span, Span, "span", "for instance Span(days=7)")
    return shifted(arguments.moment(moment, "moment"), span, times, arguments.zone(tz))


def shifted(moment: datetime, span: Span, times: int, zone: tzinfo) -> datetime:
    """As `added`, for a moment in UTC and a zone that is known to exist."""
    months = (12 * span.years + span.months) * times
    days = (7 * span.weeks + span.days) * times
    try:
        end = moment
        if months or days:
            wall = moment.astimezone(zone).replace(tzinfo=None)
            if months:
                wall += _months(months)
            if days:
                wall += timedelta(days=days)
            # The end of a span does not depend on which of two equal times of day it began at.
            end = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if span.hours:
            end += timedelta(hours=span.hours * times)
    except (OverflowError, ValueError) as error:
        raise _beyond(moment, times) from error
    if not MINYEAR < end.year < MAXYEAR:  # in some zones such a moment has no date
        raise _beyond(moment, times)
    return end


def _beyond(moment: datetime, times: int) -> ScheduleError:
    return ScheduleError(
        f"Such a span from {moment.date()}, counted {times}-fold, is beyond the calendar.",
        hint="Look for a mistake in the span or in the date.",
    )


@lru_cache(maxsize=256)
def _months(count: int) -> relativedelta:
    return relativedelta(months=count)


def times_to_pass(start: datetime, span: Span, last: datetime, zone: tzinfo) -> int:
    """How many spans after `start` come to lie after `last`; at least 1."""
    length = timedelta(days=7 * span.weeks + span.days, hours=span.hours)
    length += (12 * span.years + span.months) * _AVERAGE_MONTH
    # However long ago the start was, months and clocks never add up to a span too many.
    times = max((last - start) // length - 1, 1)
    while shifted(start, span, times, zone) <= last:
        times += 1
    return times
