"""What is due on 100,000 deals, on one core, against a loop that somebody would write by hand.

The loop knows this one process: for each deal it finds the visit that a duty counts from, adds
dateutil's `relativedelta` in local time, and compares with today. It has no calendar, no roles,
no reasons, and it checks nothing; that both find the same is checked before anything is timed.
A second process has workdays and working hours, and deals that were on hold, whose clocks rested;
its loop walks from day to day, with the opening hours of each, and leaves out what lies in holds.
`review` is timed on fewer deals. Ways take turns; printed, never asserted.

With `--quick` in a moment, to see that it runs.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

import salesflow as sf
from benchmarks._measure import QUICK
from salesflow.domain import Completion, HoldPeriod, OnHold, PlaybookStamp, Progress, Visit
from salesflow.schedule import USUAL_HOURS, CountryCalendar, country_calendar

DEALS, DISTINCT, REVIEWED, ROUNDS = (200, 100, 10, 1) if QUICK else (100_000, 10_000, 500, 5)
TZ = "Asia/Shanghai"
NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)

# Of the process `closed_loop_sales`: key, stages, way, span.
BY_HAND: list[tuple[str, set[str] | None, str, timedelta | relativedelta]] = [
    ("tables_up_to_date", None, "changed", timedelta(hours=24)),
    ("requirements_after_interview", {"requirements"}, "within", timedelta(hours=24)),
    ("weekly_progress", {"delivery"}, "every", relativedelta(weeks=1)),
    ("survey_after_delivery", {"satisfaction_survey"}, "within", relativedelta(weeks=1)),
    ("monthly_contact", {"long_term_care"}, "every", relativedelta(months=1)),
    ("quarterly_contact", {"long_term_care"}, "every", relativedelta(months=3)),
]

AT_WORK = sf.Playbook.from_toml("""
id = "support"
version = "1"
title = "Support"
policy = { pause_on_hold = true }
stages = [{ key = "open", title = "Open" }, { key = "offer", title = "Offer" }]
cadences = [
  { key = "answer", title = "Answer", stages = ["open"], within = { work_hours = 16 } },
  { key = "offer", title = "Offer", stages = ["offer"], within = { workdays = 5 } },
  { key = "call", title = "Call", stages = ["offer"], within = { work_hours = 4 } },
  { key = "close", title = "Close", within = { days = 20 } },
]
""")
WORK_BY_HAND = [
    ("answer", "open", "work_hours", 16),
    ("offer", "offer", "workdays", 5),
    ("call", "offer", "work_hours", 4),
    ("close", None, "days", 20),
]

Found = list[tuple[str, date, str]]


def deals(playbook: sf.Playbook, count: int) -> list[sf.Opportunity]:
    """Deals at every place of the process; some of their duties were done."""
    dice = random.Random(7)  # noqa: S311 - no secret
    stamp = PlaybookStamp(id=playbook.id, version=playbook.version, digest=playbook.digest)
    keys = [cadence.key for cadence in playbook.cadences]
    found = []
    for number in range(count):
        places = playbook.positions[: dice.randint(1, len(playbook.positions))]
        moment = NOW - timedelta(minutes=dice.randint(20, 600_000))
        visits: list[Visit] = []
        for i, place in enumerate(places):
            left = moment + (NOW - moment) * dice.random()
            visits.append(
                Visit(
                    stage=place.stage.key,
                    sub_stage=place.sub_stage.key if place.sub_stage else None,
                    entered_at=moment,
                    left_at=left if i < len(places) - 1 else None,
                )
            )
            moment = left
        entered = visits[-1].entered_at
        done = tuple(
            Completion(instrument=key, by="li", at=entered + (NOW - entered) * dice.random())
            for key in keys
            if dice.random() < 0.3
        )
        progress = Progress(
            playbook=stamp,
            stage=visits[-1].stage,
            sub_stage=visits[-1].sub_stage,
            visits=tuple(visits),
            completions=done,
            version=number + 1,
        )
        found.append(sf.Opportunity(id=f"D-{number}", name="Deal", progress=progress))
    return found


def by_hand(deal: sf.Opportunity, now: datetime, zone: ZoneInfo) -> Found:
    """What a script would do for this process and no other."""
    today = now.astimezone(zone).date()
    visits = deal.progress.visits
    here = visits[-1]
    done = {item.instrument: item.at for item in deal.progress.completions}
    found: Found = []
    for key, stages, way, span in BY_HAND:
        inside = stages is None or here.stage in stages or here.sub_stage in stages
        if not inside:
            continue
        start = here.entered_at
        last = done.get(key)
        if way == "changed":  # the first visit since then: these deals know of no other change
            since = [it.entered_at for it in visits if last is None or it.entered_at > last]
            if not since:
                continue
            start = min(since)
        if way != "every":
            if last is not None and last >= start:
                continue
            due = (start + span).astimezone(zone)
            if isinstance(span, relativedelta):
                due = start.astimezone(zone) + span
        else:
            local, times = start.astimezone(zone), 1
            due = local + span
            while last is not None and due - last < last - (local + span * (times - 1)):
                times += 1
                due = local + span * times
        day = due.date()
        status = "overdue" if day < today else "next" if day > today else "due"
        if status == "due" and isinstance(span, timedelta) and due < now:
            status = "overdue"
        found.append((key, day, status))
    return sorted(found, key=lambda item: item[1])


def deals_at_work(count: int) -> list[sf.Opportunity]:
    """Deals of which most were on hold, some of them still are, and some are new."""
    dice = random.Random(7)  # noqa: S311 - no secret
    stamp = PlaybookStamp(id=AT_WORK.id, version=AT_WORK.version, digest=AT_WORK.digest)
    found = []
    for number in range(count):
        moment = began = NOW - timedelta(minutes=dice.randint(20, 60_000))
        holds = []
        for _ in range(dice.randint(0, 2)):
            held = moment + (NOW - moment) * dice.random() * 0.5
            moment = held + (NOW - held) * dice.random() * 0.5
            holds.append(HoldPeriod(began_at=held, ended_at=moment))
        waits = OnHold(resume_when="money", review_on=date(2026, 4, 1), by="li", at=moment)
        first = Visit(stage="open", entered_at=began)
        visits: tuple[Visit, ...] = (first,)
        if dice.random() < 0.6:
            entered = began + (NOW - began) * dice.random()
            visits = (
                first.model_copy(update={"left_at": entered}),
                Visit(stage="offer", entered_at=entered),
            )
        progress = Progress(
            playbook=stamp,
            stage=visits[-1].stage,
            visits=visits,
            holds=tuple(holds),
            hold=waits if dice.random() < 0.2 else None,
            version=number + 1,
        )
        found.append(sf.Opportunity(id=f"D-{number}", name="Deal", progress=progress))
    return found


def at_work_by_hand(  # noqa: C901, PLR0912 - as a script would have it, in one piece
    deal: sf.Opportunity, now: datetime, zone: ZoneInfo, calendar: CountryCalendar
) -> Found:
    """What a script would do for the process with working hours and holds."""
    today = now.astimezone(zone).date()
    progress = deal.progress
    holds = [(hold.began_at, hold.ended_at) for hold in progress.holds]
    if progress.hold is not None:
        holds.append((progress.hold.at, now))
    found: Found = []
    here = progress.visits[-1]
    for key, stage, unit, count in WORK_BY_HAND:
        if stage is not None and here.stage != stage:
            continue
        start = here.entered_at if stage else progress.visits[0].entered_at
        rests = [(max(a, start), b) for a, b in holds if b > start]
        day = start.astimezone(zone).date()
        due = None
        if unit == "work_hours":
            left = timedelta(hours=count)
            while left:
                for opens, closes in USUAL_HOURS if calendar.is_workday(day) else ():
                    at = max(datetime.combine(day, opens, zone).astimezone(UTC), start)
                    ends = datetime.combine(day, closes, zone).astimezone(UTC)
                    for a, b in [*rests, (ends, ends)]:
                        runs = min(a, ends) - at
                        if runs >= left > timedelta():
                            due, left = at + left, timedelta()
                            break
                        if runs > timedelta():
                            left -= runs
                        at = max(at, b)
                    if not left:
                        break
                day += timedelta(days=1)
            assert due is not None
            for a, b in rests:
                due = b if due == a else due
            day = due.astimezone(zone).date()
        else:
            gone = set[date]()
            for a, b in rests:
                first, last = a.astimezone(zone).date(), b.astimezone(zone).date()
                gone.update(first + timedelta(days=n) for n in range(1, (last - first).days + 1))
            left_over = count
            while left_over:
                day += timedelta(days=1)
                left_over -= (unit == "days" or calendar.is_workday(day)) and day not in gone
            while day + timedelta(days=1) in gone or not calendar.is_workday(day):
                day += timedelta(days=1)
        status = "overdue" if day < today else "next" if day > today else "due"
        if status == "due" and due is not None and due < now:
            status = "overdue"
        found.append((key, day, status))
    if progress.hold is not None:
        found.append(("hold.review", progress.hold.review_on, "next"))
    return sorted(found, key=lambda item: item[1])


def hand_loop_at_work(listed: Iterable[sf.Opportunity], calendar: CountryCalendar) -> int:
    zone = ZoneInfo(TZ)
    return sum(len(at_work_by_hand(deal, NOW, zone, calendar)) for deal in listed)


def hand_loop(listed: Iterable[sf.Opportunity]) -> int:
    zone = ZoneInfo(TZ)
    return sum(len(by_hand(deal, NOW, zone)) for deal in listed)


def engine_loop(engine: sf.StageEngine, listed: Iterable[sf.Opportunity]) -> int:
    return sum(len(engine.due(deal, at=NOW)) for deal in listed)


def duties_loop(playbook: sf.Playbook, listed: Iterable[sf.Opportunity]) -> int:
    return sum(len(sf.schedule.duties(playbook, deal.progress, {}, NOW, tz=TZ)) for deal in listed)


def reviews(engine: sf.StageEngine, listed: Iterable[sf.Opportunity]) -> int:
    return sum(len(engine.review(deal, at=NOW).due) for deal in listed)


def reasons(engine: sf.StageEngine, listed: Iterable[sf.Opportunity]) -> int:
    return sum(len(duty.reason.get("en")) for deal in listed for duty in engine.due(deal, at=NOW))


def seconds(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compared(title: str, number: int, ways: dict[str, tuple[int, Callable[[], int]]]) -> None:
    """Print how long ways take for so many duties of all deals; the first is the measure."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (_, run) in ways.items():
            times[name].append(seconds(run))
    each = {name: statistics.median(times[name]) / count for name, (count, _) in ways.items()}
    base = next(iter(each.values()))
    print(f"{title}: {DEALS:,} deals, {number:,} duties; median of {ROUNDS}")
    for name, took in each.items():
        print(
            f"  {name:30} {1 / took:10,.0f} deals/s {number / DEALS / took:10,.0f} duties/s"
            f" {took / base:8.2f}x the time"
        )


