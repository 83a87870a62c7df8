"""A stage log as the caller handed it in: its columns found, read, and everything wrong noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow.errors import FrameError, Problem
from salesflow.facts import Fact, FactKind, Facts
from salesflow.pipeline._frames.engines import engine_errors, opened, rows_of, sums_of
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.key_and_stage import KeyColumn, StageColumn
from salesflow.pipeline._frames.options import FrameOptions
from salesflow.pipeline._frames.position import coded
from salesflow.pipeline._frames.stages import NOWHERE
from salesflow.pipeline._history.process_graph import Course
from salesflow.rules.columns import Columns, Days, Frame

UNKNOWN: Final = NOWHERE
"""The code of an event whose label nobody knows."""

MESSAGE: Final = "The history cannot be checked like this."
_AT: Final = Fact("at", FactKind.DAY)
_RESERVED: Final = (
    *("kind", "from", "to", "at", "days"),
    *("events", "moves", "allowed", "deviations", "fitness"),
    *("stage", "check", "severity", "verdict"),
)


@dataclass(frozen=True, slots=True)
class EventLog:
    """A log, one row per event.

    Attributes:
        frame: Columns `case`; `label`, a text; `at`, as given; `time`, to sort by; `day`, as
            `date.toordinal` counts; `code`, that of the label's node or UNKNOWN; and `order`, if
            the caller has one.
        case: What the caller calls the column of the case.
        eager: The caller's frame is not lazy.
        ordered: There is a column `order`.
        rows: How many events.
        unknown: Labels that nobody knows, with the number of their events; "" where it is missing.
    """

    frame: Frame
    case: str
    eager: bool
    ordered: bool
    rows: int
    unknown: Mapping[str, int]


def read_log(
    given: Arguments,
    events: object,
    course: Course,
    options: FrameOptions,
    *,
    case: str,
    stage: str,
    at: str,
    order: str | None,
) -> EventLog:
    """Read a log.

    Raises:
        FrameError: With everything that is wrong.
        ArgumentError: The same, where an argument is among it.
    """
    if opened(events).implementation.is_dask():
        raise FrameError(
            "Dask cannot put the events of a case in order.",
            hint="Pass events.compute(), or the same events in polars, DuckDB, Ibis or Spark.",
        )
    inputs = FrameColumns(given, events, Facts([_AT]), options)
    key = KeyColumn(inputs, case, path="case", reserved=_RESERVED)
    places = StageColumn(inputs, stage)
    inputs.hold("at", at, "at")
    labels, wrong = course.labels(options.stages)
    inputs.problems += wrong
    if order is not None and inputs.is_there(order, "order"):
        dtype = inputs.schema[order]
        if not (dtype.is_numeric() or dtype.is_temporal()):
            inputs.note("order", f"{order!r} holds no numbers", "number the events")
    source = inputs.source(_AT)
    with engine_errors(inputs.whole):
        timeless = source is not None and not isinstance(source, Days)
        size = inputs.whole.select(nw.len().alias("n"))
        if timeless and not inputs.problems and rows_of(size)[0]["n"]:
            inputs.note(at, "no event has a time", "every event needs one", "no_time")
        inputs.refuse(MESSAGE)
        found = {
            "case": key.expr(),
            "label": places.label(),
            "at": inputs.taken(at),
            "keyless": key.is_missing(),
            "code": coded(places.label(), labels).cast(nw.Int64),
        }
        if order is not None:
            found["order"] = inputs.taken(order)
        columns = Columns()
        if isinstance(source, Days):
            columns.add("at", source)
            days, _ = columns.ready("at")
            if isinstance(days, Days):
                found["time"] = days.column
                found["day"] = days.ordinal(timestamps=inputs.engine.timestamps)
        else:  # no event at all
            found |= {"time": inputs.taken(at), "day": nw.lit(0.0)}
        frame = columns.apply(inputs.frame)
        frame = frame.select(*(expr.alias(name) for name, expr in found.items()))
        if inputs.eager and isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        ordered = order is not None
        return _looked_through(frame, key.name, stage, eager=inputs.eager, ordered=ordered)


def _looked_through(frame: Frame, case: str, stage: str, *, eager: bool, ordered: bool) -> EventLog:
    counted = {
        "rows": nw.col("code") >= nw.lit(UNKNOWN),  # all of them
        "keyless": nw.col("keyless"),
        "timeless": nw.col("time").is_null(),
        "unknown": nw.col("code") == nw.lit(UNKNOWN),
    }
    if ordered:
        none = nw.col("order").is_null()
        if frame.collect_schema()["order"].is_float():  # NaN is missing in pandas, and so here
            none = none | nw.col("order").is_nan().fill_null(value=False)
        counted["orderless"] = none
    found = sums_of(frame, counted)
    problems = [
        Problem(path, f"{found[name]:,} of {found['rows']:,} events have no {what}", hint, code)
        for name, path, what, hint, code in (
            ("keyless", case, "case", "every event needs one", "null_key"),
            ("timeless", "at", "time", "leave them out, or give them one", "no_time"),
            ("orderless", "order", "number", "leave them out, or give them one", "no_order"),
        )
        if found.get(name)
    ]
    unknown = _unknown(frame) if found["unknown"] else {}
    if unknown and found["unknown"] == found["rows"]:
        for label in unknown:
            hint = f'say which it is: stages={{"{label}": "…"}}'
            problems.append(Problem(stage, f"{label!r} is not a stage", hint, "unknown_stage"))
    if problems:
        raise FrameError(MESSAGE, problems=problems)
    return EventLog(frame, case, eager, ordered, found["rows"], unknown)


def _unknown(frame: Frame) -> dict[str, int]:
    labels = frame.filter(nw.col("code") == nw.lit(UNKNOWN)).select("label")
    found: dict[str, int] = {}
    for row in rows_of(labels.group_by("label").agg(nw.len().alias("n"))):
        label = row["label"] if isinstance(row["label"], str) else ""
        found[label] = found.get(label, 0) + int(row["n"])
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
