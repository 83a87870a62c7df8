"""What is due when, as frozen records: spans of time, and the cadences that count them."""

# Without `from __future__ import annotations`: the types of fields say what a file may give.
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal, get_args

from salesflow.errors import Problem, ScheduleError
from salesflow.playbook._model_assets import NAMED_FACT
from salesflow.playbook._model_policy import ROLE_KEY, STAGE_KEY
from salesflow.playbook._model_process import KEY, WHEN
from salesflow.playbook._records import READING, RecordShape, in_file
from salesflow.playbook._reference import Reference
from salesflow.playbook._shape import Choice, NumberShape, WordsShape
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
"""What starts a clock."""

NAMED_TRIGGERS: Final[Mapping[str, Trigger]] = {
    "criterion": "met",
    "request": "requested",
    "state": "state_entered",
}
"""The keys that name what a clock counts from, instead of a trigger."""

_NOT_WRITTEN: Final = frozenset({*NAMED_TRIGGERS.values(), "held"})
"""What a file does not write: what follows from those keys, and a hold, which no cadence is for."""

_STATE: Final = WordsShape(
    'a state of a track such as "legal.signed"', r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*", 121
)
_LONGEST: Final = 1_000
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


_SPAN: Final = RecordShape("a span of time", Span, whole=True)


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
            Choice(*(it for it in get_args(Trigger) if it not in _NOT_WRITTEN)),
            note="What starts the clock; by default stage_entered with stages, else started.",
            default=None,
        )
    )
    of: str | None = field(
        default=None,
        metadata=in_file(NAMED_FACT, "With changed: the fact or question; none: any change."),
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
        default=None, metadata=in_file(NAMED_FACT, "With ahead: the day it counts back from.")
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
