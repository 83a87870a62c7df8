"""Forecasts: examples worked out by hand, and what is said where something is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import polars as pl
import pytest
from pydantic import ValidationError

from salesflow import Playbook, load_playbook
from salesflow.errors import ArgumentError, FrameError, SalesflowError, UnknownName
from salesflow.money import Money, Rates
from salesflow.pipeline import (
    Forecast,
    Period,
    PeriodForecast,
    Quota,
    Slippage,
    Source,
    close_slippage,
    forecast,
    sum_of,
    win_chances,
)
from tests.frame_engines import values_of
from tests.hostile import TEXTS
from tests.pipeline.conftest import PROCESS, Engine
from tests.pipeline.forecasts import BOOK, frame_of

AS_OF: Final = date(2026, 8, 1)
ROWS: Final[tuple[Mapping[str, Any], ...]] = (
    {"id": "a", "stage": "won", "amount": 100.0, "owner": "li", "closed_on": date(2026, 7, 9)},
    {
        "id": "b",
        "stage": "sign",
        "amount": 60.0,
        "owner": "li",
        "probability": 0.9,
        "expected_close_on": date(2026, 9, 30),
        "forecast.owner_call": "best_case",
    },
    {
        "id": "c",
        "stage": "qualify",
        "amount": 40.0,
        "owner": "wang",
        "expected_close_on": date(2026, 10, 1),
        "forecast.manager_call": "commit",
    },
    {
        "id": "d",
        "stage": "offer",
        "amount": 8.0,
        "owner": "wang",
        "probability": 0.5,
        "expected_close_on": date(2026, 7, 1),
    },
    {"id": "e", "stage": "hunt", "amount": 1000.0, "owner": None},
    {"id": "f", "stage": "lost", "amount": 7.0, "owner": "li", "closed_on": date(2026, 7, 9)},
    {"id": "g", "stage": "sign", "amount": 5.0, "expected_close_on": date(2030, 1, 1)},
)
DEALS: Final = frame_of(ROWS)


def made(frame: Any = DEALS, **more: Any) -> Forecast[Any]:
    arguments: dict[str, Any] = {"key": "id", "as_of": AS_OF} | more
    return forecast(frame, BOOK, **arguments)


def quarter(found: Forecast[Any], name: str) -> PeriodForecast:
    return next(it for it in found.periods if it.period.name == name)


def test_each_deal_counts_in_its_period_as_what_its_stage_says(engine: Engine) -> None:
    found = made(engine(DEALS))
    now, later = found.periods[:2]

    assert [it.period.name for it in found.periods] == ["2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2"]
    assert (now.closed.deals, now.closed.amount) == (1, 100.0)
    assert (now.commit.deals, now.commit.amount) == (1, 60.0)
    # d was expected in July, and can close no earlier than today.
    assert (now.best_case.deals, now.best_case.amount) == (1, 8.0)
    assert (found.overdue.deals, found.overdue.amount) == (1, 8.0)
    assert (later.pipeline.deals, later.pipeline.amount) == (1, 40.0)
    assert (found.beyond.commit.amount, found.undated.omitted.amount) == (5.0, 1000.0)
    assert (found.all.open.deals, found.all.open.amount) == (4, 113.0)
    assert found.total.open.amount == 108.0
    assert (now.commit_view.amount, now.best_case_view.amount) == (160.0, 168.0)
    assert now.pipeline_view.deals == 3
    assert now.weighted.value == pytest.approx(0.9 * 60 + 0.5 * 8)
    assert later.weighted.value == 0.25 * 40


def test_what_comes_in_has_an_interval_and_the_largest_deals_their_part_in_it() -> None:
    now = quarter(made(), "2026-Q3")
    found = made()

    assert now.interval == sum_of([("b", 60.0, 0.9), ("d", 8.0, 0.5)], sure=100.0).interval
    assert [it.key for it in now.largest] == ["b", "d"]
    assert now.largest[0].if_won.p10 == 160.0
    assert found.distribution("2026-Q3").share_at_least(160) == pytest.approx(0.9)
    assert found.distribution().mean == found.total.interval.mean  # type: ignore[union-attr]
    with pytest.raises(UnknownName, match='Did you mean "2026-Q3"'):
        found.distribution("2026Q3")


def test_of_many_deals_the_smaller_ones_count_together_in_the_interval(engine: Engine) -> None:
    rows = [
        {
            "id": f"{at:04}",
            "stage": "sign",
            "amount": 10.0 + at,
            "probability": 0.4,
            "expected_close_on": date(2026, 9, 1),
        }
        for at in range(900)
    ]
    found = made(engine(frame_of(rows)), count=1, by="stage")
    deals = [(f"{at:04}", 10.0 + at, 0.4) for at in range(900)]
    exact = sum_of(deals)

    together = found.distribution()
    assert together.deals == 900
    assert together.mean == pytest.approx(exact.mean, rel=1e-12)
    assert together.deviation == pytest.approx(exact.deviation, rel=1e-9)
    assert found.total.interval is not None
    assert found.total.interval.p10 == pytest.approx(exact.interval.p10, rel=1e-3)
    # A group that is everybody has the interval of all.
    assert found.groups[0].total.interval == found.total.interval
    assert found.total.largest[0].key == "0899"


@pytest.mark.parametrize(
    ("call", "commit", "best_case", "pipeline"),
    [("stage", 65.0, 8.0, 40.0), ("owner", 5.0, 68.0, 40.0), ("manager", 45.0, 68.0, 0.0)],
)
def test_the_word_of_owner_or_manager_counts_where_it_is_asked_for(
    engine: Engine, call: Any, commit: float, best_case: float, pipeline: float
) -> None:
    found = made(engine(DEALS), call=call).all

    assert found.commit.amount == commit
    assert found.best_case.amount == best_case
    assert found.pipeline.amount == pipeline


def test_where_two_say_two_things_is_told_with_deals_and_amount() -> None:
    found = [
        (it.first, it.first_category, it.second, it.second_category, it.deals.amount)
        for it in made().differences
    ]

    assert found == [
        ("stage", "commit", "owner", "best_case", 60.0),
        ("stage", "pipeline", "manager", "commit", 40.0),
    ]


def test_calls_are_read_as_people_write_them_and_those_of_closed_deals_do_not_matter() -> None:
    calls = ["Closed", "Best Case", None, "Commit", "Omitted", "nonsense", ""]
    found = made(DEALS.with_columns(pl.Series("forecast.owner_call", calls)), call="owner")

    assert (found.all.commit.amount, found.all.best_case.amount) == (13.0, 60.0)


def test_a_call_of_an_open_deal_that_is_no_category_is_refused() -> None:
    frame = DEALS.with_columns(pl.Series("forecast.owner_call", [None, "surely", *[None] * 5]))

    with pytest.raises(FrameError, match="'surely' is no forecast category"):
        made(frame)
    said = {"forecast.owner_call": {"surely": "commit"}}
    assert made(frame, call="owner", values=said).all.commit.amount == 65.0


def test_without_a_column_of_calls_nothing_can_be_by_call() -> None:
    with pytest.raises(FrameError, match=r"no column holds forecast\.manager_call"):
        made(DEALS.drop("forecast.manager_call"), call="manager")
    assert made(DEALS.drop("forecast.manager_call"), call="owner").all.commit.amount == 5.0


def test_quotas_are_measured_against_what_is_closed_and_open() -> None:
    quotas = [Quota("2026-Q3", 150), Quota("2026-Q4", Money(40, "USD"))]
    found = made(quotas=quotas, count=2)
    now, later = found.periods

    assert (now.quota.value, now.gap.value, now.attainment.value) == (150.0, 50.0, 100 / 150)
    assert now.coverage.value == 68 / 50
    assert (now.coverage.unit, now.attainment.unit) == ("times", "share")
    assert (later.gap.value, later.attainment.value, later.coverage.value) == (40.0, 0.0, 1.0)
    assert (found.total.quota.value, found.total.gap.value) == (190.0, 90.0)
    met = quarter(made(quotas=[Quota("2026-Q3", 80)]), "2026-Q3")
    assert (met.gap.value, met.coverage.reason) == (-20.0, "the quota is met")
    assert quarter(made(quotas=[Quota("2026-Q3", 0)]), "2026-Q3").attainment.reason == (
        "the quota is 0"
    )


def test_a_total_needs_a_quota_for_each_period() -> None:
    found = made(quotas=[Quota("2026-Q3", 150)], count=2)

    assert found.total.quota.reason == "no quota is given for 2026-Q4"
    assert found.total.gap.reason == found.total.quota.reason
    assert made().total.quota.reason == "no quota is given"


def test_quotas_of_groups_add_up_and_show_groups_without_deals(engine: Engine) -> None:
    quotas = [Quota("2026-Q3", 120, "li"), Quota("2026-Q3", 30, ["zhao"])]
    found = made(engine(DEALS), quotas=quotas, by="owner", top=1)

    assert [group.values for group in found.groups] == [("li",), ("zhao",)]
    li, zhao = (group.periods[0] for group in found.groups)
    assert (li.gap.value, li.coverage.value) == (20.0, 3.0)
    assert (zhao.gap.value, zhao.closed.deals, zhao.interval.p90) == (30.0, 0, 0.0)  # type: ignore[union-attr]
    assert found.periods[0].quota.value == 150.0
    assert found.others is not None
    assert (found.others_total, found.others.all.open.deals) == (2, 3)
    # A group that has a quota is shown, be it small.
    shown = made(engine(DEALS), quotas=[Quota("2026-Q3", 1, "wang")], by="owner", top=1)
    assert [group.values for group in shown.groups] == [("li",), ("wang",)]
    assert shown.groups[1].all.open.deals == 2
    assert shown.others_total == 1
    said = made(engine(DEALS), quotas=[*quotas, Quota("2026-Q3", 200)], by="owner")
    assert said.periods[0].quota.value == 200.0


def test_by_cycle_deals_are_grouped_by_the_number_that_they_have_reached(engine: Engine) -> None:
    found = made(engine(DEALS), by="cycle")

    of = {group.values[0]: group.all for group in found.groups}
    assert set(of) == {None, 2, 5, 9.5}
    assert of[9.5].closed.deals == 1
    assert (of[5].commit.amount, of[2].best_case.amount) == (65.0, 8.0)
    assert of[None].pipeline.amount == 40.0
    own = made(DEALS.with_columns(cycle=pl.lit("x")), by="cycle")
    assert [group.values for group in own.groups] == [("x",)]


def test_amounts_come_in_one_currency_by_dated_rates(engine: Engine) -> None:
    frame = DEALS.with_columns(
        pl.Series("amount.currency", ["USD", "EUR", "EUR", "GBP", "USD", "EUR", "USD"])
    )
    rates = Rates.dated(
        "USD",
        {"EUR": {"2026-01-01": "2", "2026-10-01": "3"}},
        on=("closed_on", "expected_close_on", "today"),
    )
    quotas = [Quota("2026-Q3", Money(100, "EUR"))]
    found = made(engine(frame), rates=rates, quotas=quotas)
    now, later = found.periods[:2]

    assert found.currency == "USD"
    assert (now.commit.amount, later.pipeline.amount) == (120.0, 120.0)
    assert (now.best_case.deals, now.best_case.amount) == (1, None)
    assert now.best_case.reason == "1 amount has no rate into USD"
    assert now.open.reason == "1 amount has no rate into USD"
    assert now.open.amount == 120.0
    assert (now.quota.value, now.quota.unit) == (200.0, "USD")


@pytest.mark.parametrize(
    ("periods", "fiscal_start", "names"),
    [
        ("month", 1, ["2026-08", "2026-09"]),
        ("month", 4, ["2026-08", "2026-09"]),
        ("quarter", 4, ["FY2027-Q2", "FY2027-Q3"]),
        ("year", 1, ["2026", "2027"]),
        ("year", 9, ["FY2026", "FY2027"]),
    ],
)
def test_periods_have_the_names_that_people_give_them(
    periods: Any, fiscal_start: int, names: list[str]
) -> None:
    found = made(periods=periods, count=2, fiscal_start=fiscal_start)

    assert [it.period.name for it in found.periods] == names
    assert found.periods[0].period.first <= AS_OF <= found.periods[0].period.last
    assert (found.periods[1].period.first - found.periods[0].period.last).days == 1


def test_a_fiscal_year_is_called_after_the_year_in_which_it_ends() -> None:
    (year,) = made(periods="year", count=1, fiscal_start=4).periods

    assert year.period == Period("FY2027", date(2026, 4, 1), date(2027, 3, 31))
    assert year.period.days == 365


def test_own_periods_may_leave_days_out_and_come_in_any_order() -> None:
    periods = [
        Period("then", date(2026, 10, 1), date(2026, 10, 31)),
        Period("now", date(2026, 8, 1), date(2026, 8, 31)),
    ]
    found = made(periods=periods)

    assert [it.period.name for it in found.periods] == ["now", "then"]
    assert (found.before.closed.amount, found.between.commit.amount) == (100.0, 60.0)
    assert (found.periods[0].best_case.amount, found.periods[1].pipeline.amount) == (8.0, 40.0)


def test_what_lacks_a_column_has_a_reason() -> None:
    undated = made(DEALS.drop("expected_close_on"))
    assert undated.total.commit.deals is None
    assert undated.total.commit.reason == "no column holds expected_close_on"
    assert undated.total.weighted.reason == "no column holds expected_close_on"
    assert undated.total.no_interval == "no column holds expected_close_on"
    assert undated.total.closed.amount == 100.0
    assert undated.undated.open.deals == 4
    assert undated.overdue.reason == "no column holds expected_close_on"
    assert undated.total.pipeline_view.amount is None

    unclosed = made(DEALS.drop("closed_on"))
    assert unclosed.total.closed.reason == "no column holds closed_on"
    assert (unclosed.all.closed.amount, unclosed.undated.closed.deals) == (100.0, 1)
    assert unclosed.total.open.amount == 108.0

    unvalued = made(DEALS.drop("amount"), quotas=[Quota("2026-Q3", 1)])
    assert (unvalued.total.commit.deals, unvalued.total.commit.amount) == (1, None)
    assert unvalued.total.commit.reason == "no column holds amount"
    assert unvalued.periods[0].gap.reason == "no column holds amount"
    assert unvalued.total.interval is None


def test_without_closed_or_open_deals_there_are_zeros() -> None:
    nothing = made(DEALS.head(0), quotas=[Quota("2026-Q3", 10)], by="owner")
    assert (nothing.total.closed.amount, nothing.total.open.deals) == (0.0, 0)
    assert (nothing.total.weighted.value, nothing.periods[0].gap.value) == (0.0, 10.0)
    assert nothing.total.interval is not None
    assert nothing.total.interval.p90 == 0.0
    assert nothing.groups == ()

    only_closed = made(DEALS.filter(pl.col("id") == "a"))
    assert only_closed.total.interval is not None
    assert (only_closed.total.interval.p10, only_closed.total.interval.p90) == (100.0, 100.0)


def test_deals_without_a_chance_are_told() -> None:
    frame = DEALS.drop("probability")
    found = made(frame)

    # The stage "offer" has no probability.
    assert quarter(found, "2026-Q3").weighted.value == 45.0
    assert quarter(found, "2026-Q3").weighted.reason == "1 open deal has no probability"
    alone = made(frame.filter(pl.col("id") == "d"))
    assert alone.total.weighted.reason == "no open deal has both an amount and a probability"
    assert alone.total.no_interval == alone.total.weighted.reason


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (float("inf"), "1 amount is infinite"),
        (-60.0, "amounts below 0 have no interval"),
        (1e101, "amounts above 1e+100 have no interval"),
        (1e300, "amounts above 1e+100 have no interval"),
    ],
)
def test_amounts_that_no_sum_can_have_leave_no_interval(
    engine: Engine, amount: float, said: str
) -> None:
    frame = DEALS.with_columns(
        amount=pl.when(pl.col("id") == "b").then(pl.lit(amount)).otherwise("amount")
    )
    found = made(engine(frame), by="owner")

    assert found.total.no_interval == said
    assert found.total.interval is None
    assert quarter(found, "2026-Q4").interval is not None
    assert said in found.summary()
    assert "无法给出区间" in found.summary("zh") or "无穷大" in found.summary("zh")
    for period in (None, "2026-Q3"):
        with pytest.raises(SalesflowError, match=rf"There is no distribution: {re.escape(said)}\."):
            found.distribution(period)
    with pytest.raises(UnknownName, match='Did you mean "2026-Q3"'):
        found.distribution("2026Q3")


@pytest.mark.parametrize("amounts", [[1e100] * 3, [8e99] * 300, [1e154, 1e154]])
def test_amounts_too_large_for_an_interval_have_their_sums(amounts: list[float]) -> None:
    day = date(2026, 9, 1)
    rows = [signed(f"{at:03}", it, day + timedelta(at % 9)) for at, it in enumerate(amounts)]
    rows.append({**signed("won", amounts[0], day), "stage": "won", "closed_on": AS_OF})
    for more in ({}, {"slippage": slipped(0, 90)}):
        found = made(frame_of(rows), **more)
        assert found.total.no_interval == "amounts above 1e+100 have no interval"
        assert found.total.closed.amount == pytest.approx(amounts[0])
        assert found.total.weighted.value == pytest.approx(sum(amounts) / 2)
        assert found.summary()


def test_rows_after_the_day_count_nowhere() -> None:
    found = made(as_of=date(2026, 7, 8))

    assert found.later == 2
    assert found.all.closed.deals == 0
    assert made(as_of=datetime(2026, 8, 1, tzinfo=UTC)) == made()


def test_commitments_are_at_odds_with_criteria_of_stages_left(engine: Engine) -> None:
    frame = DEALS.with_columns(
        pl.Series("done.met", [None, False, None, None, None, None, True]),
        pl.Series("owner", ["li", "li", "wang", "wang", None, "li", None]),
    )
    found = made(engine(frame))
    rows = sorted((row["id"], row["check"], row["verdict"]) for row in values_of(found.at_odds()))

    # c is at "qualify" and has left nothing; d is no commitment.
    assert rows == [
        ("b", "exit.qualify.met", "no"),
        ("g", "exit.qualify.budget", "no"),
    ]
    assert (found.at_odds_total.deals, found.at_odds_total.amount) == (2, 65.0)
    assert found.not_checked == {}
    assert made(DEALS).not_checked == {"exit.qualify.met": ("done.met",)}


def test_nothing_is_at_odds_where_no_criterion_can_be_asked(engine: Engine) -> None:
    frame = DEALS.drop("probability", "owner")
    found = made(engine(frame))

    assert found.at_odds_total.deals == 0
    assert values_of(found.at_odds()) == []
    assert set(found.not_checked) == {"exit.qualify.met", "exit.qualify.budget"}


def test_learned_chances_take_the_place_of_those_of_stages(engine: Engine) -> None:
    events = []
    for at in range(20):  # of 20 deals in "sign" the 5 that decide within a day are won
        events.append((f"x{at}", "sign", datetime(2026, 1, 1, tzinfo=UTC)))
        end = ("won", datetime(2026, 1, 2, tzinfo=UTC)) if at < 5 else None
        events.append((f"x{at}", *(end or ("lost", datetime(2026, 1, 11, tzinfo=UTC)))))
    log = pl.DataFrame(
        events,
        schema=["case:concept:name", "concept:name", "time:timestamp"],
        orient="row",
    )
    chances = win_chances(log, BOOK, as_of=date(2026, 6, 1))
    assert chances.standing("sign", 0).value == pytest.approx(0.25)
    found = made(engine(DEALS), chances=chances)

    # d is at "offer", of which nothing was learned: it keeps its own; c has that of its stage.
    weighted = [it.weighted.value for it in found.periods[:2]]
    assert weighted == pytest.approx([0.25 * 60 + 4, 10.0])
    # All that stood there for longer than a day were lost.
    days = (date(2026, 8, 1), date(2026, 7, 1), None)
    for day, chance in zip(days, (0.25, 0.0, 0.25), strict=True):
        since = DEALS.with_columns(entered_stage_on=pl.lit(day, pl.Date))
        now = made(engine(since), chances=chances).periods[0]
        assert now.weighted.value == pytest.approx(chance * 60 + 4)


def test_a_deal_has_the_chance_of_deals_that_stood_as_long_where_it_stands(engine: Engine) -> None:
    """In a sub-stage since the day on which it came there, or else to the stage."""
    book = Playbook.from_toml(PROCESS)
    events = [
        (f"x{at}", label, date(2026, 1, 1) + timedelta(days=day))
        for at in range(60)
        for label, day in (
            ("draft", 0),
            *((("won", 5),), (("lost", 50),), (("sign", 5), ("won", 90)))[at % 3],
        )
    ]
    log = pl.DataFrame(events, schema=["deal", "phase", "at"], orient="row")
    day = date(2026, 6, 1)
    chances = win_chances(log, book, as_of=day, case="deal", stage="phase", at="at")
    day = date(2026, 8, 1)
    since = [day - timedelta(days=days) for days in (0, 20)]
    deals = pl.DataFrame(
        {
            "id": ["new", "old", "part", "stage", "nobody"],
            "stage": ["draft"] * 5,
            "amount": [1.0, 10.0, 100.0, 1_000.0, 10_000.0],
            "expected_close_on": [date(2026, 9, 1)] * 5,
            "entered_stage_on": [since[0], since[1], since[1], since[1], None],
            "entered_sub_stage_on": [since[0], since[1], since[0], None, None],
        }
    )
    found = forecast(engine(deals), book, key="id", as_of=day, chances=chances)

    assert chances.standing("draft", 0).value == pytest.approx(2 / 3)
    assert chances.standing("draft", 20).value == 0.0
    assert found.periods[0].weighted.value == pytest.approx(2 / 3 * (1 + 100 + 10_000))


def log_of_segments() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Twenty deals of food, of which 10 are won, 5 of 20 of steel, and 15 of 20 of neither."""
    events: list[tuple[str, str, datetime]] = []
    for at in range(60):
        won = at // 3 % 4 < (2, 1, 3)[at % 3]
        events.append((f"x{at}", "sign", datetime(2026, 1, 1, tzinfo=UTC)))
        events.append((f"x{at}", "won" if won else "lost", datetime(2026, 1, 11, tzinfo=UTC)))
    names = ["case:concept:name", "concept:name", "time:timestamp"]
    log = pl.DataFrame(events, schema=names, orient="row")
    kinds = [("food", "steel", None)[at % 3] for at in range(60)]
    return log, pl.DataFrame({names[0]: [f"x{at}" for at in range(60)], "industry": kinds})


