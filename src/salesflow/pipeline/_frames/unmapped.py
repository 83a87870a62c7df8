"""Labels that nobody explained: counted, so that they are never taken for missing ones."""

from __future__ import annotations

from salesflow.rules.columns import Columns, Labels, Rail


def unexplained(columns: Columns, name: str) -> Rail:
    """Where a column has a label that stands for nothing.

    Args:
        columns: That know the fact.
        name: What they call it.
    """
    if columns.source(name) is None:
        return False
    source, _ = columns.ready(name)
    if not isinstance(source, Labels):
        return False
    return source.unlisted(source.was_asked())
