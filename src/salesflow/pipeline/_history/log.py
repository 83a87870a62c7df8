"""A stage log as the caller handed it in: its columns found, read, and everything wrong noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments, describe
from salesflow.errors import FrameError, Problem
from salesflow.facts import Fact, FactKind, Facts
from salesflow.pipeline._frames.engines import engine_errors, opened, rows_of, sums_of
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.key_and_stage import KeyColumn, StageColumn
from salesflow.pipeline._frames.options import FrameOptions
from salesflow.pipeline._frames.position import coded
from salesflow.pipeline._frames.stages import NOWHERE
from salesflow.pipeline._history.process_graph import Course
from salesflow.rules.columns import Columns, Days, Frame, blank

UNKNOWN: Final = NOWHERE
"""The code of an event whose label nobody knows."""
IGNORED: Final = UNKNOWN - 1
"""The code of an event whose label does not matter."""

MESSAGE: Final = "The history cannot be checked like this."
_AT: Final = Fact("at", FactKind.DAY)
_RESERVED: Final = (
    *("kind", "from", "to", "at", "days"),
    *("events", "moves", "allowed", "deviations", "fitness"),
    *("stage", "check", "severity", "verdict"),
)


@dataclass(frozen=True, slots=True)
class LogColumns:
    """What the caller calls the columns of a log, as the arguments of `check_history` say."""

    case: str
    stage: str
    at: str
    order: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class EventLog:
    """A log, one row per event.

    Attributes:
        frame: Columns `case`; `label`, a text; `at`, as given; `time`, to sort by; `day`, as
            `date.toordinal` counts; `code`, that of the label's node or UNKNOWN; `order`, if the
            caller has one; and in a log of changes `origin`, the code of what the event leads
            from.
        whole: The same with what lies after `until` and with labels that do not matter.
        until: The last day of the log; None for all of it.
        case: What the caller calls the column of the case.
        stage: What the caller calls the column of the stage.
        eager: The caller's frame is not lazy.
        ordered: There is a column `order`.
        changes: There is a column `origin`.
        rows: How many events.
        later: How many lie after `until`.
        unknown: Labels that nobody knows, with the number of their events; "" where it is missing.
        unknown_origins: The same of what events lead from.
        ignored: The same of labels that do not matter.
    """

    frame: Frame
    whole: Frame
    until: date | None
    case: str
    stage: str
    eager: bool
    ordered: bool
    changes: bool
    rows: int = 0
    later: int = 0
    unknown: Mapping[str, int] = field(default_factory=dict)
    unknown_origins: Mapping[str, int] = field(default_factory=dict)
    ignored: Mapping[str, int] = field(default_factory=dict)

    def up_to(self, until: date) -> EventLog:
        """The log as it stood at the end of a day.

        Raises:
            FrameError: With everything that is wrong with its events.
        """
        with engine_errors(self.whole):
            return _looked_through(replace(self, until=until))


def read_log(
    given: Arguments,
    events: object,
    course: Course,
    options: FrameOptions,
    names: LogColumns,
    *,
    ignore: Iterable[str] = (),
    until: date | None = None,
) -> EventLog:
    """Read a log up to the end of a day.

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
    key = KeyColumn(inputs, names.case, path="case", reserved=_RESERVED)
    places = StageColumn(inputs, names.stage)
    before = None
    if names.previous is not None:
        before = StageColumn(inputs, names.previous, path="previous")
    inputs.hold("at", names.at, "at")
    labels, wrong = course.labels(options.stages)
    inputs.problems += wrong
    labels |= _ignored(given, ignore, options, inputs.problems)
    order = names.order
    if order is not None and inputs.is_there(order, "order"):
        dtype = inputs.schema[order]
        if not (dtype.is_numeric() or dtype.is_temporal()):
            inputs.note("order", f"{order!r} holds no numbers", "number the events")
    source = inputs.source(_AT)
    with engine_errors(inputs.whole):
        timeless = source is not None and not isinstance(source, Days)
        size = inputs.whole.select(nw.len().alias("n"))
        if timeless and not inputs.problems and rows_of(size)[0]["n"]:
            inputs.note(names.at, "no event has a time", "every event needs one", "no_time")
        inputs.refuse(MESSAGE)
        found = {
            "case": key.expr(),
            "label": places.label(),
            "at": inputs.taken(names.at),
            "keyless": key.is_missing(),
            "code": _coded(places, labels),
        }
        if before is not None:
            found |= {"origin": _coded(before, labels), "origin_label": before.label()}
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
            found |= {"time": inputs.taken(names.at), "day": nw.lit(0.0)}
        frame = columns.apply(inputs.frame)
        frame = frame.select(*(expr.alias(name) for name, expr in found.items()))
        if inputs.eager and isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        log = EventLog(
            frame=frame,
            whole=frame,
            until=until,
            case=key.name,
            stage=names.stage,
            eager=inputs.eager,
            ordered=order is not None,
            changes=before is not None,
        )
        return _looked_through(log)