def test_a_deal_has_the_learned_chance_of_its_segment(engine: Engine) -> None:
    """Deals in no segment that was learned have that of the others, or else of all."""
    log, kinds = log_of_segments()
    learned = {
        top: win_chances(log, BOOK, as_of=AS_OF, by="industry", deals=kinds, top=top)
        for top in (1, 3)
    }
    deals = frame_of(
        {"id": f"d{at}", "stage": "sign", "amount": 10.0**at, "expected_close_on": AS_OF}
        for at in range(5)
    ).with_columns(industry=pl.Series(["food", "steel", None, "", "paper"]))

    all_three = learned[3]
    of = [all_three.standing("sign", 0, segment=(it,)).value for it in ("food", "steel", None)]
    every = all_three.standing("sign", 0).value
    assert of == pytest.approx([0.5, 0.3, 0.7], abs=0.001)  # drawn to all deals by a fifth
    assert every == pytest.approx(0.5)
    found = made(engine(deals), chances=all_three)
    expected = [of[0], of[1], of[2], of[2], every]
    by_deal = {row["id"]: row["learned_chance"] for row in values_of(found.open_deals())}
    assert [by_deal[f"d{at}"] for at in range(5)] == pytest.approx(expected)
    weighted = sum((chance or 0.0) * 10.0**at for at, chance in enumerate(expected))
    assert found.periods[0].weighted.value == pytest.approx(weighted)

    one = learned[1]
    assert one.others is not None
    kept, rest = one.segments[0], one.others.places["sign"].standing(0).value
    found = made(engine(deals), chances=one)
    own = {kept.values[0]: kept.places["sign"].standing(0).value}
    by_deal = {row["id"]: row["learned_chance"] for row in values_of(found.open_deals())}
    asked = ["food", "steel", None, None, "paper"]
    assert [by_deal[f"d{at}"] for at in range(5)] == pytest.approx(
        [own.get(it, rest) for it in asked]
    )


