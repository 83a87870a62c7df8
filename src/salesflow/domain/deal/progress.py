"""How far a deal has come: all its events, folded into one record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final, Literal, Protocol, Self, TypeAlias, TypeVar

from pydantic import Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from salesflow import facts
from salesflow._frozen import Frozen, FrozenDict
from salesflow.domain._base.record import Count, Evidenced, Label, Note, Ordinal, Record, storable
from salesflow.domain._base.times import Day, Instant
from salesflow.domain.deal.forecast_call import ForecastCall
from salesflow.domain.deal.requests import Delegation, RequestRecord, Revision
from salesflow.domain.deal.track_visit import TrackVisit
from salesflow.domain.deal.withdrawal import Withdrawal
from salesflow.money import Money

Outcome = facts.Outcome
"""How a deal turned out; `"none"` while it is open."""

Mark = Literal["+", "-", "?", "n/a"]
"""Favourable to us, unfavourable, not known, or not applicable to this deal.

`"?"` and `"n/a"` count as asked. A question that does not apply is no longer unknown either.
"""

JudgementVerdict = Literal["go", "kill", "hold"]
"""Go on, give the deal up, or wait."""

_LONGEST: Final = 20_000


def _answer_value(value: object) -> float | str:
    """A number as a float, a date as its text, a text without the space around it."""
    if isinstance(value, str):
        return _said(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _finite(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    raise PydanticCustomError(
        "answer_value",
        'a value is a number, a text or a date; for yes and no, write mark="+" or mark="-"',
    )


def _said(text: str) -> str:
    text = text.strip()
    if text in ("", "?"):
        raise PydanticCustomError("answer_unknown", 'for what is not known, write mark="?"')
    if len(text) > _LONGEST:
        raise PydanticCustomError(
            "answer_long", "it is too long; write at most {most} characters", {"most": _LONGEST}
        )
    return storable(text)


def is_finite(value: float | Decimal) -> bool:
    """Whether a number can be kept: a whole number may be too large for any reader of JSON."""
    try:
        return math.isfinite(float(value))
    except (OverflowError, ValueError):  # what a signalling NaN raises
        return False


def _finite(value: float | Decimal) -> float:
    if not is_finite(value):
        raise PydanticCustomError("answer_number", "this is not a finite number; give another")
    return float(value)


AnswerValue = Annotated[
    float | str, PlainValidator(_answer_value, json_schema_input_type=float | str)
]
"""The answer to a question that asks for more than yes or no."""


class _Answering(Protocol):
    @property
    def mark(self) -> Mark | None: ...
    @property
    def value(self) -> float | str | None: ...


AnsweringT = TypeVar("AnsweringT", bound=_Answering)


def one_answer(record: AnsweringT) -> AnsweringT:
    """The record, if it has either a mark or a value; for validators."""
    if (record.mark is None) == (record.value is None):
        raise PydanticCustomError(
            "one_answer", 'an answer has a mark ("+", "-", "?" or "n/a") or a value, and not both'
        )
    return record


SeenValue: TypeAlias = float | str | bool | None
"""What a fact was when something was said: a day in ISO form, an amount as `"120000 USD"`."""

Seen = Annotated[Mapping[Label, SeenValue], Frozen]
"""What several facts were, by their names."""


class PlaybookStamp(Record):
    """The playbook that a deal follows.

    Attributes:
        id: Id of the playbook.
        version: Its version.
        digest: Digest of its behaviour, not of its texts.
    """

    id: Label
    version: Label
    digest: Label


class Visit(Record):
    """One stay in a stage, or in one of its sub-stages.

    Attributes:
        stage: Key of the stage.
        sub_stage: Key of the sub-stage, where the stage has any.
        entered_at: When the deal came there.
        left_at: When it left; None while it is there.
        reopened: The deal had ended or its outcome was taken back, and it goes on here: another
            stay, even in the stage where it stood and at the same moment.
    """

    stage: Label
    sub_stage: Label | None = None
    entered_at: Instant
    left_at: Instant | None = None
    reopened: bool = False


class Attestation(Evidenced, Record):
    """Somebody's word that a criterion is met, or that it is not. It stands for the deal.

    Attributes:
        criterion: Key of the criterion.
        met: Whether it is met.
        by: The person who said so.
        at: When they did so.
        note: What they said about it.
        seen: What the facts were on which it rests.
        on_behalf_of: The person whose substitute they were.
        since: Since when people have said the same of it; None: since `at`.
    """

    criterion: Label
    met: bool
    by: Label
    at: Instant
    since: Instant | None = None
    note: Note | None = None
    seen: Seen = Field(default_factory=FrozenDict)
    on_behalf_of: Label | None = None
    evidence: Note | None = None


class AnswerRecord(Evidenced, Record):
    """The latest answer to one question of a checklist, about us or about a competitor.

    Attributes:
        question: `<checklist>.<question>`.
        mark: The answer to a question of yes or no; `"?"` where any question was asked in vain, and
            `"n/a"` where it does not apply to the deal.
        value: The answer to another question: a number or a text; a date is written 2026-01-31.
        about: `"us"`, or the name of the competitor whom the answer is about.
        by: The person who answered.
        at: When they did so.
        note: What they said about it.
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
        # `one_answer` alone would do, but costs a call for each answer of a stored deal.
        return self if (self.mark is None) != (self.value is None) else one_answer(self)


class Completion(Evidenced, Record):
    """An instrument, for instance the opportunity plan, was completed; or a duty was done.

    Attributes:
        instrument: Key of the instrument, or of the cadence whose duty was done.
        by: The person who completed it.
        at: When they did so.
    """

    instrument: Label
    by: Label
    at: Instant
    evidence: Note | None = None


