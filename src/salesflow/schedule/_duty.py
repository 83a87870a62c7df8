"""A duty: what somebody has to do by a day, and why by that day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from salesflow.playbook import Cadence, Playbook
from salesflow.schedule._wording import sentence
from salesflow.text import Text, both


def by_the_hour(cadence: Cadence) -> bool:
    """Whether hours are part of its span."""
    span = cadence.every or cadence.within or cadence.ahead
    return span is not None and span.hours > 0


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that somebody has to do by a day.

    Attributes:
        key: The cadence's key; `Complete` with it says that the duty was done.
        due_on: The day by which it is to be done; a workday where a calendar was given.
        status: `"overdue"`, `"due"` today, or `"next"`.
        since: What it counts from, in the zone that was given: the event, or the day ahead of
            which it is due.
        due_at: When it falls due by the cadence alone, before a calendar moves it; in that zone.
        place: The stage or sub-stage that was entered or left, where that is the event.
        moved_from: The day by the cadence alone, where that is not a workday; else None.
        moved_by: What that day is called: a holiday, a Saturday; None where nobody knows.
        cadence: The playbook's entry.
        playbook: The process, for the names in `reason`.
    """

    key: str
    due_on: date
    status: Literal["overdue", "due", "next"]
    since: datetime
    due_at: datetime
    place: str | None
    moved_from: date | None
    moved_by: Text | None
    cadence: Cadence = field(repr=False)
    playbook: Playbook = field(repr=False, compare=False)

    @property
    def title(self) -> Text:
        """What is to be done."""
        return self.cadence.title

    @property
    def role(self) -> str | None:
        """Who has to do it; None where the playbook does not say."""
        return self.cadence.role

    @property
    def reason(self) -> Text:
        """Who has to do what by when, and why: the cadence, what it counts from, what moved it."""
        role = None if self.role is None else self.playbook.roles.get(self.role)
        to_the_hour = by_the_hour(self.cadence)
        return sentence(
            self.cadence,
            role=role.title if role else None,
            due_on=self.due_on,
            status=self.status,
            # A duty of hours says them, unless a calendar gave it the whole of another day.
            due_at=self.due_at if to_the_hour and self.moved_from is None else None,
            since=f"{self.since:%Y-%m-%d %H:%M}" if to_the_hour else f"{self.since:%Y-%m-%d}",
            place=self._place(),
            before=self.playbook.fact_titles.get(self.cadence.before or ""),
            moved_from=self.moved_from,
            moved_by=self.moved_by,
        )

    def _place(self) -> Text | None:
        for position in self.playbook.positions:
            if position.sub_stage is not None and position.sub_stage.key == self.place:
                return position.sub_stage.title
            if position.stage.key == self.place:
                return position.stage.title
        return None if self.place is None else both(en=self.place, zh=self.place)
