"""How far the chance of a few deals is drawn to that of all: empirical Bayes.

Segments differ, and few deals differ by luck. How much of what is seen between segments is more
than luck is told by their number of ends: the moment estimator of R. DerSimonian and N. Laird,
"Meta-analysis in clinical trials", Controlled Clinical Trials 7 (1986), 177-188, with the variance
that a segment would have if it were like all, p(1 - p)/n of n ends, so that a segment in which all
were won has one too. What follows is the estimate of B. Efron and C. Morris, "Data analysis using
Stein's estimator and its generalizations", JASA 70 (1975), 311-319, in the form that it has for
shares: to the ends of each segment as many are added that ended as those of all deals did.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf


def ends_added(parts: Sequence[tuple[float, int]], overall: float) -> float:
    """How many ends like those of all deals are added to those of each segment.

    Args:
        parts: Of each segment, its own chance, 0 to 1, and how many of its deals ended.
        overall: The chance of all deals.

    Returns:
        From 0 up; infinite where the segments differ by no more than luck, or there are not two of
        them with any end.

    Example:
        >>> round(ends_added([(0.2, 50), (0.6, 50)], 0.4), 2)
        3.19
        >>> ends_added([(0.4, 5), (0.5, 6)], 0.45)
        inf
    """
    told = [(share, ends) for share, ends in parts if ends]
    total = sum(ends for _, ends in told)
    if len(told) < 2 or not 0 < overall < 1:  # noqa: PLR2004 - one does not differ from itself
        return inf
    mean = sum(share * ends for share, ends in told) / total
    spread = sum(ends * (share - mean) ** 2 for share, ends in told) / (overall * (1 - overall))
    more_than_luck = spread - (len(told) - 1)
    if more_than_luck <= 0:
        return inf
    return (total - sum(ends**2 for _, ends in told) / total) / more_than_luck
