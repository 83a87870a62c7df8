"""How a review is made: everything that a person wants to see of a deal, from one reading of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal, cast

from salesflow._arguments import zone
from salesflow._frozen import FrozenDict
from salesflow._result import later
from salesflow.engine._ages import age_since, entered
from salesflow.engine._context import CommandContext
from salesflow.engine._decide import handled
from salesflow.engine._facts.amounts import UNRATED, Unrated
from salesflow.engine._facts.from_records import RecordPlan
from salesflow.engine._facts.said import words_standing
from salesflow.engine._forecast_calls import forecast_category
from salesflow.engine._gates import Gate, comes_before
from salesflow.engine._handlers.evidence import unasked
from salesflow.engine._handlers.people import seen
from salesflow.engine._hygiene import hygiene
from salesflow.engine._tracks import applies
from salesflow.engine._visits import reached
from salesflow.engine._way_words import way_name
from salesflow.engine.commands import Advance, MoveTo, MoveTrack
from salesflow.engine.hooks import Hook
from salesflow.engine.review import (
    CriterionStatus,
    ForecastCalls,
    FormStatus,
    InstrumentStatus,
    PossibleMove,
    Review,
    StageAge,
    TrackMove,
    TrackStatus,
)
from salesflow.errors import Problem
from salesflow.playbook import (
    Criterion,
    Form,
    Guidance,
    Position,
    Track,
)
from salesflow.playbook._forms import missing_of
from salesflow.playbook._titles import place_titles, role_titles
from salesflow.qualify import Score, score
from salesflow.qualify._passed import required_behind
from salesflow.rules import Blocker, Verdict
from salesflow.schedule import Duty
from salesflow.schedule._decision_points import decision_points
from salesflow.schedule._triggers import called
from salesflow.text import Text

if TYPE_CHECKING:
    from salesflow.engine._facts.from_records import DealRecords


def review(
    context: CommandContext,
    due: tuple[Duty, ...],
    hooks: tuple[Hook, ...] = (),
    misfits: Iterable[Problem] = (),
) -> Review:
    """See `StageEngine.review`; `due` is what `StageEngine.due` says.

    What a hook, a calendar or a resolver of the host has a say in is made at once, and everything
    else when somebody looks at it.
    """
    context.need((context.compiled.everything,))
    # Hooks are asked as if somebody advanced the deal now, perhaps nobody in particular.
    wanted = Advance(by=context.by or "review", role=context.role)
    result, _ = handled(context, wanted, hooks)
    blockers = result.blockers
    position = None if context.progress.position is None else context.position()
    stage, sub_stage = (position.stage, position.sub_stage) if position else (None, None)
    since = entered(context.progress)
    ahead = _ahead(context, position)
    misfits = tuple(misfits)
    made = Review(
        stage=stage,
        sub_stage=sub_stage,
        criteria=later(lambda: tuple(_status(context, it) for it in _criteria_of(ahead))),
        blockers=blockers,
        moves=later(lambda: tuple(_moves(context, position, ahead, blockers, hooks))),
        instruments=later(lambda: _instruments(context)),
        scores=later(lambda: _scores(context)),
        cycle=later(lambda: _cycle(context, position)),
        working_towards=position.cycle if position else None,
        due=due,
        duties=FrozenDict(stage.duties if stage else {}),
        guidance=stage.guidance if stage else Guidance(),
        forms=later(lambda: tuple(_form(context, it) for it in (stage.forms if stage else ()))),
        problems=later(lambda: (*misfits, *_warnings(context))),
        tracks=later(lambda: tuple(_tracks(context, hooks))),
        stands_at=later(lambda: _stands_at(context)),
        stage_age=later(lambda: _age(context, since[0], stage.max_days if stage else None)),
        sub_stage_age=later(
            lambda: _age(context, since[1], sub_stage.max_days if sub_stage else None)
        ),
        hygiene=later(lambda: hygiene(context, context.everything(), misfits)),
        forecast_calls=later(lambda: _forecast_calls(context)),
        roles=role_titles(context.playbook),
        places=place_titles(context.playbook),
    )
    if hooks:  # which are asked now
        _ = made.moves, made.tracks
    return made


def _scores(context: CommandContext) -> Mapping[str, Score]:
    playbook, facts = context.playbook, context.everything()
    return FrozenDict(
        {
            key: score(playbook, card, facts, context.today, tz=context.tz)
            for key, card in playbook.scorecards.items()
        }
    )


def _age(context: CommandContext, since: datetime | None, max_days: int | None) -> StageAge | None:
    if since is None:
        return None
    age = age_since(since, context.playbook, context.progress, context.at, zone(context.tz))
    return StageAge(since=since, max_days=max_days, **age._asdict())


def _stands_at(context: CommandContext) -> Position | None:
    """Where the criteria that are met lead to, from where the deal came into the process.

    Of what it has left, it is not asked again what held on another day or was said of another stay,
    nor what a stage asks for in which the deal was not. A place that this version of the playbook
    does not have any more is passed over.
    """
    playbook, progress = context.playbook, context.progress
    known = {name: place for place in playbook.positions for name in called(playbook, (place.key,))}
    names = [visit.sub_stage or visit.stage for visit in progress.course]
    course = [known[name] for name in names if name in known]
    if progress.ended or not course:
        return None
    been = {place.key for place in course}
    left = {place.key for place in playbook.must_have_left(context.position().key)}
    position, seen = course[0], set[str]()
    while position.key not in seen:
        seen.add(position.key)
        gate = context.compiled.gates[position.key]
        unmet = [item for item, _ in gate.unmet(context.everything(), context.today, context.tz)]
        if position.key in left:
            unmet = [
                item
                for item in unmet
                if position.key in been and not item.roles and not item.check_rule.uses_time
            ]
        if not unmet and gate.target is not None:
            position = gate.target
    return position


def _forecast_calls(context: CommandContext) -> ForecastCalls:
    progress = context.progress
    category = forecast_category(context.playbook, progress)
    calls = {call.caller: call for call in progress.forecast_calls}
    commits = "commit" in (category, *(call.category for call in calls.values()))
    return ForecastCalls(
        category=category,
        owner=calls.get("owner"),
        manager=calls.get("manager"),
        at_odds=tuple(_not_held(context)) if commits else (),
    )


def _not_held(context: CommandContext) -> Iterator[CriterionStatus]:
    """The required criteria that the deal has come past and that do not hold today."""
    playbook, progress = context.playbook, context.progress
    for asked in required_behind(playbook)[progress.position or ""]:
        status = _status(context, asked.criterion)
        waived = context.everything().get(f"waived.{asked.criterion.key}") is True
        been = reached(progress, playbook, asked.position.key) if asked.been else True
        if status.verdict is Verdict.YES or waived or been is False:
            continue
        # Where nobody knows whether it was there, nobody knows whether it was asked.
        yield status if been else status.model_copy(update={"verdict": Verdict.UNKNOWN})


def _warnings(context: CommandContext) -> Iterator[Problem]:
    """Amounts that cannot be converted, and so are not known; and facts that records overrule."""
    facts: Mapping[str, object] = context.everything()
    for name, value in facts.items():
        if isinstance(value, Unrated):
            message = f"{value.why.get('en')}, so that it is not known"
            path = name.removeprefix(UNRATED)
            yield Problem(path, message, value.hint, "missing_rate", "warning")
    if context.records is not None:
        yield from context.records.overruled()


def _tracks(context: CommandContext, hooks: tuple[Hook, ...]) -> Iterator[TrackStatus]:
    if not context.playbook.tracks:
        return
    facts = context.everything()
    for key, track in context.playbook.tracks.items():
        stay = context.progress.track(key)
        if stay is None:
            return  # the deal has not started
        state = next(state for state in track.states if state.key == stay.state)
        verdict = applies(track, facts, context.today, context.tz)
        ways = () if verdict is Verdict.NO or context.progress.ended else track.ways(state.key)
        since = stay.entered_at
        age = age_since(since, context.playbook, context.progress, context.at, zone(context.tz))
        yield TrackStatus(
            track=track,
            applies=verdict,
            state=state,
            since=since,
            **age._asdict(),
            moves=tuple(_track_move(context, track, target, hooks) for target in ways),
        )


def _track_move(
    context: CommandContext,
    track: Track,
    target: str,
    hooks: tuple[Hook, ...],
) -> TrackMove:
    gate = context.compiled.states[track.key, target]
    wanted = MoveTrack(by=context.by or "review", role=context.role, track=track.key, state=target)
    result, _ = handled(context, wanted, hooks)
    return TrackMove(
        state=next(state for state in track.states if state.key == target),
        criteria=tuple(_status(context, criterion) for criterion in gate.criteria),
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
    hooks: tuple[Hook, ...],
) -> Iterator[PossibleMove]:
    """The ways from here, the main one first, then those that the policy opens."""
    if position is None or context.progress.ended:
        return
    main = context.compiled.gates[position.key]
    ways = {
        target: gate
        for (source, target), gate in context.compiled.ways.items()
        if source == position.key
    }
    shut = context.resting() or context.going_on()
    for gate in (main, *(gate for gate in ways.values() if gate is not main)):
        missing = blockers if ahead == (gate,) else shut or context.blockers_on(gate)
        yield _move(way_name(gate.move, gate.target), gate.target, "move", missing)
    for target in context.playbook.positions:
        how = None if target.key in {position.key, *ways} else _by_policy(context, target)
        if how is not None:
            wanted = MoveTo(by=context.by or "review", role=context.role, stage=target.key)
            result, _ = handled(context, wanted, hooks)
            yield _move(way_name(None, target), target, how, result.blockers)


def _move(
    title: Text,
    target: Position | None,
    how: Literal["move", "skip", "back"],
    blockers: tuple[Blocker, ...],
) -> PossibleMove:
    missing = tuple(blocker for blocker in blockers if blocker.code != "why_missing")
    return PossibleMove(target=target, title=title, allowed=not missing, how=how, blockers=missing)


def _by_policy(context: CommandContext, target: Position) -> Literal["skip", "back"] | None:
    """How the policy lets somebody go there, if it does."""
    playbook = context.playbook
    if not comes_before(playbook, target, context.position()):
        return "skip" if playbook.policy.skip.allowed else None
    been = reached(context.progress, playbook, target.key) is not False
    return "back" if been and target.back.allowed else None


def _status(context: CommandContext, criterion: Criterion) -> CriterionStatus:
    facts = context.everything()
    verdict = criterion.check_rule.verdict(facts, context.today, tz=context.tz)
    applies = Verdict.YES
    if criterion.when is not None:
        applies = criterion.when.verdict(facts, context.today, tz=context.tz)
    asked = [item for item in context.progress.requests if item.point == criterion.key]
    explain = context.compiled.explainer.blocker
    met = verdict is Verdict.YES
    return CriterionStatus(
        criterion=criterion,
        verdict=verdict,
        blocker=None if met else explain(criterion, verdict, facts, context.today, context.tz),
        applies=applies,
        request=asked[-1] if asked else None,
        evidence=_shown(context, criterion),
    )


def _shown(context: CommandContext, criterion: Criterion) -> tuple[str, ...]:
    """What the words rest on that stand."""
    if criterion.kind in ("computed", "instruments"):
        return ()
    point = decision_points(context.playbook).get(criterion.key)
    now = seen(context, criterion)
    words = words_standing(context.progress, criterion, point, now)
    return tuple(word.evidence for word in words if word.evidence is not None)


def _instruments(context: CommandContext) -> tuple[InstrumentStatus, ...]:
    found, facts = [], context.everything()
    shown = {item.instrument: item.evidence for item in context.progress.completions}
    for key, instrument in context.playbook.instruments.items():
        rule = context.playbook.required_instruments.get(key)
        required = rule.verdict(facts, context.today, tz=context.tz) if rule else Verdict.NO
        done = facts.get(f"done.{key}") is True
        applies = Verdict.YES
        blocker = None
        if instrument.when is not None:
            applies = instrument.when.verdict(facts, context.today, tz=context.tz)
        if not done and required is Verdict.NO and applies is not Verdict.NO:
            continue
        if not done and applies is not Verdict.NO:
            questions = unasked(context, instrument, facts)
            explain = context.compiled.explainer.instrument
            blocker = explain(instrument, facts, context.today, context.tz, questions)
        found.append(
            InstrumentStatus(
                instrument=instrument,
                required=required,
                done=done,
                applies=applies,
                blocker=blocker,
                evidence=shown.get(key) if instrument.check_rule is None else None,
            )
        )
    return tuple(found)


def _form(context: CommandContext, form: Form) -> FormStatus:
    facts = context.everything()
    applied = None
    if form.when is not None:
        applied = form.when.evaluate(facts, context.today, tz=context.tz)
    filled, missing = (None, ()) if form.record is None else _filled(context, form.key, facts)
    return FormStatus(
        form=form,
        applies=Verdict.YES if applied is None else applied.verdict,
        depends_on=() if applied is None else applied.open,
        filled=filled,
        missing=missing,
        required=form.required,
    )


def _filled(
    context: CommandContext, form: str, facts: Mapping[str, object]
) -> tuple[Verdict, tuple[Text, ...]]:
    """Whether a form is filled in, and what is missing: its columns, or the record."""
    name = missing_of(form)
    count = facts.get(name)
    if count == 0:
        return Verdict.YES, ()
    # Such a form makes the playbook read records.
    records = cast("DealRecords", context.records)
    missing = records.missing_in(name, context.playbook.record_readers)
    if count is None:
        return Verdict.UNKNOWN, missing
    # Where there is no record, it is the host who counted, and nobody can name what it counted.
    told = records.facts(RecordPlan.of((name,), context.playbook.record_readers))
    return Verdict.NO, missing if name in told else ()


def _cycle(context: CommandContext, position: Position | None) -> float | None:
    """A stage's number is reached when the stage is completed, that is, left behind."""
    if position is None:
        return None
    passed = context.playbook.must_have_left(position.key)
    if _completed(context):
        passed = (*passed, position)
    return max((item.cycle for item in passed if item.cycle is not None), default=None)


def _completed(context: CommandContext) -> bool:
    return context.progress.ended and context.progress.outcome not in ("lost", "disqualified")
