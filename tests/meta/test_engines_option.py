"""`--engines`: which engines of frames a run of the tests asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import FAMILIES
from tests.frame_engines import EVERY

ROOT = Path(__file__).parents[2]
ASKED = """
import pytest

@pytest.mark.parametrize("engine", ["pandas nullable", "duckdb", "polars", "pyspark"])
def test_asked(engine): ...
"""


def collected(folder: Path, option: str) -> subprocess.CompletedProcess[str]:
    """What is left of a test that is asked of four engines."""
    path = folder / "test_of_engines.py"
    path.write_text(ASKED, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--rootdir", str(ROOT), "--collect-only", "-q"]
    return subprocess.run(
        [*command, "-p", "conftest", option, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def test_the_option_knows_every_engine_that_is_tested() -> None:
    assert set(FAMILIES) == {name.partition(" ")[0] for name in EVERY}


def test_only_the_chosen_engines_are_asked(tmp_path: Path) -> None:
    some = collected(tmp_path, "--engines=pandas,duckdb").stdout
    assert "[pandas nullable]" in some
    assert "[duckdb]" in some
    assert "[polars]" not in some
    assert "[pyspark]" in collected(tmp_path, "--engines=all").stdout


def test_an_unknown_engine_is_named(tmp_path: Path) -> None:
    found = collected(tmp_path, "--engines=pandsa")
    assert found.returncode != 0
    assert "--engines: pandsa; there are pandas, polars" in found.stderr
