"""Which duties a deal has: stages, second stays, ends, early and late, days that count back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import salesflow as sf
from salesflow.domain import Completion, Progress
from salesflow.domain._base.record import replaced
from salesflow.errors import ArgumentError, ClockError, PlaybookMismatch, ScheduleError
from salesflow.schedule import CalendarEnds, duties
from tests.schedule.delivery import (
    ADVANCE,
    DAY,
    DONE,
    HOUR,
    LOSE,
    NOW,
    cadence,
    due,
    only,
    process,
    run,
)


class Weekdays:
    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5


def test_what_is_done_a_little_early_is_not_due_again_on_its_day() -> None:
    weekly = process(cadence("every = { weeks = 1 }"))

    early = run(weekly, (6 * DAY + 23 * HOUR, DONE))
    assert due(weekly, early, 7 * DAY) == ("2026-02-13", "next")
    late = run(weekly, (9 * DAY, DONE))
    assert due(weekly, late, 9 * DAY) == ("2026-02-13", "next")
    at_once = run(weekly, (HOUR, DONE))
    assert due(weekly, at_once, 2 * HOUR) == ("2026-02-06", "next")


def test_what_was_missed_for_years_is_due_on_the_next_day_once_it_is_done() -> None:
    hourly = process(cadence("every = { hours = 1 }"))
    deal = run(hourly, (40 * 365 * DAY, DONE))

    duty = only(hourly, deal, 40 * 365 * DAY)

    assert duty is not None
    assert duty.due_at == NOW + 40 * 365 * DAY + HOUR


def test_a_duty_of_days_is_due_all_day_and_one_of_hours_until_its_hour() -> None:
    days, hours = (
        process(cadence(f"within = {{ {span} }}")) for span in ("days = 1", "hours = 24")
    )
    evening = 1 * DAY + 10 * HOUR

    assert due(days, run(days), evening) == ("2026-01-31", "due")
    assert due(hours, run(hours), evening) == ("2026-01-31", "overdue")
    assert due(hours, run(hours), DAY) == ("2026-01-31", "due")
    assert due(days, run(days), 2 * DAY) == ("2026-01-31", "overdue")


def test_an_hour_does_not_count_on_a_day_that_the_calendar_gave() -> None:
    hours = process(cadence("within = { hours = 24 }"))  # from Friday 9:00
    engine = sf.StageEngine(hours, calendar=Weekdays())

    (duty,) = engine.due(run(hours), at=NOW + 3 * DAY + 8 * HOUR)  # Monday 17:00

    assert (str(duty.due_on), duty.status, str(duty.moved_from)) == (
        "2026-02-02",
        "due",
        "2026-01-31",
    )


def test_what_is_due_ahead_of_a_day_is_due_on_its_day_and_not_overdue_at_its_midnight() -> None:
    ahead = process(cadence('before = "opening_on"\nahead = { weeks = 2 }'))
    deal = run(ahead, opening_on="2026-02-14")

    assert due(ahead, deal, timedelta()) == ("2026-01-31", "next")
    assert due(ahead, deal, DAY) == ("2026-01-31", "due")
    assert due(ahead, deal, 2 * DAY) == ("2026-01-31", "overdue")
    assert due(ahead, run(ahead), DAY) is None  # nobody has set the day


def test_what_is_due_ahead_of_an_instant_counts_from_its_hour_and_its_day_in_the_zone() -> None:
    ahead = process(cadence('before = "opening_at"\nahead = { hours = 48 }'))
    deal = run(ahead, opening_at="2026-02-14T20:00:00+00:00")

    duty = only(ahead, deal, timedelta(), tz="Asia/Shanghai")

    assert duty is not None
    assert duty.due_at == datetime(2026, 2, 12, 20, 0, tzinfo=UTC)
    assert duty.due_on == date(2026, 2, 13)


def test_ahead_with_a_trigger_waits_for_it() -> None:
    ahead = process(
        cadence('trigger = "won"\nbefore = "opening_on"\nahead = { weeks = 2 }'),
    )
    started = run(ahead, opening_on="2026-03-14")
    assert due(ahead, started, DAY) is None

    over = run(ahead, *[(DAY, ADVANCE)] * 4, opening_on="2026-03-14")
    assert over.progress.outcome == "won"
    assert due(ahead, over, DAY) == ("2026-02-28", "next")


def test_leaving_a_stage_counts_also_where_the_deal_ends_in_it() -> None:
    survey = process(cadence('trigger = "stage_left"\nstages = ["care"]\nwithin = { weeks = 1 }'))
    inside = run(survey, *[(DAY, ADVANCE)] * 3)
    assert inside.progress.stage == "care"
    assert due(survey, inside, DAY) is None

    ended = run(survey, *[(DAY, ADVANCE)] * 4)
    assert due(survey, ended, DAY) == ("2026-02-07", "next")
    lost = run(survey, *[(DAY, ADVANCE)] * 3, (2 * DAY, LOSE))
    assert due(survey, lost, 2 * DAY) == ("2026-02-08", "next")


def test_moving_between_parts_of_a_stage_is_one_stay_and_does_not_start_the_clock_again() -> None:
    report = process(cadence('stages = ["delivery"]\nevery = { weeks = 1 }'))
    deal = run(report, (DAY, ADVANCE), (3 * DAY, ADVANCE))

    assert deal.progress.sub_stage == "test"
    assert due(report, deal, 3 * DAY) == ("2026-02-07", "next")


def test_a_deal_that_is_reopened_where_it_ended_begins_another_stay() -> None:
    minutes = process(cadence('stages = ["talk"]\nwithin = { hours = 24 }'))
    reopened = sf.Reopen(by="li", stage="talk", note="they called")
    deal = run(minutes, (HOUR, DONE), (2 * DAY, LOSE), (9 * DAY, reopened))

    assert due(minutes, deal, 9 * DAY) == ("2026-02-09", "next")


def test_a_deal_that_comes_back_owes_what_it_owed_once_before() -> None:
    minutes = process(cadence('stages = ["talk"]\nwithin = { days = 1 }'))
    back = sf.MoveTo(by="li", stage="talk", note="needs changed")
    deal = run(minutes, (HOUR, DONE), (DAY, ADVANCE), (4 * DAY, back))

    assert due(minutes, deal, 4 * DAY) == ("2026-02-04", "next")


def test_duties_of_the_end_are_those_of_that_end_and_of_the_stages_named() -> None:
    everywhere = process(cadence('trigger = "lost"\nwithin = { weeks = 2 }'))
    in_talk = process(cadence('trigger = "lost"\nstages = ["talk"]\nwithin = { weeks = 2 }'))
    any_end = process(cadence('trigger = "ended"\nevery = { months = 6 }'))
    none = sf.Disqualify(by="li", reason="budget")

    assert due(everywhere, run(everywhere), DAY) is None
    assert due(everywhere, run(everywhere, (DAY, LOSE)), DAY) == ("2026-02-14", "next")
    assert due(everywhere, run(everywhere, (DAY, none)), DAY) is None
    assert due(in_talk, run(in_talk, (DAY, LOSE)), DAY) == ("2026-02-14", "next")
    assert due(in_talk, run(in_talk, (DAY, ADVANCE), (DAY, LOSE)), DAY) is None
    assert due(any_end, run(any_end, (DAY, none)), DAY) == ("2026-07-31", "next")


def test_a_deal_on_hold_keeps_its_duties() -> None:
    review = process(cadence("every = { months = 3 }"))
    hold = sf.Hold(by="li", resume_when="the budget is there", review_on=date(2026, 3, 1))

    assert due(review, run(review, (DAY, hold)), DAY) == ("2026-04-30", "next")


def test_a_stage_that_was_renamed_is_known_by_its_old_name_too() -> None:
    text = cadence('trigger = "stage_left"\nstages = ["first_talk"]\nwithin = { weeks = 1 }')
    old = process("")
    new = sf.Playbook.from_toml(f"""
