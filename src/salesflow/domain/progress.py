"""How far a deal has come: everything that its events say, folded into one record."""

from __future__ import annotations

from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from salesflow.domain._base import Day, Instant, Label, Note, Record

__all__ = [
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
]

Outcome = Literal["none", "won", "lost", "disqualified"]
Mark = Literal["+", "-", "?"]
"""Favourable to us, unfavourable, or not known. "?" counts as asked, not as known."""

JudgementVerdict = Literal["go", "kill", "hold"]


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
    """The latest answer to one question of a checklist, about us or about a competitor."""

    question: Label
    mark: Mark
    about: Label = "us"
    by: Label
    at: Instant
    note: Note | None = None


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
