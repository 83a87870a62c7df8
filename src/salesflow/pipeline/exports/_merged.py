"""Deals that were merged into others, and that an export has beside these."""

from __future__ import annotations

from typing import Final

import narwhals.stable.v2 as nw

from salesflow.errors import Problem
from salesflow.pipeline.exports._beginnings import join_on_id, problems_of_ids
from salesflow.rules.columns import Frame, schema_of

MERGED_INTO: Final = "merged_into"


def problems_of_merged(export: Frame, merged: Frame, what: str) -> list[Problem]:
    """What is wrong with the table of merged deals, beside an export that we turned."""
    problems = problems_of_ids("merged", export, merged, what)
    held = next((name for name in schema_of(export) if name.casefold() == MERGED_INTO), None)
    if held is not None:
        message = f"there is a column {held} already"
        problems.append(Problem("merged", message, "rename it", "duplicate_column"))
    return problems


def with_merged(export: Frame, merged: Frame) -> Frame:
    """The rows, with the deal that theirs became a part of, if any.

    Where that was merged in its turn, the table may have both: the greater is the later one.
    """
    into = merged.group_by("id").agg(nw.col(MERGED_INTO).max())
    return join_on_id(export, into, "left")
