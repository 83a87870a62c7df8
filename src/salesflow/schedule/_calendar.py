"""Work calendars: which days count is for the caller to say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Protocol

from salesflow.errors import ScheduleError

__all__ = ["WorkCalendar", "on_workday"]

_LONGEST_REST: Final = 60


class WorkCalendar(Protocol):
    """Anything that knows whether people work on a day.

    An object of the `holidays` package becomes one in three lines; make-up workdays, as China
    has them, are for the calendar to know.
    """

    def is_workday(self, day: date) -> bool:
        """Do people work on this day? Raises LookupError where the calendar does not reach."""
        ...


def on_workday(day: date, calendar: WorkCalendar | None, *, forward: bool = True) -> date:
    """The day itself, or the nearest workday after it (before it, when not `forward`).

    Raises:
        ScheduleError: The calendar ends before a workday is found.

    Example:
        >>> class Weekdays:
        ...     def is_workday(self, day):
        ...         return day.weekday() < 5
        >>> str(on_workday(date(2026, 1, 31), Weekdays()))
        '2026-02-02'
    """
    if calendar is None:
        return day
    for distance in range(_LONGEST_REST):
        candidate = day + timedelta(days=distance if forward else -distance)
        try:
            if calendar.is_workday(candidate):
                return candidate
        except LookupError as error:
            raise ScheduleError(
                f"The work calendar does not reach {candidate}.",
                hint="Give one that covers the deadlines of the deal.",
            ) from error
    raise ScheduleError(
        f"The work calendar has no workday within {_LONGEST_REST} days of {day}.",
        hint="Check what its is_workday answers.",
    )
