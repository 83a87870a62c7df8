"""What stands before and after a row of its group: by sorting, or by windows on lazy frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_

import narwhals.stable.v2 as nw

from salesflow.rules.columns import Frame


def beside(
    frame: Frame,
    group: Sequence[str],
    order: Sequence[str],
    wanted: Mapping[str, tuple[str, int]],
    *,
    number: str | None = None,
) -> Frame:
    """The frame with columns of neighbouring rows.

    Args:
        frame: Whose rows.
        group: Columns that rows of a group share; none of them is ever missing.
        order: What the rows of a group are put in order by.
        wanted: New name, and the column with the number of rows back that it comes from.
        number: The name of a column that grows along each group.
    """
    if isinstance(frame, nw.DataFrame):
        frame = frame.sort(*group, *order)
        if number is not None:
            frame = frame.with_row_index(number)
        return frame.with_columns(
            **{
                name: nw.when(_same(group, rows)).then(nw.col(column).shift(rows))
                for name, (column, rows) in wanted.items()
            }
        )
    found = {
        name: nw.col(column).shift(rows).over(*group, order_by=order)
        for name, (column, rows) in wanted.items()
    }
    if number is not None:
        found[number] = nw.col("one").cum_sum().over(*group, order_by=order)
    return frame.with_columns(**found)


def _same(group: Sequence[str], rows: int) -> nw.Expr:
    equal = [(nw.col(name) == nw.col(name).shift(rows)).fill_null(value=False) for name in group]
    return reduce(and_, equal)
