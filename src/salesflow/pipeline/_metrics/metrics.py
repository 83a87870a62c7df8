"""The figures that people ask of a pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, overload

from salesflow._arguments import Arguments, number_to
from salesflow._result import keeping
from salesflow.money import Rates
from salesflow.pipeline._day_figures import DayFigures
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.groups import MOST_GROUPS, Grouping
from salesflow.pipeline._frames.mapping import FrameMapping
from salesflow.pipeline._frames.mapping_file import Said, Scale
from salesflow.pipeline._frames.options import FrameOptions, read_options, read_playbook
from salesflow.pipeline._frames.source import Source
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._history.check_history import (
    as_of_day,
    check_history,
    of_another_playbook,
)
from salesflow.pipeline._history.frames import Found
from salesflow.pipeline._history.report import HistoryReport
from salesflow.pipeline._intervals import CONFIDENCE, read_confidence
from salesflow.pipeline._metrics.figures import LogFigures, figures_of
from salesflow.pipeline._metrics.grouped import RESERVED, GroupedMetrics, MetricGroup
from salesflow.pipeline._metrics.snapshot import Snapshots, look_at
from salesflow.pipeline._metrics.stage_figures import HistoryFigures
from salesflow.pipeline._metrics.values import Metrics
from salesflow.playbook import Playbook
from salesflow.rules.columns import Frame, schema_of

_MESSAGE: Final = "These figures cannot be worked out like this."
_TOP: Final = 20


@overload
def metrics(
    frame: object,
    playbook: Playbook,
    *,
    key: str | None = None,
    as_of: date,
    by: None = None,
    top: int = _TOP,
    stage: str | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    history: object = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
    confidence: float = CONFIDENCE,
) -> Metrics: ...


@overload
def metrics(
    frame: object,
    playbook: Playbook,
    *,
    key: str | None = None,
    as_of: date,
    by: str | Iterable[str],
    top: int = _TOP,
    stage: str | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    history: object = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
    confidence: float = CONFIDENCE,
) -> GroupedMetrics: ...


def metrics(  # noqa: PLR0913 - options, each with its name
    frame: object,
    playbook: Playbook,
    *,
    key: str | None = None,
    as_of: date,
    by: str | Iterable[str] | None = None,
    top: int = _TOP,
    stage: str | None = None,
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    history: object = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
    confidence: float = CONFIDENCE,
) -> Metrics | GroupedMetrics:
    """The figures of a pipeline: win rate, cycle, velocity, conversion, time in stage and others.

    Each says its unit, how many deals it is worked out from, and its `source`: the frame itself,
    which is a snapshot with one row per deal, or the history. A figure that neither can tell has
    no value, but a reason. [`Metrics`][salesflow.pipeline.Metrics] defines the figures.

    From the frame come counts, values, the win rate, the cycle (`created_on`, `closed_on`), the
    velocity, slippage (`expected_close_on`) and age. From the history come conversion and time in
    each stage, and the cycle where the frame has no such dates: from the first event of a case to
    the one that says that it is won.

    By group, each group has all of these figures, beside those of all deals. Those of stages need
    a history in a frame of the same kind as that of the deals, in which a deal has the same key.

    Days are calendar days. The frame is not changed, and the order of its rows means nothing.

    Args:
        frame: One row per deal, of any kind that narwhals knows; or a
            [`Source`][salesflow.pipeline.Source], a frame with what is said of it.
        playbook: The process.
        key: The column that identifies a deal; no two rows may share a value. It may be left out,
            as most that follow, where the frame is a source that says it.
        as_of: The day of the figures; of a moment with a zone, its day in `tz`. They see nothing
            that lies after it. Rows that were created or closed later, or came later to where they
            are, are left out and counted in `later`; events of the history in `later_events`. For
            the figures of earlier days see [`snapshots`][salesflow.pipeline.snapshots].
        by: What to group the deals by: facts that have a column, whose values are what checks read
            (labels of a list as its words, a flag in words as "yes", "no" and "unknown", and others
            as `values` says), or columns of the frame, whose values are taken as they are; or
            "stage", where a deal stands; or "cycle", the last selling-cycle number that it has
            reached, unless a column is called so. Deals without a value are a group, too. One name
            or several.
        top: How many groups to show, 1 to 200, those of most deals first. All others together are
            `others` of the result.
        stage: The column of the stage, if it is not called `stage`.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`.
        values: By fact, what values of its column stand for.
        history: What `check_history` gave for the log of stages, whatever its own day; or the log
            itself, if it has the column names of tools for process mining and the labels of
            `stages`; or a source of it, which says its own.
        rates: To convert amounts that are in another currency into the
            playbook's currency. An amount without a rate is not counted, and the `reason` of
            each figure that it is missing from says how many there are.
        currency: In what amounts are of which neither a column nor the playbook says it; they are
            converted, too. Without it, they count as amounts in the playbook's currency.
        scale: How many units an amount of a column counts: `{"amount": 10_000}` where it is in 万.
            What `read_numbers` read with a unit of its own, such as `86万`, counts none of these.
        tz: Where calendar days begin, for columns of moments and for `as_of`; in UTC if nobody
            says it.
        confidence: Of the intervals of all shares, above 0 and below 1.

    Returns:
        The figures; with `by`, those of all deals and of each group.

    Raises:
        FrameError: `problems` lists everything that is wrong with the frame, including
            probabilities that are not between 0 and 1 and outcomes that nobody explained. As for
            `check_history`, a history in a frame of Dask, or moments whose day the engine cannot
            tell.
        ArgumentError: An argument is of the wrong kind; `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from salesflow import load_playbook
        >>> deals = pl.DataFrame(
        ...     {
        ...         "id": ["D-1", "D-2", "D-3"],
        ...         "stage": ["won", "lost", "demand_generation"],
        ...         "amount": [40_000, 10_000, 60_000],
        ...         "created_on": [date(2026, 1, day) for day in (1, 2, 3)],
        ...         "closed_on": [date(2026, 1, 31), date(2026, 1, 20), None],
        ...     }
        ... )
        >>> found = metrics(
        ...     deals, load_playbook("optimized_sales_process"), key="id", as_of=date(2026, 3, 1)
        ... )
        >>> found.win_rate.value, found.win_rate.source, found.win_rate.rows
        (0.5, 'snapshot', 2)
        >>> round(found.win_rate.low, 3), round(found.win_rate.high, 3)
        (0.095, 0.905)
        >>> found.cycle_median.value, found.older_than_longest_won.value
        (30.0, 1)
        >>> round(found.velocity.value, 2), found.velocity.unit
        (666.67, 'amount per day')
        >>> found.stages["demand_generation"].conversion.reason
        'needs history=, a log of stages; one row per deal does not tell'
        >>> by_owner = metrics(
        ...     deals.with_columns(owner=pl.Series(["li", "wang", "li"])),
        ...     load_playbook("optimized_sales_process"),
        ...     key="id",
        ...     as_of=date(2026, 3, 1),
        ...     by="owner",
        ... )
        >>> [(group.values, group.figures.win_rate.value) for group in by_owner.groups]
        [(('li',), 1.0), (('wang',), 0.0)]
        >>> by_owner.all == found
        True
    """
    given = Arguments()
    told = Said(key, stage, columns, stages, values, currency, scale, tz)
    options = read_options(given, frame, told, as_of=as_of, rates=rates, needs_day=True)
    playbook = read_playbook(given, playbook, _MESSAGE)
    if isinstance(history, HistoryReport):
        given.problems += of_another_playbook(history, playbook)
    confidence = read_confidence(given, confidence)
    hint = "the other groups are told together"
    top = given.read(number_to, top, MOST_GROUPS, "top", hint) or 1
    deals = Deals(given, playbook, options, message=_MESSAGE)
    grouping = None if by is None else Grouping(deals.columns, by, RESERVED)
    found = look_at(deals, grouping, top)
    if history is not None and not isinstance(history, HistoryReport):
        history = _history(history, playbook, options)
    report = None if history is None else as_of_day(history, options.day)
    together = None if report is None else _told(report, HistoryFigures(_found_in(report)))
    all_deals = figures_of(found.all, playbook, confidence, together)
    if grouping is None or found.chosen is None:
        return all_deals
    parts = _by_group(found, playbook, confidence, report)
    shown = len(found.chosen.texts)
    return keeping(
        GroupedMetrics(
            by=grouping.names,
            all=all_deals,
            groups=tuple(
                MetricGroup(values=grouping.values(texts), figures=figures)
                for texts, figures in zip(found.chosen.texts, parts, strict=False)
            ),
            others=parts[shown] if found.chosen.others else None,
            others_total=found.chosen.others,
        ),
        _playbook=playbook,
    )


def _history(history: object, playbook: Playbook, options: FrameOptions) -> HistoryReport[object]:
    """The report of a log, which has the labels of the deals if it does not say its own."""
    log: Source[Any] = history if isinstance(history, Source) else Source(history)
    said = FrameMapping(stages=options.stages, tz=options.tz) | log.mapping
    return check_history(Source(log.frame, said), playbook, as_of=options.day)


def _found_in(report: HistoryReport[object]) -> Found:
    found: Found = report._kept("_found")  # noqa: SLF001 - siblings
    return found


def _told(report: HistoryReport[object], told: HistoryFigures) -> LogFigures:
    """What a history says of all deals."""
    none = DayFigures({}), 0
    passages = told.passages[0]
    return LogFigures(passages, lambda: told.cycles.get(0, none), report.rows, report.later)


def _by_group(
    found: Snapshots, playbook: Playbook, confidence: float, report: HistoryReport[object] | None
) -> list[Metrics]:
    """The figures of each group, by its number."""
    numbered = list(enumerate(found.groups))
    if report is None or found.keys is None:
        return [figures_of(part, playbook, confidence) for _, part in numbered]
    history = _found_in(report)
    apart = _cannot_be_joined(history.frame, found.keys)
    if apart:
        return [figures_of(part, playbook, confidence, no_log=apart) for _, part in numbered]
    told = HistoryFigures(history, found.keys)
    return [
        figures_of(part, playbook, confidence, _of_group(told, number)) for number, part in numbered
    ]


def _of_group(told: HistoryFigures, number: int) -> LogFigures:
    none = DayFigures({}), 0
    passages = told.passages.get(number, told.no_passages)
    return LogFigures(passages, lambda: told.cycles.get(number, none))


def _cannot_be_joined(events: Frame, keys: Frame) -> str:
    """Why the events are not those of the deals to an engine, if they are not."""
    if (events.implementation, type(events)) != (keys.implementation, type(keys)):
        return "needs the log in a frame of the same kind as that of the deals"
    held, named = schema_of(events)["case"], schema_of(keys)["case"]
    return "" if held == named else f"needs the key in one type: {named} here, {held} in the log"
