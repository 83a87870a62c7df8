"""Where each deal has been for how long: a row per deal and stage, from a log of stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow.errors import Problem
from salesflow.pipeline._frames.engines import engine_errors, expr_of, native
from salesflow.pipeline._frames.options import refusal
from salesflow.pipeline._frames.source import FrameT, Source
from salesflow.pipeline._frames.windows import with_aggregates
from salesflow.pipeline._history.log import EventLog, process_and_log, read_log_options, unexplained
from salesflow.pipeline._history.process_graph import START, Course, GraphNode
from salesflow.pipeline._history.steps import entered
from salesflow.playbook import Playbook
from salesflow.rules.columns import Frame, among

_MESSAGE: Final = "The stays cannot be told like this."
_TOLD: Final = (
    *("stage", "sub_stage", "first_entry", "latest_entry"),
    *("days", "days_on_hold", "visits", "is_there"),
)


def stays(  # noqa: PLR0913 - options, each with its name
    events: FrameT | Source[FrameT],
    playbook: Playbook,
    *,
    case: str | None = None,
    stage: str | None = None,
    at: str | None = None,
    order: str | None = None,
    previous: str | None = None,
    stages: Mapping[str, str] | None = None,
    ignore: Iterable[str] = (),
    tz: str | None = None,
    as_of: date | None = None,
    track: str | None = None,
) -> FrameT:
    """How long each deal was in each stage: a row per deal and stage or sub-stage it was in.

    All stays in the same place are in one row. A stage with sub-stages has a row for the whole of
    it, without a `sub_stage`, and one for each sub-stage that the log names. What is said of a
    stay is what `check_history` says, and the engine of the same deal. The columns are:

    - the case under its own name;
    - `stage` and `sub_stage`, keys, the second missing where the row is of the whole stage;
    - `first_entry` and `latest_entry`, the times of the events with which the first stay here and
      the latest began; missing where a log of changes does not tell;
    - `days`, of all stays here together, from day to day. Days on hold are not in it where the
      playbook's clocks rest then (`pause_on_hold`). Missing where not every stay can be told: one
      that nobody saw begin, or, without `as_of`, one that goes on;
    - `days_on_hold`, those days on which the deal was here and on hold, whether clocks rest or not;
      events that are `held` say so, and a log without them has none;
    - `visits`, how many stays there were;
    - `is_there`, whether it is there still.

    Snapshots in one frame, a row per day and deal, are a log, too: name the day as `at`, or what
    says since when the deal is where it is, such as `entered_stage_on`.

    The result is lazy where the log is. The frame is not changed, and the order of rows means
    nothing.

    Args:
        events: The log, as for `check_history`; so too the names of its columns.
        playbook: The process.
        case: The column that says which deal.
        stage: The column of stages, sub-stages, and ends of deals.
        at: The column of times.
        order: A column that numbers the events of a case.
        previous: In a log of changes, the column of where each event leads from.
        stages: Label and stage, sub-stage, `won`, `lost`, `disqualified`, `ended`, `retracted`,
            `held` or `resumed`.
        ignore: Labels that do not matter.
        tz: Where calendar days begin.
        as_of: The day up to which stays are counted that go on; later events are not looked at.
        track: The key of one of the playbook's tracks: then the log is one of the states of that,
            and `stage` is a state.

    Raises:
        UnknownName: The playbook has no such track.
        FrameError: `problems` lists everything that is wrong, as for `check_history`; also labels
            that nobody knows, for without them a deal would be where it was before.
        ArgumentError: An argument is of the wrong kind; `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> log = pl.DataFrame(
        ...     {
        ...         "deal": ["D-1", "D-1", "D-1", "D-1"],
        ...         "phase": ["territory_account_plan", "demand_generation", "held", "won"],
        ...         "since": [date(2026, 1, day) for day in (5, 9, 12, 20)],
        ...     }
        ... )
        >>> found = stays(
        ...     log,
        ...     load_playbook("optimized_sales_process"),
        ...     case="deal",
        ...     stage="phase",
        ...     at="since",
        ... )
        >>> told = found.select("stage", "days", "days_on_hold", "visits", "is_there")
        >>> for row in told.sort("days").rows():
        ...     print(*row)
        territory_account_plan 4.0 0.0 1 False
        demand_generation 11.0 8.0 1 False
    """
    given = Arguments()
    options = read_log_options(
        given,
        events,
        case=case,
        stage=stage,
        at=at,
        order=order,
        previous=previous,
        stages=stages,
        tz=tz,
        as_of=as_of,
    )
    course, log = process_and_log(
        given, playbook, options, message=_MESSAGE, track=track, ignore=ignore
    )
    problems = unexplained(log, course)
    if log.case in _TOLD:
        message = f"the result has a column {log.case!r} of its own"
        problems.append(Problem("case", message, "rename it", "duplicate_column"))
    if problems:
        raise refusal(given, _MESSAGE, problems)
    with engine_errors(log.frame):
        frame = entered(log, course, log.until, counts_holds=True, judged=False)
        if log.eager and isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        # narwhals gives back the kind of frame that it was given; its types cannot say so.
        return cast("FrameT", native(_stays(frame, log, course), eager=log.eager))


def _stays(frame: Frame, log: EventLog, course: Course) -> Frame:
    places = [node for node in course.nodes if not node.is_end]
    parts = [node for node in places if not node.whole] if log.parts else []
    here = expr_of(among(nw.col("code"), [node.code for node in places]))
    entries = frame.filter(nw.col("entry") & here)
    columns = ("case", "place", "time", "number", "stay", "held", "begins", "unseen", "last")
    told = entries.with_columns(
        place=nw.col("stage") if parts else nw.col("code"),
        begins=_begins(course.nodes if parts else ()),
        last=(nw.col("next") == nw.lit(START)).cast(nw.Int64),
        number=nw.col("number").cast(nw.Int64),
    ).select(*columns)
    if parts:
        inside = expr_of(among(nw.col("code"), [node.code for node in parts]))
        own = entries.filter(inside).with_columns(
            place=nw.col("code"),
            begins=nw.lit(1).cast(nw.Int64),
            last=(nw.col("next") == nw.lit(START)).cast(nw.Int64),
            number=nw.col("number").cast(nw.Int64),
        )
        both = cast("list[nw.DataFrame[Any]]", [told, own.select(*columns)])
        told = nw.concat(both)
    return _added_up(told, log, places)


def _begins(nodes: Iterable[GraphNode]) -> nw.Expr:
    """1 where a stay in the whole stage begins, and 0 where the deal only goes on inside."""
    of_parts = {node.stage for node in nodes if not node.whole}
    inside: nw.Expr = nw.lit(0)
    for node in nodes:
        if node.stage in of_parts:
            same = nw.col("stage") == nw.lit(node.stage)
            goes_on = same & (nw.col("before") == nw.lit(node.code))
            inside = nw.when(goes_on).then(nw.lit(1)).otherwise(inside)
    return (nw.lit(1) - inside).cast(nw.Int64)


def _added_up(told: Frame, log: EventLog, places: Iterable[GraphNode]) -> Frame:
    """All stays of a deal in one place together."""
    here = ("case", "place")
    told = _with_entries(told, here, by_number=log.ordered or log.changes)
    told = told.with_columns(untold=nw.col("stay").is_null().cast(nw.Int64))
    spent = told.group_by(*here).agg(
        nw.col("first_entry").min(),
        *(nw.col(name).max() for name in ("latest_entry", "last")),
        *(nw.col(name).sum() for name in ("stay", "held", "begins", "untold")),
    )
    nothing = nw.lit(None, dtype=nw.String())
    stage = sub_stage = nothing
    keys = {node.code: node.key for node in places if node.whole}
    for node in places:
        at = nw.col("place") == nw.lit(node.code)
        stage = nw.when(at).then(nw.lit(keys[node.stage])).otherwise(stage)
        if not node.whole:
            sub_stage = nw.when(at).then(nw.lit(node.key)).otherwise(sub_stage)
    is_told = nw.col("untold") == nw.lit(0)
    return spent.select(
        nw.col("case").alias(log.case),
        stage.alias("stage"),
        sub_stage.alias("sub_stage"),
        "first_entry",
        "latest_entry",
        nw.when(is_told).then(nw.col("stay").cast(nw.Float64)).alias("days"),
        nw.when(is_told).then(nw.col("held").cast(nw.Float64)).alias("days_on_hold"),
        nw.col("begins").cast(nw.Int64).alias("visits"),
        (nw.col("last") == nw.lit(1)).alias("is_there"),
    )


def _with_entries(told: Frame, here: Sequence[str], *, by_number: bool) -> Frame:
    """With the times of the events by which the first stay and the latest one began.

    They are the earliest and the latest time, unless time can go back along a case or is not known.
    """
    time = nw.col("time")
    begins = nw.col("begins") == nw.lit(1)
    if not by_number:
        return told.with_columns(first_entry=time, latest_entry=nw.when(begins).then(time))
    number = nw.col("number")
    told = told.with_columns(began=nw.when(begins).then(number).otherwise(nw.lit(-1)))
    told = with_aggregates(told, here, first=number.min(), latest=nw.col("began").max())
    seen = ~nw.col("unseen")
    return told.with_columns(
        first_entry=nw.when(seen & (number == nw.col("first"))).then(time),
        latest_entry=nw.when(seen & (number == nw.col("latest"))).then(time),
    )
