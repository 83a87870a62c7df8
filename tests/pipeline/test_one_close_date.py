"""One column that holds both close dates, as CRMs have it: first the expected, then the actual."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl

import salesflow as sf
from salesflow.pipeline import metrics

BOOK = sf.load_playbook("optimized_sales_process")
DAY = date(2026, 6, 30)
BOTH = {"expected_close_on": "Close Date", "closed_on": "Close Date"}
DEALS = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "stage": ["demand_generation", "won", "lost", "won"],
        "created_on": [date(2026, 1, 1)] * 4,
        "Close Date": [date(2026, 9, 1), date(2026, 2, 1), None, date(2026, 12, 1)],
    }
)


def test_under_both_facts_it_is_the_expected_day_of_open_deals_and_the_actual_one_of_others(
    engine: Callable[[pl.DataFrame], Any],
) -> None:
    found = sf.check_pipeline(engine(DEALS), BOOK, key="id", as_of=DAY, columns=BOTH)

    counts = {name: count.no for name, count in found.counts.items() if "close" in name}
    assert counts == {
        "hygiene.close_date_known": 0,
        "hygiene.close_date_not_past": 0,
        "hygiene.open_has_no_close_date": 0,
        "hygiene.closed_date_known": 1,
        "hygiene.closed_not_in_future": 1,
        "hygiene.closed_after_created": 0,
    }


def test_an_open_deal_whose_close_date_is_past_is_found_and_a_won_one_is_not() -> None:
    late = DEALS.with_columns(pl.lit(date(2026, 3, 1)).alias("Close Date"))
    found = sf.check_pipeline(late, BOOK, key="id", as_of=DAY, columns=BOTH)

    assert found.counts["hygiene.close_date_not_past"].no == 1
    assert found.counts["hygiene.closed_not_in_future"].no == 0


def test_figures_read_it_alike() -> None:
    found = metrics(DEALS, BOOK, key="id", as_of=DAY, columns=BOTH)

    assert (found.cycle_median.value, found.overdue.value) == (31, 0)
    # It cannot be both the day that was expected and the day that came.
    assert found.slippage_median.value is None


def test_an_export_says_the_same_as_a_mapping_to_both_dates(
    engine: Callable[[pl.DataFrame], Any],
) -> None:
    """Of a CRM with one close date: it is the expected one until the deal is over."""
    deals = DEALS.with_columns(
        pl.col("id").cast(pl.String),
        IsClosed=pl.col("stage").is_in(["won", "lost"]),
        IsWon=pl.col("stage") == "won",
    )
    names = {"id": "Id", "stage": "StageName", "created_on": "CreatedDate"}
    exported = sf.pipeline.exports.salesforce.opportunities(engine(deals.rename(names)))

    found = sf.check_pipeline(exported, BOOK, key="id", as_of=DAY)
    mapped = sf.check_pipeline(engine(deals), BOOK, key="id", as_of=DAY, columns=BOTH)

    about = [name for name in mapped.counts if "close" in name]
    assert [found.counts[name] for name in about] == [mapped.counts[name] for name in about]
    assert metrics(exported, BOOK, key="id", as_of=DAY).slippage_median.value is None
