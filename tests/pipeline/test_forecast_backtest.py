"""Would past forecasts have been right? Against a naive count, without a look ahead, on engines."""

from __future__ import annotations

import pickle
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any, TypeAlias

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow import Playbook
from salesflow.errors import ArgumentError, FrameError, SalesflowError, UnknownName
from salesflow.money import Rates
from salesflow.pipeline import (
    ForecastBacktest,
    ForecastDay,
    Period,
    Source,
    forecast_backtest,
    sum_of,
    win_chances,
)
from tests.frame_engines import values_of
from tests.pipeline.conftest import Engine, relation

Event: TypeAlias = tuple[str, str, int]

TEXT = """
id = "sell"
version = "1"
title = "Sell"
currency = "USD"
reasons = [{ key = "price", title = "Price", outcome = "lost" }]
[[stages]]
key = "talk"
title = "Talk"
probability = 0.25
[[stages]]
key = "offer"
title = "Offer"
probability = 0.5
[[stages.sub_stages]]
key = "draft"
title = "Draft"
[[stages.sub_stages]]
key = "final"
title = "Final"
[[stages]]
key = "sign"
title = "Sign"
probability = 0.75
wins = true
[[stages]]
key = "deliver"
title = "Deliver"
"""
BOOK = Playbook.from_toml(TEXT)
BEGIN = date(2024, 1, 1)
NAMES: dict[str, Any] = {"case": "deal", "stage": "phase", "at": "at"}
PLACES = ("talk", "offer", "draft", "final", "sign")
LABELS = (*PLACES, "deliver", "won", "lost", "disqualified", "retracted")
SUB_STAGES = ("draft", "final")


def on(days: int) -> date:
    return BEGIN + timedelta(days=days)


