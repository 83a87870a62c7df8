"""The chance to be won, by days: the estimator of Aalen and Johansen, from counts of deals.

A deal that came to a place is won, or ends otherwise, which competes with winning, or is open
still. Open deals are no losses: they are censored, which says no more than that they had not ended
after so many days. At risk on a day are those that had not ended before it and were watched until
then; deals watched no longer than this day were. Then, from day to day,

- the share that is still open falls by the share of those at risk that ended;
- the share that is won grows by that share, as it was before, x those at risk that were won.

Without other ends, the second is 1 less the estimate of Kaplan and Meier; without open deals, it is
the share that was won by then.

Sources: O. O. Aalen and S. Johansen, "An empirical transition matrix for non-homogeneous Markov
chains based on censored observations", Scandinavian Journal of Statistics 5 (1978), 141-150;
E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958),
457-481. The variance is that of the delta method, the ends of one day being multinomial:
G. E. Dinse and M. G. Larson, "A note on semi-Markov models for partially censored data", Biometrika
73 (1986), 379-386.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from math import sqrt
from typing import TypeAlias

from salesflow._result import Result

EndCounts: TypeAlias = Mapping[int, tuple[int, int, int]]
"""By days since they came to a place: how many deals were won then, how many ended otherwise, and
how many are open and were watched for so many days."""


class WinCurve(Result):
    """What became of deals, day by day since they came to a place.

    Shares are of all that came. There is an entry for each day on which any of them ended; from
    then on the shares are what they are there, until the next.

    Attributes:
        days: The days since they came, in order.
        at_risk: The deals that had not ended before the day, and were watched until it.
        won: The share that is won by the end of the day.
        open: The share that is still open then.
        errors: The standard error of `won`.
        ends: How many deals ended.
        watched: The longest that any of them was watched, in days; None where there is none.
    """

    days: tuple[int, ...]
    at_risk: tuple[int, ...]
    won: tuple[float, ...]
    open: tuple[float, ...]
    errors: tuple[float, ...]
    ends: int
    watched: int | None

    @property
    def chance(self) -> float:
        """The share that is won by the end of what was watched."""
        return self.won[-1] if self.won else 0.0

    @property
    def error(self) -> float:
        """Its standard error."""
        return self.errors[-1] if self.errors else 0.0

    @property
    def undecided(self) -> float:
        """The share of which nobody saw how it ended."""
        return self.open[-1] if self.open else 1.0

    def won_by(self, day: int) -> float:
        """The share that is won by the end of a day."""
        at = self._at(day)
        return self.won[at] if at >= 0 else 0.0

    def open_after(self, day: int) -> float:
        """The share that is still open after a day."""
        at = self._at(day)
        return self.open[at] if at >= 0 else 1.0

    def error_on(self, day: int) -> float:
        """The standard error of the share that is won by the end of a day."""
        at = self._at(day)
        return self.errors[at] if at >= 0 else 0.0

    def days_to_win(self, share: float) -> int | None:
        """The first day by which this share of all that are won is; None where none is."""
        if not self.chance:
            return None
        wanted = self.chance * share
        return next(day for day, won in zip(self.days, self.won, strict=True) if won >= wanted)

    def _at(self, day: int) -> int:
        return bisect_right(self.days, day) - 1


def curve_of(counts: EndCounts) -> WinCurve:
    """The curve of deals, from how many ended how after how many days.

    Example:
        >>> curve = curve_of({2: (1, 0, 0), 3: (0, 1, 1), 5: (1, 0, 0)})
        >>> curve.days, curve.at_risk, curve.won
        ((2, 3, 5), (4, 3, 1), (0.25, 0.25, 0.75))
        >>> curve.won_by(4), curve.open_after(4)
        (0.25, 0.5)
    """
    at_risk = sum(map(sum, counts.values()))
    ends = sum(won + lost for won, lost, _ in counts.values())
    still_open, won_share, others = 1.0, 0.0, 0
    # Sums over the days so far of what the variance is put together from: with a, b and c below,
    # it is the sum of (F - F_day)² a + b - 2 (F - F_day) c.
    of_a = of_af = of_aff = of_b = of_c = of_cf = 0.0
    rows: list[tuple[int, int, float, float, float]] = []
    for day in sorted(counts):
        won, lost, watched = counts[day]
        ended = won + lost
        if ended:
            left = at_risk - ended
            others += lost
            after = still_open * left / at_risk
            # While all that ended were won it is exactly the rest, and 1 where none is left.
            grown = won_share + still_open * won / at_risk if others else 1 - after
            won_share = min(1.0, grown)
            # Where none is left there is no later day, so that this one adds nothing.
            a = ended / (at_risk * left) if left else 0.0
            c = still_open * won / at_risk**2
            of_a, of_af, of_aff = of_a + a, of_af + a * won_share, of_aff + a * won_share**2
            of_b += still_open**2 * won * (at_risk - won) / at_risk**3
            of_c, of_cf = of_c + c, of_cf + c * won_share
            still_open = after
            variance = won_share**2 * of_a - 2 * won_share * of_af + of_aff
            variance += of_b - 2 * (won_share * of_c - of_cf)
            error = sqrt(max(0.0, variance))
            rows.append((day, at_risk, won_share, still_open, error))
        at_risk -= ended + watched
    columns = tuple(zip(*rows, strict=True)) or ((),) * 5
    names = ("days", "at_risk", "won", "open", "errors")
    told = dict(zip(names, columns, strict=True))
    return WinCurve(**told, ends=ends, watched=max(counts, default=None))


def blended(part: WinCurve, whole: WinCurve, weight: float, strength: float) -> WinCurve:
    """The curve of a part of the deals drawn to that of all: its own with `weight`, else theirs.

    Args:
        part: The curve of some of the deals.
        whole: That of all.
        weight: From 0, nothing but all, to 1.
        strength: As how many deals what is known of the part counts, its own and those that stand
            for all; the error is that of a share of so many, beside that of the curve of all.
    """
    won, still_open, errors = list[float](), list[float](), list[float]()
    for day, all_won, all_open, error in zip(
        whole.days, whole.won, whole.open, whole.errors, strict=True
    ):
        # Where both say the same, it is exactly that.
        share = all_won + weight * (part.won_by(day) - all_won)
        won.append(min(1.0, max(0.0, share)))
        still_open.append(max(0.0, all_open + weight * (part.open_after(day) - all_open)))
        errors.append(sqrt(won[-1] * (1 - won[-1]) / strength + ((1 - weight) * error) ** 2))
    return WinCurve(
        **{**dict(whole), "won": tuple(won), "open": tuple(still_open), "errors": tuple(errors)}
    )
