"""Clocks that rest while a deal is on hold: against a watched clock, as laws, and as examples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain import HoldPeriod, OnHold, Progress
from salesflow.domain._base.record import replaced
from salesflow.playbook import Span
from salesflow.schedule import USUAL_HOURS, Duty, duties
from salesflow.schedule._rests import Rests
from salesflow.schedule._span import Clock

TICK, DAY = timedelta(minutes=10), timedelta(days=1)
"""The clock is watched every ten minutes; nothing here begins or ends in between."""
A_DAY = 24 * 6
ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]
STARTS = [datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 10, 30, tzinfo=UTC)]

zones = st.sampled_from(ZONES)
ticks = st.integers(0, 8 * A_DAY)
periods = st.lists(st.tuples(ticks, ticks), max_size=4)


class Office:
    """Monday to Friday, with a Saturday that is worked and a Monday that is not."""

    def is_workday(self, day: date) -> bool:
        return (day.weekday() < 5) != (day in {date(2026, 3, 14), date(2026, 3, 9)})

    def hours(self, day: date) -> tuple[tuple[time, time], ...]:
        return USUAL_HOURS


def rests_from(start: datetime, pairs: list[tuple[int, int]]) -> Rests:
    return Rests.of((start + a * TICK, start + b * TICK) for a, b in map(sorted, pairs))


def rests_at(rests: Rests, moment: datetime) -> bool:
    return any(began <= moment < ended for began, ended in rests.periods)


@pytest.mark.law
@given(st.sampled_from(STARTS), periods, ticks, ticks)
def test_time_without_rests_is_the_minutes_that_were_none(
    start: datetime, pairs: list[tuple[int, int]], one: int, other: int
) -> None:
    rests = rests_from(start, pairs)
    first, last = sorted([one, other])

    ran = sum(not rests_at(rests, start + n * TICK) for n in range(first, last))

    assert rests.elapsed(start + first * TICK, start + last * TICK) == ran * TICK


@pytest.mark.law
@given(st.sampled_from(STARTS), periods, st.lists(ticks, min_size=2, max_size=5), zones)
def test_the_days_of_the_parts_add_up_to_those_of_the_whole(
    start: datetime, pairs: list[tuple[int, int]], cuts: list[int], tz: str
) -> None:
    rests, zone = rests_from(start, pairs), ZoneInfo(tz)
    moments = sorted(start + n * TICK for n in cuts)

    def days(one: datetime, other: datetime) -> int:
        return rests.elapsed_days(one, other, zone)

    parts = [days(one, other) for one, other in pairwise(moments)]

    assert min(parts) >= 0
    assert sum(parts) == days(moments[0], moments[-1])


def test_rests_that_overlap_are_one_and_one_that_ends_at_once_is_none() -> None:
    at = [STARTS[0] + n * DAY for n in range(5)]

    found = Rests.of([(at[2], at[4]), (at[0], at[1]), (at[1], at[3]), (at[4], at[4])])

    assert found.periods == ((at[0], at[4]),)
    assert Rests.of([(at[0], at[0]), (at[2], at[1]), (at[3], at[4])]).periods == ((at[3], at[4]),)


def test_of_rests_only_what_lies_between_two_moments_is_told() -> None:
    at = [STARTS[0] + n * DAY for n in range(6)]
    rests = Rests.of([(at[0], at[1]), (at[2], at[3]), (at[4], at[5])])

    assert rests.between(at[1], at[4]) == ((at[2], at[3]),)
    assert rests.between(at[0] + TICK, at[4] + TICK) == (
        (at[0] + TICK, at[1]),
        (at[2], at[3]),
        (at[4], at[4] + TICK),
    )


@pytest.mark.law
@given(st.sampled_from(STARTS), periods, ticks, ticks, zones)
def test_the_days_that_passed_are_the_midnights_that_were_no_rest(
    start: datetime, pairs: list[tuple[int, int]], one: int, other: int, tz: str
) -> None:
    rests, zone = rests_from(start, pairs), ZoneInfo(tz)
    first, last = (start + n * TICK for n in sorted([one, other]))
    begun = (first.astimezone(zone).date() + n * DAY for n in range(1, 10))
    midnights = [datetime.combine(day, time(), zone).astimezone(UTC) for day in begun]

    passed = [
        it
        for it in midnights
        if it <= last and not any(began < it <= ended for began, ended in rests.periods)
    ]

    assert rests.elapsed_days(first, last, zone) == len(passed)


@pytest.mark.law
@given(st.sampled_from(STARTS), periods, ticks, st.integers(1, 50), zones)
def test_hours_are_due_when_so_many_have_passed_that_were_no_rest(
    base: datetime, pairs: list[tuple[int, int]], begins: int, count: int, tz: str
) -> None:
    start, rests = base + begins * TICK, rests_from(base, pairs)
    moment, left = start, 6 * count
    while left or rests_at(rests, moment):
        left -= not rests_at(rests, moment)
        moment += TICK

    assert Clock(ZoneInfo(tz)).due(start, Span(hours=count), 1, rests) == moment


@pytest.mark.law
@given(st.sampled_from(STARTS), periods, ticks, st.integers(1, 20), zones)
def test_working_hours_are_due_when_so_many_were_open_and_no_rest(
    base: datetime, pairs: list[tuple[int, int]], begins: int, count: int, tz: str
) -> None:
    start, rests, zone, office = base + begins * TICK, rests_from(base, pairs), tz, Office()
    moment, left = start, 6 * count
    while left or rests_at(rests, moment):
        wall = moment.astimezone(ZoneInfo(zone))
        is_open = any(opens <= wall.time() < closes for opens, closes in USUAL_HOURS)
        works = is_open and office.is_workday(wall.date())
        left -= works and left > 0 and not rests_at(rests, moment)
        moment += TICK

    assert Clock(ZoneInfo(zone), office).due(start, Span(work_hours=count), 1, rests) == moment


@pytest.mark.law
@given(st.sampled_from(STARTS), periods, ticks, st.integers(1, 20), zones)
def test_what_has_days_is_due_until_so_many_midnights_have_passed_that_were_no_rest(
    base: datetime, pairs: list[tuple[int, int]], begins: int, count: int, tz: str
) -> None:
    """The last of its days lasts until the midnight after it, so there is one more of them."""
    start, rests, zone = base + begins * TICK, rests_from(base, pairs), ZoneInfo(tz)
    day, left = start.astimezone(zone).date(), count + 1
    while left:
        day += DAY
        midnight = datetime.combine(day, time(), zone).astimezone(UTC)
        left -= not any(began < midnight <= ended for began, ended in rests.periods)

    due = Clock(zone).due(start, Span(days=count), 1, rests)

    assert due.astimezone(zone).date() == day - DAY


@pytest.mark.law
@given(st.sampled_from(STARTS), periods, ticks, st.integers(1, 8), zones)
def test_workdays_that_a_deal_rested_do_not_count(
    base: datetime, pairs: list[tuple[int, int]], begins: int, count: int, tz: str
) -> None:
    start, rests, zone, office = (
        base + begins * TICK,
        rests_from(base, pairs),
        ZoneInfo(tz),
        Office(),
    )
    rested = {
        began.astimezone(zone).date() + n * DAY: ended.astimezone(zone).date()
        for began, ended in ((max(began, start), ended) for began, ended in rests.periods)
        for n in range(1, (ended.astimezone(zone).date() - began.astimezone(zone).date()).days + 1)
    }
    day, left = start.astimezone(zone).date(), count
    while left:
        day += DAY
        left -= office.is_workday(day) and day not in rested
    while day + DAY in rested:  # the last of them was rest from some hour on
        day = rested[day + DAY]
        while not office.is_workday(day):
            day += DAY

    due = Clock(zone, office).due(start, Span(workdays=count), 1, rests)

    assert due.astimezone(zone).date() == day


def process(*cadences: str, pause: bool = True) -> sf.Playbook:
    listed = "\n".join(
        f'[[cadences]]\nkey = "duty{n or ""}"\ntitle = {{ en = "Do it", zh = "办" }}\n{cadence}\n'
        for n, cadence in enumerate(cadences)
    )
    return sf.Playbook.from_toml(f"""
        id = "care"
        version = "1"
        title = {{ en = "Care", zh = "维护" }}
        languages = ["en", "zh"]
        policy = {{ pause_on_hold = {str(pause).lower()} }}
        stages = [{{ key = "talk", title = {{ en = "Talk", zh = "洽谈" }} }}]
        {listed}
    """)


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
HOLD = sf.Hold(by="li", resume_when="the budget is there", review_on=date(2026, 3, 20))


def hold_until(moment: datetime) -> sf.Hold:
    return sf.Hold(by="li", resume_when="the budget is there", review_on=moment.date())


def run(engine: sf.StageEngine, *steps: tuple[timedelta, sf.engine.Command]) -> sf.Opportunity:
    deal = sf.Opportunity(id="D-1", name="Deal", expected_close_on=date(2026, 4, 1))
    deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    for after, command in steps:
        deal = engine.decide(deal, command, at=NOW + after).require()
    return deal


def one(found: Sequence[Duty], key: str = "duty") -> Duty:
    (duty,) = [duty for duty in found if duty.key == key]
    return duty


@pytest.mark.parametrize(("pause", "due_on"), [(True, "2026-03-10"), (False, "2026-03-05")])
def test_three_days_of_a_deal_that_was_held_for_five_are_over_after_eight(
    pause: bool, due_on: str
) -> None:
    """frappe/helpdesk #2449."""
    engine = sf.StageEngine(process("within = { days = 3 }", pause=pause))
    deal = run(engine, (DAY, HOLD), (6 * DAY, sf.Resume(by="li")))

    assert str(one(engine.due(deal, at=NOW + 6 * DAY)).due_on) == due_on


