"""Laws of duties over whole courses of deals: started, moved, held, lost, reopened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.domain._base.record import replaced
from salesflow.engine import Command, Event
from salesflow.schedule import country_calendar, duties

PLAYBOOK = sf.Playbook.from_toml("""
id = "care"
version = "1"
title = "Care"
policy = { back = "on", reopen = "on" }

[[facts]]
name = "opening_on"
kind = "day"

[[cadences]]
key = "review"
title = "Review"
every = { months = 1 }
[[cadences]]
key = "minutes"
title = "Minutes"
trigger = "stage_entered"
within = { hours = 24 }
[[cadences]]
key = "visit"
title = "Visit"
stages = ["talk", "offer"]
every = { weeks = 2 }
[[cadences]]
key = "shift"
title = "Shift"
stages = ["price"]
every = { hours = 36 }
[[cadences]]
key = "survey"
title = "Survey"
stages = ["offer"]
trigger = "stage_left"
within = { weeks = 1 }
[[cadences]]
key = "invite"
title = "Invite"
before = "opening_on"
ahead = { days = 10 }
[[cadences]]
key = "loss_review"
title = "Loss review"
trigger = "lost"
within = { months = 1 }
[[cadences]]
key = "thanks"
title = "Thanks"
trigger = "won"
within = { days = 2 }
[[cadences]]
key = "file"
title = "File"
trigger = "ended"
every = { years = 1 }

[[stages]]
key = "talk"
title = "Talk"
[[stages]]
key = "offer"
title = "Offer"
  [[stages.sub_stages]]
  key = "draft"
  title = "Draft"
  [[stages.sub_stages]]
  key = "price"
  title = "Price"
