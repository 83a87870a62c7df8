"""What rows of a group say together stands beside each of them, in whatever order threads work."""

from __future__ import annotations

import ast
from pathlib import Path

import narwhals.stable.v2 as nw
import polars as pl
import pyarrow as pa

import salesflow
from salesflow.pipeline._frames.engines import rows_of
from salesflow.pipeline._frames.windows import with_aggregates
from tests.pipeline.conftest import Engine

PACKAGE = Path(salesflow.__file__).parent
ROWS = pl.DataFrame(
    {
        "deal": ["A", "B", "A", "C", "B", "A"],
        "part": [1, 1, 2, 1, 1, 1],
        "day": [5, 2, 9, 4, 7, 3],
    }
)


def test_each_row_has_the_least_and_the_most_of_its_group(every: Engine) -> None:
    frame = nw.from_native(every(ROWS))

    found = with_aggregates(frame, ["deal"], first=nw.col("day").min(), last=nw.col("day").max())
    found = with_aggregates(found, ["deal", "part"], day=nw.col("day").sum())

    rows = sorted((row["deal"], row["first"], row["last"], row["day"]) for row in rows_of(found))
    assert rows == [
        *(("A", 3, 9, together) for together in (8, 8, 9)),
        *(("B", 2, 7, 9) for _ in range(2)),
        ("C", 4, 4, 4),
    ]


def test_threads_that_finish_in_any_order_mix_no_rows() -> None:
    """A join in pyarrow gives back its batches as they are done, in most runs in another order."""
    parts = [{"deal": [at % 7, at % 3 + 7], "day": [at, -at]} for at in range(48)]
    frame = nw.from_native(pa.concat_tables(map(pa.table, parts)))
    deals, first = frame["deal"].to_list(), {7: -45, 8: -46, 9: -47} | {at: at for at in range(7)}

    for _ in range(50):
        found = with_aggregates(frame, ["deal"], first=nw.col("day").min())

        assert found["deal"].to_list() == deals
        assert found["first"].to_list() == [first[deal] for deal in deals]


def test_nobody_else_asks_for_a_window_over_rows_in_no_order() -> None:
    """One that is ordered is refused by the engines that would mix rows."""
    asking = {path.name for path in PACKAGE.rglob("*.py") if unordered_windows(path)}

    assert asking == {"windows.py"}


def unordered_windows(path: Path) -> list[ast.Call]:
    calls = [it for it in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(it, ast.Call)]
    windows = [it for it in calls if isinstance(it.func, ast.Attribute) and it.func.attr == "over"]
    return [it for it in windows if "order_by" not in {word.arg for word in it.keywords}]
