"""Every benchmark runs: what nobody runs for weeks would break unseen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.name for path in (ROOT / "benchmarks").glob("bench_*.py"))

# Spark is asked only where it is chosen; `--engines` goes by the first word of a parameter.
BENCHMARKS = [f"pyspark {name}" if name == "bench_spark.py" else name for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_says_how_it_is_run_quickly(name: str) -> None:
    source = (ROOT / "benchmarks" / name).read_text("utf-8")

    assert "`--quick`" in source
    assert "QUICK" in source


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_a_benchmark_runs(benchmark: str) -> None:
    path = [str(ROOT), os.environ.get("PYTHONPATH")]

    done = subprocess.run(
        [sys.executable, f"benchmarks/{benchmark.rpartition(' ')[2]}", "--quick"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))},
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout
