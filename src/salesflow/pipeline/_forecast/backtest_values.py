"""What came of a forecast backtest: day by day, by method, and by what was said of single deals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Final, Literal, TypeAlias, TypeVar, cast

from pydantic import Field

from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result
from salesflow._show import Html
from salesflow._shown import spoken
from salesflow.errors import UnknownName
from salesflow.pipeline._forecast.amount_interval import Interval
from salesflow.pipeline._forecast.backtest_show import HEADING, blocks, page_blocks, written
from salesflow.pipeline._forecast.periods import Period
from salesflow.pipeline._frames.engines import frame_like
from salesflow.pipeline._intervals import CONFIDENCE
from salesflow.pipeline._metrics.values import Metric
from salesflow.pipeline._reports.report import Report
from salesflow.pipeline._wording import amount_of
from salesflow.text import Language

FrameT = TypeVar("FrameT")
Method: TypeAlias = Literal["learned", "weighted", "last_period", "owner_call"]
BacktestTable: TypeAlias = Literal["days", "methods", "calibration"]
Cell: TypeAlias = "str | int | float | None"

METHODS: Final[tuple[Method, ...]] = ("learned", "weighted", "last_period", "owner_call")
_ERRORS: Final = ("bias", "absolute", "percentage", "learned_absolute")
_COLUMNS: Final[Mapping[BacktestTable, Mapping[str, type]]] = {
    "days": {
        **dict.fromkeys(("day", "period", "first", "last"), str),
        "open": int,
        **dict.fromkeys(("closed", "p10", "p50", "p90", "learned"), float),
        **dict.fromkeys(("weighted", "last_period", "owner_call"), float),
        **dict.fromkeys(("actual", "actual_known"), float),
        "reason": str,
    },
    "methods": {
        "method": str,
        "days": int,
        **dict.fromkeys(_ERRORS, float),
        "reason": str,
    },
    "calibration": {
        "stage": str,
        **dict.fromkeys(("chance_from", "chance_to", "chance"), float),
        "deals": int,
        "won": int,
        **dict.fromkeys(("share", "low", "high"), float),
    },
}


class ForecastDay(Result):
    """The forecast of a past day for the period in which it lies, and what came.

    Attributes:
        day: At the end of which it is made.
        period: What it is of.
        open: The open deals of the day.
        closed: The amount of deals won in the period until then; it is in every forecast.
        learned: The forecast: closed, and each open deal with the learned chance that it is won by
            the end of the period. None where `reason` says why.
        weighted: Closed, and the amount of each open deal x the probability of its stage in the
            playbook, whenever that may be. None where a stage has none.
        last_period: What came in the period before; None where the history does not tell.
        owner_call: Closed, and the open deals that their owners call commit; None without a column
            that says so.
        actual: What came: the deals that are won at the end of the period, and were so in it. None
            where it is not over.
        actual_known: The part of it that came of deals that were open or won on the day: what the
            learned and the weighted forecast are of. The rest is of deals that came later, or were
            lost on the day.
        reason: Why there is no forecast; beside one, what is not counted in it.
    """

    day: date
    period: Period
    open: int
    closed: float
    learned: Interval | None
    weighted: float | None
    last_period: float | None
    owner_call: float | None
    actual: float | None
    actual_known: float | None
    reason: str = ""

    def said(self, method: Method) -> float | None:
        """What a method forecast: of the learned interval, the mean."""
        if method == "learned":
            return None if self.learned is None else self.learned.mean
        found: float | None = getattr(self, method)
        return found


class ForecastErrors(Result):
    """How far off a method was, over the days whose period is over.

    Attributes:
        bias: The mean of forecast - actual: above 0, it promised too much.
        absolute: The mean of the difference, whichever way it went.
        percentage: The mean of the difference as a share of the actual, over the days on which
            something came: 0.1 is 10 %.
        learned_absolute: The mean difference of the learned forecast on the same days, so that the
            two can be compared.
    """

    bias: Metric
    absolute: Metric
    percentage: Metric
    learned_absolute: Metric


class ForecastCoverage(Result):
    """On how many days what came lay where the learned forecast said.

    Attributes:
        within: The share of days on which it lay between P10 and P90; four in five would be right.
        below: The share of days on which less than P10 came; one in ten would be right.
        above: The same of more than P90.
    """

    within: Metric
    below: Metric
    above: Metric


class CalibrationBin(Result):
    """Open deals that had about the same chance to be won by the end of the period.

    Attributes:
        stage: Where they stood: the key of a stage or sub-stage; None for all of them.
        chance_from: The least chance of the bin.
        chance_to: The largest, which belongs to the next bin, but for 1.
        chance: The mean chance that was learned.
        deals: How many there were; a deal counts on each day on which it was open.
        won: How many of them were won by then.
        share: Their share: that of a forecast that is right is the chance.
        low: Where it may begin, by Wilson's interval.
        high: Where it may end.
    """

    stage: str | None
    chance_from: float
    chance_to: float
    chance: float
    deals: int
    won: int
    share: float
    low: float
    high: float


class ForecastBacktest(Report):
    """Whether forecasts would have been right.

    Amounts, and the calls of owners, are those of the frame of deals, as they are in it and not as
    they were on the day: an amount that changed meanwhile makes all forecasts look better than they
    were. Days of one period share what came of it, and a deal counts on each day on which it was
    open, so that intervals of shares are narrower than they should be.

    Attributes:
        until: The day up to which the history is known.
        currency: Of the amounts; None where nobody says in what they are.
        days: The forecasts, in order.
        methods: By method, how far off it was: `learned`, `weighted`, `last_period` and
            `owner_call`, as in [`ForecastDay`][salesflow.pipeline.ForecastDay].
        known: How far off the learned forecast was of deals that were known on the day, which is
            what it is of: against `actual_known`.
        coverage: How often its interval held what came.
        coverage_known: How often it held what came of deals that were known on the day.
        calibration: Whether chances of single deals came true: of all deals, then by stage.
        periods: How many of the periods are over.
        confidence: Of the intervals of shares.
        labels: By fact, and under `stage`, what labels were read as that are no keys and that
            nobody explained.
    """

    until: date
    currency: str | None
    days: tuple[ForecastDay, ...]
    methods: Annotated[Mapping[str, ForecastErrors], Frozen]
    known: ForecastErrors
    coverage: ForecastCoverage
    coverage_known: ForecastCoverage
    calibration: tuple[CalibrationBin, ...]
    periods: int
    confidence: float = CONFIDENCE
    labels: Annotated[Mapping[str, Mapping[str, str]], Frozen] = Field(default_factory=FrozenDict)

    @property
    def rows_of_methods(self) -> Mapping[str, ForecastErrors]:
        """How far off each method was, and as `learned_known` the learned one of known deals."""
        return {**self.methods, "learned_known": self.known}

    def records(self, table: BacktestTable = "days") -> list[dict[str, Cell]]:
        """One of the tables as rows, for a table or a frame of your choice.

        Args:
            table: `days` for the forecasts, of the learned one its interval and under `learned` its
                mean; `methods` for how far off each was, and as `learned_known` for how far off the
                learned one was of deals known on the day; `calibration` for the bins.

        Raises:
            UnknownName: There is no such table.
        """
        match table:
            case "days":
                return [_of_day(it) for it in self.days]
            case "methods":
                return [_of_method(name, it) for name, it in self.rows_of_methods.items()]
            case "calibration":
                return [it.model_dump() for it in self.calibration]
            case _:
                raise UnknownName("table", table, tuple(_COLUMNS))

    def to_frame(self, like: FrameT, table: BacktestTable = "days") -> FrameT:
        """The rows of `records` as a frame.

        Args:
            like: A frame of the kind that it shall be. What is made is lazy where that is. Nothing
                is read of it.
            table: As for `records`.

        Raises:
            FrameError: It is no frame, or its engine cannot make one of values.
            UnknownName: There is no such table.
        """
        return cast("FrameT", frame_like(like, self.records(table), _COLUMNS[table]))

    def summary(self, lang: Language | None = None) -> str:
        """The forecasts and how far off they were, as a text for people.

        Raises:
            UnknownName: There is no such language.
        """
        return written(self, spoken(lang, self))

    def _name(self, lang: Language) -> str:
        return HEADING.get(lang)

    def _view(self, lang: Language) -> Iterator[Html]:
        return blocks(self, lang)

    def _whole_page(self, lang: Language) -> Iterator[Html]:
        return page_blocks(self, lang)

    def __repr__(self) -> str:
        days = amount_of(len(self.days), "day")
        share = self.coverage_known.within.value
        told = "none over" if share is None else f"{share:.0%} between P10 and P90"
        return f"<ForecastBacktest: {days} in {amount_of(self.periods, 'period')}, {told}>"


def _of_day(it: ForecastDay) -> dict[str, Cell]:
    interval = it.learned
    return {
        "day": it.day.isoformat(),
        "period": it.period.name,
        "first": it.period.first.isoformat(),
        "last": it.period.last.isoformat(),
        "open": it.open,
        "closed": it.closed,
        "p10": None if interval is None else interval.p10,
        "p50": None if interval is None else interval.p50,
        "p90": None if interval is None else interval.p90,
        **{name: it.said(name) for name in METHODS},
        "actual": it.actual,
        "actual_known": it.actual_known,
        "reason": it.reason,
    }


def _of_method(name: str, found: ForecastErrors) -> dict[str, Cell]:
    return {
        "method": name,
        "days": found.bias.rows,
        **{error: getattr(found, error).value for error in _ERRORS},
        "reason": found.bias.reason,
    }