def log_of(events: Iterable[Event]) -> pl.DataFrame:
    rows = [(deal, label, on(day)) for deal, label, day in events]
    schema = {"deal": pl.String(), "phase": pl.String(), "at": pl.Date()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def deals_of(amounts: Mapping[str, float | None], **more: list[Any]) -> pl.DataFrame:
    columns = {"deal": list(amounts), "amount": list(amounts.values()), **more}
    return pl.DataFrame(columns, schema_overrides={"deal": pl.String(), "amount": pl.Float64()})


def asked(log: Any, deals: Any, **options: Any) -> ForecastBacktest:
    return forecast_backtest(log, BOOK, **{"deals": deals, **NAMES, **options})


def beside(make: Engine, log: pl.DataFrame, deals: pl.DataFrame) -> tuple[Any, Any]:
    """Two frames of one kind; DuckDB joins only what is in one connection."""
    if make is not relation:
        return make(log), make(deals)
    connection = duckdb.connect()
    return connection.from_arrow(log.to_arrow()), connection.from_arrow(deals.to_arrow())


def business(count: int = 400, seed: int = 5) -> tuple[list[Event], dict[str, float]]:
    """Deals that forget how long they have been where they are: each day is like the other."""
    dice = Random(seed)
    events: list[Event] = []
    amounts = {}
    for number in range(count):
        deal, day = f"D-{number}", dice.randrange(1_000)
        amounts[deal] = float(dice.randrange(1, 200) * 100)
        for place, goes_on in (("talk", 0.6), ("draft", 0.7), ("sign", 0.85)):
            events.append((deal, place, day))
            day += 1 + int(dice.expovariate(1 / 30))
            if dice.random() > goes_on:
                events.append((deal, "lost", day))
                break
        else:
            events.append((deal, "won", day))
    return events, amounts


EVENTS, AMOUNTS = business()
THIRDS = {deal: amount / 3 for deal, amount in AMOUNTS.items()}
"""Amounts whose sums differ by the order in which floats are added up."""
MONTHS = [date(year, month, 1) for year in (2025, 2026) for month in range(1, 13)][:18]


# ------------------------------------------------------------------------ against a naive count


def stands(events: list[Event], deal: str, day: int) -> tuple[str | None, int, int]:
    """Where a deal stood at the end of a day, since when it was won, if it was, and since when."""
    rank = {label: at for at, label in enumerate(("retracted", *LABELS))}
    own = sorted(
        (at, rank[label], label) for name, label, at in events if name == deal and at <= day
    )
    place, won_since, since = None, -1, -1
    for at, _, label in own:
        is_won = label in {"won", "deliver"}
        was_won = place in {"won", "deliver"}
        if is_won and not was_won:
            won_since = at
        if label != place:
            since = at
        place = label
    return place, won_since, since


def naive(events: list[Event], amounts: dict[str, float], found: ForecastDay) -> dict[str, Any]:
    """What the forecast of a day should have been, deal by deal."""
    day, period = (found.day - BEGIN).days, found.period
    first, last = ((it - BEGIN).days for it in (period.first, period.last))
    learned = win_chances(log_of(events), BOOK, as_of=found.day, **NAMES)
    closed = came = known = weighted = 0.0
    likely: list[tuple[object, float, float]] = []
    untold = open_deals = 0
    for deal, amount in amounts.items():
        place, since, there_since = stands(events, deal, day)
        later, won_since, _ = stands(events, deal, last)
        won = later in {"won", "deliver"} and first <= won_since <= last
        came += amount * won
        if place in {"won", "deliver"}:
            closed += amount * (first <= since <= day)
            known += amount * (won and won_since <= day)
        elif place in {*PLACES, "retracted"}:
            open_deals += 1
            known += amount * (later in {"won", "deliver"})
            chance = None
            if place in PLACES:
                stood = day - there_since
                chance = learned.standing(place, stood, within=last - day).value
                weighted += amount * (learned.places[place].own or 0)
            if chance is None:
                untold += 1
            else:
                likely.append((deal, amount, chance))
    return {
        "open": open_deals,
        "closed": closed,
        "weighted": closed + weighted,
        "actual": came,
        "actual_known": known,
        "learned": sum_of(likely, sure=closed).interval if not untold else None,
    }


PLAIN = st.sampled_from(("talk", "draft", "sign", "won", "lost", "retracted", "deliver", "final"))
COURSES = st.lists(
    st.tuples(st.integers(0, 200), st.lists(st.tuples(PLAIN, st.integers(1, 90)), min_size=1)),
    min_size=1,
    max_size=25,
)


def events_of(courses: list[tuple[int, list[tuple[str, int]]]]) -> list[Event]:
    events = []
    for number, (begin, course) in enumerate(courses):
        at = begin
        for label, gap in course[:6]:
            events.append((f"D-{number}", label, at))
            at += gap
    return events


@settings(max_examples=12)
@given(COURSES, st.integers(0, 100))
def test_it_is_what_a_count_deal_by_deal_says(
    courses: list[tuple[int, list[tuple[str, int]]]], offset: int
) -> None:
    events = events_of(courses)
    amounts = {f"D-{n}": float(100 + 7 * n) for n in range(len(courses))}
    start = min(at for _, _, at in events)
    last = max(at for _, _, at in events)
    days = sorted({min(start + offset * k, last) for k in (0, 1, 2)})
    found = asked(
        log_of(events),
        deals_of(amounts),
        days=[on(day) for day in days],
        as_of=on(last + 100),
        periods="month",
    )
    for it in found.days:
        expected = naive(events, amounts, it)
        learned = expected.pop("learned")
        if learned is None:
            assert it.learned is None or it.reason
        else:
            assert it.learned is not None
            for name in ("mean", "p10", "p50", "p90"):
                assert getattr(it.learned, name) == pytest.approx(getattr(learned, name))
        for name, value in expected.items():
            assert getattr(it, name) == pytest.approx(value), (it.day, name)


@pytest.mark.parametrize("count", [120, 2_000])
def test_its_interval_is_the_sum_of_the_deals(count: int) -> None:
    events, amounts = business(count)
    found = asked(log_of(events), deals_of(amounts), days=on(700), as_of=on(1_200))
    (it,) = found.days
    expected = naive(events, amounts, it)["learned"]
    assert it.learned is not None
    assert it.learned.mean == pytest.approx(expected.mean, rel=1e-12)
    assert it.learned.p10 == pytest.approx(expected.p10, rel=1e-6)
    assert it.learned.p90 == pytest.approx(expected.p90, rel=1e-6)


def test_every_engine_says_the_same(engine: Engine) -> None:
    options: dict[str, Any] = {"days": MONTHS[::5], "as_of": date(2026, 12, 31)}
    expected = asked(log_of(EVENTS), deals_of(THIRDS), **options)
    log, deals = beside(engine, log_of(EVENTS), deals_of(THIRDS))
    assert asked(log, deals, **options) == expected


def test_the_order_of_rows_means_nothing() -> None:
    options: dict[str, Any] = {"days": MONTHS[::5], "as_of": date(2026, 12, 31)}
    one = asked(log_of(EVENTS), deals_of(THIRDS), **options)
    for seed in range(4):
        dice = Random(seed)
        events = dice.sample(EVENTS, len(EVENTS))
        amounts = dict(dice.sample(list(THIRDS.items()), len(THIRDS)))
        assert asked(log_of(events), deals_of(amounts), **options) == one


def test_labels_that_do_not_matter_may_be_told_one_after_the_other() -> None:
    events = [*EVENTS, ("D-1", "called", 3), ("D-2", "mailed", 900)]
    options: dict[str, Any] = {"days": MONTHS[::5], "as_of": date(2026, 12, 31)}
    found = asked(log_of(events), deals_of(AMOUNTS), ignore=iter(["called", "mailed"]), **options)
    assert found == asked(log_of(EVENTS), deals_of(AMOUNTS), **options)


# ---------------------------------------------------------------------------------- no look ahead


@settings(max_examples=8)
@given(st.integers(250, 900), st.randoms(use_true_random=False))
def test_nothing_that_lies_after_the_day_changes_its_forecast(day: int, dice: Random) -> None:
    """Other events, other deals and other amounts of deals that come later."""
    seen = {deal for deal, _, at in EVENTS if at <= day}
    future = [(deal, "won", at + dice.randrange(50)) for deal, _, at in EVENTS if at > day]
    new = [(f"N-{n}", dice.choice(LABELS[:7]), day + 1 + dice.randrange(90)) for n in range(30)]
    past = [event for event in EVENTS if event[2] <= day]
    amounts = {deal: it if deal in seen else 7 * it for deal, it in AMOUNTS.items()}
    amounts |= {deal: 1e6 for deal, _, _ in new}
    changed = [*past, *future, *new]
    one = asked(log_of(EVENTS), deals_of(AMOUNTS), days=on(day), as_of=on(1_200))
    other = asked(log_of(changed), deals_of(amounts), days=on(day), as_of=on(1_200))
    on_the_day = asked(log_of(past), deals_of(AMOUNTS), days=on(day), as_of=on(day))
    for name in ("open", "closed", "learned", "weighted", "last_period", "reason"):
        told = getattr(one.days[0], name)
        assert getattr(other.days[0], name) == told
        assert getattr(on_the_day.days[0], name) == told
    assert on_the_day.days[0].actual is None or on(day) == one.days[0].period.last


def test_a_period_that_is_not_over_has_no_actual() -> None:
    found = asked(log_of(EVENTS), deals_of(AMOUNTS), days=MONTHS[:3], as_of=date(2025, 3, 30))
    assert found.periods == 0
    assert all(it.actual is None and it.actual_known is None for it in found.days)


def test_days_before_and_after_the_history_are_refused() -> None:
    days = [date(2023, 5, 1), date(2030, 1, 1)]
    with pytest.raises(ArgumentError) as caught:
        asked(log_of(EVENTS), deals_of(AMOUNTS), days=days)
    said = str(caught.value)
    assert "2023-05-01 is before the history begins on 2024-01-0" in said
    assert "2030-01-01 is after the history, which ends on" in said


def test_all_that_is_wrong_with_the_arguments_is_told_at_once() -> None:
    wrong = {"days": [], "bins": 0, "confidence": 2, "fiscal_start": 13, "columns": 3}
    with pytest.raises(ArgumentError) as caught:
        asked(log_of(EVENTS), deals_of(AMOUNTS), **wrong)
    assert {it.path for it in caught.value.problems} >= {"days", "bins", "confidence", "columns"}
    with pytest.raises(ArgumentError, match="fiscal_start"):
        asked(log_of(EVENTS), deals_of(AMOUNTS), days=on(700), fiscal_start=13)


# ------------------------------------------------------------------------- figures, told by hand


def small() -> tuple[list[Event], dict[str, float | None]]:
    """A year in which each of twelve deals is won after 20 days, and what comes after it."""
    events: list[Event] = []
    for n in range(24):
        events += [(f"P-{n}", "talk", 10 * n), (f"P-{n}", ("won", "lost")[n % 2], 10 * n + 20)]
    events += [("A", "talk", 380), ("A", "won", 400), ("B", "talk", 380), ("B", "lost", 420)]
    events += [("C", "sign", 380), ("C", "won", 390), ("D", "talk", 395), ("D", "won", 430)]
    amounts: dict[str, float | None] = dict.fromkeys((f"P-{n}" for n in range(24)), 100.0)
    return events, amounts | {"A": 400.0, "B": 800.0, "C": 50.0, "D": 1_000.0}


def test_what_is_won_what_came_and_what_was_known_are_told_apart() -> None:
    events, amounts = small()
    found = asked(log_of(events), deals_of(amounts), days=on(392), as_of=on(500))
    (it,) = found.days
    assert it.period.name == "2025-Q1"
    assert (it.open, it.closed) == (2, 50)
    assert it.weighted == 50 + 0.25 * (400 + 800)
    assert it.learned is not None
    # Of those that came to talk, half were won, all after 20 days.
    assert it.learned.mean == pytest.approx(50 + 0.5 * (400 + 800))
    assert (it.learned.p10, it.learned.p90) == (50, 1_250)
    assert (it.actual_known, it.actual) == (450, 1_450)
    assert it.last_period == 0
    assert it.owner_call is None
    assert found.methods["learned"].bias.value == pytest.approx(650 - 1_450)
    assert found.methods["learned"].percentage.value == pytest.approx(800 / 1_450)
    assert found.known.bias.value == pytest.approx(650 - 450)
    assert found.methods["weighted"].absolute.value == pytest.approx(1_450 - 350)
    assert found.methods["weighted"].learned_absolute.value == pytest.approx(800)
    assert found.methods["owner_call"].bias.reason == "no column holds forecast.owner_call"
    assert found.coverage.within.value == 0
    assert found.coverage.above.value == 1
    assert found.coverage_known.within.value == 1
    (whole, talk) = found.calibration
    assert (whole.stage, talk.stage) == (None, "talk")
    assert talk.chance == pytest.approx(0.5)
    assert (talk.deals, talk.won, talk.share) == (2, 1, 0.5)
    assert (talk.chance_from, talk.chance_to) == (0.5, 0.6)


def test_the_calls_of_owners_are_a_forecast_where_there_are_any() -> None:
    events, amounts = small()
    calls = [None] * 24 + ["commit", "best_case", None, "commit"]
    deals = deals_of(amounts, call=calls)
    columns = {"forecast.owner_call": "call"}
    found = asked(log_of(events), deals, days=on(392), as_of=on(500), columns=columns)
    assert found.days[0].owner_call == 450  # D was not there on the day
    assert found.methods["owner_call"].bias.value == -1_000


def test_a_call_that_is_no_category_is_refused() -> None:
    events, amounts = small()
    deals = deals_of(amounts, call=[None] * 27 + ["surely"])
    columns = {"forecast.owner_call": "call"}
    with pytest.raises(FrameError, match="is no forecast category"):
        asked(log_of(events), deals, days=on(392), columns=columns)


def test_deals_without_an_amount_bring_nothing() -> None:
    events, amounts = small()
    amounts |= {"B": None, "C": -5.0}
    del amounts["D"]
    (it,) = asked(log_of(events), deals_of(amounts), days=on(392), as_of=on(500)).days
    assert (it.open, it.closed, it.actual) == (2, 0, 400)
    assert it.learned is not None
    assert it.learned.mean == pytest.approx(200)


def test_amounts_too_large_for_an_interval_leave_no_forecast_but_a_reason(engine: Engine) -> None:
    events, amounts = small()
    frames = [(log_of(events), deals_of(amounts | {"B": 1e101}), 1e101)]
    frames.append((*beside(engine, log_of(events), deals_of(amounts | {"B": 1e200})), 1e200))
    for log, deals, amount in frames:
        found = asked(log, deals, days=on(392), as_of=on(500))
        (it,) = found.days
        assert (it.learned, it.reason) == (None, "amounts above 1e+100 have no interval")
        assert it.actual == 1_450
        assert it.weighted == pytest.approx(amount / 4)
        assert it.reason in found.summary()


def test_amounts_are_brought_into_the_currency_of_the_playbook() -> None:
    events, amounts = small()
    found = asked(
        log_of(events),
        deals_of(amounts),
        days=on(392),
        as_of=on(500),
        currency="EUR",
        rates=Rates("USD", {"EUR": 2}),
    )
    assert found.currency == "USD"
    assert found.days[0].actual == 2_900


def test_periods_may_be_any_days_and_the_one_before_is_that_before_it() -> None:
    events, amounts = small()
    periods = [Period("old", on(0), on(99)), Period("fair", on(380), on(400))]
    (it,) = asked(
        log_of(events), deals_of(amounts), days=on(392), as_of=on(500), periods=periods
    ).days
    assert it.period.name == "fair"
    assert (it.actual, it.last_period) == (450, 400)
    with pytest.raises(ArgumentError, match="2024-12-26 lies in none of them"):
        asked(log_of(events), deals_of(amounts), days=on(360), periods=periods)
    overlapping = [Period("a", on(0), on(99)), Period("b", on(90), on(400))]
    with pytest.raises(ArgumentError, match="let no two share a day"):
        asked(log_of(events), deals_of(amounts), days=on(95), periods=overlapping)


def test_a_fiscal_year_begins_in_any_month() -> None:
    events, amounts = small()
    options: dict[str, Any] = {"periods": "year", "fiscal_start": 2, "as_of": on(500)}
    (it,) = asked(log_of(events), deals_of(amounts), days=on(392), **options).days
    assert (it.period.name, it.period.last) == ("FY2025", date(2025, 1, 31))


# ----------------------------------------------------------------------- a reason for no number


def test_where_too_few_deals_ended_there_is_a_reason_and_no_forecast() -> None:
    events, amounts = small()
    (it,) = asked(log_of(events), deals_of(amounts), days=on(60), as_of=on(500)).days
    assert it.learned is None
    assert it.reason == "2 open deals stand where too few ended to tell a chance"
    assert it.weighted == 300 + 50


def test_a_few_deals_without_a_chance_are_left_out_and_told() -> None:
    events, amounts = small()
    events += [("E", "final", 391)]
    amounts["E"] = 100.0
    (it,) = asked(log_of(events), deals_of(amounts), days=on(392), as_of=on(500)).days
    assert it.reason == "1 open deal stands where too few ended to tell a chance"
    assert it.learned is not None
    assert it.learned.mean == pytest.approx(650)


def test_where_no_period_is_over_nothing_is_measured_and_that_is_said() -> None:
    events, amounts = small()
    found = asked(log_of(events), deals_of(amounts), days=on(392), as_of=on(395))
    assert found.coverage.within.reason == "no period is over"
    assert found.methods["learned"].bias.reason == "no period is over"
    assert found.calibration == ()
    assert "no period is over" in found.summary()
    assert found.summary().startswith("Forecasts of 1 past day; periods that are over: 0; ")
    assert "尚无已结束的期间" in found.summary("zh")


def test_without_a_closed_or_an_open_deal_the_forecast_is_nothing() -> None:
    events = [(f"P-{n}", label, n + more) for n in range(20) for label, more in COURSE]
    amounts: dict[str, float | None] = {f"P-{n}": 10.0 for n in range(20)}
    (it,) = asked(log_of(events), deals_of(amounts), days=on(80), as_of=on(200)).days
    assert (it.open, it.closed, it.weighted, it.actual) == (0, 0, 0, 0)
    assert it.learned is not None
    assert it.learned.mean == it.learned.p90 == 0


COURSE = (("talk", 0), ("lost", 5))


def test_a_stage_without_a_probability_leaves_the_weighted_forecast_out() -> None:
    lines = [it for it in TEXT.splitlines() if not it.startswith("probability")]
    book = Playbook.from_toml("\n".join(lines))
    events, amounts = small()
    found = forecast_backtest(
        log_of(events), book, deals=deals_of(amounts), days=on(392), as_of=on(500), **NAMES
    )
    assert found.days[0].weighted is None
    reason = found.methods["weighted"].bias.reason
    assert reason == "talk has no probability in the playbook"


def test_what_the_history_does_not_have_is_no_last_period() -> None:
    events, amounts = small()
    found = asked(log_of(events), deals_of(amounts), days=on(60), as_of=on(500))
    assert found.days[0].last_period is None
    reason = found.methods["last_period"].bias.reason
    assert reason == "the history does not have the period before"


# --------------------------------------------------------------------------- whether it is right


def test_of_deals_that_forget_the_chances_come_true() -> None:
    events, amounts = business(3_000)
    found = asked(log_of(events), deals_of(amounts), days=MONTHS, as_of=date(2026, 12, 31))
    for it in found.calibration:
        if it.stage is None and it.deals > 100:
            assert it.share == pytest.approx(it.chance, abs=0.06)
    known = found.known
    assert known.percentage.value is not None
    assert known.percentage.value < 0.08
    assert found.coverage_known.within.value is not None
    assert found.coverage_known.within.value > 0.6
    weighted = found.methods["weighted"].absolute.value
    assert weighted is not None
    assert found.methods["learned"].absolute.value is not None
    assert found.methods["learned"].absolute.value < weighted


def leads(count: int = 2_000) -> tuple[list[Event], dict[str, float]]:
    """Leads that come every day, of which a tenth are won, soon; nobody records any as lost."""
    dice = Random(11)
    events: list[Event] = []
    for number in range(count):
        day = dice.randrange(900)
        events.append((f"L-{number}", "talk", day))
        if dice.random() < 0.1:
            events.append((f"L-{number}", "won", day + 1 + int(dice.expovariate(1 / 20))))
    return events, dict.fromkeys((f"L-{n}" for n in range(count)), 1.0)


def test_leads_that_nobody_closes_do_not_count_like_new_ones_for_ever() -> None:
    events, amounts = leads()
    days = [date(2026, month, 1) for month in range(1, 7)]
    found = asked(
        log_of(events), deals_of(amounts), days=days, periods="month", as_of=date(2026, 6, 30)
    )

    bias = found.known.bias.value
    assert bias is not None
    # As if each had come today, which says far too much.
    as_new = 0.0
    for it in found.days:
        learned = win_chances(log_of(events), BOOK, as_of=it.day, **NAMES)
        chance = learned.standing("talk", 0, within=(it.period.last - it.day).days).value
        assert chance is not None
        as_new += it.open * chance + it.closed - (it.actual_known or 0)
    assert as_new / 6 > 50
    assert abs(bias) < 5


# ------------------------------------------------------------------------------------- bad input


def test_deals_have_amounts() -> None:
    events, amounts = small()
    with pytest.raises(FrameError, match="no column holds amount"):
        asked(log_of(events), deals_of(amounts).drop("amount"), days=on(392))


def test_the_two_frames_are_of_one_kind_and_know_each_other() -> None:
    events, amounts = small()
    with pytest.raises(FrameError, match="pass two frames of one kind"):
        asked(log_of(events), deals_of(amounts).to_pandas(), days=on(392))
    with pytest.raises(FrameError, match="there is no column 'deal'"):
        asked(log_of(events), deals_of(amounts).rename({"deal": "id"}), days=on(392))
    double = pl.concat([deals_of(amounts)] * 2)
    with pytest.raises(FrameError, match="keep one row per deal"):
        asked(log_of(events), double, days=on(392))


def test_a_source_says_the_key_of_its_deals() -> None:
    events, amounts = small()
    deals = Source(deals_of(amounts).rename({"deal": "id", "amount": "worth"}), key="id")
    found = asked(log_of(events), deals, days=on(392), as_of=on(500), columns={"amount": "worth"})
    assert found == asked(log_of(events), deals_of(amounts), days=on(392), as_of=on(500))


def test_labels_that_nobody_knows_are_refused() -> None:
    events, amounts = small()
    with pytest.raises(FrameError, match="'tlak'"):
        asked(log_of([*events, ("A", "tlak", 393)]), deals_of(amounts), days=on(392))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"days": []}, "days: there is no day; give one day or more"),
        ({"days": "2025-01-01"}, "days: must be a day, not a str; pass a date"),
        ({"days": [on(392), on(392)]}, "days: 2025-01-27 is there 2 times; give each day once"),
        ({"periods": "week"}, 'periods: must be "month" or "quarter" or "year", not \'week\''),
        ({"periods": []}, "periods: there is no period; write"),
        ({"periods": 3}, "periods: must be a list of Period, not an int"),
        ({"bins": 0}, "bins: must be between 1 and 100, not 0"),
        ({"bins": 2.5}, "bins: must be between 1 and 100, not 2.5"),
        ({"confidence": 1.0}, "confidence: 1.0 is not a confidence level"),
        ({"as_of": "today"}, "as_of: must be a day, not a str; pass a date"),
        ({"tz": "Mars"}, "tz: must name a time zone, not 'Mars'"),
        ({"columns": 3}, "columns: must be a mapping, not an int"),
        ({"fiscal_start": 0}, "fiscal_start: must be between 1 and 12, not 0"),
        ({"deals": None}, "This cannot be read as a data frame: it is None"),
        ({"deals": 3}, "This cannot be read as a data frame: it is an int"),
        ({"events": {}}, "This cannot be read as a data frame: it is a dict"),
        ({"playbook": None}, "playbook: must be a Playbook, not None; load one with"),
    ],
)
def test_what_is_of_the_wrong_kind_is_refused(bad: dict[str, Any], said: str) -> None:
    events, amounts = small()
    options = {"deals": deals_of(amounts), "days": on(392), **NAMES, **bad}
    log = options.pop("events", log_of(events))
    with pytest.raises(SalesflowError, match=re.escape(said)):
        forecast_backtest(log, options.pop("playbook", BOOK), **options)


