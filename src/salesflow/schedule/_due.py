"""What is due on a deal: the cadences of its playbook, counted from what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, Literal
from zoneinfo import ZoneInfo

from salesflow.domain import Progress, Visit
from salesflow.playbook import Cadence, Playbook
from salesflow.schedule._calendar import WorkCalendar, on_workday
from salesflow.schedule._span import added
from salesflow.text import Text

__all__ = ["Duty", "duties"]

_UNDER_WAY: Final = frozenset({"started", "stage_entered"})


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that somebody has to do by a day.

    Attributes:
        key: The cadence.
        role: Who has to do it; None where the playbook does not say.
        due_on: The day, by which it is to be done; a workday where a calendar was given.
        status: `"overdue"`, `"due"` today, or `"next"`.
        since: What it counts from.
    """

    key: str
    title: Text
    role: str | None
    due_on: date
    status: Literal["overdue", "due", "next"]
    since: datetime


def duties(
    playbook: Playbook,
    progress: Progress,
    facts: Mapping[str, object],
    at: datetime,
    *,
    tz: str = "UTC",
    calendar: WorkCalendar | None = None,
) -> tuple[Duty, ...]:
    """What the cadences of a playbook ask for now, the most urgent first.

    A cadence counts from its trigger; `Complete` with its key says that it was done. While a deal
    is under way, cadences of the stage where it stands apply, and those of the whole deal; after
    its end, those that count from the end.

    Args:
        playbook: Whose cadences.
        progress: How far the deal has come.
        facts: As from `facts_of`; the days that cadences count back from.
        at: The present moment.
        tz: The zone in which a moment has its calendar day.
        calendar: Due days move to workdays: forward, or back for what is due ahead of a day.

    Raises:
        ScheduleError: The calendar ends before a due day.
    """
    today = at.astimezone(ZoneInfo(tz)).date()
    found = []
    for cadence in playbook.cadences:
        for since, due in _due(cadence, progress, facts, tz):
            day = due.astimezone(ZoneInfo(tz)).date()
            day = on_workday(day, calendar, forward=cadence.ahead is None)
            found.append(
                Duty(
                    key=cadence.key,
                    title=cadence.title,
                    role=cadence.role,
                    due_on=day,
                    status=_status(day, today, passed=due < at),
                    since=since,
                )
            )
    return tuple(sorted(found, key=lambda duty: duty.due_on))


def _status(day: date, today: date, *, passed: bool) -> Literal["overdue", "due", "next"]:
    if day < today:
        return "overdue"
    if day > today:
        return "next"
    return "overdue" if passed else "due"


def _due(
    cadence: Cadence, progress: Progress, facts: Mapping[str, object], tz: str
) -> Iterator[tuple[datetime, datetime]]:
    """What it counts from, and when it is due; nothing where it does not apply or is done."""
    if not _applies(cadence, progress):
        return
    done = max(
        (item.at for item in progress.completions if item.instrument == cadence.key), default=None
    )
    if cadence.ahead is not None:
        day = facts.get(cadence.before or "")
        if isinstance(day, date) and done is None:
            midnight = datetime.combine(day, time(), ZoneInfo(tz)).astimezone(UTC)
            yield midnight, added(midnight, cadence.ahead, -1, tz)
        return
    since = _trigger(cadence, progress)
    if since is None:
        return
    if cadence.within is not None:
        if done is None or done < since:
            yield since, added(since, cadence.within, 1, tz)
        return
    if cadence.every is not None:
        last = since if done is None or done < since else done
        times = 1
        # From the trigger, not from the last time: a quarter stays a quarter.
        while (due := added(since, cadence.every, times, tz)) <= last:
            times += 1
        yield since, due


def _applies(cadence: Cadence, progress: Progress) -> bool:
    if progress.stage is None or (progress.ended and cadence.trigger in _UNDER_WAY):
        return False
    inside = not cadence.stages or _is_in(cadence, progress.visits[-1])
    return not inside if cadence.trigger == "stage_left" else inside or progress.ended


def _is_in(cadence: Cadence, visit: Visit) -> bool:
    return not {visit.stage, visit.sub_stage}.isdisjoint(cadence.stages)


def _trigger(cadence: Cadence, progress: Progress) -> datetime | None:
    """The moment that a cadence counts from; None where it did not come."""
    visits = progress.visits
    match cadence.trigger:
        case "started":
            return visits[0].entered_at
        case "stage_entered":
            return _entered(cadence, visits)
        case "stage_left":
            left = [visit.left_at for visit in visits if visit.left_at and _is_in(cadence, visit)]
            return left[-1] if left else None
        case "ended":
            return (visits[-1].left_at or progress.closed_at) if progress.ended else None
        case outcome:
            return progress.closed_at if progress.outcome == outcome else None


def _entered(cadence: Cadence, visits: tuple[Visit, ...]) -> datetime:
    """When the present stay began, in the stage or sub-stage that the cadence is about."""
    here = (visits[-1].stage, visits[-1].sub_stage)
    began = visits[-1].entered_at
    for visit in reversed(visits):
        same = _is_in(cadence, visit) if cadence.stages else (visit.stage, visit.sub_stage) == here
        if not same:
            break
        began = visit.entered_at
    return began
