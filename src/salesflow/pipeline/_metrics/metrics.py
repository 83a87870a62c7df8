"""The figures that people ask of a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from math import isfinite
from typing import Final

from salesflow._arguments import Arguments
from salesflow._frozen import FrozenDict
from salesflow.errors import Problem
from salesflow.money import Rates
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.options import Scale, read_options, read_playbook
from salesflow.pipeline._frames.value_maps import ValueMaps
from salesflow.pipeline._history.check_history import as_of_day, check_history
from salesflow.pipeline._history.report import HistoryReport
from salesflow.pipeline._metrics.snapshot import MESSAGE, Snapshot, look_at
from salesflow.pipeline._metrics.stage_figures import Passage, cycles, passages
from salesflow.pipeline._metrics.values import (
    DayFigures,
    FigureSource,
    Metric,
    Metrics,
    StageMetrics,
    velocity,
)
from salesflow.pipeline._wording import amount_of
from salesflow.playbook import Playbook

_NO_HISTORY: Final = "needs history=, a log of stages; one row per deal does not tell"
_P90: Final = 0.9


def metrics(  # noqa: PLR0913 - options, each with its name
    frame: object,
    playbook: Playbook,
    *,
    key: str,
    as_of: date,
    stage: str = "stage",
    columns: Mapping[str, str] | None = None,
    stages: Mapping[str, str] | None = None,
    values: ValueMaps | None = None,
    history: object = None,
    rates: Rates | None = None,
    currency: str | None = None,
    scale: Scale | None = None,
    tz: str = "UTC",
) -> Metrics:
    """The figures of a pipeline: win rate, cycle, velocity, conversion, time in stage and others.

    Each says its unit, how many deals it is worked out from, and its `source`: the frame itself,
    which is a snapshot with one row per deal, or the history. A figure that neither can tell has
    no value, but a reason. [`Metrics`][salesflow.pipeline.Metrics] defines the figures.

    From the frame come counts, values, the win rate, the cycle (`created_on`, `closed_on`), the
    velocity, slippage (`expected_close_on`) and age. From the history come conversion and time in
    each stage, and the cycle where the frame has no such dates: from the first event of a case to
    the one that says that it is won.

    Days are calendar days. The frame is not changed, and the order of its rows means nothing.

    Args:
        frame: One row per deal, of any kind that narwhals knows.
        playbook: The process.
        key: The column that identifies a deal; no two rows may share a value.
        as_of: The day of the figures; of a moment with a zone, its day in `tz`. They see nothing
            that lies after it. Rows that were created or closed later, or came later to where they
            are, are left out and counted in `later`; events of the history in `later_events`. For
            the figures of earlier days see [`snapshots`][salesflow.pipeline.snapshots].
        stage: The column of the stage.
        columns: Fact and column, where a column is not named like the fact it holds.
        stages: Label and stage, sub-stage, `won`, `lost` or `disqualified`.
        values: By fact, what values of its column stand for.
        history: What `check_history` gave for the log of stages, whatever its own day; or the log
            itself, if it has the column names of tools for process mining and the labels of
            `stages`.
        rates: To convert amounts that are in another currency into the
            playbook's currency. An amount without a rate is not counted, and the `reason` of
            each figure that it is missing from says how many there are.
        currency: In what amounts are of which neither a column nor the playbook says it; they are
            converted, too. Without it, they count as amounts in the playbook's currency.
        scale: How many units an amount of a column counts: `{"amount": 10_000}` where it is in 万.
        tz: Where calendar days begin, for columns of moments and for `as_of`.

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
        >>> found.win_rate
        Metric(value=0.5, unit='share', source='snapshot', rows=2, reason='')
        >>> found.cycle_median.value, found.older_than_longest_won.value
        (30.0, 1)
        >>> round(found.velocity.value, 2), found.velocity.unit
        (666.67, 'amount per day')
        >>> found.stages["demand_generation"].conversion.reason
        'needs history=, a log of stages; one row per deal does not tell'
    """
    given = Arguments()
    options = read_options(
        given,
        as_of=as_of,
        tz=tz,
        needs_day=True,
        key=key,
        stage=stage,
        columns=columns,
        stages=stages,
        values=values,
        rates=rates,
        currency=currency,
        scale=scale,
    )
    playbook = read_playbook(given, playbook, MESSAGE)
    if isinstance(history, HistoryReport) and history.playbook != playbook:
        message = f"it was compared with another playbook, {history.playbook.id}"
        hint = "pass that of check_history with the same playbook"
        given.problems.append(Problem("history", message, hint))
    snapshot = look_at(Deals(given, frame, playbook, options, message=MESSAGE))
    if history is not None and not isinstance(history, HistoryReport):
        history = check_history(history, playbook, stages=stages, tz=tz, as_of=options.day)
    report = None if history is None else as_of_day(history, options.day)
    return _figures(snapshot, playbook, report)


def _figures(
    snapshot: Snapshot, playbook: Playbook, report: HistoryReport[object] | None
) -> Metrics:
    counts, money = snapshot.counts, snapshot.currency or "amount"
    made: dict[str, Metric] = {
        name: Metric.of(counts[name], "deals", "snapshot", rows=counts["deals"], reason="no deal")
        for name in ("deals", "open", "won", "lost", "disqualified")
    }
    made["later"] = Metric(
        value=counts["later"], unit="rows", source="snapshot", rows=counts["rows"]
    )
    made["later_events"] = (
        Metric(value=None, unit="events", reason=_NO_HISTORY)
        if report is None
        else Metric(value=report.later, unit="events", source="history", rows=report.rows)
    )
    closed = counts["won"] + counts["lost"]
    rate, nobody = counts["won"] / closed if closed else None, "no deal was won or lost"
    made["win_rate"] = Metric.of(rate, "share", "snapshot", rows=closed, reason=nobody)
    made["open_value"] = _sum(snapshot, "open", "open_value", money, "no open deal has an amount")
    made["won_value"] = _sum(snapshot, "won", "won_value", money, "no won deal has an amount")
    neither = "no open deal has both an amount and a probability"
    made["weighted_pipeline"] = _sum(snapshot, "weighted", "weighted_pipeline", money, neither)
    worth = made["won_value"]
    mean = None if worth.value is None else worth.value / worth.rows
    made["average_size"] = worth.model_copy(update={"value": mean})
    made |= _cycle(snapshot, report)
    made["velocity"] = _velocity(made, money)
    made |= _lateness(snapshot)
    made["older_than_longest_won"] = _older(snapshot, made["cycle_longest"])
    return Metrics(**made, stages=FrozenDict(_stages(playbook, report)))


def _sum(snapshot: Snapshot, name: str, figure: str, unit: str, reason: str) -> Metric:
    lacking = snapshot.lacking.get(figure)
    if lacking:
        return Metric(value=None, unit=unit, reason=_no_column(lacking))
    # What is weighted is of open deals.
    of = "open" if name == "weighted" else name
    endless = snapshot.counts.get(f"endless_{of}", 0)
    rateless = snapshot.counts.get(f"rateless_{of}", 0)
    total = snapshot.sums.get(name)
    if endless:
        amounts = amount_of(endless, "amount is", "amounts are")
        return Metric(value=None, unit=unit, reason=f"{amounts} infinite")
    if total is not None and not isfinite(total):
        return Metric(value=None, unit=unit, reason="the sum is too large for a number")
    rows = snapshot.counts.get(f"with_{name}", 0)
    note = ""
    if rateless:
        note = f"{amount_of(rateless, 'amount has', 'amounts have')} no rate into {unit}"
    return Metric.of(total, unit, "snapshot", rows=rows, reason=note or reason, note=note)


def _no_column(facts: tuple[str, ...]) -> str:
    return f"no column holds {' and '.join(facts)}"


def _days(snapshot: Snapshot, name: str) -> tuple[DayFigures, str]:
    """The days, and why there are none where a column is missing."""
    days = snapshot.days[name]
    return (DayFigures({}), _no_column(snapshot.lacking[name])) if days is None else (days, "")


def _cycle(snapshot: Snapshot, report: HistoryReport[object] | None) -> dict[str, Metric]:
    days, reason = _days(snapshot, "cycle")
    source: FigureSource = "snapshot"
    notes: list[str] = []
    if reason and report is not None:
        days, unseen = cycles(report._kept("_found"))  # noqa: SLF001 - siblings
        source, reason = "history", ""
        if unseen:
            notes.append(f"{amount_of(unseen, 'won deal begins', 'won deals begin')} unseen")
    # Who was closed before being created was entered wrongly.
    usable = DayFigures({day: count for day, count in days.counts.items() if day >= 0})
    reversed_ = days.number - usable.number
    days = usable
    if reversed_:
        deals = amount_of(reversed_, "won deal was", "won deals were")
        notes.append(f"{deals} closed before being created")
    note = "; ".join(notes)
    reason = reason or note or "no won deal has both dates"
    return {
        f"cycle_{name}": Metric.of(
            value, "days", source, rows=days.number, reason=reason, note=note
        )
        for name, value in (
            ("median", days.quantile(0.5)),
            ("p90", days.quantile(_P90)),
            ("mean", days.mean),
            ("longest", days.longest),
        )
    }


def _velocity(made: Mapping[str, Metric], money: str) -> Metric:
    parts = [made[name] for name in ("open", "average_size", "win_rate", "cycle_mean")]
    unit = f"{money} per day"
    known = [part.value for part in parts if part.value is not None]
    if len(known) < len(parts):
        reason = next(part.reason for part in parts if part.value is None)
        return Metric(value=None, unit=unit, reason=reason)
    deals, size, rate, cycle = known
    if not cycle:
        return Metric(value=None, unit=unit, reason="won deals were closed on the day they began")
    source = parts[-1].source
    value, rows = velocity(deals, size, rate, cycle), made["deals"].rows
    # What is not counted there is not counted here.
    reason = "; ".join(filter(None, (made["average_size"].reason, parts[-1].reason)))
    return Metric(value=value, unit=unit, source=source, rows=rows, reason=reason)


def _lateness(snapshot: Snapshot) -> dict[str, Metric]:
    late, reason = _days(snapshot, "slippage")
    reason = reason or "no won or lost deal has both dates"
    past, why = _days(snapshot, "overdue")
    why = why or "no open deal has an expected close date"
    return {
        "slippage_median": Metric.of(
            late.quantile(0.5), "days", "snapshot", rows=late.number, reason=reason
        ),
        "slipped": _share(late, reason),
        "overdue": _share(past, why),
    }


def _share(days: DayFigures, reason: str) -> Metric:
    share = days.above(0) / days.number if days.number else None
    return Metric.of(share, "share", "snapshot", rows=days.number, reason=reason)


def _older(snapshot: Snapshot, longest: Metric) -> Metric:
    ages, reason = _days(snapshot, "age")
    if longest.value is None:
        return Metric(value=None, unit="deals", reason=longest.reason)
    return Metric.of(
        ages.above(longest.value),
        "deals",
        longest.source or "snapshot",
        rows=ages.number,
        reason=reason or "no open deal has a day of creation",
        note=longest.reason,
    )


def _stages(playbook: Playbook, report: HistoryReport[object] | None) -> dict[str, StageMetrics]:
    if report is None:
        none = {
            name: Metric(value=None, unit=unit, reason=_NO_HISTORY)
            for name, unit in (
                ("entered", "deals"),
                ("conversion", "share"),
                ("days_median", "days"),
                ("days_p90", "days"),
            )
        }
        return {stage.key: StageMetrics(**none) for stage in playbook.stages}
    found = passages(report._kept("_found"))  # noqa: SLF001 - siblings
    return {key: _stage(passage) for key, passage in found.items()}


def _stage(passage: Passage) -> StageMetrics:
    decided, days = passage.decided, passage.days
    nobody = "no deal that was here has left it"
    of_days = partial(Metric.of, unit="days", source="history", rows=days.number, reason=nobody)
    return StageMetrics(
        entered=Metric(value=passage.entered, unit="deals", source="history", rows=passage.entered),
        conversion=Metric.of(
            passage.went_on / decided if decided else None,
            "share",
            "history",
            rows=decided,
            reason="no deal that was here has gone on or ended",
        ),
        days_median=of_days(days.quantile(0.5)),
        days_p90=of_days(days.quantile(_P90)),
    )
