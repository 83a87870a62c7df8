"""The statistics of a backtest, from counts of deals: nothing here looks at a single row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt

from salesflow.pipeline._backtest.report import Auc, Bin, Slice
from salesflow.pipeline._intervals import wilson, z_of

OutcomeTally = tuple[int, int]
"""Deals, and those of them that were won."""


def sliced(label: str, tally: OutcomeTally, whole: OutcomeTally, confidence: float) -> Slice:
    """A part of the deals beside all of them."""
    deals, won = tally
    if not deals:
        return Slice(label=label, deals=0, won=0, win_rate=None, low=None, high=None, lift=None)
    low, high = wilson(deals, won, confidence)
    rate, base = won / deals, whole[1] / whole[0]
    return Slice(
        label=label,
        deals=deals,
        won=won,
        win_rate=rate,
        low=low,
        high=high,
        lift=rate / base if base else None,
    )


def area_under_curve(by_points: Mapping[float, OutcomeTally], confidence: float) -> Auc | None:
    """How often a won deal has more points than a lost one; None without deals of both kinds.

    The standard error is DeLong's. From tallies by points it is exact, ties included: deals of
    equal points have the same placement among the deals of the other outcome.
    """
    n_deals, n_won = summed(by_points.values())
    n_lost = n_deals - n_won
    if not n_won or not n_lost:
        return None
    won_below = lost_below = 0
    of_won: list[tuple[float, int]] = []
    of_lost: list[tuple[float, int]] = []
    for points in sorted(by_points):
        deals, won = by_points[points]
        lost = deals - won
        of_won.append(((lost_below + lost / 2) / n_lost, won))
        of_lost.append(((n_won - won_below - won / 2) / n_won, lost))
        won_below, lost_below = won_below + won, lost_below + lost
    area = sum(placement * number for placement, number in of_won) / n_won
    spread = _variance(of_won, n_won, area), _variance(of_lost, n_lost, area)
    if spread[0] is None or spread[1] is None:
        return Auc(value=area, low=None, high=None, standard_error=None)
    variance = spread[0] / n_won + spread[1] / n_lost
    if variance <= 0:  # all deals alike, or none out of order: the sample cannot say how sure it is
        return Auc(value=area, low=None, high=None, standard_error=None)
    error = sqrt(variance)
    reach = z_of(confidence) * error
    return Auc(
        value=area,
        low=max(0.0, area - reach),
        high=min(1.0, area + reach),
        standard_error=error,
    )


def calibrated(
    by_points: Mapping[float, OutcomeTally], total: float, bins: int, confidence: float
) -> tuple[Bin, ...]:
    """Bins of about as many deals each, from few points to many; equal points stay together."""
    whole = summed(by_points.values())
    found: list[Bin] = []
    taken: list[float] = []
    before = 0
    for points in sorted(by_points):
        taken.append(points)
        upto = before + sum(by_points[value][0] for value in taken)
        # It closes where it passes an edge between equal parts of all deals.
        if upto * bins // whole[0] > before * bins // whole[0]:
            found.append(_bin(taken, by_points, total, whole, confidence))
            taken, before = [], upto
    return tuple(found)


def _bin(
    taken: list[float],
    by_points: Mapping[float, OutcomeTally],
    total: float,
    whole: OutcomeTally,
    confidence: float,
) -> Bin:
    tally = summed(by_points[points] for points in taken)
    mean = sum(points * by_points[points][0] for points in taken) / tally[0]
    part = sliced("", tally, whole, confidence)
    return Bin(
        points_from=taken[0],
        points_to=taken[-1],
        share=mean / total,
        deals=part.deals,
        won=part.won,
        win_rate=tally[1] / tally[0],
        low=part.low,
        high=part.high,
        lift=part.lift,
    )


def summed(tallies: Iterable[OutcomeTally]) -> OutcomeTally:
    """Tallies of several parts together."""
    found = list(tallies)
    return sum(deals for deals, _ in found), sum(won for _, won in found)


def _variance(placements: list[tuple[float, int]], number: int, mean: float) -> float | None:
    if number < 2:  # noqa: PLR2004 - one deal has no spread
        return None
    return sum(n * (value - mean) ** 2 for value, n in placements) / (number - 1)
