"""Laws of forecasts: they say what a slow and obvious way says, on every engine, in any order."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow.pipeline import Forecast, Period, close_slippage, forecast, metrics, sum_of
from tests.frame_engines import values_of
from tests.pipeline.conftest import ENGINES, Engine
from tests.pipeline.forecasts import (
    BOOK,
    CHANCE,
    LOST,
    WON,
    Line,
    category_of,
    frame_of,
    lies_after,
    lines_of,
    slot_of,
    slots_of,
)

AS_OF: Final = date(2026, 8, 15)
CATEGORIES: Final = ("closed", "commit", "best_case", "pipeline", "omitted")
CALLS: Final = st.sampled_from(["stage", "owner", "manager"])
DAYS: Final = st.none() | st.dates(date(2026, 5, 1), date(2027, 9, 1))
CALLED: Final = st.sampled_from([None, None, "commit", "best_case", "pipeline", "omitted"])
ROWS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "stage": st.sampled_from(
                ["hunt", "qualify", "offer", "sign", "deliver", "won", "lost", "disqualified"]
            ),
            "amount": st.none() | st.integers(0, 10**8).map(lambda cents: cents / 100),
            "probability": st.none() | st.sampled_from([0.0, 0.125, 0.3, 0.5, 1.0]),
            "owner": st.sampled_from(["li", "wang", "zhao", None]),
            "closed_on": DAYS,
            "expected_close_on": DAYS,
            "forecast.owner_call": CALLED,
            "forecast.manager_call": CALLED,
        }
    ),
    max_size=10,
).map(lambda rows: [{"id": f"D-{at}", **row} for at, row in enumerate(rows)])
OWN: Final = (
    Period("summer", date(2026, 7, 1), date(2026, 8, 20)),
    Period("fair", date(2026, 9, 3), date(2026, 9, 3)),
    Period("winter", date(2026, 12, 1), date(2027, 2, 28)),
)
PERIODS: Final = st.sampled_from(["month", "quarter", "year", OWN])


def made(rows: Iterable[Mapping[str, Any]], make: Engine | None = None, **more: Any) -> Any:
    frame: Any = frame_of(rows)
    return forecast(make(frame) if make else frame, BOOK, key="id", as_of=AS_OF, **more)


def of_deals(line: Any) -> tuple[Any, ...]:
    return line.deals, line.rows


def check(slots: Iterable[tuple[str, Any]], expected: Mapping[tuple[str, str], Line]) -> None:
    """What each slot says is what the slow way says."""
    for slot, sums in slots:
        for category in CATEGORIES:
            line, model = getattr(sums, category), expected.get((slot, category), Line())
            assert of_deals(line) == (model.deals, model.rows)
            if line.amount is None:
                assert not model.rows
                assert model.deals
            else:
                assert line.amount == pytest.approx(float(model.amount), abs=1e-5)
        likely = [
            expected.get((slot, category), Line())
            for category in ("commit", "best_case", "pipeline")
        ]
        weighted = sums.weighted
        if weighted.value is None:
            assert not sum(it.likely for it in likely)
        else:
            assert weighted.rows == sum(it.likely for it in likely)
            assert weighted.value == pytest.approx(
                float(sum(it.weighted for it in likely)), abs=1e-4
            )


@given(rows=ROWS, call=CALLS, periods=PERIODS)
def test_every_line_is_what_a_slow_and_obvious_way_gives(
    rows: list[dict[str, Any]], call: str, periods: Any
) -> None:
    found = made(rows, call=call, periods=periods, by="owner")
    spans = [it.period for it in found.periods]

    check(slots_of(found), lines_of(rows, AS_OF, spans, call))
    for group in found.groups:
        own = [row for row in rows if row["owner"] == group.values[0]]
        check(slots_of(group), lines_of(own, AS_OF, spans, call))


@given(rows=ROWS, call=CALLS)
def test_open_deals_by_row_add_up_to_the_forecast(rows: list[dict[str, Any]], call: str) -> None:
    found = made(rows, call=call)
    deals = values_of(found.open_deals())

    for category in ("commit", "best_case", "pipeline", "omitted"):
        line = getattr(found.all, category)
        some = [it["amount"] for it in deals if it["category"] == category]
        assert line.deals == len(some)
        assert (line.amount or 0.0) == pytest.approx(sum(filter(None, some)), abs=1e-5)
    weighted = (
        (it["amount"] or 0.0) * (it["chance"] or 0.0) for it in deals if it["category"] != "omitted"
    )
    assert (found.all.weighted.value or 0.0) == pytest.approx(sum(weighted), abs=1e-4)


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "polars"])
@settings(max_examples=6)
@given(rows=ROWS, call=CALLS, periods=PERIODS)
def test_all_engines_say_the_same(
    name: str, rows: list[dict[str, Any]], call: str, periods: Any
) -> None:
    wanted = {"call": call, "periods": periods, "by": ["owner", "stage"]}

    assert made(rows, ENGINES[name], **wanted) == made(rows, **wanted)


@settings(max_examples=15)
@given(rows=ROWS, call=CALLS, seed=st.integers(0, 1000))
def test_the_order_of_rows_means_nothing(rows: list[dict[str, Any]], call: str, seed: int) -> None:
    mixed = random.Random(seed).sample(rows, len(rows))

    assert made(mixed, call=call, by="owner") == made(rows, call=call, by="owner")


@settings(max_examples=15)
@given(rows=ROWS, call=CALLS, periods=PERIODS)
def test_the_lines_add_up(rows: list[dict[str, Any]], call: str, periods: Any) -> None:
    found = made(rows, call=call, periods=periods, by="owner", top=2)
    parts = [*found.groups, *([found.others] if found.others else [])]

    for name in (*CATEGORIES, "open"):
        # Groups are all deals, and so are the slots.
        assert (
            sum(getattr(part.all, name).deals for part in parts) == getattr(found.all, name).deals
        )
        slots = [getattr(sums, name) for _, sums in slots_of(found)]
        assert sum(line.deals for line in slots) == getattr(found.all, name).deals
        total = sum(line.amount or 0.0 for line in slots)
        assert total == pytest.approx(getattr(found.all, name).amount or 0.0, abs=1e-5)
        for part in (found, *parts):
            named = [getattr(it, name).deals for it in part.periods]
            assert sum(named) == getattr(part.total, name).deals
    for figures in (found.total, *found.periods):
        open_ = figures.commit.deals + figures.best_case.deals + figures.pipeline.deals
        assert figures.open.deals == open_
        assert figures.commit_view.deals == figures.closed.deals + figures.commit.deals
        assert figures.pipeline_view.deals == figures.closed.deals + open_
        assert figures.best_case_view.deals == figures.pipeline_view.deals - figures.pipeline.deals


@settings(max_examples=15)
@given(rows=ROWS)
def test_the_forecast_and_metrics_agree(rows: list[dict[str, Any]]) -> None:
    found = made(rows)
    figures = metrics(frame_of(rows), BOOK, key="id", as_of=AS_OF)
    counted = [row for row in rows if row["stage"] != "hunt"]
    weighted = metrics(frame_of(counted), BOOK, key="id", as_of=AS_OF).weighted_pipeline

    assert found.all.closed.deals == (figures.won.value or 0)
    assert found.all.open.deals + found.all.omitted.deals == (figures.open.value or 0)
    for line, figure in (
        (found.all.closed, figures.won_value),
        (found.all.commit, figures.commit_value),
        (found.all.best_case, figures.best_case_value),
    ):
        assert line.rows == figure.rows
        if figure.value is not None:
            assert line.amount == figure.value
    if weighted.value is not None:
        assert found.all.weighted.value == pytest.approx(weighted.value, abs=1e-9)
        assert found.all.weighted.rows == weighted.rows
    late = figures.overdue
    assert found.overdue.deals == round((late.value or 0) * late.rows)
    assert found.later == figures.later.value


@settings(max_examples=15)
@given(rows=ROWS, call=CALLS)
def test_the_interval_is_that_of_the_sum_of_these_deals(
    rows: list[dict[str, Any]], call: str
) -> None:
    found = made(rows, call=call)
    spans = [it.period for it in found.periods]

    for it in found.periods:
        there = [
            row
            for row in rows
            if row["stage"] not in LOST
            and not lies_after(row, AS_OF)
            and slot_of(row, AS_OF, spans) == it.period.name
            and row["amount"] is not None
            and category_of(row, call) != "omitted"
        ]
        closed = sum(row["amount"] for row in there if row["stage"] in WON)
        open_ = []
        for row in there:
            chance = row["probability"]
            chance = CHANCE.get(row["stage"]) if chance is None else chance
            if row["stage"] not in WON and chance is not None:
                open_.append((row["id"], row["amount"], chance))
        if it.interval is None:
            assert it.no_interval
            continue
        expected = sum_of(open_, sure=closed).interval
        assert it.interval.mean == pytest.approx(expected.mean, abs=1e-4)
        for name in ("p10", "p50", "p90"):
            assert getattr(it.interval, name) == pytest.approx(getattr(expected, name), abs=1e-4)


@settings(max_examples=25)
@given(
    rows=ROWS,
    call=CALLS,
    periods=PERIODS,
    late=st.lists(st.integers(-200, 500), min_size=9, max_size=30),
    endless=st.none() | st.integers(0, 9),
)
def test_with_slippage_each_deal_comes_in_as_late_as_each_of_the_past(
    rows: list[dict[str, Any]], call: str, periods: Any, late: list[int], endless: int | None
) -> None:
    """Deal by deal and past deal by past deal, those that would have closed by now left out."""
    if endless is not None and endless < len(rows):
        rows[endless]["amount"] = float("inf")
    expected_on = date(2020, 1, 1)
    past = pl.DataFrame({"closed_on": [expected_on + timedelta(days) for days in late]})
    past = past.with_row_index("id").with_columns(
        stage=pl.lit("won"), expected_close_on=expected_on
    )
    slippage = close_slippage(past, BOOK, key="id", as_of=AS_OF)
    found = made(rows, call=call, periods=periods, slippage=slippage)
    spans = [it.period for it in found.periods]

    brought: dict[str, list[tuple[str, float, float]]] = {}
    untold: set[str] = set()
    spoiled: set[str] = set()
    for row in rows:
        if row["stage"] in WON | LOST or category_of(row, call) == "omitted":
            continue
        day, chance = row["expected_close_on"], row["probability"]
        chance = CHANCE.get(row["stage"]) if chance is None else chance
        closes = [day + timedelta(days) for days in late] if day else []
        closes = [it for it in closes if it > AS_OF]
        slots = [slot_of({**row, "expected_close_on": it}, AS_OF, spans) for it in closes]
        if len(closes) < 10:
            slots = [slot_of(row, AS_OF, spans)]
        for slot in set(slots):
            share = slots.count(slot) / len(slots)
            if row["amount"] == float("inf"):
                spoiled.add(slot)
            elif row["amount"] is None or chance is None:
                untold.add(slot)
            else:
                brought.setdefault(slot, []).append((row["id"], row["amount"], chance * share))

    for slot, sums in slots_of(found):
        deals, weighted = brought.get(slot, []), sums.weighted
        if slot in spoiled:
            assert weighted.reason == "1 amount is infinite"
        elif deals or slot not in untold:
            assert weighted.value == pytest.approx(
                sum(amount * chance for _, amount, chance in deals), abs=1e-4
            )
            assert weighted.rows == len(deals)
        else:
            assert weighted.value is None
    for it in found.periods:
        if it.interval is not None:
            closed = it.closed.amount or 0.0
            expected = sum_of(brought.get(it.period.name, []), sure=closed).interval
            for name in ("mean", "p10", "p50", "p90"):
                assert getattr(it.interval, name) == pytest.approx(
                    getattr(expected, name), abs=1e-3
                )


@settings(max_examples=15)
@given(rows=ROWS, call=CALLS)
def test_what_is_at_odds_is_counted_as_it_is_listed(rows: list[dict[str, Any]], call: str) -> None:
    found: Forecast[pl.DataFrame] = made(rows, call=call)
    listed = values_of(found.at_odds())

    assert found.at_odds_total.deals == len({row["id"] for row in listed})
    by_key = {row["id"]: row for row in rows}
    for row in listed:
        deal = by_key[row["id"]]
        said = {category_of(deal, it) for it in ("stage", "owner")}
        assert "commit" in {*said, deal["forecast.manager_call"]}
        assert row["category"] == category_of(deal, call)
    # A deal in or beyond "offer" has left "qualify", which asks who owns it and how likely it is.
    odd = [
        row["id"]
        for row in rows
        if row["stage"] in {"offer", "sign"}
        and "commit"
        in {category_of(row, "stage"), row["forecast.owner_call"], row["forecast.manager_call"]}
        and (row["owner"] is None or row["probability"] is None)
    ]
    assert {row["id"] for row in listed} == set(odd)


def test_days_at_the_edges_of_periods_are_in_them() -> None:
    day = timedelta(days=1)
    edges = [it for period in OWN for it in (period.first, period.last)]
    rows = [
        {"id": f"{edge} {shift}", "stage": "sign", "amount": 1.0, "expected_close_on": edge + shift}
        for edge in edges
        for shift in (-day, 0 * day, day)
        if edge + shift >= date(2026, 7, 1)
    ]
    rows = list({row["id"]: row for row in rows}.values())
    found = forecast(frame_of(rows), BOOK, key="id", as_of=date(2026, 7, 1), periods=OWN)

    full = [{name: row.get(name) for name in frame_of([]).columns} for row in rows]
    check(slots_of(found), lines_of(full, date(2026, 7, 1), OWN, "stage"))
    assert found.between.commit.deals == 4
