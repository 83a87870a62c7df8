"""What a process works with, as frozen records: checklists, scorecards, instruments, dates."""

# Without `from __future__ import annotations`: the types of fields say what a file may give.
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal, get_args

from salesflow.errors import Problem, ScheduleError
from salesflow.facts import NOT_APPLICABLE
from salesflow.playbook._model_policy import ROLE_KEY, STAGE_KEY, Permission
from salesflow.playbook._model_process import DAYS, EVIDENCE, KEY, SHARE, WHEN
from salesflow.playbook._questions import QUESTION, Question
from salesflow.playbook._records import NOT_IN_FILE, READING, RecordShape, in_file
from salesflow.playbook._reference import Reference
from salesflow.playbook._shape import Choice, Key, NumberShape, WordsShape
from salesflow.playbook._tables import List
from salesflow.rules import Rule
from salesflow.text import Text

Trigger = Literal[
    "started",
    "stage_entered",
    "stage_left",
    "changed",
    "won",
    "lost",
    "disqualified",
    "ended",
    "met",
    "requested",
    "state_entered",
    "held",
]
"""What starts a clock. A file does not write the last four: the first three of them follow from
`criterion`, `request` and `state`, and a hold is a trigger of its own accord."""

NAMED_TRIGGERS: Final[Mapping[str, Trigger]] = {
    "criterion": "met",
    "request": "requested",
    "state": "state_entered",
}
"""The keys that name what a clock counts from, instead of a trigger."""

_NAME: Final = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,3}"
FACT_NAME: Final = WordsShape("a fact's name", _NAME, 120)
_FACT: Final = WordsShape("a fact's name", _NAME, 120, refers="fact")
_STATE: Final = WordsShape(
    'a state of a track such as "legal.signed"', r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", 121
)
_POINTS: Final = NumberShape(0, 1e6, above=True)
_WEIGHT: Final = NumberShape(-1e6, 1e6)
_FROM: Final = NumberShape(-1e12)
_LONGEST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Reference):
    """A heading over questions, or a part of an instrument."""

    key: str = field(metadata=in_file(KEY))
    title: Text


