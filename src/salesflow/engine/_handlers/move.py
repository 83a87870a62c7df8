"""Handlers that move a deal, or one of its tracks: start, adopt, advance, move, win."""

from __future__ import annotations

from datetime import datetime, time
from typing import Literal

from salesflow._arguments import moment, zone
from salesflow.engine import events
from salesflow.engine._context import CommandContext, HandlerResult, accept, refuse, sub_stage_key
from salesflow.engine._gates import ENDED, Gate, comes_before
from salesflow.engine._tracks import beginnings
from salesflow.engine._visits import reached
from salesflow.engine._way_words import no_way_open, way_name
from salesflow.engine._wording import blocked
from salesflow.engine.commands import Adopt, Advance, MoveTo, MoveTrack, Start, Win
from salesflow.errors import ClockError, UnknownName
from salesflow.playbook import Playbook, Position, Track
from salesflow.rules import Blocker, Verdict


def start(context: CommandContext, command: Start) -> HandlerResult:
    """Into the first position, or a later one where that is allowed, past its entry criteria."""
    if context.progress.stage is not None:
        return refuse(blocked("already_started", "stage"))
    position = context.playbook.initial
    missing: tuple[Blocker, ...] = ()
    if command.stage is not None:
        position = position_called(context, command.stage)
        if position.key != context.playbook.initial.key:
            later = context.playbook.policy.start_later
            missing = context.not_permitted(later, "start_later", into=position)
            missing += _skipping_winning(context, None, position)
    missing += context.blockers(context.compiled.gate(None, position))
    if missing:
        return refuse(*missing)
    return accept(
        events.Started(
            stage=position.stage.key,
            sub_stage=sub_stage_key(position),
            tracks=beginnings(context.playbook),
        )
    )


def adopt(context: CommandContext, command: Adopt) -> HandlerResult:
    """A baseline: the deal stands where the host says, without passing any gate.

    One of another playbook starts afresh so.
    """
    progress = context.progress
    foreign = progress.playbook is not None and progress.playbook.id != context.playbook.id
    if progress.stage is not None and not foreign:
        return refuse(blocked("already_started", "stage"))
    position = position_called(context, command.stage)
    midnight = datetime.combine(command.entered_on, time(), zone(context.tz))
    entered_at = moment(midnight, "entered_on")
    if entered_at > context.at:
        raise ClockError(
            f"entered_on, {command.entered_on}, is after the time of the command.",
            hint="Give the day the deal entered the stage; it cannot be in the future.",
        )
    if foreign:
        entered_at = _after_the_other(context, command, entered_at)
    if command.outcome == "won" and not _can_have_been_won(context.playbook, position):
        return refuse(blocked("won_too_early", position.key))
    return accept(
        events.Adopted(
            stage=position.stage.key,
            sub_stage=sub_stage_key(position),
            entered_at=entered_at,
            outcome=command.outcome or "none",
            tracks=_baseline(context.playbook, command),
        )
    )


def _baseline(playbook: Playbook, command: Adopt) -> dict[str, str]:
    """Where the tracks stand: where the host says, or else where they begin.

    Raises:
        UnknownName: There is no such track, or it has no such state.
    """
    for key, state in command.tracks.items():
        track = playbook.tracks.get(key)
        if track is None:
            raise UnknownName("track", key, playbook.tracks)
        if track.state(state) is None:
            raise UnknownName("state", state, [item.key for item in track.states])
    return {**beginnings(playbook), **command.tracks}


def _after_the_other(context: CommandContext, command: Adopt, entered_at: datetime) -> datetime:
    """When a deal came here from another playbook: on the day when it was there last, after that.

    Raises:
        ClockError: The day is before that.
    """
    last = context.progress.visits[-1]
    since = last.left_at or last.entered_at
    if since.astimezone(zone(context.tz)).date() > command.entered_on:
        raise ClockError(
            f"entered_on, {command.entered_on}, is before {since.isoformat()}, when the deal was "
            "still where it is by its other playbook.",
            hint="Give the day the deal came under this playbook.",
        )
    return max(entered_at, since)