def test_the_reason_says_how_long_the_clock_rested() -> None:
    engine = sf.StageEngine(process("within = { days = 3 }", "within = { hours = 30 }"))
    after = DAY + timedelta(hours=7, minutes=30)
    deal = run(engine, (DAY, HOLD), (6 * DAY, sf.Resume(by="li")))
    day, hour = (one(engine.due(deal, at=NOW + 6 * DAY), key) for key in ("duty", "duty1"))

    assert day.rested == 5 * DAY
    assert day.reason.get("en") == (
        '"Do it" is due on 2026-03-10: within 3 days of 2026-03-02, when the deal started; '
        "the clock rested 5 days."
    )
    assert day.reason.get("zh") == (
        "“办”最迟应于2026-03-10完成：自2026-03-02项目启动起3天内；期间暂停计时5天。"
    )
    deal = run(engine, (DAY, HOLD), (after, sf.Resume(by="li")))
    hour = one(engine.due(deal, at=NOW + after), "duty1")
    assert str(hour.due_at) == "2026-03-03 22:30:00+00:00"
    assert "the clock rested 7 hours and 30 minutes" in hour.reason.get("en")
    day = one(engine.due(deal, at=NOW + after), "duty")
    assert (str(day.due_on), day.rested) == ("2026-03-05", timedelta())  # no midnight was rest


