"""What happened to a deal: a payload, in an envelope that a host can store.

Events are facts about the past. They carry what they changed, so that replaying them needs no
playbook and evaluates no rule.

Every change of their form raises `SCHEMA_VERSION`: a field that is added, renamed or dropped, and a
new payload, too. Stored events of the version before may stay valid as they are; its upcaster then
returns them unchanged. The version is raised all the same, because a release before the change
cannot read an event after it, and should say "Upgrade salesflow" and not that the line is broken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import Field, JsonValue, NonNegativeInt, PositiveInt, model_validator

from salesflow._frozen import Frozen, FrozenDict
from salesflow.domain import JudgementVerdict, Mark, Outcome, PlaybookStamp
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.times import Day, Instant
from salesflow.domain.deal.progress import AnswerValue, Seen, one_answer
from salesflow.domain.deal.withdrawal import one_withdrawn
from salesflow.money import Money

__all__ = [
    "SCHEMA_VERSION",
    "Adopted",
    "Amended",
    "CriterionAttested",
    "CriterionWaived",
    "Delegated",
    "Disqualified",
    "Ended",
    "Event",
    "Held",
    "InstrumentCompleted",
    "Judged",
    "Lost",
    "Migrated",
    "Payload",
    "QuestionAnswered",
    "Reopened",
    "Requested",
    "Resumed",
    "Retracted",
    "StageEntered",
    "Started",
    "TrackMoved",
    "Withdrawn",
    "Won",
]

SCHEMA_VERSION: Final = 2
"""The version of the envelope and payloads that this release writes; every change raises it."""


class Started(Record):
    """The deal entered the first stage of the playbook.

    Attributes:
        tracks: The tracks that began with it, each with the key of its state.
    """

    kind: Literal["started"] = "started"
    stage: Label
    sub_stage: Label | None = None
    tracks: Annotated[Mapping[str, str], Frozen] = Field(default_factory=FrozenDict)


class Adopted(Record):
    """The deal came under the playbook in the middle of its way, perhaps from another playbook.

    What is on record of the other one stays in history and counts no more.

    Attributes:
        tracks: The tracks that began with it, each with the key of its state.
    """

    kind: Literal["adopted"] = "adopted"
    stage: Label
    sub_stage: Label | None = None
    entered_at: Instant
    outcome: Outcome = "none"
    tracks: Annotated[Mapping[str, str], Frozen] = Field(default_factory=FrozenDict)


class StageEntered(Record):
    """The deal left one stage or sub-stage and entered another.

    Attributes:
        how: Along the playbook's moves (`"move"`), past others (`"skip"`), or `"back"`.
    """

    kind: Literal["stage_entered"] = "stage_entered"
    stage: Label
    sub_stage: Label | None = None
    from_stage: Label
    from_sub_stage: Label | None = None
    how: Literal["move", "skip", "back"] = "move"


class TrackMoved(Record):
    """A track left one of its states and entered another."""

    kind: Literal["track_moved"] = "track_moved"
    track: Label
    from_state: Label
    state: Label


class CriterionAttested(Record):
    """A person attested that a criterion is met, or denied it.

    Attributes:
        seen: What the facts were on which it rests.
    """

    kind: Literal["criterion_attested"] = "criterion_attested"
    criterion: Label
    met: bool
    seen: Seen = Field(default_factory=FrozenDict)


class QuestionAnswered(Record):
    """A question of a checklist was answered, with a mark or with a value."""

    kind: Literal["question_answered"] = "question_answered"
    question: Label
    mark: Mark | None = None
    value: AnswerValue | None = None
    about: Label = "us"
    evidence: Note | None = None

    @model_validator(mode="after")
    def _is_one_answer(self) -> Self:
        return one_answer(self)


class InstrumentCompleted(Record):
    """An instrument was completed."""

    kind: Literal["instrument_completed"] = "instrument_completed"
    instrument: Label


class Judged(Record):
    """A role judged this visit of the stage, or decided or approved at a point of it.

    Attributes:
        seen: What the facts were on which it rests.
    """

    kind: Literal["judged"] = "judged"
    visit: NonNegativeInt
    stage: Label
    role: Label
    verdict: JudgementVerdict
    point: Label | None = None
    follow_up: Note | None = None
    resume_when: Note | None = None
    review_on: Day | None = None
    track_visit: NonNegativeInt | None = None
    seen: Seen = Field(default_factory=FrozenDict)


class Requested(Record):
    """A decision, a judgement or an approval was asked for."""

    kind: Literal["requested"] = "requested"
    point: Label


class Delegated(Record):
    """A role was given to a substitute until a day, that day included."""

    kind: Literal["delegated"] = "delegated"
    role: Label
    to: Label
    until: Day


class CriterionWaived(Record):
    """A required criterion was waived."""

    kind: Literal["criterion_waived"] = "criterion_waived"
    criterion: Label
    reason: Note


class Held(Record):
    """The deal was put on hold."""

    kind: Literal["held"] = "held"
    resume_when: Note
    review_on: Day


class Resumed(Record):
    """The deal goes on after a hold."""

    kind: Literal["resumed"] = "resumed"


class Amended(Record):
    """Fields of the deal changed.

    Attributes:
        changes: New values by field, as JSON keeps them.
        before: The values until then, by the same fields; None in events of the first form.
        pushed: The expected close date moved to a later day.
        cut: The amount became smaller.
        close_on: The last expected close date that was known, also while there is none.
        amount: The last amount that was known.
        revised: The facts that changed of those on which somebody's word rests.
    """

    kind: Literal["amended"] = "amended"
    changes: Annotated[Mapping[str, JsonValue], Frozen]
    before: Annotated[Mapping[str, JsonValue], Frozen] | None = None
    pushed: bool = False
    cut: bool = False
    close_on: Day | None = None
    amount: Money | None = None
    revised: tuple[Label, ...] = ()


class Migrated(Record):
    """The deal goes on under another version of its playbook, or under another playbook.

    Attributes:
        before: The playbook that it followed until now.
        stage: Where it stands, by its new name.
        renamed: New names of criteria, instruments and questions, by the old ones. From another
            playbook, everything that is carried over is named.
        unmapped: Names on record that are not carried over: the new version does not know them,
            or the other playbook's map does not name them. They stay in history.
        tracks: Where each track of the new version stands.
        tracks_from: Which of them were under way, by their new names, and their old names.
    """

    kind: Literal["migrated"] = "migrated"
    before: PlaybookStamp
    stage: Label
    sub_stage: Label | None = None
    renamed: Annotated[Mapping[str, str], Frozen] = Field(default_factory=FrozenDict)
    unmapped: tuple[Label, ...] = ()
    tracks: Annotated[Mapping[str, str], Frozen] = Field(default_factory=FrozenDict)
    tracks_from: Annotated[Mapping[str, str], Frozen] = Field(default_factory=FrozenDict)


class Won(Record):
    """The deal was won."""

    kind: Literal["won"] = "won"
    reason: Label | None = None


class Lost(Record):
    """The deal was lost."""

    kind: Literal["lost"] = "lost"
    reason: Label


class Disqualified(Record):
    """The deal was disqualified."""

    kind: Literal["disqualified"] = "disqualified"
    reason: Label


class Ended(Record):
    """Nothing more happens to the deal.

    Attributes:
        opens: Where a new deal may begin, if the process loops: keys of stages.
    """

    kind: Literal["ended"] = "ended"
    opens: tuple[Label, ...] = ()


class Reopened(Record):
    """The deal goes on after its end."""

    kind: Literal["reopened"] = "reopened"
    stage: Label
    sub_stage: Label | None = None


class Retracted(Record):
    """An outcome was taken back; the deal goes on as one that is open.

    Attributes:
        outcome: What was taken back.
        closed_at: When the deal was won, lost or disqualified.
        reason: The reason that was given for it.
        stage: Where the deal goes on; `sub_stage` where the stage has any.
    """

    kind: Literal["retracted"] = "retracted"
    outcome: Outcome
    closed_at: Instant | None = None
    reason: Label | None = None
    stage: Label
    sub_stage: Label | None = None


class Withdrawn(Record):
    """An answer, a completion or a waiver does not stand any more; one of the three is named."""

    kind: Literal["withdrawn"] = "withdrawn"
    question: Label | None = None
    about: Label = "us"
    instrument: Label | None = None
    waiver: Label | None = None

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        return one_withdrawn(self)


Payload = (
    Started
    | Adopted
    | StageEntered
    | TrackMoved
    | CriterionAttested
    | QuestionAnswered
    | InstrumentCompleted
    | Judged
    | Requested
    | Delegated
    | CriterionWaived
    | Held
    | Resumed
    | Amended
    | Migrated
    | Won
    | Lost
    | Disqualified
    | Ended
    | Reopened
    | Retracted
    | Withdrawn
)


class Event(Record):
    """The envelope.

    Attributes:
        id: Derived from deal, sequence and command, so that a retry gives the same bytes.
        sequence: 1, 2, 3 … per deal, without a gap.
        recorded_at: When it was decided; never earlier than the event before it.
        occurred_at: When it happened; equal to `recorded_at` unless the command said otherwise.
        role: The role that was claimed, or None.
        role_from: Where the person had the role from in which they acted: from the deal's team,
            from a delegation, or nowhere, which is a claim; None where no role was asked for.
        on_behalf_of: Of a substitute, the person who gave them the role.
        annotations: What the host's hooks had to say.
        playbook: The playbook that decided it.
        schema_version: See [`SCHEMA_VERSION`][salesflow.engine.events.SCHEMA_VERSION].
    """

    id: UUID
    opportunity_id: Label
    sequence: PositiveInt
    recorded_at: Instant
    occurred_at: Instant
    by: Label
    role: Label | None = None
    role_from: Literal["team", "delegation", "claim"] | None = None
    on_behalf_of: Label | None = None
    note: Note | None = None
    annotations: tuple[Note, ...] = ()
    command_id: Label | None = None
    command_digest: Label | None = None
    playbook: PlaybookStamp
    schema_version: PositiveInt = SCHEMA_VERSION
    payload: Annotated[Payload, Field(discriminator="kind")]
