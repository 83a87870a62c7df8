"""What a process works with, as frozen records: checklists, scorecards, instruments, dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from salesflow.errors import Problem, ScheduleError
from salesflow.playbook._questions import Question
from salesflow.rules import Rule
from salesflow.text import Text

Trigger = Literal["started", "stage_entered", "stage_left", "won", "lost", "disqualified", "ended"]

_LONGEST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading over questions, or a part of an instrument."""

    key: str
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Questions that belong together; each is the fact `<checklist>.<question>`."""

    key: str
    title: Text
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    source: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreItem:
    """A rule that earns points, or a number that counts as points.

    Attributes:
        rule: What earns the weight when it is YES; of a number, that it is above its lowest.
        weight: Points of a rule; of a number, points for each 1 of it.
        knock_out: NO settles the card.
        points: The fact whose number counts, within `min` and `max`; None for a rule.
        min: The number at its lowest; 0 for a rule.
        max: The number at its highest; 1 for a rule.
        section: The section of the question that it asks for.
    """

    key: str
    title: Text
    rule: Rule
    weight: float
    knock_out: bool
    points: str | None = None
    min: float = 0.0
    max: float = 1.0
    section: Section | None = None

    @property
    def least(self) -> float:
        """The points that it earns in any case."""
        return self.min * self.weight

    @property
    def most(self) -> float:
        """The points that it can earn."""
        return self.max * self.weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What a score means from `min` points on."""

    key: str
    title: Text
    min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Rules with points, and numbers that count as points.

    Attributes:
        bands: In ascending order; the first starts at 0.
        total: The points that all items together can earn.
    """

    key: str
    title: Text
    items: tuple[ScoreItem, ...]
    bands: tuple[Band, ...]
    total: float
    source: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A piece of planning, such as an opportunity plan.

    Attributes:
        checklist: It is complete only when every question of this checklist was asked.
    """

    key: str
    title: Text
    checklist: str | None = None
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRow:
    """A deal for which `when` holds, and for which no earlier row does, needs the instruments."""

    when: Rule
    instruments: tuple[str, ...]
    title: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A length of time; months and years are those of the calendar.

    Raises:
        ScheduleError: No part is given, or a part is not a whole number from 0 to 1,000.

    Example:
        >>> Span(months=1, days=15)
        Span(hours=0, days=15, weeks=0, months=1, years=0)
    """

    hours: int = 0
    days: int = 0
    weeks: int = 0
    months: int = 0
    years: int = 0

    def __post_init__(self) -> None:
        parts = {
            unit: getattr(self, unit) for unit in ("hours", "days", "weeks", "months", "years")
        }
        problems = [
            Problem(unit, f"this must be a whole number from 0 to {_LONGEST:,}", code="range")
            for unit, count in parts.items()
            if type(count) is not int or not 0 <= count <= _LONGEST
        ]
        if not problems and not any(parts.values()):
            problems = [Problem("", "no time is given", "for instance days=7", "missing")]
        if problems:
            raise ScheduleError("This is not a span of time.", problems=problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Something that is due: again and again, within a time, or ahead of something.

    Attributes:
        stages: Where it applies; empty: the whole deal.
        trigger: What starts the clock.
        before: With `ahead`: the fact, a day, that it counts back from.
        every, within, ahead: Exactly one of them is given.
    """

    key: str
    title: Text
    trigger: Trigger
    role: str | None = None
    stages: tuple[str, ...] = ()
    before: str | None = None
    every: Span | None = None
    within: Span | None = None
    ahead: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a deal was lost or disqualified; with `notes`, a note is asked for."""

    key: str
    title: Text
    outcome: Literal["lost", "disqualified"]
    notes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hygiene:
    """Limits of the hygiene checks.

    Attributes:
        activity_days: Days without activity from which a deal counts as asleep.
        pushes: How often a close date may be pushed back.
        probability_tolerance: How far a deal's probability may be from its stage's.
    """

    activity_days: int = 30
    pushes: int = 2
    probability_tolerance: float = 0.25
