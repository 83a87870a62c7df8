"""What all rows with the same values say together, beside each of these rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow.rules.columns import Frame

_ROW: Final = "row of the whole"


def with_aggregates(frame: Frame, by: Sequence[str], **aggregates: nw.Expr) -> Frame:
    """The frame with columns that say of each row what all rows of its group say together.

    Rows of a group share the columns `by`; who lacks one of these may be told nothing. An aggregate
    is the sum, minimum or maximum of a column, and may take the name of a column that is there.

    Example:
        >>> import polars as pl
        >>> days = nw.from_native(pl.DataFrame({"deal": ["A", "A", "B"], "day": [3, 1, 2]}))
        >>> with_aggregates(days, ["deal"], first=nw.col("day").min())["first"].to_list()
        [1, 1, 2]
    """
    kind = frame.implementation
    if not (kind.is_pyarrow() or kind.is_dask()):
        return frame.with_columns(**{name: it.over(*by) for name, it in aggregates.items()})
    # Dask puts a window back by the labels of rows, which files read together repeat. Threads of
    # pyarrow put it back in any order. So whole rows are joined to the totals of their group.
    found = cast("nw.LazyFrame[Any]", frame.group_by(*by).agg(**aggregates))
    there = [name for name in frame.columns if name not in aggregates or name in by]
    if isinstance(frame, nw.DataFrame):
        rows = frame.select(*there).with_row_index(_ROW)
        joined = rows.join(cast("nw.DataFrame[Any]", found), on=list(by), how="left")
        return joined.sort(_ROW).drop(_ROW)
    return frame.select(*there).join(found, on=list(by), how="left")