def test_chances_of_segments_need_the_columns_that_they_go_by() -> None:
    log, kinds = log_of_segments()
    chances = win_chances(log, BOOK, as_of=AS_OF, by="industry", deals=kinds)

    with pytest.raises(FrameError) as raised:
        made(chances=chances)

    assert [(it.path, it.message, it.code) for it in raised.value.problems] == [
        ("chances", "they go by 'industry', which no column holds", "no_column")
    ]
    assert raised.value.problems[0].hint == "add it, or learn them without by="


def test_open_deals_have_every_chance_beside_the_others(engine: Engine) -> None:
    """Of the stage, the deal's own, the learned one, and that which counts."""
    log, _ = log_of_segments()
    chances = win_chances(log, BOOK, as_of=AS_OF)
    found = made(engine(DEALS), chances=chances, call="owner")

    rows = sorted(values_of(found.open_deals()), key=lambda row: row["id"])
    names = ("place", "category", "amount", "stage_chance", "deal_chance", "learned_chance")
    assert {row["id"]: (*(row[it] for it in names), row["chance"]) for row in rows} == {
        "b": ("sign", "best_case", 60.0, 0.75, 0.9, 0.5, 0.5),
        "c": ("qualify", "pipeline", 40.0, 0.25, None, None, 0.25),
        "d": ("offer", "best_case", 8.0, None, 0.5, None, 0.5),
        "e": ("hunt", "omitted", 1000.0, 0.05, None, None, 0.05),
        "g": ("sign", "commit", 5.0, 0.75, None, 0.5, 0.5),
    }
    plain = sorted(values_of(made(engine(DEALS)).open_deals()), key=lambda row: row["id"])
    assert [row["learned_chance"] for row in plain] == [None] * 5
    assert [row["chance"] for row in plain] == [0.9, 0.25, 0.5, 0.05, 0.75]


