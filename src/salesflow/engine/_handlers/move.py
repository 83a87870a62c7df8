"""Rulings on moving a deal on: start, adopt, advance, move, win."""

from __future__ import annotations

from datetime import datetime, time
from typing import Literal

from salesflow._arguments import moment, zone
from salesflow.domain._base.record import Record
from salesflow.engine import events
from salesflow.engine._context import Case, Ruling, accept, refuse, sub_stage_key
from salesflow.engine._gates import ENDED, Gate, comes_before
from salesflow.engine._visits import reached
from salesflow.engine._wording import blocked
from salesflow.engine.commands import Adopt, Advance, MoveTo, Start, Win
from salesflow.errors import ClockError, UnknownName
from salesflow.playbook import Position
from salesflow.rules import Blocker


def start(case: Case, command: Start) -> Ruling:
    """Into the first position, or a later one where that is allowed, past its entry criteria."""
    if case.progress.stage is not None:
        return refuse(blocked("already_started", "stage"))
    position = case.playbook.initial
    missing: tuple[Blocker, ...] = ()
    if command.stage is not None:
        position = position_called(case, command.stage)
        if position.key != case.playbook.initial.key:
            missing = case.not_permitted(case.playbook.policy.start_later, "start_later")
            missing += _skipping_winning(case, None, position)
    missing += case.blockers(case.compiled.gate(None, position))
    if missing:
        return refuse(*missing)
    return accept(events.Started(stage=position.stage.key, sub_stage=sub_stage_key(position)))


def adopt(case: Case, command: Adopt) -> Ruling:
    """A baseline: the deal stands where the host says, without passing any gate."""
    if case.progress.stage is not None:
        return refuse(blocked("already_started", "stage"))
    position = position_called(case, command.stage)
    midnight = datetime.combine(command.entered_on, time(), zone(case.tz))
    entered_at = moment(midnight, "entered_on")
    if entered_at > case.at:
        raise ClockError(
            f"entered_on, {command.entered_on}, is after the time of the command.",
            hint="Give the day the deal entered the stage; it cannot be in the future.",
        )
    return accept(
        events.Adopted(
            stage=position.stage.key,
            sub_stage=sub_stage_key(position),
            entered_at=entered_at,
            outcome=command.outcome or "none",
        )
    )


def advance(case: Case, _command: Advance) -> Ruling:
    """Through the gate in front of the deal, or every reason why not."""
    missing = advance_blockers(case)
    if missing:
        return refuse(*missing)
    gate = case.gate()
    return _through(case, gate, "back" if gate.back else "move")


def advance_blockers(case: Case) -> tuple[Blocker, ...]:
    """What keeps the deal from advancing, all of it at once."""
    return case.not_running() or case.resting() or case.blockers(case.gate())


def move_to(case: Case, command: MoveTo) -> Ruling:
    """Another way on, ahead past others, or back."""
    target = None if command.stage == ENDED else position_called(case, command.stage)
    missing = case.not_running() or case.resting()
    if missing:
        return refuse(*missing)
    source = case.position()
    if target is not None and target.key == source.key:
        return refuse(blocked("already_there", source.key))
    gate = case.compiled.ways.get((source.key, target.key if target else None))
    if gate is not None:
        missing = case.blockers(gate)
        how: Literal["move", "back"] = "back" if gate.back else "move"  # a named way may lead back
        return refuse(*missing) if missing else _through(case, gate, how)
    if target is None:
        return refuse(blocked("no_end_here", source.key))
    policy = case.playbook.policy
    if comes_before(case.playbook, target, source):
        # Going back is no way past a gate: nothing is asked of the stage that is left.
        missing = case.not_permitted(policy.back, "back")
        if reached(case.progress, case.playbook, target.key) is False:
            missing += (blocked("not_reached", target.key),)
        return refuse(*missing) if missing else _entering(case, target, "back")
    gate = case.compiled.gate(source, target)
    missing = case.not_permitted(policy.skip, "skip") + case.blockers(gate)
    missing += _skipping_winning(case, source, target)
    return refuse(*missing) if missing else _through(case, gate, "skip")


def win(case: Case, _command: Win) -> Ruling:
    """Won once everything that its stage still asks for is there."""
    missing = case.not_running() or case.resting()
    if not missing and case.progress.outcome != "none":
        missing = (blocked("already_closed", "outcome"),)
    if missing:
        return refuse(*missing)
    gates = _gates_to_winning(case)
    if not gates:
        return refuse(blocked("not_winning_stage", case.position().stage.key))
    # What the stage after winning asks for on entry is no matter of winning.
    asked = {item.key for gate in gates if gate.source for item in gate.source.exit}
    unmet = [item for gate in gates for item in case.blockers(gate) if item.key in asked]
    if unmet:
        return refuse(*unmet)
    ends = gates[-1].target is None
    return accept(events.Won(), *([_ended(case)] if ends else []))


def position_called(case: Case, key: str) -> Position:
    """The position of a sub-stage, or the first one of a stage.

    Raises:
        UnknownName: There is no such stage or sub-stage.
    """
    for position in case.playbook.positions:
        if key in (position.key, position.stage.key):
            return position
    known = [name for item in case.playbook.positions for name in (item.stage.key, item.key)]
    raise UnknownName("stage", key, dict.fromkeys(known))


def _through(case: Case, gate: Gate, how: Literal["move", "skip", "back"]) -> Ruling:
    won: tuple[Record, ...] = ()
    if gate.wins and case.progress.outcome == "none":
        won = (events.Won(),)
    if gate.target is None:
        return accept(*won, _ended(case))
    return accept(*won, *_entering(case, gate.target, how).payloads)


def _entering(case: Case, target: Position, how: Literal["move", "skip", "back"]) -> Ruling:
    source = case.position()
    if case.compiled.machine.move(source.key, target.key) != target.key:
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


def _skipping_winning(case: Case, source: Position | None, target: Position) -> tuple[Blocker, ...]:
    """A skip past the stage where deals are won would end a deal that nobody won."""
    if case.progress.outcome != "none":
        return ()
    positions = case.playbook.positions
    first = positions.index(source) + 1 if source else 0
    for position in positions[first : positions.index(target)]:
        left = source is None or position.stage.key != source.stage.key
        if position.stage.wins and left and position.stage.key != target.stage.key:
            return (blocked("winning_skipped", position.stage.key),)
    return ()


def _ended(case: Case) -> events.Ended:
    here = case.position()
    loops = case.playbook.loops
    opens = [move.target for move in loops if move.source in (here.key, here.stage.key)]
    return events.Ended(opens=tuple(opens))


def _gates_to_winning(case: Case) -> list[Gate]:
    """The gates from here to the end of the stage, if that stage is one where deals are won."""
    gates = []
    position: Position | None = case.position()
    while position is not None:
        gate = case.compiled.gates[position.key]
        gates.append(gate)
        if gate.wins:
            return gates
        same = gate.target is not None and gate.target.stage.key == position.stage.key
        position = gate.target if same else None
    return []
