"""Work calendars: which days count is for the caller to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Final, Literal, Protocol, TypeAlias

from salesflow._arguments import refuse
from salesflow.errors import ScheduleError
from salesflow.text import Text, both

LONGEST_REST: Final = 60
"""The days without work after which a calendar is taken for mistaken."""

USUAL_HOURS: Final = ((time(9), time(12)), (time(13), time(18)))
"""Eight hours with a break, which is usual in many offices."""

MOST_PARTS: Final = 48
_PAIRS: Final = "For instance [(time(9), time(12)), (time(13), time(18))]."
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


class OpeningHours(WorkCalendar, Protocol):
    """A work calendar that knows when people work on its workdays."""

    def hours(self, day: date) -> Iterable[tuple[time, time]]:
        """From when to when people work on a workday, in order; empty where they do not.

        The times are those of the clock in the zone for which the calendar is asked. An end of
        00:00 is midnight at the end of that day.
        """
        ...


Hours: TypeAlias = tuple[tuple[time, time], ...]
"""Parts of a day, each from its beginning to its end."""


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


def asked(calendar: WorkCalendar, day: date) -> bool:
    """Whether a calendar has a day for a workday; raises ScheduleError where it does not say."""
    try:
        answer: object = calendar.is_workday(day)
    except LookupError as error:
        raise _ends(day) from error
    except Exception as error:  # whatever somebody's calendar raises is told as ours
        raise _failed(day, error, "is_workday") from error
    if answer is True or answer is False:
        return answer
    raise ScheduleError(
        f"The work calendar answered for {day} with {type(answer).__name__}, not True or False.",
        hint="Wrap what its is_workday answers in bool(…).",
    )


def hours_of(calendar: WorkCalendar, day: date) -> Hours:
    """The opening hours of a workday; raises ScheduleError where the calendar has none to tell."""
    ask = getattr(calendar, "hours", None)
    if not callable(ask):
        raise ScheduleError(
            "The work calendar has no opening hours.",
            hint="Give it a method hours(day), or use country_calendar(…, hours=USUAL_HOURS).",
        )
    try:
        told: object = ask(day)
        parts = list(islice(told, MOST_PARTS + 1)) if isinstance(told, Iterable) else [told]
    except LookupError as error:
        raise _ends(day) from error
    except ScheduleError:
        raise
    except Exception as error:  # as above
        raise _failed(day, error, "hours") from error
    return checked_hours(parts, f"The hours of {day}")


def checked_hours(parts: Sequence[object], what: str) -> Hours:
    """Opening hours as they are meant; raises ScheduleError for what no day is like."""
    found: list[tuple[time, time]] = []
    for part in parts[:MOST_PARTS]:
        if not (isinstance(part, tuple | list) and [*map(_is_time, part)] == [True, True]):
            raise ScheduleError(f"{what} are not pairs of times without a zone.", hint=_PAIRS)
        opens, closes = part
        if opens >= closes != time():
            raise ScheduleError(
                f"{what}, {opens:%H:%M} to {closes:%H:%M}, end before they begin.",
                hint="Hours that go past midnight are two parts: until 00:00, and on the next day.",
            )
        if found and (found[-1][1] > opens or found[-1][1] == time()):
            raise ScheduleError(
                f"{what} overlap, or are not in order: one ends at {found[-1][1]:%H:%M}, "
                f"the next begins at {opens:%H:%M}.",
                hint=_PAIRS,
            )
        found.append((opens, closes))
    if len(parts) > MOST_PARTS:
        raise ScheduleError(f"{what} have more than {MOST_PARTS} parts.", hint=_PAIRS)
    return tuple(found)


def _is_time(value: object) -> bool:
    return isinstance(value, time) and value.tzinfo is None


def never(day: date, what: Literal["workday", "hours"]) -> ScheduleError:
    """That a calendar has nothing of what is looked for, near a day."""
    found, method = ("workday", "is_workday") if what == "workday" else ("opening hours", "hours")
    return ScheduleError(
        f"The work calendar has no {found} within {LONGEST_REST} days of {day}.",
        hint=f"Check what its {method} answers.",
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


def _ends(day: date) -> CalendarEnds:
    return CalendarEnds(
        f"The work calendar does not reach {day}.",
        hint=f"Give one that covers {day.year}, and the other years of the deadlines.",
    )
