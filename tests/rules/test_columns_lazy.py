"""What is lazy stays so: a rule is compiled without work, and the caller's frame is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn

import dask.dataframe as dd
import duckdb
import ibis
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest

from salesflow.rules import Rule
from salesflow.rules.columns import schema_of
from tests.frame_engines import EVERY, rows_of
from tests.rules.columns_cases import FACTS, KEY, SCHEMA, Record, opened, polars_of, rails_of
from tests.spark_session import spark

TEXT: Final = (
    'at_least(2, size > 1, known(owner), tier == "named", days_since(created_on) > 3)'
    " and (amount < budget or created_on <= closed_on or sent_at < read_at)"
)
RULE: Final = Rule.parse(TEXT, FACTS)
USED: Final = {name: SCHEMA[name] for name in RULE.facts}
EMPTY: Final = polars_of([], USED)


def with_verdicts(frame: Any) -> Any:
    data, columns, _ = opened(frame)
    rails = rails_of(columns, RULE)
    assert not isinstance(rails, Exception)
    assert isinstance(rails.yes, nw.Expr)
    return columns.apply(data).select(KEY, yes=rails.yes).to_native()


def refuse(*_: object) -> NoReturn:
    raise RuntimeError("this was worked out")


def a_polars_frame() -> Any:
    return EMPTY.lazy().map_batches(refuse, schema=EMPTY.schema)


def a_duckdb_relation() -> Any:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.create_function("boom", refuse, ["BIGINT"], "BIGINT")
    relation = connection.from_arrow(polars_of([{}], USED).to_arrow())
    return relation.select('boom("row") AS "row", * EXCLUDE ("row")')


def an_ibis_table() -> Any:
    return ibis.table(EVERY["ibis"](EMPTY).schema(), name="no_such_table")


def a_dask_frame() -> Any:
    empty = EVERY["pandas pyarrow"](EMPTY)
    return dd.from_map(refuse, [1, 2], meta=empty)


UNASKED: Final[dict[str, tuple[Callable[[], Any], type]]] = {
    "polars lazy": (a_polars_frame, pl.LazyFrame),
    "duckdb": (a_duckdb_relation, duckdb.DuckDBPyRelation),
    "ibis": (an_ibis_table, ibis.Table),
    "dask": (a_dask_frame, dd.DataFrame),
}


@pytest.mark.parametrize("engine", UNASKED)
def test_a_rule_is_compiled_over_a_frame_that_cannot_be_worked_out(engine: str) -> None:
    make, kind = UNASKED[engine]

    found = with_verdicts(make())

    assert isinstance(found, kind)
    with pytest.raises(Exception, match=r"this was worked out|unbound tables"):
        rows_of(found, KEY)


@pytest.mark.parametrize("engine", ["pyspark"])
def test_spark_runs_no_job_before_it_is_asked_for_rows(engine: str) -> None:
    session = spark()
    # Of rows that are at hand it hands out the answer without a job; not where they are moved.
    frame = EVERY[engine](polars_of([{"size": 2.0, "owner": "anna"}])).repartition(2)
    tracker = session.sparkContext.statusTracker()
    session.sparkContext.setJobGroup("salesflow", "rules")
    try:
        found = with_verdicts(frame)
        assert type(found) is type(frame)
        assert list(tracker.getJobIdsForGroup("salesflow")) == []
        assert rows_of(found, KEY) == [{KEY: 0, "yes": False}]
        assert len(tracker.getJobIdsForGroup("salesflow")) > 0
    finally:
        session.sparkContext.setLocalProperty("spark.jobGroup.id", None)


@pytest.mark.parametrize("engine", [name for name in EVERY if name.startswith("pandas")])
def test_a_pandas_frame_is_left_as_it_was(engine: str) -> None:
    rows: list[Record] = [{"size": 2.0, "owner": " anna ", "tier": "named"}, {"size": float("nan")}]
    frame = EVERY[engine](polars_of(rows))
    before = frame.copy(deep=True)

    with_verdicts(frame)

    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("engine", EVERY)
def test_no_column_is_added_to_a_frame(engine: str) -> None:
    frame = EVERY[engine](polars_of([{"size": 2.0}]))
    before = schema_of(nw.from_native(frame))

    with_verdicts(frame)

    assert schema_of(nw.from_native(frame)) == before
