"""How deals began, of which a log of changes has no row: from old values, and from the deals."""

from __future__ import annotations

from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow.errors import Problem
from salesflow.pipeline._frames.engines import expr_of, kind_of_frame, rows_of, whole
from salesflow.pipeline._wording import amount_of
from salesflow.rules.columns import Frame, blank, schema_of

_COLUMNS: Final = ("id", "stage", "at")


def problems_of_pair(argument: str, export: Frame, other: Frame, what: str) -> list[Problem]:
    """What is wrong with another frame, which tells something of the deals of an export."""
    if (other.implementation, type(other)) != (export.implementation, type(export)):
        message = f"it is {kind_of_frame(other)}, and that of the {what} {kind_of_frame(export)}"
        return [Problem(argument, message, "pass two frames of one kind", "kind")]
    return []


def problems_of_ids(argument: str, export: Frame, other: Frame, what: str) -> list[Problem]:
    """The same of how the two name deals."""
    theirs, ours = schema_of(other)["id"], schema_of(export)["id"]
    if theirs == ours:
        return []
    message = f"the deals are named by {theirs} there, and by {ours} in the {what}"
    return [Problem(argument, message, "give both one type", "kind")]


def problems_of_deals(history: Frame, deals: Frame) -> list[Problem]:
    """What is wrong with the deals, beside the `id` and `at` of the history."""
    held, schema = schema_of(deals), schema_of(history)
    problems = problems_of_ids("created", history, deals, "history")
    zones = [getattr(kind, "time_zone", None) for kind in (held["created_on"], schema["at"])]
    if (zones[0] is None) != (zones[1] is None):
        which = ("the day of creation", "the history")
        with_zone = which[zones[0] is None]
        message = f"the times of {with_zone} have a zone, and those of the other have none"
        problems.append(Problem("created", message, "convert one of the two", "zone"))
    named = deals.select(
        nw.col("id"), nw.col("created_on").is_null().cast(nw.Int64).alias("without")
    )
    row = rows_of(
        named.select(nw.len().alias("rows"), nw.col("id").n_unique(), nw.col("without").sum())
    )[0]
    rows, without = whole(row["rows"]), whole(row["without"])
    if without:
        message = f"{amount_of(without, 'deal has', 'deals have')} no day of creation"
        problems.append(Problem("created", message, "leave them out, or give them one", "no_time"))
    if rows > (ids := whole(row["id"])):
        message = f"{amount_of(rows - ids, 'row')} more than there are deals"
        problems.append(Problem("created", message, "keep one row per deal", "duplicate_key"))
    return problems


def with_beginnings(history: Frame, deals: Frame) -> Frame:
    """The log with a row for each deal of which it does not say how it began.

    That is where the first change leads from; and for deals that never changed, where they are.
    """
    columns = [name for name in (*_COLUMNS, "previous") if name in schema_of(history)]
    history = history.select(*columns)
    origins = _origins(history, changes="previous" in columns)
    found = join_on_id(deals.select("id", "stage", "created_on"), origins, "left")
    began = nw.col("logged").is_null() | ~nw.col("origin").is_null()
    stage = nw.when(nw.col("logged").is_null()).then(nw.col("stage")).otherwise(nw.col("origin"))
    kind = schema_of(history)["at"]
    at = nw.col("created_on")
    made = {"id": nw.col("id"), "stage": stage, "at": at if kind == nw.Object else at.cast(kind)}
    if "previous" in columns:  # nothing, in a column of the type that the history has
        made["previous"] = nw.when(nw.col("logged") < nw.lit(0)).then(nw.col("origin"))
    added = found.filter(began).select(*(made[name].alias(name) for name in columns))
    both: Frame = nw.concat(cast("list[nw.DataFrame[Any]]", [history, added]))
    return both


def _origins(history: Frame, *, changes: bool) -> Frame:
    """By deal that is in the log: where its first change leads from, if it says so."""
    first = history.group_by("id").agg(nw.col("at").min().alias("first"))
    nothing = nw.lit(None, dtype=nw.String())
    if not changes:
        return first.select("id", nothing.alias("origin"), nw.lit(1).alias("logged"))
    there = ~nw.col("previous").is_null() & ~expr_of(blank(nw.col("previous")))
    firsts = join_on_id(history, first, "inner").filter(nw.col("at") == nw.col("first"))
    firsts = firsts.select(
        "id", "stage", "previous", (~there).fill_null(value=True).cast(nw.Int64).alias("begun")
    )
    # Of changes at one moment the first is the one that does not go on from another of them.
    followed = firsts.select("id", nw.col("stage").alias("previous"))
    heads = cast("nw.LazyFrame[Any]", firsts).join(
        cast("nw.LazyFrame[Any]", followed), on=["id", "previous"], how="anti"
    )
    heads = heads.group_by("id").agg(nw.col("previous").min(), nw.col("begun").max())
    told = join_on_id(first.select("id", nw.lit(1).alias("logged")), heads, "left")
    origin = nw.when(nw.col("begun") == nw.lit(0)).then(nw.col("previous"))
    return told.select("id", origin.alias("origin"), "logged")


def join_on_id(left: Frame, right: Frame, how: Any) -> Frame:  # noqa: ANN401 - narwhals names them
    """Two frames of one kind, row to row by their deals."""
    found: Frame = cast("nw.LazyFrame[Any]", left).join(
        cast("nw.LazyFrame[Any]", right), on="id", how=how
    )
    return found