def test_a_log_without_events_is_refused() -> None:
    with pytest.raises(FrameError, match="there is no event"):
        asked(log_of([]), deals_of({"A": 1.0}), days=on(392))


# ------------------------------------------------------------------------------------- to be read


FOUND = asked(log_of(EVENTS), deals_of(AMOUNTS), days=MONTHS, as_of=date(2026, 6, 30))


def test_its_tables_are_rows() -> None:
    assert [len(FOUND.records(name)) for name in ("days", "methods")] == [18, 5]
    first = FOUND.records()[0]
    assert first["day"] == "2025-01-01"
    assert first["learned"] == pytest.approx(FOUND.days[0].said("learned"))
    by_stage: dict[object, int] = defaultdict(int)
    for row in FOUND.records("calibration"):
        by_stage[row["stage"]] += int(row["deals"] or 0)
    assert by_stage[None] == sum(it for stage, it in by_stage.items() if stage)
    assert set(by_stage) - {None} <= set(PLACES)
    with pytest.raises(UnknownName, match="table"):
        FOUND.records("lines")  # type: ignore[arg-type]


@pytest.mark.parametrize("table", ["days", "methods", "calibration"])
def test_its_tables_are_frames(engine: Engine, table: Any) -> None:
    like = engine(pl.DataFrame({"a": [1]}))
    rows = FOUND.records(table)
    frame = FOUND.to_frame(like, table)
    told = values_of(frame)
    assert [{name: it[name] for name in rows[0]} for it in told] == rows


