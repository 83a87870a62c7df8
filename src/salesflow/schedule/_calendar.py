"""Work calendars: which days count is for the caller to say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, Protocol

from salesflow._arguments import refuse
from salesflow.errors import ScheduleError
from salesflow.text import Text, both

_LONGEST_REST: Final = 60
_WEEKEND: Final = {5: both(en="a Saturday", zh="星期六"), 6: both(en="a Sunday", zh="星期日")}


class WorkCalendar(Protocol):
    """Anything that knows whether people work on a day.

    `country_calendar` makes one for a country; a company's own is a class with one method. One
    that has a `name_of` as well, see `NamedDays`, is asked what a free day is called.
    """

    def is_workday(self, day: date) -> bool:
        """Do people work on this day?

        Raises:
            LookupError: The calendar does not reach that far, for instance with `CalendarEnds`.
        """
        ...


class NamedDays(WorkCalendar, Protocol):
    """A work calendar that knows what its free days are called."""

    def name_of(self, day: date) -> Text | None:
        """What a day is called, for instance Spring Festival; None where it has no name."""
        ...


class CalendarEnds(ScheduleError, LookupError):
    """The work calendar does not reach to a day that is asked of it."""

    code = "calendar_ends"


def check_calendar(calendar: object) -> None:
    """Raise ArgumentError for an object that is not a work calendar."""
    if not callable(getattr(calendar, "is_workday", None)):
        refuse("calendar", "an object with is_workday(day)", calendar)


def calendar_day(day: object) -> date:
    """The day, which has no time of day; raises ArgumentError for anything else.

    A moment is a `date` to Python too, but which day it is on depends on a zone.
    """
    if not isinstance(day, date) or isinstance(day, datetime):
        refuse("day", "a date", day, "of a moment, pass its date() in your zone")
    return day


def on_workday(day: date, calendar: WorkCalendar | None, *, forward: bool = True) -> date:
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
    day = calendar_day(day)
    if calendar is None:
        return day
    check_calendar(calendar)
    if _asked(calendar, day):
        return day
    for distance in range(1, _LONGEST_REST):
        try:
            candidate = day + timedelta(days=distance if forward else -distance)
        except OverflowError:
            break
        if _asked(calendar, candidate):
            return candidate
    raise ScheduleError(
        f"The work calendar has no workday within {_LONGEST_REST} days of {day}.",
        hint="Check what its is_workday answers.",
    )


def _asked(calendar: WorkCalendar, day: date) -> bool:
    try:
        answer: object = calendar.is_workday(day)
    except LookupError as error:
        raise CalendarEnds(
            f"The work calendar does not reach {day}.",
            hint=f"Give one that covers {day.year}, and the other years of the deadlines.",
        ) from error
    except Exception as error:  # whatever somebody's calendar raises is told as ours
        raise _failed(day, error, "is_workday") from error
    if answer is True or answer is False:
        return answer
    raise ScheduleError(
        f"The work calendar answered for {day} with {type(answer).__name__}, not True or False.",
        hint="Wrap what its is_workday answers in bool(…).",
    )


def name_of(calendar: WorkCalendar | None, day: date) -> Text | None:
    """What a free day is called; a weekday's name where the calendar has none."""
    ask = getattr(calendar, "name_of", None)
    if callable(ask):
        try:
            named: object = ask(day)
        except Exception as error:
            raise _failed(day, error, "name_of") from error
        if isinstance(named, Text):
            return named
        if named is not None:
            raise ScheduleError(
                f"The work calendar named {day} with {type(named).__name__}, not a Text.",
                hint='For instance Text(en="Spring Festival", zh="春节"), or None.',
            )
    return _WEEKEND.get(day.weekday())


def _failed(day: date, error: Exception, method: str) -> ScheduleError:
    return ScheduleError(
        f"The work calendar failed on {day}: {type(error).__name__}: {error!s:.200}.",
        hint=f"Correct its {method}.",
    )
