"""The stages that a deal reached, and whether its progress is whole."""

from __future__ import annotations

from collections.abc import Iterator

from salesflow.domain import Progress
from salesflow.domain.deal.opportunity import Deal
from salesflow.errors import PlaybookMismatch
from salesflow.playbook import Playbook
from salesflow.schedule._triggers import called


def reached(progress: Progress, playbook: Playbook, key: str) -> bool | None:
    """Whether the deal was in a stage or sub-stage; None where that is not on record."""
    names = set(called(playbook, (key,)))
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
        if name in called(playbook, (place.key,)):
            for left in playbook.certainly_left(place.key):
                yield from (left.key, left.stage.key)


def check_whole(opportunity: Deal) -> None:
    """Raise PlaybookMismatch for a progress that no events add up to: one that was written by hand.

    What reads a progress may then take it that a deal which has begun is somewhere, and no track
    of one which has not.
    """
    progress = opportunity.progress
    visits = progress.visits
    if progress.playbook is None:
        whole = progress.stage is None and not progress.tracks
    else:
        whole = (
            bool(visits)
            and visits[-1].stage == progress.stage
            and progress.first_visit < len(visits)
            and all(item.visit < len(visits) for item in progress.judgements)
        )
    if not whole:
        raise broken(opportunity)


def broken(opportunity: Deal) -> PlaybookMismatch:
    """The error for a progress that no events add up to."""
    return PlaybookMismatch(
        f"The progress of deal {opportunity.id!r} is not what its events add up to: "
        f"it stands in {opportunity.progress.position!r}.",
        hint="Restore it with replay(); progress is written by events only.",
    )