class Judgement(Evidenced, Record):
    """What a role decided during one visit of a stage.

    Attributes:
        visit: The index of the visit in `Progress.visits`, from 0.
        stage: Key of the stage.
        point: Key of the decision point; None: the stage as a whole was judged.
        role: Key of the role.
        verdict: Go on, give the deal up, or wait.
        by: The person who judged in that role.
        at: When they did so.
        follow_up: What they will do next.
        resume_when: What a hold waits for.
        review_on: The day on which a hold is reviewed at the latest.
        note: Their reasons.
        seen: What the facts were on which it rests.
        on_behalf_of: The person whose substitute they were.
        track_visit: Of a point that a track asks for, the index in `Progress.tracks` of the stay
            during which it was judged.
    """

    visit: Count
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
    seen: Seen = Field(default_factory=FrozenDict)
    on_behalf_of: Label | None = None
    track_visit: Count | None = None
    evidence: Note | None = None


class Waiver(Record):
    """A required criterion that somebody waived, and why. It stands for the deal.

    Attributes:
        criterion: Key of the criterion.
        reason: Why it was waived.
        by: The person who waived it.
        role: The role in which they did.
        at: When they did so.
    """

    criterion: Label
    reason: Note
    by: Label
    role: Label | None = None
    at: Instant


class OnHold(Record):
    """The deal rests until what it waits for has come.

    Attributes:
        resume_when: What it waits for.
        review_on: The day on which it is reviewed at the latest.
        by: The person who put it on hold.
        at: When they did so.
    """

    resume_when: Note
    review_on: Day
    by: Label
    at: Instant


class HoldPeriod(Record):
    """The deal rested from one moment to another; by a playbook's policy its clocks rested, too.

    Attributes:
        began_at: When it was put on hold.
        ended_at: When it was resumed, ended, or came under another playbook.
    """

    began_at: Instant
    ended_at: Instant


class Step(Record):
    """One line of what happened lately: the kind of an event, and who caused it.

    Attributes:
        version: The number of the event, from 1.
        kind: Its kind, for instance `"stage_entered"`.
        by: The person who caused it.
        at: When it happened.
    """

    version: Ordinal
    kind: Label
    by: Label
    at: Instant


class AppliedCommand(Record):
    """A command that was accepted lately, so that it is not done twice.

    Attributes:
        id: The id that the host gave it.
        digest: Digest of its content.
    """

    id: Label
    digest: Label


class Progress(Record):
    """The state of a deal in its process. Equal to the replay of its events.

    Attributes:
        playbook: None until the deal was started or adopted.
        stage: Key of the stage; it stays after the end, as the stage where the deal ended.
        sub_stage: Key of the sub-stage, where the stage has any.
        outcome: `"none"` while it is open; a won deal may go on, for instance into delivery.
        reason: Key of the reason of the outcome; of a win only where the playbook lists any.
        closed_at: When it was won, lost or disqualified.
        adopted: Whether it was under way before the engine had it; what happened before is not
            on record.
        visits: Every visit of a stage, in order.
        tracks: Every stay of a track in one of its states, in order.
        first_visit: The index in `visits` of the first under the playbook that it follows now.
        attestations: The latest attestation of each criterion.
        answers: The latest answer to each question about each company.
        completions: The latest completion of each instrument and duty.
        judgements: Every judgement, in order.
        waivers: The criteria that somebody waived.
        withdrawals: What was withdrawn and not said again; the parts above do not have it.
        requests: The latest request for each decision, judgement and approval.
        revisions: The latest change of each fact on which somebody's word rests or from which a
            duty counts, and of each question that was answered again.
        delegations: The latest delegation of each role by a person to a substitute.
        forecast_calls: The calls that stand, the owner's and a manager's; none once it is won or
            has ended.
        commands: The newest accepted commands that had an id, at most 256.
        ended: Whether the deal has ended; it may be reopened.
        hold: What the deal waits for; None while it does not rest.
        holds: When the deal rested, in order, without a hold that has not ended yet.
        close_date_pushes: How often the expected close date was amended to a later day.
        amount_cuts: How often the amount was amended to a smaller one.
        last_close_on: The expected close date after the latest amendment.
        last_amount: The amount after the latest amendment.
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
    holds: tuple[HoldPeriod, ...] = ()
    close_date_pushes: Count = 0
    amount_cuts: Count = 0
    last_close_on: Day | None = None
    last_amount: Money | None = None
    visits: tuple[Visit, ...] = ()
    tracks: tuple[TrackVisit, ...] = ()
    first_visit: Count = 0
    attestations: tuple[Attestation, ...] = ()
    answers: tuple[AnswerRecord, ...] = ()
    completions: tuple[Completion, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    requests: tuple[RequestRecord, ...] = ()
    revisions: tuple[Revision, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    forecast_calls: tuple[ForecastCall, ...] = ()
    recent: tuple[Step, ...] = ()
    commands: tuple[AppliedCommand, ...] = ()
    version: Count = 0
    last_event_at: Instant | None = None

    @property
    def position(self) -> str | None:
        """The sub-stage where there is one, else the stage; None before the start."""
        return self.sub_stage or self.stage

    @property
    def course(self) -> tuple[Visit, ...]:
        """The visits under the playbook that the deal follows now."""
        return self.visits[self.first_visit :]

    def track(self, key: str) -> TrackVisit | None:
        """The stay of a track in the state where it stands; None where the deal has no such track.

        Example:
            >>> Progress().track("legal") is None
            True
        """
        for stay in reversed(self.tracks):
            if stay.track == key and stay.left_at is None:
                return stay
        return None
