"""The forecasts of past days, of what was counted of them and what was learned until then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from salesflow._arguments import Arguments
from salesflow.errors import Problem
from salesflow.pipeline._forecast.amount_interval import Interval
from salesflow.pipeline._forecast.backtest_figures import Said
from salesflow.pipeline._forecast.backtest_values import ForecastDay, Method
from salesflow.pipeline._forecast.chance_values import PlaceChances
from salesflow.pipeline._forecast.open_deals import MOST, TOO_LARGE, Rest
from salesflow.pipeline._forecast.past import PastDay, Standing, Tally
from salesflow.pipeline._forecast.periods import Period, read_periods, slot_of
from salesflow.pipeline._forecast.sum_distribution import sum_of
from salesflow.pipeline._history.process_graph import Course
from salesflow.pipeline._wording import amount_of
from salesflow.playbook._parts import CALLS

_MOST_UNTOLD: Final = 0.1


class Spans:
    """The periods of days.

    Attributes:
        of: By day, the period in which it lies.
        before: By day, the one before that, if there is any.
    """

    def __init__(
        self, given: Arguments, periods: object, fiscal_start: object, days: Sequence[date]
    ) -> None:
        """Find them; what is wrong is noted."""
        self.of: dict[date, Period] = {}
        self.before: dict[date, Period | None] = {}
        if not isinstance(periods, str) and isinstance(periods, Iterable):
            periods = tuple(periods)
        for day in days:
            found = read_periods(given, periods, 1, fiscal_start, day)
            slot = slot_of(found, day) if found else None
            if isinstance(slot, int):
                self.of[day] = found[slot]
                self.before[day] = found[slot - 1] if slot else None
                if isinstance(periods, str) and found[0].first > date.min:
                    eve = found[0].first - timedelta(days=1)
                    self.before[day] = read_periods(given, periods, 1, fiscal_start, eve)[0]
            elif found:
                message = f"{day.isoformat()} lies in none of them"
                given.problems.append(Problem("periods", message, "give one that it lies in"))


class PastForecasts:
    """What would have been said on past days, one after the other.

    Attributes:
        days: In the order in which they were added.
        said: What was said of open deals in periods that are over.
        reasons: By method, why it says nothing on some day; of what was learned, on one of which
            the period is over.
    """

    def __init__(
        self,
        past: Mapping[date, PastDay],
        spans: Spans,
        course: Course,
        first: date,
        until: date,
        *,
        has_calls: bool,
    ) -> None:
        self.days: list[ForecastDay] = []
        self.said: list[Said] = []
        self.reasons: dict[Method, str] = {}
        self._past, self._spans, self._course = past, spans, course
        self._first, self._until, self._has_calls = first, until, has_calls

    def add(self, day: date, places: Mapping[str, PlaceChances]) -> None:
        """The forecast of a day, by the chances that were learned until then."""
        past, period = self._past[day], self._spans.of[day]
        before = self._spans.before[day]
        closed = past.won_between(period.first, day).amount
        actual = known = None
        if period.last <= self._until:
            came = self._past[period.last]
            actual = came.won_between(period.first, period.last).amount
            known = came.won_between(period.first, day).amount
            known += sum(it.amount for it in past.won_later.values())
        last_period = None
        if before is not None and before.first >= self._first:
            last_period = self._past[before.last].won_between(before.first, before.last).amount
        else:
            self.reasons["last_period"] = "the history does not have the period before"
        owner_call = None
        if self._has_calls:
            owner_call = closed + sum(it.called for it in past.open.values())
        else:
            self.reasons["owner_call"] = f"no column holds {CALLS['owner']}"
        weighted = self._weighted(past, places)
        chances = {it: self._chance(it, places, (period.last - day).days) for it in past.open}
        learned, reason = _learned(past, chances, closed)
        if learned is None and actual is not None:
            self.reasons["learned"] = reason
        self.days.append(
            ForecastDay(
                day=day,
                period=period,
                open=sum(it.deals for it in past.open.values()),
                closed=closed,
                learned=learned,
                weighted=None if weighted is None else closed + weighted,
                last_period=last_period,
                owner_call=owner_call,
                actual=actual,
                actual_known=known,
                reason=reason,
            )
        )
        if actual is not None:
            for standing, chance in chances.items():
                if chance is not None:
                    won = past.won_later.get(standing, Tally()).deals
                    deals = past.open[standing].deals
                    self.said.append(Said(self._key(standing), chance, deals, won))

    def _key(self, standing: Standing) -> str:
        return self._course.nodes[standing.place].key

    def _chance(
        self, standing: Standing, places: Mapping[str, PlaceChances], within: int
    ) -> float | None:
        """The chance to be won within so many days; None where it cannot be told."""
        found = places.get(self._key(standing))
        return None if found is None else found.standing(standing.days, within).value

    def _weighted(self, past: PastDay, places: Mapping[str, PlaceChances]) -> float | None:
        """The open deals by the probability of their stage; None where a stage has none."""
        total = 0.0
        for standing, tally in past.open.items():
            found = places.get(self._key(standing))
            if found is None or not tally.valued:
                continue
            if found.own is None:
                self.reasons["weighted"] = (
                    f"{self._key(standing)} has no probability in the playbook"
                )
                return None
            total += tally.amount * found.own
        return total


def _learned(
    past: PastDay, chances: Mapping[Standing, float | None], closed: float
) -> tuple[Interval | None, str]:
    """The forecast, and what is to be said of it."""
    untold = [past.open[standing] for standing, chance in chances.items() if chance is None]
    reason = ""
    if untold:
        number = amount_of(sum(it.deals for it in untold), "open deal stands", "open deals stand")
        reason = f"{number} where too few ended to tell a chance"
        all_open = sum(it.amount for it in past.open.values())
        missing = sum(it.amount for it in untold)
        if missing > _MOST_UNTOLD * all_open or len(untold) == len(chances):
            return None, reason
    if closed + sum(it.amount for it in past.open.values()) > MOST:
        return None, TOO_LARGE
    large = [
        (it.key, it.amount, chance)
        for it in past.large
        if (chance := chances[it.standing]) is not None
    ]
    others = {standing: replace(tally) for standing, tally in past.open.items()}
    for it in past.large:
        tally = others[it.standing]
        tally.valued -= 1
        tally.amount -= it.amount
        tally.square -= it.amount * it.amount
    # Where none is left, what is left of the sums is rounding.
    small = [
        (chance, others[standing])
        for standing, chance in chances.items()
        if chance is not None and others[standing].valued
    ]
    rest = Rest(
        sum(it.valued for _, it in small),
        sum(chance * max(0.0, it.amount) for chance, it in small),
        sum(chance * (1 - chance) * max(0.0, it.square) for chance, it in small),
    )
    return sum_of(large, rest, sure=closed).interval, reason
