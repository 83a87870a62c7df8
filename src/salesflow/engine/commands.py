"""What a person wants to happen to a deal. Commands are frozen records; they decide nothing.

Each says in its `kind` which it is, so that [`read_command`][salesflow.engine.read_command] and
[`AnyCommand`][salesflow.engine.AnyCommand] read its JSON back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from salesflow._frozen import Frozen, FrozenDict
from salesflow.domain import JudgementVerdict, Mark, Outcome
from salesflow.domain._base.record import Evidence, Evidenced, Label, Note
from salesflow.domain._base.times import Day
from salesflow.domain.deal.opportunity import amendable
from salesflow.domain.deal.progress import AnswerValue, one_answer
from salesflow.domain.deal.withdrawal import one_withdrawn
from salesflow.engine._command import Command
from salesflow.facts import ForecastCategory

__all__ = [
    "Adopt",
    "Advance",
    "Amend",
    "Answer",
    "Attest",
    "CallForecast",
    "Command",
    "Complete",
    "Delegate",
    "Disqualify",
    "Hold",
    "Judge",
    "Lose",
    "Migrate",
    "MoveTo",
    "MoveTrack",
    "Reopen",
    "Request",
    "Resume",
    "Retract",
    "Start",
    "Waive",
    "Win",
    "Withdraw",
]


class Start(Command):
    """The deal enters the first stage, or a later one where the playbook's policy lets it.

    Attributes:
        stage: Key of a later stage or sub-stage; None is the first.
    """

    kind: Literal["Start"] = "Start"

    stage: Label | None = None


class Adopt(Command):
    """A deal that is already on its way comes under the playbook: an explicit baseline.

    A deal that follows another playbook starts afresh so: nothing on record of that counts here.

    Attributes:
        stage: Key of the stage or sub-stage where it stands.
        entered_on: The day it came there, as far as anybody knows.
        outcome: Set for a deal that was won or lost already.
        tracks: By track, the state where it stands; those not named begin in their first.
    """

    kind: Literal["Adopt"] = "Adopt"

    stage: Label
    entered_on: Day
    outcome: Outcome | None = None
    tracks: Annotated[Mapping[Label, Label], Frozen] = Field(default_factory=FrozenDict)


class Advance(Command):
    """On to the next stage or sub-stage; from the last one, to the end."""

    kind: Literal["Advance"] = "Advance"


class MoveTo(Command):
    """To a stage or sub-stage that is not simply the next one: another way on, ahead, or back.

    Moves that the playbook names ask for their own criteria; skipping ahead and moving back are
    for its policy to allow, and may take a `note` that says why.

    Attributes:
        stage: Key of the stage or sub-stage, or `"ended"` where the process may end here.
    """

    kind: Literal["MoveTo"] = "MoveTo"

    stage: Label


class MoveTrack(Command):
    """A track moves on to another of its states, or back to one where it was.

    Moving on asks for the criteria of that state; who may move a track, and whether it goes back,
    the playbook says.

    Attributes:
        track: Key of the track.
        state: Key of the state.
    """

    kind: Literal["MoveTrack"] = "MoveTrack"

    track: Label
    state: Label


class Attest(Evidenced, Command):
    """A person attests that a criterion is met, or denies it.

    Attributes:
        criterion: Key of the criterion.
        met: False denies it.
    """

    kind: Literal["Attest"] = "Attest"

    criterion: Label
    met: bool = True
    evidence: Evidence | None = None


class Answer(Evidenced, Command):
    """An answer to one question of a checklist, for instance `tas.compelling_event`.

    Either a mark or a value: which of them, and what value, the question's type says.

    Attributes:
        question: The checklist and the key of the question in it: `tas.compelling_event`.
        mark: `"+"` favourable to us, `"-"` unfavourable; `"?"`, for questions of every type:
            asked and not known; `"n/a"`, where the question allows it: it does not apply.
        value: A number, a text, or a date, which is kept as a text such as `2026-01-31`.
        about: `"us"`, or the competitor that the sheet is about.

    Example:
        >>> from datetime import date
        >>> Answer(by="li.wei", question="site.opens_on", value=date(2026, 9, 1)).value
        '2026-09-01'
    """

    kind: Literal["Answer"] = "Answer"

    question: Label
    mark: Mark | None = None
    value: AnswerValue | None = None
    about: Label = "us"
    evidence: Evidence | None = None

    @model_validator(mode="after")
    def _is_one_answer(self) -> Self:
        return one_answer(self)


class Complete(Evidenced, Command):
    """An instrument is complete, for instance the opportunity plan; or a duty was done.

    Attributes:
        instrument: Key of the instrument, or of the cadence whose duty was done.
    """

    kind: Literal["Complete"] = "Complete"

    instrument: Label
    evidence: Evidence | None = None


class Judge(Evidenced, Command):
    """A role's judgement during this visit of the stage, or its decision at a decision point.

    Attributes:
        role: Key of the role that judges; a judgement is always given in one.
        verdict: `"go"`, `"kill"` or `"hold"`, which needs `resume_when` and `review_on`.
        point: Key of the criterion that is judged; None where the stage asks for one only.
        follow_up: What is to be done, whatever the verdict.
        resume_when: With a hold: what it waits for.
        review_on: With a hold: the day on which somebody looks at it again, at the latest.
    """

    kind: Literal["Judge"] = "Judge"

    role: Label  # pyright: ignore[reportGeneralTypeIssues] - given by name
    verdict: JudgementVerdict
    point: Label | None = None
    follow_up: Note | None = None
    resume_when: Note | None = None
    review_on: Day | None = None
    evidence: Evidence | None = None

    @model_validator(mode="after")
    def _hold_has_an_end(self) -> Self:
        if self.verdict == "hold" and (self.resume_when is None or self.review_on is None):
            raise PydanticCustomError(
                "hold_without_end", "a hold needs resume_when= and review_on=, a date"
            )
        return self


class Request(Command):
    """A decision, a judgement or an approval is asked for.

    Attributes:
        point: Key of the criterion.
    """

    kind: Literal["Request"] = "Request"

    point: Label


class Delegate(Command):
    """A person gives a role that they have in the deal's team to a substitute.

    The substitute has it as long as the person has it themselves, and no longer than `until`; they
    cannot give it on. To end it earlier, delegate it again with an earlier day.

    Attributes:
        role: Key of the role.
        to: The substitute.
        until: The last day on which the substitute has the role.
    """

    kind: Literal["Delegate"] = "Delegate"

    role: Label  # pyright: ignore[reportGeneralTypeIssues] - given by name
    to: Label
    until: Day

    @model_validator(mode="after")
    def _to_somebody_else(self) -> Self:
        if self.to == self.by:
            raise PydanticCustomError("delegate_to_oneself", "a substitute is somebody else")
        return self


class CallForecast(Command):
    """A person says what the deal counts as in the forecast, beside what its stage says.

    That of the deal's owner, or of the owner's substitute, is the owner's call. Anybody else's is
    the manager's, and is for those whom the playbook's policy lets make it (`call_forecast`). Each
    of the two stands until another one, or until the deal is won or ends.

    Attributes:
        category: What it counts as: `"commit"`, `"best_case"`, `"pipeline"` or `"omitted"`.
        reason: Why.

    Example:
        >>> CallForecast(by="li.wei", category="commit", reason="The order is signed").category
        'commit'
    """

    kind: Literal["CallForecast"] = "CallForecast"

    category: ForecastCategory
    reason: Note


class Waive(Command):
    """A required criterion is waived. It stays visible that it was not met, and why.

    Attributes:
        criterion: Key of the criterion.
        reason: Why it may pass.
    """

    kind: Literal["Waive"] = "Waive"

    criterion: Label
    reason: Note


class Hold(Command):
    """The deal rests; nothing moves it until it is resumed.

    Attributes:
        resume_when: What it waits for.
        review_on: When somebody looks at it again, at the latest.
    """

    kind: Literal["Hold"] = "Hold"

    resume_when: Note
    review_on: Day


class Resume(Command):
    """The deal goes on after a hold."""

    kind: Literal["Resume"] = "Resume"


class Win(Command):
    """The deal is won. The deal goes on where the playbook has stages after winning.

    Attributes:
        reason: Why it was won: one of the playbook's reasons, where it lists any for winning.
    """

    kind: Literal["Win"] = "Win"

    reason: Label | None = None


class Lose(Command):
    """The deal is lost; this ends it.

    Attributes:
        reason: Key of one of the playbook's reasons for losing.
    """

    kind: Literal["Lose"] = "Lose"

    reason: Label


class Disqualify(Command):
    """The deal is disqualified; this ends it.

    Attributes:
        reason: Key of one of the playbook's reasons for disqualifying.
    """

    kind: Literal["Disqualify"] = "Disqualify"

    reason: Label


class Reopen(Command):
    """A deal that ended goes on, at a stage or sub-stage that it really reached.

    Attributes:
        stage: Key of the stage or sub-stage.
    """

    kind: Literal["Reopen"] = "Reopen"

    stage: Label


class Retract(Command):
    """A win, a loss or a disqualification is taken back that should not have been recorded.

    It was a mistake, or the order was cancelled: the deal is open again, and nothing of the outcome
    stands but its event. `Reopen`, on the other hand, leaves a won deal won.

    Attributes:
        note: Why it is taken back.
        stage: Key of the stage or sub-stage where the deal goes on, one that it really reached;
            None: where it stands.
    """

    kind: Literal["Retract"] = "Retract"

    note: Note  # pyright: ignore[reportGeneralTypeIssues] - given by name
    stage: Label | None = None


class Withdraw(Command):
    """An answer, a completion or a waiver is withdrawn, and does not stand any more.

    It is then as if nobody had ever said it. What was said after the withdrawal stands. Give
    exactly one of `question`, `instrument` and `waiver`.

    Attributes:
        question: The question whose answer is withdrawn, for instance `tas.compelling_event`.
        about: Whom that answer is about: `"us"`, or a competitor.
        instrument: Key of the instrument, or of the cadence whose duty was not done after all.
        waiver: Key of the criterion that is not waived any more.

    Example:
        >>> Withdraw(by="li.wei", question="tas.compelling_event").about
        'us'
    """

    kind: Literal["Withdraw"] = "Withdraw"

    question: Label | None = None
    about: Label = "us"
    instrument: Label | None = None
    waiver: Label | None = None

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        return one_withdrawn(self)


class Amend(Command):
    """Fields of the deal change. Later close dates and smaller amounts are counted.

    Attributes:
        changes: New values by field, as JSON keeps them; None empties a field. Validated like
            the fields of an Opportunity.

    Example:
        >>> Amend(by="li.wei", changes={"expected_close_on": "2026-03-31"}).changes
        {'expected_close_on': '2026-03-31'}
    """

    kind: Literal["Amend"] = "Amend"

    changes: Annotated[Mapping[str, object], BeforeValidator(amendable), Frozen]


class Migrate(Command):
    """The deal goes on under this version of its playbook, or comes from another playbook.

    The playbook's migration says how: see [`Migration`][salesflow.playbook.Migration].
    """

    kind: Literal["Migrate"] = "Migrate"
