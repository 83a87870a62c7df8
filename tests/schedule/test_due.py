"""What is due: month ends, leap days, clocks that change, workdays, and what was done already."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ScheduleError
from salesflow.playbook import Span
from salesflow.schedule import added, on_workday

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


zones = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"])
moments = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


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
@given(moments, zones, st.integers(1, 1000))
def test_hours_are_hours_whatever_the_clocks_do(moment: datetime, tz: str, hours: int) -> None:
    assert added(moment, Span(hours=1), hours, tz) - moment == timedelta(hours=hours)


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
