"""Figures of a pipeline: what each is, where it comes from, and why it is not there."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, isfinite
from numbers import Real
from typing import Annotated, Final, Literal, TypeAlias

from salesflow._arguments import describe, language
from salesflow._frozen import Frozen
from salesflow._result import Result
from salesflow.errors import FactError, Problem
from salesflow.pipeline._wording import aligned
from salesflow.terms import OUTCOMES
from salesflow.text import Language, Text, both, in_language

FigureSource: TypeAlias = Literal["snapshot", "history"]


def velocity(deals: float, average_size: float, win_rate: float, cycle_days: float) -> float:
    """What a pipeline earns a day: deals x average size x win rate / length of the cycle.

    Args:
        deals: How many deals are open.
        average_size: What one is worth, in some currency.
        win_rate: The share that is won, 0 to 1.
        cycle_days: How long a deal takes to be won, in days; more than 0.

    Returns:
        The currency's units per day.

    Raises:
        FactError: An argument is not a finite number, the cycle is not longer than 0 days, or the
            win rate is not between 0 and 1.

    Example:
        >>> round(velocity(50, 10_000, 0.2, 30), 2)
        3333.33
    """
    given = {
        "deals": deals,
        "average_size": average_size,
        "win_rate": win_rate,
        "cycle_days": cycle_days,
    }
    problems = [
        Problem(name, f"must be a finite number, not {describe(value)}", "pass an int or a float")
        for name, value in given.items()
        if not _is_finite(value)
    ]
    if problems:
        raise FactError("Velocity cannot be computed from these values.", problems=problems)
    if not cycle_days > 0:
        raise FactError(f"A cycle of {cycle_days} days has no velocity.", hint="Pass more than 0.")
    if not 0 <= win_rate <= 1:
        raise FactError(f"{win_rate} is not a win rate.", hint="Pass a share between 0 and 1.")
    return float(deals) * float(average_size) * float(win_rate) / float(cycle_days)


def _is_finite(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


class Metric(Result):
    """One figure.

    Attributes:
        value: None where it cannot be told.
        unit: `deals`, `rows`, `events`, `share` (0 to 1), `days`, a currency, or that per day;
            `amount` instead of a currency where neither a column nor `currency=` says in what the
            amounts are.
        source: `snapshot`, one row per deal, or `history`, the log of stages; None without a value.
        rows: The deals that it is worked out from.
        reason: Why there is no value; beside a value, what is not counted in it, such as amounts
            without a rate into the playbook's currency, or deals closed before they were created;
            else empty.
    """

    value: float | None
    unit: str
    source: FigureSource | None = None
    rows: int = 0
    reason: str = ""

    @classmethod
    def of(
        cls,
        value: float | None,
        unit: str,
        source: FigureSource,
        *,
        rows: int,
        reason: str,
        note: str = "",
    ) -> Metric:
        """A figure with a note on what is not counted; without a value, the reason for that."""
        if value is None or not rows:
            return cls(value=None, unit=unit, reason=reason)
        return cls(value=value, unit=unit, source=source, rows=rows, reason=note)


class DayFigures:
    """Whole numbers of days and how often each occurs.

    Example:
        >>> days = DayFigures({1: 2, 4: 1, 9: 1})
        >>> days.number, days.mean, days.quantile(0.5), days.longest
        (4, 3.75, 2.5, 9)
    """

    def __init__(self, counts: Mapping[int, int]) -> None:
        self.counts = dict(sorted(counts.items()))
        self.number = sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        """The mean."""
        total = sum(day * count for day, count in self.counts.items())
        return total / self.number if self.number else None

    @property
    def longest(self) -> int | None:
        """The largest."""
        return max(self.counts, default=None)

    def above(self, limit: float) -> int:
        """How many are more than `limit`."""
        return sum(count for day, count in self.counts.items() if day > limit)

    def quantile(self, share: float) -> float | None:
        """The value at that share of the way through them in order, between two by interpolation.

        Excel's PERCENTILE.INC, and what NumPy and pandas do unless told otherwise.
        """
        if not self.number:
            return None
        place = (self.number - 1) * share
        low, high = self._at(floor(place)), self._at(min(floor(place) + 1, self.number - 1))
        return low + (high - low) * (place - floor(place))

    def _at(self, number: int) -> int:
        for day, count in self.counts.items():
            if number < count:
                return day
            number -= count
        raise IndexError(number)


class StageMetrics(Result):
    """What a history says of one stage or sub-stage.

    Attributes:
        entered: The deals that were ever in it.
        conversion: Of those that have gone on or ended, the share that has gone on: that was later
            or earlier in a stage beyond it, or was won.
        days_median: The days that a deal spent in it, all its stays together; of the deals that
            have left it.
        days_p90: Their 90th percentile, interpolated linearly between two of them, as Excel and
            pandas do; of few deals it can lie above fewer than nine in ten.
    """

    entered: Metric
    conversion: Metric
    days_median: Metric
    days_p90: Metric


class Metrics(Result):
    """The figures of a pipeline on a day.

    Amounts are added up to the millionth, so that neither the order of rows nor the engine makes a
    difference. The source of all but the last is the snapshot; of the cycle, the velocity and what
    is compared with the longest cycle it is the history where the snapshot lacks the dates. Of
    `stages` it is always the history.

    Attributes:
        deals: All of them, but for those that `later` counts.
        later: The rows of the snapshot that lie after the day: created or closed after it, or come
            later to where they are. How such a deal stood on the day they do not say, so that they
            count in no other figure.
        later_events: The events of the history after the day, which count in no figure.
        open: Those without an outcome.
        won: Those won; deals beyond the stage that wins them too.
        lost: Those lost.
        disqualified: Those disqualified; they count in no rate.
        win_rate: won / (won + lost).
        open_value: The sum of the amounts of open deals.
        won_value: The sum of the amounts of won deals.
        average_size: The mean amount of won deals that have one.
        weighted_pipeline: The sum, over open deals, of the amount x the probability: the deal's
            own, or else that of its stage in the playbook, both 0 to 1.
        cycle_median: The median of the days from a won deal's creation to its closing. Deals that
            were closed before they were created are not counted; `reason` says how many.
        cycle_p90: Their 90th percentile, interpolated linearly between two of them, as Excel and
            pandas do; of few deals it can lie above fewer than nine in ten.
        cycle_mean: Their mean.
        cycle_longest: The longest.
        velocity: open x average_size x win_rate / cycle_mean, per day.
        slippage_median: The days from the expected to the actual closing of won and lost deals;
            below 0 where they closed earlier.
        slipped: The share of them that closed later than expected.
        overdue: The share of open deals whose expected close date is in the past.
        older_than_longest_won: The open deals that are older than the longest won deal took.
        stages: By stage or sub-stage.
    """

    deals: Metric
    later: Metric
    later_events: Metric
    open: Metric
    won: Metric
    lost: Metric
    disqualified: Metric
    win_rate: Metric
    open_value: Metric
    won_value: Metric
    average_size: Metric
    weighted_pipeline: Metric
    cycle_median: Metric
    cycle_p90: Metric
    cycle_mean: Metric
    cycle_longest: Metric
    velocity: Metric
    slippage_median: Metric
    slipped: Metric
    overdue: Metric
    older_than_longest_won: Metric
    stages: Annotated[Mapping[str, StageMetrics], Frozen]

    def summary(self, lang: Language = "en") -> str:
        """The figures as a table for people.

        Raises:
            UnknownName: There is no such language.
        """
        words = in_language(language(lang), _PHRASES)
        table = [(words["figure"], words["value"], words["from"])]
        for name, found in self:
            if isinstance(found, Metric) and (found.value or not name.startswith("later")):
                table.append(_row(words[name], found))
        for key, stage in self.stages.items():
            for name, metric in stage:
                if metric.value is not None:
                    table.append(_row(f"{key}: {words[name]}", metric))
        return "\n".join(aligned(table))


def _row(name: str, metric: Metric) -> tuple[str, str, str]:
    if metric.value is None:
        return name, "–", metric.reason
    if metric.unit == "share":
        shown = f"{metric.value:.2%}"
    else:
        number = f"{metric.value:,.2f}".removesuffix(".00")
        shown = f"{number} {metric.unit.removeprefix('amount').strip()}".rstrip()
    return name, shown, "; ".join(filter(None, (metric.source, metric.reason)))


_PHRASES: Final[Mapping[str, Text]] = {
    "figure": both(en="figure", zh="指标"),
    "value": both(en="value", zh="数值"),
    "from": both(en="from", zh="来源"),
    "deals": both(en="deals", zh="项目"),
    "later": both(en="rows after the day", zh="晚于该日的行"),
    "later_events": both(en="events after the day", zh="晚于该日的记录"),
    "open": both(en="open", zh="进行中"),
    "win_rate": both(en="win rate", zh="赢单率"),
    "open_value": both(en="value of open deals", zh="进行中金额"),
    "won_value": both(en="value of won deals", zh="赢单金额"),
    "average_size": both(en="average size of won deals", zh="赢单平均金额"),
    "weighted_pipeline": both(en="weighted pipeline", zh="加权金额"),
    "cycle_median": both(en="cycle, median", zh="周期中位数"),
    "cycle_p90": both(en="cycle, 90 %", zh="周期 90 分位"),
    "cycle_mean": both(en="cycle, mean", zh="平均周期"),
    "cycle_longest": both(en="cycle, longest", zh="最长周期"),
    "velocity": both(en="velocity", zh="销售速度"),
    "slippage_median": both(en="slippage, median", zh="成交延期中位数"),
    "slipped": both(en="closed later than expected", zh="延期成交占比"),
    "overdue": both(en="open past the close date", zh="逾期未成交占比"),
    "older_than_longest_won": both(en="older than the longest won", zh="超过最长赢单周期"),
    "entered": both(en="entered", zh="进入"),
    "conversion": both(en="went on", zh="转化率"),
    "days_median": both(en="days, median", zh="停留中位数"),
    "days_p90": both(en="days, 90 %", zh="停留 90 分位"),
    **OUTCOMES,
}
