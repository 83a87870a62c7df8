"""Rulings on moving a deal: start, adopt, advance, win, lose."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from salesflow.domain._base import Record
from salesflow.engine import events
from salesflow.engine._case import Case, Ruling, accept, refuse
from salesflow.engine._gates import Gate
from salesflow.engine._wording import blocked
from salesflow.engine.commands import Adopt, Advance, Lose, Start, Win
from salesflow.errors import ClockError, UnknownName
from salesflow.playbook import Position
from salesflow.rules import Blocker

__all__ = ["adopt", "advance", "advance_blockers", "lose", "start", "win"]


def start(case: Case, _command: Start) -> Ruling:
    """Into the first position, past its entry criteria."""
    if case.progress.stage is not None:
        return refuse(blocked("already_started", "stage"))
    first = case.playbook.initial
    missing = case.blockers(case.compiled.entrance)
    if missing:
        return refuse(*missing)
    return accept(events.Started(stage=first.stage.key, sub_stage=_sub_stage(first)))


def adopt(case: Case, command: Adopt) -> Ruling:
    """A baseline: the deal stands where the host says, without passing any gate."""
    if case.progress.stage is not None:
        return refuse(blocked("already_started", "stage"))
    position = _position_called(case, command.stage)
    entered_at = datetime.combine(command.entered_on, time(), ZoneInfo(case.tz)).astimezone(UTC)
    if entered_at > case.at:
        raise ClockError(
            f"entered_on, {command.entered_on}, is after the time of the command.",
            hint="Give the day the deal entered the stage; it cannot be in the future.",
        )
    return accept(
        events.Adopted(
            stage=position.stage.key,
            sub_stage=_sub_stage(position),
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
    payloads: list[Record] = []
    if gate.wins and case.progress.outcome == "none":
        payloads.append(events.Won())
    if gate.target is None:
        payloads.append(events.Ended())
        return accept(*payloads)
    source, target = case.position(), gate.target
    arrived = case.compiled.machine.move(source.key, target.key)
    if arrived != target.key:
        return refuse(blocked("no_move", source.key))
    payloads.append(
        events.StageEntered(
            stage=target.stage.key,
            sub_stage=_sub_stage(target),
            from_stage=source.stage.key,
            from_sub_stage=_sub_stage(source),
        )
    )
    return accept(*payloads)


def advance_blockers(case: Case) -> tuple[Blocker, ...]:
    """What keeps the deal from advancing, all of it at once."""
    return case.not_running() or case.blockers(case.gate())


def win(case: Case, _command: Win) -> Ruling:
    """Won once everything that its stage still asks for is there."""
    closed = case.not_running() or _already_closed(case)
    if closed:
        return refuse(*closed)
    gates = _gates_to_winning(case)
    if not gates:
        return refuse(blocked("not_winning_stage", case.position().stage.key))
    # What the stage after winning asks for on entry is no matter of winning.
    asked = {item.key for gate in gates if gate.source for item in gate.source.exit}
    missing = [item for gate in gates for item in case.blockers(gate) if item.key in asked]
    if missing:
        return refuse(*missing)
    ends = gates[-1].target is None
    return accept(events.Won(), *([events.Ended()] if ends else []))


def lose(case: Case, command: Lose) -> Ruling:
    """Lost, for one of the playbook's reasons."""
    reasons = {key: item for key, item in case.playbook.reasons.items() if item.outcome == "lost"}
    reason = reasons.get(command.reason)
    if reason is None and reasons:
        raise UnknownName("reason for a lost deal", command.reason, reasons)
    missing = case.not_running() or _already_closed(case)
    if not missing and reason is not None and reason.notes and case.note is None:
        missing = (blocked("note_missing", reason.key),)
    return refuse(*missing) if missing else accept(events.Lost(reason=command.reason))


def _already_closed(case: Case) -> tuple[Blocker, ...]:
    return () if case.progress.outcome == "none" else (blocked("already_closed", "outcome"),)


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


def _position_called(case: Case, key: str) -> Position:
    """The position of a sub-stage, or the first one of a stage."""
    for position in case.playbook.positions:
        if key in (position.key, position.stage.key):
            return position
    known = [name for item in case.playbook.positions for name in (item.stage.key, item.key)]
    raise UnknownName("stage", key, dict.fromkeys(known))


def _sub_stage(position: Position) -> str | None:
    return position.sub_stage.key if position.sub_stage else None
