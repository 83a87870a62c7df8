"""Where a deal has been: its stays, and the stages that it reached.

A stay is the visits that a deal makes to the parts of one stage without leaving it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from salesflow.domain import Progress, Visit
from salesflow.playbook import Playbook
from salesflow.schedule._triggers import called


def stay_begins(visits: Sequence[Visit], first: int = 0) -> int:
    """The number of the visit where the last stay began, not before `first`; 0 for no visits.

    A deal that was reopened in the stage where it ended is there for another stay.
    """
    start = max(len(visits) - 1, 0)
    while (
        start > first
        and visits[start - 1].stage == visits[start].stage
        and not visits[start].reopened
    ):
        start -= 1
    return start


def current_visit(progress: Progress, stages: Container[str | None] | None = None) -> range:
    """The visits, by number, of the latest stay in one of `stages` (default: the present one).

    Moving between the sub-stages of a stage is one stay.
    """
    visits, first = progress.visits, progress.first_visit
    end = len(visits)
    wanted = (progress.stage,) if stages is None else stages
    while end > first and visits[end - 1].stage not in wanted:
        end -= 1
    return range(max(stay_begins(visits[:end], first), first), end)


def reached(progress: Progress, playbook: Playbook, key: str) -> bool | None:
    """Whether the deal was in a stage or sub-stage; None where that is not on record."""
    names = set(called((key,), playbook))
    course = progress.course
    if any(not names.isdisjoint((visit.stage, visit.sub_stage)) for visit in course):
        return True
    if progress.adopted:
        baseline = course[0].sub_stage or course[0].stage
        # Which other stages an adopted deal went through before is not on record.
        return True if key in _passed(playbook, baseline) else None
    return False


def _passed(playbook: Playbook, name: str) -> Iterator[str]:
    """What a deal has certainly left that was in a position of this or an earlier version."""
    for place in playbook.positions:
        if name in called((place.key,), playbook):
            for left in playbook.certainly_left(place.key):
                yield from (left.key, left.stage.key)
