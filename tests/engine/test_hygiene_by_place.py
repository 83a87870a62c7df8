"""The hygiene of a deal on its way: how long it may stay, what it needs, and how it ended."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

import salesflow as sf
from salesflow.domain import Contact

BOOK: Final = """
id = "hygienic"
version = "1"
title = "Hygienic"
currency = "EUR"
reasons = [{ key = "price", title = "Price", outcome = "lost" }]
[policy]
back = "on"
skip = "on"
reopen = "on"
pause_on_hold = PAUSE
[[stages]]
key = "ask"
title = "Ask"
max_days = 4
[[stages]]
key = "close"
title = "Close"
max_days = 10
  [[stages.sub_stages]]
  key = "offer"
  title = "Offer"
  max_days = 6
  [[stages.sub_stages]]
  key = "sign"
  title = "Sign"
  max_days = 5
[[stages]]
key = "win"
title = "Win"
wins = true
[[stages]]
key = "serve"
title = "Serve"
[[tracks]]
key = "legal"
title = "Legal"
by = "on"
states = [
  { key = "open", title = "Open", max_days = 8 },
  { key = "review", title = "Review", max_days = 2 },
]
"""
PAUSED: Final = sf.StageEngine(sf.Playbook.from_toml(BOOK.replace("PAUSE", "true")))
ENGINE: Final = sf.StageEngine(sf.Playbook.from_toml(BOOK.replace("PAUSE", "false")))
AT: Final = datetime(2026, 6, 1, 9, tzinfo=UTC)
DAY: Final = AT.date()
SOUND: Final[dict[str, Any]] = {
    "owner": "li",
    "amount": sf.Money(20, "EUR"),
    "created_on": DAY,
    "expected_close_on": DAY + timedelta(days=60),
    "last_activity_on": DAY,
    "next_step": "Call",
    "next_step_on": DAY + timedelta(days=30),
    "contacts": (Contact(name="Zhang"), Contact(name="Liu")),
}
"""Nothing is wrong with it for thirty days, wherever it stands."""


def deal_after(
    *commands: sf.Command | int, engine: sf.StageEngine = ENGINE, **fields: Any
) -> tuple[sf.Opportunity, datetime]:
    """A deal after commands, and after days between them; and when it is then."""
    deal, at = sf.Opportunity(id="D-1", name="Deal", **{**SOUND, **fields}), AT
    for command in commands:
        if isinstance(command, int):
            at += timedelta(days=command)
        else:
            deal = engine.decide(deal, command, at=at).require()
    return deal, at


def told(
    *commands: sf.Command | int, engine: sf.StageEngine = ENGINE, **fields: Any
) -> dict[str, str]:
    """What is found then, with its verdict."""
    deal, at = deal_after(*commands, engine=engine, **fields)
    found = engine.review(deal, at=at).hygiene
    return {it.check.removeprefix("hygiene."): it.verdict.value for it in found}


START: Final = sf.Start(by="li")
ADVANCE: Final = sf.Advance(by="li")
HOLD: Final = sf.Hold(by="li", resume_when="the budget is there", review_on=date(2030, 1, 1))
TO_WIN: Final = sf.MoveTo(by="li", stage="win", note="They called us")
LOSE: Final = sf.Lose(by="li", reason="price")
RESUME: Final = sf.Resume(by="li")
YESTERDAY: Final = DAY - timedelta(days=1)
TOMORROW: Final = DAY + timedelta(days=1)
EMPTY: Final[dict[str, Any]] = {**dict.fromkeys(SOUND), "contacts": (), "created_on": DAY}


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        ((START,), {}),
        ((START, 4), {}),
        ((START, 5), {"stage_age": "no"}),
        ((START, ADVANCE, 6), {}),
        ((START, ADVANCE, 7), {"sub_stage_age": "no"}),
        ((START, ADVANCE, 6, ADVANCE, 2), {}),
        ((START, ADVANCE, 5, ADVANCE, 5), {"track_age_legal": "no"}),
        ((START, ADVANCE, 4, ADVANCE, 6), {"sub_stage_age": "no", "track_age_legal": "no"}),
        ((START, ADVANCE, 6, ADVANCE, 5), {"stage_age": "no", "track_age_legal": "no"}),
        ((START, 1, HOLD, 5), {"stage_age": "no"}),
    ],
)
def test_a_deal_stays_as_long_as_its_place_allows(
    commands: tuple[sf.Command | int, ...], found: dict[str, str]
) -> None:
    assert told(*commands) == found


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        ((START, 1, HOLD, 5), {}),
        ((START, ADVANCE, 1, HOLD, 5, RESUME, 5), {}),
        ((START, ADVANCE, 1, HOLD, 5, RESUME, 6), {"sub_stage_age": "no"}),
        ((START, ADVANCE, 2, ADVANCE, 1, HOLD, 9, RESUME, 5), {"sub_stage_age": "no"}),
        ((START, 2, HOLD, 9, RESUME, ADVANCE, 6), {}),
        ((START, 3, HOLD, 9, RESUME, ADVANCE, 6), {"track_age_legal": "no"}),
    ],
)
def test_days_on_hold_do_not_count_where_a_hold_pauses(
    commands: tuple[sf.Command | int, ...], found: dict[str, str]
) -> None:
    assert told(*commands, engine=PAUSED) == found


@pytest.mark.parametrize(
    ("commands", "probability", "found"),
    [
        ((START, TO_WIN, sf.Win(by="li")), None, {"won_probability": "unknown"}),
        ((START, TO_WIN, sf.Win(by="li")), 0.4, {"won_probability": "no"}),
        ((START, TO_WIN, sf.Win(by="li")), 1, {}),
        ((START, TO_WIN, ADVANCE, 90), 1, {}),  # served for as long as they like
        ((START, LOSE), None, {"lost_probability": "unknown"}),
        ((START, LOSE), 0.4, {"lost_probability": "no"}),
        ((START, LOSE, 90), 0, {}),
        ((START, LOSE, sf.Reopen(by="li", stage="ask", note="They called")), None, {}),
    ],
)
def test_what_is_asked_hangs_on_how_the_deal_ended(
    commands: tuple[sf.Command | int, ...], probability: float | None, found: dict[str, str]
) -> None:
    assert told(*commands, probability=probability) == found


def test_an_open_deal_has_what_a_forecast_needs() -> None:
    assert told(START, **EMPTY) == {
        "owner_known": "no",
        "amount_known": "no",
        "close_date_known": "no",
        "close_date_not_past": "unknown",
        "next_step_known": "no",
        "next_step_not_overdue": "unknown",
        "recent_activity": "unknown",
        "contact_known": "no",
        "several_contacts": "no",
    }
    assert told(START, LOSE, **EMPTY, probability=0) == {}


def test_days_and_counts_that_cannot_be_so() -> None:
    fields: dict[str, Any] = {
        "expected_close_on": YESTERDAY,
        "next_step_on": YESTERDAY,
        "close_date_pushes": 3,
    }
    assert told(START, **fields, last_activity_on=TOMORROW) == {
        "close_date_not_past": "no",
        "close_date_kept": "no",
        "next_step_not_overdue": "no",
        "activity_not_in_future": "no",
    }
