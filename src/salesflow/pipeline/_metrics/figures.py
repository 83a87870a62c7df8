"""The figures of some deals, from what their frame says and what their history says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Final, Protocol

from salesflow._frozen import FrozenDict
from salesflow._result import keeping
from salesflow.pipeline._day_figures import P90, DayFigures
from salesflow.pipeline._metrics.snapshot import Snapshot
from salesflow.pipeline._metrics.stage_figures import Passage
from salesflow.pipeline._metrics.values import (
    FigureSource,
    Metric,
    Metrics,
    StageMetrics,
    velocity,
)
from salesflow.pipeline._wording import amount_of
from salesflow.playbook import Playbook

NO_HISTORY: Final = "needs history=, a log of stages; one row per deal does not tell"
_TOGETHER: Final = "told of all deals together"
_NO_AMOUNT: Final = {
    "open": "no open deal has an amount",
    "commit": "no open deal that counts as commit has an amount",
    "best_case": "no open deal that counts as best case has an amount",
    "won": "no won deal has an amount",
}


@dataclass(frozen=True, slots=True)
class LogFigures:
    """What the history says of these deals.

    Attributes:
        passages: By stage, and by every sub-stage that occurs.
        cycles: Asks how long won deals took, and how many of them begin unseen.
        rows: The events that were looked at.
        later: Those after the day; None where nobody knows of which deals they are.
    """

    passages: Mapping[str, Passage]
    cycles: Callable[[], tuple[DayFigures, int]]
    rows: int = 0
    later: int | None = None


class Share(Protocol):
    """Makes a share of deals into a figure with its interval."""

    def __call__(self, part: int, rows: int, source: FigureSource, *, reason: str) -> Metric: ...


def figures_of(
    snapshot: Snapshot,
    playbook: Playbook,
    confidence: float,
    log: LogFigures | None = None,
    *,
    no_log: str = NO_HISTORY,
) -> Metrics:
    """The figures of some deals; without a log, those that need one say `no_log`."""
    counts, money = snapshot.counts, snapshot.currency or "amount"
    share = partial(Metric.share, confidence=confidence)
    made: dict[str, Metric] = {
        name: Metric.of(counts[name], "deals", "snapshot", rows=counts["deals"], reason="no deal")
        for name in ("deals", "open", "won", "lost", "disqualified")
    }
    made["later"] = Metric(
        value=counts["later"], unit="rows", source="snapshot", rows=counts["rows"]
    )
    made["later_events"] = _later_events(log, no_log)
    closed = counts["won"] + counts["lost"]
    made["win_rate"] = share(counts["won"], closed, "snapshot", reason="no deal was won or lost")
    for name, nothing in _NO_AMOUNT.items():
        made[f"{name}_value"] = _sum(snapshot, name, f"{name}_value", money, nothing)
    neither = "no open deal has both an amount and a probability"
    made["weighted_pipeline"] = _sum(snapshot, "weighted", "weighted_pipeline", money, neither)
    worth = made["won_value"]
    mean = None if worth.value is None else worth.value / worth.rows
    made["average_size"] = worth.model_copy(update={"value": mean})
    made |= _cycle(snapshot, log)
    made["velocity"] = _velocity(made, money)
    made |= _lateness(snapshot, share)
    made["older_than_longest_won"] = _older(snapshot, made["cycle_longest"])
    if log is None:
        stages = {stage.key: _untold(no_log) for stage in playbook.stages}
    else:
        stages = {key: _stage(passage, share) for key, passage in log.passages.items()}
    return keeping(
        Metrics(**made, stages=FrozenDict(stages), confidence=confidence, labels=snapshot.labels),
        _playbook=playbook,
    )


def _later_events(log: LogFigures | None, no_log: str) -> Metric:
    if log is None:
        return Metric(value=None, unit="events", reason=no_log)
    if log.later is None:
        return Metric(value=None, unit="events", reason=_TOGETHER)
    return Metric(value=log.later, unit="events", source="history", rows=log.rows)


def _sum(snapshot: Snapshot, name: str, figure: str, unit: str, reason: str) -> Metric:
    lacking = snapshot.lacking.get(figure)
    if lacking:
        return Metric(value=None, unit=unit, reason=no_column(lacking))
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


def no_column(facts: tuple[str, ...]) -> str:
    """Why there is no figure that needs these facts."""
    return f"no column holds {' and '.join(facts)}"


def _days(snapshot: Snapshot, name: str) -> tuple[DayFigures, str]:
    """The days, and why there are none where a column is missing."""
    days = snapshot.days[name]
    return (DayFigures({}), no_column(snapshot.lacking[name])) if days is None else (days, "")


def _cycle(snapshot: Snapshot, log: LogFigures | None) -> dict[str, Metric]:
    days, reason = _days(snapshot, "cycle")
    source: FigureSource = "snapshot"
    notes: list[str] = []
    if reason and log is not None:
        days, unseen = log.cycles()
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
            ("p90", days.quantile(P90)),
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


def _lateness(snapshot: Snapshot, share: Share) -> dict[str, Metric]:
    late, reason = _days(snapshot, "slippage")
    reason = reason or "no won or lost deal has both dates"
    past, why = _days(snapshot, "overdue")
    why = why or "no open deal has an expected close date"
    return {
        "slippage_median": Metric.of(
            late.quantile(0.5), "days", "snapshot", rows=late.number, reason=reason
        ),
        "slipped": share(late.above(0), late.number, "snapshot", reason=reason),
        "overdue": share(past.above(0), past.number, "snapshot", reason=why),
    }


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


def _untold(reason: str) -> StageMetrics:
    return StageMetrics(
        **{
            name: Metric(value=None, unit=unit, reason=reason)
            for name, unit in (
                ("entered", "deals"),
                ("conversion", "share"),
                ("days_median", "days"),
                ("days_p90", "days"),
            )
        }
    )


def _stage(passage: Passage, share: Share) -> StageMetrics:
    days = passage.days
    nobody = "no deal that was here has left it"
    of_days = partial(Metric.of, unit="days", source="history", rows=days.number, reason=nobody)
    undecided = "no deal that was here has gone on or ended"
    return StageMetrics(
        entered=Metric(value=passage.entered, unit="deals", source="history", rows=passage.entered),
        conversion=share(passage.went_on, passage.decided, "history", reason=undecided),
        days_median=of_days(days.quantile(0.5)),
        days_p90=of_days(days.quantile(P90)),
    )
