"""Deals added up into the distribution of their sum: exactly, or on a grid with a normal's tail."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from math import ceil, fsum, sqrt
from operator import mul
from statistics import NormalDist
from typing import Final, NamedTuple, TypeAlias

from salesflow.pipeline._forecast.open_deals import OpenDeal, Rest

MOST_SUMS: Final = 4096
"""So many different sums are kept one by one."""

MOST_WORK: Final = 300_000
"""Points of the grid x deals on it, so that it is done in a blink of an eye."""

FINEST: Final = 8192
"""Points of the grid where there are few deals."""

_PER_DEVIATION: Final = 8  # points of the grid in a standard deviation of the rest
_REACH: Final = 7.0  # standard deviations beyond which a normal has less than 1e-11
_NOTHING: Final = 1e-14


class Steps:
    """A distribution that has its probability in points.

    Attributes:
        values: The points, ascending.
        upto: How much probability lies before each of them; and 1, after all.
        width: How fine it is, of 0.
    """

    width = 0.0

    def __init__(self, values: Sequence[float], masses: Iterable[float]) -> None:
        self.values = values
        passed = list(accumulate(masses, initial=0.0))
        self.upto = [mass / passed[-1] for mass in passed]
        self.least, self.most = values[0], values[-1]

    def at_most(self, amount: float, starts: Iterable[float], masses: Iterable[float]) -> float:
        """The probability of no more than an amount, each start having a mass of its own."""
        values, upto = self.values, self.upto
        pairs = zip(starts, masses, strict=True)
        return sum([mass * upto[bisect_right(values, amount - start)] for start, mass in pairs])

    def below(self, amount: float, starts: Iterable[float], masses: Iterable[float]) -> float:
        """The probability of less than an amount, likewise."""
        values, upto = self.values, self.upto
        pairs = zip(starts, masses, strict=True)
        return sum([mass * upto[bisect_left(values, amount - start)] for start, mass in pairs])


class Slopes:
    """A distribution that is spread evenly within each of many cells of one width.

    Attributes:
        width: Of a cell.
        least: Where the first begins.
        most: Where the last ends.
        upto: How much probability lies before each edge of a cell.
    """

    def __init__(self, least: float, width: float, masses: Iterable[float]) -> None:
        upto = list(accumulate(masses, initial=0.0))
        # What lies beyond has no weight, and would have to be passed at every look.
        first = bisect_right(upto, _NOTHING * upto[-1]) - 1
        last = bisect_left(upto, (1 - _NOTHING) * upto[-1])
        self.upto = [mass / upto[-1] for mass in upto[first : last + 1]]
        self.upto[0], self.upto[-1] = 0.0, 1.0
        self.width = width
        self.least = least + first * width
        self.most = least + last * width

    def at_most(self, amount: float, starts: Iterable[float], masses: Iterable[float]) -> float:
        """The probability of no more than an amount, each start having a mass of its own.

        No start is so far from the amount that it would be outside of all cells.
        """
        least, width, upto = self.least, self.width, [*self.upto, 1.0]
        places = [(amount - start - least) / width for start in starts]
        return sum(
            [
                mass * (upto[cell := int(place)] + (upto[cell + 1] - upto[cell]) * (place - cell))
                for place, mass in zip(places, masses, strict=True)
            ]
        )

    below = at_most


Shape: TypeAlias = Steps | Slopes


class Whole(NamedTuple):
    """Amounts as whole numbers, so that equal sums are equal in whatever order they are added.

    Attributes:
        unit: How many of them are 1: a power of ten.
    """

    unit: int

    @classmethod
    def of(cls, deals: Iterable[OpenDeal]) -> Whole:
        """A unit in which these amounts are whole, as they are written in decimals."""
        exponents = (Decimal(repr(deal.amount)).as_tuple().exponent for deal in deals)
        places = max((-at for at in exponents if isinstance(at, int)), default=0)
        return cls(10 ** max(0, places))

    def added(
        self, deals: Iterable[OpenDeal], sums: Mapping[int, float] | None, most: int
    ) -> dict[int, float] | None:
        """Every sum with its probability; None where there are more than so many."""
        found = {0: 1.0} if sums is None else dict(sums)
        for deal in deals:
            amount = int(Fraction(repr(deal.amount)) * self.unit)
            chance = deal.chance
            added = {total: mass * (1 - chance) for total, mass in found.items()}
            for total, mass in found.items():
                won = total + amount
                added[won] = added.get(won, 0.0) + mass * chance
            if len(added) > most:
                return None
            found = added
        return found

    def steps(self, sums: Mapping[int, float]) -> Steps:
        """These sums as a distribution."""
        found = sorted(sums.items())
        return Steps([total / self.unit for total, _ in found], [mass for _, mass in found])


def on_a_grid(deals: Sequence[OpenDeal], rest: Rest) -> Shape:
    """The sum of deals in ascending order, and of the rest, on a grid of equal steps.

    What the grid adds to the variance, as it divides an amount between two points, is taken from
    the rest, so that both together are as wide as they should be.
    """
    whole, deviation = fsum(deal.amount for deal in deals), sqrt(rest.variance)
    points = min(FINEST, MOST_WORK // max(1, len(deals)))
    step = max(whole / points, deviation / _PER_DEVIATION)
    if step == 0:
        return Steps([rest.mean], [1.0])
    masses = [1.0]
    excess = 0.0
    for deal in deals:
        count, part = divmod(deal.amount / step, 1)
        gap, chance = int(count), deal.chance
        stay, near, far = 1 - chance, chance * (1 - part), chance * part
        zeros = [0.0] * gap
        masses = [
            stay * lost + near * won + far * beyond
            for lost, won, beyond in zip(
                masses + zeros + [0.0],
                zeros + masses + [0.0],
                [0.0, *zeros, *masses],
                strict=True,
            )
        ]
        excess += chance * part * (1 - part) * step * step
    # Two uniform spreads within a cell: of the normal's weights, and of the slopes between them.
    left = rest.variance - excess - step * step / 6
    if left <= step * step / 4:
        return Steps([rest.mean + at * step for at in range(len(masses))], masses)
    normal = NormalDist(0.0, sqrt(left))
    reach = ceil(_REACH * normal.stdev / step)
    edges = [normal.cdf((at - 0.5) * step) for at in range(-reach, reach + 2)]
    weights = [after - before for before, after in pairwise(edges)]
    around = [0.0] * (2 * reach)
    padded = around + masses + around
    blurred = [
        sum(map(mul, weights, padded[at : at + len(weights)]))
        for at in range(len(masses) + 2 * reach)
    ]
    return Slopes(rest.mean - (reach + 0.5) * step, step, blurred)
