"""Real data: 8,800 deals of a CRM, with expected values that nobody here worked out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import duckdb
import ibis
import pandas as pd
import polars as pl
import pytest

from salesflow import Rule, load_playbook
from salesflow.pipeline import Counts, PipelineReport, check_pipeline
from tests.spark_session import spark

FILE = Path(__file__).parents[2] / "../shared/data/maven_crm/sales_pipeline.csv"

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the Maven CRM data is not beside the project"
)

READERS: dict[str, Callable[[], Any]] = {
    "polars": lambda: pl.read_csv(FILE, try_parse_dates=True),
    "polars lazy": lambda: pl.scan_csv(FILE, try_parse_dates=True),
    "pandas": lambda: pd.read_csv(FILE, parse_dates=["engage_date", "close_date"]),
    "pandas pyarrow": lambda: pd.read_csv(FILE, engine="pyarrow", dtype_backend="pyarrow"),
    "pyarrow": lambda: pl.read_csv(FILE, try_parse_dates=True).to_arrow(),
    "duckdb": lambda: duckdb.connect().read_csv(str(FILE)),
    "dask": lambda: dd.read_csv(FILE, parse_dates=["engage_date", "close_date"]),
    "ibis": lambda: ibis.memtable(pl.read_csv(FILE, try_parse_dates=True).to_arrow()),
    "pyspark": lambda: spark().read.csv(str(FILE), header=True, inferSchema=True),
}


@pytest.fixture(params=READERS, scope="module")
def report(request: pytest.FixtureRequest) -> PipelineReport[Any]:
    playbook = load_playbook("optimized_sales_process")
    rules = {
        "has an account": "known(account.name)",
        "won": 'outcome == "won"',
        "lost": 'outcome == "lost"',
        "engaging": 'stage == "demand_generation"',
        "prospecting": 'stage == "territory_account_plan"',
    }
    return check_pipeline(
        READERS[request.param](),
        playbook,
        key="opportunity_id",
        as_of=date(2017, 12, 31),
        stage="deal_stage",
        columns={
            "amount": "close_value",
            "owner": "sales_agent",
            "account.name": "account",
            "created_on": "engage_date",
            "closed_on": "close_date",
        },
        stages={
            "Prospecting": "territory_account_plan",
            "Engaging": "demand_generation",
            "Won": "won",
            "Lost": "lost",
        },
        checks={name: Rule.parse(text, playbook.facts) for name, text in rules.items()},
    )


def test_the_deals_stand_where_they_are_said_to_stand(report: PipelineReport[Any]) -> None:
    yes = {name: report.counts[name].yes for name in ("won", "lost", "engaging", "prospecting")}

    assert yes == {"won": 4_238, "lost": 2_473, "engaging": 1_589, "prospecting": 500}
    assert report.rows == 8_800


def test_accounts_that_are_missing_are_found(report: PipelineReport[Any]) -> None:
    assert report.counts["has an account"] == Counts(yes=7_375, no=1_425, unknown=0)


def test_open_deals_older_than_the_longest_won_cycle_are_found(report: PipelineReport[Any]) -> None:
    # Of the 1,589 that are engaging; the 500 that are prospecting have no date yet.
    assert report.counts["hygiene.deal_age"] == Counts(yes=298, no=1_291, unknown=500)


def test_what_the_export_does_not_hold_is_not_checked(report: PipelineReport[Any]) -> None:
    assert report.not_checked["hygiene.next_step_known"] == ("next_step",)
    assert report.not_checked["exit.demand_generation.tas_20_asked"] == ("tas.asked",)
    assert not set(report.not_checked) & set(report.counts)
