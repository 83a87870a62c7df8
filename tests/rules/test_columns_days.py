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

from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules import Rule, Verdict
from salesflow.rules.columns import Days, engine_of
from tests.frame_engines import EVERY, rows_of
from tests.rules.columns_cases import KEY, Record, opened, polars_of, verdicts_of

FACTS: Final = Facts([Fact("seen", FactKind.DAY), Fact("sent", FactKind.INSTANT)])
SLOW: Final = {"dask": 4, "dask pyarrow": 4, "pyspark": 4}


def examples(engine: str) -> settings:
    """Three hundred in the long profile; in every run fewer, and few where they are slow."""
    is_long = settings.get_current_profile_name() == "long"
    return settings(max_examples=300 if is_long else SLOW.get(engine, 15))


def ordinals(frame: Any, *, timestamps: bool, tz: str = "UTC") -> list[Any]:
    data, columns, _ = opened(frame, tz, FACTS)
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


# Spark has none, and DuckDB compares none that have a zone, unless it may round them.
NANOSECONDS: Final = [
    (engine, zone)
    for engine in EVERY
    for zone in (None, "UTC", "America/New_York")
    if engine != "pyspark"
    if zone is None or engine not in {"duckdb", "ibis"}
]
DAY: Final = 86_400 * 10**9


@pytest.mark.parametrize(("engine", "zone"), NANOSECONDS)
def test_the_last_nanosecond_of_a_day_belongs_to_it(engine: str, zone: str | None) -> None:
    # Of the days around the first of January 1970, at which counting begins.
    moments = pl.Series([-DAY - 1, -DAY, -1, 0, DAY - 1, DAY], dtype=pl.Int64)
    column = moments.cast(pl.Datetime("ns")).dt.replace_time_zone(zone)
    asked = [
        Rule.parse(f'seen {op} date("{day}")', FACTS)
        for op in OPERATORS
        for day in ("1969-12-31", "1970-01-01")
    ]
    days = [date(1969, 12, n) for n in (30, 31, 31)] + [date(1970, 1, n) for n in (1, 1, 2)]

    frame = EVERY[engine](polars_of([{}] * 6, {}).with_columns(seen=column))
    expected = [[rule.verdict({"seen": day}) for day in days] for rule in asked]
    assert verdicts_of(frame, asked, zone or "UTC", FACTS) == expected
    numbers = [day.toordinal() for day in days]
    assert ordinals(frame, timestamps=False, tz=zone or "UTC") == numbers
    if engine_of(nw.from_native(frame)).timestamps:
        assert ordinals(frame, timestamps=True, tz=zone or "UTC") == numbers


@pytest.mark.parametrize(("engine", "zone"), [pair for pair in NANOSECONDS if pair[1]])
def test_the_nanoseconds_of_a_moment_do_not_count(engine: str, zone: str) -> None:
    facts = Facts([Fact("sent", FactKind.INSTANT), Fact("read", FactKind.INSTANT)])
    nanoseconds = [-1, -1_000, -1_001, 0, 999, 1_000, 1_001]
    sent = [
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n // 1_000) for n in nanoseconds
    ]
    rows = [{"sent": moment, "read": read} for moment, read in zip(sent, sent[::-1], strict=True)]
    asked = [
        Rule.parse(f"sent {op} {other}", facts) for op in OPERATORS for other in ("read", "sent")
    ]
    fine = pl.Series(nanoseconds).cast(pl.Datetime("ns", "UTC"))
    frame = polars_of(rows, {"read": pl.Datetime("us", zone)}).with_columns(sent=fine)

    expected = [[rule.verdict(row) for row in rows] for rule in asked]
    assert verdicts_of(EVERY[engine](frame), asked, facts=facts) == expected


BEYOND: Final = [
    (engine, unit, zone)
    for engine in EVERY
    for unit in ("ms", "us", "ns")
    for zone in (None, "UTC")
    if engine != "pyspark" or unit == "us"  # it has no other unit
    if engine not in {"duckdb", "ibis"} or (unit, zone) != ("ns", "UTC")  # they do not compare it
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
