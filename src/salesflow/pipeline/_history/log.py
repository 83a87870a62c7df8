"""A stage log as the caller handed it in: its columns found, read, and everything wrong noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.errors import FrameError, Problem, closest
from salesflow.facts import Fact, FactKind, Facts
from salesflow.pipeline._frames.inputs import FINDING_COLUMNS, Inputs
from salesflow.pipeline._frames.opening import opened
from salesflow.pipeline._history.ask import asked, refused
from salesflow.pipeline._history.process_graph import Course
from salesflow.rules.columns import Columns, Days, Frame, among

UNKNOWN: Final = -1
"""The code of an event whose label nobody knows."""

_MESSAGE: Final = "The history cannot be checked like this."
_AT: Final = Fact("at", FactKind.DAY)
_RESERVED: Final = (
    *("kind", "from", "to", "at", "days"),
    *("events", "moves", "allowed", "deviations", "fitness"),
)


@dataclass(frozen=True, slots=True)
class Log:
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
    events: object,
    course: Course,
    *,
    case: str,
    stage: str,
    at: str,
    order: str | None,
    stages: Mapping[str, str],
    tz: str,
) -> Log:
    """Read a log.

    Raises:
        FrameError: With everything that is wrong.
    """
    data, eager = opened(events)
    if data.implementation.is_dask():
        raise FrameError(
            "Dask cannot put the events of a case in order.",
            hint="Pass events.compute(), or the same events in polars, DuckDB, Ibis or Spark.",
        )
    inputs = Inputs(
        data,
        Facts([_AT]),
        eager=eager,
        key=case,
        stage=stage,
        columns={"at": at},
        values={},
        tz=tz,
    )
    inputs.problems = [_renamed(problem) for problem in inputs.problems]
    problems = inputs.problems
    if case in _RESERVED or case in FINDING_COLUMNS:
        problems[:] = [each for each in problems if each.path != "case"]
        problems.append(Problem("case", f"the report has a column {case!r} too", "rename yours"))
    labels, wrong = course.labels(stages)
    problems += wrong
    schema = data.collect_schema()
    if order is not None and order not in schema:
        near = closest(order, schema)
        hint = f'did you mean "{near}"?' if near else f"there are {', '.join(list(schema)[:12])}"
        problems.append(Problem("order", f"there is no column {order!r}", hint, "no_column"))
    elif order is not None and not (schema[order].is_numeric() or schema[order].is_temporal()):
        problems.append(Problem("order", f"{order!r} holds no numbers", "number the events"))
    source = inputs.source(_AT) if at in schema else None
    if (
        at in schema
        and not isinstance(source, Days)
        and not problems
        and _rows(data, inputs.engine)
    ):
        problems.append(Problem(at, "no event has a time", "every event needs one", "no_time"))
    if problems or not inputs.usable:
        raise FrameError(_MESSAGE, problems=problems)
    columns = Columns()
    found = {
        "case": inputs.key_column(),
        "label": inputs.label(),
        "at": inputs.taken(at),
        "keyless": inputs.keyless(),
        "code": _coded(inputs.label(), labels),
    }
    if order is not None:
        found["order"] = inputs.taken(order)
    if isinstance(source, Days):
        columns.add("at", source)
        days, _ = columns.ready("at")
        if isinstance(days, Days):
            found["time"] = days.column
            found["day"] = days.ordinal(timestamps=inputs.has_timestamps)
    else:  # no event at all
        found |= {"time": inputs.taken(at), "day": nw.lit(0.0)}
    try:
        frame = columns.apply(inputs.frame)
        frame = frame.select(*(expr.alias(name) for name, expr in found.items()))
        if eager and isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
    except Exception as error:
        raise refused(error, inputs.engine) from error
    return _looked_through(frame, inputs, eager=eager, ordered=order is not None)


def _renamed(problem: Problem) -> Problem:
    """A problem of what a pipeline calls otherwise."""
    return replace(
        problem, path={"key": "case", "columns['at']": "at"}.get(problem.path, problem.path)
    )


def _coded(label: nw.Expr, labels: Mapping[str, int]) -> nw.Expr:
    by_code: dict[int, list[str]] = {}
    for text, code in labels.items():
        by_code.setdefault(code, []).append(text)
    found = nw.lit(UNKNOWN)
    for code, texts in by_code.items():
        here = among(label, texts)
        if not isinstance(here, bool):
            found = nw.when(here).then(nw.lit(code)).otherwise(found)
    return found.cast(nw.Int64)


def _looked_through(frame: Frame, inputs: Inputs, *, eager: bool, ordered: bool) -> Log:
    counted = {
        "rows": nw.len(),
        "keyless": nw.col("keyless").cast(nw.Int64).sum(),
        "timeless": nw.col("time").is_null().cast(nw.Int64).sum(),
        "unknown": (nw.col("code") == nw.lit(UNKNOWN)).cast(nw.Int64).sum(),
    }
    if ordered:
        none = nw.col("order").is_null()
        if frame.collect_schema()["order"].is_float():  # NaN is missing in pandas, and so here
            none = none | nw.col("order").is_nan().fill_null(value=False)
        counted["orderless"] = none.cast(nw.Int64).sum()
    query = frame.select(*(expr.alias(name) for name, expr in counted.items()))
    row = asked(query, inputs.engine)[0]
    found = {name: int(row[name] or 0) for name in counted}
    problems = [
        Problem(path, f"{found[name]:,} of {found['rows']:,} events have no {what}", hint, code)
        for name, path, what, hint, code in (
            ("keyless", inputs.key, "case", "every event needs one", "null_key"),
            ("timeless", "at", "time", "leave them out, or give them one", "no_time"),
            ("orderless", "order", "number", "leave them out, or give them one", "no_order"),
        )
        if found.get(name)
    ]
    unknown = _unknown(frame, inputs.engine) if found["unknown"] else {}
    if unknown and found["unknown"] == found["rows"]:
        problems += [
            Problem(
                inputs.stage,
                f"{label!r} is no stage",
                f'say which it is: stages={{"{label}": "…"}}',
                "unknown_stage",
            )
            for label in unknown
        ]
    if problems:
        raise FrameError(_MESSAGE, problems=problems)
    return Log(frame, inputs.key, eager, ordered, found["rows"], unknown)


def _unknown(frame: Frame, engine: str) -> dict[str, int]:
    labels = frame.filter(nw.col("code") == nw.lit(UNKNOWN)).select("label")
    rows = asked(labels.group_by("label").agg(nw.len().alias("n")), engine)
    found: dict[str, int] = {}
    for row in rows:
        label = row["label"] if isinstance(row["label"], str) else ""
        found[label] = found.get(label, 0) + int(row["n"])
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _rows(frame: Frame, engine: str) -> int:
    return int(asked(frame.select(nw.len().alias("n")), engine)[0]["n"])
