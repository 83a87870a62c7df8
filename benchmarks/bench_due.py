"""What is due on 100,000 deals, on one core, against a loop that somebody would write by hand.

The loop knows this one process: for each deal it finds the visit that a duty counts from, adds
dateutil's `relativedelta` in local time, and compares with today. It has no calendar, no roles,
no reasons, and it checks nothing; that both find the same is checked before anything is timed.
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
from salesflow.domain import Completion, PlaybookStamp, Progress, Visit
from salesflow.schedule import country_calendar

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


def main() -> None:
    playbook = sf.load_playbook("closed_loop_sales")
    distinct = deals(playbook, DISTINCT)
    plain = sf.StageEngine(playbook, tz=TZ)
    china = sf.StageEngine(
        playbook, tz=TZ, calendar=country_calendar("CN", years=range(2024, 2027))
    )
    for deal in distinct:
        ours = [(duty.key, duty.due_on, duty.status) for duty in plain.due(deal, at=NOW)]
        hand = by_hand(deal, NOW, ZoneInfo(TZ))
        assert sorted(ours) == sorted(hand), (ours, hand)
    listed = distinct * (DEALS // DISTINCT)
    number = hand_loop(listed)
    ways = {
        "by hand": (DEALS, partial(hand_loop, listed)),
        "schedule.duties": (DEALS, partial(duties_loop, playbook, listed)),
        "engine.due": (DEALS, partial(engine_loop, plain, listed)),
        "engine.due, China's calendar": (DEALS, partial(engine_loop, china, listed)),
        "engine.due with reasons": (DEALS // 10, partial(reasons, plain, listed[: DEALS // 10])),
        "engine.review": (REVIEWED, partial(reviews, plain, listed[:REVIEWED])),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (_, run) in ways.items():
            times[name].append(seconds(run))
    took = {name: statistics.median(found) for name, found in times.items()}
    base = took["by hand"] / DEALS
    print(f"{DEALS:,} deals, {number:,} duties; median of {ROUNDS}")
    for name, (count, _) in ways.items():
        each = took[name] / count
        print(
            f"  {name:30} {1 / each:10,.0f} deals/s {number / DEALS / each:10,.0f} duties/s"
            f" {each / base:8.2f}x the time"
        )


if __name__ == "__main__":
    main()
