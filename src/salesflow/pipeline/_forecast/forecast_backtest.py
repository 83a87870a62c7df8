"""Whether forecasts would have been right: each past day's, against what came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

import narwhals.stable.v2 as nw

from salesflow._arguments import Arguments, number_to
from salesflow._frozen import FrozenDict
from salesflow._result import keeping
from salesflow.errors import Problem
from salesflow.money import Rates
from salesflow.pipeline._forecast.backtest_figures import (
    calibrated,
    coverage_of,
    errors_of,
    errors_of_known,
)
from salesflow.pipeline._forecast.backtest_values import ForecastBacktest
from salesflow.pipeline._forecast.course_ends import ends_in
from salesflow.pipeline._forecast.learned_places import LearnedPlaces
from salesflow.pipeline._forecast.past import DealAmounts, Past
from salesflow.pipeline._forecast.past_forecasts import PastForecasts, Spans
from salesflow.pipeline._forecast.periods import Period, PeriodLength
from salesflow.pipeline._frames.amounts import currency_said
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import engine_errors, opened, rows_of, whole
from salesflow.pipeline._frames.mapping_file import Said, Scale
from salesflow.pipeline._frames.options import read_options, refusal
from salesflow.pipeline._frames.source import FrameT, Source
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._history.log import EventLog, process_and_log, read_log_options, unexplained
from salesflow.pipeline._history.snapshots import read_wanted_days, unfit_deals
from salesflow.pipeline._intervals import CONFIDENCE, read_confidence
from salesflow.playbook import Playbook

_MESSAGE: Final = "The forecasts of these days cannot be told like this."
_HIDDEN: Final = ("outcome", "sub_stage")  # where deals stand, the log says
_MOST_BINS: Final = 100


def forecast_backtest(  # noqa: PLR0913 - options, each with its name
    events: FrameT | Source[FrameT],
    playbook: Playbook,
    *,
    days: date | Iterable[date],
    deals: FrameT | Source[FrameT],
    periods: PeriodLength | Iterable[Period] = "quarter",
    fiscal_start: int = 1,
    as_of: date | None = None,
    case: str | None = None,
    stage: str | None = None,
    at: str | None = None,
    order: str | None = None,
    previous: str | None = None,
    stages: Mapping[str, str] | None = None,
    ignore: Iterable[str] = (),
    columns: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str | None = None,
    bins: int = 10,
    confidence: float = CONFIDENCE,
) -> ForecastBacktest:
    """Whether forecasts would have been right: each past day's, against what came.

    On each day the forecast is of the period in which the day lies: what is won in it already, and
    each open deal with the chance that it is won by the end of the period. The chances are those
    that [`win_chances`][salesflow.pipeline.win_chances] learns from the log up to the end of the
    day: of the deals that still stood, for about as long, where the deal stands, the share that was
    won within as many days as are left (`standing`). Their sum is that of
    [`sum_of`][salesflow.pipeline.sum_of]. Nothing that lies after the day changes its forecast:
    neither events nor deals that came later.

    What came is the amount of the deals that are won at the end of the period, and were so in it;
    `actual_known` is the part of it that came of deals that were open or won on the day. The
    forecast is of these: how much new deals bring that come and are won within the period, it does
    not know. Beside it stand three plain ones: the open deals weighted by the probability that
    their stage has in the playbook, what came in the period before, and what the owners call
    commit, where the frame of deals has a column of `forecast.owner_call`.

    Amounts and calls are those of the frame of deals, as they are in it and not as they were on the
    day. Where amounts are corrected when a deal is won, all forecasts look better than they were.

    Where fewer than 10 deals ended, a place tells no chance. Open deals without a chance are not
    counted, and `reason` says so; where they hold more than a tenth of the open amount, there is no
    forecast but that reason.

    The engine of the frames counts and adds up, by day, place and how long deals stood there; of
    single deals only the 200 largest of each day are fetched. The frames are not changed, and the
    order of rows means nothing.

    Args:
        events: The log of stages, one row per event, as for `check_history`.
        playbook: The process.
        days: The day or days, in any order, each within the history.
        deals: One row per deal with its amount, with the log's name for the column of the case, or
            a source that says its `key`, in a frame of the same kind. Deals without an amount from
            0 on count as such that bring nothing.
        periods: `month`, `quarter` or `year`; or any periods, of which no two share a day.
        fiscal_start: The month in which the fiscal year begins.
        as_of: The day up to which the history is known; by default that of its last event. Periods
            that end later are not over.
        case: The column of the log that says which deal.
        stage: Its column of stages, sub-stages, and ends of deals.
        at: Its column of times.
        order: A column that numbers the events of a case.
        previous: In a log of changes, the column of where each event leads from.
        stages: Label and stage, sub-stage, `won`, `lost`, `disqualified`, `ended`, `retracted`,
            `held` or `resumed`.
        ignore: Labels that do not matter.
        columns: Fact and column of the deals, where a column is not named like the fact it holds.
        values: By fact, what values of its column stand for.
        rates: To convert amounts that are in another currency into the playbook's. Amounts without
            a rate do not count.
        currency: In what amounts are of which neither a column nor the playbook says it.
        scale: How many units an amount of a column counts: `{"amount": 10_000}` where it is in 万.
        tz: Where calendar days begin.
        bins: Into how many equal parts chances from 0 to 1 are divided to see whether they came
            true, up to 100.
        confidence: Of the intervals of shares, above 0 and below 1.

    Raises:
        FrameError: `problems` lists everything that is wrong with the frames, as for
            `check_history`; also labels that nobody knows, a frame of deals without amounts, and
            calls that are no forecast category.
        ArgumentError: An argument is of the wrong kind, a day lies before or after the history or
            in none of the periods, or periods share a day; `problems` lists the same.

    Example:
        >>> import polars as pl
        >>> from datetime import timedelta
        >>> from salesflow import load_playbook
        >>> begin = date(2025, 1, 1)
        >>> log = pl.DataFrame(
        ...     [
        ...         (n, label, begin + timedelta(days=4 * n + days))
        ...         for n in range(160)
        ...         for label, days in (
        ...             ("demand_generation", 0),
        ...             (("won", "lost", "lost", "won")[n % 4], 20 + n * 7 % 30),
        ...         )
        ...     ],
        ...     schema=["deal", "phase", "since"],
        ...     orient="row",
        ... )
        >>> found = forecast_backtest(
        ...     log,
        ...     load_playbook("optimized_sales_process"),
        ...     days=[date(2026, month, 10) for month in (1, 4, 7)],
        ...     deals=pl.DataFrame({"deal": range(160), "amount": [1_000.0] * 160}),
        ...     case="deal",
        ...     stage="phase",
        ...     at="since",
        ... )
        >>> for it in found.days:
        ...     print(
        ...         it.day,
        ...         it.period.name,
        ...         it.open,
        ...         round(it.learned.mean),
        ...         it.actual_known,
        ...         it.actual,
        ...     )
        2026-01-10 2026-Q1 8 5086 5000.0 11000.0
        2026-04-10 2026-Q2 10 6000 6000.0 10000.0
        2026-07-10 2026-Q3 8 4966 6000.0 13000.0
    """
    given = Arguments()
    confidence = read_confidence(given, confidence)
    bins = given.read(number_to, bins, _MOST_BINS, "bins") or 1
    log_options = read_log_options(
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
    wanted = read_wanted_days(given, days, log_options.zone)
    told = Said(columns=columns, values=values, currency=currency, scale=scale, tz=tz)
    options = read_options(given, deals, told, as_of=as_of, rates=rates)
    spans = Spans(given, periods, fiscal_start, wanted)
    course, log = process_and_log(given, playbook, log_options, message=_MESSAGE, ignore=ignore)
    key = options.key or log.case
    options = replace(options, key=key)
    problems = [*unexplained(log, course), *unfit_deals(log, opened(options.frame), key)]
    first, last = _edges(log)
    if first is None or last is None:
        problems.append(Problem("events", "there is no event", "pass the log of stages"))
        raise refusal(given, _MESSAGE, problems)
    until = log.until or last
    _check_days(given, wanted, first, until)
    if problems or given.problems:
        raise refusal(given, _MESSAGE, problems)
    read = Deals(
        given,
        course.playbook,
        options,
        message=_MESSAGE,
        hidden=_HIDDEN.__contains__,
        needs_stage=lambda _: False,
    )
    amounts = DealAmounts(read)
    lasts = {it.last for it in spans.of.values() if it.last <= until}
    lasts |= {it.last for it in spans.before.values() if it is not None and it.first >= first}
    past = Past(log, course, amounts).on({day: it.last for day, it in spans.of.items()}, lasts)
    lines = PastForecasts(past, spans, course, first, until, has_calls=amounts.has_calls)
    for day in wanted:
        then = log.up_to(day, course)
        with engine_errors(then.frame):
            ends = ends_in(None, then, course, day)
        lines.add(day, LearnedPlaces(ends, course, confidence).places)
    said = currency_said(read.columns, options, course.playbook.currency)
    found = tuple(lines.days)
    reasons = lines.reasons
    keys = [node.key for node in course.nodes]
    return keeping(
        ForecastBacktest(
            until=until,
            currency=said,
            days=found,
            methods=FrozenDict(errors_of(found, said or "amount", reasons)),
            known=errors_of_known(found, said or "amount", reasons),
            coverage=coverage_of(found, reasons, confidence),
            coverage_known=coverage_of(found, reasons, confidence, known=True),
            calibration=calibrated(lines.said, keys, bins, confidence),
            periods=len({it.period.name for it in found if it.actual is not None}),
            confidence=confidence,
            labels=FrozenDict({**read.columns.labels.told, **log.read.told}),
        ),
        _playbook=course.playbook,
    )


def _edges(log: EventLog) -> tuple[date | None, date | None]:
    """The days of the first and of the last event."""
    with engine_errors(log.frame):
        found = rows_of(log.frame.select(first=nw.col("day").min(), last=nw.col("day").max()))[0]
    first, last = (whole(found[name]) for name in ("first", "last"))
    return (date.fromordinal(first), date.fromordinal(last)) if first and last else (None, None)


def _check_days(given: Arguments, days: Iterable[date], first: date, until: date) -> None:
    for day in days:
        if day < first:
            message = f"{day.isoformat()} is before the history begins on {first.isoformat()}"
            given.problems.append(Problem("days", message, "ask of a later day"))
        elif day > until:
            message = f"{day.isoformat()} is after the history, which ends on {until.isoformat()}"
            given.problems.append(Problem("days", message, "ask of an earlier day"))