_SECTIONS: Final = List(RecordShape("a section", Section), unique="key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Questions that belong together; each is the fact `<checklist>.<question>`."""

    key: str = field(metadata=in_file(KEY))
    title: Text = field(metadata=in_file(default=None))
    source: Text | None = None
    sections: tuple[Section, ...] = field(metadata=in_file(_SECTIONS, default=(), prose=True))
    questions: tuple[Question, ...] = field(
        metadata=in_file(List(QUESTION, 200, least=1, unique="key"))
    )


CHECKLIST: Final = RecordShape("a checklist", Checklist)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreItem:
    """A rule that earns points, or a number that counts as points.

    Attributes:
        rule: What earns the weight when it is YES; of a number, that it is above its lowest.
        weight: Points of a rule; of a number, points for each 1 of it. Below 0 they are taken away.
        knock_out: NO settles the card.
        points: The fact whose number counts, within `min` and `max`; None for a rule.
        min: The number at its lowest; 0 for a rule.
        max: The number at its highest; 1 for a rule.
        section: The section of the question that it asks for.
        skipped: The questions that it reads and that may not apply.
    """

    key: str = field(metadata=in_file(KEY))
    title: Text = field(metadata=in_file(default=None))
    rule: Rule = field(metadata=in_file(note="Earns the weight when it is YES.", default=None))
    points: str | None = field(
        default=None,
        metadata=in_file(_FACT, "A number that counts as points, times the weight."),
    )
    max: float = field(
        default=1.0,
        metadata=in_file(_POINTS, "The points at most; by default the question's.", default=None),
    )
    weight: float = field(
        default=1.0, metadata=in_file(_WEIGHT, "Points; below 0 they are taken away.")
    )
    knock_out: bool = field(
        default=False,
        metadata=in_file(note="NO, or a number at its lowest, settles the card."),
    )
    min: float = field(default=0.0, metadata=NOT_IN_FILE)
    section: Section | None = field(default=None, metadata=NOT_IN_FILE)
    skipped: tuple[str, ...] = field(default=(), metadata=NOT_IN_FILE)

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that these do not apply."""
        return tuple(f"{NOT_APPLICABLE}{question}" for question in self.skipped)

    @property
    def yes(self) -> float:
        """The points where it holds, or where its number is at its highest."""
        return self.max * self.weight

    @property
    def no(self) -> float:
        """The points where it does not hold, or where its number is at its lowest."""
        return 0.0 + self.min * self.weight  # never -0.0

    @property
    def least(self) -> float:
        """The points that it earns in any case; below 0, those that it can take away."""
        return min(self.yes, self.no, 0.0) if self.skipped else min(self.yes, self.no)

    @property
    def most(self) -> float:
        """The points that it can earn."""
        return max(self.yes, self.no, 0.0) if self.skipped else max(self.yes, self.no)


ITEM: Final = RecordShape("an item", ScoreItem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(Reference):
    """What a score means from `min` points on."""

    key: str = field(metadata=in_file(KEY))
    title: Text = field(metadata=in_file(default=None))
    min: float = field(metadata=in_file(_FROM, "The points from which it holds."))


BAND: Final = RecordShape("a band", Band)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Rules with points, and numbers that count as points.

    Attributes:
        bands: In ascending order; the first starts at 0 or below, and holds for all points below
            the second.
        total: The points that all items together can earn.
    """

    key: str = field(metadata=in_file(KEY))
    title: Text = field(metadata=in_file(default=None))
    source: Text | None = None
    items: tuple[ScoreItem, ...] = field(metadata=in_file(List(ITEM, 200, least=1, unique="key")))
    bands: tuple[Band, ...] = field(metadata=in_file(List(BAND, 20, least=1, unique="key")))
    reading: bool = field(default=False, metadata=READING)
    total: float = field(metadata=NOT_IN_FILE)

    @property
    def reach(self) -> float:
        """The points that all items together can earn or take away: what coverage is a share of."""
        return sum(abs(item.yes) for item in self.items)


SCORECARD: Final = RecordShape("a scorecard", Scorecard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument(Reference):
    """A piece of planning, such as an opportunity plan.

    Attributes:
        by: The role that completes it; None: anybody. Beside a rule: who must see to it.
        checklist: It is complete only when every question of this checklist was asked.
        rule: What makes it complete; None where somebody completes it.
        check_rule: The rule, and that every question of the checklist was asked; None where
            somebody completes it. Elsewhere nobody does: `done.<key>` is what it says.
        when: It applies where this holds; None: always.
        evidence: `"required"`: whoever completes it names what shows it.
    """

    told: ClassVar[tuple[str, ...]] = ("key", "title", "by", "checklist", "evidence")

    key: str = field(metadata=in_file(KEY))
    title: Text
    by: str | None = field(
        default=None,
        metadata=in_file(ROLE_KEY, "The role that completes it; beside a rule, who sees to it."),
    )
    checklist: str | None = field(
        default=None, metadata=in_file(Key("checklist"), "Complete once each question was asked.")
    )
    rule: Rule | None = field(
        default=None, metadata=in_file(note="What makes it complete, so that nobody says so.")
    )
    check_rule: Rule | None = field(default=None, metadata=NOT_IN_FILE)
    when: Rule | None = field(default=None, metadata=WHEN)
    evidence: Literal["required"] | None = field(default=None, metadata=EVIDENCE)
    sections: tuple[Section, ...] = field(default=(), metadata=in_file(_SECTIONS, prose=True))
    reading: bool = field(default=False, metadata=READING)


INSTRUMENT: Final = RecordShape("an instrument", Instrument)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRow:
    """A deal for which `when` holds, and for which no earlier row does, needs the instruments."""

    when: Rule
    instruments: tuple[str, ...] = field(metadata=in_file(List(Key("instrument"), 50, unique="")))
    title: Text | None = None
    reading: bool = field(default=False, metadata=READING)


SIZE_ROW: Final = RecordShape("a row of the size policy", SizeRow)
_COUNTED: Final = NumberShape(1, _LONGEST, whole=True)
_COUNT: Final = in_file(_COUNTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A length of time, in units of one kind: of the clock and the calendar, or of work.

    Months and years are those of the calendar. What workdays and working hours are, a work calendar
    says: without one there are none. They do not go with other units, because "a month and 3
    workdays" depends on which of the two is counted first.

    Raises:
        ScheduleError: No part is given, parts exclude each other, or a part is not a whole number
            from 0 to 1,000.

    Example:
        >>> Span(months=1, days=15)
        Span(months=1, days=15)
        >>> Span(work_hours=8)
        Span(work_hours=8)
    """

    hours: int = field(default=0, metadata=_COUNT)
    days: int = field(default=0, metadata=_COUNT)
    weeks: int = field(default=0, metadata=_COUNT)
    months: int = field(default=0, metadata=_COUNT)
    years: int = field(default=0, metadata=in_file(NumberShape(1, 100, whole=True)))
    workdays: int = field(
        default=0,
        metadata=in_file(_COUNTED, "Days on which people work, by the work calendar; alone."),
    )
    work_hours: int = field(
        default=0,
        metadata=in_file(_COUNTED, "Hours within the work calendar's opening hours; alone."),
    )

    def __post_init__(self) -> None:
        problems = [
            Problem(unit, f"this must be a whole number from 0 to {_LONGEST:,}", code="range")
            for unit in UNITS
            if type(count := getattr(self, unit)) is not int or not 0 <= count <= _LONGEST
        ]
        if not problems:
            problems = [
                Problem(other, message, hint, "conflict")
                for other, message, hint in excluded(self.parts)
            ]
        if not problems and not self.parts:
            problems = [Problem("", "no time is given", "for instance days=7", "missing")]
        if problems:
            raise ScheduleError("This is not a span of time.", problems=problems)

    def __repr__(self) -> str:
        parts = ", ".join(f"{unit}={count}" for unit, count in self.parts.items())
        return f"Span({parts})"

    @property
    def parts(self) -> dict[str, int]:
        """Its units that are not 0, the longest first."""
        return {unit: count for unit in UNITS if (count := getattr(self, unit))}


UNITS: Final = ("years", "months", "weeks", "days", "workdays", "work_hours", "hours")
"""The units of a span, the longest first."""


def excluded(units: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """What cannot stand beside the first unit of work of a span: the unit, why, and a hint."""
    given = list(units)
    work = next((unit for unit in given if unit.startswith("work")), None)
    for other in given:
        if work is not None and other != work:
            yield (
                other,
                f"{work} and {other} exclude each other",
                f"keep {work} alone, or leave it out",
            )


_SPAN: Final = RecordShape("a span of time", Span)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """Who is told of a duty that was not done, so long after it was due."""

    after: Span = field(metadata=in_file(_SPAN, "So long after it was due."))
    role: str = field(metadata=in_file(ROLE_KEY, "Who is told then."))


_ESCALATIONS: Final = List(RecordShape("a step of escalation", EscalationStep), 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence(Reference):
    """Something that is due: again and again, within a time, or ahead of something.

    Attributes:
        stages: Where it applies; empty: the whole deal.
        trigger: What starts the clock.
        of: The fact or the question whose change starts it, where the trigger is `changed`; None:
            any change of the deal.
        criterion: The criterion or instrument whose being met starts it, instead of a trigger.
        request: The criterion whose being asked for starts it and whose being decided ends it,
            instead of a trigger.
        state: The state of a track, such as `legal.in_review`, whose entering starts the clock and
            whose leaving ends it, instead of a trigger.
        before: With `ahead`: the fact, a day, that it counts back from.
        every, within, ahead: Exactly one of them is given.
        when: It applies where this holds; None: always.
        escalate: Who is told when, after it was due.
    """

    told: ClassVar[tuple[str, ...]] = ("key", "title", "role")

    key: str = field(metadata=in_file(KEY))
    title: Text
    role: str | None = field(default=None, metadata=in_file(ROLE_KEY, "Who sees to it."))
    stages: tuple[str, ...] = field(
        default=(), metadata=in_file(List(STAGE_KEY), "Where it applies; none: the whole deal.")
    )
    trigger: Trigger = field(
        metadata=in_file(
            Choice(*get_args(Trigger)[:-4]),
            note="What starts the clock; by default stage_entered with stages, else started.",
            default=None,
        )
    )
    of: str | None = field(
        default=None,
        metadata=in_file(_FACT, "With changed: the fact or question; none: any change."),
    )
    criterion: str | None = field(
        default=None,
        metadata=in_file(KEY, "The criterion or instrument met that it counts from."),
    )
    request: str | None = field(
        default=None,
        metadata=in_file(KEY, "The criterion asked for that it counts from."),
    )
    state: str | None = field(
        default=None, metadata=in_file(_STATE, "The state of a track that it counts from.")
    )
    before: str | None = field(
        default=None, metadata=in_file(_FACT, "With ahead: the day it counts back from.")
    )
    every: Span | None = field(default=None, metadata=in_file(_SPAN, "Again and again."))
    within: Span | None = field(default=None, metadata=in_file(_SPAN, "Once, at the latest."))
    ahead: Span | None = field(default=None, metadata=in_file(_SPAN, "Once, so long before."))
    when: Rule | None = field(default=None, metadata=WHEN)
    escalate: tuple[EscalationStep, ...] = field(
        default=(), metadata=in_file(_ESCALATIONS, "Who is told when, after it was due.")
    )
    reading: bool = field(default=False, metadata=READING)


CADENCE: Final = RecordShape("a cadence", Cadence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason(Permission):
    """Why a deal was won, lost or disqualified, and who may say so when.

    Attributes:
        notes: A note is asked for.
    """

    key: str = field(metadata=in_file(KEY))
    title: Text
    outcome: Literal["won", "lost", "disqualified"]
    notes: bool = field(default=False, metadata=in_file(note="A note is asked for."))
    note: bool = field(default=False, init=False, metadata=NOT_IN_FILE)
    reading: bool = field(default=False, metadata=READING)


REASON: Final = RecordShape("a reason", Reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hygiene:
    """Limits of the hygiene checks.

    Attributes:
        activity_days: Days without activity from which a deal counts as asleep.
        pushes: How often a close date may be pushed back.
        probability_tolerance: How far a deal's probability may be from its stage's.
    """

    activity_days: int = field(default=30, metadata=in_file(DAYS))
    pushes: int = field(default=2, metadata=in_file(NumberShape(0, 1_000, whole=True)))
    probability_tolerance: float = field(default=0.25, metadata=in_file(SHARE))
    reading: bool = field(default=False, metadata=READING)


HYGIENE: Final = RecordShape("hygiene", Hygiene)
