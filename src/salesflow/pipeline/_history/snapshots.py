"""The pipeline as it stood on each of some days, from a log of stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, tzinfo
from typing import Any, Final, cast

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments, day
from salesflow.errors import Problem
from salesflow.pipeline._frames.engines import (
    engine_errors,
    here,
    kind_of_frame,
    native,
    opened,
    rows_of,
    whole,
)
from salesflow.pipeline._frames.frame_columns import problems_of_nameless
from salesflow.pipeline._frames.options import read_playbook, refusal
from salesflow.pipeline._frames.source import FrameT, Source
from salesflow.pipeline._frames.windows import with_aggregates
from salesflow.pipeline._history.log import EventLog, read_log, read_log_options, unexplained
from salesflow.pipeline._history.process_graph import RETRACTED, START, Course, GraphNode
from salesflow.pipeline._history.steps import beside, entered, with_runs
from salesflow.pipeline._wording import amount_of
from salesflow.playbook import Playbook
from salesflow.rules.columns import Frame, among, engine_of, schema_of

_MESSAGE: Final = "The pipeline of these days cannot be told like this."
_COLUMNS: Final = ("case", "stage", "created_on", "entered_stage_on", "closed_on")
_TOLD: Final = ("day", *_COLUMNS[1:])


def snapshots(  # noqa: PLR0913 - options, each with its name
    events: FrameT | Source[FrameT],
    playbook: Playbook,
    *,
    days: date | Iterable[date],
    case: str | None = None,
    stage: str | None = None,
    at: str | None = None,
    order: str | None = None,
    previous: str | None = None,
    stages: Mapping[str, str] | None = None,
    ignore: Iterable[str] = (),
    tz: str | None = None,
    deals: FrameT | Source[FrameT] | None = None,
) -> FrameT:
    """The pipeline as it stood at the end of each of some days: a row per day and deal.

    What a log of stages says up to a day is what a snapshot taken on that day would have said, so
    that `metrics` and `check_pipeline` can be asked of it with `as_of` that day, and any figure
    has its course over the months. The columns are facts:

    - `day`;
    - the case under its own name;
    - `stage`, the key of the stage or sub-stage, or how the deal ended; missing where its outcome
      was taken back, and no event says where it went on;
    - `created_on`, when it was first seen; missing where it begins unseen;
    - `entered_stage_on`, when it came to where it is;
    - `closed_on`, when it ended, if it has.

    A deal is there from its first event on. Deals without any are not: where a CRM keeps changes
    only, [`history`][salesflow.pipeline.exports.Export.history] adds how they began.

    The result is lazy where the log is. The frames are not changed, and the order of rows means
    nothing.

    Args:
        events: The log, as for `check_history`; so too the names of its columns.
        playbook: The process.
        days: The day or days, in any order; of a moment with a zone, its day in `tz`.
        case: The column that says which deal.
        stage: The column of stages, sub-stages, and ends of deals.
        at: The column of times.
        order: A column that numbers the events of a case.
        previous: In a log of changes, the column of where each event leads from.
        stages: Label and stage, sub-stage, `won`, `lost`, `disqualified`, `ended`, `retracted`,
            `held` or `resumed`.
        ignore: Labels that do not matter.
        tz: Where calendar days begin.
        deals: One row per deal, with the log's name for the column of the case, or a source that
            says its `key`, in a frame of the same kind: its other columns, such as amounts, stand
            beside what the log says, as they are in this frame and not as they were on the day.

    Raises:
        FrameError: `problems` lists everything that is wrong, as for `check_history`; also labels
            that nobody knows, for without them a deal would be where it was before.
        ArgumentError: An argument is of the wrong kind, there is no day, or one is there twice;
            `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> log = pl.DataFrame(
        ...     {
        ...         "deal": ["D-1", "D-1", "D-2"],
        ...         "phase": ["demand_generation", "won", "demand_generation"],
        ...         "since": [date(2026, 1, 5), date(2026, 2, 9), date(2026, 2, 20)],
        ...     }
        ... )
        >>> found = snapshots(
        ...     log,
        ...     load_playbook("optimized_sales_process"),
        ...     days=[date(2026, 1, 31), date(2026, 2, 28)],
        ...     case="deal",
        ...     stage="phase",
        ...     at="since",
        ... )
        >>> for row in found.select("day", "deal", "stage", "closed_on").sort("day", "deal").rows():
        ...     print(*row)
        2026-01-31 D-1 demand_generation None
        2026-02-28 D-1 won 2026-02-09
        2026-02-28 D-2 demand_generation None
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
    )
    wanted = read_wanted_days(given, days, options.zone)
    course = Course(read_playbook(given, playbook, _MESSAGE))
    log = read_log(
        given,
        course,
        options,
        message=_MESSAGE,
        ignore=ignore,
        until=max(wanted, default=None),
    )
    beside_them, key = None, log.case
    if isinstance(deals, Source):
        beside_them, key = opened(deals.frame), deals.mapping.key or key
    elif deals is not None:
        beside_them = opened(deals)
    problems = unexplained(log, course)
    if log.case in _TOLD:
        message = f"the result has a column {log.case!r} of its own"
        problems.append(Problem("case", message, "rename it", "duplicate_column"))
    if beside_them is not None:
        problems += unfit_deals(log, beside_them, key)
    if problems:
        raise refusal(given, _MESSAGE, problems)
    with engine_errors(log.frame):
        states = _states(log, course)
        if log.eager and isinstance(states, nw.LazyFrame):
            states = states.collect()
        found = on_each(states, log.frame, wanted)
        if beside_them is not None:
            found = _joined(found, beside_them, log.case, key)
        found = found.rename({"case": log.case})
        # narwhals gives back the kind of frame that it was given; its types cannot say so.
        return cast("FrameT", native(found, eager=log.eager))


def read_wanted_days(given: Arguments, days: object, place: tzinfo) -> list[date]:
    """The days, in order; mistakes are noted."""
    if isinstance(days, Iterable) and not isinstance(days, str):
        listed = {f"days[{number}]": value for number, value in enumerate(days)}
    else:
        listed = {"days": days}
    read = [given.read(day, value, path, place) for path, value in listed.items()]
    found = [value for value in read if value is not None]
    if not listed:
        given.problems.append(Problem("days", "there is no day", "give one day or more"))
    for value in sorted({value for value in found if found.count(value) > 1}):
        message = f"{value.isoformat()} is there {found.count(value)} times"
        given.problems.append(Problem("days", message, "give each day once"))
    return sorted(set(found))


def unfit_deals(log: EventLog, deals: Frame, key: str) -> list[Problem]:
    """What is wrong with a frame of deals whose `key` is the case of a log."""
    events = log.frame
    if (deals.implementation, type(deals)) != (events.implementation, type(events)):
        message = f"it is {kind_of_frame(deals)}, and the log {kind_of_frame(events)}"
        return [Problem("deals", message, "pass two frames of one kind", "kind")]
    held, wanted = schema_of(deals), schema_of(events)["case"]
    if nameless := problems_of_nameless("deals", held):
        return nameless
    if key not in held:
        message = f"there is no column {key!r}, by which the log knows a deal"
        return [Problem("deals", message, "rename that of the key", "no_column")]
    if held[key] != wanted:
        message = f"{key!r} is {held[key]} there, and {wanted} in the log"
        return [Problem("deals", message, "give both one type", "kind")]
    with engine_errors(deals):
        row = deals.select(here(deals, key).alias("key")).select(
            nw.len().alias("rows"), nw.col("key").n_unique().alias("n")
        )
        counts = rows_of(row)[0]
    double = whole(counts["rows"]) - whole(counts["n"])
    if double > 0:
        message = f"{amount_of(double, 'row')} more than there are deals"
        return [Problem("deals", message, "keep one row per deal", "duplicate_key")]
    return []


def _states(log: EventLog, course: Course) -> Frame:
    """Where each deal was from which day until before which."""
    frame = entered(log, course, None)
    frame = frame.filter(nw.col("entry")).select(
        "case", "time", "day", "code", "number", "unseen", "before"
    )
    frame = beside(frame, ("case",), ("number",), {"until": ("day", -1)})
    over = among(nw.col("code"), [node.code for node in course.nodes if node.outcome != "none"])
    begins_unseen = nw.col("unseen") & (nw.col("before") == nw.lit(START))
    frame = frame.with_columns(
        over=nw.lit(value=over) if isinstance(over, bool) else over,
        begins_unseen=begins_unseen.cast(nw.Int64),
    )
    # What is over has been so since the first entry after the last one that was not.
    frame = with_runs(frame, "over", "last_open")
    moment = nw.col("time")
    unseen = nw.col("begins_unseen").max()
    frame = with_aggregates(frame, ["case"], first=moment.min(), unseen_at_first=unseen)
    frame = with_aggregates(frame, ["case", "over", "last_open"], closed=moment.min())
    return frame.select(
        "case",
        nw.col("day").alias("from"),
        "until",
        _stage(course.nodes).alias("stage"),
        nw.when(nw.col("unseen_at_first") == nw.lit(0)).then(nw.col("first")).alias("created_on"),
        moment.alias("entered_stage_on"),
        nw.when(nw.col("over")).then(nw.col("closed")).alias("closed_on"),
    )


def _stage(nodes: Iterable[GraphNode]) -> nw.Expr:
    """The key of each place; a deal that is past its last stage is won."""
    found: nw.Expr = nw.lit(None, dtype=nw.String())
    for node in nodes:
        if node.key != RETRACTED:
            key = "won" if node.is_end and node.outcome == "won" else node.key
            found = nw.when(nw.col("code") == nw.lit(node.code)).then(nw.lit(key)).otherwise(found)
    return found


def on_each(
    states: Frame, some: Frame, days: Iterable[date], columns: Iterable[str] = _COLUMNS
) -> Frame:
    """The states at the end of each day; where there is any, there is a row in `some` frame.

    States have the ordinals of the day `from` which and that `until` which they last. Of what comes
    back, `number` is the ordinal of the `day`.
    """
    named = [(_literal(states, each), nw.lit(float(each.toordinal()))) for each in days]
    wanted = ("day", *columns)
    if isinstance(states, nw.DataFrame):
        parts = [
            states.filter(_is_on(number)).with_columns(day=each, number=number)
            for each, number in named
        ]
        return nw.concat(parts).select(*wanted)
    # An engine that plans works the states out once only if they are named once.
    rows = [some.lazy().head(1).select(day=each, number=number) for each, number in named]
    pairs = states.join(nw.concat(rows), how="cross")
    return pairs.filter(_is_on(nw.col("number"))).select(*wanted)


def _is_on(number: nw.Expr) -> nw.Expr:
    return (nw.col("from") <= number) & ~(nw.col("until") <= number).fill_null(value=False)


def _literal(frame: Frame, wanted: date) -> nw.Expr:
    if frame.implementation.is_pandas_like():  # where a day is a moment at midnight
        return nw.lit(datetime.combine(wanted, time()), dtype=nw.Datetime("us"))
    if engine_of(frame).literals == "python":
        return nw.lit(wanted)
    return nw.lit(wanted.isoformat()).cast(nw.Date())


def _joined(found: Frame, deals: Frame, case: str, key: str) -> Frame:
    """With the columns of the deals that the log does not tell, under their own names."""
    told = {case.casefold(), key.casefold(), *_TOLD}
    names = [name for name in schema_of(deals) if name.casefold() not in told]
    safe = {name: f"x{number}" for number, name in enumerate(names)}
    taken = deals.select(
        here(deals, key).alias("key"),
        *(here(deals, name).alias(other) for name, other in safe.items()),
    )
    pair = cast("nw.LazyFrame[Any]", found).join(
        cast("nw.LazyFrame[Any]", taken), left_on="case", right_on="key", how="left"
    )
    return pair.select(
        "day", *_COLUMNS, *(nw.col(other).alias(name) for name, other in safe.items())
    )
