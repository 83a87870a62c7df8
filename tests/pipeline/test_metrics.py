"""The figures of a pipeline, each worked out by hand once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow import Playbook, load_playbook
from salesflow.errors import ArgumentError, FactError, FrameError, UnknownName
from salesflow.money import Rates
from salesflow.pipeline import Metric, Metrics, check_history, metrics, velocity
from salesflow.pipeline._day_figures import DayFigures
from tests.pipeline.conftest import classic, relation

AS_OF = date(2026, 3, 31)
MAVEN = Path(__file__).parents[2] / "../shared/data/maven_crm/sales_pipeline.csv"

BOOK = Playbook.from_toml("""
id = "m"
version = "1"
title = "M"
languages = ["en"]
currency = "USD"

[[stages]]
key = "qualify"
title = "Qualify"
probability = 0.1

[[stages]]
key = "propose"
title = "Propose"
  [[stages.sub_stages]]
  key = "draft"
  title = "Draft"
  probability = 0.25
  [[stages.sub_stages]]
  key = "offer"
  title = "Offer"

[[stages]]
key = "sign"
title = "Sign"
probability = 0.9
wins = true
""")

DEALS = pl.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e", "f", "g"],
        "stage": ["won", "won", "lost", "disqualified", "qualify", "draft", "offer"],
        "amount": [100.0, 300.0, 50.0, 70.0, 1_000.0, 400.0, None],
        "created_on": [
            date(2026, 1, 1),
            date(2026, 1, 1),
            date(2026, 1, 5),
            date(2026, 1, 5),
            date(2026, 1, 10),
            date(2026, 3, 1),
            None,
        ],
        "closed_on": [
            date(2026, 1, 11),
            date(2026, 1, 31),
            date(2026, 2, 1),
            date(2026, 1, 6),
            None,
            None,
            None,
        ],
        "expected_close_on": [
            date(2026, 1, 11),
            date(2026, 1, 21),
            date(2026, 2, 3),
            date(2026, 1, 1),
            date(2026, 3, 30),
            date(2026, 3, 31),
            None,
        ],
    }
)

LOG = pl.DataFrame(
    [
        ("a", "qualify", 1),
        ("a", "draft", 4),
        ("a", "offer", 6),
        ("a", "sign", 10),
        ("a", "won", 11),
        ("b", "qualify", 1),
        ("b", "draft", 11),
        ("b", "won", 31),
        ("c", "qualify", 5),
        ("c", "lost", 8),
        ("e", "qualify", 10),
        ("f", "qualify", 12),
        ("f", "draft", 13),
        ("f", "qualify", 15),
        ("f", "draft", 20),
    ],
    schema=["case:concept:name", "concept:name", "day"],
    orient="row",
).select(
    "case:concept:name",
    "concept:name",
    pl.datetime(2026, 1, pl.col("day"), time_zone="UTC").alias("time:timestamp"),
)


def figures(frame: Any = DEALS, **more: Any) -> Metrics:
    arguments: dict[str, Any] = {"key": "id", "as_of": AS_OF} | more
    found: Metrics = metrics(frame, BOOK, **arguments)
    return found


def test_velocity_is_deals_times_size_times_win_rate_over_cycle() -> None:
    assert round(velocity(50, 10_000, 0.2, 30), 2) == 3_333.33
    assert sf.pipeline.velocity(0, 10_000, 0.2, 30) == 0


@pytest.mark.parametrize("cycle", [0, -1])
def test_no_velocity_without_a_cycle(cycle: int) -> None:
    with pytest.raises(FactError, match="Pass more than 0"):
        velocity(50, 10_000, 0.2, cycle)


def test_a_win_rate_in_percent_is_no_win_rate() -> None:
    with pytest.raises(FactError, match="between 0 and 1"):
        velocity(50, 10_000, 20, 30)


@pytest.mark.parametrize("size", ["x", None, True, float("inf"), float("nan"), 10**400, [1]])
def test_no_velocity_of_what_is_no_number(size: Any) -> None:
    with pytest.raises(FactError) as caught:
        velocity(size, 10_000, size, 3)

    assert [problem.path for problem in caught.value.problems] == ["deals", "win_rate"]


ENGINES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda frame: frame,
    "polars lazy": pl.DataFrame.lazy,
    "pandas": classic,
    "pandas arrow": lambda frame: frame.to_arrow().to_pandas(types_mapper=pd.ArrowDtype),
    "pyarrow": pl.DataFrame.to_arrow,
    "duckdb": relation,
}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_snapshot_gives_counts_values_cycles_and_lateness(engine: str) -> None:
    found = figures(ENGINES[engine](DEALS))

    expected = {
        "deals": 7,
        "open": 3,
        "won": 2,
        "lost": 1,
        "disqualified": 1,
        "win_rate": 2 / 3,
        "open_value": 1_400.0,
        "won_value": 400.0,
        "average_size": 200.0,
        "weighted_pipeline": 1_000 * 0.1 + 400 * 0.25,
        "cycle_median": 20.0,
        "cycle_p90": 28.0,
        "cycle_mean": 20.0,
        "cycle_longest": 30,
        "velocity": 3 * 200 * (2 / 3) / 20,
        "slippage_median": 0.0,
        "slipped": 1 / 3,
        "overdue": 0.5,
        "older_than_longest_won": 1,
    }
    for name, value in expected.items():
        metric = getattr(found, name)
        assert metric.value == pytest.approx(value), name
        assert metric.source == "snapshot", name
    assert (found.win_rate.rows, found.open_value.rows, found.cycle_mean.rows) == (3, 2, 2)
    assert (found.win_rate.unit, found.velocity.unit) == ("share", "amount per day")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_history_gives_conversion_and_time_in_stage(engine: str) -> None:
    events = LOG.with_columns(pl.col("time:timestamp").dt.replace_time_zone(None))
    history = check_history(ENGINES[engine](events), BOOK)

    stages = figures(history=history).stages

    assert list(stages) == ["qualify", "propose", "draft", "offer", "sign"]
    # e is still there; of the others three went on and one was lost.
    assert stages["qualify"].entered.value == 5
    assert stages["qualify"].conversion.value == 3 / 4
    assert (stages["qualify"].conversion.rows, stages["qualify"].conversion.source) == (
        4,
        "history",
    )
    # a 3 days, b 10, c 3, f 1 + 5
    assert stages["qualify"].days_median.value == 4.5
    assert stages["qualify"].days_p90.value == pytest.approx(6 + 4 * 0.7)
    # f was there and is there again
    assert (stages["draft"].entered.value, stages["draft"].days_median.value) == (3, 11.0)
    assert stages["propose"].entered.value == 3
    assert (stages["propose"].conversion.value, stages["propose"].conversion.rows) == (1.0, 2)
    assert stages["propose"].days_median.value == (6 + 20) / 2
    assert stages["sign"].conversion.value == 1.0


def test_a_snapshot_alone_tells_nothing_of_stages_and_says_so() -> None:
    stages = figures().stages

    assert list(stages) == ["qualify", "propose", "sign"]
    assert stages["sign"].conversion == Metric(
        value=None,
        unit="share",
        reason="needs history=, a log of stages; one row per deal does not tell",
    )


def test_where_the_snapshot_has_no_dates_the_cycle_comes_from_the_history() -> None:
    found = figures(DEALS.select("id", "stage", "amount"), history=LOG)

    assert (found.cycle_mean.value, found.cycle_mean.source) == (20.0, "history")
    assert (found.velocity.source, found.cycle_longest.value) == ("history", 30)
    assert found.older_than_longest_won.reason == "no column holds created_on"
    assert figures(DEALS.select("id", "stage")).cycle_mean == Metric(
        value=None, unit="days", reason="no column holds created_on and closed_on"
    )


def test_the_probability_of_the_deal_comes_before_that_of_its_stage() -> None:
    deals = DEALS.with_columns(probability=pl.Series([1.0, 1.0, 0.0, 0.0, 0.5, None, 0.5]))

    weighted = figures(deals).weighted_pipeline

    assert (weighted.value, weighted.rows) == (1_000 * 0.5 + 400 * 0.25, 2)


def test_probabilities_in_percent_are_refused() -> None:
    deals = DEALS.with_columns(chance=pl.Series([100, 100, 0, 0, 50, 10, 1]))

    with pytest.raises(FrameError, match="divide percentages by 100") as caught:
        figures(deals, columns={"probability": "chance"})

    assert [problem.path for problem in caught.value.problems] == ["chance"]


def test_amounts_are_converted_and_those_without_a_rate_are_not_counted() -> None:
    currencies = ["USD", "EUR", "USD", "USD", "USD", "JPY", "USD"]
    deals = DEALS.with_columns(pl.Series("amount.currency", currencies))

    found = figures(deals, rates=Rates(base="USD", rates={"EUR": "1.10"}))

    assert (found.won_value.value, found.won_value.rows) == (430.0, 2)
    assert (found.open_value.value, found.open_value.rows) == (1_000.0, 1)
    assert found.won_value.reason == ""
    assert found.open_value.reason == (
        "1 amount has no rate into USD; 1 of 3 open deals has no amount"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_amounts_without_a_rate_are_said_beside_what_the_others_add_up_to(engine: str) -> None:
    currencies = ["USD", "EUR", "USD", "USD", "EUR", None, "EUR"]
    deals = DEALS.with_columns(pl.Series("amount.currency", currencies))

    found = figures(ENGINES[engine](deals))

    assert (found.won_value.value, found.won_value.rows) == (100.0, 1)
    assert found.won_value.reason == found.average_size.reason == "1 amount has no rate into USD"
    assert found.average_size.value == 100.0
    assert found.velocity.value is not None
    assert found.velocity.reason == "1 amount has no rate into USD"
    # The last deal has no amount at all, and what has no currency has no rate either.
    for figure in (found.open_value, found.weighted_pipeline):
        assert (figure.value, figure.reason) == (None, "2 amounts have no rate into USD")
    assert "snapshot; 1 amount has no rate into USD" in found.summary()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_outcome_that_nobody_explained_is_not_taken_for_an_open_deal(engine: str) -> None:
    """M5 of the data scientist: it said how many values are no outcome, and not which."""
    outcomes = ["won", "voitettu", "voitettu", "wonn", None, "", "none"]
    deals = DEALS.with_columns(pl.Series("outcome", outcomes), stage=pl.lit("qualify"))

    with pytest.raises(FrameError) as caught:
        figures(ENGINES[engine](deals))

    assert [str(problem) for problem in caught.value.problems] == [
        f"outcome: {value} is not an outcome ({rows}); say what it stands for: "
        f'values={{"outcome": {{{value}: {near}}}}}; None for what is missing'
        for value, rows, near in (("'voitettu'", "2 rows", "…"), ("'wonn'", "1 row", '"won"'))
    ]
    meant = {"outcome": {"voitettu": "won", "wonn": "lost"}}
    explained = figures(ENGINES[engine](deals), values=meant)
    assert (explained.won.value, explained.lost.value, explained.open.value) == (3, 1, 3)


def test_a_column_of_many_values_is_no_column_of_outcomes() -> None:
    deals = pl.concat([DEALS] * 4).with_columns(
        pl.int_range(pl.len()).cast(pl.String).alias(name) for name in ("id", "outcome")
    )

    with pytest.raises(FrameError) as caught:
        figures(deals)

    assert len(caught.value.problems) == 21
    assert caught.value.problems[-1].message == "there are more such values than these 20"


def test_a_missing_outcome_among_numbers_is_no_outcome_to_explain() -> None:
    outcomes = [1.0, 0.0, float("nan"), None, 1.0, 0.0, 1.0]
    deals = DEALS.with_columns(pl.Series("outcome", outcomes), stage=pl.lit("qualify"))

    found = figures(deals, values={"outcome": {1: "won", 0: "lost"}})

    assert (found.won.value, found.lost.value, found.open.value) == (3, 2, 2)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rows", [0, 1])
def test_an_empty_frame_and_one_row_give_no_exception(engine: str, rows: int) -> None:
    found = figures(ENGINES[engine](DEALS.tail(1).head(rows)))

    assert found.deals.value == (rows or None)
    for name, metric in found:
        if isinstance(metric, Metric) and metric.value is None:
            assert metric.reason, name
            assert metric.source is None
    assert found.summary()


@pytest.mark.parametrize("engine", ["polars", "polars lazy", "pandas", "pyarrow"])
def test_columns_without_a_single_value_give_reasons(engine: str) -> None:
    names = ["amount", "created_on", "closed_on", "expected_close_on", "probability"]
    deals = DEALS.select("id", "stage", *(pl.lit(None).alias(name) for name in names))

    found = figures(ENGINES[engine](deals))

    assert (found.win_rate.value, found.won_value.value) == (2 / 3, None)
    assert found.won_value.reason == "no won deal has an amount"
    assert found.cycle_median.reason == "no won deal has both dates"
    assert found.slipped.reason == "no won or lost deal has both dates"
    assert found.overdue.reason == "no open deal has an expected close date"
    assert found.velocity.reason == "no won deal has an amount"


def test_stages_without_a_single_label_are_open_deals() -> None:
    found = figures(DEALS.with_columns(stage=pl.lit(None, dtype=pl.String)))

    assert (found.open.value, found.win_rate.value) == (7, None)
    assert found.win_rate.reason == "no deal was won or lost"


def test_deals_closed_before_they_were_created_are_left_out_of_the_cycle() -> None:
    deals = DEALS.with_columns(created_on=pl.lit(date(2026, 1, 20)))

    found = figures(deals)
    assert (found.cycle_mean.value, found.cycle_mean.rows) == (11.0, 1)
    # m3 of the data scientist: nobody was told.
    note = "1 won deal was closed before being created"
    assert {found.cycle_mean.reason, found.velocity.reason, found.cycle_p90.reason} == {note}
    assert found.older_than_longest_won.reason == note
    assert note in found.summary()
    none = figures(DEALS.with_columns(created_on=pl.lit(date(2026, 2, 20))))
    assert none.cycle_mean.value is None
    assert none.cycle_mean.reason == "2 won deals were closed before being created"


def test_a_percentile_lies_between_two_of_few_values_as_in_excel() -> None:
    """m4 of the data scientist: it is no value that nine in ten did not exceed."""
    days = DayFigures(dict.fromkeys(range(1, 10), 1))

    assert days.quantile(0.9) == pytest.approx(8.2)
    assert days.above(8.2) == 1
    for name in ("cycle_p90", "days_p90"):
        described = (Metrics if name == "cycle_p90" else sf.pipeline.StageMetrics).__doc__ or ""
        said = described.partition(f"{name}: ")[2].partition(":")[0]
        assert "90th percentile, interpolated linearly" in " ".join(said.split())


def test_deals_won_on_the_day_they_began_have_no_velocity() -> None:
    found = figures(DEALS.with_columns(created_on=pl.col("closed_on")))

    assert found.velocity.reason == "won deals were closed on the day they began"


def test_everything_that_is_wrong_is_said_at_once() -> None:
    deals = DEALS.with_columns(id=pl.lit("a"), amount=pl.lit("much"))

    with pytest.raises(ArgumentError) as caught:
        figures(deals, stages={"Won": "wonn"}, columns={"closed_on": "cloesd_on"}, tz="Mars")
    paths = [problem.path for problem in caught.value.problems]
    assert sorted(paths) == ["amount", "columns['closed_on']", "stages['Won']", "tz"]

    with pytest.raises(ArgumentError) as caught:
        figures(as_of=datetime(2026, 1, 1), columns=[], rates=2)
    assert [problem.path for problem in caught.value.problems] == ["columns", "as_of", "rates"]


def test_keys_and_stages_that_are_wrong_are_said_at_once() -> None:
    deals = DEALS.with_columns(id=pl.lit("a"), stage=pl.lit("Engaging"))

    with pytest.raises(FrameError) as caught:
        figures(deals)

    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["duplicate_key", "unknown_stage"]


def test_the_day_of_a_moment_is_that_in_the_zone() -> None:
    late = datetime(2026, 3, 31, 16, tzinfo=UTC)  # the first of April in Shanghai

    assert figures(as_of=late) == figures()
    there = figures(as_of=late, tz="Asia/Shanghai")
    assert there == figures(as_of=date(2026, 4, 1))
    assert there.overdue != figures().overdue


def test_sums_do_not_depend_on_the_order_of_rows() -> None:
    amounts = [0.1, 0.2, 0.3, 1e15, -1e15, 0.7] * 50
    frame = pl.DataFrame(
        {"id": range(300), "stage": ["won"] * 300, "amount": amounts},
        schema_overrides={"id": pl.String},
    )

    assert figures(frame).won_value.value == 65.0
    assert figures(frame.sort("amount")) == figures(frame)
    huge = figures(frame.with_columns(amount=pl.lit(1e300))).won_value.value
    assert huge == pytest.approx(3e302)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("currency", [False, True])
def test_an_infinite_amount_leaves_no_sum_but_a_reason(sign: int, currency: bool) -> None:
    deals = DEALS.with_columns(
        amount=pl.when(pl.col("id").is_in(["a", "e"]))
        .then(pl.lit(sign * float("inf")))
        .otherwise("amount")
    )
    more: dict[str, Any] = {}
    if currency:
        deals = deals.with_columns(pl.lit("EUR").alias("amount.currency"))
        more["rates"] = Rates(base="USD", rates={"EUR": "1.10"})

    found = figures(deals, **more)

    for figure in (found.won_value, found.average_size, found.open_value, found.weighted_pipeline):
        assert (figure.value, figure.reason) == (None, "1 amount is infinite")
    assert found.velocity.reason == "1 amount is infinite"
    assert "1 amount is infinite" in found.summary()


def test_amounts_too_large_to_add_up_leave_no_sum_but_a_reason() -> None:
    found = figures(DEALS.with_columns(amount=pl.lit(1.7e308)))

    assert (found.won_value.value, found.won_value.reason) == (
        None,
        "the sum is too large for a number",
    )


def test_a_history_that_is_no_frame_is_refused() -> None:
    with pytest.raises(FrameError, match="cannot be read as a data frame"):
        figures(history=3)


def test_a_history_compared_with_another_playbook_is_refused() -> None:
    other = load_playbook("optimized_sales_process")
    events = LOG.with_columns(pl.lit("demand_generation").alias("concept:name"))

    with pytest.raises(ArgumentError, match="another playbook, optimized_sales_process"):
        figures(history=check_history(events, other))


def test_arguments_that_hold_mappings_hold_mappings() -> None:
    with pytest.raises(ArgumentError) as caught:
        figures(values={"amount": 3}, stages=3)
    assert [problem.path for problem in caught.value.problems] == ["stages", "values['amount']"]

    with pytest.raises(ArgumentError) as caught:
        figures(values=3)
    assert [problem.path for problem in caught.value.problems] == ["values"]


def test_the_summary_is_in_two_languages() -> None:
    found = figures(history=LOG)

    lines = [" ".join(line.split()) for line in found.summary().splitlines()]
    assert "win rate 66.67% (21%–94%) snapshot" in lines
    assert "velocity 20 per day snapshot" in lines
    assert {"won 2 deals snapshot", "lost 1 deal snapshot"} <= set(lines)
    assert "qualify: went on 75.00% (30%–95%) history" in lines
    assert "赢单率" in found.summary("zh")
    with pytest.raises(UnknownName, match="language"):
        found.summary("french")


@given(st.lists(st.integers(-50, 400), min_size=1, max_size=40), st.floats(0, 1))
def test_quantiles_are_those_of_the_days_written_out(days: list[int], share: float) -> None:
    counts = {day: days.count(day) for day in days}

    expected = pl.Series(days).quantile(share, interpolation="linear")

    assert DayFigures(counts).quantile(share) == pytest.approx(expected, abs=1e-6)


@pytest.mark.skipif(not MAVEN.exists(), reason="the Maven CRM data is not beside the project")
@pytest.mark.parametrize("engine", ENGINES)
def test_a_real_pipeline_has_the_figures_that_it_is_known_for(engine: str) -> None:
    found = metrics(
        ENGINES[engine](pl.read_csv(MAVEN, try_parse_dates=True)),
        load_playbook("optimized_sales_process"),
        key="opportunity_id",
        as_of=date(2017, 12, 31),
        stage="deal_stage",
        columns={"amount": "close_value", "created_on": "engage_date", "closed_on": "close_date"},
        stages={
            "Prospecting": "territory_account_plan",
            "Engaging": "demand_generation",
            "Won": "won",
            "Lost": "lost",
        },
    )

    assert (found.won.value, found.lost.value, found.open.value) == (4_238, 2_473, 1_589 + 500)
    assert round(found.win_rate.value or 0, 4) == 0.6315
    assert found.won_value.value == 10_005_534
    assert (found.cycle_median.value, found.cycle_longest.value) == (57, 138)
    # The 500 that are prospecting have no date yet.
    older = found.older_than_longest_won
    assert (older.value, older.rows, older.source) == (1_291, 1_589, "snapshot")


PARTLY = pl.DataFrame(
    {
        "id": ["W1", "W2", "W3", "L1", "O1", "O2", "O3"],
        "stage": ["won", "won", "won", "lost", "offer", "offer", "offer"],
        "amount": [100.0, None, None, None, 10.0, 20.0, None],
        "probability": [None, None, None, None, 0.5, None, 0.5],
        "created_on": [date(2026, 1, 1)] * 2 + [None] * 3 + [date(2026, 1, 1)] * 2,
        "closed_on": [date(2026, 1, 11)] * 4 + [None] * 3,
        "expected_close_on": [date(2026, 1, 1), None, None, None, date(2026, 1, 1), None, None],
    }
)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_figure_over_a_part_of_the_deals_says_so(engine: str) -> None:
    found = figures(ENGINES[engine](PARTLY))

    reasons = {name: it.reason for name, it in found if isinstance(it, Metric) and it.value}
    won = "2 of 3 won deals have no amount"
    assert reasons["won_value"] == reasons["average_size"] == won
    assert reasons["open_value"] == "1 of 3 open deals has no amount"
    assert reasons["weighted_pipeline"] == (
        "1 of 3 open deals has no amount; 1 of 3 open deals has no probability"
    )
    assert reasons["cycle_mean"] == "1 of 3 won deals has not both dates"
    assert reasons["velocity"] == f"{won}; {reasons['cycle_mean']}"
    assert reasons["slippage_median"] == "3 of 4 won and lost deals have not both dates"
    assert reasons["overdue"] == "2 of 3 open deals have no expected close date"
    assert reasons["older_than_longest_won"] == (
        f"1 of 3 open deals has no day of creation; {reasons['cycle_mean']}"
    )
    assert reasons["win_rate"] == reasons["open"] == ""

    assert f"snapshot; {won}" in found.summary()
    assert "快照；3 个赢单项目中有 2 个没有金额" in found.summary("zh")
    assert won in found.to_html()
    assert "3 个进行中项目中有 1 个没有金额；3 个进行中项目中有 1 个没有赢率" in found.to_html(
        lang="zh"
    )
    assert json.loads(found.to_json())["velocity"]["reason"] == reasons["velocity"]


def test_a_figure_over_all_deals_says_nothing() -> None:
    whole = PARTLY.filter(pl.col("id").is_in(["W1", "O1"]))

    reasons = {it.reason for _, it in figures(whole) if isinstance(it, Metric) and it.value}

    assert reasons == {""}


@pytest.mark.parametrize("engine", ENGINES)
def test_ended_deals_of_which_nobody_says_how_are_counted_apart(engine: str) -> None:
    deals = pl.DataFrame(
        {
            "id": ["A", "B", "C", "D"],
            "stage": ["won", "lost", "qualify", "qualify"],
            "ended": ["Y", "Y", "Y", "N"],
        }
    )

    found = figures(ENGINES[engine](deals))
    open_only = figures(ENGINES[engine](deals.drop("ended")))

    assert (found.deals.value, found.open.value, found.ended_unclear.value) == (4, 1, 1)
    assert "ended, nobody says how" in found.summary()
    assert (open_only.open.value, open_only.ended_unclear.value) == (2, 0)
    assert "nobody says how" not in open_only.summary()
    assert "已结束但结果未知" in found.to_html(lang="zh")