def test_open_deals_without_amounts_and_chances_are_there_all_the_same(engine: Engine) -> None:
    bare = DEALS.select("id", "stage").filter(pl.col("stage") == "offer")

    assert values_of(made(engine(bare)).open_deals()) == [
        {
            "id": "d",
            "place": "offer",
            "category": "best_case",
            **dict.fromkeys(("amount", "stage_chance", "deal_chance", "learned_chance"), None),
            "chance": None,
        }
    ]


def slipped(*days: int) -> Slippage:
    """Learned from deals of which ten each closed so many days after the expected one."""
    closed = [date(2026, 1, 1) + timedelta(days=it) for it in days for _ in range(10)]
    past = pl.DataFrame({"closed_on": closed}).with_row_index("id")
    past = past.with_columns(stage=pl.lit("won"), expected_close_on=date(2026, 1, 1))
    return close_slippage(past, BOOK, key="id", as_of=date(2028, 1, 1))


def signed(key: str, amount: float, day: date) -> dict[str, Any]:
    """A deal that is as likely won as not."""
    given = {"stage": "sign", "probability": 0.5, "expected_close_on": day}
    return {"id": key, "amount": amount, **given}


FAIRS: Final = (
    Period("spring", date(2027, 3, 1), date(2027, 3, 31)),
    Period("autumn", date(2027, 9, 1), date(2027, 9, 30)),
)


