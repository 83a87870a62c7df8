"""Work calendars of countries, from the package `holidays`; nothing else knows that package."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final

from salesflow._arguments import refuse, whole_number
from salesflow.errors import ArgumentError, Problem, ScheduleError, UnknownName, closest
from salesflow.schedule._calendar import (
    MOST_PARTS,
    CalendarEnds,
    Hours,
    calendar_day,
    checked_hours,
)
from salesflow.text import LANGUAGES, Text, both

if TYPE_CHECKING:
    from holidays import HolidayBase

_MOST_YEARS: Final = 200
_YEARS_HINT: Final = "for instance years=2026"
_LANGUAGES: Final = both(en="en_US", zh="zh_CN")
"""What the package holidays calls our languages."""


class _NotInstalled(ScheduleError, ImportError):
    """A package that this needs is not installed."""


@dataclass(frozen=True, slots=True)
class CountryCalendar:
    """The workdays of a country in some years; made by `country_calendar`.

    Attributes:
        country: ISO 3166-1 code, for instance `"CN"`.
        subdivision: The part of the country, or None for what holds everywhere.
        years: The years that it covers, in order.
        estimated: Those of them that are a guess, because their order is not known.
        opening: From when to when people work on each workday; empty where nobody said.
    """

    country: str
    subdivision: str | None
    years: tuple[int, ...]
    estimated: tuple[int, ...]
    opening: Hours
    _free: Mapping[date, Text | None] = field(repr=False, hash=False)
    _covered: frozenset[int] = field(repr=False)

    def is_workday(self, day: date) -> bool:
        """Whether people work on that day.

        They do on a day of the week that is no public holiday, and on a day of the weekend that
        makes up for one.

        Raises:
            ArgumentError: `day` is not a date; a datetime is refused, too.
            CalendarEnds: The calendar does not cover the year.
        """
        return self._day(day) not in self._free

    def name_of(self, day: date) -> Text | None:
        """What a holiday is called; None for any other day.

        Raises:
            ArgumentError: `day` is not a date; a datetime is refused, too.
            CalendarEnds: The calendar does not cover the year.
        """
        return self._free.get(self._day(day))

    def hours(self, day: date) -> Hours:
        """From when to when people work on that day; empty on a day on which they do not.

        Raises:
            ArgumentError: `day` is not a date; a datetime is refused, too.
            ScheduleError: The calendar was made without hours.
            CalendarEnds: The calendar does not cover the year.
        """
        if not self.opening:
            raise ScheduleError(
                f"The calendar of {self.country} has no opening hours.",
                hint="Make it with hours=, for instance hours=USUAL_HOURS.",
            )
        return self.opening if self.is_workday(day) else ()

    def _day(self, day: date) -> date:
        if calendar_day(day).year in self._covered:
            return day
        listed = ", ".join(map(str, self.years))
        raise CalendarEnds(
            f"The calendar of {self.country} does not cover {day.year}.",
            hint=f"It was made for {listed}; add {day.year} to years.",
        )


def country_calendar(
    country: str,
    *,
    years: int | Iterable[int],
    subdivision: str | None = None,
    estimated: bool = False,
    hours: Iterable[tuple[time, time]] = (),
) -> CountryCalendar:
    """The public holidays and workdays of a country. Needs the extra `salesflow[holidays]`.

    In some countries an order of each year says which Saturdays and Sundays are worked to make up
    for longer holidays; in China (调休) it is a notice of the State Council, published in November
    of the year before. For them a year that the installed `holidays` holds no order for is
    refused. Version 0.109 holds China's orders of 2001 to 2026. The last days of a year can still
    change with the order of the next one.

    Args:
        country: ISO 3166-1 code of two or three letters, for instance `"CN"` or `"US"`.
        years: The years to cover; also those of deadlines that are far away.
        subdivision: A state or province whose own holidays count as well, for instance `"CA"`.
        estimated: Take also years without an order, by the general rules: their holidays are a
            guess, and no day of a weekend is a workday. A deadline of next year needs a calendar
            of next year, which may not have its order yet.
        hours: From when to when people work on every workday, those included that make up for a
            holiday; for spans of working hours. `USUAL_HOURS` is 9:00 to 12:00 and 13:00 to 18:00.

    Returns:
        A `WorkCalendar`, which knows the names of the holidays too.

    Raises:
        ArgumentError: `years` holds something else than whole numbers, or no year at all.
        ScheduleError: The extra is not installed, or `years` cannot be had; `problems` lists them.
            Or `hours` are none: they overlap, or end before they begin.
        UnknownName: There is no such country or subdivision.

    Example:
        >>> china = country_calendar("CN", years=2026)
        >>> china.is_workday(date(2026, 2, 14))  # a Saturday, worked for the Spring Festival
        True
        >>> china.is_workday(date(2026, 2, 23)), china.name_of(date(2026, 2, 17)).zh
        (False, '春节')
    """
    try:
        import holidays  # noqa: PLC0415 - an extra, and only where a calendar is made
    except ModuleNotFoundError as error:
        raise _NotInstalled(
            "A country's calendar needs the package holidays, which is not installed.",
            hint='Run: pip install "salesflow[holidays]"',
        ) from error

    opening = checked_hours(_listed(hours), "The hours")
    code = _country(country, holidays.list_supported_countries())
    plain = holidays.country_holidays(code)
    part = _subdivision(subdivision, code, plain)
    wanted = _wanted(years)
    guessed = _check_years(wanted, code, plain, estimated=estimated)
    working = holidays.country_holidays(code, subdiv=part)  # a year is added as it is asked for
    names = {
        lang: holidays.country_holidays(code, subdiv=part, language=_LANGUAGES.get(lang))
        for lang in LANGUAGES
        if _LANGUAGES.get(lang) in plain.supported_languages
    }
    free: dict[date, Text | None] = {}
    for year in wanted:
        day = date(year, 1, 1)
        for _ in range(365 + isleap(year)):
            if not working.is_working_day(day):
                named = {lang: listed[day] for lang, listed in names.items() if day in listed}
                free[day] = Text.model_validate(named) if named else None
            day += timedelta(days=1)
    return CountryCalendar(
        country=code,
        subdivision=part,
        years=wanted,
        estimated=guessed,
        opening=opening,
        _free=free,
        _covered=frozenset(wanted),
    )


def _listed(hours: object) -> list[object]:
    if not isinstance(hours, Iterable) or isinstance(hours, str | bytes):
        refuse("hours", "a list of pairs of times", hours, "for instance hours=USUAL_HOURS")
    return list(islice(hours, MOST_PARTS + 1))


def _country(country: object, known: Mapping[str, object]) -> str:
    code = country.strip().upper() if isinstance(country, str) else ""
    if code in known:
        return code
    raise UnknownName("country", country, _near(country, known))


def _near(country: object, known: Iterable[str]) -> list[str]:
    """The known codes; for a country's name in place of its code, only the code of that country."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - as above

    names = {name.replace("_", " "): codes[1] for name, codes in COUNTRIES.items()}
    near = closest(country.lower(), names) if isinstance(country, str) else None
    return [names[near]] if near else sorted(known)


def _subdivision(subdivision: object, country: str, plain: HolidayBase) -> str | None:
    if subdivision is None:
        return None
    known = [*plain.subdivisions, *plain.subdivisions_aliases]
    if isinstance(subdivision, str) and subdivision in known:
        return subdivision
    raise UnknownName(f"subdivision of {country}", subdivision, known)


def _wanted(years: object) -> tuple[int, ...]:
    listed = [years] if type(years) is int else years
    if not isinstance(listed, Iterable) or isinstance(listed, str | bytes):
        refuse("years", "a year or a list of years", years, _YEARS_HINT)
    found: set[int] = set()
    for at, year in enumerate(listed):
        found.add(whole_number(year, f"years[{at}]"))
        if len(found) > _MOST_YEARS:
            message = f"must be at most {_MOST_YEARS} years"
            raise ArgumentError.of(Problem("years", message, "give those needed"))
    if not found:
        raise ArgumentError.of(Problem("years", "must hold at least one year", _YEARS_HINT))
    return tuple(sorted(found))


def _check_years(
    years: tuple[int, ...], country: str, plain: HolidayBase, *, estimated: bool
) -> tuple[int, ...]:
    """The years that can only be guessed; raises ScheduleError for those that cannot be had."""
    first, last = plain.start_year, plain.end_year
    guessed: tuple[int, ...] = ()
    known, hint = f"the package holidays knows {first} to {last}", ""
    ordered = sorted(getattr(plain, "special_public_holidays", {}))
    if ordered and plain.has_substituted_holidays:
        guessed = tuple(year for year in years if not ordered[0] <= year <= ordered[-1])
        if not estimated:
            first, last = ordered[0], ordered[-1]
            known = f"the orders that move workdays are known for {first} to {last}"
            hint = "use a newer version of holidays, or pass estimated=True"
    problems = [
        Problem(str(year), known, hint, "unknown_year")
        for year in years
        if not first <= year <= last
    ]
    if problems:
        listed = ", ".join(problem.path for problem in problems)
        raise ScheduleError(f"There is no calendar of {country} for {listed}.", problems=problems)
    return guessed
