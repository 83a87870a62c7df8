"""Days in columns: where they begin in a zone, and how many they are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesflow.facts import Fact, Facts, Kind
from salesflow.rules import Rule, Verdict
from salesflow.rules._columns import Days, engine_of
from tests.frame_engines import EVERY, rows_of
from tests.rules.columns_cases import KEY, Record, opened, polars_of, verdicts_of

FACTS: Final = Facts([Fact("seen", Kind.DAY), Fact("sent", Kind.INSTANT)])
SLOW: Final = {"dask": 4, "dask pyarrow": 4, "pyspark": 4}


def examples(engine: str) -> settings:
    """Three hundred in the long profile; in every run fewer, and few where they are slow."""
    is_long = settings.get_current_profile_name() == "long"
    return settings(max_examples=300 if is_long else SLOW.get(engine, 15))


def ordinals(frame: Any, *, timestamps: bool) -> list[Any]:
    data, columns, _ = opened(frame, facts=FACTS)
    source, _ = columns.ready("seen")
    assert isinstance(source, Days)
    days = columns.apply(data).select(KEY, n=source.ordinal(timestamps=timestamps))
    return [row["n"] for row in rows_of(days, KEY)]


@pytest.mark.law
@pytest.mark.parametrize("engine", EVERY)
@pytest.mark.parametrize("form", [pl.Date, pl.Datetime("us")])
def test_days_are_counted_as_python_counts_them(engine: str, form: Any) -> None:
    @examples(engine)
    @given(days=st.lists(st.dates(), min_size=1, max_size=20))
    def law(days: list[date]) -> None:
        rows: list[Record] = [{"seen": day} for day in days]
        frame = EVERY[engine](polars_of(rows, {"seen": form}))
        expected = [day.toordinal() for day in days]

        assert ordinals(frame, timestamps=False) == expected
        if engine_of(nw.from_native(frame)).timestamps:
            assert ordinals(frame, timestamps=True) == expected

    law()


@pytest.mark.parametrize("timestamps", [True, False])
def test_the_time_of_the_day_does_not_count(timestamps: bool) -> None:
    last = datetime(1969, 12, 31, 23, 59, 59, 999_000)
    later = last + timedelta(milliseconds=1)
    rows: list[Record] = [{"seen": last}, {"seen": later}, {"seen": None}]
    frame = polars_of(rows, {"seen": pl.Datetime("us")})

    assert ordinals(frame, timestamps=timestamps) == [719_162, 719_163, None]


ZONES: Final = [
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "America/Sao_Paulo",  # summer began at midnight, which there never was
    "Pacific/Apia",  # a whole day was left out
    "Asia/Kathmandu",
]
EDGES: Final = [
    datetime(2018, 11, 4, 3, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
    datetime(2024, 3, 10, 5, tzinfo=UTC),
    datetime(2024, 3, 10, 7, tzinfo=UTC),
    datetime(2024, 11, 3, 6, tzinfo=UTC),
    datetime(2024, 1, 1, tzinfo=UTC),
]
OPERATORS: Final = ["==", "!=", "<", "<=", ">", ">="]


@pytest.mark.law
@pytest.mark.parametrize("engine", EVERY)
def test_a_moment_is_compared_by_its_calendar_day_in_the_callers_zone(engine: str) -> None:
    @examples(engine)
    @given(
        moments=st.lists(
            st.builds(
                lambda edge, minutes: edge + timedelta(minutes=minutes),
                st.sampled_from(EDGES),
                st.integers(-3_000, 3_000),
            ),
            min_size=1,
            max_size=6,
        ),
        ahead=st.integers(-2, 2),
        zone=st.sampled_from(ZONES),
        column_zone=st.sampled_from(ZONES),
    )
    def law(moments: list[datetime], ahead: int, zone: str, column_zone: str) -> None:
        day = moments[0].date() + timedelta(days=ahead)
        asked = [
            Rule.parse(f'{fact} {op} date("{day}")', FACTS)
            for fact in ("seen", "sent")
            for op in OPERATORS
        ]
        local = [moment.astimezone(ZoneInfo(column_zone)) for moment in moments]
        rows = [{"seen": moment, "sent": moment} for moment in local]
        kind = pl.Datetime("us", column_zone)
        frame = EVERY[engine](polars_of(rows, {"seen": kind, "sent": kind}))

        expected = [[rule.verdict(row, tz=zone) for row in rows] for rule in asked]
        assert verdicts_of(frame, asked, zone, FACTS) == expected

    law()


BEYOND: Final = [
    (engine, unit, zone)
    for engine in EVERY
    for unit in ("ms", "us", "ns")
    for zone in (None, "UTC")
    if engine != "pyspark" or unit == "us"  # it has no other unit
    if engine != "duckdb" or (unit, zone) != ("ns", "UTC")  # narwhals has no name for this type
]


@pytest.mark.parametrize(("engine", "unit", "zone"), BEYOND)
def test_days_beyond_what_a_column_can_hold_are_compared_all_the_same(
    engine: str, unit: Any, zone: str | None
) -> None:
    moment = datetime(2024, 1, 1, tzinfo=ZoneInfo(zone) if zone else None)
    rows: list[Record] = [{"seen": moment}, {"seen": None}]
    frame = EVERY[engine](polars_of(rows, {"seen": pl.Datetime(unit, zone)}))
    asked = [
        Rule.parse(f'seen {op} date("{day}")', FACTS)
        for day in ("0001-01-01", "1600-02-29", "2024-01-01", "2300-01-01", "9999-12-31")
        for op in OPERATORS
    ]

    expected = [[rule.verdict(row) for row in rows] for rule in asked]
    assert verdicts_of(frame, asked, facts=FACTS) == expected
    assert expected[0] == [Verdict.NO, Verdict.UNKNOWN]
