"""Spans by the calendar and the clock: month ends, leap days, changes of the clocks, zones."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from salesflow.errors import ArgumentError, ClockError, ScheduleError
from salesflow.playbook import Span
from salesflow.schedule import added
from salesflow.schedule._span import Clock

NEW_YORK, BERLIN, LORD_HOWE = "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"
ZONES = [
    "UTC",
    "Asia/Shanghai",
    NEW_YORK,
    BERLIN,
    LORD_HOWE,  # half an hour, in the southern summer
    "Asia/Kolkata",  # half an hour from the whole ones
    "Pacific/Kiritimati",  # 14 hours east
    "Pacific/Pago_Pago",  # 11 hours west
    "Pacific/Apia",  # had no 30 December 2011
]
# Moments at which clocks change, forward and back.
CHANGES = [
    datetime(2026, 3, 8, 7, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    datetime(2026, 4, 4, 15, 0, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2011, 12, 30, 10, 0, tzinfo=UTC),
]

zones = st.sampled_from(ZONES)
anywhere = st.datetimes(datetime(1975, 1, 1), datetime(2075, 1, 1), timezones=st.just(UTC))
near_a_change = st.builds(
    lambda change, minutes, days: change + timedelta(minutes=minutes, days=days),
    st.sampled_from(CHANGES),
    st.integers(-240, 240),
    st.sampled_from([0, 0, -1, 1, -7, 7, -365]),
)
moments = anywhere | near_a_change
counts = st.integers(0, 40)
spans = (
    st.fixed_dictionaries(
        {
            "hours": st.sampled_from([0, 0, 1, 24, 36]),
            "days": st.integers(0, 40),
            "weeks": st.integers(0, 5),
            "months": st.integers(0, 14),
            "years": st.integers(0, 4),
        }
    )
    .filter(lambda parts: any(parts.values()))
    .map(lambda parts: Span(**parts))
)
calendar_spans = spans.filter(lambda span: span.hours == 0)


def by_hand(start: date, span: Span, times: int) -> date:
    """The day that a person would count to on a calendar on the wall."""
    months = start.year * 12 + start.month - 1 + (12 * span.years + span.months) * times
    year, month = divmod(months, 12)
    day = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
    return day + timedelta(days=(7 * span.weeks + span.days) * times)


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in the zone ever show this."""
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


@pytest.mark.law
@given(moments, calendar_spans, counts, zones)
def test_a_calendar_span_ends_on_the_day_and_at_the_time_that_the_calendar_says(
    moment: datetime, span: Span, times: int, tz: str
) -> None:
    zone = ZoneInfo(tz)
    start = moment.astimezone(zone)
    wall = datetime.combine(by_hand(start.date(), span, times), start.time())
    assume(times and exists(wall, zone))

    assert added(moment, span, times, tz).astimezone(zone).replace(tzinfo=None) == wall


# What clocks skip: from when, and how many minutes.
GAPS = [
    (NEW_YORK, datetime(2026, 3, 8, 2, 0), 60),
    (BERLIN, datetime(2026, 3, 29, 2, 0), 60),
    (LORD_HOWE, datetime(2026, 10, 4, 2, 0), 30),
    ("Pacific/Apia", datetime(2011, 12, 30, 0, 0), 1440),
]


@pytest.mark.law
@given(st.sampled_from(GAPS), st.integers(0, 1439), st.integers(1, 800))
def test_a_time_of_day_that_clocks_skip_moves_by_as_much_as_they_do(
    gap: tuple[str, datetime, int], minute: int, days: int
) -> None:
    tz, begins, length = gap
    zone = ZoneInfo(tz)
    wall = begins + timedelta(minutes=minute % length)
    assert not exists(wall, zone)
    before = (wall - timedelta(days=days)).replace(tzinfo=zone)
    assume(exists(before.replace(tzinfo=None), zone))

    got = added(before, Span(days=days), 1, tz).astimezone(zone)

    assert got.replace(tzinfo=None) - wall == timedelta(minutes=length)


@pytest.mark.law
@given(moments, st.integers(0, 5_000), zones)
def test_hours_are_real_hours_whatever_the_clocks_do(moment: datetime, times: int, tz: str) -> None:
    assert added(moment, Span(hours=1), times, tz) - moment == timedelta(hours=times)
    assert added(moment, Span(hours=24), 1, tz) - moment == timedelta(hours=24)


@pytest.mark.law
@given(moments, spans, counts, zones)
def test_nothing_is_due_before_what_it_counts_from_and_more_spans_end_later(
    moment: datetime, span: Span, times: int, tz: str
) -> None:
    ends = [added(moment, span, number, tz) for number in (0, times, times + 1)]

    assert ends[0] == moment
    assert moment <= ends[1] < ends[2]