id = "care"
version = "3"
title = "Care"
{text}
[[stages]]
key = "first_talk"
title = "Talk"
[[stages]]
key = "delivery"
title = "Delivery"
  [[stages.sub_stages]]
  key = "build"
  title = "Build"
  [[stages.sub_stages]]
  key = "test"
  title = "Test"
[[stages]]
key = "care"
title = "Care"
[[migrations]]
from = "2"
stages = {{ talk = "first_talk" }}
""")
    deal = run(old, (DAY, ADVANCE))
    deal = sf.StageEngine(new).decide(deal, sf.Migrate(by="li"), at=NOW + 2 * DAY).require()

    assert due(new, deal, 2 * DAY) == ("2026-02-07", "next")


def test_a_deal_that_is_not_started_owes_nothing_and_another_playbooks_deal_is_refused() -> None:
    review = process(cadence("every = { months = 3 }"))
    engine = sf.StageEngine(review)
    assert engine.due(sf.Opportunity(id="D", name="N"), at=NOW) == ()
    assert duties(review, Progress(stage="talk"), {}, NOW) == ()

    other = sf.StageEngine(process(cadence("every = { months = 4 }")))
    with pytest.raises(PlaybookMismatch):
        other.due(run(review), at=NOW)


def test_a_due_day_beyond_the_calendar_is_refused() -> None:
    review = process(cadence("every = { years = 100 }"))
    visit = replaced(run(review).progress.visits[0], entered_at=NOW.replace(year=9950))

    with pytest.raises(ScheduleError, match="duty: Such a span from 9950-01-30, counted 1-fold"):
        duties(review, replaced(run(review).progress, visits=(visit,)), {}, NOW)


def test_of_two_records_of_one_duty_the_later_counts() -> None:
    review = process(cadence("every = { months = 1 }"))
    deal = run(review)
    records = [Completion(instrument="duty", by="li", at=NOW + days * DAY) for days in (60, 30, 10)]
    progress = replaced(deal.progress, completions=tuple(records))

    (duty,) = duties(review, progress, {}, NOW + 70 * DAY)

    assert str(duty.due_on) == "2026-04-30"


def test_what_is_no_moment_zone_deal_or_day_is_refused() -> None:
    review = process(
        cadence("every = { months = 1 }")
        + cadence('before = "opening_on"\nahead = { days = 1 }', key="invite")
    )
    progress = run(review).progress
    with pytest.raises(ClockError, match="at must be a datetime with a zone"):
        duties(review, progress, {}, datetime(2026, 1, 31))
    with pytest.raises(ClockError, match="at must be a datetime with a zone"):
        sf.StageEngine(review).due(run(review), at="now")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="tz must name a time zone, not 'Mars'"):
        duties(review, progress, {}, NOW, tz="Mars")
    with pytest.raises(ArgumentError, match="playbook must be a Playbook, not a str"):
        duties("care", progress, {}, NOW)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="facts must be a mapping, not None"):
        duties(review, progress, None, NOW)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="progress must be a Progress, not a str"):
        duties(review, "progress", {}, NOW)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="facts must be a mapping, not a list"):
        duties(review, progress, [], NOW)  # type: ignore[arg-type]
    with pytest.raises(ScheduleError) as caught:
        duties(review, progress, {"opening_on": "2026-02-14"}, NOW)
    assert str(caught.value.problems[0]).startswith("invite: opening_on is a str, not a day")
    for day in (date.min, date.max):
        for tz in ("Asia/Shanghai", "America/New_York"):
            with pytest.raises(ScheduleError, match="invite"):
                duties(review, progress, {"opening_on": day}, NOW, tz=tz)
    with pytest.raises(ScheduleError, match="opening_on is a datetime without a zone"):
        duties(review, progress, {"opening_on": datetime(2026, 2, 14)}, NOW)


def amend(text: str) -> sf.Amend:
    return sf.Amend(by="li", changes={"next_step": text})


def test_a_change_asks_for_something_within_a_time_until_it_is_done_and_again_after_the_next() -> (
    None
):
    tracked = process(cadence('trigger = "changed"\nwithin = { hours = 24 }'))
    started = run(tracked)
    assert due(tracked, started, HOUR) == ("2026-01-31", "next")

    done = run(tracked, (2 * HOUR, DONE))
    assert due(tracked, done, 10 * DAY) is None

    steps = ((2 * HOUR, DONE), (10 * DAY, amend("Call")), (11 * DAY, amend("Visit")))
    changed = run(tracked, *steps)
    assert due(tracked, changed, 11 * DAY) == ("2026-02-10", "due")  # from the first of both
    assert due(tracked, changed, 13 * DAY) == ("2026-02-10", "overdue")
    assert due(tracked, run(tracked, *steps, (12 * DAY, DONE)), 13 * DAY) is None
    assert due(tracked, run(tracked, *steps, (12 * DAY, LOSE)), 13 * DAY) is None


def test_changes_of_a_stage_are_those_of_the_present_stay() -> None:
    tracked = process(cadence('trigger = "changed"\nstages = ["talk"]\nwithin = { hours = 24 }'))
    back = sf.MoveTo(by="li", stage="talk", note="They asked again")
    steps = ((HOUR, amend("Call")), (DAY, ADVANCE), (5 * DAY, back))
    assert due(tracked, run(tracked, *steps[:2]), DAY) is None
    assert due(tracked, run(tracked, *steps), 5 * DAY) == ("2026-02-05", "next")


def test_what_changed_long_ago_is_known_from_what_stands_on_record() -> None:
    tracked = process(cadence('trigger = "changed"\nwithin = { hours = 24 }'))
    noise = [(DAY, sf.Hold(by="li", resume_when="x", review_on=date(2026, 3, 1)))]
    noise += [(DAY, sf.Resume(by="li")), (DAY, noise[0][1])] * 15  # type: ignore[list-item]
    assert due(tracked, run(tracked, *noise), 2 * DAY) == ("2026-01-31", "overdue")


def test_hours_ahead_of_a_moment_are_real_hours_in_whatever_zone_it_is_given() -> None:
    ahead = process(cadence('before = "opening_at"\nahead = { hours = 24 }'))
    # Noon in New York, on the day on which clocks are put forward there.
    noon = datetime(2026, 3, 8, 12, 0, tzinfo=ZoneInfo("America/New_York"))
    (duty,) = duties(ahead, run(ahead).progress, {"opening_at": noon}, NOW)

    assert duty.due_at == datetime(2026, 3, 7, 16, 0, tzinfo=UTC)


def test_what_a_calendar_moved_is_as_urgent_as_the_day_to_which_it_was_moved() -> None:
    """Saturday moves on to Monday; the Sunday ahead of which there is something, back to Friday."""
    playbook = process(
        cadence("within = { hours = 24 }", key="call")
        + cadence('before = "opening_on"\nahead = { days = 6 }', key="invite")
    )
    deal = run(playbook, opening_on="2026-02-07")

    found = sf.StageEngine(playbook, calendar=Weekdays()).due(deal, at=NOW)

    assert [(duty.key, str(duty.due_at)[:10], str(duty.due_on)) for duty in found] == [
        ("invite", "2026-02-01", "2026-01-30"),
        ("call", "2026-01-31", "2026-02-02"),
    ]


def test_a_day_that_was_not_moved_has_no_name() -> None:
    once = process(cadence("within = { days = 1 }"))  # until a Saturday
    duty = only(once, run(once), HOUR)

    assert duty is not None
    assert (duty.moved_from, duty.moved_by) == (None, None)


def test_nothing_further_is_worked_out_where_nothing_was_missed() -> None:
    class January(Weekdays):
        def is_workday(self, day: date) -> bool:
            if day > date(2026, 2, 6):
                raise LookupError(day)
            return super().is_workday(day)

    weekly = process(cadence("every = { weeks = 1 }"))
    engine = sf.StageEngine(weekly, calendar=January())

    (duty,) = engine.due(run(weekly), at=NOW + 7 * DAY, missed=True)
    assert (str(duty.due_on), duty.status) == ("2026-02-06", "due")
    with pytest.raises(CalendarEnds, match=r"^The work calendar ends before a due day\."):
        engine.due(run(weekly), at=NOW + 8 * DAY, missed=True)


def test_a_calendar_that_ends_and_fails_is_not_only_one_that_ends() -> None:
    class Mistaken:
        def is_workday(self, day: date) -> bool:
            if day > date(2026, 3, 1):
                raise LookupError(day)
            return 1  # type: ignore[return-value]

    both = process(
        cadence("within = { days = 1 }", key="call")
        + cadence("within = { weeks = 6 }", key="visit")
    )
    with pytest.raises(ScheduleError, match=r"^A due day cannot be worked out\.") as caught:
        sf.StageEngine(both, calendar=Mistaken()).due(run(both), at=NOW)
    assert not isinstance(caught.value, CalendarEnds)


def test_missed_duties_are_listed_only_for_who_asks() -> None:
    weekly = process(cadence("every = { weeks = 1 }"))
    progress, at = run(weekly).progress, NOW + 30 * DAY

    assert len(duties(weekly, progress, {}, at)) == 1
    assert len(duties(weekly, progress, {}, at, missed=True)) == 4
