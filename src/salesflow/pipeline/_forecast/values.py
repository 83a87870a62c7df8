"""What a forecast says: lines by category, figures by period, and where the calls differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Annotated, Final, Generic, Literal, TypeAlias, TypeVar, cast

from pydantic import Field, PrivateAttr

from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import LazyResult, Result
from salesflow._show import Html
from salesflow._shown import spoken
from salesflow.errors import SalesflowError, UnknownName
from salesflow.facts import ForecastCategory
from salesflow.pipeline._forecast.amount_interval import Interval
from salesflow.pipeline._forecast.effects import DealEffect
from salesflow.pipeline._forecast.periods import Period
from salesflow.pipeline._forecast.show import HEADING, blocks, page_blocks, written
from salesflow.pipeline._forecast.sum_distribution import SumDistribution
from salesflow.pipeline._frames.engines import frame_like
from salesflow.pipeline._frames.groups import GroupValue, kind_of
from salesflow.pipeline._metrics.values import Metric
from salesflow.pipeline._reports.report import Report
from salesflow.text import Language

FrameT = TypeVar("FrameT")
LikeT = TypeVar("LikeT")
Caller: TypeAlias = Literal["stage", "owner", "manager"]
"""Who says what a deal counts as."""

CALLERS: Final[tuple[Caller, ...]] = ("stage", "owner", "manager")
LINES: Final = ("closed", "commit", "best_case", "pipeline", "omitted", "open")
VIEWS: Final = ("commit_view", "best_case_view", "pipeline_view")
FIGURES: Final = ("weighted", "quota", "attainment", "gap", "coverage")
QUANTILES: Final = ("p10", "p50", "p90")
OUTSIDE: Final = ("before", "between", "beyond", "undated")
RESERVED: Final = frozenset(
    {
        *("part", "period", "first", "last"),
        *(name for line in (*LINES, *VIEWS) for name in (line, f"{line}_deals")),
        *FIGURES,
        *QUANTILES,
    }
)
"""The columns of a table beside those that say which group it is."""


class ForecastLine(Result):
    """Some deals, and what they are worth together.

    Attributes:
        deals: How many; None where it cannot be told which.
        amount: The sum of their amounts; 0 of no deals, None where it cannot be told.
        rows: How many of them have an amount that counts in it.
        reason: Why there is no number; beside one, what is not counted in it.
    """

    deals: int | None
    amount: float | None
    rows: int = 0
    reason: str = ""


class ForecastSums(Result):
    """Deals by what they count as.

    Attributes:
        closed: Those won.
        commit: Open deals that are as good as certain.
        best_case: Those within reach.
        pipeline: All others that are worked on.
        omitted: Those that are not counted: in no view, not in `open`, and not in `weighted`. Open
            deals of which nobody knows where they stand are among them.
        open: Commit, best case and pipeline.
        weighted: The sum of amount x chance over these. The chance is the learned one where
            `chances` tells it; or else the deal's own, or that of its stage.
    """

    closed: ForecastLine
    commit: ForecastLine
    best_case: ForecastLine
    pipeline: ForecastLine
    omitted: ForecastLine
    open: ForecastLine
    weighted: Metric


class ForecastFigures(ForecastSums, LazyResult):
    """The same in periods, with what ought to come in, and how sure it is.

    Attributes:
        commit_view: Closed and commit.
        best_case_view: The same and best case.
        pipeline_view: The same and pipeline.
        quota: What ought to come in. That of all deals is the sum of those of groups where none is
            given for all; that of all periods needs one for each.
        attainment: Closed as a share of the quota.
        gap: What is still missing; below 0 where more has come in.
        coverage: How often `open` would fill the gap.
        interval: What comes in: closed, and open deals each with its chance. It is worked out when
            somebody reads it.
        largest: What each of the ten largest of these deals does to it; likewise.
        no_interval: Why there is none.
    """

    commit_view: ForecastLine
    best_case_view: ForecastLine
    pipeline_view: ForecastLine
    quota: Metric
    attainment: Metric
    gap: Metric
    coverage: Metric
    interval: Interval | None
    largest: tuple[DealEffect, ...]
    no_interval: str


class PeriodForecast(ForecastFigures):
    """What is forecast for a period.

    Attributes:
        period: Its name and days.
    """

    period: Period


class ForecastGroup(Result):
    """The forecast of the deals that share something.

    Attributes:
        values: What they share, in the order of `Forecast.by`; None where it is missing.
        periods: By period, in their order.
        total: All periods together.
        before: What lies before the first of them.
        between: What lies between them, where they leave days out.
        beyond: What lies after the last.
        undated: Deals without a day: open ones without an expected close date, won ones without
            that on which they were closed.
        overdue: Open deals expected before the day. They can close no earlier than that day, and
            count where it lies.
        all: Everything: the periods, before, between, beyond and undated.
    """

    values: tuple[GroupValue, ...]
    periods: tuple[PeriodForecast, ...]
    total: ForecastFigures
    before: ForecastSums
    between: ForecastSums
    beyond: ForecastSums
    undated: ForecastSums
    overdue: ForecastLine
    all: ForecastSums


class CallDifference(Result):
    """Open deals of which two say two things.

    Attributes:
        first: Who says the one: the `stage`, the `owner` or the `manager`.
        first_category: What.
        second: Who says the other.
        second_category: What.
        deals: How many deals, and what they are worth.
    """

    first: Caller
    first_category: ForecastCategory
    second: Caller
    second_category: ForecastCategory
    deals: ForecastLine


class Forecast(Report, Generic[FrameT]):
    """What will come in, by period and by category.

    Every deal that is open or won counts once: in a period, before, between or beyond them, or
    undated. Groups add up to all deals. What is lost, disqualified or ended otherwise counts
    nowhere.

    Attributes:
        as_of: The day of the forecast.
        call: Whose word counts for what a deal counts as.
        currency: Of the amounts; None where nobody says in what they are.
        periods: By period, in their order.
        total: All periods together.
        before: What lies before the first of them.
        between: What lies between them, where they leave days out.
        beyond: What lies after the last.
        undated: Deals without a day: open ones without an expected close date, won ones without
            that on which they were closed.
        overdue: Open deals expected before the day. They can close no earlier than that day, and
            count where it lies.
        all: Everything: the periods, before, between, beyond and undated.
        by: What the deals are grouped by; empty where they are not.
        groups: The largest groups, those of most deals first; then those that have a quota and are
            not among them.
        others: All other groups together; None where there are none.
        others_total: How many groups these are.
        differences: Where stage, owner and manager say different things of open deals.
        at_odds_total: Open deals that the stage, the owner or the manager commits to while a
            required criterion of a stage already left is NO or UNKNOWN; `at_odds` lists them.
        not_checked: By criterion of a stage, the facts without a column that keep it from being
            asked; `at_odds_total` knows nothing of it.
        later: The rows that lie after the day; they count nowhere.
        labels: By fact, what labels were read as that are no keys and that nobody explained.
    """

    as_of: date
    call: Caller
    currency: str | None
    periods: tuple[PeriodForecast, ...]
    total: ForecastFigures
    before: ForecastSums
    between: ForecastSums
    beyond: ForecastSums
    undated: ForecastSums
    overdue: ForecastLine
    all: ForecastSums
    by: tuple[str, ...]
    groups: tuple[ForecastGroup, ...]
    others: ForecastGroup | None
    others_total: int
    differences: tuple[CallDifference, ...]
    at_odds_total: ForecastLine
    not_checked: Annotated[Mapping[str, tuple[str, ...]], Frozen]
    later: int
    labels: Annotated[Mapping[str, Mapping[str, str]], Frozen] = Field(default_factory=FrozenDict)
    _odds: Callable[[], object] = PrivateAttr()
    _open_deals: Callable[[], object] = PrivateAttr()
    _coming: Mapping[str, Callable[[], SumDistribution]] = PrivateAttr()

    def at_odds(self) -> FrameT:
        """The deals of `at_odds_total`, in a frame of the caller's kind: a row per criterion.

        Columns: the key under its own name; `category`, what the deal counts as in this forecast;
        `check`, the criterion, as `check_pipeline` calls it; `verdict`, `no` or `unknown`. That of
        a lazy frame is lazy; the order of rows means nothing.

        Raises:
            FrameError: The engine refuses it.
            SalesflowError: The forecast was read back, and knows no frame.
        """
        # narwhals gives back the kind of frame that it was given; its types cannot say so.
        return cast("FrameT", self._kept("_odds")())

    def open_deals(self) -> FrameT:
        """Every open deal with the chances that are given it, in a frame of the caller's kind.

        Columns: the key under its own name; `place`, its stage or sub-stage; `category`, what it
        counts as in this forecast; its `amount` in the forecast's currency; `stage_chance`, the
        probability of its stage or sub-stage in the playbook; `deal_chance`, its own in the frame;
        `learned_chance`, that of deals that stood for as long where it stands; and `chance`, that
        of the three which counts. What is not known is missing. That of a lazy frame is lazy; the
        order of rows means nothing.

        Raises:
            FrameError: The engine refuses it.
            SalesflowError: The forecast was read back, and knows no frame.
        """
        # narwhals gives back the kind of frame that it was given; its types cannot say so.
        return cast("FrameT", self._kept("_open_deals")())

    def distribution(self, period: str | None = None) -> SumDistribution:
        """What may come in in a period, or in all of them: closed deals, and open ones by chance.

        Args:
            period: Its name; None for all periods together.

        Raises:
            UnknownName: There is no such period.
            SalesflowError: There is no distribution, and `no_interval` says why; or the forecast
                was read back, and knows no deals.

        Example:
            >>> from datetime import date
            >>> import polars as pl
            >>> from salesflow import load_playbook
            >>> from salesflow.pipeline import forecast
            >>> deals = pl.DataFrame(
            ...     {"id": ["D-1", "D-2"], "stage": ["close", "opportunity_plan"]}
            ... ).with_columns(
            ...     amount=pl.Series([60, 40]),
            ...     probability=pl.Series([0.5, 0.5]),
            ...     expected_close_on=pl.Series([date(2026, 3, 1)] * 2),
            ...     closed_on=pl.lit(None, dtype=pl.Date),
            ... )
            >>> found = forecast(
            ...     deals,
            ...     load_playbook("optimized_sales_process"),
            ...     key="id",
            ...     as_of=date(2026, 1, 31),
            ... )
            >>> found.distribution("2026-Q1").share_at_least(60)
            0.5
        """
        made: Mapping[str, Callable[[], SumDistribution]] = self._kept("_coming")
        named = {it.period.name: it for it in self.periods}
        if period is not None and period not in tuple(named):  # whatever a caller gave
            raise UnknownName("period", period, list(named))
        figures = self.total if period is None else named[period]
        if figures.no_interval:
            raise SalesflowError(f"There is no distribution: {figures.no_interval}.")
        return made["" if period is None else period]()

    def records(self) -> list[dict[str, GroupValue]]:
        """The forecast as rows, for a table or a frame of your choice.

        Each row says in `part` what it is of: `all`, a `group` or the `others`; then come what the
        group shares, under the names in `by`, and the `period`: its name with its `first` and
        `last` day, or `total`, `before`, `between`, `beyond`, `undated` or `all`. Then each
        category and view with its amount, and its deals under `…_deals`; `weighted`, `quota`,
        `attainment`, `gap` and `coverage`; and the interval, `p10`, `p50` and `p90`.
        """
        rows: list[dict[str, GroupValue]] = []
        nothing: tuple[GroupValue, ...] = (None,) * len(self.by)
        parts: list[tuple[str, tuple[GroupValue, ...], ForecastGroup | Forecast[FrameT]]] = [
            *(("group", group.values, group) for group in self.groups),
            *((("others", nothing, self.others),) if self.others is not None else ()),
            ("all", nothing, self),
        ]
        for part, values, figures in parts:
            named: dict[str, GroupValue] = {
                "part": part,
                **dict(zip(self.by, values, strict=True)),
            }
            for it in figures.periods:
                days = {"first": it.period.first.isoformat(), "last": it.period.last.isoformat()}
                rows.append({**named, "period": it.period.name, **days, **_cells(it)})
            for name in ("total", *OUTSIDE, "all"):
                there = getattr(figures, name)
                rows.append({**named, "period": name, "first": None, "last": None, **_cells(there)})
        return rows

    def to_frame(self, like: LikeT) -> LikeT:
        """The rows of `records` as a frame, in which all numbers are floats.

        Args:
            like: A frame of the kind that it shall be, such as the one that the forecast is of.
                What is made is lazy where that is. Nothing is read of it.

        Raises:
            FrameError: It is no frame, or its engine cannot make one of values.
        """
        rows = self.records()
        texts = {"part", "period", "first", "last"}
        columns: dict[str, type] = {name: str if name in texts else float for name in rows[0]}
        columns |= {name: kind_of(row[name] for row in rows) for name in self.by}
        return cast("LikeT", frame_like(like, rows, columns))

    def summary(self, lang: Language | None = None) -> str:
        """The forecast as tables for people.

        Raises:
            UnknownName: There is no such language.
        """
        return written(self, spoken(lang, self))

    def __repr__(self) -> str:
        names = ", ".join(it.period.name for it in self.periods[:4])
        more = ", …" if len(self.periods) > 4 else ""  # noqa: PLR2004 - as many as by default
        return f"<Forecast: as of {self.as_of.isoformat()}, for {names}{more}>"

    def _name(self, lang: Language) -> str:
        return HEADING.get(lang)

    def _view(self, lang: Language) -> Iterator[Html]:
        return blocks(self, lang)

    def _whole_page(self, lang: Language) -> Iterator[Html]:
        return page_blocks(self, lang)


def _cells(figures: ForecastSums) -> dict[str, GroupValue]:
    cells: dict[str, GroupValue] = {}
    for name in (*LINES, *VIEWS):
        line: ForecastLine | None = getattr(figures, name, None)
        cells[name] = None if line is None else line.amount
        cells[f"{name}_deals"] = None if line is None else line.deals
    for name in FIGURES:
        figure: Metric | None = getattr(figures, name, None)
        cells[name] = None if figure is None else figure.value
    interval = figures.interval if isinstance(figures, ForecastFigures) else None
    for name in QUANTILES:
        cells[name] = None if interval is None else getattr(interval, name)
    return cells
