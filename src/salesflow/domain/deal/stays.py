"""Stays: the visits that a deal makes one after another without leaving a place."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from operator import attrgetter
from typing import Final

from salesflow.domain.deal.progress import Progress, Visit
from salesflow.domain.deal.track_visit import TrackVisit

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


def current_visit(progress: Progress, stages: Container[str | None] | None = None) -> range:
    """The visits, by number, of the latest stay in one of `stages` (default: the present one).

    Moving between the sub-stages of a stage is one stay.
    """
    visits, first = progress.visits, progress.first_visit
    end = len(visits)
    wanted = (progress.stage,) if stages is None else stages
    while end > first and visits[end - 1].stage not in wanted:
        end -= 1
    return range(max(present_stay(visits[:end], first=first), first), end)


def latest_stay(stays: Sequence[TrackVisit], track: str, states: Container[str]) -> int | None:
    """The number of the latest stay of a track in one of some states."""
    for number in range(len(stays) - 1, -1, -1):
        if stays[number].track == track and stays[number].state in states:
            return number
    return None
