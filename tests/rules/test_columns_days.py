"""Days in columns: where they begin in a zone, and how many they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow.facts import Fact, Facts, Kind
from salesflow.rules import Rule, Verdict
from salesflow.rules._columns import Columns, Days, Rail, read, schema_of

FACTS = Facts([Fact("seen", Kind.DAY), Fact("sent", Kind.INSTANT)])

ENGINES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda frame: frame,
    "pandas": lambda frame: pd.DataFrame(frame.to_dict(as_series=False)),
    "pyarrow": lambda frame: frame.to_arrow(),
    "duckdb": lambda frame: duckdb.connect().from_arrow(frame.to_arrow()),
}


def ordinals(frame: Any, *, timestamps: bool) -> list[float]:
    data = nw.from_native(frame)
    source = read(FACTS["seen"], "seen", schema_of(data)["seen"])
    assert isinstance(source, Days)
    canonical = source.canonical()
    if canonical is not None:
        data = data.with_columns(day=canonical)
        source = source.at(nw.col("day"))
    expr = source.ordinal(timestamps=timestamps).alias("n")
    found: list[float] = data.select(expr).lazy().collect()["n"].to_list()
    return found


@pytest.mark.parametrize("engine", ENGINES)
@given(days=st.lists(st.dates(), min_size=1, max_size=20))
def test_days_are_counted_as_python_counts_them(engine: str, days: list[date]) -> None:
    frame = ENGINES[engine](pl.DataFrame({"seen": days}))

    expected = [day.toordinal() for day in days]

    assert ordinals(frame, timestamps=False) == expected
    if engine != "duckdb":
        assert ordinals(frame, timestamps=True) == expected


@pytest.mark.parametrize("timestamps", [True, False])
def test_the_time_of_the_day_does_not_count(timestamps: bool) -> None:
    last = datetime(1969, 12, 31, 23, 59, 59, 999_000)
    frame = pl.DataFrame({"seen": [last, last + timedelta(milliseconds=1), None]})

    assert ordinals(frame, timestamps=timestamps) == [719_162, 719_163, None]


ZONES = [
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "America/Sao_Paulo",  # summer began at midnight, which there never was
    "Pacific/Apia",  # a whole day was left out
    "Asia/Kathmandu",
]
EDGES = [
    datetime(2018, 11, 4, 3, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
    datetime(2024, 3, 10, 5, tzinfo=UTC),
    datetime(2024, 3, 10, 7, tzinfo=UTC),
    datetime(2024, 11, 3, 6, tzinfo=UTC),
    datetime(2024, 1, 1, tzinfo=UTC),
]


@given(
    edge=st.sampled_from(EDGES),
    minutes=st.integers(-3_000, 3_000),
    ahead=st.integers(-2, 2),
    op=st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
    zone=st.sampled_from(ZONES),
    column_zone=st.sampled_from(ZONES),
    fact=st.sampled_from(["seen", "sent"]),
)
def test_a_moment_is_compared_by_its_calendar_day_in_the_callers_zone(
    edge: datetime, minutes: int, ahead: int, op: str, zone: str, column_zone: str, fact: str
) -> None:
    moment = edge + timedelta(minutes=minutes)
    day = edge.date() + timedelta(days=ahead)
    rule = Rule.parse(f'{fact} {op} date("{day}")', FACTS)
    local = moment.astimezone(ZoneInfo(column_zone))
    frame = pl.DataFrame({fact: pl.Series([local], dtype=pl.Datetime("us", column_zone))})

    data = nw.from_native(frame)
    source = read(FACTS[fact], fact, schema_of(data)[fact], zone=ZoneInfo(zone))
    assert source is not None
    columns = Columns({fact: source})
    rails = columns.rails(rule.core(None))
    done = columns.apply(data)

    assert found(done, rails.yes) is (rule.verdict({fact: moment}, tz=zone) is Verdict.YES)
    assert found(done, rails.no) is (rule.verdict({fact: moment}, tz=zone) is Verdict.NO)


def found(data: Any, rail: Rail) -> bool:
    assert not isinstance(rail, bool)
    return bool(data.select(rail.alias("rail"))["rail"][0])


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("literal", ["0001-01-01", "9999-12-31", "2024-01-02"])
def test_days_beyond_what_a_column_can_hold_are_compared_all_the_same(
    unit: str, literal: str
) -> None:
    days = pd.Series([datetime(2024, 1, 1), None], dtype=f"datetime64[{unit}]")
    frame = pd.DataFrame({"seen": days})
    rule = Rule.parse(f'seen <= date("{literal}")', FACTS)

    data = nw.from_native(frame)
    source = read(FACTS["seen"], "seen", schema_of(data)["seen"])
    assert source is not None
    columns = Columns({"seen": source})
    rails = columns.rails(rule.core(None))
    done = columns.apply(data)

    holds = literal != "0001-01-01"
    for rail, expected in ((rails.yes, [holds, False]), (rails.no, [not holds, False])):
        assert not isinstance(rail, bool)
        assert done.select(rail.alias("rail")).lazy().collect()["rail"].to_list() == expected
