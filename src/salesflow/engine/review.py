"""A review: where a deal stands, what is met, what is missing, and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated

from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result
from salesflow.domain import RequestRecord
from salesflow.engine._context import CommandContext
from salesflow.engine._decide import handled
from salesflow.engine._facts.readers import doubts
from salesflow.engine._gates import Gate
from salesflow.engine._review_show import view
from salesflow.engine._tracks import applies, days_in
from salesflow.engine.commands import Advance, MoveTrack
from salesflow.engine.hooks import Hook
from salesflow.errors import Problem
from salesflow.playbook import (
    Criterion,
    Form,
    Guidance,
    Instrument,
    Position,
    Stage,
    SubStage,
    Track,
    TrackState,
)
from salesflow.qualify import Score, score
from salesflow.rules import Blocker, Verdict
from salesflow.schedule import Duty, duties
from salesflow.text import Text

__all__ = [
    "CriterionStatus",
    "FormStatus",
    "InstrumentStatus",
    "PossibleMove",
    "Review",
    "TrackMove",
    "TrackStatus",
    "review",
]


class CriterionStatus(Result):
    """One criterion of the gate in front of the deal.

    Attributes:
        criterion: What ought to hold.
        verdict: YES, too, where the criterion does not apply.
        blocker: Why it is not met.
        applies: Whether it applies to this deal at all.
        request: Who asked for it last, of a decision, a judgement or an approval.
    """

    criterion: Criterion
    verdict: Verdict
    blocker: Blocker | None
    applies: Verdict = Verdict.YES
    request: RequestRecord | None = None

    @property
    def lapsed(self) -> bool:
        """Whether something was said of it that fell away, because the facts changed."""
        parts = self.blocker.because if self.blocker else ()
        return any(part.code == "lapsed" for part in parts)

    @property
    def met(self) -> bool:
        """Whether it applies and holds."""
        return self.applies is not Verdict.NO and self.verdict is Verdict.YES


class InstrumentStatus(Result):
    """An instrument of the playbook.

    Attributes:
        instrument: The instrument, as the playbook has it.
        required: Whether the size policy asks for it; NO, too, where it does not apply.
        done: Whether it is complete.
        applies: Whether it applies to this deal at all.
    """

    instrument: Instrument
    required: Verdict
    done: bool
    applies: Verdict = Verdict.YES


class FormStatus(Result):
    """A form of the present stage.

    Attributes:
        form: What is filled in.
        applies: Whether it applies to this deal.
        depends_on: Where that is UNKNOWN, the facts that decide it and are not known.
    """

    form: Form
    applies: Verdict
    depends_on: tuple[str, ...] = ()


class PossibleMove(Result):
    """A move that the process has from here.

    Attributes:
        target: Where it leads; None is the end.
        allowed: Whether it is open now.
    """

    target: Position | None
    allowed: bool


class TrackMove(Result):
    """A state that a track leads to from where it stands, and what that asks for.

    Attributes:
        state: The state.
        criteria: What it asks for, advisory criteria too.
        blockers: Exactly what `decide(MoveTrack)` would answer now.
    """

    state: TrackState
    criteria: tuple[CriterionStatus, ...]
    blockers: tuple[Blocker, ...]

    @property
    def allowed(self) -> bool:
        """Whether the track may move there."""
        return not self.blockers


class TrackStatus(Result):
    """Where a track of the deal stands, since when, and where it leads.

    Attributes:
        track: The track.
        applies: Whether it applies to the deal.
        state: Where it stands.
        since: When it came there.
        days: How many days ago that was, or was when the deal ended.
        moves: Where it leads; none for one that does not apply.
    """

    track: Track
    applies: Verdict
    state: TrackState
    since: datetime
    days: int
    moves: tuple[TrackMove, ...]

    @property
    def is_late(self) -> bool:
        """Whether it has been there for longer than its limit."""
        most = self.state.max_days
        return most is not None and self.applies is not Verdict.NO and self.days > most


class Review(Result):
    """The state of a deal, for a person to read or a program to show.

    Attributes:
        stage: None for a deal that is not started.
        sub_stage: None where the stage has none.
        moves: Where the process leads from here, the main way first.
        criteria: The criteria of the gate ahead, advisory ones too. Of several ways on, those of
            the first one that is open; where none is, those of all of them.
        blockers: Exactly what `decide(Advance)` would answer now.
        instruments: Those that the size policy asks for or may ask for, those done, and those that
            do not apply.
        scores: By scorecard.
        forecast: The last selling-cycle number that the deal has reached; None before the first.
        working_towards: The selling-cycle number that the present stage or sub-stage leads to.
        due: What the playbook's cadences ask for, and the limits of its tracks, the most urgent
            first, each with its reason.
        duties: What each role has to do in this stage.
        guidance: Methods, difficulties, common problems, tools, coaching questions.
        problems: What is wrong with the facts and the team of the deal: what the playbook does not
            know, or is of another kind, is an error, left out here, and what other commands than
            `Amend` raise for; a value outside its list or its limits is a warning, and counts as
            missing.
        forms: What is filled in in this stage; those that do not apply, too.
        tracks: Where each of the playbook's tracks stands; empty before the start.
    """

    stage: Stage | None
    sub_stage: SubStage | None
    criteria: tuple[CriterionStatus, ...]
    blockers: tuple[Blocker, ...]
    moves: tuple[PossibleMove, ...]
    instruments: tuple[InstrumentStatus, ...]
    scores: Annotated[Mapping[str, Score], Frozen]
    forecast: float | None
    working_towards: float | None
    due: tuple[Duty, ...]
    duties: Annotated[Mapping[str, tuple[Text, ...]], Frozen]
    guidance: Guidance
    forms: tuple[FormStatus, ...] = ()
    problems: tuple[Problem, ...] = ()
    tracks: tuple[TrackStatus, ...] = ()

    def _repr_html_(self) -> str:
        return view(self)


def review(
    context: CommandContext, hooks: tuple[Hook, ...] = (), problems: Iterable[Problem] = ()
) -> Review:
    """See `StageEngine.review`."""
    playbook = context.playbook
    facts = context.facts(context.compiled.everything)
    # Hooks are asked as if somebody advanced the deal now, perhaps nobody in particular.
    wanted = Advance(by=context.by or "review", role=context.role)
    result, _ = handled(context, wanted, hooks)
    blockers = result.blockers
    position = None if context.progress.position is None else context.position()
    ahead = _ahead(context, position)
    return Review(
        stage=position.stage if position else None,
        sub_stage=position.sub_stage if position else None,
        criteria=tuple(_status(context, criterion, facts) for criterion in _criteria_of(ahead)),
        blockers=blockers,
        moves=_moves(context, position, ahead, blockers),
        instruments=_instruments(context, facts),
        scores=FrozenDict(
            {
                key: score(playbook, card, facts, context.today, tz=context.tz)
                for key, card in playbook.scorecards.items()
            }
        ),
        forecast=_forecast(context, position),
        working_towards=position.cycle if position else None,
        due=duties(
            playbook, context.progress, facts, context.at, tz=context.tz, calendar=context.calendar
        ),
        duties=FrozenDict(position.stage.duties if position else {}),
        guidance=position.stage.guidance if position else Guidance(),
        forms=tuple(_form(context, form, facts) for form in position.stage.forms)
        if position
        else (),
        problems=(*problems, *doubts(context.opportunity, playbook)),
        tracks=tuple(_tracks(context, facts, hooks)),
    )


def _tracks(
    context: CommandContext, facts: Mapping[str, object], hooks: tuple[Hook, ...]
) -> Iterator[TrackStatus]:
    for key, track in context.playbook.tracks.items():
        stay = context.progress.track(key)
        state = None if stay is None else track.state(stay.state)
        if stay is None or state is None:
            continue  # the deal has not started
        verdict = applies(track, facts, context.today, context.tz)
        ways = () if verdict is Verdict.NO or context.progress.ended else track.ways(state.key)
        yield TrackStatus(
            track=track,
            applies=verdict,
            state=state,
            since=stay.entered_at,
            days=days_in(stay, context.progress, context.at, context.tz),
            moves=tuple(_track_move(context, track, target, facts, hooks) for target in ways),
        )


def _track_move(
    context: CommandContext,
    track: Track,
    target: str,
    facts: Mapping[str, object],
    hooks: tuple[Hook, ...],
) -> TrackMove:
    gate = context.compiled.states[track.key, target]
    wanted = MoveTrack(by=context.by or "review", role=context.role, track=track.key, state=target)
    result, _ = handled(context, wanted, hooks)
    return TrackMove(
        state=next(state for state in track.states if state.key == target),
        criteria=tuple(_status(context, criterion, facts) for criterion in gate.criteria),
        blockers=result.blockers,
    )


def _ahead(context: CommandContext, position: Position | None) -> tuple[Gate, ...]:
    """The gate that advancing takes; where it has a choice and none is open, all of these."""
    if position is None:
        return ()
    ways = context.compiled.choices.get(position.key)
    if ways is None:
        return (context.compiled.gates[position.key],)
    return next(((gate,) for gate in ways if not context.blockers_on(gate)), ways)


def _criteria_of(gates: tuple[Gate, ...]) -> Iterable[Criterion]:
    return {item.key: item for gate in gates for item in gate.criteria}.values()


def _moves(
    context: CommandContext,
    position: Position | None,
    ahead: tuple[Gate, ...],
    blockers: tuple[Blocker, ...],
) -> tuple[PossibleMove, ...]:
    """The playbook's moves from here, the main one first; one without any ends the process."""
    if position is None or context.progress.ended:
        return ()
    main = context.compiled.gates[position.key]
    others = [
        gate
        for (source, _), gate in context.compiled.ways.items()
        if source == position.key and gate is not main
    ]
    shut = context.resting() or context.going_on()

    def is_open(gate: Gate) -> bool:
        return not (blockers if gate in ahead else shut or context.blockers_on(gate))

    return tuple(
        PossibleMove(target=gate.target, allowed=is_open(gate)) for gate in (main, *others)
    )