def _can_have_been_won(playbook: Playbook, position: Position) -> bool:
    """Is a deal in this position in a stage where deals are won, or past one?"""
    if not any(stage.wins for stage in playbook.stages):
        return playbook.next_of(position.key) is None
    until = playbook.positions[: playbook.positions.index(position) + 1]
    return any(place.stage.wins for place in until)


def advance(context: CommandContext, _command: Advance) -> HandlerResult:
    """On by the first way that is open, or every reason why not."""
    missing = context.not_running() or context.resting()
    gate = None
    if not missing:
        gate, missing = context.way_on()
    if gate is None:
        return refuse(*missing)
    return _through(context, gate, "back" if gate.back else "move")


def move_to(context: CommandContext, command: MoveTo) -> HandlerResult:
    """Another way on, ahead past others, or back."""
    target = None if command.stage == ENDED else position_called(context, command.stage)
    missing = context.not_running() or context.resting()
    if missing:
        return refuse(*missing)
    source = context.position()
    if target is not None and target.key == source.key:
        return refuse(blocked("already_there", source.key))
    gate = context.compiled.ways.get((source.key, target.key if target else None))
    if gate is not None:
        missing = context.going_on() + context.blockers_on(gate)
        how: Literal["move", "back"] = "back" if gate.back else "move"  # a named way may lead back
        return refuse(*missing) if missing else _through(context, gate, how)
    if target is None:
        return refuse(blocked("no_end_here", source.key))
    policy = context.playbook.policy
    if comes_before(context.playbook, target, source):
        # Going back is no way past a gate: nothing is asked of the stage that is left.
        missing = context.not_permitted(target.back, "back", condition=f"back.{target.key}")
        if reached(context.progress, context.playbook, target.key) is False:
            missing += (blocked("not_reached", target.key),)
        return refuse(*missing) if missing else _entering(context, target, "back")
    gate = context.compiled.gate(source, target)
    missing = context.not_permitted(policy.skip, "skip") + context.blockers_on(gate)
    missing += _skipping_winning(context, source, target)
    return refuse(*missing) if missing else _through(context, gate, "skip")


def win(context: CommandContext, command: Win) -> HandlerResult:
    """Won once everything that its stage still asks for is there."""
    reason = context.reason("won", command.reason)
    missing = context.not_running() or context.resting()
    if not missing and context.progress.outcome != "none":
        missing = (blocked("already_closed", "outcome"),)
    if missing:
        return refuse(*missing)
    ways = _ways_to_winning(context)
    if not ways:
        return refuse(blocked("not_winning_stage", context.position().stage.key))
    shut = []
    context.need(gate.plan for gates in ways for gate in gates)
    unreasoned = context.unreasoned("won", reason)
    for gates in ways:
        beyond = gates[-1].target
        # All that these gates ask for, but for what the stage after winning asks on entering it.
        later = {item.key for item in beyond.entry} if beyond else set[str]()
        unmet = [it for gate in gates for it in context.blockers(gate) if it.key not in later]
        if not unmet and not unreasoned:
            won = events.Won(reason=command.reason)
            return accept(won, *([_ended(context)] if beyond is None else []))
        if not unmet:
            return refuse(*unreasoned)
        shut.append((way_name(gates[-1].move, beyond), tuple(unmet)))
    return refuse(*no_way_open(shut), *unreasoned)


def move_track(context: CommandContext, command: MoveTrack) -> HandlerResult:
    """A track goes on, through what its next state asks for; or back to where it was."""
    playbook = context.playbook
    track = playbook.tracks.get(command.track)
    if track is None:
        raise UnknownName("track", command.track, playbook.tracks)
    if track.state(command.state) is None:
        raise UnknownName("state", command.state, [state.key for state in track.states])
    missing = context.not_running() or context.resting() or _not_applying(context, track)
    if missing:
        return refuse(*missing)
    stay = context.progress.track(track.key)
    here = track.initial if stay is None else stay.state
    if command.state == here:
        return refuse(blocked("in_state", here))
    name = f"tracks.{track.key}"
    missing = context.not_permitted(track.by, name)
    if command.state in track.ways(here):
        missing += context.blockers(context.compiled.states[track.key, command.state])
    elif _leads_back(context, track, here, command.state):
        # Going back is no way past a criterion: nothing is asked of the state that is left.
        missing += context.not_permitted(track.back, f"{name}.back")
    else:
        missing += (blocked("no_way", command.state),)
    if missing:
        return refuse(*missing)
    return accept(events.TrackMoved(track=track.key, from_state=here, state=command.state))