def _ignored(
    given: Arguments, ignore: object, options: FrameOptions, problems: list[Problem]
) -> dict[str, int]:
    """The code of labels that do not matter; "" stands for a missing one."""
    named = [ignore] if isinstance(ignore, str) or not isinstance(ignore, Iterable) else [*ignore]
    found = {}
    for label in named:
        if not isinstance(label, str):
            message = f"must be labels, not {describe(label)}"
            given.problems.append(Problem("ignore", message, 'write texts: ignore=["…"]'))
        elif label in options.stages:
            message = f"{label!r} is a stage in stages="
            problems.append(Problem("ignore", message, "say it in one of the two", "unknown_stage"))
        else:
            found[label] = IGNORED
    return found


def _coded(places: StageColumn, labels: Mapping[str, int]) -> nw.Expr:
    label = places.label()
    code = coded(label, labels)
    if "" in labels:
        code = nw.when(label.is_null()).then(nw.lit(labels[""])).otherwise(code)
    return code.cast(nw.Int64)


def _looked_through(log: EventLog) -> EventLog:
    frame, there = log.whole, nw.col("code") >= nw.lit(UNKNOWN)
    kept = there
    if log.until is not None:
        # The comparison of a missing time says nothing.
        after = (nw.col("day") > nw.lit(float(log.until.toordinal()))).fill_null(value=False)
        kept = there & ~after
    counted = {
        "all": there,
        "rows": kept,
        "keyless": there & nw.col("keyless"),
        "timeless": there & nw.col("time").is_null(),
        "unknown": kept & (nw.col("code") == nw.lit(UNKNOWN)),
        "ignored": ~there,
    }
    if log.changes:
        counted["origins"] = kept & _is_unknown_origin()
    if log.ordered:
        none = nw.col("order").is_null()
        if frame.collect_schema()["order"].is_float():  # NaN is missing in pandas, and so here
            none = none | nw.col("order").is_nan().fill_null(value=False)
        counted["orderless"] = there & none
    found = sums_of(frame, counted)
    problems = [
        Problem(path, f"{found[name]:,} of {found['all']:,} events have no {what}", hint, code)
        for name, path, what, hint, code in (
            ("keyless", log.case, "case", "every event needs one", "null_key"),
            ("timeless", "at", "time", "leave them out, or give them one", "no_time"),
            ("orderless", "order", "number", "leave them out, or give them one", "no_order"),
        )
        if found.get(name)
    ]
    later = found["all"] - found["rows"]
    ignored = _labels(frame, ~there) if found["ignored"] else {}
    if later or ignored:
        frame = frame.filter(kept)
    is_unknown = nw.col("code") == nw.lit(UNKNOWN)
    unknown = _labels(frame, is_unknown) if found["unknown"] else {}
    origins = _labels(frame, _is_unknown_origin(), "origin_label") if found.get("origins") else {}
    if unknown and found["unknown"] == found["rows"]:
        for label in unknown:
            hint = f'say which it is: stages={{"{label}": "…"}}'
            problems.append(Problem(log.stage, f"{label!r} is not a stage", hint, "unknown_stage"))
    if problems:
        raise FrameError(MESSAGE, problems=problems)
    return replace(
        log,
        frame=frame,
        rows=found["rows"],
        later=later,
        unknown=unknown,
        unknown_origins=origins,
        ignored=ignored,
    )


def _is_unknown_origin() -> nw.Expr:
    label = nw.col("origin_label")
    named = ~label.is_null() & ~blank(label)
    return named & (nw.col("origin") == nw.lit(UNKNOWN))


def _labels(frame: Frame, rows: nw.Expr, column: str = "label") -> dict[str, int]:
    """How often each label is there, the most frequent first."""
    labels = frame.filter(rows).select(nw.col(column).alias("label"))
    found: dict[str, int] = {}
    for row in rows_of(labels.group_by("label").agg(nw.len().alias("n"))):
        label = row["label"] if isinstance(row["label"], str) else ""
        found[label] = found.get(label, 0) + int(row["n"])
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