@pytest.mark.law
@given(moments, moments, calendar_spans, zones)
def test_who_starts_on_a_later_day_is_never_due_on_an_earlier_one(
    one: datetime, other: datetime, span: Span, tz: str
) -> None:
    zone = ZoneInfo(tz)
    first, second = sorted([one, other])
    ends = [added(moment, span, 1, tz).astimezone(zone).date() for moment in (first, second)]

    assert ends[0] <= ends[1]


@pytest.mark.law
@given(moments, spans, st.integers(-40, 20_000), zones)
def test_the_number_of_spans_that_pass_a_moment_is_the_least_that_does(
    start: datetime, span: Span, days: int, tz: str
) -> None:
    zone, last = ZoneInfo(tz), start + timedelta(days=days)

    times = Clock(zone).times_to_pass(start, span, last)

    assert added(start, span, times, tz) > last
    assert times == 1 or added(start, span, times - 1, tz) <= last


def test_a_month_after_the_31st_is_the_last_day_and_does_not_drift() -> None:
    start = datetime(2027, 1, 31, 9, 0, tzinfo=UTC)

    days = [added(start, Span(months=1), times, "UTC").date().isoformat() for times in range(14)]

    assert days == [
        "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30",
        "2027-07-31", "2027-08-31", "2027-09-30", "2027-10-31", "2027-11-30", "2027-12-31",
        "2028-01-31", "2028-02-29",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tz", "start", "in_a_day", "in_24_hours"),
    [
        (NEW_YORK, "2026-03-07T12:00", "2026-03-08T12:00", "2026-03-08T13:00"),
        (NEW_YORK, "2026-10-31T12:00", "2026-11-01T12:00", "2026-11-01T11:00"),
        (NEW_YORK, "2026-03-07T02:30", "2026-03-08T03:30", "2026-03-08T03:30"),
        (BERLIN, "2026-03-28T12:00", "2026-03-29T12:00", "2026-03-29T13:00"),
        (BERLIN, "2026-10-24T12:00", "2026-10-25T12:00", "2026-10-25T11:00"),
        (LORD_HOWE, "2026-04-04T12:00", "2026-04-05T12:00", "2026-04-05T11:30"),
        (LORD_HOWE, "2026-10-03T12:00", "2026-10-04T12:00", "2026-10-04T12:30"),
        (LORD_HOWE, "2026-10-03T02:15", "2026-10-04T02:45", "2026-10-04T02:45"),
        ("Asia/Shanghai", "2026-03-28T12:00", "2026-03-29T12:00", "2026-03-29T12:00"),
        ("Pacific/Apia", "2011-12-29T12:00", "2011-12-31T12:00", "2011-12-31T12:00"),
    ],
)
def test_a_day_keeps_the_time_of_day_and_24_hours_need_not(
    tz: str, start: str, in_a_day: str, in_24_hours: str
) -> None:
    zone = ZoneInfo(tz)
    moment = datetime.fromisoformat(start).replace(tzinfo=zone)

    for span, end in ((Span(days=1), in_a_day), (Span(hours=24), in_24_hours)):
        got = added(moment, span, 1, tz).astimezone(zone)
        assert got.replace(tzinfo=None) == datetime.fromisoformat(end), span


def test_what_begins_in_the_second_of_two_equal_hours_is_not_due_an_hour_early() -> None:
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 01:30 in New York, for the second time

    assert added(second, Span(hours=24), 1, NEW_YORK) - second == timedelta(hours=24)
    assert added(second, Span(days=1), 1, NEW_YORK) - second == timedelta(hours=24)
    assert added(second, Span(years=1), 0, NEW_YORK) == second