def test_what_slips_comes_in_before_between_and_beyond_periods_too(engine: Engine) -> None:
    rows = [signed("a", 80.0, date(2027, 3, 1))]
    found = made(engine(frame_of(rows)), slippage=slipped(-9, 5, 40, 400), periods=FAIRS)
    spring, autumn = found.periods

    slots = (found.before, spring, found.between, autumn, found.beyond, found.undated)
    assert [it.weighted.value for it in slots] == [10.0, 10.0, 10.0, 0.0, 10.0, 0.0]
    assert [it.weighted.rows for it in slots] == [1, 1, 1, 0, 1, 0]
    assert (found.total.weighted.value, found.all.weighted.value) == (10.0, 40.0)
    assert spring.interval == sum_of([("a", 80.0, 0.125)]).interval


def test_a_period_out_of_which_all_slips_brings_nothing_and_one_into_which_no_chance_does() -> None:
    rows = [signed("a", 80.0, date(2026, 9, 1)), signed("b", 5.0, date(2026, 9, 1))]
    rows[1] |= {"stage": "offer", "probability": None}
    found = made(frame_of(rows[:1]), slippage=slipped(60), count=2)
    now, later = found.periods

    assert (now.weighted.value, now.weighted.reason, now.no_interval) == (0.0, "", "")
    assert later.weighted.value == 40.0
    of_both = made(frame_of(rows), slippage=slipped(60), count=2).periods
    assert [it.weighted.reason for it in of_both] == ["", "1 open deal has no probability"]
    told = made(frame_of(rows[1:]), slippage=slipped(60), count=2).periods
    assert [it.weighted.value for it in told] == [0.0, None]
    assert told[1].weighted.reason == "no open deal has both an amount and a probability"


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (float("inf"), "1 amount is infinite"),
        (-5.0, "amounts below 0 have no interval"),
        (1e101, "amounts above 1e+100 have no interval"),
    ],
)
def test_an_amount_that_no_sum_can_have_spoils_what_it_may_slip_into_and_no_more(
    engine: Engine, amount: float, said: str
) -> None:
    rows = [signed("a", 80.0, date(2026, 9, 1)), signed("b", amount, date(2026, 10, 1))]
    found = made(engine(frame_of(rows)), slippage=slipped(0, 100), count=4)

    reasons = [it.no_interval for it in found.periods]
    assert reasons == ["", said, said, ""]
    assert [it.interval is None for it in found.periods] == [False, True, True, False]
    assert (found.beyond.weighted.value, found.periods[0].weighted.value) == (0.0, 20.0)
    assert found.total.no_interval == said


