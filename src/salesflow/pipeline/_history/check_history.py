"""Does the course of the deals follow the playbook?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments
from salesflow._frozen import FrozenDict
from salesflow._result import keeping
from salesflow.errors import Problem
from salesflow.pipeline._frames.engines import engine_errors, rows_of, whole
from salesflow.pipeline._frames.source import FrameT, Source
from salesflow.pipeline._history.frames import MARKS, Found, frames
from salesflow.pipeline._history.log import EventLog, process_and_log, read_log_options
from salesflow.pipeline._history.process_graph import KINDS, START, Course, DeviationKind, GraphStep
from salesflow.pipeline._history.report import Deviation, HistoryReport
from salesflow.pipeline._history.steps import Pair, entered
from salesflow.playbook import Playbook
from salesflow.rules.columns import Frame

_MESSAGE: Final = "The history cannot be checked like this."


def check_history(  # noqa: PLR0913 - options, each with its name
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
) -> HistoryReport[FrameT]:
    """Compare a log of stages, one row per event, with the ways of a playbook.

    Each event says that a deal is in a stage from then on, or how it ended. The events of a case
    are put in order by their time. An event that names again the place where the deal is already,
    as histories of a CRM do when an amount changes, does not count as a move. One that is called
    `retracted` says that the outcome before it was taken back, and the next one where the deal goes
    on. `salesflow.stage_history` makes such a log of a deal's events.

    One that is called `held` says that the deal is on hold from then on, until the next event of
    any kind: `resumed`, or where it is, or how it ended. It is no move. Where the playbook's clocks
    rest while a deal is on hold (`pause_on_hold`), those days are part of no stay and of no cycle.
    A stay in a stage is that in all of its sub-stages together.

    What the playbook allows is allowed: its moves, whether they are a line or not; losing and
    disqualifying an open deal anywhere; winning it on leaving a stage that wins, or where a deal
    may end if none is marked so; and what its policy permits to anybody: skipping, going back to
    where the deal has been, starting later, taking up again what has ended, taking an outcome
    back. Moves that open a new deal are not moves of the deal itself.

    In a log of changes, as CRMs keep them for audits, each event says where it leads from, too:
    `previous` names that column. The first change of a case then says where it began, though not
    since when, so that such cases are counted in `unseen`, and how long they stayed there is not
    known. Where a change leads from elsewhere than the one before it led to, one is missing: `gap`.

    A log of stages may name stages where the playbook has sub-stages: the deal may then be in any
    of them. The frame is not changed, and the order of its rows means nothing.

    Args:
        events: A frame of any kind that narwhals knows; or a
            [`Source`][salesflow.pipeline.Source] of one, whose `key` is the column of the case,
            and whose `columns` are those of `at`, `order` and `previous`.
        playbook: The process.
        case: The column that says which deal. The columns that nobody names are those that tools
            for process mining use: `case:concept:name`, `concept:name` and `time:timestamp`.
        stage: The column of stages, sub-stages, and ends of deals.
        at: The column of times: dates or datetimes.
        order: A column that numbers the events of a case, where times are not to be trusted.
        previous: In a log of changes, the column of where each event leads from. Where it is
            missing, the event says only where the deal is.
        stages: Label and stage, sub-stage, `won`, `lost`, `disqualified`, `ended`, `retracted`,
            `held` or `resumed`, for labels that are neither such a key or its title nor a usual
            word for it, however they are written.
        ignore: Labels that do not matter; "" stands for missing ones. Their events count nowhere
            but in `ignored` of the report.
        tz: Where calendar days begin, for times with a zone; in UTC if nobody says it. Stays are
            differences of days.
        as_of: The day of the report, of a moment with a zone its day in `tz`. Later events are not
            looked at, but counted in `later` of the report; deals that have not ended by then have
            been where they are up to this day. Without it all events count, and nobody says that
            such deals have been there too long.
        track: The key of one of the playbook's tracks: then the log is one of the states of that,
            as `Progress.tracks` keeps them, and is compared with the ways and limits of the track.

    Raises:
        UnknownName: The playbook has no such track.
        FrameError: `problems` lists everything that is wrong: columns that are not there or of the
            wrong type, events without a case, a time or a number (NaN counts as missing), no
            label that is known. Frames of Dask, which cannot put events in order.
        ArgumentError: An argument is of the wrong kind; `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> log = pl.DataFrame(
        ...     {
        ...         "deal": ["D-1", "D-1", "D-2", "D-2", "D-2"],
        ...         "phase": ["Plan", "Demand", "Plan", "Lost", "Demand"],
        ...         "since": [date(2026, 1, day) for day in (5, 9, 5, 7, 8)],
        ...     }
        ... )
        >>> report = check_history(
        ...     log,
        ...     load_playbook("optimized_sales_process"),
        ...     case="deal",
        ...     stage="phase",
        ...     at="since",
        ...     stages={
        ...         "Plan": "territory_account_plan",
        ...         "Demand": "demand_generation",
        ...         "Lost": "lost",
        ...     },
        ... )
        >>> report
        <HistoryReport: 2 cases, 3 moves, 1 deviation, 1 case conforms>
        >>> report.deviations.select("deal", "kind", "from", "to").rows()
        [('D-2', 'after_end', 'lost', 'demand_generation')]
        >>> report.cases.sort("deal").select("deal", "moves", "fitness").rows()
        [('D-1', 1, 1.0), ('D-2', 2, 0.5)]
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
    return _compared(log, course)


def as_of_day(report: HistoryReport[Any], day: date) -> HistoryReport[Any]:
    """The report of the same log as it stood on a day."""
    found: Found = report._kept("_found")  # noqa: SLF001 - siblings
    if found.log.until == day:
        return report
    log = found.log.up_to(day, found.course)
    if found.log.until is None and not log.later:
        return report
    return _compared(log, found.course)


def of_another_playbook(report: HistoryReport[Any], playbook: Playbook) -> list[Problem]:
    """What is wrong with a report of a log that was compared with another playbook."""
    if report.playbook == playbook:
        return []
    message = f"it was compared with another playbook, {report.playbook.id}"
    hint = "pass that of check_history with the same playbook"
    return [Problem("history", message, hint)]


def _compared(log: EventLog, course: Course) -> HistoryReport[FrameT]:
    with engine_errors(log.frame):
        frame = entered(log, course, log.until)
        if log.eager and isinstance(frame, nw.LazyFrame):
            frame = frame.collect()  # worked out once, for all that is asked of it
        return _report(frame, log, course)


def _report(frame: Frame, log: EventLog, course: Course) -> HistoryReport[FrameT]:
    way_of = ("before", "code", "seen", "unseen", "entry")
    placed = frame.filter(nw.col("placed")).select(
        *way_of, *(nw.col(mark).cast(nw.Int64) for mark in MARKS)
    )
    rows = rows_of(
        placed.group_by(*way_of).agg(nw.len().alias("n"), *(nw.col(mark).sum() for mark in MARKS))
    )
    steps: dict[Pair, GraphStep] = {}
    often: Counter[tuple[DeviationKind, str | None, str | None]] = Counter()
    codes: set[int] = set()
    moves = allowed = unseen = 0
    for row in rows:
        pair = source, target, seen = int(row["before"]), int(row["code"]), bool(row["seen"])
        count = int(row["n"])
        codes |= {source, target}
        way = None if source == START else course.nodes[source].key, course.nodes[target].key
        often["tied", *way] += int(row["tied"])
        often["out_of_order", *way] += int(row["disordered"])
        often["too_long", way[1], None] += int(row["late"])
        whole_stage = course.nodes[target].stage
        often["too_long", course.nodes[whole_stage].key, None] += int(row["overstayed"])
        codes.add(whole_stage)
        if row["unseen"] and source == START:
            unseen += count
        elif row["unseen"]:
            often["gap", *way] += count
        elif row["entry"]:
            step = steps[pair] = course.step(source, target, seen=seen)
            if source != START:
                moves += count
                allowed += count * step.allowed
            if step.kind is not None:
                often[step.kind, *way] += count
    for label, count in log.unknown.items():
        often["unknown_label", None, label] += count
    counts: dict[DeviationKind, int] = dict.fromkeys(KINDS, 0)
    for (kind, _, _), count in often.items():
        counts[kind] += count
    found = Found(log, frame, course, steps, frozenset(codes - {START}), counts)
    made = frames(found)
    cases = _cases_of(made["cases"]())
    return keeping(
        HistoryReport(
            rows=log.rows,
            later=log.later,
            ignored=FrozenDict(log.ignored),
            as_of=log.until,
            counts=FrozenDict(counts),
            unknown_labels=FrozenDict(Counter(log.unknown) + Counter(log.unknown_origins)),
            labels=log.read.told,
            cases_total=cases[0],
            unseen=unseen,
            conforming=cases[1],
            moves=moves,
            fitness=allowed / moves if moves else None,
            frequent=tuple(
                Deviation(kind=kind, source=source, target=target, count=count)
                for (kind, source, target), count in sorted(
                    often.items(),
                    key=lambda item: (-item[1], KINDS.index(item[0][0]), str(item[0])),
                )
                if count
            ),
        ),
        _found=found,
        _frames=made,
        _playbook=course.playbook,
    )


def _cases_of(cases: object) -> tuple[int, int]:
    frame: Frame = nw.from_native(cases)
    clean = (nw.col("deviations") == nw.lit(0)).cast(nw.Int64)
    row = rows_of(frame.select(nw.len().alias("n"), clean.sum().alias("clean")))[0]
    return whole(row["n"]), whole(row["clean"])
