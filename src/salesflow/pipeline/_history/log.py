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
from salesflow.pipeline._frames.engines import engine_errors, expr_of, opened, rows_of, sums_of
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.key_and_stage import KeyColumn, StageColumn
from salesflow.pipeline._frames.labels import FrameLabels, labels_of, problems_of_labels
from salesflow.pipeline._frames.mapping_file import Said
from salesflow.pipeline._frames.options import FrameOptions, read_options, read_playbook
from salesflow.pipeline._frames.position import coded
from salesflow.pipeline._frames.stages import NOWHERE
from salesflow.pipeline._frames.value_maps import reader_for
from salesflow.pipeline._history.process_graph import HELD, Course
from salesflow.pipeline._history.track_process import process_of
from salesflow.rules.columns import Columns, Days, Frame, among, blank, either, engine_of, is_text

UNKNOWN: Final = NOWHERE
"""The code of an event whose label nobody knows."""
IGNORED: Final = UNKNOWN - 1
"""The code of an event whose label does not matter."""

_AT: Final = Fact("at", FactKind.DAY)
_RESERVED: Final = (
    *("kind", "from", "to", "at", "days"),
    *("events", "moves", "allowed", "deviations", "fitness"),
    *("stage", "check", "severity", "verdict"),
)


_OWN: Final = ("at", "order", "previous")


