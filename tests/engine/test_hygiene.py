"""What a review says of the hygiene of one deal: what a frame of that deal would be checked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import pytest

import salesflow as sf

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = AT.date()
BOOK = """
id = "works"
version = "1"
currency = "USD"
title = { en = "Works", zh = "工程" }
policy = { pause_on_hold = PAUSE, reopen = "on" }

[[facts]]
name = "region"
kind = "choice"
choices = ["east", "west"]
[[facts]]
name = "paid"
kind = "money"

[[stages]]
key = "plan"
title = { en = "Plan", zh = "规划" }
max_days = 10
probability = 0.1
[[stages]]
key = "build"
title = { en = "Build", zh = "建设" }
  [[stages.sub_stages]]
  key = "draft"
  title = { en = "Draft", zh = "初稿" }
  max_days = 5
  [[stages.sub_stages]]
  key = "polish"
  title = { en = "Polish", zh = "定稿" }
[[stages]]
key = "sign"
title = { en = "Sign", zh = "签约" }
wins = true
[[stages]]
key = "deliver"
title = { en = "Deliver", zh = "交付" }

[[tracks]]
key = "legal"
title = { en = "Legal review", zh = "法务审核" }
  [[tracks.states]]
  key = "open"
  title = { en = "Open", zh = "未开始" }
  [[tracks.states]]
  key = "in_review"
  title = { en = "In review", zh = "审核中" }
  max_days = 20
