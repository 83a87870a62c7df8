"""check_pipeline of the whole flagship playbook, on every engine, against the same by hand.

By hand is what an expert of that engine writes: expressions of polars, masks of numpy and pandas,
`pyarrow.compute`, one SQL query for DuckDB, Ibis and Spark, masks by partition for Dask. Both sides
count yes, no and unknown of every check, look for unknown stage labels and for missing or repeated
keys; their counts must be equal. Spark reads Parquet, all others a frame or table in memory.

Run: python benchmarks/bench_engines.py [--rows 1000000] [--runs 5] [engine …]; with `--quick` in
a moment, to see that it runs, without the engines that take long to start.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import salesflow as sf
from benchmarks._by_hand import Counts, Dialect, Totals, Value, checks_by_hand, counts_of
from benchmarks._deals import AS_OF, sample
from benchmarks._dialects import Arrow, Masks, Polars, Series, Sql
from benchmarks._measure import QUICK, machine, medians

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Way: TypeAlias = Callable[[], Counts]


@dataclass(frozen=True)
class Bench:
    """What the engines are made from.

    Attributes:
        playbook: The process.
        deals: The rows.
        folder: For files.
    """

    playbook: sf.Playbook
    deals: pl.DataFrame
    folder: Path

    def both(self, frame: Any, dialect: Callable[[], Dialect]) -> tuple[Way, Way]:  # noqa: ANN401 - of any engine
        """By hand, and by salesflow."""
        return lambda: self.by_hand(dialect()), lambda: self.by_salesflow(frame)

    def by_hand(self, dialect: Dialect) -> Counts:
        """What an expert's way counts."""
        asked = checks_by_hand(self.playbook, dialect, AS_OF)
        counts, totals = dialect.count(asked.checks, asked.place)
        totals.require()
        return counts

    def by_salesflow(self, frame: Any) -> Counts:  # noqa: ANN401 - of any engine
        """What `check_pipeline` counts."""
        report = sf.check_pipeline(frame, self.playbook, key="id", as_of=AS_OF)
        return counts_of(report, self.playbook)


def polars_eager(bench: Bench) -> tuple[Way, Way]:
    return bench.both(bench.deals, lambda: Polars(bench.deals.lazy()))


def polars_lazy(bench: Bench) -> tuple[Way, Way]:
    return bench.both(bench.deals.lazy(), lambda: Polars(bench.deals.lazy()))


def pandas_classic(bench: Bench) -> tuple[Way, Way]:
    frame = bench.deals.to_pandas()
    return bench.both(frame, lambda: Masks(frame))


def pandas_nullable(bench: Bench) -> tuple[Way, Way]:
    frame = bench.deals.to_pandas().convert_dtypes()
    return bench.both(frame, lambda: Series(frame))


def pandas_pyarrow(bench: Bench) -> tuple[Way, Way]:
    frame = bench.deals.to_pandas(use_pyarrow_extension_array=True)
    return bench.both(frame, lambda: Series(frame, arrow=True))


def pyarrow(bench: Bench) -> tuple[Way, Way]:
    table = bench.deals.to_arrow()
    return bench.both(table, lambda: Arrow(table))


def duckdb(bench: Bench) -> tuple[Way, Way]:
    import duckdb

    connection = duckdb.connect()
    connection.register("arrow", bench.deals.to_arrow())
    connection.execute("create table deals as from arrow")
    connection.unregister("arrow")
    frame = connection.table("deals")

    def row(query: str) -> Value:
        return connection.execute(query).fetchall()[0]

    return bench.both(frame, lambda: Sql("deals", row))


def ibis(bench: Bench) -> tuple[Way, Way]:
    import ibis

    backend = ibis.duckdb.connect()
    backend.con.register("arrow", bench.deals.to_arrow())
    backend.con.execute("create table deals as from arrow")
    backend.con.unregister("arrow")

    def row(query: str) -> Value:
        return backend.raw_sql(query).fetchall()[0]

    return bench.both(backend.table("deals"), lambda: Sql("deals", row))


