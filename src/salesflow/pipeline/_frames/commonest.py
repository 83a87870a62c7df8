"""Which values of a column occur most often, for those who are told that some of them are wrong."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from salesflow.pipeline._frames.engines import rows_of
from salesflow.rules.columns import Frame


def counted(frame: Frame, column: nw.Expr) -> Frame:
    """How often each `value` of a column occurs: `n` times."""
    named = frame.select(column.alias("value"))
    return named.group_by("value").agg(nw.len().alias("n"))


def most_of(counts: Frame, rows: int) -> list[dict[str, Any]]:
    """The first of what was counted: what occurs most often, and then in the order of values."""
    return rows_of(counts.sort("n", "value", descending=[True, False]).head(rows))