"""
ENGINE = sf.StageEngine(sf.Playbook.from_toml(BOOK.replace("PAUSE", "false")))
PAUSING = sf.StageEngine(sf.Playbook.from_toml(BOOK.replace("PAUSE", "true")))


def days(number: int) -> date:
    """So many days from today."""
    return TODAY + timedelta(days=number)


HEALTHY: Mapping[str, Any] = {
    "id": "D-1",
    "name": "Crane",
    "owner": "li",
    "amount": sf.Money(100, "USD"),
    "probability": 0.1,
    "created_on": days(-30),
    "expected_close_on": days(30),
    "last_activity_on": TODAY,
    "next_step": "Visit them",
    "next_step_on": TODAY,
    "contacts": [{"name": "Zhang"}, {"name": "Zhao"}],
}
"""An open deal of which there is nothing to be said in its first stage."""


DealT = TypeVar("DealT", sf.Opportunity, sf.HostDeal)


def told(
    deal: DealT,
    *commands: tuple[int, sf.Command],
    engine: sf.StageEngine = ENGINE,
    at: datetime = AT,
) -> dict[str, str]:
    """What a review tells of a deal after commands, each so many days from today."""
    for day, command in commands:
        deal = engine.decide(deal, command, at=AT + timedelta(days=day)).require()
    found = engine.review(deal, at=at).hygiene
    return {it.check.removeprefix("hygiene."): it.verdict.value for it in found}


def adopt(stage: str, since: int = 0, **fields: Any) -> tuple[int, sf.Command]:
    """A deal has been in a stage since so many days from today, and is taken over the day after."""
    fields = {"by": "li", "stage": stage, "entered_on": days(since), **fields}
    return min(since + 1, 0), sf.Adopt.model_validate(fields)


PLAN = adopt("plan")
CLOSED = {**HEALTHY, "probability": 0.0}
BUILD: Mapping[str, Any] = {**HEALTHY, "probability": 0.9}
LOST = adopt("plan", -20, outcome="lost")


@pytest.mark.parametrize(
    ("fields", "commands", "expected"),
    [
        pytest.param(HEALTHY, [PLAN], {}, id="nothing is said of a deal in order"),
        pytest.param(
            {**HEALTHY, "amount": None}, [PLAN], {"amount_known": "no"}, id="it has no amount"
        ),
        pytest.param(
            {**HEALTHY, "amount": sf.Money(5, "GBP")},
            [PLAN],
            {"amount_convertible": "no"},
            id="its amount is given, and there is no rate",
        ),
        pytest.param(
            {**HEALTHY, "facts": {"paid": 5, "region": "east"}},
            [PLAN],
            {},
            id="its facts are in order",
        ),
        pytest.param(
            {**HEALTHY, "facts": {"paid": 5, "region": "north"}},
            [PLAN],
            {"known_values.region": "no"},
            id="a fact has a value that is not listed",
        ),
        pytest.param(
            {**HEALTHY, "facts": {"paid": sf.Money(5, "GBP"), "region": "east"}},
            [PLAN],
            {"convertible.paid": "no"},
            id="there is no rate for a fact",
        ),
        pytest.param(
            {**HEALTHY, "facts": {"paid": sf.Money(5, "GBP"), "region": "north"}},
            [PLAN],
            {"convertible.paid": "no", "known_values.region": "no"},
            id="one fact is not listed, and for another there is no rate",
        ),
        pytest.param(
            {**HEALTHY, "amount": sf.Money(5, "GBP"), "facts": {"paid": 5}},
            [PLAN],
            {"amount_convertible": "no", "convertible.paid": "unknown"},
            id="of one amount the currency is not known",
        ),
        pytest.param(
            {**HEALTHY, "probability": 0.5},
            [PLAN],
            {"probability_near_stage": "no"},
            id="its chance is far from that of its stage",
        ),
        pytest.param(BUILD, [adopt("sign")], {}, id="its stage has no chance of its own"),
        pytest.param(
            {**HEALTHY, "probability": None},
            [PLAN],
            {"probability_near_stage": "unknown"},
            id="its chance is not known",
        ),
        pytest.param(HEALTHY, [adopt("plan", -10)], {}, id="it has been as long as it may"),
        pytest.param(
            HEALTHY,
            [adopt("plan", -11)],
            {"stage_age": "no"},
            id="it has been too long in its stage",
        ),
        pytest.param(
            BUILD,
            [adopt("draft", -6)],
            {"sub_stage_age": "no"},
            id="it has been too long in its sub-stage",
        ),
        pytest.param(
            BUILD, [adopt("polish", -6)], {}, id="the limit of another sub-stage is not its own"
        ),
        pytest.param(
            BUILD,
            [adopt("sign", -21, tracks={"legal": "in_review"})],
            {"track_age_legal": "no"},
            id="a track has been too long where it is",
        ),
        pytest.param(
            BUILD, [adopt("sign", -21)], {}, id="a track stands where there is no such limit"
        ),
        pytest.param(
            {**HEALTHY, "next_step": None, "created_on": days(1), "facts": {"region": "north"}},
            [PLAN],
            {"created_not_in_future": "no"},
            id="of a deal that was created later only this is asked",
        ),
        pytest.param(
            {**CLOSED, "next_step": None}, [LOST], {}, id="a lost deal needs no next step"
        ),
        pytest.param(
            HEALTHY, [LOST], {"lost_probability": "no"}, id="a lost deal has no chance any more"
        ),
        pytest.param(
            {**CLOSED, "created_on": days(-19)},
            [LOST],
            {"closed_after_created": "no", "entered_after_created": "no"},
            id="it was lost before it was created",
        ),
        pytest.param(
            {**HEALTHY, "probability": 0.9},
            [adopt("deliver", outcome="won")],
            {"won_probability": "no"},
            id="a won deal has a chance of one",
        ),
        pytest.param(
            {"id": "D-1", "name": "Crane", "created_on": days(-30)},
            [adopt("deliver"), (0, sf.Advance(by="li"))],
            {"ended_has_outcome": "no"},
            id="a deal that ended without an outcome is neither open nor closed",
        ),
    ],
)
def test_a_review_tells_of_a_deal(
    fields: Mapping[str, Any],
    commands: Sequence[tuple[int, sf.Command]],
    expected: Mapping[str, str],
) -> None:
    assert told(sf.Opportunity.model_validate(fields), *commands) == expected


NOTHING_GIVEN: Mapping[str, Any] = {}


@pytest.mark.parametrize(
    ("facts", "commands", "expected"),
    [
        pytest.param(NOTHING_GIVEN, [PLAN], {}, id="nothing is asked that it cannot tell"),
        pytest.param({"probability": 0.1}, [PLAN], {}, id="the chance that it gives is in order"),
        pytest.param(
            {"probability": 0.5},
            [PLAN],
            {"probability_near_stage": "no"},
            id="the chance that it gives is asked about",
        ),
        pytest.param(
            {"probability": 2},
            [adopt("sign")],
            {"probability_in_range": "no"},
            id="the chance that it gives is none",
        ),
        pytest.param({"close_date_pushes": 1}, [PLAN], {}, id="it was put off once"),
        pytest.param({"amount": 5}, [PLAN], {}, id="the amount that it gives is in order"),
        pytest.param(
            {"amount": -5},
            [PLAN],
            {"amount_not_negative": "no"},
            id="the amount that it gives is below zero",
        ),
        pytest.param(
            {"amount": sf.Money(5, "GBP")},
            [PLAN],
            {"amount_convertible": "no"},
            id="there is no rate for the amount that it gives",
        ),
        pytest.param(
            {"next_step_on": days(-1)},
            [PLAN],
            {"next_step_not_overdue": "no"},
            id="what needs no other fact is asked of the one that it gives",
        ),
        pytest.param(
            NOTHING_GIVEN,
            [adopt("plan", -11)],
            {"stage_age": "no"},
            id="where it stands is known without it",
        ),
        pytest.param(
            {"created_on": days(1), "probability": 0.5},
            [PLAN],
            {"created_not_in_future": "no"},
            id="it was created later",
        ),
    ],
)
def test_a_host_is_asked_only_what_its_record_can_tell(
    facts: Mapping[str, Any],
    commands: Sequence[tuple[int, sf.Command]],
    expected: Mapping[str, str],
) -> None:
    assert told(sf.HostDeal(id="D-1", facts=facts), *commands) == expected


def test_a_fact_that_the_playbook_has_no_more_is_no_matter_of_hygiene() -> None:
    deal = ENGINE.decide(sf.Opportunity.model_validate(HEALTHY), PLAN[1], at=AT).require()
    deal = deal.model_copy(update={"facts": {"district": "north", "region": "north"}})

    assert [it.code for it in ENGINE.review(deal, at=AT).problems] == ["unknown", "outside"]
    assert told(deal) == {"known_values.region": "no"}


@pytest.mark.parametrize("engine", [ENGINE, PAUSING])
def test_a_deal_that_has_not_started_is_in_no_stage(engine: sf.StageEngine) -> None:
    assert told(sf.Opportunity.model_validate(HEALTHY), engine=engine) == {
        "stage_known": "no",
        "entered_after_created": "unknown",
        "track_age_legal": "unknown",
    }


@pytest.mark.parametrize(
    ("stage", "fields", "expected"),
    [
        ("plan", HEALTHY, {"stage_age": "no"}),
        ("draft", BUILD, {"sub_stage_age": "no"}),
        ("sign", BUILD, {"track_age_legal": "no"}),
    ],
)
def test_days_on_hold_count_where_clocks_do_not_rest(
    stage: str, fields: Mapping[str, Any], expected: Mapping[str, str]
) -> None:
    deal = sf.Opportunity.model_validate(fields)
    rests = (
        adopt(stage, -22, tracks={"legal": "in_review"}),
        (-20, sf.Hold(by="li", resume_when="They are back", review_on=TODAY)),
        (-1, sf.Resume(by="li")),
    )

    assert told(deal, *rests, engine=PAUSING) == {}
    assert expected.items() <= told(deal, *rests).items()


def test_days_without_hold_count_where_clocks_rest_on_hold() -> None:
    deal = sf.Opportunity.model_validate(BUILD)
    began = adopt("draft", -21, tracks={"legal": "in_review"})

    assert told(deal, began, engine=PAUSING) == {"sub_stage_age": "no", "track_age_legal": "no"}


@pytest.mark.parametrize(
    ("fields", "steps", "expected"),
    [
        (HEALTHY, [PLAN], {"entered_not_in_future": "no"}),
        (
            HEALTHY,
            [adopt("plan", -2), (0, sf.Lose(by="li", reason="price"))],
            {"closed_not_in_future": "no"},
        ),
    ],
    ids=["entered", "closed"],
)
def test_of_what_happened_later_only_that_is_told(
    fields: Mapping[str, Any],
    steps: Sequence[tuple[int, sf.Command]],
    expected: Mapping[str, str],
) -> None:
    """The clock of whoever recorded the last event was a day late."""
    deal = sf.Opportunity.model_validate({**fields, "next_step": None})
    *before, (_, last) = steps
    for day, command in before:
        deal = ENGINE.decide(deal, command, at=AT + timedelta(days=day)).require()
    tomorrow = AT + timedelta(days=1)
    if isinstance(last, sf.Adopt):
        last = last.model_copy(update={"entered_on": tomorrow.date()})
    for event in ENGINE.decide(deal, last, at=tomorrow).events:
        deal = ENGINE.evolve(deal, event.model_copy(update={"recorded_at": AT}))

    assert told(deal) == expected
