"""A stay: the visits that a deal makes to the parts of one stage without leaving it."""

from __future__ import annotations

from collections.abc import Sequence

from salesflow.domain import Visit


def stay_begins(visits: Sequence[Visit]) -> int:
    """The number of the visit where the last stay began; 0 for no visits.

    A deal that was reopened in the stage where it ended is there for another stay.
    """
    start = max(len(visits) - 1, 0)
    while start and visits[start - 1].stage == visits[start].stage and not visits[start].reopened:
        start -= 1
    return start
