"""Figures of a pipeline: what each is, where it comes from, and why it is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from numbers import Real
from typing import Annotated, Literal, TypeAlias, TypeVar, cast

from pydantic import Field

from salesflow._arguments import describe
from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result
from salesflow._show import Html
from salesflow._shown import spoken
from salesflow.errors import FactError, Problem
from salesflow.pipeline._frames.engines import frame_like
from salesflow.pipeline._intervals import CONFIDENCE, wilson
from salesflow.pipeline._metrics.show import HEADING, blocks, written
from salesflow.pipeline._reports.report import Report
from salesflow.text import Language

FrameT = TypeVar("FrameT")
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
        reason: Why there is no value; beside a value, what is not counted in it: how many of the
            deals have no amount, no probability or no dates, amounts without a rate into the
            playbook's currency, deals closed before they were created; else empty.
        low: Of a share of deals, where it may begin, by Wilson's interval; else None.
        high: Where it may end.
    """

    value: float | None
    unit: str
    source: FigureSource | None = None
    rows: int = 0
    reason: str = ""
    low: float | None = None
    high: float | None = None

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

    @classmethod
    def share(
        cls,
        part: int,
        rows: int,
        source: FigureSource,
        *,
        reason: str,
        confidence: float,
        note: str = "",
    ) -> Metric:
        """A share of deals with its interval, and a note on what is not counted in it.

        Of no deals, the reason why there is none.
        """
        if not rows:
            return cls(value=None, unit="share", reason=reason)
        low, high = wilson(rows, part, confidence)
        found = cls(value=part / rows, unit="share", source=source, rows=rows, reason=note)
        return found.model_copy(update={"low": low, "high": high})


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


class Metrics(Report):
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
        open: Those without an outcome that have not ended.
        won: Those won; deals beyond the stage that wins them too.
        lost: Those lost.
        disqualified: Those disqualified; they count in no rate.
        ended_unclear: Those that have ended, as a column `ended` says, and nothing says how. All
            deals are these and the four before.
        win_rate: won / (won + lost).
        open_value: The sum of the amounts of open deals.
        commit_value: That of those which count as commit in the forecast by where they stand.
        best_case_value: That of those which count as best case.
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
        confidence: Of the intervals of all shares.
        labels: By fact, and under `stage` for its column, what labels of the snapshot were read as
            that are no keys and that nobody explained.
    """

    deals: Metric
    later: Metric
    later_events: Metric
    open: Metric
    won: Metric
    lost: Metric
    disqualified: Metric
    ended_unclear: Metric
    win_rate: Metric
    open_value: Metric
    commit_value: Metric
    best_case_value: Metric
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
    confidence: float = CONFIDENCE
    labels: Annotated[Mapping[str, Mapping[str, str]], Frozen] = Field(default_factory=FrozenDict)

    def summary(self, lang: Language | None = None) -> str:
        """The figures as a table for people.

        Raises:
            UnknownName: There is no such language.
        """
        return written(self, spoken(lang, self))

    def records(self) -> list[dict[str, str | int | float | None]]:
        """A row per figure, for a table or a frame of your choice.

        Keys: `stage`, the key of the stage or sub-stage, None for a figure of all deals; `figure`,
        its name; and the fields of [`Metric`][salesflow.pipeline.Metric].
        """
        groups = ((None, self), *self.stages.items())
        return [
            {"stage": stage, "figure": name, **metric.model_dump()}
            for stage, figures in groups
            for name, metric in figures
            if isinstance(metric, Metric)
        ]

    def to_frame(self, like: FrameT) -> FrameT:
        """The rows of `records` as a frame.

        Args:
            like: A frame of the kind that it shall be, such as the one that the figures are of.
                What is made is lazy where that is. Nothing is read of it.

        Raises:
            FrameError: It is no frame, or its engine cannot make one of values.

        Example:
            >>> from datetime import date
            >>> import polars as pl
            >>> from salesflow import load_playbook
            >>> from salesflow.pipeline import metrics
            >>> deals = pl.DataFrame({"id": ["D-1", "D-2"], "stage": ["won", "lost"]})
            >>> playbook = load_playbook("optimized_sales_process")
            >>> figures = metrics(deals, playbook, key="id", as_of=date(2026, 3, 1))
            >>> frame = figures.to_frame(like=deals)
            >>> frame.filter(figure="win_rate").select("value", "unit", "source", "rows").rows()
            [(0.5, 'share', 'snapshot', 2)]
        """
        kinds: dict[str, type] = {"rows": int, **dict.fromkeys(("value", "low", "high"), float)}
        names = ("stage", "figure", *Metric.model_fields)
        columns = {name: kinds.get(name, str) for name in names}
        return cast("FrameT", frame_like(like, self.records(), columns))

    def _name(self, lang: Language) -> str:
        return HEADING.get(lang)

    def _view(self, lang: Language) -> Iterator[Html]:
        return blocks(self, lang)
