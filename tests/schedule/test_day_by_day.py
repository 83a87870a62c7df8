"""Duties of whole days against somebody who crosses off the days of a calendar, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, pairwise
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf

pytestmark = pytest.mark.law

DAY: Final = timedelta(days=1)
BOOK: Final = """
id = "days"
version = "1"
title = "Days"
policy = { pause_on_hold = PAUSE }
roles = [{ key = "boss", title = "Boss" }]
[[facts]]
name = "opening_on"
kind = "day"
[[stages]]
key = "talk"
title = "Talk"
[[cadences]]
key = "again"
title = "Again"
every = { days = 3 }
[[cadences]]
key = "monthly"
title = "Monthly"
every = { months = 1 }
[[cadences]]
key = "once"
title = "Once"
within = { weeks = 1 }
escalate = [
  { after = { days = 2 }, role = "boss" },
  { after = { workdays = 2 }, role = "boss" },
  { after = { hours = 5 }, role = "boss" },
]
[[cadences]]
key = "invite"
title = "Invite"
before = "opening_on"
ahead = { days = 10 }
"""
BOOKS: Final = {
    pause: sf.Playbook.from_toml(BOOK.replace("PAUSE", str(pause).lower()))
    for pause in (True, False)
}


class Office:
    """Closed at weekends and on the days that are named; or never."""

    def __init__(self, closed: frozenset[date] | None) -> None:
        self.closed = closed

    def is_workday(self, day: date) -> bool:
        return self.closed is None or (day.weekday() < 5 and day not in self.closed)


FIRST: Final = date(2024, 1, 31)
DAYS: Final = st.integers(0, 90).map(lambda number: FIRST + number * DAY)
CLOSED: Final = st.frozensets(DAYS, max_size=12)
ZONES: Final = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"])
HOLDS: Final = st.lists(st.integers(1, 9), max_size=4).filter(lambda days: len(days) % 2 == 0)


class Watched:
    """The days of one deal: when it began, and which of them it was on hold."""

    def __init__(self, began: date, rested: frozenset[date], office: Office) -> None:
        self.began, self.rested, self.office = began, rested, office

    def later(self, day: date, days: int) -> date:
        """The last of so many days after one: it is over with the midnight after it."""
        left = days + 1
        while left:
            day += DAY
            left -= day not in self.rested
        return day - DAY

    def a_month_later(self) -> date:
        """The same day of the next month, the last where it has none."""
        first = next_month(self.began)
        return min(first + (self.began.day - 1) * DAY, next_month(first) - DAY)

    def workday(self, day: date, step: timedelta) -> date:
        """A day of work: this one, or the nearest one that way."""
        while not self.office.is_workday(day):
            day += step
        return day


def next_month(day: date) -> date:
    """The first day of the month after a day."""
    return (day.replace(day=1) + 31 * DAY).replace(day=1)


def due_next(times: Iterator[date], began: date, done: date | None) -> date:
    """The first that is not settled: what was done settles the one that is nearest to it."""
    every = [began, *(day for _, day in zip(range(80), times, strict=False))]
    if done is None:
        return every[1]
    for before, after in pairwise(every):
        if after > done:
            nearer = after - done < done - before
            return every[every.index(after) + 1] if nearer else after
    raise AssertionError(done)


@given(
    start=DAYS,
    closed=CLOSED,
    tz=ZONES,
    holds=HOLDS,
    pause=st.booleans(),
    done=st.none() | st.integers(0, 20),
    wait=st.integers(0, 40),
    opening=DAYS,
)
def test_days_that_are_crossed_off_one_by_one_say_what_is_due(
    start: date,
    closed: frozenset[date],
    tz: str,
    holds: list[int],
    pause: bool,
    done: int | None,
    wait: int,
    opening: date,
) -> None:
    # A day that was moved is left as a whole when a hold begins: that has laws of its own.
    zone, office = ZoneInfo(tz), Office(None if pause and holds else closed)
    engine = sf.StageEngine(BOOKS[pause], tz=tz, calendar=office)
    facts = {"opening_on": opening.isoformat()}
    deal = sf.Opportunity(id="D-1", name="Deal", facts=facts)

    def at(day: date) -> datetime:
        return datetime.combine(day, time(9), zone).astimezone(UTC)

    today, rested = start, set[date]()
    deal = engine.decide(deal, sf.Start(by="li"), at=at(today)).require()
    for number, days in enumerate(holds):
        before, today = today, today + days * DAY
        hold = sf.Hold(by="li", resume_when="May", review_on=today)
        command: sf.Command = sf.Resume(by="li") if number % 2 else hold
        deal = engine.decide(deal, command, at=at(today)).require()
        if number % 2 and pause:
            rested |= {before + passed * DAY for passed in range(1, days + 1)}
    done_on = None
    if done is not None:
        done_on = today = today + done * DAY
        complete = sf.Complete(by="li", instrument="again")
        deal = engine.decide(deal, complete, at=at(today)).require()
    today += wait * DAY

    watched = Watched(start, frozenset(rested), office)
    again = (watched.later(start, 3 * times) for times in count(1))
    expected = {
        "again": due_next(again, start, done_on),
        "once": watched.later(start, 7),
        "invite": opening - 10 * DAY,
    }
    if not rested:  # what months are worth in days of rest is for the clock to say
        expected["monthly"] = watched.a_month_later()
    found = {duty.key: duty for duty in engine.due(deal, at=at(today))}
    for key, day in expected.items():
        moved = watched.workday(day, -DAY if key == "invite" else DAY)
        assert (found[key].due_at.date(), found[key].due_on) == (day, moved)
        order = (moved > today) - (moved < today)
        assert found[key].status == {1: "next", 0: "due", -1: "overdue"}[order]
    if not rested:
        last = watched.workday(expected["once"], DAY)
        second = watched.workday(watched.workday(last + DAY, DAY) + DAY, DAY)
        midnights = [last + 2 * DAY, second, last + DAY]
        told = [datetime.combine(day, time(), zone) for day in midnights]
        told[2] = (told[2].astimezone(UTC) + timedelta(hours=5)).astimezone(zone)
        steps = found["once"].escalations
        assert [step.at for step in steps] == told
        assert [step.reached for step in steps] == [moment <= at(today) for moment in told]