def test_what_is_due_ahead_of_a_day_does_not_rest_for_the_day_does_not_move() -> None:
    engine = sf.StageEngine(process('before = "expected_close_on"\nahead = { weeks = 2 }'))
    deal = run(engine, (DAY, HOLD), (6 * DAY, sf.Resume(by="li")))

    duty = one(engine.due(deal, at=NOW + 6 * DAY))

    assert (str(duty.due_on), duty.rested) == ("2026-03-18", timedelta())
    # Nor does it where the deal rests through both its day and the day ahead of which it is due.
    deal = run(engine, (DAY, HOLD))
    duty = one(engine.due(deal, at=NOW + 60 * DAY))
    assert (str(duty.due_on), duty.rested) == ("2026-03-18", timedelta())


def test_what_recurs_comes_later_by_what_rested_and_does_not_drift() -> None:
    engine = sf.StageEngine(process("every = { weeks = 1 }"))
    deal = run(engine, (3 * DAY, HOLD), (5 * DAY, sf.Resume(by="li")))
    at = NOW + 40 * DAY

    found = [str(duty.due_on) for duty in engine.due(deal, at=at, missed=True)]

    assert found == ["2026-03-11", "2026-03-18", "2026-03-25", "2026-04-01", "2026-04-08"]
    done = sf.Complete(by="li", instrument="duty")
    deal = engine.decide(deal, done, at=NOW + 17 * DAY).require()  # 19 March
    assert str(one(engine.due(deal, at=at)).due_on) == "2026-03-25"


@pytest.mark.parametrize(
    ("held", "done", "due_on"),
    [
        # Of three weeks counted from a Monday the clock rested two days: 11, 18 and 25 March.
        ((3, 5), 10, "2026-03-18"),  # a day late
        ((3, 5), 15, "2026-03-25"),  # a day early
        ((3, 5), 9, "2026-03-18"),  # on the day
        # It rested so long that weeks of the calendar passed: 29 March, 5 April.
        ((1, 21), 22, "2026-04-05"),
        ((1, 21), 29, "2026-04-05"),
        # It rested from the start: 14 and 21 March. The start is when it began, rest or no rest.
        ((0, 5), 8, "2026-03-21"),
    ],
)
def test_what_is_done_settles_the_nearest_time_also_where_the_clock_rested(
    held: tuple[int, int], done: int, due_on: str
) -> None:
    engine = sf.StageEngine(process("every = { weeks = 1 }"))
    deal = run(
        engine,
        (held[0] * DAY, HOLD),
        (held[1] * DAY, sf.Resume(by="li")),
        (done * DAY, sf.Complete(by="li", instrument="duty")),
    )

    assert str(one(engine.due(deal, at=NOW + done * DAY)).due_on) == due_on


