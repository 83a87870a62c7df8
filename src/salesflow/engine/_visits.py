"""Where a deal has been: its stays, and the stages that it reached."""

from __future__ import annotations

from collections.abc import Container, Iterator

from salesflow.domain import Progress
from salesflow.domain.deal.stays import present_stay
from salesflow.playbook import Playbook
from salesflow.schedule._triggers import called


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
