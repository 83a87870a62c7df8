"""What does not happen: before a deal came where it is, while it rests, past where it is won."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

import salesflow as sf
from salesflow.errors import ClockError

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOOK = sf.Playbook.from_toml("""
id = "order"
version = "1"
title = "Order"
policy = { retract = "on", back = "on", start_later = "on" }
reasons = [{ key = "price", outcome = "lost", title = "Price" }]
[[stages]]
key = "talk"
title = "Talk"
[[stages]]
key = "sign"
title = "Sign"
wins = true
[[stages]]
key = "deliver"
title = "Deliver"
""")
ENGINE = sf.StageEngine(BOOK)


def begun(*commands: sf.Command) -> sf.Opportunity:
    """A deal after these commands, an hour after each other."""
    deal = sf.Opportunity(id="D-1", name="Order", owner="li")
    for hours, command in enumerate((sf.Start(by="li"), *commands)):
        deal = ENGINE.decide(deal, command, at=NOW + hours * HOUR).require()
    return deal


def edited(**changes: object) -> sf.StageEngine:
    """An engine with the same process, but for going back, which nobody may."""
    document = json.loads(BOOK.to_json())
    document["policy"]["back"] = "off"
    return sf.StageEngine(sf.Playbook.from_json(json.dumps(document | changes)))


def codes(decision: sf.Decision[sf.Opportunity]) -> list[tuple[str, str]]:
    return [(blocker.code, blocker.key) for blocker in decision.blockers]


def test_an_outcome_is_not_taken_back_before_it_was_one() -> None:
    lost = begun(sf.Advance(by="li"), sf.Lose(by="li", reason="price"))
    won = begun(sf.Advance(by="li"), sf.Win(by="li"))
    retract = sf.Retract(by="li", note="A mistake")
    for deal in (lost, won):
        early = retract.model_copy(update={"occurred_at": NOW + HOUR})
        with pytest.raises(ClockError, match="when the deal came to where it is"):
            ENGINE.decide(deal, early, at=NOW + 3 * HOUR)
        then = retract.model_copy(update={"occurred_at": NOW + 2 * HOUR})
        assert ENGINE.decide(deal, then, at=NOW + 3 * HOUR).accepted


def test_a_deal_comes_under_another_version_not_before_it_came_to_where_it_is() -> None:
    newer, deal = edited(version="2", migrations=[{"from": "1"}]), begun(sf.Advance(by="li"))
    early = sf.Migrate(by="li", occurred_at=NOW)
    with pytest.raises(ClockError, match="when the deal came to where it is"):
        newer.decide(deal, early, at=NOW + 2 * HOUR)
    assert newer.decide(deal, sf.Migrate(by="li"), at=NOW + 2 * HOUR).accepted


def test_a_deal_on_hold_goes_nowhere_by_whatever_command() -> None:
    hold = sf.Hold(by="li", resume_when="The budget", review_on=date(2026, 3, 9))
    deal = begun(sf.Advance(by="li"), hold)
    moves = [sf.MoveTo(by="li", stage=stage) for stage in ("talk", "deliver")]
    for command in (sf.Advance(by="li"), sf.Win(by="li"), *moves):
        refused = ENGINE.decide(deal, command, at=NOW + 3 * HOUR)
        assert codes(refused) == [("on_hold", "on_hold")]


def test_nobody_starts_past_the_stage_where_deals_are_won() -> None:
    deal = sf.Opportunity(id="D-1", name="Order")
    past = ENGINE.decide(deal, sf.Start(by="li", stage="deliver"), at=NOW)
    assert codes(past) == [("winning_skipped", "sign")]
    assert ENGINE.decide(deal, sf.Start(by="li", stage="sign"), at=NOW).accepted