def test_it_travels() -> None:
    assert ForecastBacktest.model_validate_json(FOUND.to_json()) == FOUND
    assert pickle.loads(pickle.dumps(FOUND)) == FOUND  # noqa: S301 - our own


def test_it_reads_well_in_both_languages() -> None:
    english, chinese = FOUND.summary(), FOUND.summary("zh")
    assert str(FOUND) == english
    assert (
        "Forecasts of 18 past days; periods that are over: 6; history until 2026-06-30." in english
    )
    assert "18 个过去日期的预测" in chinese
    assert "Amounts and owners' calls are as they are in the frame of deals" in english
    assert "不含之后新增项目带来的金额" in chinese
    assert "没有数据列提供 forecast.owner_call" in chinese
    assert repr(FOUND).startswith("<ForecastBacktest: 18 days in 6 periods, ")
    with pytest.raises(UnknownName):
        FOUND.summary("tlh-x")


def test_what_periods_are_called_is_escaped_on_a_page() -> None:
    events, amounts = small()
    periods = [Period("<script>alert(1)</script>", on(380), on(400))]
    found = asked(log_of(events), deals_of(amounts), days=on(392), as_of=on(500), periods=periods)
    page = found.to_html()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert ">Talk</td>" in page
    assert "预测回测" in found.to_html(lang="zh")
    assert "Forecast backtest" not in found.to_html(lang="zh")
    assert found._repr_html_()


def test_it_works_on_pandas_with_moments() -> None:
    events, amounts = small()
    log = log_of(events).to_pandas()
    log["at"] = pd.to_datetime(log["at"]).dt.tz_localize("UTC")
    found = asked(log, deals_of(amounts).to_pandas(), days=on(392), as_of=on(500))
    assert found == asked(log_of(events), deals_of(amounts), days=on(392), as_of=on(500))