def test_learned_slippage_moves_what_is_expected_between_periods(engine: Engine) -> None:
    found = made(engine(DEALS), slippage=slipped(0, 60), count=2)
    now, later = found.periods

    # Half of b comes in when it is expected, half in November; c in October or November; and d,
    # which has not closed by its day, in August.
    assert now.weighted.value == pytest.approx(27 + 4)
    assert later.weighted.value == pytest.approx(27 + 10)
    # Lines by category still go by the day that is expected, and nothing is lost.
    assert now.commit.amount == 60.0
    assert found.all.weighted.value == made().all.weighted.value
    slots = [now, later, found.before, found.between, found.beyond, found.undated]
    assert sum(it.weighted.value or 0 for it in slots) == pytest.approx(found.all.weighted.value)
    assert now.interval is not None
    assert now.interval.mean == pytest.approx(100 + (now.weighted.value or 0))
    assert found.total.interval is not None
    assert found.total.interval.mean == pytest.approx(100 + (found.total.weighted.value or 0))


def test_the_frame_of_records_has_a_row_for_each_part_and_period(engine: Engine) -> None:
    found = made(by="owner", count=1)
    frame = engine(DEALS)
    rows = values_of(found.to_frame(frame))

    assert len(rows) == len(found.records()) == 4 * 7
    total = next(row for row in rows if row["part"] == "all" and row["period"] == "total")
    assert (total["closed"], total["commit_deals"], total["p10"]) == (100.0, 1.0, 108.0)
    first = next(row for row in rows if row["period"] == "2026-Q3" and row["owner"] == "li")
    assert (first["first"], first["last"], first["quota"]) == ("2026-07-01", "2026-09-30", None)