def _status(
    context: CommandContext, criterion: Criterion, facts: Mapping[str, object]
) -> CriterionStatus:
    verdict = criterion.check_rule.verdict(facts, context.today, tz=context.tz)
    applies = Verdict.YES
    if criterion.when is not None:
        applies = criterion.when.verdict(facts, context.today, tz=context.tz)
    asked = [item for item in context.progress.requests if item.point == criterion.key]
    request = asked[-1] if asked else None
    if verdict is Verdict.YES:
        return CriterionStatus(
            criterion=criterion, verdict=verdict, blocker=None, applies=applies, request=request
        )
    blocker = context.compiled.explainer.blocker(
        criterion, verdict, facts, context.today, context.tz
    )
    return CriterionStatus(
        criterion=criterion, verdict=verdict, blocker=blocker, applies=applies, request=request
    )


def _instruments(
    context: CommandContext, facts: Mapping[str, object]
) -> tuple[InstrumentStatus, ...]:
    found = []
    for key, instrument in context.playbook.instruments.items():
        rule = context.playbook.required_instruments.get(key)
        required = rule.verdict(facts, context.today, tz=context.tz) if rule else Verdict.NO
        done = facts.get(f"done.{key}") is True
        applies = Verdict.YES
        if instrument.when is not None:
            applies = instrument.when.verdict(facts, context.today, tz=context.tz)
        if done or required is not Verdict.NO or applies is Verdict.NO:
            found.append(
                InstrumentStatus(
                    instrument=instrument, required=required, done=done, applies=applies
                )
            )
    return tuple(found)


def _form(context: CommandContext, form: Form, facts: Mapping[str, object]) -> FormStatus:
    if form.when is None:
        return FormStatus(form=form, applies=Verdict.YES)
    found = form.when.evaluate(facts, context.today, tz=context.tz)
    return FormStatus(form=form, applies=found.verdict, depends_on=found.open)


def _forecast(context: CommandContext, position: Position | None) -> float | None:
    """A stage's number is reached when the stage is completed, that is, left behind."""
    if position is None:
        return None
    passed = context.playbook.must_have_left(position.key)
    if _completed(context):
        passed = (*passed, position)
    return max((item.cycle for item in passed if item.cycle is not None), default=None)


def _completed(context: CommandContext) -> bool:
    return context.progress.ended and context.progress.outcome not in ("lost", "disqualified")
