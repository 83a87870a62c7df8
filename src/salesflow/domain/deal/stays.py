"""Stays: the visits that a deal makes one after another without leaving a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final

from salesflow.domain.deal.progress import Visit

STAGE: Final = attrgetter("stage")
"""What two visits of one stay in a stage have in common."""
PART: Final = attrgetter("stage", "sub_stage")
"""What two visits of one stay in a sub-stage have in common."""


def stay_begins(visits: Sequence[Visit], inside: Callable[[Visit], bool], first: int = 0) -> int:
    """The number of the visit where the last stay began, not before `first`; 0 for no visits.

    It goes back over the visits that are `inside` what the last one is in. Coming back is another
    stay; so is being reopened, though it be where the deal ended.
    """
    start = max(len(visits) - 1, 0)
    while start > first and not visits[start].reopened and inside(visits[start - 1]):
        start -= 1
    return start


def present_stay(
    visits: Sequence[Visit], place: Callable[[Visit], object] = STAGE, first: int = 0
) -> int:
    """The number of the visit where the stay in the last visit's stage or sub-stage began."""
    return stay_begins(visits, lambda visit: place(visit) == place(visits[-1]), first)