def _leads_back(context: CommandContext, track: Track, here: str, state: str) -> bool:
    """Whether a track was in a state that comes before the one where it stands."""
    keys = [item.key for item in track.states]
    been = any((it.track, it.state) == (track.key, state) for it in context.progress.tracks)
    return been and keys.index(state) < keys.index(here)


def _not_applying(context: CommandContext, track: Track) -> tuple[Blocker, ...]:
    """Why a track does not move: it does not apply to the deal, or nobody knows that it does."""
    gate = context.compiled.conditions.get(f"tracks.{track.key}.when")
    if gate is None or track.when is None:
        return ()
    if track.when.verdict(context.facts(gate.plan), context.today, tz=context.tz) is Verdict.NO:
        return (blocked("not_applicable", track.key),)
    return context.blockers(gate)


def position_called(context: CommandContext, key: str) -> Position:
    """The position of a sub-stage, or the first one of a stage.

    Raises:
        UnknownName: There is no such stage or sub-stage.
    """
    for position in context.playbook.positions:
        if key in (position.key, position.stage.key):
            return position
    known = [name for item in context.playbook.positions for name in (item.stage.key, item.key)]
    raise UnknownName("stage", key, dict.fromkeys(known))


def _through(
    context: CommandContext, gate: Gate, how: Literal["move", "skip", "back"]
) -> HandlerResult:
    won: tuple[events.Payload, ...] = ()
    if gate.wins and context.progress.outcome == "none":
        won = (events.Won(),)
    if gate.target is None:
        return accept(*won, _ended(context))
    return accept(*won, *_entering(context, gate.target, how).payloads)


def _entering(
    context: CommandContext, target: Position, how: Literal["move", "skip", "back"]
) -> HandlerResult:
    source = context.position()
    if context.compiled.machine.move(source.key, target.key) != target.key:
        # Gates and machine are made of the same moves and the same policy.
        raise AssertionError(f"a gate leads from {source.key} to {target.key}, and no edge does")
    return accept(
        events.StageEntered(
            stage=target.stage.key,
            sub_stage=sub_stage_key(target),
            from_stage=source.stage.key,
            from_sub_stage=sub_stage_key(source),
            how=how,
        )
    )


def _skipping_winning(
    context: CommandContext, source: Position | None, target: Position
) -> tuple[Blocker, ...]:
    """A skip past the stage where deals are won would end a deal that nobody won."""
    if context.progress.outcome != "none":
        return ()
    positions = context.playbook.positions
    first = positions.index(source) + 1 if source else 0
    for position in positions[first : positions.index(target)]:
        left = source is None or position.stage.key != source.stage.key
        if position.stage.wins and left and position.stage.key != target.stage.key:
            return (blocked("winning_skipped", position.stage.key),)
    return ()


def _ended(context: CommandContext) -> events.Ended:
    here = context.position()
    loops = context.playbook.loops
    opens = [move.target for move in loops if move.source in (here.key, here.stage.key)]
    return events.Ended(opens=tuple(opens))


def _ways_to_winning(context: CommandContext) -> list[list[Gate]]:
    """The gates from here to the end of the stage, if that stage is one where deals are won.

    Once for each of the ways on from there that win.
    """
    gates: list[Gate] = []
    position: Position | None = context.position()
    while position is not None:
        gate = context.compiled.gates[position.key]
        ways = context.compiled.choices.get(position.key, (gate,))
        if winning := [way for way in ways if way.wins]:
            return [[*gates, way] for way in winning]
        gates.append(gate)
        same = gate.target is not None and gate.target.stage.key == position.stage.key
        # A way within the stage may lead back; it is no way to winning then.
        position = gate.target if same and len(gates) <= len(context.playbook.positions) else None
    return []
