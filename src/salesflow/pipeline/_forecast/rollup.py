"""From cells to the lines and figures of a forecast, in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import chain, combinations
from math import fsum, isfinite
from typing import Any, Final

from salesflow._result import later
from salesflow.facts import FORECAST_CATEGORIES, ForecastCategory
from salesflow.pipeline._forecast.attainment import against, quota_of
from salesflow.pipeline._forecast.cell import Cell, Counts
from salesflow.pipeline._forecast.largest_deals import Likely
from salesflow.pipeline._forecast.open_deals import MOST, TOO_LARGE, OpenDeal, Rest
from salesflow.pipeline._forecast.periods import Period, slots_of
from salesflow.pipeline._forecast.slippage import Slippage
from salesflow.pipeline._forecast.sum_distribution import SumDistribution, sum_of
from salesflow.pipeline._forecast.values import (
    CALLERS,
    LINES,
    OUTSIDE,
    CallDifference,
    Caller,
    ForecastFigures,
    ForecastGroup,
    ForecastLine,
    ForecastSums,
    PeriodForecast,
)
from salesflow.pipeline._frames.groups import GroupValue
from salesflow.pipeline._metrics.sums import Total
from salesflow.pipeline._metrics.values import Metric
from salesflow.pipeline._wording import amount_of

_COUNTED: Final = ("commit", "best_case", "pipeline")
_VIEWS: Final[Mapping[str, tuple[str, ...]]] = {
    "closed": ("closed",),
    **{name: (name,) for name in FORECAST_CATEGORIES},
    "open": _COUNTED,
    "commit_view": ("closed", "commit"),
    "best_case_view": ("closed", "commit", "best_case"),
    "pipeline_view": ("closed", *_COUNTED),
}
"""By line, what it is the sum of."""
_DAYS: Final[Mapping[str, tuple[str, ...]]] = {
    name: ("closed_on",) * ("closed" in parts) + ("expected_close_on",) * (parts != ("closed",))
    for name, parts in _VIEWS.items()
}
"""By line, the facts that say in which period a deal is."""


@dataclass(slots=True)
class _Tally:
    """Counts and sums of some cells."""

    counts: Counts = field(default_factory=Counts)
    amount: Total = field(default_factory=Total)

    def add(self, other: Cell | _Tally) -> None:
        self.counts = self.counts.plus(other.counts)
        more = other.amount if isinstance(other, _Tally) else other.sums.get("amount", Total())
        self.amount = self.amount.plus(more)

    @classmethod
    def of(cls, parts: Iterable[_Tally]) -> _Tally:
        found = cls()
        for part in parts:
            found.add(part)
        return found


@dataclass(frozen=True, slots=True)
class _Expected:
    """The open deals that count and may come in in some periods, or outside.

    Attributes:
        tally: All of them, with their whole amounts.
        parts: Them, each with the share of such deals that come in there.
    """

    tally: _Tally
    parts: list[tuple[Cell, float]]

    @property
    def mean(self) -> float:
        """The sum of amount x chance."""
        whole, shares = Total(), list[float]()
        for cell, share in self.parts:
            weighted = cell.sums.get("weighted", Total())
            if share == 1:
                whole = whole.plus(weighted)
            else:
                shares.append(share * weighted.value)
        return fsum([whole.value, *shares])

    @property
    def variance(self) -> float:
        """That of amount² x chance x (1 - chance)."""
        return fsum(
            share * (cell.squares("variance") + (1 - share) * cell.squares("square"))
            for cell, share in self.parts
        )


_Cells = Mapping[int | str, list[Cell]]
"""By slot."""
_Tallies = Mapping[tuple[int | str, str], _Tally]
"""By slot and category."""


_NOTHING: Final = ForecastLine(deals=0, amount=0.0)


class RollUp:
    """Lines and figures of all deals and of groups."""

    def __init__(
        self,
        cells: Iterable[Cell],
        largest: Iterable[Likely],
        *,
        periods: tuple[Period, ...],
        call: Caller,
        day: date,
        unit: str,
        lacking: Collection[str],
        slippage: Slippage | None = None,
    ) -> None:
        """`unit` is the currency of amounts, and `lacking` are the facts without a column."""
        # Sums of floats depend on their order, and engines give rows in any.
        self._cells = sorted(cells, key=_in_order)
        self._largest = tuple(largest)
        self._periods, self._day = periods, day
        self._call: Caller = call
        self._unit, self._lacking = unit, lacking
        self._slippage = slippage
        self._shares = cache(self._shares_of)

    # -------------------------------------------------------------------------------- what is said

    def group(
        self, number: int | None, values: tuple[GroupValue, ...], quotas: Mapping[str, float]
    ) -> tuple[ForecastGroup, Mapping[str, Callable[[], SumDistribution]]]:
        """The forecast of a group, or of all deals, with what may come in by period.

        `quotas` are by the name of the period.
        """
        largest = tuple(it for it in self._largest if number is None or it.group == number)
        cells: dict[int | str, list[Cell]] = {}
        tallies: dict[tuple[int | str, str], _Tally] = {}
        late = _Tally()
        for cell in self._cells:
            if number is not None and cell.group != number:
                continue
            cells.setdefault(cell.slot, []).append(cell)
            category = "closed" if cell.won else cell.category(self._call)
            tallies.setdefault((cell.slot, category), _Tally()).add(cell)
            if cell.overdue:
                late.add(cell)
        slots = tuple(range(len(self._periods)))
        coming: dict[str, Callable[[], SumDistribution]] = {}
        periods = []
        for at, period in enumerate(self._periods):
            quota = quota_of([period.name], quotas, self._unit)
            fields, made = self._figures((at,), tallies, cells, largest, quota)
            periods.append(PeriodForecast(period=period, **fields))
            if made is not None:
                coming[period.name] = made
        quota = quota_of([it.name for it in self._periods], quotas, self._unit)
        fields, made = self._figures(slots, tallies, cells, largest, quota)
        if made is not None:
            coming[""] = made
        undated = "expected_close_on"
        found = ForecastGroup(
            values=values,
            periods=tuple(periods),
            total=ForecastFigures(**fields),
            before=self._sums(("before",), tallies, cells),
            between=self._sums(("between",), tallies, cells),
            beyond=self._sums(("beyond",), tallies, cells),
            undated=self._sums(("undated",), tallies, cells),
            overdue=self._line(late, untold=undated if undated in self._lacking else ""),
            all=self._sums((*slots, *OUTSIDE), tallies, cells),
        )
        return found, coming

    def at_odds(self) -> ForecastLine:
        """The deals that somebody commits to and that are at odds with it."""
        found = _Tally()
        for cell in self._cells:
            if cell.at_odds:
                found.add(cell)
        return self._line(found)

    def differences(self) -> Iterator[CallDifference]:
        """Where two say two things of open deals."""
        for first, second in combinations(CALLERS, 2):
            apart: dict[tuple[ForecastCategory, ForecastCategory], _Tally] = {}
            for cell in self._cells:
                said = cell.says.get(first), cell.says.get(second)
                if not cell.won and said[0] and said[1] and said[0] != said[1]:
                    apart.setdefault((said[0], said[1]), _Tally()).add(cell)
            for said in sorted(apart, key=lambda it: [*map(FORECAST_CATEGORIES.index, it)]):
                yield CallDifference(
                    first=first,
                    first_category=said[0],
                    second=second,
                    second_category=said[1],
                    deals=self._line(apart[said]),
                )

    # -------------------------------------------------------------------------------- lines

    def _lines(
        self, slots: tuple[int | str, ...], tallies: _Tallies, names: Iterable[str] = LINES
    ) -> dict[str, ForecastLine]:
        lines = {}
        for name in names:
            parts = (
                tallies[slot, category]
                for slot in slots
                for category in _VIEWS[name]
                if (slot, category) in tallies
            )
            # Deals that have no day are undated; what lacks a column is not told by period.
            days = () if "undated" in slots else _DAYS[name]
            lacking = next((it for it in days if it in self._lacking), "")
            lines[name] = self._line(_Tally.of(parts), untold=lacking)
        return lines

    def _line(self, tally: _Tally, untold: str = "") -> ForecastLine:
        if untold:
            return ForecastLine(deals=None, amount=None, reason=_no_column(untold))
        if not tally.counts.rows:
            return _NOTHING
        deals, rows = tally.counts.rows, tally.counts.with_amount
        amount: float | None = tally.amount.value
        reason = self._uncounted(tally)
        why = self._no_amount(tally, deals, rows)
        if why:
            amount, rows, reason = None, 0, why
        return ForecastLine(deals=deals, amount=amount, rows=rows, reason=reason)

    def _no_amount(self, tally: _Tally, deals: int, rows: int) -> str:
        """Why there is no sum of amounts, if there is none."""
        endless = tally.counts.endless
        if not deals:
            return ""
        if "amount" in self._lacking:
            return _no_column("amount")
        if endless:
            return f"{amount_of(endless, 'amount is', 'amounts are')} infinite"
        if not isfinite(tally.amount.value):
            return "the sum is too large for a number"
        return "" if rows else self._uncounted(tally) or "no deal has an amount"

    def _uncounted(self, tally: _Tally) -> str:
        rateless = tally.counts.rateless
        if not rateless:
            return ""
        return f"{amount_of(rateless, 'amount has', 'amounts have')} no rate into {self._unit}"

    # -------------------------------------------------------------------- what is expected

    def _expected(self, cells: _Cells, slots: tuple[int | str, ...]) -> _Expected:
        """The open deals that may come in in some periods, or outside."""
        found = _Expected(_Tally(), [])
        # Where days slip, what is expected anywhere may come in there.
        among = slots if self._slippage is None else cells
        for cell in chain.from_iterable(cells.get(slot, ()) for slot in among):
            if not cell.won and cell.category(self._call) != "omitted":
                share = self._share(cell, slots)
                if share:
                    found.tally.add(cell)
                    found.parts.append((cell, share))
        return found

    def _share(self, deal: Cell | Likely, slots: tuple[int | str, ...]) -> float:
        """Which share of a deal that is won comes in in some periods, or outside."""
        if self._slippage is None or deal.day is None:
            return float(deal.slot in slots)
        shares = self._shares(deal.day, deal.slot)
        if shares.keys() <= set(slots):  # all of them, whatever the sum of floats
            return 1.0
        return min(1.0, fsum(shares.get(slot, 0.0) for slot in slots))

    def _shares_of(self, expected: date, there: int | str) -> Mapping[int | str, float]:
        """The same of each slot in which any comes in, by the day on which deals are expected."""
        assert self._slippage is not None  # noqa: S101 - asked only then
        shares: dict[int | str, float] = {}
        slots = [*slots_of(self._periods)]
        for at, (slot, first) in enumerate(slots):
            last = None if at == len(slots) - 1 else slots[at + 1][1] - timedelta(1)
            share = self._slippage.share_between(expected, first, last, self._day)
            if share is None:  # too few deals tell it
                return {there: 1.0}
            if share:
                shares[slot] = shares.get(slot, 0.0) + share
        return shares

    def _weighted(self, slots: tuple[int | str, ...], expected: _Expected) -> Metric:
        tally = expected.tally
        reason, likely = "", tally.counts.with_weighted
        unlikely = tally.counts.unlikely
        if "expected_close_on" in self._lacking and "undated" not in slots:
            reason = _no_column("expected_close_on")
        elif tally.counts.rows:
            rows = tally.counts.with_amount
            reason = self._no_amount(tally, tally.counts.rows, rows)
            if not reason and not likely:
                reason = "no open deal has both an amount and a probability"
        if reason:
            return Metric(value=None, unit=self._unit, reason=reason)
        notes = [self._uncounted(tally)]
        if unlikely:
            notes.append(
                f"{amount_of(unlikely, 'open deal has', 'open deals have')} no probability"
            )
        return Metric(
            value=expected.mean,
            unit=self._unit,
            source="snapshot",
            rows=likely,
            reason="; ".join(filter(None, notes)),
        )

    def _sums(self, slots: tuple[int | str, ...], tallies: _Tallies, cells: _Cells) -> ForecastSums:
        weighted = self._weighted(slots, self._expected(cells, slots))
        return ForecastSums(**self._lines(slots, tallies), weighted=weighted)

    def _figures(
        self,
        slots: tuple[int, ...],
        tallies: _Tallies,
        cells: _Cells,
        largest: tuple[Likely, ...],
        quota: Metric,
    ) -> tuple[dict[str, Any], Callable[[], SumDistribution] | None]:
        """The fields of some periods, and what makes the distribution of what comes in."""
        lines = self._lines(slots, tallies, _VIEWS)
        expected = self._expected(cells, slots)
        weighted = self._weighted(slots, expected)
        why = self._no_interval(lines["closed"], weighted, expected.tally)
        fields: dict[str, Any] = {**lines, "weighted": weighted, **against(lines, quota)}
        fields |= {"interval": None, "largest": (), "no_interval": why}
        if why:
            return fields, None
        closed = lines["closed"].amount or 0.0
        made = cache(lambda: self._coming(slots, closed, expected, largest))
        fields["interval"] = later(lambda: made().interval)
        fields["largest"] = later(lambda: made().largest())
        return fields, made

    def _no_interval(self, closed: ForecastLine, weighted: Metric, coming: _Tally) -> str:
        """Why nobody can say how sure it is what comes in, if so."""
        if weighted.value is None or closed.amount is None:
            return weighted.reason if weighted.value is None else closed.reason
        if closed.amount < 0 or coming.counts.negative:
            return "amounts below 0 have no interval"
        if max(closed.amount, weighted.value) > MOST or coming.counts.huge:
            return TOO_LARGE
        return ""

    def _coming(
        self,
        slots: tuple[int, ...],
        closed: float,
        expected: _Expected,
        largest: tuple[Likely, ...],
    ) -> SumDistribution:
        """What may come in in some periods."""
        apart = [
            OpenDeal(deal.key, deal.amount, deal.chance * share)
            for deal in largest
            if (share := self._share(deal, slots))
        ]
        rest, possible = Rest(), expected.tally.counts.possible
        if possible > len(apart):
            rest = Rest(
                possible - len(apart),
                max(0.0, expected.mean - fsum(deal.mean for deal in apart)),
                max(0.0, expected.variance - fsum(deal.variance for deal in apart)),
            )
        return sum_of(apart, rest, sure=closed)


def _in_order(cell: Cell) -> tuple[object, ...]:
    says = tuple(cell.says.get(name, "") for name in CALLERS)
    day = 0 if cell.day is None else cell.day.toordinal()
    return str(cell.slot), cell.group, cell.won, cell.overdue, cell.at_odds, says, day


def _no_column(fact: str) -> str:
    return f"no column holds {fact}"