def test_people_read_the_forecast_in_both_languages() -> None:
    found = made(by="owner", count=2, quotas=[Quota("2026-Q3", 150)])
    text, page, chinese = found.summary(), found.to_html(), found.to_html(lang="zh")

    assert text.startswith("As of 2026-08-01, categories by stage.\n")
    assert "2026-Q3         100      60          8         0        58    150         67%" in text
    assert "Open deals expected in the past: 1, worth 8." in text
    assert "stage says commit and owner best case: 1 deal, worth 60." in text
    assert "The largest open deals" in page
    assert "截至 2026-08-01，类别依据阶段。" in chinese
    assert "承诺" in found.summary("zh")
    between = frame_of([signed("a", 8.0, date(2027, 5, 1))])
    assert "各期间之间" in made(between, periods=FAIRS).summary("zh")
    assert found._repr_html_().count("<table>") == 1
    assert repr(found) == "<Forecast: as of 2026-08-01, for 2026-Q3, 2026-Q4>"
    with pytest.raises(UnknownName):
        found.summary("xx")


def test_a_reason_is_said_in_chinese_too() -> None:
    found = made(DEALS.drop("amount"))

    assert "没有数据列提供 amount" in found.summary("zh")
    assert "no column holds amount" in found.summary()
    assert "stage says commit and owner best case: 1 deal.\n" in found.summary()
    assert "阶段为“承诺”，负责人为“最佳情况”：1 个项目。\n" in found.summary("zh")
    assert "个进行中项目没有赢率" in made(DEALS.drop("probability")).summary("zh")


@pytest.mark.parametrize("text", TEXTS)
def test_names_of_others_are_no_markup(text: str) -> None:
    frame = DEALS.with_columns(owner=pl.lit(text), id=pl.col("id") + text)
    found = made(frame, by="owner", periods=[Period("<b>x", AS_OF, date(2026, 9, 30))])

    page = found.to_html()
    assert "<b>x" not in page
    assert "<script" not in page.partition("</style>")[2]
    assert found.summary()


def test_a_forecast_that_was_read_back_knows_its_fields_and_no_frame() -> None:
    found = made(by="owner", count=1)
    read = Forecast[Any].model_validate_json(found.to_json())

    assert read.to_dict() == found.to_dict()
    assert read.records() == found.records()
    for ask in (read.at_odds, read.distribution):
        with pytest.raises(SalesflowError, match="was read back"):
            ask()


def test_a_source_says_what_the_call_does_not() -> None:
    frame = DEALS.rename({"id": "Deal", "stage": "Phase"})
    found = forecast(Source(frame, key="Deal", stage="Phase"), BOOK, as_of=AS_OF)

    assert found == made()


def test_lazy_frames_stay_lazy() -> None:
    found = made(DEALS.lazy())

    assert isinstance(found.at_odds(), pl.LazyFrame)
    assert isinstance(found.to_frame(DEALS.lazy()), pl.LazyFrame)


def test_the_flagship_has_its_forecast_by_selling_cycle_number() -> None:
    deals = pl.DataFrame(
        {
            "id": ["a", "b"],
            "stage": ["technical_win", "order"],
            "amount": [10.0, 20.0],
            "expected_close_on": [AS_OF, AS_OF],
        }
    )
    found = forecast(
        deals, load_playbook("optimized_sales_process"), key="id", as_of=AS_OF, by="cycle"
    )

    assert [group.values for group in found.groups] == [(5,), (8,)]
    assert (found.total.best_case.amount, found.total.commit.amount) == (10.0, 20.0)


