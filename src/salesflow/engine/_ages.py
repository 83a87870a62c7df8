"""How long a deal has been where it is, without the days on which its clocks rested."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo
from typing import NamedTuple

from salesflow.domain import Progress
from salesflow.domain.deal.stays import PART, STAGE, present_stay
from salesflow.playbook import Playbook
from salesflow.schedule._rests import holds_of, rests_of


class Age(NamedTuple):
    """How many days something has lasted, and how many days the deal was on hold meanwhile."""

    days: int
    days_on_hold: int


def age_since(
    since: datetime, playbook: Playbook, progress: Progress, at: datetime, zone: tzinfo
) -> Age:
    """The age of what began at a moment and lasts: until now, or until the deal ended.

    Days are those of the calendar in a zone, without those on hold where the playbook's clocks rest
    then.
    """
    until = max(progress.visits[-1].left_at or at, since)
    return Age(
        rests_of(playbook, progress, at).elapsed_days(since, until, zone),
        holds_of(progress, at).days(since, until, zone),
    )


def entered(progress: Progress) -> tuple[datetime | None, datetime | None]:
    """When the present stay in the stage began, and that in the sub-stage, where there is one."""
    visits = progress.course
    if not visits:
        return None, None
    in_stage, in_part = (visits[present_stay(visits, place)].entered_at for place in (STAGE, PART))
    return in_stage, None if progress.sub_stage is None else in_part


def days_on_hold(
    since: datetime | None,
    progress: Progress,
    today: date,
    zone: tzinfo,
    until: datetime | None = None,
) -> float | None:
    """The days on hold since a moment, until today or another moment; None since never.

    A deal that has ended is not on hold any more.
    """
    if since is None:
        return None
    if not progress.holds and progress.hold is None:
        return 0.0
    # It is days that are told, so that any moment of today will do, if no event is after it.
    now = datetime.combine(today, time.max, zone)
    return float(holds_of(progress, now).days(since, until or now, zone))


def stay_facts(progress: Progress, today: date, zone: tzinfo) -> dict[str, date | float | None]:
    """Since which days a deal is where it is, when it was closed, and how long it was on hold."""
    in_stage, in_part = entered(progress)
    # Of a deal that came from another playbook it is told what happened under this one.
    begun = progress.course[0].entered_at if progress.course else None
    closed = progress.closed_at
    return {
        "entered_stage_on": in_stage.astimezone(zone).date() if in_stage else None,
        "entered_sub_stage_on": in_part.astimezone(zone).date() if in_part else None,
        "closed_on": closed.astimezone(zone).date() if closed else None,
        "days_on_hold": days_on_hold(begun, progress, today, zone, closed),
        "days_on_hold_in_stage": days_on_hold(in_stage, progress, today, zone),
        "days_on_hold_in_sub_stage": days_on_hold(in_part, progress, today, zone),
    }