[[stages]]
key = "care"
title = "Care"
""")

START = datetime(2024, 1, 31, 15, 30, tzinfo=UTC)
CHINA = country_calendar("CN", years=range(2024, 2029), estimated=True)
ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati"]
KEYS = [cadence.key for cadence in PLAYBOOK.cadences]

pytestmark = pytest.mark.law

commands = st.one_of(
    st.just(sf.Advance(by="li")),
    st.builds(lambda key: sf.Complete(by="li", instrument=key), st.sampled_from(KEYS)),
    st.builds(
        lambda key: sf.MoveTo(by="li", stage=key, note="so"), st.sampled_from(["talk", "price"])
    ),
    st.just(sf.Lose(by="li", reason="price")),
    st.builds(
        lambda key: sf.Reopen(by="li", stage=key, note="so"), st.sampled_from(["talk", "draft"])
    ),
)
courses = st.lists(st.tuples(st.integers(0, 60_000), commands), max_size=12)
zones = st.sampled_from(ZONES)
waits = st.integers(0, 400_000).map(lambda minutes: timedelta(minutes=minutes))


def course(
    steps: Sequence[tuple[int, Command]], tz: str = "UTC"
) -> tuple[sf.Opportunity, datetime, list[Event]]:
    """A deal after these commands, each so many minutes after the one before; and its events."""
    engine = sf.StageEngine(PLAYBOOK, tz=tz)
    deal = sf.Opportunity(id="D-1", name="Deal", facts={"opening_on": "2024-05-31"})
    now, events = START, list[Event]()
    for minutes, command in [(0, sf.Start(by="li")), *steps]:
        now += timedelta(minutes=minutes)
        decision = engine.decide(deal, command, at=now)
        if decision.accepted:
            deal, events = decision.require(), [*events, *decision.events]
    return deal, now, events


def facts() -> dict[str, object]:
    return {"opening_on": date(2024, 5, 31)}


@given(courses, waits, zones)
def test_a_duty_never_falls_due_before_what_it_counts_from(
    steps: list[tuple[int, Command]], wait: timedelta, tz: str
) -> None:
    deal, now, _ = course(steps, tz)

    for duty in duties(PLAYBOOK, deal.progress, facts(), now + wait, tz=tz, calendar=CHINA):
        if duty.cadence.ahead is None:
            assert duty.due_at > duty.since
            assert duty.due_on >= duty.since.date()
        else:
            assert duty.due_on < duty.since.date()


@given(courses, waits, waits, zones)
def test_time_alone_moves_no_due_day_and_makes_no_duty_less_urgent(
    steps: list[tuple[int, Command]], wait: timedelta, more: timedelta, tz: str
) -> None:
    deal, now, _ = course(steps, tz)
    order = ["next", "due", "overdue"]

    one = duties(PLAYBOOK, deal.progress, facts(), now + wait, tz=tz)
    other = duties(PLAYBOOK, deal.progress, facts(), now + wait + more, tz=tz)

    assert [(duty.key, duty.due_at) for duty in one] == [(duty.key, duty.due_at) for duty in other]
    for before, after in zip(one, other, strict=True):
        assert order.index(before.status) <= order.index(after.status)


@given(courses, waits, zones)
def test_a_status_says_where_the_day_is(
    steps: list[tuple[int, Command]], wait: timedelta, tz: str
) -> None:
    deal, now, _ = course(steps, tz)
    at = now + wait
    today = at.astimezone(ZoneInfo(tz)).date()

    found = duties(PLAYBOOK, deal.progress, facts(), at, tz=tz, calendar=CHINA)

    assert [duty.due_on for duty in found] == sorted(duty.due_on for duty in found)
    assert len({duty.key for duty in found}) == len(found)
    for duty in found:
        match duty.status:
            case "next":
                assert duty.due_on > today
            case "due":
                assert duty.due_on == today
            case _:
                assert duty.due_on < today or (duty.due_on == today and duty.due_at < at)


@given(courses, waits, zones)
def test_a_workday_is_found_and_what_moved_is_told(
    steps: list[tuple[int, Command]], wait: timedelta, tz: str
) -> None:
    deal, now, _ = course(steps, tz)

    plain = duties(PLAYBOOK, deal.progress, facts(), now + wait, tz=tz)
    moved = duties(PLAYBOOK, deal.progress, facts(), now + wait, tz=tz, calendar=CHINA)

    by_key = {duty.key: duty for duty in plain}
    assert by_key.keys() == {duty.key for duty in moved}
    for duty in moved:
        assert CHINA.is_workday(duty.due_on)
        assert duty.due_at == by_key[duty.key].due_at
        assert (duty.moved_from or duty.due_on) == by_key[duty.key].due_on
        if duty.moved_from is not None:
            assert not CHINA.is_workday(duty.moved_from)
            assert (duty.due_on > duty.moved_from) is (duty.cadence.ahead is None)
            assert str(duty.moved_from) in duty.reason.get("en")
            assert str(duty.moved_from) in duty.reason.get("zh")


@given(courses, waits, st.randoms(use_true_random=False))
def test_replayed_events_and_shuffled_records_give_the_same_duties(
    steps: list[tuple[int, Command]], wait: timedelta, dice: object
) -> None:
    deal, now, events = course(steps)
    again = sf.StageEngine(PLAYBOOK).replay(events)
    completions = list(deal.progress.completions)
    dice.shuffle(completions)  # type: ignore[attr-defined]
    shuffled = replaced(deal.progress, completions=tuple(completions))

    expected = duties(PLAYBOOK, deal.progress, facts(), now + wait)

    assert duties(PLAYBOOK, again, facts(), now + wait) == expected
    assert duties(PLAYBOOK, shuffled, facts(), now + wait) == expected


@given(courses, waits, zones)
def test_the_cheap_way_lists_what_a_review_lists(
    steps: list[tuple[int, Command]], wait: timedelta, tz: str
) -> None:
    deal, now, _ = course(steps, tz)
    engine = sf.StageEngine(PLAYBOOK, tz=tz, calendar=CHINA)

    assert engine.due(deal, at=now + wait) == engine.review(deal, at=now + wait).due


@given(courses, st.sampled_from(KEYS))
def test_what_was_just_done_is_not_asked_for_again_at_once(
    steps: list[tuple[int, Command]], key: str
) -> None:
    deal, now, _ = course(steps)
    before = {duty.key: duty for duty in duties(PLAYBOOK, deal.progress, facts(), now)}
    engine = sf.StageEngine(PLAYBOOK)
    decision = engine.decide(deal, sf.Complete(by="li", instrument=key), at=now)
    if not decision.accepted:
        return

    after = {duty.key: duty for duty in duties(PLAYBOOK, decision.require().progress, facts(), now)}

    assert after.keys() <= before.keys()
    if key in after:  # it recurs
        assert after[key].due_at > now
        assert after[key].due_at >= before[key].due_at
