"""What can happen to a deal: the payloads of events.

Whoever changes one reads first what `events` says of their form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from salesflow._frozen import Frozen, FrozenDict
from salesflow.domain import JudgementVerdict, Mark, Outcome, PlaybookStamp
from salesflow.domain._base.record import Count, Evidenced, Label, Note, Record
from salesflow.domain._base.times import Day, Instant
from salesflow.domain.deal.progress import AnswerValue, Seen, one_answer
from salesflow.domain.deal.withdrawal import one_withdrawn
from salesflow.facts import ForecastCategory
from salesflow.money import Money


class _Happened(Record):
    """A payload: what happened.

    Attributes:
        kind: Which payload it is; it is in the JSON, too, and says how to read it.
    """


class Started(_Happened):
    """The deal entered the first stage of the playbook.

    Attributes:
        stage: Key of the stage.
        sub_stage: Key of the sub-stage; None where the stage has none.
        tracks: The tracks that began with it, each with the key of its state.
    """

    kind: Literal["started"] = "started"
    stage: Label
    sub_stage: Label | None = None
    tracks: Annotated[Mapping[str, str], Frozen] = Field(default_factory=FrozenDict)


class Adopted(_Happened):
    """The deal came under the playbook in the middle of its way, perhaps from another playbook.

    What is on record of the other one stays in history and counts no more.

    Attributes:
        stage: Key of the stage.
        sub_stage: Key of the sub-stage; None where the stage has none.
        entered_at: When it came there, as far as anybody knows.
        outcome: How it had ended before, if it had; else `"none"`.
        tracks: The tracks that began with it, each with the key of its state.
    """

    kind: Literal["adopted"] = "adopted"
    stage: Label
    sub_stage: Label | None = None
    entered_at: Instant
    outcome: Outcome = "none"
    tracks: Annotated[Mapping[str, str], Frozen] = Field(default_factory=FrozenDict)


class StageEntered(_Happened):
    """The deal left one stage or sub-stage and entered another.

    Attributes:
        stage: Key of the stage.
        sub_stage: Key of the sub-stage; None where the stage has none.
        from_stage: Key of the stage that it left.
        from_sub_stage: Key of the sub-stage that it left, if any.
        how: Along the playbook's moves (`"move"`), past others (`"skip"`), or `"back"`.
    """

    kind: Literal["stage_entered"] = "stage_entered"
    stage: Label
    sub_stage: Label | None = None
    from_stage: Label
    from_sub_stage: Label | None = None
    how: Literal["move", "skip", "back"] = "move"


class TrackMoved(_Happened):
    """A track left one of its states and entered another.

    Attributes:
        track: Key of the track.
        from_state: Key of the state that it left.
        state: Key of the state that it entered.
    """

    kind: Literal["track_moved"] = "track_moved"
    track: Label
    from_state: Label
    state: Label


class CriterionAttested(Evidenced, _Happened):
    """A person attested that a criterion is met, or denied it.

    Attributes:
        criterion: Key of the criterion.
        met: False if it was denied.
        seen: What the facts were on which it rests.
    """

    kind: Literal["criterion_attested"] = "criterion_attested"
    criterion: Label
    met: bool
    seen: Seen = Field(default_factory=FrozenDict)
    evidence: Note | None = None


class QuestionAnswered(Evidenced, _Happened):
    """A question of a checklist was answered, with a mark or with a value.

    Attributes:
        question: The checklist and the key of the question in it: `tas.compelling_event`.
        mark: `"+"`, `"-"`, `"?"` or `"n/a"`; None where the answer is a value.
        value: A number or a text; a day is a text such as `2026-01-31`. None where it is a mark.
        about: `"us"`, or the competitor that the sheet is about.
    """

    kind: Literal["question_answered"] = "question_answered"
    question: Label
    mark: Mark | None = None
    value: AnswerValue | None = None
    about: Label = "us"
    evidence: Note | None = None

    @model_validator(mode="after")
    def _is_one_answer(self) -> Self:
        return one_answer(self)


class InstrumentCompleted(Evidenced, _Happened):
    """An instrument was completed.

    Attributes:
        instrument: Key of the instrument, or of the cadence whose duty was done.
    """

    kind: Literal["instrument_completed"] = "instrument_completed"
    instrument: Label
    evidence: Note | None = None


class Judged(Evidenced, _Happened):
    """A role judged this visit of the stage, or decided or approved at a point of it.

    Attributes:
        visit: The number of the visit of the stage, from 0, as in `progress.visits`.
        stage: Key of the stage.
        role: Key of the role.
        verdict: `"go"`, `"kill"` or `"hold"`.
        point: Key of the criterion that was decided; None if it is a judgement of the visit.
        follow_up: What is to be done.
        resume_when: Of a hold: what it waits for.
        review_on: Of a hold: the day on which somebody looks at it again, at the latest.
        track_visit: The number of the stay of a track in its state, from 0, where the criterion is
            a track's.
        seen: What the facts were on which it rests.
    """

    kind: Literal["judged"] = "judged"
    visit: Count
    stage: Label
    role: Label
    verdict: JudgementVerdict
    point: Label | None = None
    follow_up: Note | None = None
    resume_when: Note | None = None
    review_on: Day | None = None
    track_visit: Count | None = None
    seen: Seen = Field(default_factory=FrozenDict)
    evidence: Note | None = None


class Requested(_Happened):
    """A decision, a judgement or an approval was asked for.

    Attributes:
        point: Key of the criterion.
    """

    kind: Literal["requested"] = "requested"
    point: Label


class Delegated(_Happened):
    """A role was given to a substitute until a day, that day included.

    Attributes:
        role: Key of the role.
        to: The substitute.
        until: The last day on which the substitute has the role.
    """

    kind: Literal["delegated"] = "delegated"
    role: Label
    to: Label
    until: Day


class ForecastCalled(_Happened):
    """Somebody said what the deal counts as in the forecast.

    Attributes:
        caller: Whose call it is: the deal's `"owner"`, or a `"manager"`.
        category: What the deal counts as.
        reason: Why.
        stage: Key of the stage where the deal stood.
    """

    kind: Literal["forecast_called"] = "forecast_called"
    caller: Literal["owner", "manager"]
    category: ForecastCategory
    reason: Note
    stage: Label


class CriterionWaived(_Happened):
    """A required criterion was waived.

    Attributes:
        criterion: Key of the criterion.
        reason: Why it may pass.
    """

    kind: Literal["criterion_waived"] = "criterion_waived"
    criterion: Label
    reason: Note


class Held(_Happened):
    """The deal was put on hold.

    Attributes:
        resume_when: What it waits for.
        review_on: When somebody looks at it again, at the latest.
    """

    kind: Literal["held"] = "held"
    resume_when: Note
    review_on: Day


class Resumed(_Happened):
    """The deal goes on after a hold."""

    kind: Literal["resumed"] = "resumed"


class Amended(_Happened):
    """Fields of the deal changed.

    Attributes:
        changes: New values by field, as JSON keeps them.
        before: The values until then, by the same fields; None in events of the first form.
        pushed: The expected close date moved to a later day.
        cut: The amount became smaller.
        close_on: The last expected close date that was known, also while there is none.
        amount: The last amount that was known.
        revised: The facts that changed of those on which somebody's word rests, or from whose
            change a duty counts.
    """

    kind: Literal["amended"] = "amended"
    changes: Annotated[Mapping[str, JsonValue], Frozen]
    before: Annotated[Mapping[str, JsonValue], Frozen] | None = None
    pushed: bool = False
    cut: bool = False
    close_on: Day | None = None
    amount: Money | None = None
    revised: tuple[Label, ...] = ()


class Migrated(_Happened):
    """The deal goes on under another version of its playbook, or under another playbook.

    Attributes:
        before: The playbook that it followed until now.
        stage: Where it stands, by its new name.
        sub_stage: Its sub-stage there, by its new name; None where the stage has none.
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


