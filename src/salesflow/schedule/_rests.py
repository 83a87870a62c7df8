"""Clocks that rest: the time that passes between two moments while a deal is not on hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final, Self, TypeAlias

from salesflow.domain import Progress
from salesflow.playbook import Playbook

Period: TypeAlias = tuple[datetime, datetime]
"""From a moment to a later one."""


@dataclass(frozen=True, slots=True)
class Rests:
    """When clocks rest: periods in order that do not touch; both ends have a zone.

    A period that goes on has the present moment as its end.

    Example:
        >>> from datetime import UTC
        >>> march = [datetime(2026, 3, day, 9, tzinfo=UTC) for day in range(1, 32)]
        >>> rests = Rests.of([(march[2], march[7])])
        >>> rests.elapsed_days(march[1], march[9], UTC), str(rests.elapsed(march[1], march[9]))
        (3, '3 days, 0:00:00')
    """

    periods: tuple[Period, ...] = ()

    @classmethod
    def of(cls, periods: Iterable[Period]) -> Self:
        """The times that any of the periods covers."""
        joined: list[Period] = []
        for began, ended in sorted(periods):
            if ended <= began:
                continue
            if joined and began <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(joined[-1][1], ended)
            else:
                joined.append((began, ended))
        return cls(tuple(joined))

    def between(self, start: datetime, end: datetime) -> tuple[Period, ...]:
        """What of the rests lies between two moments."""
        return tuple(
            (max(began, start), min(ended, end))
            for began, ended in self.periods
            if began < end and ended > start
        )

    def days(self, start: datetime, end: datetime, zone: tzinfo) -> int:
        """How many days of the calendar in a zone lie between two moments during rests.

        Of each rest, it is the day when it ended less the day when it began: nothing of one that
        began and ended on the same day.
        """
        return sum(_days(began, ended, zone) for began, ended in self.between(start, end))

    def time(self, start: datetime, end: datetime) -> timedelta:
        """How much time between two moments was rest."""
        return sum((ended - began for began, ended in self.between(start, end)), timedelta())

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """How much time passed between two moments, without the rests."""
        return end - start - self.time(start, end)

    def elapsed_days(self, start: datetime, end: datetime, zone: tzinfo) -> int:
        """How many days passed between two moments, without those of the rests.

        It is the sum over the times that were no rest, each counted from its first day to its
        last, so that the parts of a stay add up to the whole.
        """
        return _days(start, end, zone) - self.days(start, end, zone)


NO_RESTS: Final = Rests()


def rests_of(playbook: Playbook, progress: Progress, at: datetime) -> Rests:
    """When the clocks of a deal rested until a moment, by its playbook.

    Empty where the playbook does not say `pause_on_hold`. A hold that has not ended, or not yet at
    that moment, rests until then.
    """
    return holds_of(progress, at) if playbook.policy.pause_on_hold else NO_RESTS


def holds_of(progress: Progress, at: datetime) -> Rests:
    """When a deal was on hold until a moment, whether its clocks rested or not."""
    periods = [(hold.began_at, min(hold.ended_at, at)) for hold in progress.holds]
    if progress.hold is not None:
        periods.append((progress.hold.at, at))
    return Rests.of(periods)


def _days(began: datetime, ended: datetime, zone: tzinfo) -> int:
    return (ended.astimezone(zone).date() - began.astimezone(zone).date()).days
