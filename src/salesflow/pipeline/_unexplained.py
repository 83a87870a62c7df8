"""Labels that nobody explained: counted, so that they are never taken for missing ones."""

from __future__ import annotations

from salesflow.pipeline._inputs import Inputs
from salesflow.rules._columns import Columns, Labels, Rail

__all__ = ["unexplained"]


def unexplained(columns: Columns, inputs: Inputs, fact: str, name: str) -> Rail:
    """Where a column has a label that stands for nothing.

    Args:
        columns: That know the fact.
        inputs: The frame.
        fact: The fact that the column holds.
        name: What `columns` call it.
    """
    if columns.source(name) is None:
        return False
    source, _ = columns.ready(name)
    if not isinstance(source, Labels):
        return False
    found = source.unlisted(source.was_asked())
    if inputs.is_float(fact):  # NaN is missing in pandas, and so everywhere
        found = found & ~source.column.is_nan().fill_null(value=False)
    return found
