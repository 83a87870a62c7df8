"""`--engines`: which engines of frames a run of the tests asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import FAMILIES
from tests.frame_engines import EVERY

ROOT = Path(__file__).parents[2]


def collected(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments]
    where = "tests/rules/test_columns_parity.py"
    return subprocess.run([*command, where], capture_output=True, text=True, check=False, cwd=ROOT)


def test_the_option_knows_every_engine_that_is_tested() -> None:
    assert set(FAMILIES) == {name.partition(" ")[0] for name in EVERY}


def test_only_the_chosen_engines_are_asked() -> None:
    some = collected("--engines=pandas,duckdb").stdout
    assert "[pandas nullable]" in some
    assert "[duckdb]" in some
    assert "[polars]" not in some
    assert "[pyspark]" in collected("--engines=all").stdout


def test_an_unknown_engine_is_named() -> None:
    found = collected("--engines=pandsa")
    assert found.returncode != 0
    assert "--engines: pandsa; there are pandas, polars" in found.stderr
