"""The periods that a forecast is of."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from salesflow._arguments import Arguments, number_to, option, several
from salesflow._described import Described
from salesflow._wording import Worded
from salesflow.errors import Problem

PeriodLength: TypeAlias = Literal["month", "quarter", "year"]
Slot: TypeAlias = int | Literal["before", "between", "beyond"]
"""The number of a period, or where outside of all of them."""

MOST_PERIODS: Final = 120
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_YEAR: Final = 12
_LONGEST: Final = 200


def _name(given: str) -> str:
    words = given.strip()
    if not 0 < len(words) <= _LONGEST:
        raise PydanticCustomError(
            "period_name", "a period has a name of 1 to 200 characters, such as 2026-Q3"
        )
    return words


class Period(Described, Worded):
    """Some days one after the other, such as a quarter.

    Attributes:
        name: What people call it, in 1 to 200 characters.
        first: The first day.
        last: The last day, which is part of it.

    Example:
        >>> autumn = Period("autumn fair", date(2026, 9, 1), date(2026, 9, 12))
        >>> autumn.name, autumn.days
        ('autumn fair', 12)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(_name)]
    first: date
    last: date

    def __init__(
        self, name: str | None = None, first: date | None = None, last: date | None = None
    ) -> None:
        given = {"name": name, "first": first, "last": last}
        super().__init__(**{key: it for key, it in given.items() if it is not None})

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]  # as that of Money

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.last < self.first:
            raise PydanticCustomError(
                "period_ends",
                "it ends on {last}, before it begins on {first}; give the earlier day first",
                {"first": self.first.isoformat(), "last": self.last.isoformat()},
            )
        return self

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def read_periods(
    given: Arguments, periods: object, count: object, fiscal_start: object, day: date
) -> tuple[Period, ...]:
    """The periods in their order; what is wrong with them is noted."""
    number = given.read(number_to, count, MOST_PERIODS, "count") or 1
    start = given.read(number_to, fiscal_start, _YEAR, "fiscal_start", "the number of a month")
    if isinstance(periods, str):
        length = given.read(option, periods, tuple(_MONTHS), "periods")
        if length is None:
            return ()
        try:
            return tuple(_periods(length, number, start or 1, day))
        except (ValueError, OverflowError):
            message = f"{number} such periods from {day.isoformat()} on end after the year 9999"
            given.problems.append(Problem("periods", message, "give a smaller count"))
            return ()
    hint = 'write "quarter", or a list of Period("…", first, last)'
    found = given.read(several, periods, Period, "periods", hint)
    if found is None:
        return ()
    if not found:
        given.problems.append(Problem("periods", "there is no period", hint))
    given.problems += _wrong(found)
    return tuple(sorted(found, key=lambda it: it.first))


def _wrong(periods: tuple[Period, ...]) -> list[Problem]:
    problems = []
    if len(periods) > MOST_PERIODS:
        message = f"there are {len(periods):,} periods"
        problems.append(Problem("periods", message, f"give at most {MOST_PERIODS}"))
    names = [it.name for it in periods]
    for at, name in enumerate(names):
        if name in names[:at]:
            message = f"{name!r:.80} is there twice"
            problems.append(Problem(f"periods[{at}]", message, "give each a name of its own"))
    in_order = sorted(enumerate(periods), key=lambda it: (it[1].first, it[1].last))
    for (_, one), (at, other) in pairwise(in_order):
        if other.first <= one.last:
            message = (
                f"{other.name!r:.80} begins on {other.first.isoformat()}, "
                f"and {one.name!r:.80} ends on {one.last.isoformat()}"
            )
            problems.append(Problem(f"periods[{at}]", message, "let no two share a day", "overlap"))
    return problems


def _periods(length: str, count: int, start: int, day: date) -> Iterable[Period]:
    """The period in which a day lies, and those after it."""
    months = _MONTHS[length]
    # Months since the year 0, and of those the first of its period.
    since = day.year * _YEAR + day.month - 1
    first = since - (since - (start - 1)) % months if length != "month" else since
    for number in range(count):
        begins = first + number * months
        yield Period(
            _called(length, begins, start), _day(begins), _day(begins + months) - timedelta(1)
        )


def _day(month: int) -> date:
    return date(month // _YEAR, month % _YEAR + 1, 1)


def _called(length: str, begins: int, start: int) -> str:
    year, month = divmod(begins, _YEAR)
    if length == "month":
        return f"{year}-{month + 1:02}"
    # A fiscal year has the name of the calendar year in which it ends.
    since = (month - (start - 1)) % _YEAR
    year = (begins - since + _YEAR - 1) // _YEAR
    name = f"{year}" if start == 1 else f"FY{year}"
    return name if length == "year" else f"{name}-Q{since // 3 + 1}"


def slots_of(periods: tuple[Period, ...]) -> Iterator[tuple[Slot, date]]:
    """All days in their order: each period and what lies around them, with its first day.

    Example:
        >>> fair = Period("fair", date(2026, 9, 1), date(2026, 9, 12))
        >>> [(slot, first.isoformat()) for slot, first in slots_of((fair,))]
        [('before', '0001-01-01'), (0, '2026-09-01'), ('beyond', '2026-09-13')]
    """
    if periods[0].first > date.min:
        yield "before", date.min
    for at, period in enumerate(periods):
        yield at, period.first
        is_last = at == len(periods) - 1
        if is_last and period.last < date.max:
            yield "beyond", period.last + timedelta(1)
        elif not is_last and (periods[at + 1].first - period.last).days > 1:
            yield "between", period.last + timedelta(1)


def slot_of(periods: tuple[Period, ...], day: date) -> Slot:
    """The number of the period in which a day lies, or where it lies outside of all of them."""
    slots = [*slots_of(periods)]
    return slots[bisect_right(slots, day, key=itemgetter(1)) - 1][0]
