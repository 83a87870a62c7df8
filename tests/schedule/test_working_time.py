"""Workdays and working hours: spans against a clock that is watched minute by minute, and examples.

The oracle knows nothing of opening and closing: it looks at every minute, asks whether the clock on
the wall has come to the beginning of a part of the day and not yet to its end, and counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.errors import ArgumentError, ScheduleError
from salesflow.playbook import Span
from salesflow.schedule import (
    USUAL_HOURS,
    CalendarEnds,
    added,
    country_calendar,
)
from salesflow.schedule._span import Clock

Parts = tuple[tuple[time, time], ...]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]
NINE_TO_NINE = ((time(9), time(21)),)
CHINA = country_calendar("CN", years=range(2024, 2029), estimated=True, hours=USUAL_HOURS)


class Office:
    """A work calendar: days of the week, and days that are the other way round."""

    def __init__(
        self,
        week: Iterable[int] = range(5),
        *,
        swapped: Iterable[date] = (),
        hours: object = USUAL_HOURS,
    ) -> None:
        self.week, self.swapped, self._hours = frozenset(week), frozenset(swapped), hours

    def is_workday(self, day: date) -> bool:
        return (day.weekday() in self.week) != (day in self.swapped)

    def hours(self, day: date) -> Any:  # tests give what they like
        return self._hours(day) if callable(self._hours) else self._hours


class Watched:
    """Opening hours as somebody sees them who looks at the clock every minute."""

    def __init__(self, calendar: Office, tz: str) -> None:
        self.calendar, self.zone = calendar, ZoneInfo(tz)
        self._open: dict[date, list[datetime]] = {}

    def open_minutes(self, day: date) -> list[datetime]:
        """The minutes of a day at which it is open, as they pass."""
        if day not in self._open:
            found: list[datetime] = []
            parts = self.calendar.hours(day) if self.calendar.is_workday(day) else ()
            begins = datetime.combine(day, time(), self.zone).astimezone(UTC) - timedelta(hours=3)
            minutes = [begins + n * MINUTE for n in range(30 * 60)]
            of_day = [it for it in minutes if it.astimezone(self.zone).date() == day]
            latest = time()
            for opens, closes in parts:
                latest = time()
                for minute in of_day:
                    # A clock that is put back does not undo what has begun or ended.
                    latest = max(latest, minute.astimezone(self.zone).time())
                    if latest >= opens and (closes == time() or latest < closes):
                        found.append(minute)
            self._open[day] = sorted(found)
        return self._open[day]

    def after(self, moment: datetime, minutes: int) -> datetime:
        """When so many open minutes have passed."""
        day = moment.astimezone(self.zone).date()
        while True:
            for minute in self.open_minutes(day):
                minutes -= minute >= moment
                if not minutes:
                    return minute + MINUTE
            day += DAY

    def before(self, moment: datetime, minutes: int) -> datetime:
        """When so many open minutes were still to come."""
        day = moment.astimezone(self.zone).date()
        while True:
            for minute in reversed(self.open_minutes(day)):
                minutes -= minute < moment
                if not minutes:
                    return minute
            day -= DAY


# In each zone a week around which clocks change, and some around which they do not.
WEEKS = [date(2026, month, day) for month, day in [(3, 5), (3, 26), (10, 1), (10, 29), (7, 1)]]
times_of_day = st.integers(0, 24 * 4 - 1).map(lambda n: time(n // 4, n % 4 * 15))


def _parts(cuts: list[time]) -> Parts:
    cuts = sorted(cuts)
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return tuple(pairs)


hours = st.one_of(
    st.sampled_from([USUAL_HOURS, NINE_TO_NINE, ((time(0), time(0)),), ((time(22), time(0)),)]),
    st.lists(times_of_day, min_size=2, max_size=6, unique=True).map(_parts),
)
days = st.builds(
    lambda week, n: week + timedelta(days=n), st.sampled_from(WEEKS), st.integers(0, 9)
)
offices = st.builds(
    lambda week, swapped, parts: Office(week, swapped=swapped, hours=parts),
    st.sets(st.integers(0, 6), min_size=2),
    st.sets(days, max_size=4),
    hours,
)
moments = st.builds(
    lambda day, minute: datetime.combine(day, time(), UTC) + minute * MINUTE,
    days,
    st.integers(0, 24 * 60 - 1),
)
zones = st.sampled_from(ZONES)


@pytest.mark.law
@given(offices, moments, st.integers(1, 30), zones)
def test_working_hours_are_the_minutes_at_which_it_is_open(
    office: Office, moment: datetime, count: int, tz: str
) -> None:
    watched = Watched(office, tz)

    assert added(moment, Span(work_hours=count), 1, tz, office) == watched.after(moment, 60 * count)
    assert added(moment, Span(work_hours=count), -1, tz, office) == watched.before(
        moment, 60 * count
    )


@pytest.mark.law
@given(offices, moments, st.integers(1, 40), zones)
def test_workdays_are_counted_one_by_one_after_the_day_and_before_it(
    office: Office, moment: datetime, count: int, tz: str
) -> None:
    start = moment.astimezone(ZoneInfo(tz)).date()
    for sign in (1, -1):
        day, left = start, count
        while left:
            day += sign * DAY
            left -= office.is_workday(day)

        found = added(moment, Span(workdays=count), sign, tz, office)

        assert found.astimezone(ZoneInfo(tz)).date() == day


@pytest.mark.law
@given(offices, moments, st.integers(1, 20), st.integers(1, 6), zones)
def test_so_many_spans_are_one_span_of_so_many(
    office: Office, moment: datetime, count: int, times: int, tz: str
) -> None:
    """So nothing drifts: what recurs counts from its trigger every time."""
    for unit in ("workdays", "work_hours"):
        one, all_of_them = Span(**{unit: count}), Span(**{unit: count * times})

        assert added(moment, one, times, tz, office) == added(moment, all_of_them, 1, tz, office)


@pytest.mark.law
@given(offices, moments, st.integers(1, 20), st.integers(-3_000, 40_000), zones)
def test_the_number_of_spans_of_work_that_pass_a_moment_is_the_least_that_does(
    office: Office, start: datetime, count: int, minutes: int, tz: str
) -> None:
    last = start + minutes * MINUTE
    for unit in ("workdays", "work_hours"):
        span, clock = Span(**{unit: count}), Clock(ZoneInfo(tz), office)

        times = clock.times_to_pass(start, span, last)

        assert clock.shifted(start, span, times) > last
        assert times == 1 or clock.shifted(start, span, times - 1) <= last


@pytest.mark.law
@given(st.integers(0, 1_400), st.integers(1, 30))
def test_days_that_make_up_for_a_holiday_are_worked_and_holidays_are_not(
    offset: int, count: int
) -> None:
    start = datetime(2024, 1, 1, 1, 0, tzinfo=UTC) + timedelta(days=offset)  # 9:00 in Shanghai

    end = added(start, Span(work_hours=8 * count), 1, "Asia/Shanghai", CHINA)

    worked, day = 0, start.astimezone(ZoneInfo("Asia/Shanghai")).date()
    while worked < count:
        worked += CHINA.is_workday(day)
        day += DAY
    assert end.astimezone(ZoneInfo("Asia/Shanghai")) == datetime.combine(
        day - DAY, time(18), ZoneInfo("Asia/Shanghai")
    )


@pytest.mark.parametrize(
    ("start", "calendar"),
    [
        # zammad #390: every day is worked, but for two holidays.
        ("2016-11-09T09:00", Office(range(7), swapped=[date(2016, 11, 11), date(2016, 11, 13)])),
        # From Monday to Friday, from a Friday evening on, over two holidays.
        ("2016-11-04T21:30", Office(swapped=[date(2016, 11, 9), date(2016, 11, 10)])),
    ],
)
def test_48_working_hours_of_9_to_21_over_two_holidays(start: str, calendar: Office) -> None:
    calendar._hours = NINE_TO_NINE
    berlin = ZoneInfo("Europe/Berlin")
    began = datetime.fromisoformat(start).replace(tzinfo=berlin)

    end = added(began, Span(work_hours=48), 1, "Europe/Berlin", calendar)

    assert end == datetime(2016, 11, 14, 21, 0, tzinfo=berlin)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-03-06T16:30", Span(work_hours=2), "2026-03-09T09:30"),  # Friday, over a weekend
        ("2026-03-06T12:30", Span(work_hours=1), "2026-03-06T14:00"),  # during the break
        ("2026-03-07T11:00", Span(work_hours=1), "2026-03-09T10:00"),  # on a Saturday
        ("2026-03-06T07:00", Span(work_hours=3), "2026-03-06T12:00"),  # full as it closes
        ("2026-03-06T18:00", Span(work_hours=8), "2026-03-09T18:00"),
        ("2026-03-06T10:00", Span(workdays=3), "2026-03-11T10:00"),  # Friday to Wednesday
        ("2026-03-07T10:00", Span(workdays=3), "2026-03-11T10:00"),  # from a Saturday, too
        ("2026-03-08T23:59", Span(workdays=1), "2026-03-09T23:59"),
    ],
)
def test_work_goes_on_where_it_stopped(start: str, span: Span, end: str) -> None:
    began = datetime.fromisoformat(start).replace(tzinfo=UTC)

    assert added(began, span, 1, "UTC", Office()).isoformat()[:16] == end


@pytest.mark.parametrize(
    ("end", "span", "start"),
    [
        ("2026-03-09T00:00", Span(workdays=3), "2026-03-04T00:00"),  # before a Monday: Wednesday
        ("2026-03-09T00:00", Span(work_hours=8), "2026-03-06T09:00"),
        ("2026-03-09T10:00", Span(work_hours=2), "2026-03-06T17:00"),
        ("2026-03-07T10:00", Span(workdays=1), "2026-03-06T10:00"),
    ],
)
def test_ahead_of_a_moment_work_is_counted_back(end: str, span: Span, start: str) -> None:
    moment = datetime.fromisoformat(end).replace(tzinfo=UTC)

    assert added(moment, span, -1, "UTC", Office()).isoformat()[:16] == start


def test_where_clocks_change_opening_hours_are_those_of_the_clock() -> None:
    """New York, 8 March 2026: there is no 2:30; 1 November: there are two."""
    night = Office(range(7), hours=[(time(1), time(4))])
    spring = datetime(2026, 3, 8, 0, 0, tzinfo=ZoneInfo("America/New_York"))
    autumn = datetime(2026, 11, 1, 0, 0, tzinfo=ZoneInfo("America/New_York"))

    for start, hours_open in ((spring, 2), (autumn, 4)):
        end = added(start, Span(work_hours=hours_open), 1, "America/New_York", night)
        assert end == start.replace(hour=4)


SPRING = datetime(2026, 3, 8, 0, 0, tzinfo=ZoneInfo("America/New_York"))
"""When there is no 2:30 in New York."""


@pytest.mark.parametrize(
    ("hours", "worked", "end"),
    [
        ([(time(2, 30), time(5))], 2, time(5)),  # it opens as clocks show 3:00
        ([(time(1), time(2, 30)), (time(8), time(9))], 1, time(3)),  # which is when it closes
        ([(time(1), time(2, 30)), (time(8), time(9))], 2, time(9)),
        ([(time(2, 15), time(2, 45)), (time(8), time(9))], 1, time(9)),
    ],
)
def test_what_opens_or_closes_at_a_time_that_clocks_skip_does_as_they_go_on(
    hours: list[tuple[time, time]], worked: int, end: time
) -> None:
    found = added(
        SPRING, Span(work_hours=worked), 1, "America/New_York", Office(range(7), hours=hours)
    )

    assert found == datetime.combine(SPRING.date(), end, SPRING.tzinfo)


def test_no_span_of_work_at_all_ends_where_it_begins() -> None:
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 1:30 in New York, for the second time
    for span in (Span(workdays=1), Span(work_hours=1)):
        assert added(second, span, 0, "America/New_York", Office()) == second  # a Sunday, closed


def test_of_two_equal_times_of_day_workdays_end_at_the_first() -> None:
    before = datetime(2026, 10, 31, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    end = added(before, Span(workdays=1), 1, "America/New_York", Office(range(7)))
    assert end == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_span_of_work_needs_a_work_calendar() -> None:
    now = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)
    with pytest.raises(ScheduleError, match="Workdays are those of a work calendar, and there is"):
        added(now, Span(workdays=3), 1, "UTC")
    with pytest.raises(ScheduleError, match="Working hours are those of a work calendar"):
        added(now, Span(work_hours=3), 1, "UTC")
    with pytest.raises(ArgumentError, match="calendar must be an object with is_workday"):
        added(now, Span(workdays=3), 1, "UTC", object())  # type: ignore[arg-type]


@pytest.mark.parametrize("other", ["hours", "days", "weeks", "months", "years", "work_hours"])
def test_a_span_of_work_has_no_other_part(other: str) -> None:
    """Whether the month or the workdays come first makes a difference, and nobody could say."""
    with pytest.raises(ScheduleError, match=f"workdays and {other} exclude each other") as caught:
        Span(workdays=3, **{other: 1})
    assert [problem.path for problem in caught.value.problems] == [other]


PARTS = [(time(n // 4, n % 4 * 15), time((n + 1) // 4, (n + 1) % 4 * 15)) for n in range(49)]
"""From midnight to 12:15, in parts of a quarter of an hour each of which begins as one ends."""


def test_a_day_may_have_forty_eight_parts_of_which_one_ends_as_the_next_begins() -> None:
    monday = datetime(2026, 3, 30, 0, 0, tzinfo=UTC)

    end = added(monday, Span(work_hours=12), 1, "UTC", Office(hours=PARTS[:48]))

    assert end == monday + timedelta(hours=12)


class WithoutHours:
    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5


def broken(_day: date) -> object:
    raise ZeroDivisionError("no plan")


def only_of_march(day: date) -> object:
    return {3: USUAL_HOURS}[day.month]


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        (WithoutHours(), r"has no opening hours\. Give it a method hours\(day\)"),
        (country_calendar("CN", years=2026), "The calendar of CN has no opening hours"),
        (Office(hours=None), "hours of 2026-03-30 are not pairs of times"),
        (Office(hours=8), "are not pairs of times without a zone"),
        (Office(hours="09:00"), "are not pairs of times without a zone"),
        (Office(hours=[time(9), time(12)]), "are not pairs of times without a zone"),
        (Office(hours=[(time(9),)]), "are not pairs of times without a zone"),
        (Office(hours=[(9, 12)]), "are not pairs of times without a zone"),
        (Office(hours=[(time(9, tzinfo=UTC), time(12, tzinfo=UTC))]), "without a zone"),
        (Office(hours=[(time(18), time(9))]), "18:00 to 09:00, end before they begin"),
        (Office(hours=[(time(9), time(9))]), "09:00 to 09:00, end before they begin"),
        (Office(hours=[(time(9), time(13)), (time(12), time(18))]), "overlap, or are not in order"),
        (Office(hours=[(time(9), time(0)), (time(9), time(18))]), "overlap, or are not in order"),
        (Office(hours=[(time(13), time(18)), (time(9), time(12))]), "overlap, or are not in order"),
        (Office(hours=lambda _: ((time(9), time(10)) for _ in iter(int, 1))), "overlap"),
        (Office(hours=PARTS[:49]), r"of 2026-03-30 have more than 48 parts\. For instance"),
        (Office(hours=broken), "failed on 2026-03-30: ZeroDivisionError: no plan"),
        (Office(hours=[]), "has no opening hours within 60 days of 2026-03-"),
    ],
)
def test_hours_that_are_none_are_one_clear_error(calendar: Any, message: str) -> None:
    monday = datetime(2026, 3, 30, 8, 0, tzinfo=UTC)

    with pytest.raises(ScheduleError, match=f"(?s){message}"):
        added(monday, Span(work_hours=40), 1, "UTC", calendar)


def test_hours_that_end_with_the_calendar_say_so() -> None:
    with pytest.raises(CalendarEnds, match="does not reach 2026-04-01"):
        added(
            datetime(2026, 3, 30, 8, 0, tzinfo=UTC),
            Span(work_hours=40),
            1,
            "UTC",
            Office(hours=only_of_march),
        )
    year = country_calendar("CN", years=2026, hours=USUAL_HOURS)
    for span in (Span(workdays=10), Span(work_hours=80)):
        with pytest.raises(CalendarEnds, match="does not reach 2027-01-01"):
            added(datetime(2026, 12, 25, 8, 0, tzinfo=UTC), span, 1, "UTC", year)


@pytest.mark.parametrize(
    ("given_hours", "error", "message"),
    [
        ([(time(18), time(9))], ScheduleError, "The hours, 18:00 to 09:00, end before they begin"),
        ([(time(9), time(12)), (time(11), time(18))], ScheduleError, "The hours overlap"),
        ("9-18", ArgumentError, "hours must be a list of pairs of times"),
        (8, ArgumentError, "hours must be a list of pairs of times"),
        (PARTS[:49], ScheduleError, "The hours have more than 48 parts"),
    ],
)
def test_hours_of_a_country_are_checked_when_its_calendar_is_made(
    given_hours: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        country_calendar("CN", years=2026, hours=given_hours)


def test_a_country_tells_its_hours_of_workdays_only() -> None:
    parts = country_calendar("CN", years=2026, hours=iter(PARTS[:48]))
    assert len(parts.hours(date(2026, 2, 14))) == 48
    assert CHINA.hours(date(2026, 2, 14)) == USUAL_HOURS  # a Saturday, worked for the holiday
    assert CHINA.hours(date(2026, 2, 17)) == ()


def test_each_day_is_asked_about_once() -> None:
    asked: list[date] = []
    opened: list[date] = []

    class Counting(Office):
        def is_workday(self, day: date) -> bool:
            asked.append(day)
            return super().is_workday(day)

        def hours(self, day: date) -> Any:
            opened.append(day)
            return super().hours(day)

    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    clock = Clock(ZoneInfo("UTC"), Counting())

    clock.times_to_pass(start, Span(work_hours=8), start + timedelta(days=2_000))

    assert len(asked) == len(set(asked)) <= 2_010
    assert len(opened) == len(set(opened)) <= 2_010