def test_two_times_that_a_rest_moved_to_one_are_settled_together() -> None:
    """Those of Tuesday and Wednesday: both become the first workday after a rest until Sunday."""
    engine = sf.StageEngine(process("every = { workdays = 1 }"), calendar=Office())
    deal = run(
        engine,
        (DAY + timedelta(hours=2), HOLD),
        (6 * DAY, sf.Resume(by="li")),
        (8 * DAY, sf.Complete(by="li", instrument="duty")),
    )

    assert str(one(engine.due(deal, at=NOW + 8 * DAY)).due_on) == "2026-03-11"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+00:00")


WEEK = Office()
"""Works on Saturday 14 March, and not on Monday 9 March."""


@pytest.mark.parametrize(
    ("start", "span", "rest", "due"),
    [
        # Hours: what was left when the rest began; nothing, where it began as they were over.
        ("03-06T09:00", Span(hours=3), ("03-06T11:00", "03-06T15:00"), "03-06T16:00"),
        ("03-06T09:00", Span(hours=3), ("03-06T12:00", "03-06T15:00"), "03-06T15:00"),
        ("03-06T09:00", Span(hours=3), ("03-06T12:10", "03-06T15:00"), "03-06T12:00"),
        # Friday's 24 hours are over on Saturday, of which the calendar makes all of Tuesday.
        ("03-06T09:00", Span(hours=24), ("03-07T06:00", "03-08T06:00"), "03-08T09:00"),
        ("03-06T09:00", Span(hours=24), ("03-07T09:00", "03-08T06:00"), "03-08T06:00"),
        ("03-06T09:00", Span(hours=24), ("03-09T12:00", "03-10T12:00"), "03-12T00:00"),
        ("03-06T09:00", Span(hours=24), ("03-11T00:10", "03-12T12:00"), "03-07T09:00"),
        # Working hours: those that were left; none, where it began as they were over.
        ("03-06T09:00", Span(work_hours=3), ("03-06T11:00", "03-06T16:00"), "03-06T17:00"),
        ("03-06T09:00", Span(work_hours=3), ("03-06T12:00", "03-06T15:00"), "03-06T15:00"),
        ("03-06T09:00", Span(work_hours=3), ("03-06T12:10", "03-06T15:00"), "03-06T12:00"),
        # Workdays: those after the day on which it began; the next, where that was the last.
        ("03-05T09:00", Span(workdays=2), ("03-06T11:00", "03-12T11:00"), "03-13T09:00"),
        ("03-05T09:00", Span(workdays=2), ("03-10T11:00", "03-12T11:00"), "03-12T09:00"),
        ("03-05T09:00", Span(workdays=2), ("03-10T11:00", "03-15T11:00"), "03-16T09:00"),
        ("03-05T09:00", Span(workdays=2), ("03-11T11:00", "03-12T11:00"), "03-10T09:00"),
    ],
)
def test_what_was_left_when_a_rest_began_is_left_when_it_ends(
    start: str, span: Span, rest: tuple[str, str], due: str
) -> None:
    rests = Rests.of([(moment(rest[0]), moment(rest[1]))])

    assert Clock(UTC, WEEK).due(moment(start), span, 1, rests) == moment(due)


def test_what_was_overdue_before_the_hold_stays_so() -> None:
    engine = sf.StageEngine(process("within = { days = 1 }"))
    deal = run(engine, (3 * DAY, HOLD))

    duty = one(engine.due(deal, at=NOW + 4 * DAY))

    assert (str(duty.due_on), duty.status, duty.rested) == ("2026-03-03", "overdue", timedelta())