def read_log_options(  # noqa: PLR0913 - options, each with its name
    given: Arguments,
    events: object,
    *,
    case: str | None,
    stage: str | None,
    at: str | None,
    order: str | None,
    previous: str | None,
    stages: Mapping[str, str] | None,
    tz: str | None,
    as_of: date | None = None,
    needs_day: bool = False,
) -> FrameOptions:
    """What a call and its source say of a log; `columns` are those of `at`, `order`, `previous`.

    Who names no columns has those of tools for process mining.
    """
    own = zip(_OWN, (at, order, previous), strict=True)
    columns = {name: column for name, column in own if column is not None}
    said = Said(case, stage, columns, stages, tz=tz)
    options = read_options(
        given, events, said, as_of=as_of, needs_day=needs_day, reads=_OWN.__contains__
    )
    return replace(
        options,
        key="case:concept:name" if options.key is None else options.key,
        stage=options.stage if options.names_stage else "concept:name",
        columns={"at": "time:timestamp", **options.columns},
    )


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
        held: The code of events from which on a deal is on hold.
        message: What is said where something is wrong with it.
        rows: How many events.
        holds: How many of these are such events.
        parts: How many are of sub-stages, or lead from one.
        later: How many lie after `until`.
        unknown: Labels that nobody knows, with the number of their events; "" where it is missing.
        unknown_origins: The same of what events lead from.
        ignored: The same of labels that do not matter.
        read: What labels were read as that are no keys and that nobody explained.
    """

    frame: Frame
    whole: Frame
    until: date | None
    case: str
    stage: str
    eager: bool
    ordered: bool
    changes: bool
    held: int
    message: str
    rows: int = 0
    holds: int = 0
    parts: int = 0
    later: int = 0
    unknown: Mapping[str, int] = field(default_factory=dict)
    unknown_origins: Mapping[str, int] = field(default_factory=dict)
    ignored: Mapping[str, int] = field(default_factory=dict)
    read: FrameLabels = field(default_factory=FrameLabels)

    def up_to(self, until: date, course: Course) -> EventLog:
        """The log as it stood at the end of a day.

        Raises:
            FrameError: With everything that is wrong with its events.
        """
        with engine_errors(self.whole):
            return _looked_through(replace(self, until=until), course)


def process_and_log(
    given: Arguments,
    playbook: object,
    options: FrameOptions,
    *,
    message: str,
    track: str | None = None,
    ignore: Iterable[str] = (),
) -> tuple[Course, EventLog]:
    """The process, or that of one of its tracks, and the log up to the day that is asked on.

    Raises:
        FrameError: With everything that is wrong with the log.
        ArgumentError: The same, where an argument is among it.
        UnknownName: There is no such track.
    """
    whole = read_playbook(given, playbook, message)
    course = Course(whole if track is None else process_of(whole, track))
    until = options.day if options.dated else None
    log = read_log(given, course, options, message=message, ignore=ignore, until=until)
    return course, log


def read_log(
    given: Arguments,
    course: Course,
    options: FrameOptions,
    *,
    message: str,
    ignore: Iterable[str] = (),
    until: date | None = None,
) -> EventLog:
    """Read a log up to the end of a day; the `message` says what cannot be done with a wrong one.

    Raises:
        FrameError: With everything that is wrong.
        ArgumentError: The same, where an argument is among it.
    """
    if opened(options.frame).implementation.is_dask():
        raise FrameError(
            "Dask cannot put the events of a case in order.",
            hint="Pass events.compute(), or the same events in polars, DuckDB, Ibis or Spark.",
        )
    names = options.columns
    at, order, previous = names["at"], names.get("order"), names.get("previous")
    inputs = FrameColumns(given, Facts([_AT]), replace(options, columns={}))
    key = KeyColumn(inputs, options.key, path="case", reserved=_RESERVED)
    places = StageColumn(inputs, options.stage)
    before = None
    if previous is not None:
        before = StageColumn(inputs, previous, path="previous")
    inputs.hold("at", at, "at")
    labels, wrong = course.labels(options.stages)
    inputs.problems += wrong
    labels |= _ignored(given, ignore, options, inputs.problems)
    if order is not None and inputs.is_there(order, "order"):
        dtype = inputs.schema[order]
        if not (dtype.is_numeric() or dtype.is_temporal()):
            hint = reader_for(FactKind.NUMBER, order) if is_text(dtype) else "number the events"
            inputs.note("order", f"{order!r} holds no numbers", hint)
    source = inputs.source(_AT)
    with engine_errors(inputs.whole):
        timeless = source is not None and not isinstance(source, Days)
        size = inputs.whole.select(nw.len().alias("n"))
        if timeless and not inputs.problems and rows_of(size)[0]["n"]:
            inputs.note(at, "no event has a time", "every event needs one", "no_time")
        inputs.refuse(message)
        found = {
            "case": key.expr(),
            "label": places.label(),
            "at": inputs.taken(at),
            "keyless": key.is_missing(),
            "code": _coded(places, labels, inputs.engine.chained),
        }
        if before is not None:
            found |= {
                "origin": _coded(before, labels, inputs.engine.chained),
                "origin_label": before.label(),
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
        log = EventLog(
            frame=frame,
            whole=frame,
            until=until,
            case=key.name,
            stage=options.stage,
            eager=inputs.eager,
            ordered=order is not None,
            changes=before is not None,
            held=course.by_key[HELD].code,
            message=message,
        )
        return _looked_through(log, course, options.stages)


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


def _coded(places: StageColumn, labels: Mapping[str, int], chained: int) -> nw.Expr:
    label = places.label()
    code = coded(label, labels, chained)
    if "" in labels:
        code = nw.when(label.is_null()).then(nw.lit(labels[""])).otherwise(code)
    return code.cast(nw.Int64)


def _read(log: EventLog, course: Course, stages: Mapping[str, str]) -> EventLog:
    """The log with the labels that can be read, on whatever day they are."""
    columns = [("code", "label"), ("origin", "origin_label")][: 1 + log.changes]
    frame = log.whole
    for code, label in columns:
        strange = frame.filter(nw.col(code) == nw.lit(UNKNOWN))
        log.read.read("stage", labels_of(strange, nw.col(label)), course.reader, stages)
    log.read.settle()
    codes = {label: course.by_key[str(key)].code for label, key in log.read.of("stage").items()}
    for code, label in columns:
        read = coded(nw.col(label), codes, engine_of(frame).chained)
        known = nw.when(nw.col(code) == nw.lit(UNKNOWN)).then(read)
        frame = frame.with_columns(known.otherwise(nw.col(code)).cast(nw.Int64).alias(code))
    return replace(log, whole=frame)


def _looked_through(
    log: EventLog, course: Course, stages: Mapping[str, str] | None = None
) -> EventLog:
    """The log up to its last day; `stages` are what the caller says, where none was read yet."""
    frame, there = log.whole, nw.col("code") >= nw.lit(UNKNOWN)
    kept = there
    if log.until is not None:
        # The comparison of a missing time says nothing.
        after = (nw.col("day") > nw.lit(float(log.until.toordinal()))).fill_null(value=False)
        kept = there & ~after
    strange = nw.col("code") == nw.lit(UNKNOWN)
    if log.changes:
        strange = strange | _is_unknown_origin()
    counted = {
        "strange": strange,
        "all": there,
        "rows": kept,
        "keyless": there & nw.col("keyless"),
        "timeless": there & nw.col("time").is_null(),
        "unknown": kept & (nw.col("code") == nw.lit(UNKNOWN)),
        "ignored": ~there,
        "holds": kept & (nw.col("code") == nw.lit(log.held)),
    }
    parts = [node.code for node in course.nodes if not node.whole]
    named = [among(nw.col(name), parts) for name in ("code", "origin")[: 1 + log.changes]]
    counted["parts"] = kept & expr_of(either(*named))
    if log.changes:
        counted["origins"] = kept & _is_unknown_origin()
    if log.ordered:
        none = nw.col("order").is_null()
        if frame.collect_schema()["order"].is_float():  # NaN is missing in pandas, and so here
            none = none | nw.col("order").is_nan().fill_null(value=False)
        counted["orderless"] = there & none
    found = sums_of(frame, counted)
    if stages is not None and found["strange"]:
        return _looked_through(_read(log, course, stages), course)
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
        problems += strange_labels(replace(log, unknown=unknown), course)
    if problems:
        raise FrameError(log.message, problems=problems)
    return replace(
        log,
        frame=frame,
        rows=found["rows"],
        holds=found["holds"],
        parts=found["parts"],
        later=later,
        unknown=unknown,
        unknown_origins=origins,
        ignored=ignored,
    )


def strange_labels(log: EventLog, course: Course) -> list[Problem]:
    """Labels of events that nobody knows."""
    return problems_of_labels(log.stage, log.unknown, course.reader, "event")


def unexplained(log: EventLog, course: Course) -> list[Problem]:
    """What is to be said of them where each event matters, or is said not to."""
    return [
        replace(it, hint=f"{it.hint}, or that it does not matter: ignore=")
        for it in strange_labels(log, course)
    ]


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
