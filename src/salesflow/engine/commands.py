"""What a person wants to happen to a deal. Commands are frozen records; they decide nothing."""

from __future__ import annotations

import hashlib
from typing import ClassVar, Self

from pydantic import NonNegativeInt, model_validator
from pydantic_core import PydanticCustomError

from salesflow.domain import JudgementVerdict, Mark, Outcome
from salesflow.domain._base import Day, Instant, Label, Note, Record

__all__ = [
    "Adopt",
    "Advance",
    "Answer",
    "Attest",
    "Command",
    "Complete",
    "Judge",
    "Lose",
    "Start",
    "Win",
]


class Command(Record):
    """What every command carries.

    Attributes:
        by: The person who gives it. Nobody is authenticated here: the event keeps the claim.
        role: The role they act in; None stands for every role that they have in the deal's team
            (the owner also has the playbook's `owner_role`).
        command_id: Chosen by the host. The same id with the same content is decided only once.
        expected_version: Refuse with VersionConflict when the deal has moved on meanwhile.
        occurred_at: When it happened, if that was earlier than when it is recorded.
    """

    kind: ClassVar[str]

    by: Label
    role: Label | None = None
    command_id: Label | None = None
    expected_version: NonNegativeInt | None = None
    occurred_at: Instant | None = None
    note: Note | None = None

    @property
    def digest(self) -> str:
        """A digest of the content, by which a repeated command is known from a changed one."""
        content = f"{self.kind}{self.model_dump_json(exclude={'command_id'})}"
        return hashlib.sha256(content.encode()).hexdigest()[:32]


class Start(Command):
    """The deal enters the first stage."""

    kind: ClassVar[str] = "Start"


class Adopt(Command):
    """A deal that is already on its way comes under the playbook: an explicit baseline.

    Attributes:
        stage: Key of the stage or sub-stage where it stands.
        entered_on: The day it came there, as far as anybody knows.
        outcome: Set for a deal that was won or lost already.
    """

    kind: ClassVar[str] = "Adopt"

    stage: Label
    entered_on: Day
    outcome: Outcome | None = None


class Advance(Command):
    """On to the next stage or sub-stage; from the last one, to the end."""

    kind: ClassVar[str] = "Advance"


class Attest(Command):
    """Somebody stands for it that a criterion is met, or says that it is not."""

    kind: ClassVar[str] = "Attest"

    criterion: Label
    met: bool = True


class Answer(Command):
    """An answer to one question of a checklist, for instance `tas.compelling_event`.

    Attributes:
        mark: `"+"` favourable to us, `"-"` unfavourable, `"?"` asked and not known.
        about: `"us"`, or the competitor that the sheet is about.
    """

    kind: ClassVar[str] = "Answer"

    question: Label
    mark: Mark
    about: Label = "us"


class Complete(Command):
    """An instrument is complete, for instance the opportunity plan."""

    kind: ClassVar[str] = "Complete"

    instrument: Label


class Judge(Command):
    """A role's judgement during this visit of the stage, or its decision at a decision point.

    A hold says when the deal goes on: `resume_when` and `review_on` are required with it.
    """

    kind: ClassVar[str] = "Judge"

    role: Label
    verdict: JudgementVerdict
    point: Label | None = None
    follow_up: Note | None = None
    resume_when: Note | None = None
    review_on: Day | None = None

    @model_validator(mode="after")
    def _hold_has_an_end(self) -> Self:
        if self.verdict == "hold" and (self.resume_when is None or self.review_on is None):
            raise PydanticCustomError(
                "hold_without_end", "a hold needs resume_when= and review_on=, a date"
            )
        return self


class Win(Command):
    """The deal is won. The deal goes on where the playbook has stages after winning."""

    kind: ClassVar[str] = "Win"


class Lose(Command):
    """The deal is lost, which ends it."""

    kind: ClassVar[str] = "Lose"

    reason: Label