def test_a_hold_is_reviewed_by_its_day_whether_or_not_clocks_rest() -> None:
    for pause in (True, False):
        engine = sf.StageEngine(process("within = { days = 3 }", pause=pause))
        deal = run(engine, (DAY, HOLD))

        review = one(engine.due(deal, at=NOW + 20 * DAY), "hold.review")

        assert (str(review.due_on), review.status, review.role) == ("2026-03-20", "overdue", None)
        assert review.reason.get("en") == (
            '"Review the hold, until: the budget is there" was due on 2026-03-20 and is overdue: '
            "it rests since 2026-03-03."
        )
        assert review.reason.get("zh") == (
            "“复核暂缓的项目，等待：the budget is there”最迟应于2026-03-20完成，已逾期："
            "自2026-03-03起暂缓。"
        )
        assert engine.review(deal, at=NOW + 20 * DAY).due == engine.due(deal, at=NOW + 20 * DAY)
        deal = engine.decide(deal, sf.Resume(by="li"), at=NOW + 20 * DAY).require()
        assert {duty.key for duty in engine.due(deal, at=NOW + 20 * DAY)} == {"duty"}
        deal = engine.decide(deal, hold_until(NOW + 30 * DAY), at=NOW + 20 * DAY).require()
        ended = engine.decide(deal, sf.Lose(by="li", reason="price"), at=NOW + 21 * DAY).require()
        assert engine.due(ended, at=NOW + 22 * DAY) == ()


WAYS = [
    "within = { days = 2 }",
    "within = { hours = 30 }",
    "within = { workdays = 2 }",
    "within = { work_hours = 12 }",
    "within = { months = 1, hours = 5 }",
    "every = { days = 3 }",
    "every = { workdays = 2 }",
    "every = { work_hours = 20 }",
]
holds = st.lists(st.integers(1, 6 * A_DAY), max_size=5)


def held(engine: sf.StageEngine, waits: list[int]) -> tuple[sf.Opportunity, datetime]:
    """A deal that is put on hold and resumed in turns, each so many ticks after the last."""
    deal, now = run(engine), NOW
    for n, wait in enumerate(waits):
        now += wait * TICK
        command = sf.Resume(by="li") if n % 2 else hold_until(now + DAY)
        deal = engine.decide(deal, command, at=now).require()
    return deal, now


@pytest.mark.law
@given(holds, st.integers(0, 20 * A_DAY), zones, st.booleans())
def test_while_a_deal_is_on_hold_nothing_falls_overdue(
    waits: list[int], more: int, tz: str, worked: bool
) -> None:
    ways = WAYS if worked else [way for way in WAYS if "work" not in way]
    engine = sf.StageEngine(process(*ways), tz=tz, calendar=Office() if worked else None)
    deal, now = held(engine, waits)
    if deal.progress.hold is None:
        return

    def overdue(at: datetime) -> set[str]:
        keys = {duty.key for duty in engine.due(deal, at=at) if duty.status == "overdue"}
        return keys - {"hold.review"}

    assert overdue(now + more * TICK) == overdue(now)


@pytest.mark.law
@given(holds, st.integers(0, 5 * A_DAY), zones)
def test_without_the_policy_a_hold_moves_nothing(waits: list[int], more: int, tz: str) -> None:
    engine = sf.StageEngine(process(*WAYS, pause=False), tz=tz, calendar=Office())
    deal, now = held(engine, waits)
    at = now + more * TICK

    found = [duty for duty in engine.due(deal, at=at) if duty.key != "hold.review"]

    assert found == list(engine.due(run(engine), at=at))


@pytest.mark.law
@given(holds, st.integers(0, 5 * A_DAY), zones)
def test_rests_never_make_anything_due_sooner(waits: list[int], more: int, tz: str) -> None:
    resting, other = (
        sf.StageEngine(process(*WAYS, pause=pause), tz=tz, calendar=Office())
        for pause in (True, False)
    )
    deal, now = held(resting, waits)
    at = now + more * TICK
    plain = {duty.key: duty for duty in other.due(held(other, waits)[0], at=at)}

    for duty in resting.due(deal, at=at):
        assert duty.due_at >= plain[duty.key].due_at
        assert (duty.rested > timedelta()) or duty.due_on == plain[duty.key].due_on


def test_a_rest_of_a_stored_deal_is_read_however_its_times_lie() -> None:
    """A hold that was recorded late may end after the present moment, or overlap another."""
    playbook = process("within = { days = 3 }")
    deal = run(sf.StageEngine(playbook))
    holds = (
        HoldPeriod(began_at=NOW + DAY, ended_at=NOW + 4 * DAY),
        HoldPeriod(began_at=NOW + 2 * DAY, ended_at=NOW + 3 * DAY),
    )
    hold = OnHold(resume_when="x", review_on=date(2026, 4, 1), by="li", at=NOW + 30 * DAY)
    progress: Progress = replaced(deal.progress, holds=holds, hold=hold)

    found = {duty.key: str(duty.due_on) for duty in duties(playbook, progress, {}, NOW + 2 * DAY)}

    assert found == {"duty": "2026-03-06", "hold.review": "2026-04-01"}
