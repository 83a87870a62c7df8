"""Numbers of days, of which an engine says how often each occurs: mean, quantiles, extremes."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Final

P90: Final = 0.9
"""Below which nine in ten lie."""


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
