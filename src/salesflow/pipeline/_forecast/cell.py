"""Deals that no line of a forecast tells apart, counted and added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import add
from typing import NamedTuple

from salesflow.facts import ForecastCategory
from salesflow.pipeline._forecast.values import Caller
from salesflow.pipeline._metrics.sums import Total, joined


class Counts(NamedTuple):
    """How many deals there are, and of how many of them something is so.

    Attributes:
        rows: All of them.
        with_amount: Those whose amount counts.
        rateless: Whose amount has no rate into the currency of the forecast.
        endless: Whose amount is infinite.
        with_weighted: With an amount and a chance.
        unlikely: With an amount and no chance.
        possible: With an amount and a chance above 0.
        negative: Such ones whose amount is below 0.
        huge: Such ones whose amount is too large for an interval.
    """

    rows: int = 0
    with_amount: int = 0
    rateless: int = 0
    endless: int = 0
    with_weighted: int = 0
    unlikely: int = 0
    possible: int = 0
    negative: int = 0
    huge: int = 0

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(*map(add, self, other))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Deals that no line of the forecast tells apart, or some of those of a larger cell.

    Attributes:
        slot: The number of the period, or where outside of all of them.
        group: The number of the group.
        won: They are won; else they are open.
        overdue: They are expected before the day.
        at_odds: Somebody commits to them, and a criterion of a stage already left does not hold.
        says: By who says it, what they count as; without those who say nothing.
        day: On which they are expected, where that is told.
        counts: How many.
        sums: By name: `amount`, `weighted`, and what `squares` needs.
    """

    slot: int | str
    group: int
    won: bool
    overdue: bool
    at_odds: bool
    says: Mapping[Caller, ForecastCategory]
    day: date | None
    counts: Counts
    sums: Mapping[str, Total]

    def squares(self, name: str) -> float:
        """The `variance` of what they bring, or the sum of `square`s of what they bring each."""
        nothing = Total()
        large, rest = (self.sums.get(f"{name} {part}", nothing) for part in ("large", "rest"))
        return joined(large.value, rest.value)

    def category(self, call: Caller) -> ForecastCategory:
        """What they count as; the manager's word is above the owner's, and that above the stage."""
        ranks: Sequence[Caller] = ("manager", "owner", "stage")
        for name in ranks[ranks.index(call) :]:
            if name in self.says:
                return self.says[name]
        return "omitted"
