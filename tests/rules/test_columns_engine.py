"""Where engines have ways of their own: answered as the rule means it, or refused by name."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import dask.dataframe as dd
import duckdb
import ibis
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest

from salesflow.errors import FrameError
from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules import Rule
from salesflow.rules.columns import engine_of, read, schema_of
from tests.frame_engines import EVERY, rows_of
from tests.rules.columns_cases import KEY, NEW_YORK, SHANGHAI, opened, polars_of, verdicts_of
from tests.rules.engine_table import TITLES
from tests.spark_session import spark

FACTS: Final = Facts(
    [
        Fact("size", FactKind.NUMBER),
        Fact("other", FactKind.NUMBER),
        Fact("amount", FactKind.MONEY),
        Fact("owner", FactKind.TEXT),
        Fact("day", FactKind.DAY),
        Fact("seen", FactKind.DAY),
        Fact("sent", FactKind.INSTANT),
    ]
)
OPERATORS: Final = ["==", "!=", "<", "<=", ">", ">="]
DAYS: Final = {"day": pl.Date, "seen": pl.Datetime("us", "UTC"), "sent": pl.Datetime("us", "UTC")}
# Each is on another day in Shanghai than in New York, and around one of the two midnights.
MOMENTS: Final = [
    datetime(2024, 3, 10, 15, 59, 59, tzinfo=UTC),
    datetime(2024, 3, 10, 16, 0, tzinfo=UTC),
    datetime(2024, 3, 11, 4, 0, tzinfo=UTC),
    datetime(2024, 3, 11, 3, 59, 59, tzinfo=UTC),
    datetime(1, 1, 2, tzinfo=UTC),
]
ROWS: Final = [{"day": date(2024, 3, 11), "seen": moment, "sent": moment} for moment in MOMENTS]
TWO_COLUMNS: Final = [Rule.parse(f"day {op} seen", FACTS) for op in OPERATORS]
ONE_COLUMN: Final = [
    Rule.parse(f'{fact} {op} date("{day}")', FACTS)
    for fact in ("day", "seen", "sent")
    for op in OPERATORS
    for day in ("2024-03-11", "0001-01-01", "9999-12-31")
]


def asked(frame: Any, rules: list[Rule], tz: str) -> Any:
    return verdicts_of(frame, rules, tz, FACTS)


def expected(rules: list[Rule], tz: str) -> Any:
    return [[rule.verdict(row, tz=tz) for row in ROWS] for rule in rules]


def set_in_duckdb(zone: str) -> Any:
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{zone}'")
    return connection.from_arrow(polars_of(ROWS, DAYS).to_arrow())


def set_in_ibis(zone: str) -> Any:
    ibis.get_backend().con.execute(f"SET TimeZone = '{zone}'")
    return EVERY["ibis"](polars_of(ROWS, DAYS))


def set_in_spark(zone: str) -> Any:
    spark().conf.set("spark.sql.session.timeZone", zone)
    return EVERY["pyspark"](polars_of(ROWS, DAYS))


IN_A_SESSION: Final = {"duckdb": set_in_duckdb, "ibis": set_in_ibis, "pyspark": set_in_spark}
InZone: TypeAlias = Callable[[str, str], Any]


@pytest.fixture
def in_zone() -> Iterator[InZone]:
    """A frame of an engine whose session is in a zone; all tests share the session."""
    used = set()

    def made(engine: str, zone: str) -> Any:
        used.add(engine)
        return IN_A_SESSION[engine](zone)

    yield made
    for engine in used:
        IN_A_SESSION[engine]("UTC")


@pytest.mark.parametrize("engine", IN_A_SESSION)
@pytest.mark.parametrize("zone", [SHANGHAI, NEW_YORK, "UTC", "Etc/UTC"])
def test_the_day_of_a_moment_is_told_in_the_zone_of_the_session(
    in_zone: InZone, engine: str, zone: str
) -> None:
    frame = in_zone(engine, zone)

    assert asked(frame, TWO_COLUMNS, zone) == expected(TWO_COLUMNS, zone)


@pytest.mark.parametrize("engine", IN_A_SESSION)
def test_in_another_zone_it_is_refused_with_the_names_of_engine_fact_and_zone(
    in_zone: InZone, engine: str
) -> None:
    frame = in_zone(engine, NEW_YORK)

    for refusal in asked(frame, TWO_COLUMNS, SHANGHAI):
        assert isinstance(refusal, FrameError)
        assert refusal.message == (
            f"{TITLES[engine]} cannot tell on which day in Asia/Shanghai the moments of seen are."
        )
        assert [problem.path for problem in refusal.problems] == ["seen"]
        assert [problem.code for problem in refusal.problems] == ["engine"]
        assert NEW_YORK in refusal.problems[0].message
        assert "set that zone to Asia/Shanghai" in refusal.problems[0].hint


@pytest.mark.parametrize("engine", IN_A_SESSION)
@pytest.mark.parametrize("zone", [SHANGHAI, NEW_YORK])
@pytest.mark.parametrize("tz", [SHANGHAI, NEW_YORK, "UTC"])
def test_a_moment_against_a_day_in_the_rule_needs_no_zone_of_the_session(
    in_zone: InZone, engine: str, zone: str, tz: str
) -> None:
    assert asked(in_zone(engine, zone), ONE_COLUMN, tz) == expected(ONE_COLUMN, tz)


@pytest.mark.parametrize("engine", ["pyspark"])
@pytest.mark.parametrize("here", ["Asia/Shanghai", "America/New_York"])
def test_spark_is_not_led_astray_by_the_zone_of_this_process(
    monkeypatch: pytest.MonkeyPatch, engine: str, here: str
) -> None:
    # PySpark takes a datetime without a zone for one in the zone of the process.
    facts = Facts([Fact("seen", FactKind.DAY)])
    moments = [datetime(2024, 3, 10), datetime(2024, 3, 10, 23, 59, 59), datetime(2024, 3, 11)]
    rows = [{"seen": moment} for moment in [*moments, datetime(1, 1, 1), datetime(9999, 12, 31)]]
    rules = [
        Rule.parse(f'seen {op} date("{day}")', facts)
        for op in OPERATORS
        for day in ("2024-03-10", "0001-01-01", "9999-12-31")
    ]
    frame = EVERY[engine](polars_of(rows, {"seen": pl.Datetime("us")}))
    monkeypatch.setenv("TZ", here)
    time.tzset()
    try:
        found = verdicts_of(frame, rules, facts=facts)
    finally:
        monkeypatch.undo()
        time.tzset()

    assert found == [[rule.verdict(row) for row in rows] for rule in rules]


def test_an_ibis_table_without_a_backend_hides_its_zone() -> None:
    table = ibis.table({"seen": "timestamp('UTC')", "day": "date"}, name="deals")
    data = nw.from_native(table)
    sources = {
        name: read(FACTS[name], name, dtype, engine=engine_of(data))
        for name, dtype in schema_of(data).items()
    }

    with pytest.raises(FrameError, match="Ibis cannot tell on which day in UTC") as caught:
        sources["seen"].against(sources["day"], "==")  # type: ignore[union-attr, arg-type]
    assert "hidden" in caught.value.problems[0].message


@pytest.mark.parametrize("engine", ["dask"])
def test_dask_tells_days_from_every_zone_that_narwhals_recognises(engine: str) -> None:
    for zone in ("UTC", SHANGHAI):
        frame = EVERY[engine](polars_of(ROWS, {**DAYS, "seen": pl.Datetime("us", zone)}))
        assert asked(frame, TWO_COLUMNS, NEW_YORK) == expected(TWO_COLUMNS, NEW_YORK)


@pytest.mark.parametrize("engine", ["dask"])
def test_dask_is_refused_a_zone_that_narwhals_does_not_recognise(engine: str) -> None:
    frame = EVERY[engine](polars_of(ROWS, {**DAYS, "seen": pl.Datetime("us", NEW_YORK)}))

    assert asked(frame, TWO_COLUMNS, NEW_YORK) == expected(TWO_COLUMNS, NEW_YORK)
    for refusal in asked(frame, TWO_COLUMNS, SHANGHAI):
        assert str(refusal) == (
            "Dask cannot tell on which day in Asia/Shanghai the moments of seen are.\n"
            "  - seen: narwhals does not convert a column of Dask from America/New_York; "
            "convert it to Asia/Shanghai first, or give days"
        )


def test_dask_makes_texts_of_objects_which_are_no_amounts() -> None:
    frame = pd.DataFrame({"amount": pd.Series([Decimal("1.50"), None], dtype="object")})
    data = nw.from_native(dd.from_pandas(frame, npartitions=1))
    dtype = schema_of(data)["amount"]

    assert dtype == nw.String
    assert read(FACTS["amount"], "amount", dtype, engine=engine_of(data)) is None


@pytest.mark.parametrize("engine", ["duckdb", "ibis"])
def test_nanoseconds_with_a_zone_are_not_read_from_duckdb(engine: str) -> None:
    # It compares them with nothing but one another; a cast rounds them, perhaps to the next day.
    frame = EVERY[engine](polars_of(ROWS[:2], {"seen": pl.Datetime("ns", "UTC")}))
    data = nw.from_native(frame)
    dtype = schema_of(data)["seen"]

    assert read(FACTS["seen"], "seen", dtype, engine=engine_of(data)) is None


@pytest.mark.parametrize("engine", EVERY)
def test_nan_is_missing_and_infinities_are_numbers(engine: str) -> None:
    # To Spark and DuckDB NaN is a number, equal to itself and above all others.
    nan, inf = float("nan"), float("inf")
    rows = [{"size": a, "other": b} for a in (nan, inf, -inf, 1.0) for b in (nan, inf, 1.0, None)]
    rules = [Rule.parse(f"size {op} {what}", FACTS) for op in OPERATORS for what in ("1", "other")]
    rules += [Rule.parse(text, FACTS) for text in ("known(size)", "size in (1, 2)", "0 < size < 2")]
    frame = EVERY[engine](polars_of(rows, {"size": pl.Float64, "other": pl.Float64}))

    found = verdicts_of(frame, rules, facts=FACTS)
    assert found == [[rule.verdict(row) for row in rows] for rule in rules]


@pytest.mark.parametrize("engine", EVERY)
def test_a_decimal_is_the_nearest_float_on_every_engine(engine: str) -> None:
    amounts = [Decimal(text) for text in ("0.1", "0.3", "1234567.89", "99999999999999.9999999")]
    rows = [{"amount": amount} for amount in amounts]
    texts = ["0.1", "0.3", "1_234_567.89", "100_000_000_000_000", "99999999999999.9"]
    rules = [Rule.parse(f"amount {op} {text}", FACTS) for op in OPERATORS for text in texts]
    frame = EVERY[engine](polars_of(rows, {"amount": pl.Decimal(38, 7)}))

    found = verdicts_of(frame, rules, facts=FACTS)
    assert found == [[rule.verdict(row) for row in rows] for rule in rules]


@pytest.mark.parametrize("kind", ["HUGEINT", "UHUGEINT"])
def test_a_sum_of_duckdb_is_the_nearest_float(kind: str) -> None:
    # Its own cast rounds twice: of one in sixty drawn numbers it makes the float beside.
    numbers = [random.Random(n).getrandbits(120) for n in range(200)]
    texts = pl.DataFrame({"row": range(len(numbers)), "size": list(map(str, numbers))})
    relation = duckdb.connect().from_arrow(texts.to_arrow())
    relation = relation.select(f'"row", CAST("size" AS {kind}) AS "size"')
    data, columns, _ = opened(relation, facts=FACTS)
    source, _ = columns.ready("size")

    found = rows_of(columns.apply(data).select(KEY, x=source.key()), KEY)
    assert [row["x"] for row in found] == [float(number) for number in numbers]


@pytest.mark.parametrize("engine", EVERY)
def test_an_integer_that_no_float_is_equal_to_is_the_nearest_one(engine: str) -> None:
    # pyarrow refuses to cast such a number at all.
    numbers = [2**53 + 1, 2**53 + 3, -(2**53) - 1, 2**63 - 1, -(2**63), 7, None]
    if engine in {"pandas", "pandas nullable", "dask"}:
        numbers = numbers[5:]  # their frames of these tests are made by way of floats
    rows = [{"size": number, "other": float(number or 0)} for number in numbers]
    rules = [Rule.parse(f"size {op} other", FACTS) for op in OPERATORS]
    frame = EVERY[engine](polars_of(rows, {"size": pl.Int64, "other": pl.Float64}))

    found = verdicts_of(frame, rules, facts=FACTS)
    assert found == [[rule.verdict(row) for row in rows] for rule in rules]


@pytest.mark.parametrize("engine", EVERY)
def test_only_six_characters_are_blank(engine: str) -> None:
    words = ["", " \t\r\n\v\f", "\u00a0", "\u3000", "\x1c", "\x85", "\u2028", " a", "a ", None]
    rows = [{"owner": word} for word in words]
    rule = Rule.parse("known(owner)", FACTS)
    frame = EVERY[engine](polars_of(rows, {"owner": pl.String}))

    assert verdicts_of(frame, [rule], facts=FACTS) == [[rule.verdict(row) for row in rows]]


def test_moments_around_midnight_are_on_other_days_elsewhere() -> None:
    # What the tests above are worth: in each zone the answers are others.
    answers = {zone: str(expected(TWO_COLUMNS, zone)) for zone in (SHANGHAI, NEW_YORK, "UTC")}
    assert len(set(answers.values())) == len(answers)
    assert MOMENTS[1].astimezone(ZoneInfo(SHANGHAI)).date() - timedelta(1) == date(2024, 3, 10)
