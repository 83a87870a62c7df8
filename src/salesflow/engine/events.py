"""What happened to a deal: a payload, in an envelope that a host can store.

Events are facts about the past. They carry what they changed, so that replaying them needs no
playbook and evaluates no rule.

Every change of their form raises `SCHEMA_VERSION`: a field that is added, renamed or dropped, and a
new payload, too. Stored events of the version before may stay valid as they are; its upcaster then
returns them unchanged. The version is raised all the same, because a release before the change
cannot read an event after it, and should say "Upgrade salesflow" and not that the line is broken.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field

from salesflow.domain import PlaybookStamp
from salesflow.domain._base.record import Label, Note, Ordinal, Record
from salesflow.domain._base.times import Instant
from salesflow.engine._payloads import (
    Adopted,
    Amended,
    CriterionAttested,
    CriterionWaived,
    Delegated,
    Disqualified,
    Ended,
    ForecastCalled,
    Held,
    InstrumentCompleted,
    Judged,
    Lost,
    Migrated,
    QuestionAnswered,
    Reopened,
    Requested,
    Resumed,
    Retracted,
    StageEntered,
    Started,
    TrackMoved,
    Withdrawn,
    Won,
)

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
    "ForecastCalled",
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

SCHEMA_VERSION: Final = 4
"""The version of the envelope and payloads that this release writes; every change raises it."""

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
    | ForecastCalled
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
        opportunity_id: The id of the deal.
        sequence: 1, 2, 3 … per deal, without a gap.
        recorded_at: When it was decided; never earlier than the event before it.
        occurred_at: When it happened; equal to `recorded_at` unless the command said otherwise.
        by: The person who gave the command, as claimed.
        role: The role that was claimed, or None.
        role_from: Where the person had the role from in which they acted: from the deal's team,
            from a delegation, or nowhere, which is a claim; None where no role was asked for.
        on_behalf_of: Of a substitute, the person who gave them the role.
        note: What the command had to say.
        annotations: What the host's hooks had to say.
        command_id: The id that the host gave to the command.
        command_digest: A digest of the command's content, by which a retry is known.
        playbook: The playbook that decided it.
        schema_version: See [`SCHEMA_VERSION`][salesflow.engine.events.SCHEMA_VERSION].
        payload: What happened; its `kind` says which payload it is.
    """

    id: UUID
    opportunity_id: Label
    sequence: Ordinal
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
    schema_version: Annotated[Ordinal, Field(strict=True)] = SCHEMA_VERSION
    payload: Annotated[Payload, Field(discriminator="kind")]
