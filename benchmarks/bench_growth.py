"""How check_pipeline grows: 10,000 to 30,000,000 rows of Parquet, on polars, streaming, and DuckDB.

Each run has a Python of its own, so that its peak of memory is its own too.

Run: python benchmarks/bench_growth.py [--rows 10000 100000 …] [--engines …];
with `--quick` in a moment, to see that it runs.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

import salesflow as sf
from benchmarks._deals import AS_OF, write
from benchmarks._measure import QUICK, in_child, machine

ENGINES: Final = ("polars", "duckdb")
ROWS: Final = (1_000,) if QUICK else (10_000, 100_000, 1_000_000, 10_000_000, 30_000_000)


def opened(engine: str, files: str) -> Any:  # noqa: ANN401 - of any engine
    """A lazy frame of all files."""
    if engine == "duckdb":
        import duckdb

        return duckdb.connect().read_parquet(files)
    import polars as pl

    pl.Config.set_engine_affinity("streaming")
    return pl.scan_parquet(files)


def alone(engine: str, files: str) -> None:
    """What one run took, as JSON."""
    playbook = sf.load_playbook("optimized_sales_process")
    frame = opened(engine, files)
    start, cpu = perf_counter(), process_time()
    report = sf.check_pipeline(frame, playbook, key="id", as_of=AS_OF)
    took, cpu = perf_counter() - start, process_time() - cpu
    # On Linux in kilobytes, on macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(json.dumps({"seconds": took, "cpu": cpu, "peak": peak, "rows": report.rows}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS)
    parser.add_argument("--engines", nargs="*", default=ENGINES)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--alone", nargs=2, metavar=("ENGINE", "FILES"))
    asked = parser.parse_args()
    if asked.alone:
        alone(*asked.alone)
        return
    playbook = sf.load_playbook("optimized_sales_process")
    print(machine())
    print(f"{'':14}{'rows':>12}{'seconds':>9}{'µs a row':>10}{'of CPU':>9}{'peak MB':>9}")
    for rows in asked.rows:
        with tempfile.TemporaryDirectory() as folder:
            files = write(playbook, rows, Path(folder))
            for engine in asked.engines:
                found = in_child(__file__, "--alone", engine, files)
                assert found["rows"] == rows
                print(
                    f"{engine:14}{rows:12,}{found['seconds']:9.2f}"
                    f"{found['seconds'] / rows * 1e6:10.3f}"
                    f"{found['cpu'] / rows * 1e6:9.3f}{found['peak'] / 1e6:9,.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