# ------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"periods": "week"}, 'periods: must be "month" or "quarter" or "year", not \'week\''),
        ({"periods": []}, "periods: there is no period"),
        ({"periods": ["2026"]}, r"periods\[0\]: must be a Period, not a str"),
        ({"periods": 3}, "periods: must be a list of Period, not an int"),
        ({"count": 0}, "count: must be between 1 and 120, not 0"),
        ({"count": 121}, "count: must be between 1 and 120, not 121"),
        ({"fiscal_start": 13}, "fiscal_start: must be between 1 and 12, not 13"),
        ({"fiscal_start": True}, "fiscal_start: must be between 1 and 12"),
        ({"call": "boss"}, 'call: must be "stage" or "owner" or "manager"'),
        ({"top": 0}, "top: must be between 1 and 200"),
        ({"chances": 0.5}, "chances: must be a WinChances, not a float; pass what win_chances"),
        ({"slippage": {}}, "slippage: must be a Slippage, not a dict; pass what close_slippage"),
        ({"quotas": 5}, "quotas: must be a list of Quota"),
        ({"quotas": [5]}, r"quotas\[0\]: must be a Quota, not an int"),
        (
            {"quotas": [Quota("2026Q3", 1)]},
            r"""quotas\[0\]\.period: there is no period '2026Q3'; did you mean "2026-Q3"\?""",
        ),
        (
            {"quotas": [Quota("2026-Q3", 1), Quota("2026-Q3", 2)]},
            r"quotas\[1\]: there is another one for '2026-Q3' and the same deals",
        ),
        (
            {"quotas": [Quota("2026-Q3", 1, "li")]},
            r"quotas\[0\]\.group: it names 1 value, and there are no groups",
        ),
        (
            {"quotas": [Quota("2026-Q3", 1, ["li", "x"])], "by": "owner"},
            r"quotas\[0\]\.group: it names 2 values, and there are by owner",
        ),
        (
            {"quotas": [Quota("2026-Q3", Money(1, "EUR"))]},
            r"quotas\[0\]\.amount: there is no rate from EUR into USD; add it",
        ),
        ({"by": "ownr"}, "by: no column is 'ownr', nor holds such a fact; did you mean \"owner\""),
        ({"as_of": None}, "as_of"),
        ({"as_of": date(9999, 12, 1)}, "end after the year 9999"),
    ],
)
def test_wrong_arguments_are_refused_with_what_to_do(more: Mapping[str, Any], said: str) -> None:
    with pytest.raises((ArgumentError, FrameError), match=said):
        made(**more)


def test_periods_that_share_a_day_are_refused_with_both_names() -> None:
    first = Period("a", date(2026, 1, 1), date(2026, 1, 31))
    second = Period("b", date(2026, 1, 31), date(2026, 2, 28))

    with pytest.raises(ArgumentError, match="'b' begins on 2026-01-31, and 'a' ends on 2026-01-31"):
        made(periods=[second, first])
    with pytest.raises(ArgumentError, match="'a' is there twice"):
        made(periods=[first, Period("a", date(2026, 3, 1), date(2026, 3, 1))])


def test_everything_that_is_wrong_is_told_at_once() -> None:
    frame = DEALS.with_columns(probability=pl.lit(90.0))

    with pytest.raises(ArgumentError) as caught:
        made(frame, count=0, call="boss", quotas=[Quota("x", 1)], by="nobody")
    assert {it.path for it in caught.value.problems} >= {"count", "call", "by"}
    with pytest.raises(FrameError, match="7 probabilities are not"):
        made(frame)


@pytest.mark.parametrize("probability", [1.5, -0.1])
def test_probabilities_outside_0_to_1_are_refused(engine: Engine, probability: float) -> None:
    frame = DEALS.with_columns(
        probability=pl.when(pl.col("id") == "b").then(pl.lit(probability)).otherwise("probability")
    )

    with pytest.raises(FrameError, match="1 probability is not between 0 and 1"):
        made(engine(frame))


def test_keys_that_stand_twice_are_refused(engine: Engine) -> None:
    with pytest.raises(FrameError, match="id"):
        made(engine(pl.concat([DEALS, DEALS.head(1)])))


@pytest.mark.parametrize("name", ["check", "verdict", "category"])
def test_a_key_called_like_a_column_of_the_result_is_refused(name: str) -> None:
    with pytest.raises(FrameError, match=name):
        made(DEALS.rename({"id": name}), key=name)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Period("x", date(2026, 2, 1), date(2026, 1, 31)), "before it begins"),
        (lambda: Period(" ", AS_OF, AS_OF), "a period has a name"),
        (lambda: Period("x", AS_OF), "last"),
        (lambda: Quota("x", -1), "a quota is a finite number"),
        (lambda: Quota("x", float("nan")), "a quota is a finite number"),
        (lambda: Quota("x", 10**400), "a quota is a finite number"),
        (lambda: Quota("x", Decimal("sNaN")), "a quota is a finite number"),
        (lambda: Quota("x", True), "a quota is a finite number"),
        (lambda: Quota("x"), "amount"),
        (lambda: Quota(None, 3), "period"),
    ],
)
def test_wrong_periods_and_quotas_say_what_is_wrong(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        make()
