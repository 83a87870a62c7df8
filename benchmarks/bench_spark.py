"""check_pipeline on Spark: Parquet files, the check and its findings, against SQL by hand.

The session is `local[2]`: two threads of one process. With `--cluster` it is a cluster of two
executors, each a process of its own with one core, as on many machines.

The findings, which are many in made-up deals, are those of the first file. The driver may receive
one megabyte and no more from the executors, so that collecting rows would end the run; that this
guard works is shown by collecting the keys.

Run: python benchmarks/bench_spark.py [--rows 10000000] [--cluster] [--skip-by-hand]; with
`--quick` in less than a minute, to see that it runs.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import warnings
from pathlib import Path
from time import perf_counter
from typing import Any

import salesflow as sf
from benchmarks._by_hand import Counts, checks_by_hand, counts_of
from benchmarks._deals import AS_OF, write
from benchmarks._dialects import Sql
from benchmarks._measure import QUICK, machine

MOST_TO_DRIVER = "1m"
CLUSTER = "local-cluster[2,1,1024]"
"""Two executors with one core and 1,024 MB each."""


def session(master: str) -> Any:  # noqa: ANN401 - Spark has no types here
    """Two cores, and nearly nothing for the driver."""
    # Read when the Java of the session starts.
    os.environ["PYSPARK_SUBMIT_ARGS"] = (
        f"--conf spark.driver.maxResultSize={MOST_TO_DRIVER} pyspark-shell"
    )
    from tests.spark_session import INTERPRETED, spark

    made = spark(master)
    for name, value in INTERPRETED.items() if QUICK else ():
        made.conf.set(name, value)
    made.conf.set("spark.sql.shuffle.partitions", "1" if QUICK else "8")
    return made


def rows_may_be_collected(frame: Any) -> bool:  # noqa: ANN401
    """Whether all keys can be brought to the driver."""
    try:
        frame.select("id").collect()
    except Exception as error:
        if "maxResultSize" not in str(error):
            raise
        return False
    return True


def by_hand(playbook: sf.Playbook, made: Any) -> Counts:  # noqa: ANN401
    dialect = Sql("deals", lambda query: made.sql(query).collect()[0], spark=True)
    asked = checks_by_hand(playbook, dialect, AS_OF)
    counts, totals = dialect.count(asked.checks, asked.place)
    totals.require()
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000 if QUICK else 10_000_000)
    parser.add_argument("--cluster", action="store_true")
    parser.add_argument("--skip-by-hand", action="store_true")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    warnings.filterwarnings(
        "ignore", category=FutureWarning
    )  # PySpark's, of new versions of pandas
    playbook = sf.load_playbook("optimized_sales_process")
    made = session(CLUSTER if asked.cluster else "local[2]")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(playbook, asked.rows, folder)
        frame = made.read.parquet(name)
        frame.createOrReplaceTempView("deals")
        print(
            f"{asked.rows:,} rows, {made.sparkContext.master}, "
            f"{len(list(folder.iterdir()))} files, at most {MOST_TO_DRIVER} to the driver; "
            f"{machine()}"
        )

        start = perf_counter()
        report = sf.check_pipeline(frame, playbook, key="id", as_of=AS_OF)
        checked = perf_counter() - start
        assert report.rows == asked.rows
        print(f"check_pipeline        {checked:8.1f} s", flush=True)

        if not asked.skip_by_hand:
            start = perf_counter()
            counts = by_hand(playbook, made)
            took = perf_counter() - start
            assert counts == counts_of(report, playbook)
            print(f"by hand in SQL        {took:8.1f} s   ratio {checked / took:.2f}", flush=True)

        few = made.read.parquet(str(min(folder.iterdir())))
        report = sf.check_pipeline(few, playbook, key="id", as_of=AS_OF)
        start = perf_counter()
        report.findings().write.parquet(f"{name}/findings")
        took = perf_counter() - start
        found = made.read.parquet(f"{name}/findings").count()
        assert found == sum(count.no + count.unknown for count in report.counts.values())
        print(
            f"findings to Parquet   {took:8.1f} s   {found:,} of them, of {report.rows:,} rows",
            flush=True,
        )
        print(f"keys can be collected      {rows_may_be_collected(frame)}")


if __name__ == "__main__":
    main()
