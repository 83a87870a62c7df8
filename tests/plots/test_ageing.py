"""Ageing: open deals against the limits and the longest won deal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import salesflow as sf
from salesflow.errors import ArgumentError
from salesflow.plots import ageing
from tests.pipeline.stays import HOLD, Deal, process
from tests.plots.results import AS_OF, DEALS, figures, playbook, subtitle, texts, values


def test_ageing_tells_deals_within_the_limit_from_those_past_it() -> None:
    of = playbook()
    chart = ageing(DEALS.to_dicts(), of, as_of=AS_OF)

    assert {row["deal"]: (row["days"], row["state"]) for row in values(chart)["deals"]} == {
        "D-2": (60, "past the limit of the stage"),
        "D-4": (10, "within the limit"),
        "D-5": (1, "no limit set"),
    }
    assert "Open deals on 2026-06-30: 3." in subtitle(chart)


def test_ageing_knows_deals_older_than_the_longest_won_one() -> None:
    of = playbook()
    chart = ageing(DEALS.to_dicts(), of, as_of=AS_OF, figures=figures(of))

    rows = {row["deal"]: row["state"] for row in values(chart)["deals"]}
    assert rows["D-2"] == "older than the longest won deal"
    assert values(chart)["longest"] == [{"longest": 40}]


def test_deals_of_whom_nobody_knows_since_when_are_counted_not_drawn() -> None:
    rows: list[dict[str, object]] = [
        {"id": "a", "stage": "talk", "entered_stage_on": None},
        {"id": "b", "stage": "talk", "entered_stage_on": AS_OF + timedelta(days=1)},
        {"id": "c", "stage": "talk", "entered_stage_on": AS_OF},
    ]
    chart = ageing(rows, playbook(), as_of=AS_OF)

    assert [row["deal"] for row in values(chart)["deals"]] == ["c"]
    said = "Not shown: 2; they entered the stage later, or nobody knows how long ago."
    assert subtitle(chart)[-1] == said


def test_a_part_with_a_limit_of_its_own_is_drawn_by_its_own_stay_and_rests_are_left_out() -> None:
    resting = Deal(process(pause=True))
    start = datetime(2026, 6, 1, 9, tzinfo=UTC)
    for days, command in (
        (0, sf.Start(by="li")),
        (1, sf.Advance(by="li")),
        (10, sf.MoveTo(by="li", stage="sign")),
        (12, HOLD),
        (20, sf.Resume(by="li")),
    ):
        assert resting.do(command, start + timedelta(days=days))
    facts = sf.facts_of(resting.deal, resting.book, at=start + timedelta(days=29))
    row = {"id": "row", **facts, "stage": facts["sub_stage"]}
    chart = ageing([resting.deal, row], resting.book, as_of=AS_OF)

    drawn = {deal["deal"]: (deal["days"], deal["state"]) for deal in values(chart)["deals"]}
    assert drawn == dict.fromkeys(("D-1 Deal", "row"), (11, "past the limit of the stage"))
    assert values(chart)["limits"] == [{"stage": "2.2 Sign", "limit": 5}]
    unsaid = {name: value for name, value in row.items() if not name.startswith("days_on_hold")}
    said = "Not shown: 1; they entered the stage later, or nobody knows how long ago."
    assert said in texts(ageing([unsaid], resting.book, as_of=AS_OF))


def test_if_nobody_knows_since_when_there_is_a_sentence() -> None:
    rows: list[dict[str, object]] = [{"id": "a", "stage": "talk", "entered_stage_on": None}]

    said = "Not shown: 1; they entered the stage later, or nobody knows how long ago."
    assert said in texts(ageing(rows, playbook(), as_of=AS_OF))


def test_many_deals_are_counted_in_steps_and_none_is_lost() -> None:
    rows = [
        {
            "id": n,
            "stage": "talk" if n % 3 else "sent",
            "entered_stage_on": AS_OF - timedelta(n % 700),
        }
        for n in range(20_000)
    ]
    chart = ageing(rows, playbook(), as_of=AS_OF)

    steps = values(chart)["steps"]
    assert sum(row["deals"] for row in steps) == 20_000
    assert len(steps) <= 2 * 2 * 41


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ArgumentError, match="tz: must name a time zone"):
        ageing([], playbook(), as_of=AS_OF, tz="Mars/Olympus")
