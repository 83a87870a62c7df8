"""What is due: month ends, leap days, clocks that change, workdays, and what was done already."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

import salesflow as sf
from salesflow.errors import ScheduleError
from salesflow.schedule import CalendarEnds, duties, on_workday

NOW = datetime(2026, 1, 30, 9, 0, tzinfo=UTC)

PLAYBOOK = sf.Playbook.from_toml("""
id = "care"
version = "1"
title = { en = "Care", zh = "维护" }
languages = ["en", "zh"]

[[roles]]
key = "rep"
title = { en = "Rep", zh = "销售" }

[[facts]]
name = "expert_on"
kind = "day"

[[reasons]]
key = "price"
outcome = "lost"
title = { en = "Price", zh = "价格" }

[[cadences]]
key = "review"
title = { en = "Review the plan", zh = "审查计划" }
role = "rep"
trigger = "started"
every = { months = 1 }

[[cadences]]
key = "minutes"
title = { en = "Write it up", zh = "整理记录" }
stages = ["talk"]
trigger = "stage_entered"
within = { hours = 24 }

[[cadences]]
key = "ask"
title = { en = "Ask for the experts", zh = "申请专家" }
before = "expert_on"
ahead = { weeks = 2 }

[[cadences]]
key = "survey"
title = { en = "Survey", zh = "满意度调查" }
stages = ["talk"]
trigger = "stage_left"
within = { weeks = 1 }

[[cadences]]
key = "loss_review"
title = { en = "Loss review", zh = "丢单复盘" }
trigger = "lost"
within = { weeks = 2 }