def main() -> None:
    playbook = sf.load_playbook("closed_loop_sales")
    plain = sf.StageEngine(playbook, tz=TZ)
    calendar = country_calendar("CN", years=range(2024, 2027), hours=USUAL_HOURS)
    china = sf.StageEngine(playbook, tz=TZ, calendar=calendar)
    distinct = deals(playbook, DISTINCT)
    for deal in distinct:
        ours = [(duty.key, duty.due_on, duty.status) for duty in plain.due(deal, at=NOW)]
        hand = by_hand(deal, NOW, ZoneInfo(TZ))
        assert sorted(ours) == sorted(hand), (ours, hand)
    listed = distinct * (DEALS // DISTINCT)
    compared(
        "by the clock and the calendar",
        hand_loop(listed),
        {
            "by hand": (DEALS, partial(hand_loop, listed)),
            "schedule.duties": (DEALS, partial(duties_loop, playbook, listed)),
            "engine.due": (DEALS, partial(engine_loop, plain, listed)),
            "engine.due, China's calendar": (DEALS, partial(engine_loop, china, listed)),
            "engine.due with reasons": (
                DEALS // 10,
                partial(reasons, plain, listed[: DEALS // 10]),
            ),
            "engine.review": (REVIEWED, partial(reviews, plain, listed[:REVIEWED])),
        },
    )
    at_work = sf.StageEngine(AT_WORK, tz=TZ, calendar=calendar)
    distinct = deals_at_work(DISTINCT)
    for deal in distinct:
        ours = [(duty.key, duty.due_on, duty.status) for duty in at_work.due(deal, at=NOW)]
        hand = at_work_by_hand(deal, NOW, ZoneInfo(TZ), calendar)
        assert sorted(ours) == sorted(hand), (ours, hand)
    listed = distinct * (DEALS // DISTINCT)
    compared(
        "with working hours and pauses",
        hand_loop_at_work(listed, calendar),
        {
            "by hand": (DEALS, partial(hand_loop_at_work, listed, calendar)),
            "engine.due": (DEALS, partial(engine_loop, at_work, listed)),
            "engine.review": (REVIEWED, partial(reviews, at_work, listed[:REVIEWED])),
        },
    )


if __name__ == "__main__":
    main()