class Won(_Happened):
    """The deal was won.

    Attributes:
        reason: Key of one of the playbook's reasons for winning, where it lists any.
    """

    kind: Literal["won"] = "won"
    reason: Label | None = None


class Lost(_Happened):
    """The deal was lost.

    Attributes:
        reason: Key of one of the playbook's reasons for losing.
    """

    kind: Literal["lost"] = "lost"
    reason: Label


class Disqualified(_Happened):
    """The deal was disqualified.

    Attributes:
        reason: Key of one of the playbook's reasons for disqualifying.
    """

    kind: Literal["disqualified"] = "disqualified"
    reason: Label


class Ended(_Happened):
    """Nothing more happens to the deal.

    Attributes:
        opens: Where a new deal may begin, if the process loops: keys of stages.
    """

    kind: Literal["ended"] = "ended"
    opens: tuple[Label, ...] = ()


class Reopened(_Happened):
    """The deal goes on after its end.

    Attributes:
        stage: Key of the stage.
        sub_stage: Key of the sub-stage; None where the stage has none.
    """

    kind: Literal["reopened"] = "reopened"
    stage: Label
    sub_stage: Label | None = None


class Retracted(_Happened):
    """An outcome was taken back; the deal goes on as one that is open.

    Attributes:
        outcome: What was taken back.
        closed_at: When the deal was won, lost or disqualified.
        reason: The reason that was given for it.
        stage: Key of the stage where the deal goes on.
        sub_stage: Key of the sub-stage; None where the stage has none.
    """

    kind: Literal["retracted"] = "retracted"
    outcome: Outcome
    closed_at: Instant | None = None
    reason: Label | None = None
    stage: Label
    sub_stage: Label | None = None


class Withdrawn(_Happened):
    """An answer, a completion or a waiver does not stand any more; one of the three is named.

    Attributes:
        question: The question whose answer was withdrawn, for instance `tas.compelling_event`.
        about: Whom that answer was about: `"us"`, or a competitor.
        instrument: Key of the instrument, or of the cadence whose duty was not done after all.
        waiver: Key of the criterion that is not waived any more.
    """

    kind: Literal["withdrawn"] = "withdrawn"
    question: Label | None = None
    about: Label = "us"
    instrument: Label | None = None
    waiver: Label | None = None

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        return one_withdrawn(self)
