"""What has changed since last time: two snapshots, or two reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, tzinfo
from typing import Any, Final, overload

from salesflow._arguments import Arguments, day, describe
from salesflow._result import keeping
from salesflow.errors import ArgumentError, Problem
from salesflow.money import Rates
from salesflow.pipeline._checks.report import PipelineReport
from salesflow.pipeline._checks.since import ReportChanges
from salesflow.pipeline._checks.views import refuse_double
from salesflow.pipeline._frames.mapping_file import Said, Scale
from salesflow.pipeline._frames.options import read_options, read_playbook, refusal
from salesflow.pipeline._frames.source import FrameT, Source
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._movement.changes import COLUMNS, PipelineChanges
from salesflow.pipeline._movement.pairs import Pairs
from salesflow.pipeline._movement.side import MESSAGE, Side
from salesflow.playbook import Playbook

_PAIR: Final = 2


@overload
def compare(
    before: PipelineReport[FrameT], after: PipelineReport[FrameT]
) -> ReportChanges[FrameT]: ...
@overload
def compare(
    before: FrameT | Source[FrameT],
    after: FrameT | Source[FrameT],
    playbook: Playbook,
    *,
    key: str | None = None,
    as_of: date | None = None,
    period: tuple[date, date] | None = None,
    stage: str | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
) -> PipelineChanges[FrameT]: ...
def compare(  # noqa: PLR0913 - options, each with its name
    before: Any,
    after: Any,
    playbook: Playbook | None = None,
    *,
    key: str | None = None,
    as_of: date | None = None,
    period: tuple[date, date] | None = None,
    stage: str | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
) -> PipelineChanges[Any] | ReportChanges[Any]:
    """What has changed between two snapshots of a pipeline, or between two reports.

    Two frames of one kind with one row per deal, such as the exports of two Mondays or two days of
    [`snapshots`][salesflow.pipeline.snapshots], give
    [`PipelineChanges`][salesflow.pipeline.PipelineChanges]: deals that are new, gone, won, lost,
    moved, slipped, grown or shrunk, and how the value of the pipeline came from what it was to what
    it is. Two reports of `check_pipeline` give what the later one says
    [since][salesflow.pipeline.PipelineReport.since] the earlier.

    One aggregate query per frame looks for what is wrong with it, and one more counts; no rows are
    fetched. The frames are not changed, and the order of their rows means nothing.

    Args:
        before: The earlier frame, or a [`Source`][salesflow.pipeline.Source], a frame with what is
            said of it; or the earlier report.
        after: The later one, of the same kind. Lazy frames have to be known to one session: those
            of DuckDB to one connection.
        playbook: The process; of reports, their own.
        key: The column that identifies a deal; in no frame may two rows share a value. It may be
            left out, as all that follow, where the frames are sources that say it.
        as_of: The day of `rates` that are those of today. Rows of either frame that lie after it
            are left out, and counted in `later`.
        period: The first and the last day of a period. The pipeline is then made up of the open
            deals that are expected to close in it, and deals slip in and out.
        stage: The column of the stage.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`.
        values: By fact, what values of its column stand for.
        rates: To convert amounts that are in another currency into the
            playbook's currency. Amounts without a rate count as missing, and in `unreadable`.
        currency: In what amounts are of which neither a column nor the playbook says it; they are
            converted, too. Without it, they count as amounts in the playbook's currency.
        scale: How many units an amount of a column counts: `{"amount": 10_000}` where it is in 万.
            What `read_numbers` read with a unit of its own, such as `86万`, counts none of these.
        tz: Where calendar days begin, for columns of moments and for `as_of`.

    Raises:
        FrameError: `problems` lists everything that is wrong with the frames, each with "before"
            or "after"; also where they are of two kinds, their keys of two types, or only one of
            them has amounts or expected close dates.
        ArgumentError: An argument is of the wrong kind; `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> monday = pl.DataFrame(
        ...     {
        ...         "id": ["D-1", "D-2", "D-3"],
        ...         "stage": ["demand_generation", "opportunity_plan", "opportunity_plan"],
        ...         "amount": [40_000, 60_000, 10_000],
        ...     }
        ... )
        >>> friday = pl.DataFrame(
        ...     {
        ...         "id": ["D-1", "D-2", "D-4"],
        ...         "stage": ["opportunity_plan", "won", "demand_generation"],
        ...         "amount": [45_000, 60_000, 5_000],
        ...     }
        ... )
        >>> found = compare(monday, friday, load_playbook("optimized_sales_process"), key="id")
        >>> found.changes.select("id", "what").sort("id").rows()
        [('D-1', 'forward, grown'), ('D-2', 'won'), ('D-3', 'gone'), ('D-4', 'new')]
        >>> print(found.movement.opening.amount, found.movement.closing.amount)
        110000.00 50000.00
    """
    if isinstance(before, PipelineReport) or isinstance(after, PipelineReport):
        return _reports(before, after, given_more=playbook is not None)
    given = Arguments()
    told = Said(key, stage, columns, stages, values, currency, scale, tz)
    options = [
        read_options(given, frame, told, as_of=as_of, rates=rates) for frame in (before, after)
    ]
    days = None if period is None else _period(given, period, options[1].zone)
    playbook = read_playbook(given, playbook, MESSAGE)
    sides = (
        Side(given, playbook, options[0], "before"),
        Side(given, playbook, options[1], "after"),
    )
    for side in sides:
        side.look()
    problems = [problem for side in sides for problem in side.problems()]
    problems += _unfit(*sides, dated=days is not None)
    if problems or given.problems:
        raise refusal(given, MESSAGE, problems)
    refuse_double([sides[1].deals.key.name, *COLUMNS], sides[1].deals.columns.engine.name)
    pairs = Pairs(*sides, days)
    counts, moves, movement = pairs.counted()
    return keeping(
        PipelineChanges(
            before=sides[0].snapshot,
            after=sides[1].snapshot,
            counts=counts,
            moves=moves,
            movement=movement if sides[1].has("amount") else None,
            period=days,
        ),
        _made=pairs.changes,
        _playbook=sides[1].deals.playbook,
    )


def _reports(before: object, after: object, *, given_more: bool) -> ReportChanges[Any]:
    """The comparison of two reports."""
    problems = [
        Problem(name, f"must be a report like the other, not {describe(value)}", "pass two reports")
        for name, value in (("before", before), ("after", after))
        if not isinstance(value, PipelineReport)
    ]
    if given_more:
        message = "reports have their own"
        problems.append(Problem("playbook", message, "pass the two reports alone"))
    if problems or not (isinstance(before, PipelineReport) and isinstance(after, PipelineReport)):
        raise ArgumentError("These reports cannot be compared.", problems=problems)
    return after.since(before)


def _period(given: Arguments, period: object, place: tzinfo) -> tuple[date, date] | None:
    """The first and the last day; mistakes are noted."""
    if not isinstance(period, tuple | list) or len(period) != _PAIR:
        hint = "pass the first and the last day"
        message = f"must be two days, not {describe(period)}"
        given.problems.append(Problem("period", message, hint))
        return None
    first, last = (given.read(day, it, f"period[{n}]", place) for n, it in enumerate(period))
    if first is None or last is None:
        return None
    if last < first:
        message = f"it ends on {last.isoformat()}, before it begins on {first.isoformat()}"
        given.problems.append(Problem("period", message, "pass the earlier day first"))
    return first, last


def _unfit(before: Side, after: Side, *, dated: bool) -> Iterator[Problem]:
    """What is wrong with the two as a pair."""
    if before.kind != after.kind:
        message = f"it is {after.called}, and the one before {before.called}"
        yield Problem("after", message, "pass two frames of one kind", "kind")
    elif before.deals.key.usable and after.deals.key.usable:
        types = after.key_type, before.key_type
        if types[0] != types[1]:
            message = f"the keys are {types[0]}, and before {types[1]}"
            yield Problem(f"after: {after.deals.key.name}", message, "give both one type", "kind")
    for fact in ("amount", "expected_close_on"):
        held = before.has(fact), after.has(fact)
        if held[0] != held[1]:
            lacking = "after" if held[0] else "before"
            message = f"no column holds {fact}, and one of the other frame does"
            hint = f'name it: columns={{"{fact}": "…"}}'
            yield Problem(f"{lacking}: {fact}", message, hint, "no_column")
        elif dated and fact == "expected_close_on" and not held[0]:
            message = "it is asked of expected_close_on, which no column holds"
            hint = f'name it: columns={{"{fact}": "…"}}'
            yield Problem("period", message, hint, "no_column")
