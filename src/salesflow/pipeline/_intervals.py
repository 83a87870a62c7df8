"""How sure a share of some deals is, and the confidence that callers ask for."""

from __future__ import annotations

from decimal import Decimal
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Final

from salesflow._arguments import Arguments
from salesflow.errors import Problem

CONFIDENCE: Final = 0.95
"""Of all intervals, unless the caller wants another."""
_FINEST: Final = 16
_STEEPEST: Final = 700.0  # e to a higher power is no float


def read_confidence(given: Arguments, confidence: object) -> float:
    """The confidence that a caller asks for; a mistake is noted."""
    if isinstance(confidence, float) and 0 < confidence < 1:
        return confidence
    message = f"{confidence!r:.40} is not a confidence level"
    given.problems.append(Problem("confidence", message, "give a number between 0 and 1"))
    return CONFIDENCE


def wilson(deals: int, hits: int, confidence: float) -> tuple[float, float]:
    """Wilson's interval of a share, which is one for few deals and for 0 and 1 too.

    Example:
        >>> low, high = wilson(10, 5, 0.95)
        >>> round(low, 4), round(high, 4)
        (0.2366, 0.7634)
        >>> wilson(1, 0, 0.95)[0]
        0.0
    """
    z = z_of(confidence)
    rate = hits / deals
    shrunk = 1 + z * z / deals
    middle = (rate + z * z / (2 * deals)) / shrunk
    reach = z / shrunk * sqrt(rate * (1 - rate) / deals + z * z / (4 * deals * deals))
    return (
        0.0 if hits == 0 else max(0.0, middle - reach),
        1.0 if hits == deals else min(1.0, middle + reach),
    )


def log_log(share: float, error: float, ends: int, confidence: float) -> tuple[float, float]:
    """Where a share lies that the ends of so many deals tell, and whose standard error is known.

    It is even on the scale of log(-log(share)), so that it stays within 0 and 1: J. D. Kalbfleisch
    and R. L. Prentice, "The statistical analysis of failure time data", 2nd edition (2002), chapter
    1. A share of 0 or 1 has no place on that scale: then it is Wilson's interval.

    Example:
        >>> low, high = log_log(0.5, 0.1, 20, 0.95)
        >>> round(low, 3), round(high, 3)
        (0.295, 0.675)
    """
    if share in {0.0, 1.0}:
        return wilson(ends, round(ends * share), confidence)
    reach = z_of(confidence) * error / (share * -log(share))
    wide = exp(min(reach, _STEEPEST))
    return share**wide, share ** (1 / wide)


def in_percents(
    share: float, low: float, high: float, *, digits: int = 1, least: int = 1
) -> tuple[str, str, str]:
    """A share and its interval for people: as percents with so many digits that they say the same.

    What is written of the interval holds what is written of the share, and its ends, where they are
    different, are written differently.

    Args:
        share: The share.
        low: Where its interval begins.
        high: Where it ends.
        digits: Of the share, behind the point, if no more are needed.
        least: The same of the ends.

    Example:
        >>> in_percents(0.5, 0.24, 0.76), in_percents(0.0086, 0.0066, 0.0112, digits=2, least=0)
        (('50.0%', '24.0%', '76.0%'), ('0.86%', '0.7%', '1.1%'))
    """
    many = least
    while True:
        written = (f"{share:.{max(digits, many)}%}", f"{low:.{many}%}", f"{high:.{many}%}")
        value, begin, end = (Decimal(it.rstrip("%")) for it in written)
        holds = begin <= value <= end or not low <= share <= high
        if many > _FINEST or (holds and (begin < end or low == high)):
            return written
        many += 1


def z_of(confidence: float) -> float:
    """How many standard errors an interval reaches to either side."""
    return NormalDist().inv_cdf((1 + confidence) / 2)