def dask(bench: Bench) -> tuple[Way, Way]:
    import dask
    import dask.dataframe as dd

    frame = dd.from_pandas(bench.deals.to_pandas(use_pyarrow_extension_array=True), npartitions=4)

    def part(rows: pd.DataFrame, longest: Value) -> tuple[Counts, Totals]:
        dialect = Series(rows, arrow=True, limit=longest)
        asked = checks_by_hand(bench.playbook, dialect, AS_OF)
        return dialect.count(asked.checks, asked.place)

    def hand() -> Counts:
        won = frame["stage"].isin(["account_expansion", "won"])
        longest = (frame["closed_on"] - frame["created_on"])[won].max().compute()
        parts = [dask.delayed(part)(each, longest) for each in frame.to_delayed()]
        (found,) = dask.compute(parts)
        totals = [total for _, total in found]
        Totals(
            sum(total.rows for total in totals),
            frame["id"].nunique().compute(),
            sum(total.keyless for total in totals),
            sum(total.unplaced for total in totals),
        ).require()
        return {
            key: tuple(map(sum, zip(*(counts[key] for counts, _ in found), strict=True)))  # type: ignore[misc]
            for key in found[0][0]
        }

    return hand, lambda: bench.by_salesflow(frame)


def pyspark(bench: Bench) -> tuple[Way, Way]:
    from tests.spark_session import spark

    path = str(bench.folder / "deals.parquet")
    bench.deals.write_parquet(path)
    frame = spark().read.parquet(path)
    frame.createOrReplaceTempView("deals")

    def row(query: str) -> Value:
        return spark().sql(query).collect()[0]

    return bench.both(frame, lambda: Sql("deals", row, spark=True))


@dataclass(frozen=True)
class Engine:
    """An engine, and the ratio that it is to stay under.

    Attributes:
        ways: The two sides, over a frame that is made first.
        target: At most so many times as slow as by hand.
        inside: It works in this process, so that its processor time can be told.
    """

    ways: Callable[[Bench], tuple[Way, Way]]
    target: float = 2.0
    inside: bool = True


ENGINES: Final = {
    "polars": Engine(polars_eager, 1.5),
    "polars lazy": Engine(polars_lazy, 1.5),
    "pandas classic": Engine(pandas_classic),
    "pandas nullable": Engine(pandas_nullable),
    "pandas pyarrow": Engine(pandas_pyarrow),
    "pyarrow": Engine(pyarrow),
    "duckdb": Engine(duckdb),
    "ibis": Engine(ibis),
    "dask": Engine(dask),
    "pyspark": Engine(pyspark, inside=False),
}


SLOW_TO_START: Final = ("ibis", "dask", "pyspark")


def measured(name: str, bench: Bench, runs: int) -> str:
    """One line of the table."""
    engine = ENGINES[name]
    hand, ours = engine.ways(bench)
    by_hand, by_us = hand(), ours()
    assert by_us == by_hand, {
        key: (by_us.get(key), by_hand.get(key))
        for key in {*by_us, *by_hand}
        if by_us.get(key) != by_hand.get(key)
    }
    took = medians({"hand": hand, "ours": ours}, runs)
    ratio = took["ours"].wall / took["hand"].wall
    cpu = f"{took['ours'].cpu / took['hand'].cpu:8.2f}" if engine.inside else f"{'':>8}"
    return (
        f"{name:16}{took['hand'].wall * 1e3:10,.0f}{took['ours'].wall * 1e3:10,.0f}"
        f"{ratio:8.2f}{cpu}{engine.target:8.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000 if QUICK else 1_000_000)
    parser.add_argument("--runs", type=int, default=1 if QUICK else 5)
    parser.add_argument(
        "engines",
        nargs="*",
        default=[name for name in ENGINES if not QUICK or name not in SLOW_TO_START],
    )
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    # narwhals says that Dask will move to a package of its own; the lines would hide the table.
    warnings.filterwarnings("ignore", category=FutureWarning)
    playbook = sf.load_playbook("optimized_sales_process")
    print(f"{asked.rows:,} rows, median of {asked.runs} runs; {machine()}")
    print(f"{'':16}{'by hand':>10}{'salesflow':>10}{'ratio':>8}{'of CPU':>8}{'target':>8}  (ms)")
    deals = sample(playbook, asked.rows)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        for name in asked.engines:
            print(measured(name, Bench(playbook, deals, Path(folder)), asked.runs), flush=True)


if __name__ == "__main__":
    main()