[[stages]]
key = "talk"
title = { en = "Talk", zh = "洽谈" }
[[stages]]
key = "care"
title = { en = "Care", zh = "维护" }
""")


def started(engine: sf.StageEngine, **facts: object) -> sf.Opportunity:
    deal = sf.Opportunity(id="D-1", name="Deal", facts=facts)  # type: ignore[arg-type]
    return engine.decide(deal, sf.Start(by="li"), at=NOW).require()


def due(engine: sf.StageEngine, deal: sf.Opportunity, at: datetime) -> dict[str, tuple[str, str]]:
    return {
        duty.key: (duty.due_on.isoformat(), duty.status) for duty in engine.review(deal, at=at).due
    }


def test_what_is_due_is_listed_with_the_most_urgent_first() -> None:
    engine = sf.StageEngine(PLAYBOOK)
    deal = started(engine, expert_on="2026-02-20")
    review = engine.review(deal, at=NOW)
    assert [(duty.key, duty.due_on.isoformat(), duty.status) for duty in review.due] == [
        ("minutes", "2026-01-31", "next"),
        ("ask", "2026-02-06", "next"),
        ("review", "2026-02-28", "next"),
    ]
    assert review.due[2].role == "rep"


def test_a_duty_is_due_on_its_day_and_overdue_after_its_hour() -> None:
    engine = sf.StageEngine(PLAYBOOK)
    deal = started(engine)
    assert due(engine, deal, NOW + timedelta(hours=23))["minutes"] == ("2026-01-31", "due")
    assert due(engine, deal, NOW + timedelta(hours=25))["minutes"] == ("2026-01-31", "overdue")


def test_a_duty_that_was_done_is_gone_or_comes_again() -> None:
    engine = sf.StageEngine(PLAYBOOK)
    deal = started(engine)
    later = NOW + timedelta(days=40)
    assert due(engine, deal, later)["review"] == ("2026-02-28", "overdue")
    for key in ("minutes", "review"):
        done = sf.Complete(by="li", instrument=key)
        deal = engine.decide(deal, done, at=later).require()
    assert due(engine, deal, later) == {"review": ("2026-03-30", "next")}


def test_duties_follow_the_deal_out_of_a_stage_and_past_its_end() -> None:
    engine = sf.StageEngine(PLAYBOOK)
    deal = engine.decide(started(engine), sf.Advance(by="li"), at=NOW).require()
    assert due(engine, deal, NOW)["survey"] == ("2026-02-06", "next")
    lost = engine.decide(deal, sf.Lose(by="li", reason="price"), at=NOW).require()
    assert due(engine, lost, NOW)["loss_review"] == ("2026-02-13", "next")
    assert "review" not in due(engine, lost, NOW)
    reviewed = sf.Complete(by="li", instrument="loss_review")
    assert "loss_review" not in due(engine, engine.decide(lost, reviewed, at=NOW).require(), NOW)


def test_a_deal_that_is_not_started_has_nothing_due() -> None:
    engine = sf.StageEngine(PLAYBOOK)
    assert engine.review(sf.Opportunity(id="D", name="N"), at=NOW).due == ()


class China2026:
    """Three days of a holiday, and the Saturday that makes up for one of them."""

    def is_workday(self, day: date) -> bool:
        if day > date(2026, 12, 31):
            raise LookupError(day)
        if date(2026, 2, 6) <= day <= date(2026, 2, 8):
            return False
        return day.weekday() < 5 or day == date(2026, 1, 31)


def test_due_days_move_to_workdays_forward_and_back_for_what_is_ahead() -> None:
    engine = sf.StageEngine(PLAYBOOK, calendar=China2026())
    deal = started(engine, expert_on="2026-02-20")
    found = due(engine, deal, NOW)
    assert found["minutes"][0] == "2026-01-31"  # a Saturday that is worked
    assert found["ask"][0] == "2026-02-05"  # ahead of the holiday, not after it
    assert found["review"][0] == "2026-03-02"


def test_a_calendar_that_ends_before_the_deadline_is_told() -> None:
    with pytest.raises(ScheduleError, match="does not reach 2027-01-01"):
        on_workday(date(2027, 1, 1), China2026())

    class Never:
        def is_workday(self, day: date) -> bool:
            return day is None

    with pytest.raises(ScheduleError, match="no workday within 60 days"):
        on_workday(date(2026, 1, 1), Never())


BY_HOUR = """
id = "hours"
version = "1"
title = "Hours"
[[cadences]]
key = "call"
title = "Call"
every = { hours = 2 }
[[cadences]]
key = "letter"
title = "Letter"
trigger = "started"
within = { hours = 5 }
[[cadences]]
key = "visit"
title = "Visit"
trigger = "stage_entered"
stages = ["b"]
within = { hours = 2 }
[[stages]]
key = "a"
title = "A"
[[stages]]
key = "b"
title = "B"
"""


def test_what_was_done_half_way_settles_the_time_before_and_the_earliest_hour_comes_first() -> None:
    engine = sf.StageEngine(sf.Playbook.from_toml(BY_HOUR))
    hour = timedelta(hours=1)
    deal = sf.Opportunity(id="D-1", name="Works")
    deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()
    call = sf.Complete(by="li", instrument="call")
    deal = engine.decide(deal, call, at=NOW + hour).require()
    deal = engine.decide(deal, sf.Advance(by="li"), at=NOW + hour).require()
    found = duties(engine.playbook, deal.progress, {}, NOW + hour)

    assert [(duty.key, duty.due_at - NOW) for duty in found] == [
        ("call", 2 * hour),
        ("visit", 3 * hour),
        ("letter", 5 * hour),
    ]


def test_a_calendar_that_ends_is_not_all_where_something_else_is_wrong_too() -> None:
    text = BY_HOUR + (
        '[[facts]]\nname = "opens_on"\nkind = "day"\n'
        '[[cadences]]\nkey = "ask"\ntitle = "Ask"\nbefore = "opens_on"\nahead = { days = 1 }\n'
    )
    engine = sf.StageEngine(sf.Playbook.from_toml(text))
    deal = sf.Opportunity(id="D-1", name="Works")
    deal = engine.decide(deal, sf.Start(by="li"), at=NOW).require()

    class Ending:
        def is_workday(self, day: date) -> bool:
            raise CalendarEnds(f"It does not reach {day}.")

    with pytest.raises(CalendarEnds):
        duties(engine.playbook, deal.progress, {}, NOW, calendar=Ending())
    with pytest.raises(ScheduleError) as caught:
        duties(engine.playbook, deal.progress, {"opens_on": 7}, NOW, calendar=Ending())
    assert not isinstance(caught.value, CalendarEnds)
    assert [problem.path for problem in caught.value.problems] == ["call", "letter", "ask"]