def test_of_two_equal_times_of_day_the_first_is_meant() -> None:
    before = datetime(2026, 10, 31, 1, 30, tzinfo=ZoneInfo(NEW_YORK))

    assert added(before, Span(days=1), 1, NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_the_day_is_that_of_the_zone() -> None:
    moment = datetime(2026, 1, 31, 20, 0, tzinfo=UTC)  # 1 February in Shanghai

    assert added(moment, Span(months=1), 1, "UTC").isoformat() == "2026-02-28T20:00:00+00:00"
    assert (
        added(moment, Span(months=1), 1, "Asia/Shanghai").isoformat() == "2026-02-28T20:00:00+00:00"
    )
    assert added(moment, Span(months=2), 1, "Asia/Shanghai").day == 31


def test_a_span_that_is_none_is_refused_with_everything_that_is_wrong() -> None:
    with pytest.raises(ScheduleError, match="not a span of time") as caught:
        Span(days=-1, weeks=1.5, months=True, years=10**9)  # type: ignore[arg-type]
    assert [problem.path for problem in caught.value.problems] == [
        "years",
        "months",
        "weeks",
        "days",
    ]
    with pytest.raises(ScheduleError, match="no time is given"):
        Span()


def test_a_span_is_not_added_to_what_has_no_zone_or_beyond_the_calendar() -> None:
    now = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
    with pytest.raises(ClockError, match="outside the supported years"):
        added(datetime.max.replace(tzinfo=UTC), Span(days=1), 1, "UTC")
    with pytest.raises(ClockError, match="moment must be a datetime with a zone"):
        added(datetime(2026, 1, 31), Span(days=1), 1, "UTC")
    with pytest.raises(ScheduleError, match="beyond the calendar"):
        added(now, Span(years=1000), 9, "UTC")
    early = datetime(3, 6, 1, 9, 0, tzinfo=UTC)
    assert added(early, Span(years=1), -1, "UTC").year == 2
    with pytest.raises(ScheduleError, match="beyond the calendar"):
        added(early, Span(years=2), -1, "UTC")
    with pytest.raises(ScheduleError, match="beyond the calendar"):
        added(now, Span(hours=1), 10**12, "UTC")
    with pytest.raises(ScheduleError, match="beyond the calendar"):
        added(now, Span(days=1), -(10**9), "UTC")
    for tz in ("Mars/Olympus", "", "../etc", "Asia", 8):
        with pytest.raises(ArgumentError, match="tz must name a time zone"):
            added(now, Span(days=1), 1, tz)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="span must be a Span, not a timedelta"):
        added(now, timedelta(days=1), 1, "UTC")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="times must be a whole number, not a float"):
        added(now, Span(days=1), 0.5, "UTC")  # type: ignore[arg-type]


@pytest.mark.law
@given(moments, zones, st.integers(1, 36))
def test_months_keep_the_day_of_the_month_where_the_month_has_it(
    moment: datetime, tz: str, months: int
) -> None:
    local = moment.astimezone(ZoneInfo(tz))
    later = added(moment, Span(months=1), months, tz).astimezone(ZoneInfo(tz))
    assert (later.year * 12 + later.month) - (local.year * 12 + local.month) == months
    assert later.day == local.day or (later + timedelta(days=1)).day == 1


@pytest.mark.law
@given(moments, zones, st.integers(1, 60))
def test_a_cadence_never_stands_still(moment: datetime, tz: str, times: int) -> None:
    for span in (Span(days=1), Span(weeks=1), Span(months=1), Span(years=1)):
        assert added(moment, span, times, tz) > added(moment, span, times - 1, tz)


def test_a_leap_day_comes_again_as_the_last_of_february() -> None:
    leap = datetime(2024, 2, 29, 9, 0, tzinfo=UTC)
    assert str(added(leap, Span(years=1), 1, "UTC")) == "2025-02-28 09:00:00+00:00"
    assert str(added(leap, Span(years=1), 4, "UTC")) == "2028-02-29 09:00:00+00:00"


def test_a_day_later_is_the_same_time_of_day_when_the_clocks_change() -> None:
    evening = datetime(2026, 3, 7, 20, 0, tzinfo=ZoneInfo("America/New_York"))
    later = added(evening, Span(days=1), 1, "America/New_York")
    assert later.astimezone(ZoneInfo("America/New_York")).hour == 20
    assert later - evening.astimezone(UTC) == timedelta(hours=23)


@pytest.mark.parametrize(
    ("start", "last", "times"),
    [
        # July and August are longer than the average month, February is shorter.
        (datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 31, 23, tzinfo=UTC), 2),
        (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), 2),
        (datetime(2020, 1, 15, tzinfo=UTC), datetime(2023, 1, 10, tzinfo=UTC), 36),
        (datetime(1926, 1, 15, tzinfo=UTC), datetime(2026, 1, 15, tzinfo=UTC), 1201),
    ],
)
def test_no_month_is_left_out_however_long_months_are(
    start: datetime, last: datetime, times: int
) -> None:
    assert Clock(ZoneInfo("UTC")).times_to_pass(start, Span(months=1), last) == times


def test_weeks_and_days_of_one_span_pass_together() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for span, days in ((Span(weeks=1, days=3), 10), (Span(weeks=1, days=7), 14)):
        last = start + timedelta(days=100 * days)
        assert Clock(ZoneInfo("UTC")).times_to_pass(start, span, last) == 101
