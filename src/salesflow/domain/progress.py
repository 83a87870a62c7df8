"""How far a deal has come: everything that its events say, folded into one record."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Protocol, Self, TypeVar

from pydantic import (
    BeforeValidator,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from salesflow.domain._base import Day, Instant, Label, Note, Record
from salesflow.money import Money

__all__ = [
    "AnswerValue",
    "Answered",
    "AppliedCommand",
    "Attestation",
    "Completion",
    "Judgement",
    "JudgementVerdict",
    "Mark",
    "OnHold",
    "Outcome",
    "PlaybookStamp",
    "Progress",
    "Step",
    "Visit",
    "Waiver",
    "one_answer",
]

Outcome = Literal["none", "won", "lost", "disqualified"]
Mark = Literal["+", "-", "?"]
"""Favourable to us, unfavourable, or not known. "?" counts as asked, not as known."""

JudgementVerdict = Literal["go", "kill", "hold"]


def _answer_value(value: object) -> object:
    """A number as a float, a date as its text, a text without the space around it."""
    match value:
        case bool() | datetime():
            raise PydanticCustomError(
                "answer_value",
                'a value is a number, a text or a date; yes and no are mark="+" and mark="-"',
            )
        case int() | float() | Decimal():
            return _finite(value)
        case date():
            return value.isoformat()
        case str() if value.strip() in ("", "?"):
            raise PydanticCustomError("answer_unknown", 'what is not known is mark="?"')
        case _:
            return value


def _finite(value: float | Decimal) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise PydanticCustomError("answer_number", "this is no number that an answer can be")
    return number


AnswerValue = Annotated[
    float | Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)],
    BeforeValidator(_answer_value),
]
"""What is answered to a question that is not answered yes or no."""


class _Answering(Protocol):
    @property
    def mark(self) -> Mark | None: ...
    @property
    def value(self) -> float | str | None: ...


AnsweringT = TypeVar("AnsweringT", bound=_Answering)


def one_answer(record: AnsweringT) -> AnsweringT:
    """The record, if it has a mark or a value and not both; for validators."""
    if (record.mark is None) == (record.value is None):
        raise PydanticCustomError(
            "one_answer", 'an answer has a mark ("+", "-" or "?") or a value, and not both'
        )
    return record


class PlaybookStamp(Record):
    """Which playbook a deal follows; the digest covers its behaviour, not its texts."""

    id: Label
    version: Label
    digest: Label


class Visit(Record):
    """One stay in a stage, or in one of its sub-stages."""

    stage: Label
    sub_stage: Label | None = None
    entered_at: Instant
    left_at: Instant | None = None


class Attestation(Record):
    """Somebody's word that a criterion is met, or that it is not. It stands for the deal."""

    criterion: Label
    met: bool
    by: Label
    at: Instant
    note: Note | None = None


class Answered(Record):
    """The latest answer to one question of a checklist, about us or about a competitor.

    Attributes:
        question: `<checklist>.<question>`.
        mark: Of a question answered yes or no; `"?"` of any question that was asked in vain.
        value: Of the other questions: a number or a text; a date is written 2026-01-31.
        evidence: What the answer rests on, for instance minutes, a document, a link.
    """

    question: Label
    mark: Mark | None = None
    value: AnswerValue | None = None
    about: Label = "us"
    by: Label
    at: Instant
    note: Note | None = None
    evidence: Note | None = None

    @model_validator(mode="after")
    def _is_one_answer(self) -> Self:
        return one_answer(self)


class Completion(Record):
    """An instrument, for instance the opportunity plan, was completed."""

    instrument: Label
    by: Label
    at: Instant


class Judgement(Record):
    """What a role decided during one visit of a stage.

    Attributes:
        visit: The number of the visit, counted from 0, in `Progress.visits`.
        point: The decision point, or None for a judgement of the stage as a whole.
    """

    visit: NonNegativeInt
    stage: Label
    point: Label | None = None
    role: Label
    verdict: JudgementVerdict
    by: Label
    at: Instant
    follow_up: Note | None = None
    resume_when: Note | None = None
    review_on: Day | None = None
    note: Note | None = None


class Waiver(Record):
    """A required criterion that somebody let pass, and why. It stands for the deal."""

    criterion: Label
    reason: Note
    by: Label
    role: Label | None = None
    at: Instant


class OnHold(Record):
    """The deal rests, until what it waits for has come."""

    resume_when: Note
    review_on: Day
    by: Label
    at: Instant


class Step(Record):
    """One line of what happened lately: the kind of an event, and whose it was."""

    version: PositiveInt
    kind: Label
    by: Label
    at: Instant


class AppliedCommand(Record):
    """A command id that was accepted, and a digest of its content."""

    id: Label
    digest: Label


class Progress(Record):
    """The state of a deal in its process. Equal to the replay of its events.

    Attributes:
        playbook: None until the deal was started or adopted.
        stage: Key of the stage; it stays after the end, as the stage where the deal ended.
        sub_stage: Key of the sub-stage, where the stage has any.
        outcome: `"none"` while it is open; a won deal may go on, for instance into delivery.
        ended: Nothing more happens to the deal, unless it is reopened.
        hold: Set while the deal rests.
        close_date_pushes: How often the expected close date was amended to a later day.
        amount_cuts: How often the amount was amended to a smaller one.
        last_close_on: The last expected close date that an amendment knew.
        last_amount: The last amount that an amendment knew.
        recent: The latest steps, at most twenty.
        version: The number of events so far.
        last_event_at: When the latest event was recorded.
    """

    playbook: PlaybookStamp | None = None
    stage: Label | None = None
    sub_stage: Label | None = None
    outcome: Outcome = "none"
    reason: Label | None = None
    ended: bool = False
    closed_at: Instant | None = None
    adopted: bool = False
    hold: OnHold | None = None
    close_date_pushes: NonNegativeInt = 0
    amount_cuts: NonNegativeInt = 0
    last_close_on: Day | None = None
    last_amount: Money | None = None
    visits: tuple[Visit, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    answers: tuple[Answered, ...] = ()
    completions: tuple[Completion, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    recent: tuple[Step, ...] = ()
    commands: tuple[AppliedCommand, ...] = ()
    version: NonNegativeInt = 0
    last_event_at: Instant | None = None

    @property
    def position(self) -> str | None:
        """The sub-stage where there is one, else the stage; None before the start."""
        return self.sub_stage or self.stage
